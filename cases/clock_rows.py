"""Reading clocks and their ledgers, and writing one line with what follows from it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, insert, select, update

from cases.clocks import Clock, Line, LineKind, deadline, stop
from cases.errors import NotFound
from cases.models import Case, ClockLine, ClockRow, JournalEntry, table_of
from cases.standards import Standards
from cases.vocabulary import ClockKind, StepStatus

_STEP_OF = and_(
    ClockRow.kind == ClockKind.TASK,
    JournalEntry.case_id == ClockRow.case_id,
    JournalEntry.generation == ClockRow.generation,
    JournalEntry.key == ClockRow.key,
)
_CLOCKS = (
    select(
        ClockRow.__table__,
        Case.reference,
        Case.closed_at,
        Case.office.label("case_office"),
        JournalEntry.id.label("step_id"),
        JournalEntry.status.label("step_status"),
        JournalEntry.role,
        JournalEntry.done_at,
        JournalEntry.done_by,
        JournalEntry.expires_at,
        JournalEntry.cut_by,
    )
    .join(Case, Case.id == ClockRow.case_id)
    .outerjoin(JournalEntry, _STEP_OF)
)


@dataclass(frozen=True, slots=True)
class StoredClock:
    """A clock as it is stored: its row (with those of its case and step), and as the pure rules know it.

    `clock` ends with a line that stops it when its task has left `open` or its case is closed.
    """

    row: Any
    clock: Clock

    @property
    def kind(self) -> ClockKind:
        """What it runs for."""
        return ClockKind(self.row.kind)

    @property
    def running(self) -> bool:
        """Whether it hasn't stopped; it may be paused."""
        return self.clock.stopped is None


def clock_by_id(connection: Connection, clock_id: int) -> StoredClock:
    """Return one clock. Raises NotFound."""
    found = _stored(connection, connection.execute(_CLOCKS.where(ClockRow.id == clock_id)).all())
    if not found:
        raise NotFound(f"no clock {clock_id}")
    return found[0]


def clocks_of_case(connection: Connection, case_id: int) -> list[StoredClock]:
    """Return the clocks of a case in the order they began, those of steps set aside left out."""
    rows = connection.execute(
        _CLOCKS.where(ClockRow.case_id == case_id, JournalEntry.cut_by.is_(None)).order_by(
            ClockRow.since, ClockRow.id
        )
    )
    return _stored(connection, rows.all())


def clocks_by_ids(connection: Connection, clock_ids: Collection[int]) -> list[StoredClock]:
    """Return these clocks, in the order of their ids."""
    rows = connection.execute(_CLOCKS.where(ClockRow.id.in_(clock_ids)).order_by(ClockRow.id)).all()
    return _stored(connection, rows)


def _stored(connection: Connection, rows: Sequence[Any]) -> list[StoredClock]:
    lines: Mapping[int, list[Line]] = defaultdict(list)
    statement = select(ClockLine.__table__).where(ClockLine.clock_id.in_([row.id for row in rows]))
    for line in connection.execute(statement.order_by(ClockLine.id)):
        own = (line.reason, line.evidence, line.minutes, line.version)
        lines[line.clock_id].append(Line(LineKind(line.kind), line.at, line.actor, *own))
    return [StoredClock(row, _clock(row, tuple(lines[row.id]))) for row in rows]


def _clock(row: Any, lines: tuple[Line, ...]) -> Clock:
    clock = Clock(row.since, row.minutes, row.first_policy, row.first_calendar, lines)
    is_task = row.kind == ClockKind.TASK
    stopped = row.closed_at if not is_task else None if row.step_status == StepStatus.OPEN else row.done_at
    if stopped is None:
        return clock
    # A machine whose clock is behind may have closed the step "before" the last line.
    at = max(stopped, lines[-1].at) if lines else stopped
    return stop(clock, at=at, by=(row.done_by if is_task else None) or "system")


def write_line(connection: Connection, stored: StoredClock, changed: Clock, standards: Standards) -> datetime:
    """Write the line by which `changed` differs from what is stored, and what follows from it: the deadline,
    whether it is paused, when its next rung is due. Returns the new deadline. The case is locked."""
    row, line = stored.row, changed.lines[-1]
    calendar = standards.calendar(row.office)
    after = deadline(changed, calendar)
    connection.execute(
        insert(table_of(ClockLine)).values(
            clock_id=row.id,
            at=line.at,
            kind=line.kind,
            actor=line.by,
            reason=line.reason,
            evidence=line.evidence,
            minutes=line.minutes,
            version=line.version,
            before=row.deadline,
            after=after,
        )
    )
    next_at = standards.next_rung_of(changed, row.service, row.key, row.office, stored.kind, row.rungs)
    connection.execute(
        update(table_of(ClockRow))
        .where(ClockRow.id == row.id)
        .values(deadline=after, paused=changed.paused_since is not None, next_at=next_at)
    )
    return after


def with_reasons(clock: Clock, words: Mapping[str, str]) -> Clock:
    """Return the clock with its pauses told in words (by the key of the reason), to explain it with."""
    lines = tuple(replace(line, reason=words.get(line.reason or "", line.reason)) for line in clock.lines)
    return replace(clock, lines=lines)
