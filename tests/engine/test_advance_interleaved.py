"""What happens to a case while it is replayed, with the moment forced instead of hoped for."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, select

from cases.actions import decide
from cases.db import Database
from cases.expiry import sweep
from cases.journal import CaseFile, Replay
from cases.models import Case
from cases.permissions import SYSTEM
from cases.revisions import withdraw
from cases.transaction import carry_out
from config.budget import working_hours
from flows.engine.advance import AdvanceReport, advance, load, ready_ids, replay_all
from flows.engine.runtime import Runtime
from flows.engine.writing import Prepared, prepare, write_batch
from tasks.approval import Choice, approval, approval_wait
from tasks.citizen import NoAnswer, ask_citizen
from tasks.duplicates import find_duplicates
from tasks.message import message
from tasks.together import together
from tests.births import submit_birth
from tests.conftest import NOW
from tests.database.racing import after_select
from tests.engine.toys import (
    MERE,
    Stopped,
    decide_step,
    journal,
    look,
    ready,
    settle,
    step,
    stop_here,
    stopped_before_commit,
    toy,
)

YES, NO = Choice("yes"), Choice("no")


def both(case: CaseFile) -> str:
    """Two approvals at once, then a query; the outcome says what came of them."""
    waits = [approval_wait(key, by="registrar", outcomes=(YES, NO)) for key in ("first", "second")]
    outcomes = [entry.result["outcome"] for entry in together(case, *waits)]
    find_duplicates(case, "duplicates")
    message(case, "told", to="+6799012345")
    return "-".join(outcomes)


@pytest.fixture
def half_decided(db: Database) -> int:
    """The id of a case that is ready because the first approval was decided; the second is open."""
    case_id = submit_birth(db).case_id
    settle(db, toy(both))
    decide_step(db, case_id, "first", "yes")
    return case_id


def _prepare(db: Database, runtime: Runtime, case_id: int) -> list[Prepared]:
    """Read and replay the case, and go no further."""
    (replayed,) = replay_all(db, runtime, load(db, [case_id]))
    case, result = replayed
    assert isinstance(result, Replay)
    return [prepare(runtime, case, result, now=NOW)]


def _write(connection: Connection, prepared: list[Prepared]) -> AdvanceReport:
    report = AdvanceReport()
    write_batch(connection, prepared, now=NOW, report=report)
    return report


def test_a_decision_between_reading_and_writing_is_not_lost(db: Database, half_decided: int) -> None:
    runtime = toy(both)
    prepared = _prepare(db, runtime, half_decided)
    decide_step(db, half_decided, "second", "no")
    with db.write() as connection:
        assert _write(connection, prepared).counts == {"overtaken": 1}
    assert ready(db, runtime) == [half_decided]
    settle(db, runtime)
    assert look(db, half_decided).case.outcome == "yes-no"


@pytest.mark.parametrize("number", [1, 2])
def test_a_decision_after_any_read_of_an_advance_is_not_lost(
    db: Database, half_decided: int, number: int
) -> None:
    runtime = toy(both)
    with after_select(db, number, lambda: decide_step(db, half_decided, "second", "no")):
        report = advance(db, runtime, [half_decided], now=NOW)
    assert report.counts == {"overtaken": 1}
    settle(db, runtime)
    assert look(db, half_decided).case.outcome == "yes-no"


def test_a_decision_from_another_connection_before_the_lock_is_not_lost(
    db: Database, half_decided: int
) -> None:
    runtime = toy(both)
    with ThreadPoolExecutor(1) as pool:
        deciding: list[Future[Any]] = []

        def meanwhile(connection: Connection) -> None:
            deciding.append(pool.submit(decide_step, db, half_decided, "second", "no"))
            if db.is_postgresql:  # SQLite lets nobody write now: there the decision follows the commit
                deciding[0].result(timeout=20)

        advance(db, runtime, [half_decided], now=NOW, check_lease=meanwhile)
        deciding[0].result(timeout=20)
    settle(db, runtime)
    assert look(db, half_decided).case.outcome == "yes-no"


def test_a_decision_that_waits_for_the_writing_lands_afterwards(db: Database, half_decided: int) -> None:
    runtime, second = toy(both), step(db, half_decided, "second")
    prepared = _prepare(db, runtime, half_decided)
    with ThreadPoolExecutor(1) as pool:
        with db.write() as connection:
            connection.execute(select(Case.id).with_for_update())
            named = {"step_id": second.id, "outcome": "no", "actor": MERE, "now": NOW}
            deciding = pool.submit(carry_out, db, decide, **named)
            assert _write(connection, prepared).counts["advanced"] == 1
        deciding.result(timeout=20)
    settle(db, runtime)
    assert look(db, half_decided).case.outcome == "yes-no"


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)  # SQLite has one lock for all
def test_a_case_that_somebody_has_locked_is_passed_by_and_stays_ready(
    db: Database, half_decided: int
) -> None:
    other = submit_birth(db).case_id
    with db.write() as connection:
        connection.execute(select(Case.id).where(Case.id == half_decided).with_for_update())
        report = advance(db, toy(both), [half_decided, other], now=NOW)
    assert report.counts == {"overtaken": 1, "advanced": 1}
    assert ready(db, toy(both)) == [half_decided]


def _while_replaying(act: Callable[[], object]) -> Callable[[CaseFile], str]:
    """The procedure `both`, during whose first replay `act` happens."""
    todo = [act]

    def procedure(case: CaseFile) -> str:
        while todo:
            todo.pop()()
        return both(case)

    return procedure


def test_a_case_withdrawn_during_its_replay_stays_withdrawn(db: Database) -> None:
    case_id = submit_birth(db).case_id
    runtime = toy(_while_replaying(lambda: carry_out(db, withdraw, case_id=case_id, actor=SYSTEM, now=NOW)))
    assert advance(db, runtime, [case_id], now=NOW).counts == {"overtaken": 1}
    whole = look(db, case_id)
    assert (whole.case.outcome, whole.journal, whole.case.ready) == ("withdrawn", [], False)


def test_a_case_that_closes_is_not_withdrawn_behind_its_back(db: Database, half_decided: int) -> None:
    decide_step(db, half_decided, "second", "no")
    runtime = toy(
        _while_replaying(lambda: carry_out(db, withdraw, case_id=half_decided, actor=SYSTEM, now=NOW))
    )
    settle(db, runtime)
    whole = look(db, half_decided)
    assert (whole.case.outcome, whole.messages) == ("withdrawn", [])


def test_two_advances_of_one_case_at_once_write_it_once(db: Database) -> None:
    case_id = submit_birth(db).case_id
    begin = threading.Barrier(2, timeout=20)

    def procedure(case: CaseFile) -> str:
        begin.wait()
        return both(case)

    runtime = toy(procedure)
    with ThreadPoolExecutor(2) as pool:
        reports = list(pool.map(lambda _: advance(db, runtime, [case_id], now=NOW), range(2)))
    assert reports[0].counts + reports[1].counts == {"advanced": 1, "overtaken": 1}
    assert journal(db, case_id) == {"first": "open", "second": "open"}


def test_an_advance_that_lost_its_lease_writes_nothing(db: Database, half_decided: int) -> None:
    decide_step(db, half_decided, "second", "no")
    before = look(db, half_decided)
    with pytest.raises(Stopped):
        advance(db, toy(both), [half_decided], now=NOW, check_lease=stop_here)
    assert look(db, half_decided) == before


def test_an_advance_stopped_before_its_commit_is_done_anew_and_nothing_twice(
    db: Database, half_decided: int
) -> None:
    decide_step(db, half_decided, "second", "no")
    before = look(db, half_decided)
    with pytest.raises(Stopped), stopped_before_commit(db):
        advance(db, toy(both), [half_decided], now=NOW)
    assert look(db, half_decided) == before
    settle(db, toy(both))
    whole = look(db, half_decided)
    assert (whole.case.outcome, len(whole.messages)) == ("yes-no", 1)


def test_time_that_runs_out_during_a_replay_is_acted_on_by_the_next(db: Database) -> None:
    def procedure(case: CaseFile) -> str:
        answer = ask_citizen(case, "evidence", "Who?", within=working_hours(1))
        return "silent" if isinstance(answer, NoAnswer) else "answered"

    case_id, later = submit_birth(db).case_id, NOW + timedelta(days=30)
    settle(db, toy(procedure))
    with db.write() as connection:
        assert sweep(connection, now=later).count == 1
    settle(db, toy(procedure), later)
    assert look(db, case_id).case.outcome == "silent"


# -- which code may claim --------------------------------------------------------------------------


def one(case: CaseFile) -> str:
    """One approval and an end."""
    return approval(case, "review", by="registrar", outcomes=(YES, NO)).outcome


def test_a_case_remembers_the_code_that_advanced_it(db: Database) -> None:
    case_id = submit_birth(db).case_id
    settle(db, toy(one, code="old"))
    assert look(db, case_id).case.code == "old"


def test_a_case_last_replayed_on_other_code_is_not_claimed(db: Database) -> None:
    case_id = submit_birth(db).case_id
    settle(db, toy(one, code="old"))
    decide_step(db, case_id, "review", "yes")
    assert ready(db, toy(one, code="new")) == []
    assert ready(db, toy(one, code="old")) == [case_id]


def test_a_case_never_advanced_is_claimed_by_any_code(db: Database) -> None:
    case_id = submit_birth(db).case_id
    assert ready(db, toy(one, code="new")) == ready(db, toy(one, code="old")) == [case_id]


def test_cases_are_claimed_oldest_first_and_without_those_in_other_hands(db: Database) -> None:
    cases = [submit_birth(db).case_id for _ in range(4)]
    flow = toy(one).flow
    with db.read() as connection:
        assert ready_ids(connection, flow, limit=2) == cases[:2]
        assert ready_ids(connection, flow, limit=9, without=cases[:3]) == cases[3:]
        assert ready_ids(connection, flow, limit=9, only=cases[2]) == [cases[2]]
