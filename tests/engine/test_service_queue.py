"""The ready cases of a service as a shift takes them."""

from __future__ import annotations

import pytest

from cases.db import Database
from cases.journal import CaseFile
from flows.engine.leases import LeaseHandle, LeaseLost, request, take
from flows.engine.replay_check import activate
from flows.engine.service_queue import DIED_ALONE, ServiceQueue
from tasks.approval import Choice, approval
from tests.births import submit_birth
from tests.conftest import NOW
from tests.engine.slips import let_expire
from tests.engine.toys import journal, look, toy


def _procedure(case: CaseFile) -> str:
    return approval(case, "review", by="registrar", outcomes=(Choice("yes"),)).outcome


RUNTIME = toy(_procedure, code="now")


@pytest.fixture
def queue(db: Database) -> ServiceQueue:
    """The queue of births, worked two at a time, whose code is active."""
    activate(db, RUNTIME, now=NOW)
    return ServiceQueue(db, RUNTIME, batch=2)


def _lease(db: Database, slot: int = 0) -> LeaseHandle:
    asked = request(db, "birth-registration", slot, "test")
    assert asked is not None
    lease = take(db, asked, holder="test", flow_run_id=None)
    assert lease is not None
    return lease


def _backlog(db: Database, queue: ServiceQueue, at_most: int = 10) -> int:
    with db.read() as connection:
        return queue.backlog(connection, at_most)


def test_a_batch_advances_the_oldest_ready_cases(db: Database, queue: ServiceQueue) -> None:
    cases = [submit_birth(db) for _ in range(3)]
    report = queue.work_once(_lease(db))
    assert (report.done, report.counts, report.more) == (2, {"advanced": 2}, True)
    assert report.references == [case.reference for case in cases[:2]]
    assert _backlog(db, queue) == 1


def test_nothing_ready_is_an_empty_batch(db: Database, queue: ServiceQueue) -> None:
    report = queue.work_once(_lease(db))
    assert (report.done, report.more) == (0, False)


def test_the_backlog_counts_no_further_than_asked(db: Database, queue: ServiceQueue) -> None:
    for _ in range(3):
        submit_birth(db)
    assert (_backlog(db, queue), _backlog(db, queue, 2)) == (3, 2)


def test_cases_in_the_hand_of_another_slot_are_left_alone(db: Database, queue: ServiceQueue) -> None:
    mine, theirs = (submit_birth(db).case_id for _ in range(2))
    _lease(db, slot=1).hold([theirs])
    assert queue.work_once(_lease(db)).done == 1
    assert (journal(db, mine), journal(db, theirs)) == ({"review": "open"}, {})


def test_a_shift_whose_lease_was_taken_over_writes_nothing(db: Database, queue: ServiceQueue) -> None:
    case_id, stale = submit_birth(db).case_id, _lease(db)
    let_expire(db)
    _lease(db)
    with pytest.raises(LeaseLost):
        queue.work_once(stale)
    assert journal(db, case_id) == {}


def test_code_that_is_no_longer_active_writes_nothing(db: Database, queue: ServiceQueue) -> None:
    case_id = submit_birth(db).case_id
    activate(db, toy(_procedure, code="newer"), now=NOW)
    with pytest.raises(LeaseLost, match="no longer the active version"):
        queue.work_once(_lease(db))
    assert journal(db, case_id) == {}


def test_a_case_in_hand_at_a_death_is_run_alone(db: Database, queue: ServiceQueue) -> None:
    case_id = submit_birth(db).case_id
    _lease(db).hold([case_id])
    let_expire(db)
    heir = _lease(db)
    assert heir.suspects == [case_id]
    assert queue.work_alone(heir, case_id).counts == {"advanced": 1}


def test_a_suspect_that_is_no_longer_ready_is_left_alone(db: Database, queue: ServiceQueue) -> None:
    case_id = submit_birth(db).case_id
    queue.work_once(_lease(db))
    before = look(db, case_id)
    assert queue.work_alone(_lease(db, slot=1), case_id).done == 0
    assert look(db, case_id) == before


def test_a_case_that_is_given_up_is_halted_with_an_incident(db: Database, queue: ServiceQueue) -> None:
    case_id = submit_birth(db).case_id
    with db.write() as connection:
        queue.give_up(connection, case_id)
    whole = look(db, case_id)
    assert (whole.case.halted, [incident.cause for incident in whole.incidents]) == (True, [DIED_ALONE])
    assert _backlog(db, queue) == 0
