"""Working hours by kind of office, public holidays and closures, from config/calendars/<place>.toml."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from config.errors import ConfigError
from config.places import Places, load_places
from config.reading import ROOT, Provenance, Table, read_provenance, read_toml
from config.zone_changes import ZoneChange, zone_changes

CALENDARS_FOLDER = ROOT / "calendars"
DAY_MINUTES = 24 * 60
CLOCK = r"([01][0-9]|2[0-3]):([0-5][0-9])"
CLOCKS_FROM, CLOCKS_THROUGH = date(2020, 1, 1), date(2040, 12, 31)
"""The years in which no office may be open while its zone changes the clocks."""
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@dataclass(frozen=True, slots=True)
class OpenHours:
    """One stretch of working time of a day, in minutes since midnight; `end` is no longer in it."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class WeeklyHours:
    """The working hours of one kind of office: for each weekday from Monday, its stretches in order."""

    kind: str
    days: tuple[tuple[OpenHours, ...], ...]
    provenance: Provenance


@dataclass(frozen=True, slots=True)
class ClosedDay:
    """A day, or a part of one, without work, and why. Until `confirmed` it is nobody's promise.

    start, end: the closed part in minutes since midnight; the whole day unless said. division: of a closure,
    the division in which it holds.
    """

    date: date
    name: str
    source: str
    confirmed: bool
    start: int = 0
    end: int = DAY_MINUTES
    division: str | None = None

    @property
    def whole(self) -> bool:
        return self.start == 0 and self.end == DAY_MINUTES


@dataclass(frozen=True, slots=True)
class Closure:
    """Days on which the offices of one division don't work, from `first` through `last`.

    start: when it begins on the first day, and end: when it is over on the last, in minutes since midnight.
    """

    division: str
    first: date
    last: date
    name: str
    source: str
    confirmed: bool
    start: int = 0
    end: int = DAY_MINUTES

    @property
    def days(self) -> tuple[ClosedDay, ...]:
        count = (self.last - self.first).days + 1
        return tuple(self._day(self.first + timedelta(days=number)) for number in range(count))

    def _day(self, day: date) -> ClosedDay:
        start = self.start if day == self.first else 0
        end = self.end if day == self.last else DAY_MINUTES
        return ClosedDay(day, self.name, self.source, self.confirmed, start, end, self.division)


@dataclass(frozen=True, slots=True)
class CalendarFile:
    """What a calendar file holds. `version` is a short digest of it: it is kept with each deadline."""

    file: str
    version: str
    zone: ZoneInfo
    hours: Mapping[str, WeeklyHours]
    holidays: tuple[ClosedDay, ...]
    closures: tuple[Closure, ...]


def load_calendar(
    place: str = "fiji", *, folder: Path = CALENDARS_FOLDER, places: Places | None = None
) -> CalendarFile:
    """Read <folder>/<place>.toml and check it against the places (those of the same name unless given).

    Raises ConfigError with file, key and what was expected: in this file, or in that of the places when
    an office's kind of calendar doesn't exist.
    """
    places = load_places(place) if places is None else places
    top, version = read_toml(folder / f"{place}.toml")
    top.only("zone", "hours", "holidays", "closures")
    hours = {kind: _weekly_hours(kind, table) for kind, table in top.tables("hours").items()}
    for office in places.offices.values():
        if office.calendar_kind not in hours:
            key = f"offices.{office.key}.calendar"
            raise ConfigError(places.file, key, "one of " + ", ".join(hours), repr(office.calendar_kind))
    closures = tuple(_closure(row, places) for row in top.rows("closures"))
    zone = _zone(top)
    _require_hours_apart_from_changes(top.file, hours, zone)
    return CalendarFile(top.file, version, zone, hours, _holidays(top), closures)


def _zone(top: Table) -> ZoneInfo:
    name = top.text("zone")
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise top.wrong("zone", "a time zone such as Pacific/Fiji") from error


