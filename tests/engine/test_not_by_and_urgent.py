"""A second pair of eyes, and tasks that go before all others: as a procedure asks for them."""

from __future__ import annotations

import pytest

from cases.actions import claim, decide
from cases.db import Database
from cases.errors import TookPart
from cases.inbox import next_task, open_tasks
from cases.journal import CaseFile
from cases.permissions import Actor
from cases.transaction import carry_out
from flows.engine.play import Act, Scene, SceneError, play
from tasks.approval import Choice, approval
from tests.births import submit_birth
from tests.conftest import NOW
from tests.engine.toys import MERE, decide_step, look, settle, step, toy

YES = Choice("register")
RAVI = Actor("ravi", role="registrar", office="suva", full_name="Ravi Prasad")


def _checked_by_another(case: CaseFile) -> str:
    first = approval(case, "review", by="registrar", outcomes=(YES,))
    second = approval(case, "late-ruling", by="registrar", outcomes=(YES,), not_by=(first.by,))
    return f"registered by {second.by}"


def _urgent(case: CaseFile) -> str:
    urgent = "late-fee" if case.answers.child_name == "Urgent" else None
    approval(case, "review", by="registrar", outcomes=(YES,), urgent=urgent)
    return "registered"


def _half_way(db: Database) -> int:
    """A case that Mere has decided once; return the id of the second task."""
    case_id = submit_birth(db).case_id
    settle(db, toy(_checked_by_another))
    decide_step(db, case_id, "review", "register")
    settle(db, toy(_checked_by_another))
    return int(step(db, case_id, "late-ruling").id)


@pytest.mark.parametrize("verb", [claim, decide])
def test_whoever_decided_the_first_step_may_not_have_the_second(db: Database, verb: object) -> None:
    task = _half_way(db)
    named = {"outcome": "register"} if verb is decide else {}
    with pytest.raises(TookPart, match="mere took part in this case; step late-ruling is for somebody else"):
        carry_out(db, verb, step_id=task, actor=MERE, now=NOW, **named)  # type: ignore[arg-type]


def test_another_officer_decides_the_second_step(db: Database) -> None:
    task = _half_way(db)
    case_id = carry_out(db, decide, step_id=task, outcome="register", actor=RAVI, now=NOW).case_id
    settle(db, toy(_checked_by_another))
    assert look(db, case_id).case.outcome == "registered by ravi"


def test_the_inbox_says_whom_a_task_is_not_for(db: Database) -> None:
    _half_way(db)
    with db.read() as connection:
        (item,) = open_tasks(connection, MERE).items
    assert (item.is_for("mere"), item.is_for("ravi")) == (False, True)


def test_the_next_task_is_none_that_somebody_else_has_to_decide(db: Database) -> None:
    task = _half_way(db)
    with db.read() as connection:
        assert next_task(connection, MERE, now=NOW) is None
        following = next_task(connection, RAVI, now=NOW)
    assert following is not None and following.step_id == task


def test_a_procedure_calls_a_task_urgent_by_a_phrase(db: Database) -> None:
    plain, urgent = submit_birth(db).case_id, submit_birth(db, child_name="Urgent").case_id
    settle(db, toy(_urgent))
    with db.read() as connection:
        items = open_tasks(connection, MERE).items
    assert [(item.step_id, item.urgent) for item in items] == [
        (step(db, urgent, "review").id, "late-fee"),
        (step(db, plain, "review").id, None),
    ]


def test_an_urgent_task_without_words_is_an_incident(db: Database) -> None:
    def procedure(case: CaseFile) -> str:
        approval(case, "review", by="registrar", outcomes=(YES,), urgent="because")
        return "registered"

    submit_birth(db)
    assert settle(db, toy(procedure)) == {"incident": 1}


def test_a_scene_in_which_the_same_officer_decides_twice_is_refused() -> None:
    acts = [
        Act("review", NOW, {"outcome": "register", "by_name": "M", "by_role": "registrar"}, by="Mere"),
        Act("late-ruling", NOW, {"outcome": "register", "by_name": "M", "by_role": "registrar"}, by="Mere"),
    ]
    with pytest.raises(SceneError, match=r"act 2 \(late-ruling\): Mere took part"):
        play(Scene({}, NOW, acts), toy(_checked_by_another))
