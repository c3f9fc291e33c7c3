"""Calendars of every shape, and a slow walk over their days to compare with."""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import count
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from config.calendar_file import CalendarFile, ClosedDay, Closure, OpenHours, WeeklyHours, load_calendar
from config.reading import Provenance, Standing

FIJI = ZoneInfo("Pacific/Fiji")
FILE = load_calendar()


def fiji(text: str) -> datetime:
    """An instant from Fiji's date and time, such as 2025-04-17 15:00."""
    return datetime.fromisoformat(text).replace(tzinfo=FIJI).astimezone(UTC)


INSTANTS = st.datetimes(
    datetime(2023, 1, 1), datetime(2026, 12, 31), timezones=st.just(UTC)  # noqa: DTZ001
)  # fmt: skip
MINUTES = st.integers(0, 20_000)
KNOWN = Provenance("test", Standing.CONFIRMED, True)


@st.composite
def weekly_hours(draw: st.DrawFn) -> WeeklyHours:
    days: list[tuple[OpenHours, ...]] = []
    for _ in range(7):
        marks = sorted(draw(st.sets(st.integers(0, 1439), max_size=4)))
        days.append(tuple(OpenHours(*pair) for pair in zip(marks[::2], marks[1::2], strict=False)))
    if not any(days):
        days[draw(st.integers(0, 6))] = (OpenHours(480, 960),)
    return WeeklyHours("any", tuple(days), KNOWN)


@st.composite
def files(draw: st.DrawFn) -> CalendarFile:
    dates = draw(st.sets(st.dates(date(2023, 1, 1), date(2026, 12, 31)), max_size=40))
    first = draw(st.dates(date(2023, 1, 1), date(2026, 12, 31)))
    dates |= {first + timedelta(days=number) for number in range(draw(st.integers(0, 20)))}
    holidays = tuple(ClosedDay(day, "Holiday", "test", True, *draw(parts())) for day in sorted(dates))
    return CalendarFile("test", "test", FIJI, {"any": draw(weekly_hours())}, holidays, draw(closures()))


def parts() -> st.SearchStrategy[tuple[int, int]]:
    """The closed part of a day: mostly all of it."""
    some = st.tuples(st.integers(0, 700), st.integers(701, 1440))
    return st.one_of(st.just((0, 1440)), st.just((0, 1440)), some)


@st.composite
def closures(draw: st.DrawFn) -> tuple[Closure, ...]:
    """Closures of one division, which may overlap each other and the holidays."""
    made = []
    for _ in range(draw(st.integers(0, 3))):
        first = draw(st.dates(date(2023, 1, 1), date(2026, 12, 1)))
        last = first + timedelta(days=draw(st.integers(0, 9)))
        made.append(Closure("western", first, last, "Cyclone", "test", True, *draw(parts())))
    return tuple(made)


def stretches(file: CalendarFile, since: datetime) -> Iterator[tuple[datetime, datetime]]:
    """The stretches of working time that end after `since`, one after the other."""
    today = since.astimezone(file.zone).date()
    closed = closed_parts(file)
    for day in (today + timedelta(days=number) for number in count()):
        midnight = datetime.combine(day, time(), file.zone)
        for first, last in open_spans(file, day, closed.get(day, ())):
            start, end = midnight + timedelta(minutes=first), midnight + timedelta(minutes=last)
            if end > since:
                yield max(start, since), end


def closed_parts(file: CalendarFile) -> dict[date, list[ClosedDay]]:
    """The closed days, whole and in part, by date."""
    parts: dict[date, list[ClosedDay]] = {}
    for part in (*file.holidays, *(day for closure in file.closures for day in closure.days)):
        parts.setdefault(part.date, []).append(part)
    return parts


def open_spans(file: CalendarFile, day: date, closed: Iterable[ClosedDay]) -> list[tuple[int, int]]:
    """The spans of minutes in which the office works on a day, after what is closed."""
    spans = [(hours.start, hours.end) for hours in file.hours["any"].days[day.weekday()]]
    for part in closed:
        cut = [((first, min(last, part.start)), (max(first, part.end), last)) for first, last in spans]
        spans = [span for pair in cut for span in pair if span[0] < span[1]]
    return spans
