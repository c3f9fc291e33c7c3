"""How long applications took lately: half of them, and nine in ten."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from cases.db import Database
from cases.lately import ENOUGH, LATELY, Lately, lately
from tests.births import submit_birth
from tests.conftest import NOW
from tests.database.rows import ask_letter

FIJI = ZoneInfo("Pacific/Fiji")
BIRTHS = "birth-registration"


def _decided(db: Database, days: int, *, at: datetime = NOW, **columns: object) -> int:
    """Decide a case at an instant, so many days after it was received; return its id."""
    case_id = submit_birth(db, received_at=at - timedelta(days=days)).case_id
    ask_letter(db, case_id, created_at=at, **columns)
    return case_id


def _lately(db: Database) -> dict[str, Lately]:
    with db.read() as connection:
        return lately(connection, zone=FIJI, now=NOW)


def test_half_and_nine_in_ten_are_told_with_how_many_there_were(db: Database) -> None:
    for days in range(1, 21):
        _decided(db, days)
    assert _lately(db) == {BIRTHS: Lately(20, 10, 18)}


def test_a_few_cases_say_nothing(db: Database) -> None:
    for _ in range(ENOUGH - 1):
        _decided(db, 3)
    assert _lately(db) == {}


def test_what_was_decided_long_ago_or_taken_back_does_not_count(db: Database) -> None:
    for _ in range(ENOUGH):
        _decided(db, 3)
    _decided(db, 300, at=NOW - LATELY)
    _decided(db, 300, status="superseded")
    assert _lately(db)[BIRTHS].count == ENOUGH


def test_a_case_with_two_letters_counts_once_until_the_last(db: Database) -> None:
    for _ in range(ENOUGH):
        ask_letter(db, _decided(db, 3, at=NOW - timedelta(days=2)), "refusal", created_at=NOW)
    assert _lately(db) == {BIRTHS: Lately(ENOUGH, 5, 5)}


def test_days_are_those_of_the_calendar_in_fiji(db: Database) -> None:
    for _ in range(ENOUGH):
        case_id = submit_birth(db, received_at=NOW - timedelta(hours=10)).case_id  # 23:00 the day before
        ask_letter(db, case_id, created_at=NOW)
    assert _lately(db)[BIRTHS].median == 1
