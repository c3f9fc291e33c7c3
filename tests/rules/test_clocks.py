"""Clocks: golden tables over the holidays of 2025, what is refused, and what holds of every ledger."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.clock_explanation import Cause, Explanation, explain
from cases.clock_words import as_data, day_in_words, in_words
from cases.clocks import (
    Allowance,
    Clock,
    deadline,
    elapsed,
    extend,
    move,
    pause,
    reached_at,
    recalendar,
    resume,
    start_clock,
    stop,
)
from cases.errors import ClockRefused
from cases.working_time import WorkingCalendar, add_working_time, working_calendar, working_time_between
from config.calendar_file import CalendarFile, ClosedDay, Closure
from tests.rules.calendars import FIJI, FILE, INSTANTS, fiji, files

CYCLONE = Closure("western", date(2025, 2, 12), date(2025, 2, 13), "Cyclone", "Notice", True, 12 * 60)
WITH_CYCLONE = CalendarFile(FILE.file, FILE.version, FIJI, FILE.hours, FILE.holidays, (CYCLONE,))
CENTRAL = working_calendar(WITH_CYCLONE, "registry", "central")
WESTERN = working_calendar(WITH_CYCLONE, "registry", "western")
STANDARD, STATUTORY = 5 * 480, 20 * 480
ENOUGH = Allowance(10_000, 10)


def clock(since: str, minutes: int = STANDARD) -> Clock:
    return start_clock(fiji(since), minutes, policy="1", calendar="2025")


def told(started: Clock, calendar: WorkingCalendar = CENTRAL, now: str = "2025-12-31 12:00") -> Explanation:
    return explain(started, calendar, now=fiji(now))


@pytest.mark.parametrize(
    ("received", "standard", "statutory"),
    [
        # A registry works 39 hours a week; 5 days are 40 hours of work, 20 days are 160.
        ("2024-12-30 08:00", "2025-01-07 09:00", "2025-01-28 12:00"),  # New Year's Day
        ("2025-02-10 08:00", "2025-02-17 09:00", "2025-03-10 12:00"),  # nothing on the way
        ("2025-04-14 10:00", "2025-04-23 10:00", "2025-05-15 13:00"),  # Easter and Girmit Day
        ("2025-05-08 09:00", "2025-05-16 10:00", "2025-06-09 13:00"),  # Girmit Day, Ratu Sir Lala Sukuna Day
        ("2025-05-26 15:00", "2025-06-03 15:00", "2025-06-25 10:00"),  # Ratu Sir Lala Sukuna Day
        ("2025-09-05 14:30", "2025-09-16 08:30", "2025-10-07 11:30"),  # Prophet Mohammed's Birthday
        ("2025-10-09 16:00", "2025-10-20 09:00", "2025-11-11 12:00"),  # Fiji Day, Diwali
        ("2025-12-22 08:00", "2025-12-30 16:00", "2026-01-22 11:00"),  # Christmas, Boxing Day, New Year's Day
    ],
)
def test_the_two_clocks_of_a_case_over_the_holidays_of_2025(
    received: str, standard: str, statutory: str
) -> None:
    assert deadline(clock(received), CENTRAL) == fiji(standard)
    assert deadline(clock(received, STATUTORY), CENTRAL) == fiji(statutory)


@pytest.mark.parametrize(
    ("paused", "resumed", "standard", "statutory"),
    [
        # The case of 14 April 10:00, which without a pause ends on 23 April 10:00 and 15 May 13:00.
        ("2025-04-16 12:00", "2025-04-22 09:30", "2025-04-24 15:30", "2025-05-19 11:30"),
        ("2025-04-17 16:00", "2025-04-22 08:00", "2025-04-23 10:00", "2025-05-15 13:00"),  # holidays alone
        ("2025-04-18 10:00", "2025-04-18 11:00", "2025-04-23 10:00", "2025-05-15 13:00"),
        ("2025-04-17 15:00", "2025-04-28 08:00", "2025-04-29 11:00", "2025-05-21 14:00"),
    ],
)
def test_a_pause_across_easter(paused: str, resumed: str, standard: str, statutory: str) -> None:
    for minutes, expected in ((STANDARD, standard), (STATUTORY, statutory)):
        waiting = pause(clock("2025-04-14 10:00", minutes), at=fiji(paused), by="mere", reason="hospital")
        assert deadline(resume(waiting, at=fiji(resumed), by="mere"), CENTRAL) == fiji(expected)


def test_a_closure_of_one_division_moves_the_clocks_of_its_offices_alone() -> None:
    started = clock("2025-02-10 08:00")
    assert deadline(started, CENTRAL) == fiji("2025-02-17 09:00")
    assert deadline(started, WESTERN) == fiji("2025-02-18 13:00")  # four hours and a day later


def test_a_paused_clock_ends_at_the_earliest_as_if_it_went_on() -> None:
    waiting = pause(clock("2025-02-10 08:00"), at=fiji("2025-02-11 08:00"), by="mere", reason="hospital")
    assert deadline(waiting, CENTRAL) == fiji("2025-02-17 09:00")
    explained = told(waiting, now="2025-02-12 08:00")
    assert (explained.deadline, explained.earliest) == (fiji("2025-02-18 09:00"), True)


def test_a_clock_that_ran_out_before_its_pause_keeps_its_deadline() -> None:
    waiting = pause(clock("2025-02-10 08:00", 60), at=fiji("2025-02-10 11:00"), by="mere", reason="hospital")
    assert deadline(waiting, CENTRAL) == fiji("2025-02-10 09:00")


def test_an_extension_adds_working_time() -> None:
    longer = extend(
        clock("2025-02-10 08:00"), 480, allowed=ENOUGH, at=fiji("2025-02-10 09:00"), by="sela", reason="scans"
    )
    assert deadline(longer, CENTRAL) == fiji("2025-02-18 09:00")


def test_a_move_to_another_policy_replaces_the_budget_and_keeps_extensions() -> None:
    at = fiji("2025-02-10 09:00")
    longer = extend(clock("2025-02-10 08:00"), 60, allowed=ENOUGH, at=at, by="sela", reason="scans")
    moved = move(longer, "2", 480, at=at, by="sela", reason="new standard")
    assert deadline(moved, CENTRAL) == fiji("2025-02-11 09:00")


def test_a_stopped_clock_says_when_it_would_have_run_out() -> None:
    done = stop(clock("2025-02-10 08:00"), at=fiji("2025-02-11 08:00"), by="mere")
    assert deadline(done, CENTRAL) == fiji("2025-02-17 09:00")
    assert elapsed(done, CENTRAL, fiji("2025-03-01 08:00")) == timedelta(hours=8)
    assert reached_at(done, CENTRAL, timedelta(hours=9)) is None


@pytest.mark.parametrize("minutes", [0, -480])
def test_a_budget_of_no_time_is_refused(minutes: int) -> None:
    with pytest.raises(ClockRefused, match=f"a budget of {minutes} working minutes"):
        clock("2025-02-10 08:00", minutes)
    with pytest.raises(ClockRefused, match=f"a budget of {minutes} working minutes"):
        move(clock("2025-02-10 08:00"), "2", minutes, at=fiji("2025-02-11 08:00"), by="sela", reason="no")


AT = fiji("2025-02-11 08:00")


def test_what_a_ledger_can_not_hold_is_refused() -> None:
    running = clock("2025-02-10 08:00")
    waiting = pause(running, at=AT, by="mere", reason="hospital")
    with pytest.raises(ClockRefused, match="paused already"):
        pause(waiting, at=AT, by="mere", reason="hospital")
    with pytest.raises(ClockRefused, match="isn't paused"):
        resume(running, at=AT, by="mere")
    with pytest.raises(ClockRefused, match="has stopped"):
        pause(stop(waiting, at=AT, by="mere"), at=AT, by="mere", reason="hospital")
    with pytest.raises(ClockRefused, match="can't follow one of"):
        resume(waiting, at=AT - timedelta(minutes=1), by="mere")


@pytest.mark.parametrize(
    ("allowed", "minutes", "refusal"),
    [
        (Allowance(960, 1), 60, "extended 1 times, and the service allows 1"),
        (Allowance(960, 3), 481, "480 working minutes are left"),
        (Allowance(960, 3), 0, "extended by 0 working minutes"),
        (Allowance(960, 3), -1, "extended by -1 working minutes"),
    ],
)
def test_an_extension_beyond_what_the_service_allows_is_refused(
    allowed: Allowance, minutes: int, refusal: str
) -> None:
    once = extend(clock("2025-02-10 08:00"), 480, allowed=ENOUGH, at=AT, by="sela", reason="scans")
    with pytest.raises(ClockRefused, match=refusal):
        extend(once, minutes, allowed=allowed, at=AT, by="sela", reason="scans")


# --- explanations


def test_each_day_on_the_way_is_told_with_what_counted_and_what_did_not() -> None:
    waiting = pause(clock("2025-04-14 10:00"), at=fiji("2025-04-16 12:00"), by="mere", reason="hospital")
    explained = told(resume(waiting, at=fiji("2025-04-22 09:30"), by="mere"))
    assert [f"{day.date:%d} {day_in_words(day, FIJI)}" for day in explained.days] == [
        "14 6 h 0 min counted (10:00 to 16:00).",
        "15 8 h 0 min counted (08:00 to 16:00).",
        "16 4 h 0 min counted (08:00 to 12:00). Paused from 12:00 to 16:00: hospital.",
        "17 Nothing counted. Paused from 08:00 to 16:00: hospital.",
        "18 Nothing counted. Holiday: Good Friday.",
        "19 Nothing counted. Holiday: Easter Saturday.",
        "20 Nothing counted. The office does not work on this day of the week.",
        "21 Nothing counted. Holiday: Easter Monday.",
        "22 6 h 30 min counted (09:30 to 16:00). Paused from 08:00 to 09:30: hospital.",
        "23 8 h 0 min counted (08:00 to 16:00).",
        "24 7 h 30 min counted (08:00 to 15:30).",
    ]


def test_a_closure_is_told_with_its_division_and_hours() -> None:
    (first, second) = (
        day for day in told(clock("2025-02-10 08:00"), WESTERN).days if day.date.day in (12, 13)
    )
    assert day_in_words(first, FIJI) == (
        "4 h 0 min counted (08:00 to 12:00). Closed in the western division from 12:00 to 16:00: Cyclone."
    )
    assert day_in_words(second, FIJI) == "Nothing counted. Closed in the western division: Cyclone."


def test_a_holiday_that_nobody_has_confirmed_is_marked() -> None:
    explained = told(clock("2026-04-01 08:00"))
    assert {part.name for part in explained.unconfirmed} == {
        "Good Friday",
        "Easter Saturday",
        "Easter Monday",
    }
    assert list(in_words(explained, FIJI))[-1] == (
        "Not confirmed yet, so this may move: Easter Monday, Easter Saturday, Good Friday."
    )


def test_an_explanation_is_data_for_programs_too() -> None:
    waiting = pause(clock("2025-02-10 08:00", 60), at=fiji("2025-02-10 08:30"), by="mere", reason="hospital")
    data = as_data(told(waiting, now="2025-02-10 10:00"), FIJI)
    assert data["deadline"] == fiji("2025-02-10 10:30").isoformat()
    assert (data["earliest"], data["budget_seconds"]) == (True, 3600.0)
    assert data["days"][0]["counted_seconds"] == 3600.0
    assert data["days"][0]["not_counted"][0]["cause"] == Cause.PAUSE
    assert [line["says"] for line in data["ledger"]] == ["2025-02-10 08:30 paused: hospital, by mere"]


def test_every_kind_of_line_is_told_in_words() -> None:
    at = fiji("2025-02-10 09:00")
    busy = pause(clock("2025-02-10 08:00"), at=at, by="mere", reason="hospital", evidence="letter 5")
    busy = resume(busy, at=at, by="mere")
    busy = extend(busy, 90, allowed=ENOUGH, at=at, by="sela", reason="scans")
    busy = recalendar(busy, "b2", at=at, by="system", reason="Diwali confirmed")
    busy = stop(move(busy, "2", 480, at=at, by="sela", reason="new standard"), at=at, by="mere")
    said = list(in_words(told(busy), FIJI))
    assert said[2:8] == [
        "2025-02-10 09:00 paused: hospital (letter 5), by mere",
        "2025-02-10 09:00 went on, by mere",
        "2025-02-10 09:00 extended by 1 h 30 min: scans, by sela",
        "2025-02-10 09:00 dated by the new calendar b2: Diwali confirmed, by system",
        "2025-02-10 09:00 moved to policy 2: new standard, by sela",
        "2025-02-10 09:00 stopped, by mere",
    ]


# --- what holds of every ledger, on calendars of every shape

BUDGETS = st.integers(1, 20_000)
GAPS = st.lists(st.timedeltas(timedelta(), timedelta(days=20)), max_size=8)


@st.composite
def clocks(draw: st.DrawFn) -> Clock:
    """A clock that was paused, resumed and extended at will, and perhaps stands still or stopped."""
    made = start_clock(draw(INSTANTS), draw(BUDGETS), policy="1", calendar="1")
    at = made.since
    for gap in draw(GAPS):
        at += gap
        if draw(st.booleans()):
            minutes = draw(st.integers(1, 500))
            made = extend(made, minutes, allowed=ENOUGH, at=at, by="sela", reason="x")
        elif made.paused_since:
            made = resume(made, at=at, by="mere")
        else:
            made = pause(made, at=at, by="mere", reason="x")
    return stop(made, at=at, by="mere") if draw(st.integers(0, 5)) == 0 else made


def calendar_of(file: CalendarFile) -> WorkingCalendar:
    return working_calendar(file, "any", "western")


@given(files(), clocks())
def test_a_deadline_of_a_clock_never_falls_outside_working_time(file: CalendarFile, made: Clock) -> None:
    calendar = calendar_of(file)
    end = deadline(made, calendar)
    just_before = end - timedelta(microseconds=1)
    assert working_time_between(calendar, just_before, end) == timedelta(microseconds=1)


@given(files(), clocks(), st.integers(0, 20_000))
def test_a_longer_budget_never_gives_an_earlier_date(file: CalendarFile, made: Clock, more: int) -> None:
    calendar = calendar_of(file)
    longer = Clock(made.since, made.minutes + more, made.policy, made.calendar, made.lines)
    assert deadline(longer, calendar) >= deadline(made, calendar)


@given(
    files(),
    clocks(),
    st.timedeltas(timedelta(), timedelta(days=30)),
    st.timedeltas(timedelta(), timedelta(days=30)),
)
def test_pausing_never_shortens(file: CalendarFile, made: Clock, after: timedelta, length: timedelta) -> None:
    calendar = calendar_of(file)
    if made.stopped or made.paused_since:
        return
    at = (made.lines[-1].at if made.lines else made.since) + after
    waiting = pause(made, at=at, by="mere", reason="x")
    before, during = deadline(made, calendar), deadline(waiting, calendar)
    later = deadline(resume(waiting, at=at + length, by="mere"), calendar)
    assert before <= during <= later
    lost = working_time_between(calendar, at, at + length)
    assert later == (before if before <= at else add_working_time(calendar, before, lost))


@given(files(), clocks(), st.timedeltas(timedelta(), timedelta(days=100)))
def test_the_pieces_that_counted_sum_to_the_working_time_that_passed(
    file: CalendarFile, made: Clock, after: timedelta
) -> None:
    calendar = calendar_of(file)
    last = made.lines[-1].at if made.lines else made.since
    explained = explain(made, calendar, now=last + after)
    if len(explained.days) < 3_000:
        assert sum((day.counted for day in explained.days), timedelta()) == made.budget
        assert explained.days[-1].total == made.budget
    pieces = [piece for day in explained.days for piece in day.pieces]
    for moment in (last, last + after):
        if moment <= explained.deadline and not made.stopped and not made.paused_since:
            counted = sum((min(p.end, moment) - p.start for p in pieces if p.start < moment), timedelta())
            assert counted == elapsed(made, calendar, moment)


@given(files(), clocks(), st.integers(1, 20_000))
def test_an_instant_by_which_time_has_counted_is_where_so_much_has_elapsed(
    file: CalendarFile, made: Clock, minutes: int
) -> None:
    calendar, amount = calendar_of(file), timedelta(minutes=minutes)
    reached = reached_at(made, calendar, amount)
    if reached is None:
        assert made.stopped or made.paused_since
    else:
        assert elapsed(made, calendar, reached) == amount


def test_an_easter_saturday_is_explained_once() -> None:
    easter = ClosedDay(date(2025, 4, 19), "Easter Saturday", "test", True)
    explained = told(clock("2025-04-17 08:00", 600))
    saturday = next(day for day in explained.days if day.date == easter.date)
    assert [part.name for part in saturday.not_counted] == ["Easter Saturday"]
