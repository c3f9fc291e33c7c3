"""The tables as they lie in the database, read by plain SQL and by none of our own code."""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

import psycopg
from psycopg.rows import dict_row

Row = dict[str, Any]
KeyT = TypeVar("KeyT", bound=Hashable)

TABLES = {
    "cases": "SELECT id, reference, status, outcome, version, ready, halted, audit_count, audit_head,"
    " COALESCE(client_key, external_id) AS token FROM cases ORDER BY id",
    "journal": "SELECT id, case_id, generation, key, kind, status, cut_by, CAST(result AS TEXT) AS result"
    " FROM journal ORDER BY id",
    "letters": "SELECT id, case_id, generation, key, status, sha256, size, superseded_by,"
    " CAST(facts AS TEXT) AS facts FROM letters ORDER BY id",
    "messages": "SELECT id, case_id, generation, key, status, repeatable FROM messages ORDER BY id",
    "escalations": "SELECT clocks.case_id, clock_id, escalations.policy, number, act FROM escalations"
    " JOIN clocks ON clocks.id = clock_id ORDER BY escalations.id",
    "mailbox": "SELECT message_id, attempt_id FROM mailbox ORDER BY id",
    "notes": "SELECT case_id, about, body FROM notes ORDER BY id",
    "numbers": "SELECT case_id, key, value FROM allotted_numbers ORDER BY id",
    "series": "SELECT series, last FROM number_series ORDER BY series",
    "events": "SELECT case_id, seq, kind, body, hash FROM events ORDER BY case_id, id",
    "incidents": "SELECT case_id, summary FROM incidents WHERE resolved_at IS NULL ORDER BY id",
    "leases": "SELECT queue, slot, CAST(case_ids AS TEXT) AS case_ids, CAST(suspects AS TEXT) AS suspects"
    " FROM leases ORDER BY queue, slot",
}
AS_JSON = ("result", "facts", "case_ids", "suspects")


@dataclass(frozen=True)
class Records:
    """Every row that the checker looks at, all from one moment."""

    cases: list[Row]
    journal: list[Row]
    letters: list[Row]
    messages: list[Row]
    escalations: list[Row]
    mailbox: list[Row]
    notes: list[Row]
    numbers: list[Row]
    series: list[Row]
    events: list[Row]
    incidents: list[Row]
    leases: list[Row]

    def reference(self, case_id: int) -> str:
        """Return what to call a case in a fault."""
        return next((str(case["reference"]) for case in self.cases if case["id"] == case_id), f"#{case_id}")


def read_records(url: str) -> Records:
    """Read all tables in one snapshot."""
    with opened(url) as connection:
        connection.execute("BEGIN" if is_sqlite(url) else "BEGIN ISOLATION LEVEL REPEATABLE READ")
        tables = {
            name: [dict(row) for row in connection.execute(sql).fetchall()] for name, sql in TABLES.items()
        }
        connection.execute("ROLLBACK")
    for row in (row for rows in tables.values() for row in rows):
        for column in AS_JSON:
            if row.get(column) is not None:
                row[column] = json.loads(row[column])
    return Records(**tables)


def execute(url: str, sql: str) -> list[Row]:
    """Run one statement in a transaction of its own and return its rows."""
    with opened(url) as connection:
        cursor = connection.execute(sql)
        return [dict(row) for row in cursor.fetchall()] if cursor.description else []


@contextmanager
def opened(url: str) -> Iterator[Any]:
    """A connection of the database's own driver, in autocommit, whose rows are mappings."""
    connection: Any
    if is_sqlite(url):
        connection = sqlite3.connect(url.removeprefix("sqlite:///"), timeout=60, isolation_level=None)
        connection.row_factory = sqlite3.Row
    else:
        plain = url.replace("+psycopg", "", 1)
        connection = psycopg.connect(plain, autocommit=True, row_factory=dict_row)
    try:
        yield connection
    finally:
        connection.close()


def is_sqlite(url: str) -> bool:
    """Whether the URL is that of a SQLite file."""
    return url.startswith("sqlite")


def by(rows: Iterable[Row], key: Callable[[Row], KeyT]) -> dict[KeyT, list[Row]]:
    """Return the rows grouped by `key`."""
    groups: dict[KeyT, list[Row]] = defaultdict(list)
    for row in rows:
        groups[key(row)].append(row)
    return groups
