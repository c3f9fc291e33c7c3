"""The applicant's answer to a question, in time and not."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from cases.actions import Answered, answer
from cases.db import Database
from cases.errors import AlreadyDecided, CaseClosed, NotAllowed, NotFound, ReasonMissing
from cases.expiry import sweep
from cases.permissions import Actor
from cases.revisions import withdraw
from cases.transaction import carry_out
from cases.vocabulary import Role, StepKind
from tests.births import submit_birth
from tests.conftest import NOW
from tests.database.racing import at_once, meanwhile, of_kind
from tests.database.rows import look, look_at_step, open_question, open_step

WORDS = "It was Sister Litia at Colonial War Memorial."


def _answer(db: Database, question: int, actor: Actor, now: datetime = NOW, text: str = WORDS) -> Answered:
    return carry_out(db, answer, step_id=question, text=text, actor=actor, now=now)


def _sweep(db: Database, now: datetime) -> int:
    with db.write() as connection:
        return sweep(connection, now=now).count


def test_an_answer_closes_its_question_and_makes_the_case_ready(
    db: Database, birth: int, question: int, applicant: Actor
) -> None:
    assert not _answer(db, question, applicant, text=f"  {WORDS} ").late
    step = look_at_step(db, question)
    assert (step.status, step.result, step.done_by) == ("done", {"text": WORDS}, "citizen")
    assert look(db, birth).case.ready


def test_a_late_answer_counts_when_it_comes_before_the_sweep(
    db: Database, birth: int, applicant: Actor
) -> None:
    question = open_question(db, birth, expires_at=NOW)
    assert not _answer(db, question, applicant, now=NOW + timedelta(days=3)).late
    assert _sweep(db, NOW + timedelta(days=3)) == 0
    assert look_at_step(db, question).status == "done"


def test_an_answer_after_the_sweep_is_kept_as_a_note(db: Database, birth: int, applicant: Actor) -> None:
    question = open_question(db, birth, expires_at=NOW)
    _sweep(db, NOW)
    assert _answer(db, question, applicant).late
    (note,) = look(db, birth).notes
    assert (note.about, note.body, note.actor) == ("evidence", WORDS, "citizen")
    assert look_at_step(db, question).status == "no_answer"


def test_an_answer_that_waited_for_the_sweep_is_kept_as_a_note(
    db: Database, birth: int, applicant: Actor
) -> None:
    question = open_question(db, birth, expires_at=NOW)
    result = meanwhile(
        db, lambda connection: sweep(connection, now=NOW), lambda: _answer(db, question, applicant)
    )
    assert isinstance(result, Answered) and result.late
    assert len(look(db, birth).notes) == 1


def test_a_stranger_does_not_answer(db: Database, question: int, stranger: Actor) -> None:
    with pytest.raises(NotAllowed):
        _answer(db, question, stranger)


def test_the_applicant_of_another_case_does_not_answer(db: Database, question: int) -> None:
    other = Actor.citizen(submit_birth(db).case_id)
    with pytest.raises(NotAllowed):
        _answer(db, question, other)


def test_a_registrar_does_not_answer_for_the_applicant(db: Database, question: int, registrar: Actor) -> None:
    with pytest.raises(NotAllowed):
        _answer(db, question, registrar)


@pytest.mark.parametrize("text", ["", "   ", "x" * 5_001])
def test_an_answer_without_words_or_with_too_many_is_refused(
    db: Database, question: int, applicant: Actor, text: str
) -> None:
    with pytest.raises(ReasonMissing):
        _answer(db, question, applicant, text=text)
    assert look_at_step(db, question).status == "open"


def test_a_question_is_answered_once(db: Database, question: int, applicant: Actor) -> None:
    _answer(db, question, applicant)
    with pytest.raises(AlreadyDecided):
        _answer(db, question, applicant, text="No, it was somebody else.")
    assert look_at_step(db, question).result == {"text": WORDS}


def test_of_two_answers_at_once_one_counts(db: Database, question: int, applicant: Actor) -> None:
    results = at_once(
        lambda: _answer(db, question, applicant, text="One"),
        lambda: _answer(db, question, applicant, text="Two"),
    )
    assert len(of_kind(results, AlreadyDecided)) == 1


def test_an_answer_to_a_withdrawn_case_is_kept_as_a_note(
    db: Database, birth: int, question: int, applicant: Actor
) -> None:
    carry_out(db, withdraw, case_id=birth, actor=applicant, now=NOW)
    assert _answer(db, question, applicant).late
    whole = look(db, birth)
    assert (whole.case.ready, whole.case.status) == (False, "closed")
    assert [note.body for note in whole.notes] == [WORDS]


def test_an_answer_that_waited_for_a_withdrawal_changes_nothing_of_the_case(
    db: Database, birth: int, question: int, applicant: Actor
) -> None:
    result = meanwhile(
        db,
        lambda connection: withdraw(connection, case_id=birth, actor=applicant, now=NOW),
        lambda: _answer(db, question, applicant),
    )
    assert isinstance(result, Answered | CaseClosed)
    assert look(db, birth).case.outcome == "withdrawn"


def test_a_task_is_not_a_question(db: Database, task: int, applicant: Actor) -> None:
    with pytest.raises(NotFound, match="not a question"):
        _answer(db, task, applicant)


def test_the_applicant_does_not_answer_for_a_facility(db: Database, birth: int, applicant: Actor) -> None:
    question = open_step(db, birth, "notification", StepKind.FACILITY, role=Role.FACILITY_OFFICER)
    with pytest.raises(NotFound):
        _answer(db, question, applicant)


def test_the_trail_tells_an_answer_without_its_words(
    db: Database, birth: int, question: int, applicant: Actor
) -> None:
    _answer(db, question, applicant)
    event = look(db, birth).events[-1]
    assert (event.kind, WORDS in event.body) == ("answered", False)
