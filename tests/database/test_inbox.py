"""The officers' inbox: what is in it for whom, in which order, a page at a time."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from cases.actions import claim, decide
from cases.db import Database
from cases.errors import NotAllowed
from cases.inbox import InboxItem, count_open, open_tasks
from cases.permissions import SYSTEM, Actor
from cases.revisions import withdraw
from cases.transaction import carry_out
from cases.vocabulary import Role
from tests.births import submit_birth
from tests.conftest import NOW
from tests.database.rows import open_question, open_task

HOUR = timedelta(hours=1)


def _task(
    db: Database,
    due_at: datetime = NOW,
    *,
    office: str = "suva",
    role: str = "registrar",
    urgent: str | None = None,
) -> int:
    case_id = submit_birth(db, office=office).case_id
    return open_task(db, case_id, role=role, due_at=due_at, urgent=urgent)


def _inbox(db: Database, actor: Actor, *, held_by: str | None = None) -> list[int]:
    with db.read() as connection:
        return [item.step_id for item in open_tasks(connection, actor, held_by=held_by).items]


def _leaf_through(db: Database, actor: Actor, limit: int) -> list[list[int]]:
    pages, after = [], None
    with db.read() as connection:
        while not pages or after is not None:
            page = open_tasks(connection, actor, after=after, limit=limit)
            pages.append([item.step_id for item in page.items])
            after = page.next
    return pages


def _count(db: Database, actor: Actor, overdue_at: datetime | None = None) -> int:
    with db.read() as connection:
        return count_open(connection, actor, overdue_at=overdue_at)


def test_what_is_due_first_comes_first(db: Database, registrar: Actor) -> None:
    last, first, middle = _task(db, NOW + HOUR), _task(db, NOW - HOUR), _task(db, NOW)
    assert _inbox(db, registrar) == [first, middle, last]


def test_of_tasks_due_at_the_same_instant_the_older_comes_first(db: Database, registrar: Actor) -> None:
    tasks = [_task(db) for _ in range(3)]
    assert _inbox(db, registrar) == tasks


def test_pages_leave_no_task_out_and_repeat_none(db: Database, registrar: Actor) -> None:
    due = [NOW, NOW, NOW, NOW + HOUR, NOW + HOUR, NOW - HOUR, NOW]
    tasks = [(when, _task(db, when)) for when in due]
    pages = _leaf_through(db, registrar, 2)
    assert [len(page) for page in pages] == [2, 2, 2, 1]
    assert [step for page in pages for step in page] == [step for _, step in sorted(tasks)]


def test_a_last_page_that_is_just_full_names_no_next_one(db: Database, registrar: Actor) -> None:
    tasks = [_task(db) for _ in range(4)]
    assert _leaf_through(db, registrar, 2) == [tasks[:2], tasks[2:]]


def test_a_task_decided_between_two_pages_makes_no_gap(db: Database, registrar: Actor) -> None:
    tasks = [_task(db) for _ in range(4)]
    with db.read() as connection:
        first = open_tasks(connection, registrar, limit=2)
    carry_out(db, decide, step_id=tasks[0], outcome="register", actor=registrar, now=NOW)
    with db.read() as connection:
        second = open_tasks(connection, registrar, limit=2, after=first.next)
    assert [item.step_id for item in second.items] == tasks[2:]


def test_an_empty_inbox_is_one_empty_page(db: Database, registrar: Actor) -> None:
    assert _leaf_through(db, registrar, 2) == [[]]


def test_an_item_tells_what_the_list_shows(db: Database, registrar: Actor) -> None:
    case = submit_birth(db)
    step = open_task(db, case.case_id, due_at=NOW + HOUR)
    with db.read() as connection:
        (item,) = open_tasks(connection, registrar).items
    assert item == InboxItem(
        step, "review", "birth-registration", case.reference, "suva", "web", NOW, NOW, NOW + HOUR, None, None
    )


def test_an_urgent_task_comes_before_what_is_due_earlier(db: Database, registrar: Actor) -> None:
    overdue, urgent = _task(db, NOW - HOUR), _task(db, urgent="jail")
    more_urgent = _task(db, NOW - HOUR, urgent="jail")
    assert _inbox(db, registrar) == [more_urgent, urgent, overdue]


@pytest.mark.parametrize("limit", [1, 2, 3, 4, 5, 6])
def test_pages_lead_from_the_urgent_tasks_to_the_others(db: Database, registrar: Actor, limit: int) -> None:
    due = [(NOW + HOUR, "jail"), (NOW, "jail"), (NOW - HOUR, None), (NOW, None), (NOW, "jail"), (NOW, None)]
    tasks = [_task(db, when, urgent=urgent) for when, urgent in due]
    listed = [step for page in _leaf_through(db, registrar, limit) for step in page]
    assert listed == [tasks[number] for number in (1, 4, 0, 2, 3, 5)]


def test_an_item_tells_who_holds_it_while_the_claim_lasts(db: Database, registrar: Actor) -> None:
    carry_out(db, claim, step_id=_task(db), actor=registrar, now=NOW)
    with db.read() as connection:
        (item,) = open_tasks(connection, registrar).items
    assert (item.held_by(NOW), item.held_by(NOW + HOUR)) == ("mere", None)


def test_an_officer_sees_the_tasks_of_their_office_only(
    db: Database, registrar: Actor, distant_registrar: Actor
) -> None:
    suva, labasa = _task(db), _task(db, office="labasa")
    assert (_inbox(db, registrar), _inbox(db, distant_registrar)) == ([suva], [labasa])


def test_a_registrar_does_not_see_a_supervisors_task(db: Database, registrar: Actor) -> None:
    _task(db, role=Role.SUPERVISOR)
    assert _inbox(db, registrar) == []


def test_a_supervisor_of_all_offices_sees_the_tasks_of_all(db: Database, supervisor: Actor) -> None:
    tasks = [_task(db), _task(db, office="labasa"), _task(db, role=Role.SUPERVISOR)]
    assert _inbox(db, supervisor) == tasks


def test_a_question_to_the_citizen_is_in_no_inbox(db: Database, supervisor: Actor) -> None:
    open_question(db, submit_birth(db).case_id)
    assert _inbox(db, supervisor) == []


def test_what_was_decided_or_withdrawn_is_in_no_inbox(db: Database, registrar: Actor) -> None:
    decided, case = _task(db), submit_birth(db).case_id
    open_task(db, case)
    carry_out(db, decide, step_id=decided, outcome="register", actor=registrar, now=NOW)
    carry_out(db, withdraw, case_id=case, actor=SYSTEM, now=NOW)
    assert _inbox(db, registrar) == []


def test_an_officer_can_list_what_they_hold(db: Database, registrar: Actor, other_registrar: Actor) -> None:
    mine, theirs = _task(db), _task(db)
    _task(db)
    carry_out(db, claim, step_id=mine, actor=registrar, now=NOW)
    carry_out(db, claim, step_id=theirs, actor=other_registrar, now=NOW)
    assert _inbox(db, registrar, held_by="mere") == [mine]


@pytest.mark.parametrize("who", ["administrator", "stranger"])
def test_whoever_may_not_read_an_inbox_gets_neither_tasks_nor_counts(
    db: Database, who: str, request: pytest.FixtureRequest
) -> None:
    actor = request.getfixturevalue(who)
    with pytest.raises(NotAllowed):
        _inbox(db, actor)
    with pytest.raises(NotAllowed):
        _count(db, actor)


def test_open_and_late_tasks_are_counted_for_their_officer(
    db: Database, registrar: Actor, supervisor: Actor
) -> None:
    for due, office in ((NOW - HOUR, "suva"), (NOW, "suva"), (NOW - HOUR, "labasa")):
        _task(db, due, office=office)
    assert (_count(db, registrar), _count(db, supervisor)) == (2, 3)
    assert (_count(db, registrar, NOW), _count(db, supervisor, NOW)) == (1, 2)
