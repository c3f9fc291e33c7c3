"""Clocks: a budget of working time, the ledger of whatever happened to it, and the deadline that follows.

Pure. A clock starts with a budget; the lines of its ledger pause it, let it go on, extend it, move it to
another version of the policy, date it anew after the calendar changed, and stop it. The deadline is never
kept beside the ledger as a truth of its own: it follows from budget, ledger and calendar, so it can always
be explained (`cases/clock_explanation.py`). What can't be is refused when the line is added.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from cases.errors import ClockRefused
from cases.working_time import WorkingCalendar, add_working_time, working_time_between


class LineKind(StrEnum):
    """What a line of a clock's ledger says happened."""

    PAUSE = "pause"
    RESUME = "resume"
    EXTEND = "extend"
    RECALENDAR = "recalendar"
    """The working calendar changed: a holiday, a closure, the hours."""
    MOVE = "move"
    """A manager moved the clock to another version of the policy."""
    STOP = "stop"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a ledger: what happened, when (UTC), and by whom.

    reason, evidence: of a pause or an extension, why and what shows it. minutes: by how much it was
    extended, or the budget of the policy it moved to. version: of the policy or the calendar that holds
    from here on.
    """

    kind: LineKind
    at: datetime
    by: str
    reason: str | None = None
    evidence: str | None = None
    minutes: int | None = None
    version: str | None = None


@dataclass(frozen=True, slots=True)
class Clock:
    """A clock: since when it runs (UTC), with which budget of working minutes, and its ledger in order.

    policy, calendar: the versions it started with.
    """

    since: datetime
    minutes: int
    policy: str
    calendar: str
    lines: tuple[Line, ...] = ()

    @property
    def budget(self) -> timedelta:
        """The working time it has now: of the policy it is on, and all extensions."""
        moved = [line.minutes or 0 for line in self.lines if line.kind is LineKind.MOVE]
        return timedelta(minutes=(moved[-1] if moved else self.minutes) + self.extended)

    @property
    def extended(self) -> int:
        """The minutes by which it was extended so far."""
        return sum(line.minutes or 0 for line in self.lines if line.kind is LineKind.EXTEND)

    @property
    def paused_since(self) -> Line | None:
        """The pause it stands in, or None while it runs or once it has stopped."""
        last = [line for line in self.lines if line.kind in (LineKind.PAUSE, LineKind.RESUME, LineKind.STOP)]
        return last[-1] if last and last[-1].kind is LineKind.PAUSE else None

    @property
    def stopped(self) -> Line | None:
        """The line that stopped it, or None."""
        last = self.lines[-1] if self.lines else None
        return last if last and last.kind is LineKind.STOP else None


@dataclass(frozen=True, slots=True)
class Allowance:
    """By how many working minutes in all, and how often, a service allows a clock to be extended."""

    minutes: int
    times: int


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch in which a clock ran or (with its pause) stood still; `end` is None while it goes on."""

    start: datetime
    end: datetime | None
    pause: Line | None = None


def start_clock(since: datetime, minutes: int, *, policy: str, calendar: str) -> Clock:
    """Return a clock that begins to run. Raises ClockRefused for a budget of no time or less."""
    if minutes < 1:
        raise ClockRefused(f"a clock can't have a budget of {minutes} working minutes")
    return Clock(since, minutes, policy, calendar)


def pause(clock: Clock, *, at: datetime, by: str, reason: str, evidence: str | None = None) -> Clock:
    """Return the clock, standing still from `at`. Raises ClockRefused when it stands still already."""
    if clock.paused_since:
        raise ClockRefused("the clock is paused already")
    return _with(clock, Line(LineKind.PAUSE, at, by, reason, evidence))


def resume(clock: Clock, *, at: datetime, by: str) -> Clock:
    """Return the clock, running again from `at`. Raises ClockRefused unless it is paused."""
    if not clock.paused_since:
        raise ClockRefused("the clock isn't paused")
    return _with(clock, Line(LineKind.RESUME, at, by))


