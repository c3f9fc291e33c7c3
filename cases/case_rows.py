"""Locking a case row and moving it on: what every verb begins and ends with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from cases.audit import trail_of
from cases.errors import CaseClosed, NotFound
from cases.models import Case, Event
from cases.vocabulary import CaseStatus, EventKind

HEAD = (
    Case.id,
    Case.reference,
    Case.service,
    Case.office,
    Case.status,
    Case.outcome,
    Case.generation,
    Case.version,
    Case.salt,
    Case.halted,
    Case.audit_count,
    Case.audit_head,
    Case.audit_at,
)
"""The columns of a case that verbs work with."""


@dataclass(frozen=True, slots=True)
class Done:
    """What a verb did: to which case, and which service's shift should look."""

    case_id: int
    reference: str
    service: str


def lock_case(connection: Connection, case_id: int) -> Any:
    """Lock the case row and return its HEAD columns. Raises NotFound."""
    row = connection.execute(select(*HEAD).where(Case.id == case_id).with_for_update()).one_or_none()
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
    connection.execute(
        update(Case.__table__)  # type: ignore[arg-type]
        .where(Case.id == case.id)
        .values(version=Case.version + 1, **trail.columns(), **changes)
    )
    connection.execute(insert(Event.__table__), [event])  # type: ignore[arg-type]
    return Done(case.id, case.reference, case.service)
