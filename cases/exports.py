"""Lists for other offices: the rows that wait are handed over in batches, each row in exactly one.

pending ──close_batch──▶ exported ──confirm_batch──▶ confirmed (the other office did it: paid, entered)
   │                                      └────────▶ returned (it didn't, with its reason)
   └──the case was withdrawn or rewound──▶ cancelled

A batch can be printed again. It is confirmed once, as a whole, and says then which of its rows came back.
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
from cases.permissions import Actor, require_list
from cases.vocabulary import EventKind, ExportStatus

MOST_ROWS = 500
"""Of one batch: its cases are locked while it is closed or confirmed."""
PAGE = 50

ROWS, BATCHES = table_of(ExportRow), table_of(ExportBatch)


@dataclass(frozen=True, slots=True)
class BatchRow:
    """One row of a batch: its number, the case it is of, what it says, and what came of it (`status`: an
    ExportStatus; `reason`: why it was returned)."""

    id: int
    reference: str
    service: str
    facts: Mapping[str, Any]
    status: str
    reason: str | None


@dataclass(frozen=True, slots=True)
class Batch:
    """A batch: its number, its list, when it was closed and by whom, when and by whom it was confirmed (None:
    it wasn't), and its rows, the oldest first."""

    number: int
    name: str
    made_at: datetime
    made_by: str
    confirmed_at: datetime | None
    confirmed_by: str | None
    lines: Sequence[BatchRow]

    @property
    def services(self) -> frozenset[str]:
        """The services whose cases are in it."""
        return frozenset(line.service for line in self.lines)

    @property
    def rows(self) -> list[Mapping[str, Any]]:
        """The rows as they are handed over: {"row", "reference", **facts}."""
        return [{"row": line.id, "reference": line.reference, **line.facts} for line in self.lines]

    @property
    def columns(self) -> list[str]:
        """The names that occur in any row, in the order they are first met."""
        return list(dict.fromkeys(name for row in self.rows for name in row))

    @property
    def returned(self) -> list[BatchRow]:
        """The rows that came back."""
        return [line for line in self.lines if line.status == ExportStatus.RETURNED]


@dataclass(frozen=True, slots=True)
class BatchHead:
    """A batch in a list of batches. `returned`: how many of its `count` rows came back."""

    number: int
    name: str
    made_at: datetime
    made_by: str
    count: int
    confirmed_at: datetime | None
    confirmed_by: str | None
    returned: int


def count_pending(connection: Connection, name: str) -> int:
    """Return how many rows of the list wait."""
    waiting = select(func.count(ExportRow.id)).where(
        ExportRow.list == name, ExportRow.status == ExportStatus.PENDING
    )
    return int(connection.execute(waiting).scalar_one())


def lists(connection: Connection) -> list[str]:
    """Return the names of all lists that ever had a row."""
    return list(connection.execute(select(ExportRow.list).distinct().order_by(ExportRow.list)).scalars())


def batches_of(
    connection: Connection, name: str | None = None, *, before: int | None = None, limit: int = PAGE
) -> list[BatchHead]:
    """Return the batches of a list (None: of all), the newest first; those before number `before`."""
    came_back = (
        select(func.count(ExportRow.id))
        .where(ExportRow.batch_id == BATCHES.c.id, ExportRow.status == ExportStatus.RETURNED)
        .scalar_subquery()
    )
    statement = select(
        *(BATCHES.c.id, BATCHES.c.list, BATCHES.c.made_at, BATCHES.c.made_by, BATCHES.c.count),
        *(BATCHES.c.confirmed_at, BATCHES.c.confirmed_by, came_back),
    )
    if name is not None:
        statement = statement.where(BATCHES.c.list == name)
    if before is not None:
        statement = statement.where(BATCHES.c.id < before)
    rows = connection.execute(statement.order_by(BATCHES.c.id.desc()).limit(limit))
    return [BatchHead(*tuple(row)) for row in rows]


def close_batch(
    connection: Connection, name: str, *, actor: Actor, now: datetime, limit: int = MOST_ROWS
) -> Batch | None:
    """Put the oldest waiting rows of a list into a new batch and return it; None when none waits.

    Locks the cases of the rows in id order, and looks at each row again once its case is locked: of two at
    once, each gets other rows, and a row whose case is rewound meanwhile goes nowhere. Each row is an event
    of its case. Raises NotAllowed for a list that isn't the actor's.
    """
    require_list(actor, name)
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
    """Return a batch as it stands, noting in the access log that it was read.

    of: the list it must belong to. Raises NotFound; NotAllowed for a list that isn't the actor's.
    """
    head = connection.execute(select(BATCHES).where(BATCHES.c.id == number)).one_or_none()
    if head is None or (of and head.list != of):
        raise NotFound(f"there is no batch {number}" + (f" of the list {of}" if of else ""))
    require_list(actor, head.list)
    log_read(connection, actor=actor.name, action="export", now=now, detail=f"{head.list} batch {number}")
    rows = connection.execute(
        select(
            *(ExportRow.id, Case.reference, Case.service),
            *(ExportRow.facts, ExportRow.status, ExportRow.reason),
        )
        .join(Case, Case.id == ExportRow.case_id)
        .where(ExportRow.batch_id == number)
        .order_by(ExportRow.id)
    )
    lines = [BatchRow(*tuple(row)) for row in rows]
    return Batch(
        *(number, head.list, head.made_at, head.made_by, head.confirmed_at, head.confirmed_by), lines=lines
    )
