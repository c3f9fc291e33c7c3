"""Working time: when a budget of it runs out, and how much of it lies between two instants.

Pure arithmetic on an office's calendar, exact to the fraction of a second in which an instant is given.

A week's working time is one number line, on which the position of an instant is the working time since a
far Monday; closed days and parts of days are stretches cut out of that line. So both functions are a few
divisions and bisections, however far apart the instants are, and years after the last holiday simply have
none. Local time is a clock on the wall: an hour that a zone gains or loses while offices are shut (Fiji has
none, and a calendar whose offices are open then is refused) changes nothing. `cases/working_table.py` is
the twin for many instants at once.
"""

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from itertools import accumulate
from zoneinfo import ZoneInfo

from config.budget import STANDARD_DAY_MINUTES, Budget, working_days, working_hours
from config.calendar_file import CalendarFile, ClosedDay, OpenHours

__all__ = [
    "STANDARD_DAY_MINUTES",
    "Budget",
    "WorkingCalendar",
    "add_working_minutes",
    "add_working_time",
    "closed_days_between",
    "weekly_hours_on",
    "working_calendar",
    "working_days",
    "working_days_between",
    "working_hours",
    "working_minutes_between",
    "working_time_between",
]

MINUTE = 60_000_000  # in microseconds, the unit of all that follows
DAY = 24 * 60 * MINUTE
MICROSECOND = timedelta(microseconds=1)
FAR_MONDAY = datetime(1, 1, 1, tzinfo=UTC)  # stands for a time on the wall, in whatever zone


@dataclass(frozen=True, slots=True)
class WorkingCalendar:
    """The working time of one office; made by `working_calendar`, never by hand.

    `closed` are its closed days, whole and in part, in order. The rest is made for the arithmetic, in
    microseconds: `starts` and `ends` of the stretches of a week, the week's working time `before` each and
    `until` the end of each; of what is cut out, where each cut begins on the line of all weeks
    (`cut_from`), the positions `cuts` at which they fall, and the working time `lost` before each and after
    the last; and the `closed_numbers` of the days (since the far Monday) of which nothing is left.
    """

    office_kind: str
    division: str | None
    zone: ZoneInfo
    version: str
    closed: tuple[ClosedDay, ...]
    starts: tuple[int, ...]
    ends: tuple[int, ...]
    before: tuple[int, ...]
    until: tuple[int, ...]
    cut_from: tuple[int, ...]
    cuts: tuple[int, ...]
    lost: tuple[int, ...]
    closed_numbers: tuple[int, ...]


def working_calendar(
    calendar_file: CalendarFile, office_kind: str, division: str | None = None
) -> WorkingCalendar:
    """The calendar of offices of this kind, with the closures of their division (None: with none).

    Raises KeyError for a kind that the file lacks. Make it once and keep it.
    """
    hours = calendar_file.hours[office_kind]
    stretches = [
        (number * DAY + stretch.start * MINUTE, number * DAY + stretch.end * MINUTE)
        for number, stretches_of_day in enumerate(hours.days)
        for stretch in stretches_of_day
    ]
    until = tuple(accumulate(end - start for start, end in stretches))
    weekly = WorkingCalendar(
        office_kind=office_kind,
        division=division,
        zone=calendar_file.zone,
        version=calendar_file.version,
        closed=_closed_days(calendar_file, division),
        starts=tuple(start for start, _ in stretches),
        ends=tuple(end for _, end in stretches),
        before=(0, *until[:-1]),
        until=until,
        cut_from=(),
        cuts=(),
        lost=(0,),
        closed_numbers=(),
    )
    cut_from, cuts, lost = _cuts(weekly)
    calendar = replace(weekly, cut_from=cut_from, cuts=cuts, lost=lost)
    return replace(calendar, closed_numbers=_closed_numbers(calendar))


