"""Decisions that rest on criteria, as the verb keeps and refuses them."""

from __future__ import annotations

from typing import Any

import pytest

from cases.actions import decide
from cases.db import Database
from cases.errors import NotGrounded, ReasonMissing
from cases.permissions import Actor
from cases.transaction import carry_out
from tests.births import submit_birth
from tests.conftest import NOW
from tests.database.rows import look_at_step, open_task

OFFERED = [
    {"key": "award", "needs": "criteria"},
    {"key": "refuse", "needs": "grounds"},
    {"key": "ask", "needs": "question"},
]
SHOWN = [
    {"key": "income", "status": "not-met", "facts": []},
    {"key": "residence", "status": "not-proven", "facts": []},
    {"key": "identity", "status": "met", "facts": []},
]
INCOME = {"criterion": "income", "text": "It is above the limit."}
RESIDENCE = {"criterion": "residence", "text": "Nothing shows it."}


@pytest.fixture
def task(db: Database) -> int:
    """The id of an open task that shows one criterion met and two that aren't."""
    return open_task(db, submit_birth(db).case_id, outcomes=OFFERED, shows={"criteria": SHOWN})


def _decide(db: Database, task: int, outcome: str, actor: Actor, **named: Any) -> Any:
    carry_out(db, decide, step_id=task, outcome=outcome, actor=actor, now=NOW, **named)
    return look_at_step(db, task).result


def test_an_adverse_decision_keeps_its_grounds(db: Database, task: int, registrar: Actor) -> None:
    result = _decide(db, task, "refuse", registrar, grounds=[INCOME, RESIDENCE])
    assert (result["grounds"], "overrides" in result) == ([INCOME, RESIDENCE], False)


def test_an_adverse_decision_without_a_ground_leaves_the_task_open(
    db: Database, task: int, registrar: Actor
) -> None:
    with pytest.raises(NotGrounded, match="residence: gives no ground"):
        _decide(db, task, "refuse", registrar, grounds=[INCOME])
    assert look_at_step(db, task).status == "open"


def test_a_favourable_decision_keeps_what_was_overridden_and_why(
    db: Database, task: int, registrar: Actor
) -> None:
    overrides = [{**said, "to": "met"} for said in (INCOME, RESIDENCE)]
    assert _decide(db, task, "award", registrar, overrides=overrides)["overrides"] == overrides


def test_a_favourable_decision_over_an_unmet_criterion_is_refused(
    db: Database, task: int, registrar: Actor
) -> None:
    with pytest.raises(NotGrounded, match="residence: leaves a criterion unmet"):
        _decide(db, task, "award", registrar, overrides=[{**INCOME, "to": "met"}])


def test_an_adverse_decision_may_have_reasons_beside_its_grounds(
    db: Database, task: int, registrar: Actor
) -> None:
    reasons = [{"key": "other", "text": "The fund is closed."}]
    result = _decide(db, task, "refuse", registrar, grounds=[INCOME, RESIDENCE], reasons=reasons)
    assert result["reasons"] == reasons


def test_an_overlong_ground_is_refused(db: Database, task: int, registrar: Actor) -> None:
    long = {"criterion": "income", "text": "?" * 5_001}
    with pytest.raises(ReasonMissing, match="at most 5000"):
        _decide(db, task, "refuse", registrar, grounds=[long, RESIDENCE])


def test_a_question_takes_no_override(db: Database, task: int, registrar: Actor) -> None:
    with pytest.raises(NotGrounded, match="is not one on criteria"):
        _decide(db, task, "ask", registrar, question="Where?", overrides=[{**INCOME, "to": "met"}])
