"""The letters of birth registration, made from what the procedure itself wrote into them."""

from __future__ import annotations

import subprocess
from functools import cache
from typing import Any

import pytest

from cases.vocabulary import StepKind
from flows.engine.play import Act, Scene, play
from flows.engine.runtime import Runtime, load_runtimes
from flows.platform.rendering import render_letter
from tests.births import ANSWERS
from tests.conftest import NOW
from tests.letters import ADDRESS, ISSUED_ON

OFFICER = {"by_name": "Mere Tukana", "by_role": "registrar"}
REGISTER = {"outcome": "register"} | OFFICER
ORDINARY: dict[str, Any] = {}
AT_HOME = {"birth_place_kind": "home", "birth_facility": None, "notification_number": None, "documents": []}
MOTHER_ALONE = {"father_known": False, "father_name": None, "father_birth_date": None}
BY_THE_HOSPITAL = {"informant_relationship": "institution", "informant_name": "अनीता Goundar"}


@cache
def runtime() -> Runtime:
    return load_runtimes(demo=True)["birth-registration"]


def letter_after(decision: dict[str, Any], *, language: str = "en", **changes: Any) -> str:
    """The words of the letter that follows a decision, in one line."""
    scene = Scene(ANSWERS | changes, NOW, [Act("review", NOW, decision)], language=language)
    [step] = play(scene, runtime()).of_kind(StepKind.LETTER)
    assert step.payload is not None
    facts = step.payload["facts"] | runtime().sender("suva") | {"reference": scene.reference}
    letter = render_letter(
        step.payload["template"], facts, language=language, verify_url=ADDRESS, issued_on=ISSUED_ON
    )
    done = subprocess.run(["pdftotext", "-raw", "-", "-"], input=letter.pdf, capture_output=True, check=True)
    return " ".join(done.stdout.decode().split())


@pytest.mark.parametrize("language", ["en", "fj", "hif"])
@pytest.mark.parametrize("changes", [ORDINARY, AT_HOME, MOTHER_ALONE, BY_THE_HOSPITAL])
def test_every_registered_birth_has_its_certificate(changes: dict[str, Any], language: str) -> None:
    words = letter_after(REGISTER, language=language, **changes)
    assert "2026/SUV/000001" in words and "Mere Tukana" in words


@pytest.mark.parametrize(
    ("changes", "unmet"),
    [
        (ORDINARY, []),
        (AT_HOME, ["birth-notified", "informant-known"]),
        (MOTHER_ALONE, []),
        (BY_THE_HOSPITAL, []),
    ],
)
def test_every_reason_for_refusing_is_printed_with_what_would_change_it(
    changes: dict[str, Any], unmet: list[str]
) -> None:
    snippets = runtime().config.reasons
    reasons = [{"key": key, "text": reason.found["en"]} for key, reason in snippets.items()]
    grounds = [{"criterion": key} for key in unmet]
    decision = {"outcome": "refuse", "reasons": reasons, "grounds": grounds}
    words = letter_after(decision | OFFICER, **changes)
    for key in unmet:
        criterion = runtime().config.criteria[key]
        assert criterion.not_proven["en"] in words and criterion.remedy["en"] in words
    for reason in snippets.values():
        assert reason.found["en"] in words and reason.remedy["en"] in words


@pytest.mark.parametrize("language", ["fj", "hif"])
def test_an_unchanged_reason_is_printed_in_the_familys_language(language: str) -> None:
    reason = runtime().config.reasons["evidence-missing"]
    decision = {"outcome": "refuse", "reasons": [{"key": "evidence-missing", "text": reason.found["en"]}]}
    words = letter_after(decision | OFFICER, language=language)
    assert reason.found["en"] not in words
    assert language == "hif" or reason.found[language] in words


def test_the_officers_own_words_are_printed_as_written() -> None:
    own = [{"key": "other", "text": "The photo shows somebody else's card."}]
    words = letter_after({"outcome": "refuse", "reasons": own} | OFFICER, language="fj")
    assert "The photo shows somebody else's card." in words
