"""What golden cases can't say of birth registration."""

from __future__ import annotations

from datetime import timedelta

from cases.vocabulary import StepKind
from flows.engine.play import Act, Scene, play
from flows.engine.runtime import load_runtimes
from tests.births import ANSWERS
from tests.conftest import NOW


def test_a_reason_that_the_service_file_no_longer_has_is_printed_as_the_officer_wrote_it() -> None:
    decision = {
        "outcome": "refuse",
        "by_name": "Mere Tukana",
        "by_role": "registrar",
        "reasons": [{"key": "taken-out-since", "text": "The papers belong to another child."}],
    }
    scene = Scene(ANSWERS, NOW, [Act("review", NOW + timedelta(hours=1), decision, by="mere")])
    played = play(scene, load_runtimes()["birth-registration"])
    (letter,) = played.of_kind(StepKind.LETTER)
    assert letter.payload is not None
    (reason,) = letter.payload["facts"]["reasons"]
    assert reason == {"text": "The papers belong to another child.", "rule": None, "change": None}


def test_a_question_runs_out_when_the_service_file_says_that_an_answer_is_due() -> None:
    asked = {"outcome": "ask", "by_name": "Mere", "by_role": "registrar", "question": "Where?"}
    scene = Scene(ANSWERS, NOW, [Act("review", NOW + timedelta(hours=1), asked)])
    (question,) = play(scene, load_runtimes()["birth-registration"]).of_kind(StepKind.QUESTION)
    assert question.expires_at == question.due_at
