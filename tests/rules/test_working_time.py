"""Working time: golden cases of the registries in Fiji, and properties against a slow walk over the days."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.working_time import (
    WorkingCalendar,
    add_working_minutes,
    closed_days_between,
    working_calendar,
    working_days,
    working_days_between,
    working_hours,
    working_minutes_between,
)
from config.calendar_file import CalendarFile, ClosedDay, Closure
from tests.rules.calendars import (
    FIJI,
    FILE,
    INSTANTS,
    MINUTES,
    closed_parts,
    fiji,
    files,
    open_spans,
    stretches,
)

REGISTRY = working_calendar(FILE, "registry")
CIVIL_SERVICE = working_calendar(FILE, "civil_service")


@pytest.mark.parametrize(
    ("start", "minutes", "end"),
    [
        # Easter 2025: Thursday 17 April is worked; Friday, Saturday and Monday 21 April are holidays.
        ("2025-04-17 15:00", 60, "2025-04-17 16:00"),
        ("2025-04-17 15:00", 61, "2025-04-22 08:01"),
        ("2025-04-17 16:00", 1, "2025-04-22 08:01"),
        ("2025-04-19 11:00", 30, "2025-04-22 08:30"),
        ("2025-04-16 08:00", 480 * 3, "2025-04-22 16:00"),
        # A Friday ends at 15:00 at the registries.
        ("2025-04-11 14:00", 60, "2025-04-11 15:00"),
        ("2025-04-11 14:00", 61, "2025-04-14 08:01"),
        ("2025-04-11 15:30", 10, "2025-04-14 08:10"),
        # Five working days over a plain week: Monday to Friday are 2,340 minutes.
        ("2025-06-02 08:00", 2400, "2025-06-09 09:00"),
        # Before opening, and at midnight.
        ("2025-06-03 00:00", 1, "2025-06-03 08:01"),
        ("2025-06-03 07:59", 480, "2025-06-03 16:00"),
        # Seconds are kept.
        ("2025-06-03 15:59:30", 1, "2025-06-04 08:00:30"),
        # The last holidays of a year and the first of the next: Thursday, Friday, then Thursday 1 January.
        ("2025-12-24 15:30", 60, "2025-12-29 08:30"),
        ("2025-12-31 15:30", 60, "2026-01-02 08:30"),
    ],
)
def test_a_registry_counts_its_own_hours_and_no_holidays(start: str, minutes: int, end: str) -> None:
    assert add_working_minutes(REGISTRY, fiji(start), minutes) == fiji(end)


def test_the_civil_service_works_until_half_past_four_on_fridays_too() -> None:
    assert add_working_minutes(CIVIL_SERVICE, fiji("2025-04-11 16:00"), 31) == fiji("2025-04-14 08:01")


@pytest.mark.parametrize("moment", ["2025-06-03 08:00", "2025-06-03 11:11:11", "2025-06-03 16:00"])
def test_no_minutes_in_working_time_end_where_they_start(moment: str) -> None:
    assert add_working_minutes(REGISTRY, fiji(moment), 0) == fiji(moment)


@pytest.mark.parametrize(
    ("moment", "opening"),
    [
        ("2025-06-03 07:00", "2025-06-03 08:00"),
        ("2025-06-06 15:01", "2025-06-09 08:00"),
        ("2025-04-18 10:00", "2025-04-22 08:00"),
    ],
)
def test_no_minutes_outside_working_time_end_at_the_next_opening(moment: str, opening: str) -> None:
    assert add_working_minutes(REGISTRY, fiji(moment), 0) == fiji(opening)


def test_a_year_after_the_last_holidays_has_weekly_hours_only() -> None:
    assert add_working_minutes(REGISTRY, fiji("2040-12-24 15:00"), 120) == fiji("2040-12-25 09:00")


def test_a_year_before_the_first_holidays_has_weekly_hours_only() -> None:
    assert working_minutes_between(REGISTRY, fiji("1999-12-20 00:00"), fiji("1999-12-27 00:00")) == 2340


@pytest.mark.parametrize(
    ("start", "end", "minutes"),
    [
        ("2025-06-03 09:00", "2025-06-03 09:00", 0),
        ("2025-06-03 09:00", "2025-06-03 09:00:59", 0),
        ("2025-06-03 09:00", "2025-06-03 09:01", 1),
        ("2025-06-03 09:01", "2025-06-03 09:00", -1),
        ("2025-06-03 09:00:59", "2025-06-03 09:00", 0),
        ("2025-06-02 00:00", "2025-06-09 00:00", 2340),
        ("2025-04-17 16:00", "2025-04-22 08:00", 0),
        ("2025-01-01 00:00", "2026-01-01 00:00", 117_600),  # 52 weeks and a Wednesday, less ten holidays
    ],
)
def test_working_minutes_between_two_instants(start: str, end: str, minutes: int) -> None:
    assert working_minutes_between(REGISTRY, fiji(start), fiji(end)) == minutes


def test_the_result_is_in_utc_whatever_the_zone_of_the_start() -> None:
    start = datetime(2025, 6, 3, 9, tzinfo=FIJI)
    assert add_working_minutes(REGISTRY, start, 0) == datetime(2025, 6, 2, 21, tzinfo=UTC)
    assert add_working_minutes(REGISTRY, start, 0).tzinfo is UTC


def test_an_instant_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="needs a time zone"):
        add_working_minutes(REGISTRY, datetime(2025, 6, 3), 1)  # noqa: DTZ001


def test_negative_minutes_are_refused() -> None:
    with pytest.raises(ValueError, match="can't add -1 working minutes"):
        add_working_minutes(REGISTRY, fiji("2025-06-03 09:00"), -1)


def test_a_kind_of_office_that_the_file_lacks_is_an_error() -> None:
    with pytest.raises(KeyError):
        working_calendar(FILE, "post_office")


def test_budgets_count_480_minutes_a_day_and_60_an_hour() -> None:
    assert (working_days(5).minutes, working_hours(3).minutes) == (2400, 180)


def with_closure(division: str, first: date, last: date) -> CalendarFile:
    closure = Closure(division, first, last, "Cyclone", "test", confirmed=True)
    return CalendarFile(FILE.file, FILE.version, FILE.zone, FILE.hours, FILE.holidays, (closure,))


def test_a_closure_stops_the_offices_of_its_division_alone() -> None:
    file = with_closure("western", date(2025, 6, 3), date(2025, 6, 5))
    ends = [
        add_working_minutes(working_calendar(file, "registry", division), fiji("2025-06-02 15:00"), 120)
        for division in ("western", "central", None)
    ]
    assert ends == [fiji("2025-06-06 09:00"), fiji("2025-06-03 09:00"), fiji("2025-06-03 09:00")]


def test_a_closure_over_a_holiday_takes_the_day_off_once() -> None:
    closed = working_calendar(
        with_closure("western", date(2025, 4, 17), date(2025, 4, 22)), "registry", "western"
    )
    assert add_working_minutes(closed, fiji("2025-04-16 15:00"), 120) == fiji("2025-04-23 09:00")


def test_a_deadline_can_be_explained_by_the_closed_days_on_its_way() -> None:
    days = closed_days_between(REGISTRY, fiji("2025-04-17 15:00"), fiji("2025-04-21 09:00"))
    assert [day.name for day in days] == ["Good Friday", "Easter Saturday", "Easter Monday"]


def test_the_local_date_decides_which_days_are_on_the_way() -> None:
    good_friday_in_utc = datetime(2025, 4, 18, 13, tzinfo=UTC)  # already Saturday in Fiji
    days = closed_days_between(REGISTRY, good_friday_in_utc, good_friday_in_utc)
    assert [day.name for day in days] == ["Easter Saturday"]


def with_days(*days: ClosedDay) -> CalendarFile:
    return CalendarFile(FILE.file, FILE.version, FILE.zone, FILE.hours, days, ())


CHRISTMAS_EVE = ClosedDay(date(2025, 12, 24), "Christmas Eve", "test", True, start=12 * 60)


def test_a_half_day_ends_work_at_its_hour() -> None:
    half = working_calendar(with_days(CHRISTMAS_EVE), "registry")
    assert add_working_minutes(half, fiji("2025-12-24 11:00"), 61) == fiji("2025-12-25 08:01")
    assert working_minutes_between(half, fiji("2025-12-24 00:00"), fiji("2025-12-25 00:00")) == 240


def test_hours_may_be_closed_in_the_middle_of_a_day() -> None:
    funeral = ClosedDay(date(2025, 6, 3), "Funeral", "test", True, 10 * 60, 12 * 60)
    closed = working_calendar(with_days(funeral), "registry")
    assert add_working_minutes(closed, fiji("2025-06-03 09:00"), 61) == fiji("2025-06-03 12:01")


def test_a_closure_begins_at_its_hour_and_ends_at_its_hour() -> None:
    cyclone = Closure(
        "western", date(2025, 6, 3), date(2025, 6, 5), "Cyclone", "test", True, 12 * 60, 10 * 60
    )
    file = CalendarFile(FILE.file, FILE.version, FILE.zone, FILE.hours, FILE.holidays, (cyclone,))
    closed = working_calendar(file, "registry", "western")
    assert add_working_minutes(closed, fiji("2025-06-03 11:00"), 61) == fiji("2025-06-05 10:01")


def test_a_half_day_on_a_day_that_is_closed_anyway_changes_nothing() -> None:
    whole = ClosedDay(CHRISTMAS_EVE.date, "Flood", "test", True)
    assert working_calendar(with_days(CHRISTMAS_EVE, whole), "registry").closed == (whole,)


def test_the_29th_of_february_is_a_day_like_others_in_leap_years_alone() -> None:
    assert add_working_minutes(REGISTRY, fiji("2028-02-28 15:00"), 120) == fiji("2028-02-29 09:00")
    assert add_working_minutes(REGISTRY, fiji("2027-02-26 14:00"), 120) == fiji("2027-03-01 09:00")


@pytest.mark.parametrize(
    ("friday", "monday"),
    [
        ("2026-03-27T14:00+01:00", "2026-03-30T09:00+02:00"),
        ("2026-10-23T14:00+02:00", "2026-10-26T09:00+01:00"),
    ],
)
def test_clocks_changed_over_a_weekend_change_no_working_time(friday: str, monday: str) -> None:
    file = CalendarFile("test", "test", ZoneInfo("Europe/Berlin"), FILE.hours, (), ())
    calendar = working_calendar(file, "registry")
    ended = add_working_minutes(calendar, datetime.fromisoformat(friday), 120)
    assert ended == datetime.fromisoformat(monday)


# --- properties, on calendars of every shape, with a slow walk over the days to compare with


def walked(file: CalendarFile, start: datetime, minutes: int) -> datetime:
    """What `add_working_minutes` should give, by walking from stretch to stretch."""
    left = timedelta(minutes=minutes)
    for begin, end in stretches(file, start):
        if left <= end - begin:
            return begin + left
        left -= end - begin
    raise AssertionError("working time never ends")


def is_worked(calendar: WorkingCalendar, file: CalendarFile, moment: datetime) -> bool:
    """Whether a moment lies in working time, closing time included."""
    begin, _ = next(stretches(file, moment - timedelta(microseconds=1)))
    return begin <= moment


@given(files(), INSTANTS, st.integers(1, 20_000))
def test_adding_agrees_with_walking_over_the_days(file: CalendarFile, start: datetime, minutes: int) -> None:
    calendar = working_calendar(file, "any", "western")
    assert add_working_minutes(calendar, start, minutes) == walked(file, start, minutes)


@given(files(), INSTANTS, MINUTES)
def test_a_deadline_is_never_outside_working_time(file: CalendarFile, start: datetime, minutes: int) -> None:
    calendar = working_calendar(file, "any", "western")
    assert is_worked(calendar, file, add_working_minutes(calendar, start, minutes))


@given(files(), INSTANTS, MINUTES, MINUTES)
def test_a_longer_budget_never_ends_earlier(
    file: CalendarFile, start: datetime, less: int, more: int
) -> None:
    calendar = working_calendar(file, "any", "western")
    shorter, longer = sorted((less, more))
    assert add_working_minutes(calendar, start, shorter) <= add_working_minutes(calendar, start, longer)


@given(files(), INSTANTS, INSTANTS, MINUTES)
def test_a_later_start_never_ends_earlier(
    file: CalendarFile, one: datetime, other: datetime, minutes: int
) -> None:
    calendar = working_calendar(file, "any", "western")
    earlier, later = sorted((one, other))
    assert add_working_minutes(calendar, earlier, minutes) <= add_working_minutes(calendar, later, minutes)


@given(files(), INSTANTS, MINUTES)
def test_between_takes_back_what_was_added(file: CalendarFile, start: datetime, minutes: int) -> None:
    calendar = working_calendar(file, "any", "western")
    end = add_working_minutes(calendar, start, minutes)
    assert working_minutes_between(calendar, start, end) == minutes
    assert working_minutes_between(calendar, end, start) == -minutes


@given(files(), INSTANTS, MINUTES, st.integers(1, 20_000))
def test_two_budgets_one_after_the_other_are_their_sum(
    file: CalendarFile, start: datetime, first: int, second: int
) -> None:
    calendar = working_calendar(file, "any", "western")
    in_two_steps = add_working_minutes(calendar, add_working_minutes(calendar, start, first), second)
    assert in_two_steps == add_working_minutes(calendar, start, first + second)


@pytest.mark.parametrize(
    ("first", "last", "days"),
    [
        ("2025-06-02", "2025-06-02", 0),
        ("2025-06-02", "2025-06-09", 5),  # from a Monday to the next
        ("2025-06-06", "2025-06-08", 0),  # Friday to Sunday
        ("2025-06-07", "2025-06-09", 1),
        # Easter 2025: Friday 18, Saturday 19 and Monday 21 April are holidays.
        ("2025-04-17", "2025-04-22", 1),
        ("2025-04-17", "2025-04-28", 5),
        ("2025-12-24", "2025-12-26", 0),
        ("2025-06-09", "2025-06-02", -5),
    ],
)
def test_working_days_are_counted_from_the_day_after(first: str, last: str, days: int) -> None:
    counted = working_days_between(REGISTRY, date.fromisoformat(first), date.fromisoformat(last))
    assert counted == days


DAYS = st.dates(date(2023, 1, 1), date(2027, 12, 31))


@given(files(), DAYS, DAYS)
def test_working_days_agree_with_walking_over_the_days(file: CalendarFile, one: date, other: date) -> None:
    first, last = sorted((one, other))
    walked_days = (first + timedelta(days=number) for number in range(1, (last - first).days + 1))
    closed = closed_parts(file)
    worked = [day for day in walked_days if open_spans(file, day, closed.get(day, ()))]
    calendar = working_calendar(file, "any", "western")
    assert working_days_between(calendar, first, last) == len(worked)
    assert working_days_between(calendar, last, first) == -len(worked)
