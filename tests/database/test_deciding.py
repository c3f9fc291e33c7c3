"""Deciding a task: what it writes, and what it refuses."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from cases.actions import CLAIM_LASTS, claim, decide
from cases.case_rows import Done
from cases.db import Database
from cases.decision_words import MAX_TEXT
from cases.errors import (
    AlreadyDecided,
    CaseClosed,
    HeldByAnother,
    NotAllowed,
    NotFound,
    OutcomeNotOffered,
    ReasonMissing,
    SeenSomethingElse,
)
from cases.permissions import Actor
from cases.revisions import record_incident, rewind, withdraw
from cases.transaction import carry_out
from cases.vocabulary import Role
from tests.conftest import NOW
from tests.database.racing import at_once, meanwhile, of_kind
from tests.database.rows import REASON, look, look_at_step, open_task


def _decide(db: Database, task: int, outcome: str, actor: Actor, now: datetime = NOW, **named: Any) -> Done:
    return carry_out(db, decide, step_id=task, outcome=outcome, actor=actor, now=now, **named)


def test_a_decision_closes_the_task_and_makes_the_case_ready(
    db: Database, birth: int, task: int, registrar: Actor
) -> None:
    _decide(db, task, "register", registrar)
    step = look_at_step(db, task)
    assert (step.status, step.done_by, step.done_at) == ("done", "mere", NOW)
    assert look(db, birth).case.ready


def test_a_decision_keeps_how_the_officer_was_called_that_day(
    db: Database, task: int, registrar: Actor
) -> None:
    _decide(db, task, "register", registrar, note=" seen the papers ")
    assert look_at_step(db, task).result == {
        "outcome": "register",
        "by_name": "Mere Tukana",
        "by_role": "registrar",
        "note": "seen the papers",
    }


def test_signs_that_cannot_be_stored_are_left_out_of_what_an_officer_wrote(
    db: Database, task: int, registrar: Actor
) -> None:
    _decide(db, task, "ask", registrar, question="Who\x00 was\r\nthere?\x1b")
    assert look_at_step(db, task).result["question"] == "Who was\nthere?"


def test_a_refusal_keeps_its_reasons(db: Database, task: int, registrar: Actor) -> None:
    _decide(db, task, "refuse", registrar, reasons=[REASON])
    assert look_at_step(db, task).result["reasons"] == [REASON]


@pytest.mark.parametrize("reasons", [[], [REASON | {"text": "  "}], [REASON, REASON | {"text": ""}]])
def test_a_refusal_without_its_words_is_refused(
    db: Database, task: int, registrar: Actor, reasons: list[dict[str, str]]
) -> None:
    with pytest.raises(ReasonMissing):
        _decide(db, task, "refuse", registrar, reasons=reasons)
    assert look_at_step(db, task).status == "open"


@pytest.mark.parametrize("question", [None, "", " \n"])
def test_asking_without_a_question_is_refused(
    db: Database, task: int, registrar: Actor, question: str | None
) -> None:
    with pytest.raises(ReasonMissing, match="a question"):
        _decide(db, task, "ask", registrar, question=question)


def test_words_beyond_the_limit_are_refused_and_not_cut(db: Database, task: int, registrar: Actor) -> None:
    with pytest.raises(ReasonMissing, match="at most"):
        _decide(db, task, "ask", registrar, question="?" * (MAX_TEXT + 1))


def test_an_outcome_that_the_task_does_not_offer_is_refused(
    db: Database, task: int, registrar: Actor
) -> None:
    with pytest.raises(OutcomeNotOffered, match="'approve'"):
        _decide(db, task, "approve", registrar)


def test_a_task_that_nobody_claimed_may_be_decided(db: Database, task: int, registrar: Actor) -> None:
    _decide(db, task, "register", registrar)
    assert look_at_step(db, task).claimed_by is None


def test_a_task_that_is_held_is_decided_by_its_holder_only(
    db: Database, task: int, registrar: Actor, other_registrar: Actor
) -> None:
    carry_out(db, claim, step_id=task, actor=registrar, now=NOW)
    with pytest.raises(HeldByAnother) as caught:
        _decide(db, task, "register", other_registrar)
    assert caught.value.by == "mere"
    _decide(db, task, "register", registrar)


def test_a_claim_that_ran_out_holds_nobody_back(
    db: Database, task: int, registrar: Actor, other_registrar: Actor
) -> None:
    carry_out(db, claim, step_id=task, actor=registrar, now=NOW)
    _decide(db, task, "register", other_registrar, now=NOW + CLAIM_LASTS)
    assert look_at_step(db, task).done_by == "ravi"


def test_a_decision_that_waited_for_a_claim_sees_it(
    db: Database, task: int, registrar: Actor, other_registrar: Actor
) -> None:
    result = meanwhile(
        db,
        lambda connection: claim(connection, step_id=task, actor=registrar, now=NOW),
        lambda: _decide(db, task, "register", other_registrar),
    )
    assert isinstance(result, HeldByAnother)


def test_a_second_decision_is_told_who_decided_how(
    db: Database, task: int, registrar: Actor, other_registrar: Actor
) -> None:
    _decide(db, task, "register", registrar)
    with pytest.raises(AlreadyDecided) as caught:
        _decide(db, task, "refuse", other_registrar, reasons=[REASON])
    assert (caught.value.by, caught.value.outcome) == ("mere", "register")


def test_of_two_decisions_at_once_exactly_one_lands(
    db: Database, birth: int, task: int, registrar: Actor, other_registrar: Actor
) -> None:
    results = at_once(
        lambda: _decide(db, task, "register", registrar),
        lambda: _decide(db, task, "refuse", other_registrar, reasons=[REASON]),
    )
    (lost,) = of_kind(results, AlreadyDecided)
    step = look_at_step(db, task)
    assert (lost.by, lost.outcome) == (step.done_by, step.result["outcome"])
    assert [event.kind for event in look(db, birth).events].count("decided") == 1


def test_a_decision_that_waited_for_another_is_told_who_decided_how(
    db: Database, task: int, registrar: Actor, other_registrar: Actor
) -> None:
    result = meanwhile(
        db,
        lambda connection: decide(connection, step_id=task, outcome="register", actor=registrar, now=NOW),
        lambda: _decide(db, task, "register", other_registrar),
    )
    assert isinstance(result, AlreadyDecided)
    assert (result.by, result.outcome) == ("mere", "register")


def test_a_decision_lands_when_the_one_it_waited_for_was_rolled_back(
    db: Database, task: int, registrar: Actor, other_registrar: Actor
) -> None:
    result = meanwhile(
        db,
        lambda connection: decide(connection, step_id=task, outcome="register", actor=registrar, now=NOW),
        lambda: _decide(db, task, "register", other_registrar),
        commit=False,
    )
    assert isinstance(result, Done)
    assert look_at_step(db, task).done_by == "ravi"


def test_a_decision_on_what_the_officer_saw_lands(db: Database, task: int, registrar: Actor) -> None:
    _decide(db, task, "register", registrar, seen="what-is-shown")
    assert look_at_step(db, task).status == "done"


def test_a_decision_on_something_else_than_the_task_shows_is_refused(
    db: Database, task: int, registrar: Actor
) -> None:
    with pytest.raises(SeenSomethingElse):
        _decide(db, task, "register", registrar, seen="what-was-shown-yesterday")


def test_a_decision_of_another_office_is_refused(db: Database, task: int, distant_registrar: Actor) -> None:
    with pytest.raises(NotAllowed):
        _decide(db, task, "register", distant_registrar)


def test_a_supervisor_does_not_decide_a_registrars_task(db: Database, task: int, supervisor: Actor) -> None:
    with pytest.raises(NotAllowed, match="a task for registrar"):
        _decide(db, task, "register", supervisor)


def test_a_registrar_does_not_decide_a_supervisors_task(db: Database, birth: int, registrar: Actor) -> None:
    task = open_task(db, birth, "late-registration", role=Role.SUPERVISOR)
    with pytest.raises(NotAllowed, match="a task for supervisor"):
        _decide(db, task, "register", registrar)


def test_a_decision_on_an_unknown_task_finds_nothing(db: Database, registrar: Actor) -> None:
    with pytest.raises(NotFound):
        _decide(db, 999, "register", registrar)


def test_a_task_of_a_withdrawn_case_is_no_longer_decided(
    db: Database, birth: int, task: int, registrar: Actor, applicant: Actor
) -> None:
    carry_out(db, withdraw, case_id=birth, actor=applicant, now=NOW)
    with pytest.raises(AlreadyDecided, match="cancelled"):
        _decide(db, task, "register", registrar)


def test_a_decision_that_waited_for_a_withdrawal_does_not_land(
    db: Database, birth: int, task: int, registrar: Actor, applicant: Actor
) -> None:
    result = meanwhile(
        db,
        lambda connection: withdraw(connection, case_id=birth, actor=applicant, now=NOW),
        lambda: _decide(db, task, "register", registrar),
    )
    assert isinstance(result, AlreadyDecided | CaseClosed)
    assert look(db, birth).case.outcome == "withdrawn"


def test_a_task_that_was_set_aside_is_no_longer_decided(
    db: Database, birth: int, task: int, registrar: Actor, supervisor: Actor
) -> None:
    carry_out(db, rewind, case_id=birth, to_key="review", reason="wrong file", actor=supervisor, now=NOW)
    with pytest.raises(AlreadyDecided):
        _decide(db, task, "register", registrar)


def test_a_refused_decision_writes_nothing(
    db: Database, birth: int, task: int, distant_registrar: Actor
) -> None:
    before = look(db, birth)
    with pytest.raises(NotAllowed):
        _decide(db, task, "register", distant_registrar)
    assert look(db, birth) == before


def test_a_decision_raises_the_version_of_its_case(
    db: Database, birth: int, task: int, registrar: Actor
) -> None:
    before = look(db, birth).case.version
    _decide(db, task, "register", registrar)
    assert look(db, birth).case.version == before + 1


def test_the_trail_tells_a_decision_without_its_words(
    db: Database, birth: int, task: int, registrar: Actor
) -> None:
    _decide(db, task, "refuse", registrar, reasons=[REASON])
    event = look(db, birth).events[-1]
    assert event.kind == "decided"
    assert '"outcome":"refuse"' in event.body and '"actor":"mere"' in event.body
    assert REASON["text"] not in event.body


def test_a_case_with_an_incident_is_decided_all_the_same(
    db: Database, birth: int, task: int, registrar: Actor
) -> None:
    carry_out(db, record_incident, case_id=birth, cause="c", summary="KeyError at x.py:1", halt=True, now=NOW)
    _decide(db, task, "register", registrar)
    case = look(db, birth).case
    assert (case.ready, case.halted) == (True, True)
