"""The sweep of waits that ran out."""

from __future__ import annotations

from datetime import timedelta

import pytest

from cases.actions import answer
from cases.db import Database
from cases.expiry import Swept, count_due, sweep
from cases.permissions import Actor
from cases.revisions import rewind
from cases.transaction import carry_out
from cases.vocabulary import StepKind
from tests.births import submit_birth
from tests.conftest import NOW
from tests.database.racing import after_select, at_once, meanwhile
from tests.database.rows import look, look_at_step, open_question, open_step

MINUTE = timedelta(minutes=1)


def _sweep(db: Database, limit: int = 200) -> Swept:
    with db.write() as connection:
        return sweep(connection, now=NOW, limit=limit)


def test_a_question_that_ran_out_has_no_answer_and_its_case_is_ready(db: Database, birth: int) -> None:
    question = open_question(db, birth, expires_at=NOW)
    assert _sweep(db) == Swept(1, frozenset({"birth-registration"}))
    step = look_at_step(db, question)
    assert (step.status, step.done_at, step.result, step.done_by) == ("no_answer", NOW, None, None)
    assert look(db, birth).case.ready


def test_only_what_is_due_runs_out(db: Database, birth: int) -> None:
    question = open_question(db, birth, expires_at=NOW + MINUTE)
    endless = open_question(db, birth, "endless")
    assert _sweep(db).count == 0
    assert look_at_step(db, question).status == look_at_step(db, endless).status == "open"
    assert not look(db, birth).case.ready


def test_an_instant_that_was_waited_for_is_done(db: Database, birth: int) -> None:
    step = open_step(db, birth, "birthday", StepKind.INSTANT, expires_at=NOW)
    _sweep(db)
    assert look_at_step(db, step).status == "done"


def test_an_answer_that_came_first_stands(db: Database, birth: int, applicant: Actor) -> None:
    question = open_question(db, birth, expires_at=NOW)
    carry_out(db, answer, step_id=question, text="Yes", actor=applicant, now=NOW)
    assert _sweep(db).count == 0
    assert look_at_step(db, question).result == {"text": "Yes"}


def test_a_sweep_at_the_same_moment_as_an_answer_leaves_the_case_with_one_of_them(
    db: Database, birth: int, applicant: Actor
) -> None:
    question = open_question(db, birth, expires_at=NOW)
    at_once(
        lambda: _sweep(db),
        lambda: carry_out(db, answer, step_id=question, text="Yes", actor=applicant, now=NOW),
    )
    _sweep(db)
    step, notes = look_at_step(db, question), look(db, birth).notes
    assert (step.status, len(notes)) in {("done", 0), ("no_answer", 1)}


def test_a_sweep_passes_by_a_case_that_somebody_has_locked(
    db: Database, birth: int, applicant: Actor
) -> None:
    question = open_question(db, birth, expires_at=NOW)
    swept = meanwhile(
        db,
        lambda connection: answer(connection, step_id=question, text="Yes", actor=applicant, now=NOW),
        lambda: _sweep(db),
    )
    assert swept.count == 0
    assert look_at_step(db, question).status == "done"


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)  # SQLite lets nobody in between
def test_an_answer_between_finding_what_is_due_and_locking_it_stands(
    db: Database, birth: int, applicant: Actor
) -> None:
    question, todo = open_question(db, birth, expires_at=NOW), {"text": "Yes", "actor": applicant}
    with after_select(db, 1, lambda: carry_out(db, answer, step_id=question, now=NOW, **todo)):
        assert _sweep(db).count == 0
    assert look_at_step(db, question).status == "done"


def test_two_sweeps_at_once_count_each_wait_once(db: Database) -> None:
    for _ in range(4):
        open_question(db, submit_birth(db).case_id, expires_at=NOW)
    swept = at_once(lambda: _sweep(db), lambda: _sweep(db))
    assert sum(each.count for each in swept) == 4


def test_what_ran_out_longest_ago_goes_first(db: Database) -> None:
    late = open_question(db, submit_birth(db).case_id, expires_at=NOW - MINUTE)
    later = open_question(db, submit_birth(db).case_id, expires_at=NOW - 2 * MINUTE)
    assert _sweep(db, limit=1).count == 1
    assert (look_at_step(db, later).status, look_at_step(db, late).status) == ("no_answer", "open")


def test_two_waits_of_one_case_run_out_in_one_event(db: Database, birth: int) -> None:
    open_question(db, birth, "mother", expires_at=NOW)
    open_question(db, birth, "father", expires_at=NOW)
    before = look(db, birth).case.version
    assert _sweep(db).count == 2
    whole = look(db, birth)
    assert whole.case.version == before + 1
    assert (whole.events[-1].kind, '"steps":["father","mother"]' in whole.events[-1].body) == (
        "expired",
        True,
    )


def test_a_wait_that_was_set_aside_does_not_run_out(db: Database, birth: int, supervisor: Actor) -> None:
    open_question(db, birth, expires_at=NOW)
    carry_out(db, rewind, case_id=birth, to_key="evidence", reason="typo", actor=supervisor, now=NOW)
    assert _sweep(db).count == 0


def test_what_is_due_is_counted_no_further_than_asked(db: Database) -> None:
    for _ in range(3):
        open_question(db, submit_birth(db).case_id, expires_at=NOW)
    with db.read() as connection:
        assert count_due(connection, now=NOW, at_most=10) == 3
        assert count_due(connection, now=NOW, at_most=2) == 2
        assert count_due(connection, now=NOW - MINUTE, at_most=10) == 0
