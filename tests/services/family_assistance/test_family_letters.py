"""What the letters of Family Assistance say only when it is known."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from cases.vocabulary import StepKind
from config.reading import Standing
from flows.engine.play import play
from flows.engine.scene_file import read_scene
from flows.platform.letter_html import letter_html
from tests.services.test_golden_cases import services


def award(*, confirmed: bool) -> dict[str, Any]:
    """Return an award's facts while the term after which it is looked at again is confirmed, or is not."""
    runtime, form = services()["family-assistance"]
    [term] = runtime.config.rates["review-after"]
    known = replace(term.provenance, confirmed=confirmed, standing=Standing.CONFIRMED)
    rates = {**runtime.config.rates, "review-after": [replace(term, provenance=known)]}
    runtime = replace(runtime, config=replace(runtime.config, rates=rates))
    scene = read_scene(Path(__file__).parent / "awarded_at_once.yaml", runtime, form).scene
    [letter] = play(scene, runtime).of_kind(StepKind.LETTER)
    facts: dict[str, Any] = (letter.payload or {})["facts"]
    return {**facts, "reference": "FA-222-222-222", "office_name": "Suva", "demo": False}


def words(facts: dict[str, Any]) -> str:
    return letter_html(
        "family_assistance/award",
        facts,
        language="en",
        verify_url="https://example.org/verify/3KD9XM2P7QRT",
        issued_on=date(2026, 5, 19),
    )


def test_no_day_is_printed_on_which_an_award_is_looked_at_again_while_its_term_is_unconfirmed() -> None:
    facts = award(confirmed=False)
    assert facts["review_on"] is None
    assert "No day is fixed yet" in words(facts)


def test_the_day_on_which_an_award_is_looked_at_again_is_printed_once_its_term_is_confirmed() -> None:
    facts = award(confirmed=True)
    assert facts["review_on"] == "2029-05-19"
    assert "19 May 2029" in words(facts)


def test_a_rise_without_a_table_is_told_and_not_reckoned_with() -> None:
    facts = award(confirmed=False)
    assert facts["amount"]["total"] == "196.05"
    assert "A rise of 5 per cent" in words(facts)