def add_working_minutes(calendar: WorkingCalendar, start: datetime, minutes: int) -> datetime:
    """The first instant (UTC) by which so many working minutes have passed since `start`.

    A start outside working time counts from the next opening. No minutes at all give the start itself
    where it lies in working time (closing time included), else the next opening. Raises ValueError for a
    start without a zone and for negative minutes.
    """
    if minutes < 0:
        raise ValueError(f"can't add {minutes} working minutes")
    return add_working_time(calendar, start, timedelta(minutes=minutes))


def add_working_time(calendar: WorkingCalendar, start: datetime, amount: timedelta) -> datetime:
    """The first instant (UTC) by which this much working time has passed since `start`.

    As `add_working_minutes`, to the microsecond.
    """
    if amount < timedelta():
        raise ValueError(f"can't add working time of {amount}")
    position = _position(calendar, start)
    if not amount:
        start = start.astimezone(UTC)
        return start if _earliest(calendar, position) == start else _latest(calendar, position)
    return _earliest(calendar, position + amount // MICROSECOND)


def working_minutes_between(calendar: WorkingCalendar, start: datetime, end: datetime) -> int:
    """The whole working minutes from `start` to `end`; negative when `end` is the earlier one.

    Raises ValueError for an instant without a zone.
    """
    passed = _position(calendar, end) - _position(calendar, start)
    return passed // MINUTE if passed >= 0 else -(-passed // MINUTE)


def working_days_between(calendar: WorkingCalendar, first: date, last: date) -> int:
    """The working days after `first` up to and including `last` (local dates); negative when `last` is the
    earlier one. From a Monday to the next it is five, if none of those days is closed."""
    return _working_days_through(calendar, last) - _working_days_through(calendar, first)


def working_time_between(calendar: WorkingCalendar, start: datetime, end: datetime) -> timedelta:
    """The working time from `start` to `end`, to the microsecond; negative when `end` is the earlier one.

    Raises ValueError for an instant without a zone.
    """
    return timedelta(microseconds=_position(calendar, end) - _position(calendar, start))


def weekly_hours_on(calendar: WorkingCalendar, day: date) -> tuple[OpenHours, ...]:
    """The hours that the office works on this weekday, whatever is closed on the very day."""
    first = day.weekday() * DAY
    return tuple(
        OpenHours((start - first) // MINUTE, (end - first) // MINUTE)
        for start, end in zip(calendar.starts, calendar.ends, strict=True)
        if first <= start < first + DAY
    )


def closed_days_between(calendar: WorkingCalendar, start: datetime, end: datetime) -> tuple[ClosedDay, ...]:
    """The closed days from the local date of `start` through that of `end`, to explain a deadline with."""
    first, last = start.astimezone(calendar.zone).date(), end.astimezone(calendar.zone).date()
    return tuple(day for day in calendar.closed if first <= day.date <= last)


def _closed_days(calendar_file: CalendarFile, division: str | None) -> tuple[ClosedDay, ...]:
    """The closed days in order. A day that is closed as a whole has no other entry, and a holiday goes
    before a closure, so that each day is explained once."""
    closures = [
        day for closure in calendar_file.closures if closure.division == division for day in closure.days
    ]
    every = [*calendar_file.holidays, *closures]
    whole: dict[date, ClosedDay] = {}
    for day in every:
        if day.whole:
            whole.setdefault(day.date, day)
    parts = {(day.date, day.start, day.end): day for day in reversed(every) if day.date not in whole}
    return tuple(sorted((*whole.values(), *parts.values()), key=lambda day: (day.date, day.start, day.end)))


def _cuts(weekly: WorkingCalendar) -> tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]]:
    """What the closed days cut out of the line of all weeks: where each cut begins, at which position it
    falls, and what is lost."""
    cut_from: list[int] = []
    cuts: list[int] = []
    lost = [0]
    reached = 0
    for day in weekly.closed:
        midnight = timedelta(days=day.date.toordinal() - 1)
        begin = max(reached, _on_the_line(weekly, midnight + timedelta(minutes=day.start)))
        reached = max(reached, _on_the_line(weekly, midnight + timedelta(minutes=day.end)))
        if begin < reached:
            cut_from.append(begin)
            cuts.append(begin - lost[-1])
            lost.append(lost[-1] + reached - begin)
    return tuple(cut_from), tuple(cuts), tuple(lost)


