"""What golden cases can't say of legal aid: what is kept from others, and that no deadline is made up."""

from __future__ import annotations

import json
import re
from functools import cache
from typing import Any

import pytest

from cases.vocabulary import LetterVariant, StepKind
from flows.engine.play import Played, play
from flows.engine.runtime import Runtime, load_runtimes
from flows.engine.scene_file import read_scene
from flows.platform.letter_html import letter_html
from flows.platform.letter_samples import SAMPLE_ADDRESS, SAMPLE_DAY, sample_facts
from flows.platform.messages import compose
from forms.compiler import load_forms
from tests.services.tracking import FOLDER, pages

SERVICES = ("legal_aid", "legal_aid_review")
MESSAGES = sorted(
    path.relative_to(FOLDER.parents[1] / "templates" / "messages").with_suffix("").as_posix()
    for service in SERVICES
    for path in (FOLDER.parents[1] / "templates" / "messages" / service).glob("*.txt")
)
ADVERSE = ("legal_aid/refusal", "legal_aid/referral", "legal_aid_review/refusal")


@cache
def runtimes() -> dict[str, Runtime]:
    return load_runtimes(demo=True)


def played(name: str) -> Played:
    """A golden case of legal aid, played."""
    runtime = runtimes()["legal-aid"]
    return play(
        read_scene(FOLDER / "legal_aid" / f"{name}.yaml", runtime, load_forms()["legal-aid"]).scene, runtime
    )


def sent(name: str) -> str:
    """All that the applicant of a golden case is sent."""
    steps = [step for kind in (StepKind.LETTER, StepKind.MESSAGE) for step in played(name).of_kind(kind)]
    return json.dumps([step.payload for step in steps])


def words_of(template: str, **changes: Any) -> str:
    """The words of a letter from its sample facts."""
    facts = sample_facts(template) | changes
    html = letter_html(
        template,
        facts,
        language="en",
        verify_url=SAMPLE_ADDRESS,
        issued_on=SAMPLE_DAY,
        variant=LetterVariant.TEXT,
    )
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def test_who_is_referred_is_told_nothing_of_the_client_whose_other_side_they_are() -> None:
    told = sent("conflict_referred")
    assert "Tabua Chambers" in told
    assert "LA-ABC-DEF-GHJ" not in told
    assert "client" not in told.lower()


def test_an_applicant_cannot_see_that_somebody_of_a_name_was_found_among_the_clients() -> None:
    """Else somebody violent learns from an application of their own that the other side has a lawyer."""
    plain, found = (
        pages(FOLDER / "legal_aid" / f"{name}.yaml") for name in ("waiting_for_a_lawyer", "conflict_cleared")
    )
    first_page = [part for part in plain.split("-" * 100)[2].splitlines() if not part.startswith("By when")]
    for line in first_page:
        assert line in found
    assert "conflict" not in found.partition("-" * 100)[2].replace("conflict-check no-conflict", "")


@pytest.mark.parametrize("template", MESSAGES)
@pytest.mark.parametrize("urgent", [True, False])
def test_no_message_says_what_it_is_about(template: str, urgent: bool) -> None:
    """A phone is often shared, perhaps with the other side."""
    facts = {"reference": "LA-234-567-892", "office_name": "Suva", "demo": True, "urgent": urgent}
    text = compose(template, facts, "en", "https://s2f.example/track", None)
    said = f"{text.subject} {text.body}".lower()
    assert not re.search(r"legal|lawyer|court|custody|refus|grant|police", said)


@pytest.mark.parametrize("template", ADVERSE)
def test_no_letter_names_a_day_by_which_to_ask_for_a_review(template: str) -> None:
    words = words_of(template, hearing_date=None, criteria=[])
    facts = sample_facts(template)
    known = {facts["received_on"], facts["decided_on"], facts.get("first_decided_on")}
    days = re.findall(r"\b(\d{1,2}) May 2026|(\d{1,2}) June 2026", words)
    assert {int(day or other) for day, other in days} <= {int(day[-2:]) for day in known if day}
    assert not re.search(r"within \d|\d+ (working )?days|deadline|no later than", words)
