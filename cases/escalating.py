"""Climbing the ladders: what happens when the time of a clock runs short. No rung approves or refuses.

The clocks whose next rung is due are found by an index, so a sweep costs what is due and never what is open.
A clock moves up by compare-and-swap on the number of rungs it has climbed, under the lock of its case, and
each rung is a row that the database takes once for each clock and policy version: two sweeps at once, or one
that was killed, climb each rung once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, insert, select, update

from cases.case_rows import HEAD, move_on
from cases.clock_rows import StoredClock, clocks_by_ids
from cases.clock_verbs import tell_applicant
from cases.escalation import rung_times
from cases.models import Case, ClockRow, Escalation, JournalEntry, table_of
from cases.permissions import Actor
from cases.standards import Standards
from cases.vocabulary import EventKind, Role, StepStatus
from config.policies import Act, Rung

LATE = "platform/late"
BATCH = 200


@dataclass(frozen=True, slots=True)
class Climbed:
    """What a batch did: how many rungs by act. looked_at: how many due clocks it had in hand; 0: none are
    left, or others have them."""

    acts: Counter[str]
    looked_at: int


def climb(connection: Connection, standards: Standards, *, now: datetime, limit: int = BATCH) -> Climbed:
    """Climb every rung that is due at `now`, of up to `limit` clocks.

    A clock whose task is done or whose case is closed climbs no more.
    """
    due = connection.execute(
        select(ClockRow.id, ClockRow.case_id)
        .where(ClockRow.next_at.is_not(None), ClockRow.next_at <= now)
        .order_by(ClockRow.next_at, ClockRow.id)
        .limit(limit)
    ).all()
    if not due:
        return Climbed(Counter(), 0)
    cases = _lock_cases(connection, {row.case_id for row in due})
    ids = [row.id for row in due if row.case_id in cases]
    acts: Counter[str] = Counter()
    by_case: dict[int, list[dict[str, Any]]] = {}
    for stored in clocks_by_ids(connection, ids):  # read again, now that nobody changes them
        if stored.row.next_at is not None and stored.row.next_at <= now:
            for told in _climb_one(connection, standards, cases[stored.row.case_id], stored, now):
                acts[told["act"]] += 1
                by_case.setdefault(stored.row.case_id, []).append(told)
    for case_id, rungs in sorted(by_case.items()):
        move_on(connection, cases[case_id], EventKind.ESCALATED, "system", now, {"rungs": rungs})
    return Climbed(acts, len(ids))


def _lock_cases(connection: Connection, ids: set[int]) -> dict[int, Any]:
    rows = connection.execute(
        select(*HEAD)
        .where(Case.id.in_(ids))
        .order_by(Case.id)
        .with_for_update(skip_locked=True, key_share=True)
    )
    return {row.id: row for row in rows}


def _climb_one(
    connection: Connection, standards: Standards, case: Any, stored: StoredClock, now: datetime
) -> Sequence[dict[str, Any]]:
    """Climb the rungs of one clock that are due, and return what the event says of each."""
    row = stored.row
    watched = standards.watching(row.service, row.key, stored.kind)
    policy = standards.policies.get(row.service)
    if watched is None or policy is None or not stored.running or row.cut_by is not None:
        _climbed(connection, stored, row.rungs, None)
        return []
    ladder = watched.ladder_in(row.office)
    times = rung_times(ladder, stored.clock, standards.calendar(row.office), policy.quiet)
    reached, waiting = row.rungs, None
    rungs: list[tuple[int, Rung, datetime]] = []
    for number in range(row.rungs, len(ladder)):
        due = times[number]
        if due is None or due > now:
            waiting = due
            break
        rungs.append((number, ladder[number], due))
        reached = number + 1
    if not _climbed(connection, stored, reached, waiting):
        return []
    for number, rung, due in rungs:
        values = {"clock_id": row.id, "policy": policy.version, "number": number, "act": rung.act}
        connection.execute(insert(table_of(Escalation)).values(**values, due_at=due, at=now))
        _act(connection, standards, case, stored, rung, f"{policy.version}.{number}", now)
    return [{"step": row.key, "act": rung.act, "rung": number} for number, rung, _ in rungs]


def _climbed(connection: Connection, stored: StoredClock, rungs: int, next_at: datetime | None) -> bool:
    """Note how far a clock has come, unless somebody else did since it was read."""
    changed = connection.execute(
        update(table_of(ClockRow))
        .where(
            ClockRow.id == stored.row.id, ClockRow.rungs == stored.row.rungs, ClockRow.next_at.is_not(None)
        )
        .values(rungs=rungs, next_at=next_at)
    )
    return bool(changed.rowcount)


def _act(
    connection: Connection,
    standards: Standards,
    case: Any,
    stored: StoredClock,
    rung: Rung,
    which: str,
    now: datetime,
) -> None:
    """Do what a rung says. Staff are told by its row alone: a page shows it to whom it concerns."""
    if rung.act is Act.MOVE_TO_POOL:
        connection.execute(
            update(table_of(JournalEntry))
            .where(JournalEntry.id == stored.row.step_id, JournalEntry.status == StepStatus.OPEN)
            .values(claimed_by=None, claimed_until=None)
        )
    elif rung.act is Act.TELL_CITIZEN:
        policy = standards.policies[stored.row.service]
        key = f"late#{stored.row.id}.{which}"
        tell_applicant(connection, case, policy, key=key, template=LATE, now=now)


@dataclass(frozen=True, slots=True)
class RunsShort:
    """An open task of which a rung told somebody, and when."""

    reference: str
    service: str
    key: str
    due_at: datetime
    at: datetime


TELLS: dict[str, Act] = {Role.SUPERVISOR: Act.NOTIFY_SUPERVISOR, Role.MANAGER: Act.RAISE_TO_MANAGER}
"""Which act tells whom; whoever has tasks of their own is told by a reminder of these."""


def running_short(connection: Connection, actor: Actor, *, limit: int = 100) -> list[RunsShort]:
    """Return the open tasks of which rungs told this member of staff, the earliest date first."""
    task = and_(
        JournalEntry.case_id == ClockRow.case_id,
        JournalEntry.generation == ClockRow.generation,
        JournalEntry.key == ClockRow.key,
    )
    own_role = JournalEntry.role.is_not(None) if actor.role in TELLS else JournalEntry.role == actor.role
    statement = (
        select(Case.reference, JournalEntry.service, JournalEntry.key, JournalEntry.due_at, Escalation.at)
        .join(ClockRow, task)
        .join(Escalation, Escalation.clock_id == ClockRow.id)
        .join(Case, Case.id == JournalEntry.case_id)
        .where(
            JournalEntry.status == StepStatus.OPEN,
            own_role,
            Escalation.act == TELLS.get(actor.role or "", Act.REMIND_OFFICER),
        )
        .order_by(JournalEntry.due_at, JournalEntry.id)
        .limit(limit)
    )
    if actor.office is not None:
        statement = statement.where(JournalEntry.office == actor.office)
    return [RunsShort(*row) for row in connection.execute(statement)]
