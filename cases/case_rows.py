"""Locking a case row and moving it on: what every verb begins and ends with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, bindparam, exists, insert, select, update

from cases.audit import trail_of
from cases.errors import CaseClosed, NotFound
from cases.models import (
    Case,
    CaseLink,
    Event,
    ExportRow,
    JournalEntry,
    Letter,
    Message,
    table_of,
)
from cases.vocabulary import CaseStatus, EventKind

CASES = table_of(Case)
EVENTS = table_of(Event)

HEAD = (
    CASES.c.id,
    CASES.c.reference,
    CASES.c.service,
    CASES.c.office,
    CASES.c.status,
    CASES.c.outcome,
    CASES.c.generation,
    CASES.c.version,
    CASES.c.salt,
    CASES.c.halted,
    CASES.c.audit_count,
    CASES.c.audit_head,
    CASES.c.audit_at,
)
"""The columns of a case that verbs work with."""


# Made once: SQLAlchemy takes longer to make a statement than PostgreSQL to run it. The columns an UPDATE
# changes are the names of the values it is executed with.
# A case is locked against changes and not against rows that refer to it (key_share): else whoever links
# another case to this one would wait for it, and two could wait for each other.
_LOCK_CASE = select(*HEAD).where(CASES.c.id == bindparam("of_case")).with_for_update(key_share=True)
_MOVE_ON = update(CASES).where(CASES.c.id == bindparam("of_case")).values(version=CASES.c.version + 1)
_ADD_EVENT = insert(EVENTS).inline()  # nobody needs its id


@dataclass(frozen=True, slots=True)
class Done:
    """What a verb did: to which case, and which service's shift should look."""

    case_id: int
    reference: str
    service: str


def lock_case(connection: Connection, case_id: int) -> Any:
    """Lock the case row and return its HEAD columns. Raises NotFound."""
    row = connection.execute(_LOCK_CASE, {"of_case": case_id}).one_or_none()
    if row is None:
        raise NotFound(f"no case {case_id}")
    return row


def require_open(case: Any) -> None:
    """Raise CaseClosed unless the case (a HEAD row) is open."""
    if case.status != CaseStatus.OPEN:
        raise CaseClosed(f"{case.reference} is {case.outcome or case.status}")


def move_on(
    connection: Connection,
    case: Any,
    kind: EventKind,
    actor: str,
    now: datetime,
    data: Mapping[str, Any],
    **changes: Any,
) -> Done:
    """Write the event, raise the version, and change `changes` (columns) of a locked case.

    case: its HEAD row as locked. Pass `ready=True` when the procedure has something new to act on.
    """
    trail = trail_of(case)
    event = trail.add(kind, actor, now, data)
    connection.execute(_MOVE_ON, {"of_case": case.id, **trail.columns(), **changes})
    add_event(connection, event)
    return Done(case.id, case.reference, case.service)


def step_in_force(
    effect: type[Letter] | type[Message] | type[CaseLink] | type[ExportRow],
) -> ColumnElement[bool]:
    """Return the SQL condition that the step which asked for an effect hasn't been set aside."""
    return exists().where(
        JournalEntry.case_id == effect.case_id,
        JournalEntry.generation == effect.generation,
        JournalEntry.key == effect.key,
        JournalEntry.cut_by.is_(None),
    )


def step_set_aside(effect: type[Letter] | type[Message] | type[ExportRow]) -> ColumnElement[bool]:
    """Return the SQL condition that the step which asked for an effect has been set aside. Unlike what no
    step asked for, such as the message with a new PIN."""
    return exists().where(
        JournalEntry.case_id == effect.case_id,
        JournalEntry.generation == effect.generation,
        JournalEntry.key == effect.key,
        JournalEntry.cut_by.is_not(None),
    )


def add_event(connection: Connection, event: Mapping[str, Any]) -> None:
    """Write the row of one event, as `Trail.add` returned it."""
    connection.execute(_ADD_EVENT, event)
