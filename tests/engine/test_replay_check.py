"""Before new code runs: which open cases it may claim, and what it would do otherwise."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from cases.db import Database
from cases.journal import CaseFile
from cases.models import ReplayDifference
from cases.permissions import SYSTEM
from cases.revisions import rewind, withdraw
from cases.transaction import carry_out
from flows.engine.replay_check import activate, is_active, replay_check
from flows.engine.runtime import Runtime
from tasks.approval import Choice, approval
from tasks.letter import letter
from tests.births import submit_birth
from tests.conftest import NOW
from tests.database.racing import after_select
from tests.engine.toys import decide_step, journal, look, ready, settle, toy

YES = Choice("yes")


def _old(case: CaseFile) -> str:
    return approval(case, "review", by="registrar", outcomes=(YES,)).outcome


def _with_a_letter(case: CaseFile) -> str:
    letter(case, "welcome", {})
    return _old(case)


def _with_another_role(case: CaseFile) -> str:
    return approval(case, "review", by="supervisor", outcomes=(YES,)).outcome


OLD = toy(_old, code="old")
SAME = toy(_old, code="same")
MORE = toy(_with_a_letter, code="more")
OTHER = toy(_with_another_role, code="other")


@pytest.fixture
def waiting(db: Database) -> int:
    """The id of a birth that waits for its review on the code `old`, which is active."""
    activate(db, OLD, now=NOW)
    case_id = submit_birth(db).case_id
    settle(db, OLD)
    return case_id


def _is_active(db: Database, runtime: Runtime) -> bool:
    with db.read() as connection:
        return is_active(connection, runtime)


def _kept(db: Database) -> dict[int, str]:
    with db.read() as connection:
        rows = connection.execute(select(ReplayDifference.case_id, ReplayDifference.difference))
        return {row.case_id: row.difference for row in rows}


def test_activating_code_stops_the_old_and_lets_the_new_claim(db: Database, waiting: int) -> None:
    assert (_is_active(db, OLD), _is_active(db, SAME)) == (True, False)
    checked = activate(db, SAME, now=NOW)
    assert (checked.cases, checked.held, checked.differences) == (1, 0, [])
    assert (_is_active(db, OLD), _is_active(db, SAME)) == (False, True)


def test_a_case_that_comes_to_the_same_place_may_be_claimed_by_the_new_code(
    db: Database, waiting: int
) -> None:
    activate(db, SAME, now=NOW)
    decide_step(db, waiting, "review", "yes")
    assert (ready(db, OLD), ready(db, SAME)) == ([], [waiting])


def test_a_case_that_cannot_be_replayed_is_held_with_the_difference(db: Database, waiting: int) -> None:
    checked = activate(db, OTHER, now=NOW)
    (difference,) = checked.differences
    assert (difference.case_id, difference.holds) == (waiting, True)
    assert "asked of supervisor, the journal asked registrar" in difference.what
    assert _kept(db) == {waiting: difference.what}


def test_a_held_case_takes_decisions_and_is_claimed_by_no_code_but_its_own(
    db: Database, waiting: int
) -> None:
    activate(db, OTHER, now=NOW)
    decide_step(db, waiting, "review", "yes")
    assert (ready(db, OTHER), ready(db, OLD)) == ([], [waiting])


def test_a_case_that_would_only_do_more_is_listed_and_passes(db: Database, waiting: int) -> None:
    checked = activate(db, MORE, now=NOW)
    assert [(found.what, found.holds) for found in checked.differences] == [
        ("would also do: letter welcome", False)
    ]
    assert (look(db, waiting).case.code, _kept(db)) == ("more", {})
    decide_step(db, waiting, "review", "yes")
    settle(db, MORE)
    assert journal(db, waiting) == {"review": "done", "welcome": "done"}


def test_a_mended_procedure_passes_what_was_held(db: Database, waiting: int) -> None:
    activate(db, OTHER, now=NOW)
    assert activate(db, SAME, now=NOW).held == 0
    assert (_kept(db), look(db, waiting).case.code) == ({}, "same")


def test_going_back_to_the_old_code_is_the_same_act(db: Database, waiting: int) -> None:
    activate(db, OTHER, now=NOW)
    activate(db, OLD, now=NOW)
    decide_step(db, waiting, "review", "yes")
    assert ready(db, OLD) == [waiting]


def test_a_held_case_that_is_rewound_may_be_claimed_by_the_new_code(db: Database, waiting: int) -> None:
    activate(db, OTHER, now=NOW)
    carry_out(db, rewind, case_id=waiting, to_key="review", reason="New rule", actor=SYSTEM, now=NOW)
    settle(db, OTHER)
    assert look(db, waiting).in_force[0].role == "supervisor"


def test_activating_the_same_code_again_looks_at_no_case(db: Database, waiting: int) -> None:
    assert activate(db, OLD, now=NOW).cases == 0


def test_a_case_never_advanced_and_a_closed_one_are_not_looked_at(db: Database, waiting: int) -> None:
    submit_birth(db)
    carry_out(db, withdraw, case_id=waiting, actor=SYSTEM, now=NOW)
    assert activate(db, OTHER, now=NOW).cases == 0


def test_a_case_decided_while_it_is_checked_is_checked_again(db: Database, waiting: int) -> None:
    todo = [lambda: decide_step(db, waiting, "review", "yes")]
    with after_select(db, 2, lambda: todo.pop()() if todo else None):
        checked = activate(db, SAME, now=NOW)
    assert (checked.cases, checked.held) == (1, 0)
    assert ready(db, SAME) == [waiting]


def test_asking_what_would_differ_changes_nothing(db: Database, waiting: int) -> None:
    before = look(db, waiting)
    assert replay_check(db, OTHER).held == 1
    assert replay_check(db, SAME).held == 0
    assert (look(db, waiting), _kept(db), _is_active(db, OLD)) == (before, {}, True)


def test_a_difference_tells_nothing_of_a_person(db: Database) -> None:
    def stumbling(case: CaseFile) -> str:
        raise KeyError(case.answers.child_name)

    case_id = submit_birth(db).case_id
    settle(db, OLD)
    assert "Losalini" not in replay_check(db, toy(stumbling, code="x")).differences[0].what
    assert case_id
