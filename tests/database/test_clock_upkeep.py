"""Clocks that are missing are armed, and a changed calendar re-dates what depends on it and says so."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from sqlalchemy import delete, select, update

from cases import audit
from cases.clock_rows import clocks_of_case
from cases.clock_upkeep import keep_up
from cases.clock_verbs import pause_clock
from cases.db import Database
from cases.models import ClockRow, JournalEntry
from cases.permissions import SYSTEM
from cases.standards import Standards
from cases.transaction import carry_out
from cases.working_time import working_calendar
from config.calendar_file import ClosedDay, load_calendar
from config.places import load_places
from tests.births import submit_birth
from tests.engine.toys import births, look, settle, step
from tests.rules.calendars import fiji

STANDARDS = births().standards
DUE = fiji("2026-05-12 10:00")
LATER = fiji("2026-05-06 09:00")
GIRMIT = ClosedDay(date(2026, 5, 11), "Girmit Day", "Gazette", True)


def with_calendar(*, version: str, without: str = "", extra: ClosedDay | None = None) -> Standards:
    """The standards by a calendar without one of its days, or with another one."""
    file = load_calendar()
    days = [day for day in file.holidays if f"{day.date} {day.name}" != without]
    days += [extra] if extra else []
    changed = replace(file, version=version, holidays=tuple(days))
    calendars = {
        office.key: working_calendar(changed, office.calendar_kind, division=office.division)
        for office in load_places().offices.values()
    }
    return Standards(STANDARDS.policies, calendars, version)


def kept(db: Database, standards: Standards = STANDARDS, after: int = 0) -> tuple[int, int, int | None]:
    with db.write() as connection:
        done = keep_up(connection, standards, after=after, now=LATER, limit=2)
    return done.armed, done.redated, done.last_id


def in_review(db: Database) -> int:
    case_id = submit_birth(db).case_id
    settle(db, births())
    return case_id


def test_clocks_that_are_as_they_should_be_are_left_alone(db: Database) -> None:
    case_id = in_review(db)
    version = look(db, case_id).case.version
    assert kept(db) == (0, 0, case_id)
    assert kept(db, after=case_id) == (0, 0, None)
    assert look(db, case_id).case.version == version


def test_a_task_that_older_code_opened_gets_its_clock(db: Database) -> None:
    case_id = in_review(db)
    with db.write() as connection:
        connection.execute(delete(ClockRow))
    assert kept(db)[0] == 1
    with db.read() as connection:
        (stored,) = clocks_of_case(connection, case_id)
    assert (stored.row.key, stored.row.deadline) == ("review", DUE)
    assert kept(db)[0] == 0


def test_a_day_that_becomes_a_holiday_moves_the_dates_behind_it(db: Database) -> None:
    case_id = in_review(db)
    assert kept(db, with_calendar(version="new", extra=GIRMIT))[:2] == (0, 2)  # the task's and the case's
    assert step(db, case_id, "review").due_at == fiji("2026-05-13 10:00")
    with db.read() as connection:
        review = next(c for c in clocks_of_case(connection, case_id) if c.row.key == "review")
    (line,) = review.clock.lines
    assert (line.kind, line.by, line.reason) == ("recalendar", "system", "the working calendar changed")
    assert (review.row.calendar, review.row.deadline) == ("new", fiji("2026-05-13 10:00"))
    assert look(db, case_id).events[-1].kind == "clocks-redated"
    with db.read() as connection:
        assert list(audit.verify(connection)) == [1]


def test_an_unconfirmed_holiday_that_is_not_gazetted_brings_the_dates_forward(db: Database) -> None:
    case_id = submit_birth(db, received_at=fiji("2026-05-14 09:00")).case_id
    settle(db, births())
    before = step(db, case_id, "review").due_at
    kept(db, with_calendar(version="gazetted", without="2026-05-15 Girmit Day"))
    assert step(db, case_id, "review").due_at < before


def test_dates_that_the_change_does_not_reach_get_no_line(db: Database) -> None:
    case_id = in_review(db)
    far = ClosedDay(date(2027, 5, 11), "Election", "Gazette", True)
    assert kept(db, with_calendar(version="new", extra=far))[:2] == (0, 0)
    with db.read() as connection:
        assert {c.row.calendar for c in clocks_of_case(connection, case_id)} == {"new"}
        assert not any(c.clock.lines for c in clocks_of_case(connection, case_id))


def test_a_paused_clock_is_dated_anew_and_stays_paused(db: Database) -> None:
    case_id = in_review(db)
    with db.read() as connection:
        review = next(c for c in clocks_of_case(connection, case_id) if c.row.key == "review")
    carry_out(db, pause_clock, clock_id=review.row.id, reason="family-asked-for-time",
              standards=STANDARDS, actor=SYSTEM, now=LATER)  # fmt: skip
    kept(db, with_calendar(version="new", extra=GIRMIT))
    with db.read() as connection:
        review = next(c for c in clocks_of_case(connection, case_id) if c.row.key == "review")
    assert (review.row.paused, review.row.next_at) == (True, None)
    assert review.row.deadline == fiji("2026-05-13 10:00")


def test_a_promise_to_a_family_is_never_cut_short(db: Database) -> None:
    case_id = in_review(db)
    review = step(db, case_id, "review")
    for standards, ends in (
        (with_calendar(version="later", extra=GIRMIT), fiji("2026-05-13 10:00")),
        (with_calendar(version="again"), fiji("2026-05-13 10:00")),
    ):
        if standards.version == "later":
            with db.write() as connection:
                connection.execute(
                    update(JournalEntry).where(JournalEntry.id == review.id).values(expires_at=DUE)
                )
        kept(db, standards)
        assert step(db, case_id, "review").expires_at == ends


def test_cases_are_looked_after_in_batches(db: Database) -> None:
    ids = [in_review(db) for _ in range(3)]
    standards = with_calendar(version="new", extra=GIRMIT)
    assert kept(db, standards) == (0, 4, ids[1])
    assert kept(db, standards, after=ids[1]) == (0, 2, ids[2])
    with db.read() as connection:
        assert set(connection.execute(select(ClockRow.calendar)).scalars()) == {"new"}
