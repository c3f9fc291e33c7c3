"""The chain of events: what a verification finds."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, event, func, select, update

from cases.actions import answer, claim, decide
from cases.audit import BrokenChain, chained, log_read, verify
from cases.db import Database
from cases.models import AccessLogEntry, Case, Event
from cases.permissions import Actor
from cases.transaction import carry_out
from tests.births import submit_birth
from tests.conftest import NOW
from tests.database.rows import look, open_question, open_task


@pytest.fixture
def told(db: Database, registrar: Actor) -> int:
    """The id of a birth with four events: submitted, claimed, decided, answered."""
    case_id = submit_birth(db).case_id
    task, question = open_task(db, case_id), open_question(db, case_id)
    carry_out(db, claim, step_id=task, actor=registrar, now=NOW)
    carry_out(db, decide, step_id=task, outcome="register", actor=registrar, now=NOW)
    carry_out(db, answer, step_id=question, text="Yes", actor=Actor.citizen(case_id), now=NOW)
    return case_id


def _faults(db: Database, **named: int) -> list[str]:
    with db.read() as connection:
        return [found.problem for found in verify(connection, **named) if isinstance(found, BrokenChain)]


def _tamper(db: Database, *statements: Any) -> None:
    with db.write() as connection:
        for statement in statements:
            connection.execute(statement)


def test_an_untouched_chain_passes(db: Database, told: int) -> None:
    assert [event.kind for event in look(db, told).events] == ["submitted", "claimed", "decided", "answered"]
    assert _faults(db) == []


def test_an_event_whose_body_was_changed_is_found(db: Database, told: int) -> None:
    body = func.replace(Event.body, "register", "refuse")
    _tamper(db, update(Event).where(Event.seq == 3).values(body=body))
    assert _faults(db) == ["event 3 was changed"]


def test_a_forged_event_whose_hash_fits_is_found_by_the_next_one(db: Database, told: int) -> None:
    second, third = look(db, told).events[1:3]
    body = third.body.replace("register", "refuse")
    forged = {"body": body, "hash": chained(second.hash, body)}
    _tamper(db, update(Event).where(Event.seq == 3).values(forged))
    assert _faults(db) == ["event 4 was changed"]


def test_a_forged_last_event_whose_hash_fits_is_found_by_the_case(db: Database, told: int) -> None:
    third, last = look(db, told).events[2:]
    body = last.body.replace("citizen", "nobody")
    forged = {"body": body, "hash": chained(third.hash, body)}
    _tamper(db, update(Event).where(Event.seq == 4).values(forged))
    assert "the newest was changed" in _faults(db)[0]


@pytest.mark.parametrize("seq", [1, 2, 3])
def test_a_removed_event_is_found(db: Database, told: int, seq: int) -> None:
    _tamper(db, delete(Event).where(Event.seq == seq))
    assert _faults(db) == [f"event {seq} is missing"]


def test_a_removed_last_event_is_found(db: Database, told: int) -> None:
    _tamper(db, delete(Event).where(Event.seq == 4))
    assert "says 4 events, there are 3" in _faults(db)[0]


def test_a_case_that_lost_all_its_events_is_found(db: Database, told: int) -> None:
    _tamper(db, delete(Event))
    assert "says 4 events, there are 0" in _faults(db)[0]


def test_a_changed_count_is_found(db: Database, told: int) -> None:
    _tamper(db, update(Case).values(audit_count=5))
    assert "says 5 events, there are 4" in _faults(db)[0]


def test_reordered_events_are_found(db: Database, told: int) -> None:
    for old, new in ((2, 99), (3, 2), (99, 3)):
        _tamper(db, update(Event).where(Event.seq == old).values(seq=new))
    assert _faults(db) == ["event 2 was changed"]


def test_a_kind_that_differs_from_its_body_is_found(db: Database, told: int) -> None:
    _tamper(db, update(Event).where(Event.seq == 3).values(kind="claimed"))
    assert _faults(db) == ["event 3 doesn't match its columns"]


@pytest.mark.parametrize("days", [-1, 1])
def test_an_instant_that_differs_from_its_body_is_found(db: Database, told: int, days: int) -> None:
    _tamper(db, update(Event).where(Event.seq == 4).values(at=NOW + timedelta(days=days)))
    assert _faults(db) == ["event 4 doesn't match its columns"]


def test_the_events_of_another_case_do_not_pass_for_this_ones(db: Database) -> None:
    one, two = submit_birth(db), submit_birth(db)
    other = look(db, two.case_id).events[0]
    stolen = {"body": other.body, "hash": other.hash}
    _tamper(
        db,
        update(Event).where(Event.case_id == one.case_id).values(stolen),
        update(Case).where(Case.id == one.case_id).values(audit_head=other.hash),
    )
    assert _faults(db) == ["event 1 doesn't match its columns"]


def test_a_fault_of_one_case_is_told_with_its_reference_and_the_others_are_checked_on(
    db: Database,
) -> None:
    cases = [submit_birth(db) for _ in range(5)]
    _tamper(db, update(Event).where(Event.case_id == cases[1].case_id).values(body="{}"))
    with db.read() as connection:
        found = list(verify(connection, batch=2))
    assert found == [BrokenChain(cases[1].reference, "event 1 was changed"), 2, 4, 5]


def test_a_case_that_moves_on_while_it_is_verified_is_not_called_broken(
    db: Database, registrar: Actor
) -> None:
    task = open_task(db, submit_birth(db).case_id)
    waiting = [lambda: carry_out(db, claim, step_id=task, actor=registrar, now=NOW)]
    with db.read() as connection:

        @event.listens_for(connection, "after_cursor_execute")
        def move_on(*_: Any) -> None:
            while waiting:
                waiting.pop()()

        assert [found for found in verify(connection) if isinstance(found, BrokenChain)] == []


def test_the_instants_of_a_case_never_go_back(db: Database, registrar: Actor) -> None:
    case_id = submit_birth(db).case_id
    slow_clock = NOW - timedelta(minutes=1)
    carry_out(db, claim, step_id=open_task(db, case_id), actor=registrar, now=slow_clock)
    assert [event.at for event in look(db, case_id).events] == [NOW, NOW]
    assert _faults(db) == []


def test_erasing_the_salt_leaves_a_chain_that_still_verifies(db: Database, told: int) -> None:
    _tamper(db, update(Case).values(salt="", answers={}))
    assert _faults(db) == []


def test_the_same_words_in_two_cases_have_different_digests(db: Database) -> None:
    one, two = (look(db, submit_birth(db).case_id).events[0].body for _ in range(2))
    assert one.split('"answers":')[1][:66] != two.split('"answers":')[1][:66]


def test_reads_are_logged_apart_from_the_cases(db: Database, told: int) -> None:
    with db.write() as connection:
        log_read(connection, actor="mere", action="read-case", now=NOW, case_id=told)
    with db.read() as connection:
        row = connection.execute(select(AccessLogEntry.__table__)).one()
    assert (row.actor, row.action, row.case_id, row.at) == ("mere", "read-case", told, NOW)
    assert len(look(db, told).events) == 4
