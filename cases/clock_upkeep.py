"""Keeping the clocks of open cases true: those that are missing are armed, and whatever another version of
the working calendar dates differently gets its new date, with a line of the ledger that says so.

In batches of cases, each in a transaction of its own, so that nobody waits long.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, exists, insert, select, update

from cases.case_rows import HEAD, move_on
from cases.clock_rows import StoredClock, clocks_by_ids, write_line
from cases.clocks import deadline, recalendar
from cases.models import Case, ClockRow, JournalEntry, table_of
from cases.standards import Standards
from cases.vocabulary import CaseStatus, ClockKind, EventKind, StepStatus

BATCH = 200
CALENDAR_CHANGED = "the working calendar changed"


@dataclass(frozen=True, slots=True)
class Upkeep:
    """What a batch did: clocks armed and re-dated, and the id of its last case (None: no case was left)."""

    armed: int
    redated: int
    last_id: int | None


def keep_up(
    connection: Connection, standards: Standards, *, after: int, now: datetime, limit: int = BATCH
) -> Upkeep:
    """Look after the clocks of up to `limit` open cases with ids after `after`."""
    cases = connection.execute(
        select(*HEAD)
        .where(Case.status == CaseStatus.OPEN, Case.id > after)
        .order_by(Case.id)
        .limit(limit)
        .with_for_update(key_share=True)
    ).all()
    if not cases:
        return Upkeep(0, 0, None)
    ids = [case.id for case in cases]
    armed = _arm_missing(connection, standards, ids)
    redated = 0
    others = _dated_otherwise(connection, standards, ids)
    for case in cases:
        if case.id in others:
            redated += _redate_case(connection, standards, case, others[case.id], now)
    return Upkeep(armed, redated, ids[-1])


def _arm_missing(connection: Connection, standards: Standards, case_ids: Sequence[int]) -> int:
    """Arm the open steps that have a date and no clock: code of before there were any opened them."""
    its_clock = and_(
        ClockRow.case_id == JournalEntry.case_id,
        ClockRow.generation == JournalEntry.generation,
        ClockRow.key == JournalEntry.key,
    )
    entries = connection.execute(
        select(JournalEntry.__table__, Case.office.label("case_office"))
        .join(Case, Case.id == JournalEntry.case_id)
        .where(
            JournalEntry.case_id.in_(case_ids),
            JournalEntry.status == StepStatus.OPEN,
            JournalEntry.cut_by.is_(None),
            JournalEntry.due_at.is_not(None),
            ~exists().where(its_clock),
        )
    )
    rows = []
    for entry in entries:
        since = datetime.fromisoformat(entry.sla["since"]) if entry.sla else entry.opened_at
        clock = standards.arm(entry.service, entry.key, entry.case_office, since)
        if clock is None:
            continue
        own = {"case_id": entry.case_id, "generation": entry.generation, "key": entry.key}
        rows.append(own | clock.row(entry.service, entry.case_office))
        connection.execute(
            update(table_of(JournalEntry)).where(JournalEntry.id == entry.id).values(due_at=clock.deadline)
        )
    if rows:
        connection.execute(insert(table_of(ClockRow)), rows)
    return len(rows)


def _dated_otherwise(
    connection: Connection, standards: Standards, case_ids: Sequence[int]
) -> dict[int, list[StoredClock]]:
    """Return the clocks that run by another version of the calendar, by case."""
    ids = connection.execute(
        select(ClockRow.id).where(ClockRow.case_id.in_(case_ids), ClockRow.calendar != standards.version)
    ).scalars()
    found: dict[int, list[StoredClock]] = defaultdict(list)
    for stored in clocks_by_ids(connection, list(ids)):
        if stored.running:
            found[stored.row.case_id].append(stored)
    return found


def _redate_case(
    connection: Connection, standards: Standards, case: Any, clocks: Sequence[StoredClock], now: datetime
) -> int:
    moved = []
    for stored in clocks:
        row = stored.row
        connection.execute(
            update(table_of(ClockRow)).where(ClockRow.id == row.id).values(calendar=standards.version)
        )
        if deadline(stored.clock, standards.calendar(row.office)) != row.deadline:
            moved.append(_redate(connection, standards, stored, now))
    if moved:
        told = {"calendar": standards.version, "clocks": moved}
        move_on(connection, case, EventKind.CLOCKS_REDATED, "system", now, told)
    return len(moved)


def _redate(
    connection: Connection, standards: Standards, stored: StoredClock, now: datetime
) -> dict[str, str]:
    """Write the line and the new date of one clock; return what the event says of it."""
    row = stored.row
    last = stored.clock.lines[-1].at if stored.clock.lines else now
    changed = recalendar(
        stored.clock, standards.version, at=max(now, last), by="system", reason=CALENDAR_CHANGED
    )
    after = write_line(connection, stored, changed, standards)
    if stored.kind is ClockKind.TASK:
        values: dict[str, Any] = {"due_at": after}
        if row.expires_at == row.deadline and after > row.deadline:  # a promised time is never cut short
            values["expires_at"] = after
        connection.execute(
            update(table_of(JournalEntry)).where(JournalEntry.id == row.step_id).values(values)
        )
    return {"step": row.key, "from": row.deadline.isoformat(), "to": after.isoformat()}
