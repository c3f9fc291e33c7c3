"""How the work stands: each number, and that its list shows exactly the cases it counts."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import update

from cases.db import Database
from cases.models import Case, JournalEntry
from cases.overview import Due, Horizon, Scope, due, flow, longest_waits, step_times
from cases.overview_list import Group, Span, behind
from cases.vocabulary import StepKind, StepStatus
from tests.births import submit_birth
from tests.conftest import NOW
from tests.database.rows import ask_letter, open_question, open_task, write_step

FIJI = ZoneInfo("Pacific/Fiji")
BIRTHS = "birth-registration"
EVERYWHERE = Scope()
HORIZON = Horizon.at(NOW, FIJI)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def task(db: Database, due_at: datetime, *, office: str = "suva", key: str = "review") -> int:
    """Open a registrar's task that is due at an instant; return the case's id."""
    case_id = submit_birth(db, office=office).case_id
    open_task(db, case_id, key, due_at=due_at)
    return case_id


def references(db: Database, group: Group, scope: Scope = EVERYWHERE, **named: Any) -> list[str]:
    """Return the references of a whole list, page by page."""
    found, after = [], 0
    span = named.pop("span", Span(NOW - 30 * DAY, NOW + DAY))
    while True:
        with db.read() as connection:
            rows, following = behind(
                connection, scope, group, horizon=HORIZON, span=span, after=after, limit=2, **named
            )
        found += [row.reference for row in rows]
        if following is None:
            return found
        after = following


def test_open_tasks_are_late_or_due_today_or_due_this_week(db: Database) -> None:
    for due_at in (NOW - HOUR, NOW + HOUR, NOW + HOUR, NOW + 2 * DAY, NOW + 9 * DAY):
        task(db, due_at)
    with db.read() as connection:
        assert due(connection, EVERYWHERE, HORIZON) == [Due(BIRTHS, "review", "suva", 1, 2, 1)]
    assert [len(references(db, group)) for group in (Group.LATE, Group.TODAY, Group.WEEK)] == [1, 2, 1]


def test_the_week_ends_on_sunday_at_midnight_in_fiji() -> None:
    sunday = datetime(2026, 5, 10, 23, 0, tzinfo=FIJI)
    assert Horizon.at(sunday, FIJI).week_ends == datetime(2026, 5, 10, 12, 0, tzinfo=UTC)
    assert Horizon.at(sunday + 2 * HOUR, FIJI).week_ends == datetime(2026, 5, 17, 12, 0, tzinfo=UTC)


def test_each_visit_of_a_step_counts_with_the_step(db: Database) -> None:
    case_id = task(db, NOW - HOUR)
    open_task(db, case_id, "review#2", due_at=NOW - HOUR)
    open_task(db, case_id, "review-of-something-else", due_at=NOW - HOUR)
    with db.read() as connection:
        found = {cell.key: cell.late for cell in due(connection, EVERYWHERE, HORIZON)}
    assert found == {"review": 2, "review-of-something-else": 1}
    assert len(references(db, Group.LATE, step="review")) == 2


@pytest.mark.parametrize(
    ("scope", "count"),
    [
        (Scope(offices=("suva",)), 2),
        (Scope(offices=("lautoka",)), 1),
        (Scope(offices=()), 0),
        (Scope(service=BIRTHS), 3),
        (Scope(service="no-other"), 0),
    ],
)
def test_only_what_is_in_scope_is_counted(db: Database, scope: Scope, count: int) -> None:
    for office in ("suva", "suva", "lautoka"):
        task(db, NOW - HOUR, office=office)
    with db.read() as connection:
        assert sum(cell.late for cell in due(connection, scope, HORIZON)) == count
        assert len(longest_waits(connection, scope)) == count
        assert flow(connection, scope, zone=FIJI, now=NOW)[-1].open == count
    assert len(references(db, Group.LATE, scope)) == count


def test_what_waits_longest_comes_first_and_an_applicant_may_keep_it_waiting(db: Database) -> None:
    older, newer = submit_birth(db), submit_birth(db)
    open_task(db, newer.case_id, opened_at=NOW - DAY)
    open_question(db, older.case_id, opened_at=NOW - 2 * DAY)
    with db.read() as connection:
        waits = longest_waits(connection, EVERYWHERE)
    assert [(wait.reference, wait.role) for wait in waits] == [
        (older.reference, None),
        (newer.reference, "registrar"),
    ]


def test_each_day_says_what_was_received_decided_and_closed_and_what_was_open_at_its_end(
    db: Database,
) -> None:
    first = submit_birth(db, received_at=NOW - 2 * DAY).case_id
    submit_birth(db, received_at=NOW - DAY)
    ask_letter(db, first, created_at=NOW - DAY)
    ask_letter(db, first, "refusal", created_at=NOW)  # a second one doesn't decide it again
    with db.write() as connection:
        connection.execute(update(Case).where(Case.id == first).values(status="closed", closed_at=NOW - HOUR))
    with db.read() as connection:
        days = flow(connection, EVERYWHERE, zone=FIJI, now=NOW, days=4)
    assert [day.day for day in days] == [
        date(2026, 5, 2),
        date(2026, 5, 3),
        date(2026, 5, 4),
        date(2026, 5, 5),
    ]
    told = [(day.received, day.decided, day.closed, day.open) for day in days]
    assert told == [(0, 0, 0, 0), (1, 0, 0, 1), (1, 1, 0, 2), (0, 0, 1, 1)]
    for group in (Group.RECEIVED, Group.DECIDED, Group.CLOSED, Group.OPEN):
        total = days[-1].open if group is Group.OPEN else sum(getattr(day, group) for day in days)
        assert len(references(db, group)) == total


def test_a_letter_that_was_cancelled_decided_nothing(db: Database) -> None:
    case_id = submit_birth(db).case_id
    ask_letter(db, case_id, created_at=NOW - DAY, status="cancelled")
    ask_letter(db, case_id, "refusal", created_at=NOW)
    with db.read() as connection:
        days = flow(connection, EVERYWHERE, zone=FIJI, now=NOW, days=2)
    assert [day.decided for day in days] == [0, 1]


def test_how_long_a_step_takes_is_told_by_its_quartiles(db: Database) -> None:
    for hours in (1, 2, 3, 4, 5):
        case_id = submit_birth(db).case_id
        write_step(
            db,
            case_id,
            "review",
            StepKind.APPROVAL,
            role="registrar",
            opened_at=NOW - hours * HOUR,
            done_at=NOW,
        )
    with db.read() as connection:
        (found,) = step_times(connection, EVERYWHERE, since=NOW - DAY)
    assert (found.key, found.count) == ("review", 5)
    assert (found.lower, found.median, found.upper) == (2 * HOUR, 3 * HOUR, 4 * HOUR)
    assert len(references(db, Group.DONE, step="review")) == 5


def test_a_decision_that_was_set_aside_says_nothing_about_how_long_it_takes(db: Database) -> None:
    write_step(db, submit_birth(db).case_id, "review", StepKind.APPROVAL, role="registrar", cut_by=1)
    with db.read() as connection:
        assert step_times(connection, EVERYWHERE, since=NOW - DAY) == []


def test_a_task_that_is_done_is_late_no_more(db: Database) -> None:
    task(db, NOW - HOUR)
    with db.write() as connection:
        connection.execute(update(JournalEntry).values(status=StepStatus.DONE))
    assert references(db, Group.LATE) == []
