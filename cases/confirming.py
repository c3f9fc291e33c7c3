"""A batch is confirmed: the other office says what it did with each row, and steps that wait for it end."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from cases.audit import salted
from cases.case_rows import lock_case, move_on
from cases.errors import AlreadyDecided, Conflict, NotFound, ReasonMissing
from cases.exports import BATCHES, ROWS, Batch, batch
from cases.models import JournalEntry, Note, table_of
from cases.payments import result_of
from cases.permissions import Actor, require_list
from cases.vocabulary import EventKind, ExportStatus, StepStatus

LONGEST_REASON = 500


def confirm_batch(
    connection: Connection, number: int, *, returned: Mapping[int, str], actor: Actor, now: datetime
) -> Batch:
    """Note that the rows of a batch were paid (or whatever their list is for), but for those `returned`
    {number of the row: reason}; return the batch as it stands then.

    Once only. Payments that wait for it end as paid or returned. What a case doesn't wait for any more,
    because it was withdrawn or taken back, is kept as a note on it.
    Raises NotFound for a batch, or a row of it, that there isn't, NotAllowed, ReasonMissing, AlreadyDecided.
    """
    reasons = {row_id: _reason(row_id, text) for row_id, text in returned.items()}
    _confirm(connection, number, actor, now)
    rows = connection.execute(select(ROWS).where(ROWS.c.batch_id == number)).all()
    unknown = sorted(reasons.keys() - {row.id for row in rows})
    if unknown:
        raise NotFound(f"batch {number} has no row {unknown[0]}")
    for row in sorted(rows, key=lambda row: (row.case_id, row.id)):
        _settle(connection, row.id, reasons.get(row.id), actor, now)
    return batch(connection, number, actor=actor, now=now)


def _reason(row_id: int, text: str) -> str:
    words = " ".join(text.split())
    if not words:
        raise ReasonMissing(f"row {row_id} was returned: the reason is missing")
    if len(words) > LONGEST_REASON:
        raise ReasonMissing(f"the reason of row {row_id} has more than {LONGEST_REASON} characters")
    return words


def _confirm(connection: Connection, number: int, actor: Actor, now: datetime) -> None:
    """Mark the batch confirmed, which locks it; whoever comes second is refused."""
    head = connection.execute(select(BATCHES).where(BATCHES.c.id == number)).one_or_none()
    if head is None:
        raise NotFound(f"there is no batch {number}")
    require_list(actor, head.list)
    changed = connection.execute(
        update(BATCHES)
        .where(BATCHES.c.id == number, BATCHES.c.confirmed_at.is_(None))
        .values(confirmed_at=now, confirmed_by=actor.name)
    )
    if changed.rowcount == 0:
        by = connection.execute(select(BATCHES.c.confirmed_by).where(BATCHES.c.id == number)).scalar_one()
        raise AlreadyDecided(f"batch {number} is confirmed already", by=by)


def _settle(connection: Connection, row_id: int, reason: str | None, actor: Actor, now: datetime) -> None:
    """Settle one row, its case locked; the row is read again, since a rewind may have moved it meanwhile."""
    case_id = connection.execute(select(ROWS.c.case_id).where(ROWS.c.id == row_id)).scalar_one()
    case = lock_case(connection, case_id)
    status = ExportStatus.CONFIRMED if reason is None else ExportStatus.RETURNED
    row = connection.execute(
        update(ROWS)
        .where(ROWS.c.id == row_id, ROWS.c.status == ExportStatus.EXPORTED)
        .values(status=status, reason=reason, settled_at=now, settled_by=actor.name)
        .returning(ROWS)
    ).one_or_none()
    if row is None:
        raise Conflict(f"row {row_id} is settled already")
    step = connection.execute(
        select(JournalEntry.__table__).where(
            JournalEntry.case_id == row.case_id,
            JournalEntry.generation == row.generation,
            JournalEntry.key == row.key,
        )
    ).one()
    waits = step.status == StepStatus.OPEN and step.cut_by is None
    if waits:
        _end_wait(connection, step, row, actor, now)
    elif step.cut_by is not None or reason is not None:
        _keep_note(connection, row, actor, now)
    kind = EventKind.EXPORT_CONFIRMED if reason is None else EventKind.EXPORT_RETURNED
    told = {"list": row.list, "batch": row.batch_id, "step": row.key}
    told |= {"words": salted(case.salt, reason)} if reason is not None else {}
    move_on(connection, case, kind, actor.name, now, told, **({"ready": True} if waits else {}))


def _end_wait(connection: Connection, step: Any, row: Any, actor: Actor, now: datetime) -> None:
    values = {"status": StepStatus.DONE, "done_at": now, "done_by": actor.name}
    values["result"] = result_of(row, step.shows["facts"])
    connection.execute(update(table_of(JournalEntry)).where(JournalEntry.id == step.id).values(values))


def _keep_note(connection: Connection, row: Any, actor: Actor, now: datetime) -> None:
    """Keep on the case what came of a row that no step of it waits for any more."""
    done = f"batch {row.batch_id} of the list {row.list}"
    body = f"Came back in {done}: {row.reason}" if row.reason else f"Done in {done}"
    connection.execute(
        insert(Note).values(case_id=row.case_id, at=now, actor=actor.name, about=row.key, body=body)
    )
