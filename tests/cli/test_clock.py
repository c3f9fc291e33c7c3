"""`s2f clock`: explaining dates, pausing, resuming, extending, re-dating."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from cases.db import Database
from cases.models import AccessLogEntry, ClockRow
from tests.births import submit_birth
from tests.cli.conftest import Command
from tests.conftest import NOW
from tests.web.backstage import advance_all


@pytest.fixture
def reference(db: Database) -> str:
    """A birth that waits for the registrar."""
    submitted = submit_birth(db)
    advance_all(db, NOW)
    return submitted.reference


def test_each_date_of_a_case_is_explained_day_by_day(db: Database, s2f: Command, reference: str) -> None:
    said = s2f("clock", "explain", reference.lower()).output
    assert "review (task)" in said
    assert "case (service-standard)" in said
    assert "Tue 05 May 2026  7 h 0 min counted (09:00 to 16:00). So far 7 h 0 min." in said
    assert "Sat 09 May 2026  Nothing counted. The office does not work on this day of the week." in said
    assert "It runs out on Tuesday 12 May 2026 10:00." in said
    assert "Not confirmed yet, so this may move: " in said
    with db.read() as connection:
        assert connection.execute(select(AccessLogEntry.action)).scalars().all() == ["read-case"]


def test_the_explanation_is_there_for_programs(s2f: Command, reference: str) -> None:
    clocks = s2f.data("clock", "explain", reference)["clocks"]
    review = next(clock for clock in clocks if clock["step"] == "review")
    assert (review["kind"], review["office"]) == ("task", "suva")
    assert review["deadline"] == "2026-05-11T22:00:00+00:00"
    assert sum(day["counted_seconds"] for day in review["days"]) == review["budget_seconds"] == 40 * 3600


def test_a_clock_is_paused_goes_on_and_is_extended(s2f: Command, reference: str) -> None:
    paused = s2f("clock", "pause", reference, "review", "--reason", "family-asked-for-time")
    assert paused.output == f"The clock of review in {reference} is paused.\n"
    assert "the family asked for more time" in s2f("clock", "explain", reference).output
    assert s2f("clock", "resume", reference, "review").exit_code == 0
    before = s2f.data("clock", "explain", reference)["clocks"]
    longer = s2f.data("clock", "extend", reference, "review", "--days", "2", "--reason", "Papers")["deadline"]
    old = next(clock for clock in before if clock["step"] == "review")["deadline"]
    assert datetime.fromisoformat(longer) > datetime.fromisoformat(old)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("pause", "review", "--reason", "tired"), "needs one of the reasons hospital-asked, "),
        (("pause", "review", "--reason", "hospital-asked"), "needs its evidence"),
        (("resume", "review"), "the clock isn't paused"),
        (("resume", "certificate"), "has no clock called certificate"),
        (("extend", "review", "--days", "11", "--reason", "x"), "4800 working minutes are left"),
    ],
)
def test_what_can_not_be_is_refused_plainly(
    s2f: Command, reference: str, arguments: tuple[str, ...], told: str
) -> None:
    verb, *rest = arguments
    result = s2f("clock", verb, reference, *rest)
    assert result.exit_code == 1
    assert told in result.output


def test_an_unknown_case_has_no_dates(s2f: Command) -> None:
    assert s2f("clock", "explain", "BR-222-222-222").exit_code == 1


def test_dates_are_made_anew_after_the_calendar_changed(db: Database, s2f: Command, reference: str) -> None:
    assert s2f.data("clock", "redate") == {"armed": 0, "redated": 0}
    wrong = datetime(2026, 5, 1, tzinfo=UTC) + timedelta(hours=1)
    with db.write() as connection:  # as if dated by an older calendar
        connection.execute(update(ClockRow).values(calendar="old", deadline=wrong))
    assert s2f.data("clock", "redate") == {"armed": 0, "redated": 2}
    assert s2f("clock", "redate").output == "0 dates moved, 0 missing clocks armed.\n"
    assert "dated by the new calendar" in s2f("clock", "explain", reference).output