def extend(
    clock: Clock,
    minutes: int,
    *,
    allowed: Allowance,
    at: datetime,
    by: str,
    reason: str,
    evidence: str | None = None,
) -> Clock:
    """Return the clock with so many working minutes more. Raises ClockRefused beyond what is allowed."""
    times = sum(line.kind is LineKind.EXTEND for line in clock.lines)
    if minutes < 1:
        raise ClockRefused(f"a clock can't be extended by {minutes} working minutes")
    if times >= allowed.times:
        raise ClockRefused(f"the clock was extended {times} times, and the service allows {allowed.times}")
    if clock.extended + minutes > allowed.minutes:
        left = allowed.minutes - clock.extended
        raise ClockRefused(f"of the extensions that the service allows, {left} working minutes are left")
    return _with(clock, Line(LineKind.EXTEND, at, by, reason, evidence, minutes))


def recalendar(clock: Clock, version: str, *, at: datetime, by: str, reason: str) -> Clock:
    """Return the clock as dated by another version of the working calendar."""
    return _with(clock, Line(LineKind.RECALENDAR, at, by, reason, version=version))


def move(clock: Clock, version: str, minutes: int, *, at: datetime, by: str, reason: str) -> Clock:
    """Return the clock on another version of its policy, with that version's budget.

    Raises ClockRefused for a budget of no time or less.
    """
    if minutes < 1:
        raise ClockRefused(f"a clock can't have a budget of {minutes} working minutes")
    return _with(clock, Line(LineKind.MOVE, at, by, reason, minutes=minutes, version=version))


def stop(clock: Clock, *, at: datetime, by: str) -> Clock:
    """Return the clock, stopped for good: what it was for is done."""
    return _with(clock, Line(LineKind.STOP, at, by))


def _with(clock: Clock, line: Line) -> Clock:
    if clock.stopped:
        raise ClockRefused("the clock has stopped")
    if clock.lines and line.at < clock.lines[-1].at:
        raise ClockRefused(
            f"a line of {line.at.isoformat()} can't follow one of {clock.lines[-1].at.isoformat()}"
        )
    return replace(clock, lines=(*clock.lines, line))


def spans(clock: Clock) -> Sequence[Span]:
    """Return the stretches in which the clock ran and stood still, one after the other.

    The last has no end, unless the clock has stopped. What happens before the clock's own start (a case
    that is imported is received before, never after) counts for nothing.
    """
    found: list[Span] = []
    start, pause_ = clock.since, None
    for line in clock.lines:
        if line.kind in (LineKind.PAUSE, LineKind.RESUME, LineKind.STOP):
            at = max(line.at, clock.since)
            found.append(Span(start, at, pause_))
            start, pause_ = at, line if line.kind is LineKind.PAUSE else None
    if not clock.stopped:
        found.append(Span(start, None, pause_))
    return found


def elapsed(clock: Clock, calendar: WorkingCalendar, at: datetime) -> timedelta:
    """Return the working time that counts from the clock's start until `at`."""
    total = timedelta()
    for span in spans(clock):
        end = at if span.end is None else min(span.end, at)
        if span.pause is None and end > span.start:
            total += working_time_between(calendar, span.start, end)
    return total


def reached_at(clock: Clock, calendar: WorkingCalendar, amount: timedelta) -> datetime | None:
    """Return the first instant by which `amount` of working time has counted, or None as long as nobody
    knows: the clock stands still, or stopped, before. `amount` is more than none (else ValueError)."""
    if amount <= timedelta():
        raise ValueError(f"no instant by which {amount} has counted")
    for span in spans(clock):
        if span.pause is not None:
            continue
        if span.end is None:
            return add_working_time(calendar, span.start, amount)
        counted = working_time_between(calendar, span.start, span.end)
        if counted >= amount:
            return add_working_time(calendar, span.start, amount)
        amount -= counted
    return None


def deadline(clock: Clock, calendar: WorkingCalendar) -> datetime:
    """Return the instant (UTC) at which the budget runs out.

    Of a clock that is paused: if it went on at once, so the earliest it can be. Of one that was stopped in
    time: when it would have run out.
    """
    known = reached_at(clock, calendar, clock.budget)
    if known is not None:
        return known
    last = spans(clock)[-1]
    since = last.start if last.end is None else last.end
    return add_working_time(calendar, since, clock.budget - elapsed(clock, calendar, since))
