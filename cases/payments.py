"""Payment orders: a wait and a row of a list in one, and why none is ever paid twice.

An order is one row of `export_rows`, written with its wait. While it is pending, taking the case back cancels
it. Once it is in a batch nobody can tell whether the bank pays it, so it lives on without its step; the next
order of the same step of the same case is then no new row: it takes that one over, and with it whatever comes
of it, or came already. Only what the bank returned is ordered anew.

Both happen in the advance's writing transaction, in which the case is locked; so does closing or confirming
a batch lock the cases of its rows.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, exists, insert, select, update

from cases.db import among
from cases.models import ExportRow, JournalEntry, table_of
from cases.vocabulary import ExportStatus, StepKind, StepStatus

PAID, RETURNED = "paid", "returned"
"""How a payment ends: the outcomes of its step."""


def place_orders(connection: Connection, orders: Sequence[Mapping[str, Any]], *, now: datetime) -> set[int]:
    """Write the rows of new payment orders (of `export_rows`), whose waits were opened in this transaction.

    An order whose step was handed over before and set aside since takes that row over. Returns the ids of the
    cases that can go on at once, because that row was paid by now.
    """
    kept = _without_step(connection, [order["case_id"] for order in orders])
    new, settled = [], set()
    for order in orders:
        rows = kept[order["case_id"], _base(order["key"])]
        if not rows:
            new.append(order)
            continue
        row = rows.pop(0)
        _take_over(connection, row, order)
        if row.status == ExportStatus.CONFIRMED:
            _end_wait(connection, row, order, now)
            settled.add(order["case_id"])
    if new:
        connection.execute(_INSERT, new)
    return settled


def result_of(row: Any, ordered: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the journal keeps of a settled row (status, batch_id, settled_at, reason, facts).

    ordered: the facts that the step ordered, which differ from the row's if that was taken over.
    """
    result = {"outcome": PAID if row.status == ExportStatus.CONFIRMED else RETURNED, "batch": row.batch_id}
    result["at"] = row.settled_at.isoformat()
    if row.reason:
        result["reason"] = row.reason
    return result | ({} if row.facts == ordered else {"facts": row.facts})


def _base(key: str) -> str:
    return key.partition("#")[0]


def _without_step(connection: Connection, case_ids: Sequence[int]) -> dict[tuple[int, str], list[Any]]:
    """Return by case and step the orders in a batch, not returned, whose step was set aside; oldest first."""
    found: dict[tuple[int, str], list[Any]] = defaultdict(list)
    for row in connection.execute(_SET_ASIDE, {"ids": list(case_ids)}):
        found[row.case_id, _base(row.key)].append(row)
    return found


def _take_over(connection: Connection, row: Any, order: Mapping[str, Any]) -> None:
    own = {"row": row.id, "generation": order["generation"], "key": order["key"]}
    connection.execute(_MOVE, own)


def _end_wait(connection: Connection, row: Any, order: Mapping[str, Any], now: datetime) -> None:
    values = {"status": StepStatus.DONE, "done_at": now, "done_by": row.settled_by}
    values["result"] = result_of(row, order["facts"])
    connection.execute(
        update(table_of(JournalEntry))
        .where(
            JournalEntry.case_id == order["case_id"],
            JournalEntry.generation == order["generation"],
            JournalEntry.key == order["key"],
        )
        .values(values)
    )


_ROWS = table_of(ExportRow)
_INSERT = insert(_ROWS)
_MOVE = (
    update(_ROWS)
    .where(_ROWS.c.id == bindparam("row"))
    .values(generation=bindparam("generation"), key=bindparam("key"))
)
_SET_ASIDE = (
    select(_ROWS)
    .where(
        among(_ROWS.c.case_id),
        _ROWS.c.status.in_([ExportStatus.EXPORTED, ExportStatus.CONFIRMED]),
        exists().where(
            JournalEntry.case_id == _ROWS.c.case_id,
            JournalEntry.generation == _ROWS.c.generation,
            JournalEntry.key == _ROWS.c.key,
            JournalEntry.kind == StepKind.PAYMENT,
            JournalEntry.cut_by.is_not(None),
        ),
    )
    .order_by(_ROWS.c.id)
)
