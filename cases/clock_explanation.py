"""Why a clock runs out when it does: day by day, what counted and what did not.

Pure. The pieces that counted sum to the working time that has passed by the deadline, which is the budget;
what did not count says why: no hours, a holiday, a closure, a pause.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from itertools import pairwise

from cases.clocks import Clock, Line, Span, deadline, resume, spans
from cases.working_time import WorkingCalendar, weekly_hours_on
from config.calendar_file import ClosedDay

MOST_DAYS = 3_660
"""How many days are told at most: ten years."""


class Cause(StrEnum):
    """Why a part of a day does not count."""

    NO_HOURS = "no-hours"
    HOLIDAY = "holiday"
    CLOSURE = "closure"
    PAUSE = "pause"


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of working time that counts (UTC)."""

    start: datetime
    end: datetime

    @property
    def length(self) -> timedelta:
        return self.end - self.start


@dataclass(frozen=True, slots=True)
class NotCounted:
    """A part of a day that does not count, and why.

    start, end (UTC): None where the whole day is meant. name: of the holiday or closure, or the reason of
    the pause. division: where a closure holds. confirmed: False for a holiday that isn't gazetted yet.
    """

    cause: Cause
    name: str = ""
    start: datetime | None = None
    end: datetime | None = None
    division: str | None = None
    source: str = ""
    confirmed: bool = True


@dataclass(frozen=True, slots=True)
class Day:
    """One local date on the way to a deadline; `total` is what has counted by its end."""

    date: date
    pieces: tuple[Piece, ...]
    not_counted: tuple[NotCounted, ...]
    total: timedelta

    @property
    def counted(self) -> timedelta:
        return sum((piece.length for piece in self.pieces), timedelta())


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a clock runs out at `deadline`.

    earliest: whether it is paused, so that the deadline is the earliest it can be, if it went on now.
    days: every local date from the start to the deadline, at most MOST_DAYS.
    """

    clock: Clock
    deadline: datetime
    earliest: bool
    days: tuple[Day, ...]

    @property
    def unconfirmed(self) -> tuple[NotCounted, ...]:
        """The days off on the way that nobody has confirmed yet; the deadline may move with them."""
        return tuple(part for day in self.days for part in day.not_counted if not part.confirmed)


def explain(clock: Clock, calendar: WorkingCalendar, *, now: datetime) -> Explanation:
    """Return why `clock` runs out when it does. A clock that is paused is explained as if it went on now."""
    paused = clock.paused_since
    going_on = resume(clock, at=max(now, paused.at), by="") if paused else clock
    end = deadline(going_on, calendar)
    days = _days(going_on, calendar, end)
    return Explanation(clock, end, paused is not None, days)


def _days(clock: Clock, calendar: WorkingCalendar, end: datetime) -> tuple[Day, ...]:
    stretches = spans(clock)
    running = [(span.start, min(span.end or end, end)) for span in stretches if not span.pause]
    if clock.stopped:  # and if it was stopped in time, the date it would have met
        running.append((clock.stopped.at, end))
    pauses = [span for span in stretches if span.pause]
    closed: dict[date, list[ClosedDay]] = {}
    for day in calendar.closed:
        closed.setdefault(day.date, []).append(day)
    found, total = [], timedelta()
    for today in _dates(clock.since, end, calendar):
        hours = _open_hours(calendar, today)
        off = closed.get(today, [])
        left = _without(hours, [_span_of(calendar, part) for part in off])
        pieces = tuple(Piece(*part) for part in _common(left, running))
        total += sum((piece.length for piece in pieces), timedelta())
        reasons = (*_closed_reasons(calendar, hours, off), *_pause_reasons(left, pauses, end))
        found.append(Day(today, pieces, reasons, total))
    return tuple(found)


def _dates(since: datetime, end: datetime, calendar: WorkingCalendar) -> Iterator[date]:
    first, last = since.astimezone(calendar.zone).date(), end.astimezone(calendar.zone).date()
    return (first + timedelta(days=number) for number in range(min((last - first).days + 1, MOST_DAYS)))


Stretch = tuple[datetime, datetime]


def _open_hours(calendar: WorkingCalendar, day: date) -> list[Stretch]:
    return [
        (_instant(calendar, day, hours.start), _instant(calendar, day, hours.end))
        for hours in weekly_hours_on(calendar, day)
    ]


def _span_of(calendar: WorkingCalendar, part: ClosedDay) -> Stretch:
    return _instant(calendar, part.date, part.start), _instant(calendar, part.date, part.end)


def _instant(calendar: WorkingCalendar, day: date, minute: int) -> datetime:
    days, minute = divmod(minute, 24 * 60)
    wall = datetime.combine(day + timedelta(days=days), time(minute // 60, minute % 60), calendar.zone)
    return wall.astimezone(UTC)


def _common(some: Sequence[Stretch], others: Sequence[Stretch]) -> list[Stretch]:
    pairs = ((max(one[0], other[0]), min(one[1], other[1])) for one in some for other in others)
    return sorted((start, end) for start, end in pairs if start < end)


def _without(some: Sequence[Stretch], cut: Sequence[Stretch]) -> list[Stretch]:
    """Return the stretches without what is cut out of them."""
    left = []
    for start, end in some:
        corners = sorted({start, end, *(edge for part in cut for edge in part if start < edge < end)})
        for first, last in pairwise(corners):
            if not any(part[0] <= first and last <= part[1] for part in cut):
                left.append((first, last))
    return left


def _closed_reasons(
    calendar: WorkingCalendar, hours: Sequence[Stretch], off: Sequence[ClosedDay]
) -> Iterator[NotCounted]:
    for part in off:
        cause = Cause.HOLIDAY if part.division is None else Cause.CLOSURE
        told = NotCounted(cause, part.name, None, None, part.division, part.source, part.confirmed)
        if part.whole:
            yield told
        elif common := _common(hours, [_span_of(calendar, part)]):
            yield replace(told, start=common[0][0], end=common[-1][1])
    if not hours and not any(part.whole for part in off):
        yield NotCounted(Cause.NO_HOURS)


def _pause_reasons(left: Sequence[Stretch], pauses: Sequence[Span], end: datetime) -> Iterator[NotCounted]:
    for span in pauses:
        line: Line | None = span.pause
        for start, until in _common(left, [(span.start, min(span.end or end, end))]):
            yield NotCounted(Cause.PAUSE, (line and line.reason) or "", start, until)
