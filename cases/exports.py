"""Lists for other offices: the rows that wait are handed over in batches, each row in exactly one.

pending ──close_batch──▶ exported (in a batch, which can be printed again)
   └──the case was withdrawn or rewound──▶ cancelled
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update

from cases.audit import log_read
from cases.case_rows import lock_case, move_on
from cases.errors import NotFound
from cases.models import Case, ExportBatch, ExportRow, table_of
from cases.permissions import Actor
from cases.vocabulary import EventKind, ExportStatus

MOST_ROWS = 500
"""Of one batch: its cases are locked while it is closed."""

ROWS, BATCHES = table_of(ExportRow), table_of(ExportBatch)


@dataclass(frozen=True, slots=True)
class Batch:
    """A batch: its number, its list, when it was closed and by whom, and its rows as
    {"reference", **facts}, the oldest first."""

    number: int
    name: str
    made_at: datetime
    made_by: str
    rows: Sequence[Mapping[str, Any]]

    @property
    def columns(self) -> list[str]:
        """The names that occur in any row, in the order they are first met."""
        return list(dict.fromkeys(name for row in self.rows for name in row))


def count_pending(connection: Connection, name: str) -> int:
    """Return how many rows of the list wait."""
    waiting = select(func.count(ExportRow.id)).where(
        ExportRow.list == name, ExportRow.status == ExportStatus.PENDING
    )
    return int(connection.execute(waiting).scalar_one())


def lists(connection: Connection) -> list[str]:
    """Return the names of all lists that ever had a row."""
    return list(connection.execute(select(ExportRow.list).distinct().order_by(ExportRow.list)).scalars())


def close_batch(
    connection: Connection, name: str, *, actor: Actor, now: datetime, limit: int = MOST_ROWS
) -> Batch | None:
    """Put the oldest waiting rows of a list into a new batch and return it; None when none waits.

    Locks the cases of the rows in id order, and looks at each row again once its case is locked: of two at
    once, each gets other rows, and a row whose case is rewound meanwhile goes nowhere. Each row is an event
    of its case.
    """
    waiting = (
        select(ExportRow.id, ExportRow.case_id)
        .where(ExportRow.list == name, ExportRow.status == ExportStatus.PENDING)
        .order_by(ExportRow.id)
        .limit(limit)
    )
    found = sorted(connection.execute(waiting), key=lambda row: (row.case_id, row.id))
    if not found:
        return None
    values = {"list": name, "made_at": now, "made_by": actor.name, "count": 0}
    number = connection.execute(insert(BATCHES).values(values).returning(BATCHES.c.id)).scalar_one()
    count = sum(_take(connection, row, number, name, actor, now) for row in found)
    if not count:
        connection.execute(delete(BATCHES).where(BATCHES.c.id == number))
        return None
    connection.execute(update(BATCHES).where(BATCHES.c.id == number).values(count=count))
    return batch(connection, number, actor=actor, now=now)


def _take(connection: Connection, row: Any, number: int, name: str, actor: Actor, now: datetime) -> bool:
    case = lock_case(connection, row.case_id)
    changed = connection.execute(
        update(ROWS)
        .where(ROWS.c.id == row.id, ROWS.c.status == ExportStatus.PENDING)
        .values(status=ExportStatus.EXPORTED, batch_id=number)
    )
    if changed.rowcount == 0:
        return False
    move_on(connection, case, EventKind.EXPORTED, actor.name, now, {"list": name, "batch": number})
    return True


def batch(connection: Connection, number: int, *, actor: Actor, now: datetime, of: str = "") -> Batch:
    """Return a batch as it was closed, noting in the access log that it was read.

    of: the list it must belong to. Raises NotFound.
    """
    head = connection.execute(select(BATCHES).where(BATCHES.c.id == number)).one_or_none()
    if head is None or (of and head.list != of):
        raise NotFound(f"there is no batch {number}" + (f" of the list {of}" if of else ""))
    log_read(connection, actor=actor.name, action="export", now=now, detail=f"{head.list} batch {number}")
    rows = connection.execute(
        select(Case.reference, ExportRow.facts)
        .join(Case, Case.id == ExportRow.case_id)
        .where(ExportRow.batch_id == number)
        .order_by(ExportRow.id)
    )
    told = [{"reference": row.reference, **row.facts} for row in rows]
    return Batch(number, head.list, head.made_at, head.made_by, told)
