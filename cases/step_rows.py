"""Locking a step with its case, and changing both: what the verbs on steps begin and end with.

PostgreSQL writes the step, the case and the event in one statement, SQLite in three. With 8 clients that
makes a decision a third quicker there (see benchmarks/README.md), because each statement is a journey to
the server while the rows are locked.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    BindParameter,
    Column,
    Connection,
    CursorResult,
    Executable,
    bindparam,
    insert,
    select,
    update,
)

from cases.audit import trail_of
from cases.case_rows import CASES, EVENTS, HEAD, Done, move_on
from cases.errors import AlreadyDecided, NotFound
from cases.models import JournalEntry, table_of
from cases.vocabulary import EventKind, StepStatus

JOURNAL = table_of(JournalEntry)
_STEP = (
    JOURNAL.c.id.label("step_id"),
    JOURNAL.c.key,
    JOURNAL.c.kind,
    JOURNAL.c.status.label("step_status"),
    JOURNAL.c.cut_by,
    JOURNAL.c.role,
    JOURNAL.c.office.label("step_office"),
    JOURNAL.c.shows,
    JOURNAL.c.outcomes,
    JOURNAL.c.result,
    JOURNAL.c.digest,
    JOURNAL.c.not_by,
    JOURNAL.c.claimed_by,
    JOURNAL.c.claimed_until,
    JOURNAL.c.done_by,
)
# Made once, like those of case_rows: the columns an UPDATE changes are the names it is executed with.
_LOCK = (
    select(*HEAD, *_STEP)
    .select_from(JOURNAL.join(CASES, CASES.c.id == JOURNAL.c.case_id))
    .where(JOURNAL.c.id == bindparam("of_step"))
    .with_for_update(of=(CASES, JOURNAL), key_share=True)
)
_READ = select(*_STEP).where(JOURNAL.c.id == bindparam("of_step"))
_CHANGE = update(JOURNAL).where(
    JOURNAL.c.id == bindparam("of_step"), JOURNAL.c.status == StepStatus.OPEN, JOURNAL.c.cut_by.is_(None)
)
_EVENT_COLUMNS = [column for column in EVENTS.c if column.name != "id"]


def lock_step(connection: Connection, step_id: int) -> Any:
    """Lock the case of a step, then the step; return the step's columns with the case's HEAD.

    PostgreSQL reads the joined rows before it waits for the locks, and afterwards reads again only the
    rows of the tables named in `of`. With the case alone, whoever waited would see the case as it is and
    the step as it was, and take a claim from its holder. The case comes first, as in every verb.
    Raises NotFound.
    """
    row = connection.execute(_LOCK, {"of_step": step_id}).one_or_none()
    if row is None:
        raise NotFound(f"no step {step_id}")
    return row


def raise_decided(step: Any) -> None:
    """Raise AlreadyDecided, saying how the step stands."""
    outcome = (step.result or {}).get("outcome") if isinstance(step.result, dict) else None
    raise AlreadyDecided(f"step {step.key} is {step.step_status}", by=step.done_by, outcome=outcome)


def change_step(
    connection: Connection,
    step: Any,
    values: Mapping[str, Any],
    kind: EventKind,
    actor: str,
    now: datetime,
    told: Mapping[str, Any],
    **changes: Any,
) -> Done:
    """Change an open step (columns `values`) and move its case on with an event, as `move_on` does.

    step: its row as locked. told: the event's data. changes: columns of the case. Raises AlreadyDecided,
    having written nothing that may be committed, when the step isn't open any more.
    """
    if connection.dialect.name != "postgresql":
        changed = connection.execute(_CHANGE, {"of_step": step.step_id, **values})
        _require_changed(connection, step, changed)
        return move_on(connection, step, kind, actor, now, told, **changes)
    trail = trail_of(step)
    event = trail.add(kind, actor, now, told)
    of_case = trail.columns() | changes
    parameters = {"of_step": step.step_id, "of_case": step.id}
    for table, row in (("step", values), ("case", of_case), ("event", event)):
        parameters |= {f"{table}_{name}": value for name, value in row.items()}
    changed = connection.execute(_all_at_once(tuple(values), tuple(of_case)), parameters)
    _require_changed(connection, step, changed)
    return Done(step.id, step.reference, step.service)


def _require_changed(connection: Connection, step: Any, changed: CursorResult[Any]) -> None:
    if changed.rowcount == 0:
        raise_decided(connection.execute(_READ, {"of_step": step.step_id}).one())


@cache
def _all_at_once(of_step: tuple[str, ...], of_case: tuple[str, ...]) -> Executable:
    """Return PostgreSQL's statement for these columns: it writes the event only if the step was open.

    Parameters are named `step_<column>`, `case_<column>` and `event_<column>`.
    """
    step = _CHANGE.values(_parameters("step", [JOURNAL.c[name] for name in of_step]))
    case = (
        update(CASES)
        .where(CASES.c.id == bindparam("of_case"))
        .values(version=CASES.c.version + 1, **_parameters("case", [CASES.c[name] for name in of_case]))
    )
    changed = step.returning(JOURNAL.c.id).cte("changed")
    event = select(*_parameters("event", _EVENT_COLUMNS).values()).select_from(changed)
    return (
        insert(EVENTS)
        .from_select(_EVENT_COLUMNS, event)
        .add_cte(case.returning(CASES.c.id).cte("moved_on"))
        .inline()
        .execution_options(preserve_rowcount=True)
    )


def _parameters(prefix: str, columns: Sequence[Column[Any]]) -> dict[str, BindParameter[Any]]:
    return {column.name: bindparam(f"{prefix}_{column.name}", type_=column.type) for column in columns}