def _require_hours_apart_from_changes(file: str, hours: Mapping[str, WeeklyHours], zone: ZoneInfo) -> None:
    """Refuse hours in which the zone changes its clocks: an hour that is skipped or comes twice can't be
    working time that everybody counts alike."""
    for change in zone_changes(zone, CLOCKS_FROM, CLOCKS_THROUGH):
        for kind, weekly in hours.items():
            weekday = change.wall[0].weekday()
            for stretch in weekly.days[weekday]:
                if _overlaps(stretch, change):
                    since, until = (f"{wall:%H:%M}" for wall in change.wall)
                    expected = f"hours outside {since}-{until}, when the clocks of {zone.key} change"
                    key = f"hours.{kind}.{WEEKDAYS[weekday]}"
                    raise ConfigError(
                        file, key, expected, f"hours that they change in on {change.wall[0]:%d %B %Y}"
                    )


def _overlaps(stretch: OpenHours, change: ZoneChange) -> bool:
    since, until = change.wall
    first = since.hour * 60 + since.minute
    return stretch.start < first + (until - since) / timedelta(minutes=1) and stretch.end > first


def _weekly_hours(kind: str, table: Table) -> WeeklyHours:
    table.only(*WEEKDAYS, "source", "standing", "confirmed")
    days = tuple(_stretches(table, weekday) for weekday in WEEKDAYS)
    if not any(days):
        raise ConfigError(table.file, table.key, "at least one working day", "none")
    return WeeklyHours(kind, days, read_provenance(table))


def _stretches(table: Table, weekday: str) -> tuple[OpenHours, ...]:
    stretches: list[OpenHours] = []
    for content in table.texts(weekday):
        stretch = _stretch(table, weekday, content)
        if stretches and stretch.start < stretches[-1].end:
            raise table.wrong(weekday, "hours in order that don't overlap", f"{content!r} too early")
        stretches.append(stretch)
    return tuple(stretches)


def _stretch(table: Table, weekday: str, content: str) -> OpenHours:
    match = re.fullmatch(f"{CLOCK}-{CLOCK}", content)
    if match is None:
        raise table.wrong(weekday, "hours such as 08:00-16:30", repr(content))
    start_hour, start_minute, end_hour, end_minute = (int(group) for group in match.groups())
    stretch = OpenHours(start_hour * 60 + start_minute, end_hour * 60 + end_minute)
    if stretch.end <= stretch.start:
        raise table.wrong(weekday, "hours that end after they start", repr(content))
    return stretch


def _holidays(top: Table) -> tuple[ClosedDay, ...]:
    years = top.tables("holidays")
    return tuple(
        sorted((day for year in years for day in _year(year, years[year])), key=lambda day: day.date)
    )


def _year(year: str, table: Table) -> Sequence[ClosedDay]:
    table.only("source", "confirmed", "days")
    source, confirmed = table.text("source"), table.flag("confirmed")
    days: dict[date, ClosedDay] = {}
    for row in table.rows("days"):
        row.only("date", "name", "from", "until")
        day = row.day("date")
        if str(day.year) != year:
            raise row.wrong("date", f"a day of {year}")
        if day in days:
            raise row.wrong("date", "each holiday once", f"{day} again ({days[day].name})")
        start, end = _closed_part(row, one_day=True)
        days[day] = ClosedDay(day, row.text("name"), source, confirmed, start, end)
    return tuple(days.values())


def _closure(row: Table, places: Places) -> Closure:
    row.only("division", "first", "last", "from", "until", "name", "source", "confirmed")
    division, first, last = row.word("division"), row.day("first"), row.day("last")
    if division not in places.divisions:
        raise row.wrong("division", "one of " + ", ".join(places.divisions))
    if not first <= last <= first + timedelta(days=366):
        raise row.wrong("last", f"a day from {first}, within a year")
    start, end = _closed_part(row, one_day=first == last)
    source, confirmed = row.text("source"), row.flag("confirmed")
    return Closure(division, first, last, row.text("name"), source, confirmed, start, end)


def _closed_part(row: Table, *, one_day: bool) -> tuple[int, int]:
    """The times `from` and `until` between which it is closed, in minutes; left out: the whole day."""
    start = _time_of_day(row, "from") if row.has("from") else 0
    end = _time_of_day(row, "until") if row.has("until") else DAY_MINUTES
    if one_day and end <= start:
        raise row.wrong("until", "a time after that of `from`")
    return start, end


def _time_of_day(row: Table, name: str) -> int:
    match = re.fullmatch(CLOCK, row.text(name, "a time such as 12:00, in quotes"))
    if match is None:
        raise row.wrong(name, "a time such as 12:00, in quotes")
    return int(match.group(1)) * 60 + int(match.group(2))