def _closed_numbers(calendar: WorkingCalendar) -> tuple[int, ...]:
    """The days since the far Monday that would have been worked, and of which closed days leave nothing."""
    numbers = []
    for number in sorted({day.date.toordinal() - 1 for day in calendar.closed}):
        begin, end = (_on_the_line(calendar, timedelta(days=days)) for days in (number, number + 1))
        if begin < end and _without_cuts(calendar, begin) == _without_cuts(calendar, end):
            numbers.append(number)
    return tuple(numbers)


def _working_days_through(calendar: WorkingCalendar, day: date) -> int:
    """The working days from the far Monday up to and including a day."""
    worked = {start // DAY for start in calendar.starts}
    number = day.toordinal() - 1
    weeks, weekday = divmod(number + 1, 7)
    closed = bisect_right(calendar.closed_numbers, number)
    return weeks * len(worked) + sum(1 for each in worked if each < weekday) - closed


def _position(calendar: WorkingCalendar, instant: datetime) -> int:
    """The working time from the far Monday to an instant."""
    if instant.tzinfo is None:
        raise ValueError(f"an instant needs a time zone: {instant.isoformat()}")
    wall = instant.astimezone(calendar.zone).replace(tzinfo=UTC) - FAR_MONDAY
    return _without_cuts(calendar, _on_the_line(calendar, wall))


def _without_cuts(calendar: WorkingCalendar, on_the_line: int) -> int:
    """The position of a place on the line of all weeks. Within a cut, time stands still at its beginning."""
    cut = bisect_right(calendar.cut_from, on_the_line) - 1
    return on_the_line if cut < 0 else max(on_the_line - calendar.lost[cut + 1], calendar.cuts[cut])


def _on_the_line(calendar: WorkingCalendar, wall: timedelta) -> int:
    """The working time from the far Monday to a time on the wall, if nothing were ever closed."""
    weeks, weekday = divmod(wall.days, 7)
    moment = weekday * DAY + wall.seconds * 1_000_000 + wall.microseconds
    stretch = bisect_right(calendar.starts, moment) - 1
    worked = 0
    if stretch >= 0:
        worked = calendar.before[stretch] + min(moment, calendar.ends[stretch]) - calendar.starts[stretch]
    return weeks * calendar.until[-1] + worked


def _earliest(calendar: WorkingCalendar, position: int) -> datetime:
    """The first instant with this position: at the end of a stretch its closing, not the next opening."""
    weekly = position + calendar.lost[bisect_left(calendar.cuts, position)]
    weeks, rest = divmod(weekly - 1, calendar.until[-1])
    stretch = bisect_left(calendar.until, rest + 1)
    return _instant(calendar, weeks, calendar.ends[stretch] - (calendar.until[stretch] - rest - 1))


def _latest(calendar: WorkingCalendar, position: int) -> datetime:
    """The last instant with this position: at the end of a stretch the next opening."""
    weekly = position + calendar.lost[bisect_right(calendar.cuts, position)]
    weeks, rest = divmod(weekly, calendar.until[-1])
    stretch = bisect_right(calendar.until, rest)
    return _instant(calendar, weeks, calendar.starts[stretch] + rest - calendar.before[stretch])


def _instant(calendar: WorkingCalendar, weeks: int, moment: int) -> datetime:
    wall = FAR_MONDAY + timedelta(days=weeks * 7, microseconds=moment)
    return wall.replace(tzinfo=calendar.zone).astimezone(UTC)
