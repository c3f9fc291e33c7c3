"""Working time: when a budget of it runs out, and how much of it lies between two instants.

Pure arithmetic on an office's calendar, exact to the fraction of a second in which an instant is given.

A week's working time is one number line, on which the position of an instant is the working time since a
far Monday; closed days are stretches cut out of that line. So both functions are a few divisions and
bisections, however far apart the instants are, and years after the last holiday simply have none.
Local time is a clock on the wall: an hour that a zone gains or loses while offices are shut (Fiji has none)
changes nothing.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import accumulate
from zoneinfo import ZoneInfo

from config.budget import STANDARD_DAY_MINUTES, Budget, working_days, working_hours
from config.calendar_file import CalendarFile, ClosedDay, WeeklyHours

__all__ = [
    "STANDARD_DAY_MINUTES",
    "Budget",
    "WorkingCalendar",
    "add_working_minutes",
    "closed_days_between",
    "working_calendar",
    "working_days",
    "working_days_between",
    "working_hours",
    "working_minutes_between",
]

MINUTE = 60_000_000  # in microseconds, the unit of all that follows
DAY = 24 * 60 * MINUTE
FAR_MONDAY = datetime(1, 1, 1, tzinfo=UTC)  # stands for a time on the wall, in whatever zone


@dataclass(frozen=True, slots=True)
class WorkingCalendar:
    """The working time of one office; made by `working_calendar`, never by hand.

    `closed` are its closed days in order. The rest is made for the arithmetic, in microseconds: `starts`
    and `ends` of the stretches of a week, the week's working time `before` each and `until` the end of
    each; the `closed_numbers` of the closed days that would have been worked (days since the far Monday),
    the positions `cuts` at which they fall, and the working time `lost` before each and after the last.
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
    closed_numbers: tuple[int, ...]
    cuts: tuple[int, ...]
    lost: tuple[int, ...]


def working_calendar(
    calendar_file: CalendarFile, office_kind: str, division: str | None = None
) -> WorkingCalendar:
    """The calendar of offices of this kind, with the closures of their division (None: with none).

    Raises KeyError for a kind that the file lacks. Make it once and keep it.
    """
    hours = calendar_file.hours[office_kind]
    closed = {day.date: day for day in _division_days(calendar_file, division)}
    closed |= {day.date: day for day in calendar_file.holidays}
    by_date = tuple(closed[day] for day in sorted(closed))
    stretches = [
        (number * DAY + stretch.start * MINUTE, number * DAY + stretch.end * MINUTE)
        for number, stretches_of_day in enumerate(hours.days)
        for stretch in stretches_of_day
    ]
    until = tuple(accumulate(end - start for start, end in stretches))
    numbers, cuts, lost = _cuts(hours, (day.date for day in by_date))
    return WorkingCalendar(
        office_kind=office_kind,
        division=division,
        zone=calendar_file.zone,
        version=calendar_file.version,
        closed=by_date,
        starts=tuple(start for start, _ in stretches),
        ends=tuple(end for _, end in stretches),
        before=(0, *until[:-1]),
        until=until,
        closed_numbers=numbers,
        cuts=cuts,
        lost=lost,
    )


def add_working_minutes(calendar: WorkingCalendar, start: datetime, minutes: int) -> datetime:
    """The first instant (UTC) by which so many working minutes have passed since `start`.

    A start outside working time counts from the next opening. No minutes at all give the start itself
    where it lies in working time (closing time included), else the next opening. Raises ValueError for a
    start without a zone and for negative minutes.
    """
    if minutes < 0:
        raise ValueError(f"can't add {minutes} working minutes")
    position = _position(calendar, start)
    if minutes == 0:
        start = start.astimezone(UTC)
        return start if _earliest(calendar, position) == start else _latest(calendar, position)
    return _earliest(calendar, position + minutes * MINUTE)


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


def closed_days_between(calendar: WorkingCalendar, start: datetime, end: datetime) -> tuple[ClosedDay, ...]:
    """The closed days from the local date of `start` through that of `end`, to explain a deadline with."""
    first, last = start.astimezone(calendar.zone).date(), end.astimezone(calendar.zone).date()
    return tuple(day for day in calendar.closed if first <= day.date <= last)


def _division_days(calendar_file: CalendarFile, division: str | None) -> Iterable[ClosedDay]:
    return (day for closure in calendar_file.closures if closure.division == division for day in closure.days)


def _cuts(
    hours: WeeklyHours, closed: Iterable[date]
) -> tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]]:
    """The closed days that would have been worked: their numbers, where they fall, and what is lost."""
    lengths = [sum(stretch.end - stretch.start for stretch in day) * MINUTE for day in hours.days]
    before = [0, *accumulate(lengths)]
    numbers, cuts, lost = [], [], [0]
    for day in closed:
        week, weekday = divmod(day.toordinal() - 1, 7)
        if lengths[weekday]:
            numbers.append(week * 7 + weekday)
            cuts.append(week * before[7] + before[weekday] - lost[-1])
            lost.append(lost[-1] + lengths[weekday])
    return tuple(numbers), tuple(cuts), tuple(lost)


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
    within_day = wall.seconds * 1_000_000 + wall.microseconds
    closed_before = bisect_left(calendar.closed_numbers, wall.days)
    if closed_before < len(calendar.closed_numbers) and calendar.closed_numbers[closed_before] == wall.days:
        return calendar.cuts[closed_before]
    weeks, weekday = divmod(wall.days, 7)
    moment = weekday * DAY + within_day
    stretch = bisect_right(calendar.starts, moment) - 1
    worked = 0
    if stretch >= 0:
        worked = calendar.before[stretch] + min(moment, calendar.ends[stretch]) - calendar.starts[stretch]
    return weeks * calendar.until[-1] + worked - calendar.lost[closed_before]


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
