"""Working time of many instants at once agrees with the arithmetic of one, in every calendar and zone."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.working_table import WorkingTable, datetimes, instants, working_table
from cases.working_time import (
    WorkingCalendar,
    add_working_minutes,
    working_calendar,
    working_minutes_between,
)
from config.calendar_file import CalendarFile
from tests.rules.calendars import FILE, INSTANTS, MINUTES, fiji, files

FIRST, LAST = date(2022, 12, 1), date(2040, 12, 31)
ZONES = st.sampled_from(["Pacific/Fiji", "Europe/Berlin", "Pacific/Auckland", "America/Anchorage", "UTC"])


def table_of(calendar: WorkingCalendar) -> WorkingTable:
    return working_table(calendar, FIRST, LAST)


@given(files(), st.lists(st.tuples(INSTANTS, MINUTES), max_size=30))
def test_the_table_adds_as_the_arithmetic_does(file: CalendarFile, asked: list[tuple[datetime, int]]) -> None:
    calendar = working_calendar(file, "any", "western")
    starts, minutes = [start for start, _ in asked], np.array([amount for _, amount in asked], np.int64)
    ended = table_of(calendar).add_minutes(instants(starts), minutes)
    assert datetimes(ended) == [add_working_minutes(calendar, *pair) for pair in asked]


@given(files(), st.lists(st.tuples(INSTANTS, INSTANTS), max_size=30))
def test_the_table_counts_between_as_the_arithmetic_does(
    file: CalendarFile, asked: list[tuple[datetime, datetime]]
) -> None:
    calendar = working_calendar(file, "any", "western")
    starts, ends = (instants(pair[side] for pair in asked) for side in (0, 1))
    counted = table_of(calendar).minutes_between(starts, ends)
    assert counted.tolist() == [working_minutes_between(calendar, *pair) for pair in asked]


@given(ZONES, st.lists(st.tuples(INSTANTS, MINUTES), min_size=1, max_size=30))
def test_both_agree_in_zones_that_change_their_clocks(zone: str, asked: list[tuple[datetime, int]]) -> None:
    calendar = working_calendar(
        CalendarFile("test", "test", ZoneInfo(zone), FILE.hours, FILE.holidays, ()), "registry"
    )
    starts, minutes = instants(start for start, _ in asked), np.array([amount for _, amount in asked])
    ended = table_of(calendar).add_minutes(starts, minutes)
    assert datetimes(ended) == [add_working_minutes(calendar, *pair) for pair in asked]


def test_ten_thousand_random_deadlines_of_a_registry_agree() -> None:
    calendar = working_calendar(FILE, "registry", "western")
    random = np.random.default_rng(5)
    starts = random.integers(*instants([fiji("2024-01-01"), fiji("2028-01-01")]), 10_000)
    minutes = random.integers(0, 60_000, 10_000)
    one_by_one = map(add_working_minutes, [calendar] * 10_000, datetimes(starts), minutes.tolist())
    assert datetimes(table_of(calendar).add_minutes(starts, minutes)) == list(one_by_one)


REGISTRY = table_of(working_calendar(FILE, "registry"))


def test_negative_minutes_are_refused_in_bulk_too() -> None:
    with pytest.raises(ValueError, match="can't add -3 working minutes"):
        REGISTRY.add_minutes(instants([fiji("2025-01-06")] * 2), np.array([5, -3]))


@pytest.mark.parametrize("moment", [datetime(2022, 11, 1, tzinfo=UTC), datetime(2041, 1, 1, tzinfo=UTC)])
def test_an_instant_outside_the_years_of_the_table_is_refused(moment: datetime) -> None:
    with pytest.raises(ValueError, match="outside the years of the table"):
        REGISTRY.minutes_between(instants([moment]), instants([fiji("2025-01-06")]))


def test_a_deadline_after_the_years_of_the_table_is_refused() -> None:
    with pytest.raises(ValueError, match="after the years of the table"):
        REGISTRY.add_minutes(instants([fiji("2040-12-20")]), np.array([1_000_000]))


def test_a_table_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(ValueError, match="is before"):
        working_table(working_calendar(FILE, "registry"), LAST, FIRST)


def test_instants_are_kept_to_the_microsecond() -> None:
    moment = fiji("2025-01-06 10:00") + timedelta(microseconds=1)
    assert datetimes(instants([moment])) == [moment]
