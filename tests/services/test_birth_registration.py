"""What golden cases can't say of birth registration."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

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


LATE = {"child_birth_date": "2020-02-03", "notification_number": None, "father_on_notification": False}
OFFICER = {"by_name": "Mere", "by_role": "registrar"}


def test_every_wait_runs_out_when_the_service_file_says_that_it_is_due() -> None:
    answered = {"text": "Yes"}
    hour = timedelta(hours=1)
    acts = [
        Act("notification", NOW, {"outcome": "not-found"} | OFFICER),
        Act("paternity", NOW, answered),
        Act("late-fee", NOW, {"outcome": "waived", "details": {"reason": "Poor"}} | OFFICER),
        Act("late-ruling", NOW, {"outcome": "ask", "question": "Where?"} | OFFICER),
        Act("late-evidence", NOW, answered),
        Act("late-ruling#2", NOW, {"outcome": "allow"} | OFFICER),
        Act("review", NOW, {"outcome": "ask", "question": "Where?"} | OFFICER),
        Act("evidence", NOW + hour, answered),
        Act("review#2", NOW + hour, {"outcome": "register"} | OFFICER),
    ]
    played = play(Scene(ANSWERS | LATE, NOW, acts), load_runtimes()["birth-registration"])
    running_out = {step.key: step for step in played.steps if step.expires_at}
    assert {"notification", "paternity", "late-evidence", "evidence", "receipt"} == set(running_out)
    for step in running_out.values():
        assert step.expires_at == step.due_at


def test_a_limit_that_no_row_holds_for_is_nobodys_guess() -> None:
    before_the_act = datetime(1974, 5, 5, tzinfo=UTC)
    with pytest.raises(LookupError, match="normal-limit"):
        play(Scene(ANSWERS, before_the_act), load_runtimes()["birth-registration"])
