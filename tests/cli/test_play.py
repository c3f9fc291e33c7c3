"""Playing a procedure from a file, and how a mistake in the file is told."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Command

GOLDEN = Path(__file__).parents[1] / "services" / "birth_registration"
ASKED = GOLDEN / "asked_once_and_answered.yaml"
Write = Callable[[str], Path]


@pytest.fixture
def script(tmp_path: Path) -> Write:
    """Write a scene based on the plain golden case."""
    (tmp_path / "plain.yaml").write_text((GOLDEN / "registered_at_once.yaml").read_text())

    def write(rest: str) -> Path:
        path = tmp_path / "scene.yaml"
        path.write_text(f"about: A scene\nbased_on: plain.yaml\n{rest}\n")
        return path

    return write


def test_steps_outcome_letters_and_deadlines_are_printed(fresh: Command) -> None:
    text = fresh("play", "birth-registration", ASKED).stdout
    assert "Outcome: registered" in text
    assert "ask In which ward was the child born? by Mere Tukana" in text
    assert "registration_number     2026/SUV/000001" in text
    assert "evidence  2026-06-05 13:00  2026-06-05 13:00" in text


def test_programs_get_the_same_as_json(fresh: Command) -> None:
    played = fresh.data("play", "birth-registration", ASKED)
    assert (played["outcome"], played["differences"]) == ("registered", [])
    assert [letter["key"] for letter in played["letters"]] == ["certificate"]
    assert [row["step"] for row in played["deadlines"]] == ["review", "evidence", "review#2", "receipt"]
    assert played["steps"][0]["key"] == "route"


def test_a_case_that_waits_says_for_what(fresh: Command, script: Write) -> None:
    assert "Waiting for: review" in fresh("play", "birth-registration", script("acts: []")).stdout


def test_what_is_not_as_expected_is_said(fresh: Command, script: Write) -> None:
    path = script("acts: []\nexpect: {outcome: refused, waiting_for: [review]}")
    result = fresh("play", "birth-registration", path)
    assert result.exit_code == 1
    assert "Not as expected: outcome: expected 'refused', found None" in result.stdout


def test_a_scene_does_not_need_a_database_or_prefect() -> None:
    program = (
        "import sys; from click.testing import CliRunner; from cli.main import main; "
        f"result = CliRunner().invoke(main, ['play', 'birth-registration', {str(ASKED)!r}, '--json']); "
        "print(result.exit_code, 'prefect' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={"S2F_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/nothing"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == ["0", "False"]


def test_an_unknown_service_is_told_with_those_there_are(fresh: Command) -> None:
    result = fresh("play", "dog-licence", ASKED)
    assert result.exit_code == 2
    assert "There is no dog-licence; there are birth-correction, birth-registration" in result.stderr


MISTAKES = {
    "colour: blue": "colour: expected one of the keys",
    "office: atlantis": "office: expected one of suva",
    "received_at: 2026-05-05T09:00:00": "received_at: expected an instant with its offset",
    "answers: {child_sex: both}": "answers.child_sex: expected an answer that the form takes",
    "acts: [{step: review}]": "acts[1].step: expected one of outcome, answer, no_answer, passed, confirmed",
    "acts: [{step: receipt, at: 2026-05-06T09:00:00Z, confirmed: mother}]": "acts[1].confirmed: expected one",
    "acts: [{step: review, outcome: register, by: Mere}]": "acts[1].at: expected when it happens",
    "acts: [{step: review, at: 2026-05-06T09:00:00Z, outcome: dance, by: Mere}]": "acts[1].outcome: expected",
    "acts: [{step: review, at: 2026-05-06T09:00:00Z, outcome: ask, by: Mere}]": "acts[1].question: expected",
    "acts: [{step: dance, at: 2026-05-06T09:00:00Z, outcome: ask, by: Mere}]": "acts[1].step: expected",
    "acts: [{step: review, no_answer: false}]": "acts[1].no_answer: expected true",
    "expect: {colour: blue}": "expect.colour: expected one of the keys",
}


@pytest.mark.parametrize(("rest", "told"), MISTAKES.items())
def test_a_mistake_in_a_scene_is_told_with_its_key(
    fresh: Command, script: Write, rest: str, told: str
) -> None:
    result = fresh("play", "birth-registration", script(rest))
    assert result.exit_code == 2
    assert told in result.stderr


def test_an_act_out_of_order_is_told(fresh: Command, script: Write) -> None:
    path = script("acts: [{step: evidence, at: 2026-05-06T09:00:00Z, answer: A ward}]")
    result = fresh("play", "birth-registration", path)
    assert result.exit_code == 1
    assert "step evidence isn't open" in result.stderr


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("", "the decision gives no reason, and rests on no criterion"),
        (", grounds: [{criterion: vkb}]", "the decision vkb: gives a ground for a criterion that is met"),
        (
            ", overrides: [{criterion: vkb, to: not-met, text: Forged.}]",
            "the decision vkb: gives no ground",
        ),
    ],
)
def test_a_decision_that_does_not_follow_from_its_criteria_is_told(
    fresh: Command, script: Write, said: str, told: str
) -> None:
    act = f"{{step: review, at: 2026-05-06T09:00:00Z, outcome: refuse, by: Mere{said}}}"
    result = fresh("play", "birth-registration", script(f"acts: [{act}]"))
    assert result.exit_code == 1
    assert f"act 1 (review): {told}" in result.stderr


def test_overrides_and_grounds_are_printed(fresh: Command, script: Write) -> None:
    said = "overrides: [{criterion: vkb, to: not-met, text: Forged.}], grounds: [{criterion: vkb}]"
    act = f"{{step: review, at: 2026-05-06T09:00:00Z, outcome: refuse, by: Mere, {said}}}"
    result = fresh("play", "birth-registration", script(f"acts: [{act}]"))
    assert result.exit_code == 0
    assert "(vkb: We have neither a VKB number nor a VKB certificate.) (vkb is not-met: Forged.)" in (
        result.stdout
    )


def test_json_is_json_whatever_the_letters_hold(fresh: Command) -> None:
    result = fresh("play", "birth-registration", GOLDEN / "refused_in_the_familys_language.yaml", "--json")
    assert json.loads(result.stdout)["letters"][0]["language"] == "hif"
