"""The sweep of waits whose time has run out. It decides nothing: it says that no answer came."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from cases.audit import trail_of
from cases.case_rows import HEAD
from cases.models import Case, Event, JournalEntry, table_of
from cases.vocabulary import EventKind, StepKind, StepStatus


@dataclass(frozen=True, slots=True)
class Swept:
    """How many waits ran out, and the services whose cases are ready now."""

    count: int
    services: frozenset[str]


def count_due(connection: Connection, *, now: datetime, at_most: int) -> int:
    """Return how many open waits have run out at `now`, counting no further than `at_most`."""
    due = select(JournalEntry.id).where(*_due(now)).limit(at_most)
    return len(connection.execute(due).all())


def sweep(connection: Connection, *, now: datetime, limit: int = 200) -> Swept:
    """Close up to `limit` waits whose `expires_at` has come and make their cases ready.

    A wait leaves `open` once: the UPDATE repeats the condition, so that an answer that came first
    stands. An instant that was waited for is `done`, anything else `no_answer`.
    """
    cases = {row.id: row for row in _lock_cases(connection, now, limit)}
    expired: dict[int, list[str]] = {}
    for status, kinds in (
        (StepStatus.DONE, JournalEntry.kind == StepKind.INSTANT),
        (StepStatus.NO_ANSWER, JournalEntry.kind != StepKind.INSTANT),
    ):
        closed = connection.execute(
            update(table_of(JournalEntry))
            .where(*_due(now), kinds, JournalEntry.case_id.in_(cases))
            .values(status=status, done_at=now)
            .returning(JournalEntry.case_id, JournalEntry.key)
        )
        for case_id, key in closed:
            expired.setdefault(case_id, []).append(key)
    _move_on_all(connection, cases, expired, now)
    services = frozenset(cases[case_id].service for case_id in expired)
    return Swept(sum(map(len, expired.values())), services)


def _due(now: datetime) -> tuple[Any, ...]:
    return (
        JournalEntry.status == StepStatus.OPEN,
        JournalEntry.expires_at.is_not(None),
        JournalEntry.expires_at <= now,
        JournalEntry.cut_by.is_(None),
    )


def _lock_cases(connection: Connection, now: datetime, limit: int) -> Any:
    due = select(JournalEntry.case_id).where(*_due(now)).order_by(JournalEntry.expires_at).limit(limit)
    ids = sorted(set(connection.execute(due).scalars()))
    return connection.execute(
        select(*HEAD)
        .where(Case.id.in_(ids))
        .order_by(Case.id)
        .with_for_update(skip_locked=True, key_share=True)
    ).all()


def _move_on_all(
    connection: Connection, cases: dict[int, Any], expired: dict[int, list[str]], now: datetime
) -> None:
    events = []
    for case_id, keys in expired.items():
        trail = trail_of(cases[case_id])
        events.append(trail.add(EventKind.EXPIRED, "system", now, {"steps": sorted(keys)}))
        connection.execute(
            update(table_of(Case))
            .where(Case.id == case_id)
            .values(version=Case.version + 1, ready=True, **trail.columns())
        )
    if events:
        connection.execute(insert(table_of(Event)), events)
