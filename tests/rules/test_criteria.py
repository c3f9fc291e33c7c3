"""Criteria: what officers made of them, and how a letter tells that in the applicant's language."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from cases.journal import Answers, CaseFile
from config.criteria import Basis
from config.facts import FactWords
from config.rates import Unit
from tasks.approval import Decision
from tasks.criteria import Assessed, all_criteria_in_words, all_met, decided_criteria, is_met, shortfalls
from tests.conftest import NOW
from tests.engine.toys import births

FOUND: list[Assessed] = [
    {"key": "birth-notified", "status": "not-met", "facts": []},
    {"key": "informant-known", "status": "not-proven", "facts": []},
    {"key": "vkb", "status": "met", "facts": [{"name": "vkb_number", "value": "V-1", "source": "answer"}]},
]


def _case(language: str = "en", **changes: Any) -> CaseFile:
    """A case of births; `changes` replace parts of the service's configuration."""
    return CaseFile(
        reference="TEST",
        service="birth-registration",
        answers=Answers({}),
        language=language,
        office="suva",
        channel="web",
        received_at=NOW,
        config=dataclasses.replace(births().config, **changes),
    )


def _decision(name: str = "Mere Tukana", **said: Any) -> Decision:
    return Decision("refuse", name.split()[0].lower(), name, "registrar", NOW, **said)


def _override(criterion: str, to: str, text: str = "I have seen it.") -> dict[str, str]:
    return {"criterion": criterion, "to": to, "text": text}


def _with(key: str, **changes: Any) -> dict[str, Any]:
    criteria = births().config.criteria
    return {"criteria": {**criteria, key: dataclasses.replace(criteria[key], **changes)}}


def test_an_override_takes_the_place_of_what_was_found_and_says_what_that_was() -> None:
    decided = decided_criteria(FOUND, _decision(overrides=[_override("informant-known", "met")]))
    assert [each["status"] for each in decided] == ["not-met", "met", "met"]
    assert decided[1]["overridden"] == {
        "by_name": "Mere Tukana",
        "by_role": "registrar",
        "text": "I have seen it.",
        "was": "not-proven",
    }
    assert "overridden" not in decided[0]


def test_of_two_overrides_the_later_stands_and_says_what_the_earlier_had_made_of_it() -> None:
    first = _decision(overrides=[_override("birth-notified", "met")])
    second = _decision("Ravi Prasad", overrides=[_override("birth-notified", "not-met", "It is forged.")])
    decided = decided_criteria(FOUND, first, second)[0]
    assert decided["status"] == "not-met"
    assert (decided["overridden"]["by_name"], decided["overridden"]["was"]) == ("Ravi Prasad", "met")


def test_what_was_found_is_not_changed_by_what_was_decided() -> None:
    decided_criteria(FOUND, _decision(overrides=[_override("birth-notified", "met")]))
    assert FOUND[0]["status"] == "not-met"


def test_all_criteria_are_met_when_none_is_left() -> None:
    overrides = [_override("birth-notified", "met"), _override("informant-known", "met")]
    assert not all_met(FOUND)
    assert all_met(decided_criteria(FOUND, _decision(overrides=overrides)))
    assert is_met(FOUND, "vkb") and not is_met(FOUND, "informant-known")


def test_a_letter_tells_what_is_not_met_after_the_decision() -> None:
    overrides = [_override("informant-known", "met"), _override("vkb", "not-met")]
    told = shortfalls(_case(), FOUND, _decision(overrides=overrides))
    assert [each["key"] for each in told] == ["birth-notified", "vkb"]
    assert told[1]["found"] == "We have neither a VKB number nor a VKB certificate."


def test_a_ground_left_as_it_was_comes_in_the_applicants_language() -> None:
    english = births().config.criteria["informant-known"].not_proven["en"]
    grounds = [{"criterion": "informant-known", "text": english}]
    told = shortfalls(_case("fj"), FOUND, _decision(grounds=grounds))[1]
    assert told["ground"] is None
    assert told["found"] == births().config.criteria["informant-known"].not_proven["fj"]


def test_a_ground_of_the_officers_own_comes_as_written() -> None:
    grounds = [{"criterion": "informant-known", "text": "The photo shows somebody else."}]
    told = shortfalls(_case("fj"), FOUND, _decision(grounds=grounds))[1]
    assert told["ground"] == "The photo shows somebody else."


def test_what_is_met_is_told_with_its_facts_and_without_what_would_change_it() -> None:
    told = all_criteria_in_words(_case(), FOUND)[2]
    assert (told["status"], told["found"], told["change"]) == ("met", None, None)
    assert told["facts"][0]["label"] == "VKB number"


def test_what_it_means_that_a_criterion_is_met_is_told_where_the_service_says_it() -> None:
    case = _case(**_with("vkb", met={"en": "The family is in the VKB."}))
    assert all_criteria_in_words(case, FOUND)[2]["found"] == "The family is in the VKB."


@pytest.mark.parametrize(
    ("key", "changes", "told"),
    [
        ("birth-notified", {}, True),  # confirmed
        ("birth-notified", {"basis": Basis.LAW}, True),
        ("late-evidence", {}, False),  # reported only
        ("late-evidence", {"basis": Basis.LAW}, False),
        ("late-evidence", {"basis": Basis.DEMONSTRATION}, True),  # the letter says that it is one
    ],
)
def test_a_rule_is_told_only_when_it_is_confirmed_or_called_what_it_is(
    key: str, changes: dict[str, Any], told: bool
) -> None:
    found: list[Assessed] = [{"key": key, "status": "not-proven", "facts": []}]
    assert (shortfalls(_case(**_with(key, **changes)), found)[0]["rule"] is not None) == told


def _fact(words: FactWords, value: Any) -> dict[str, Any]:
    case = _case("fj", facts={"vkb_number": words})
    found: list[Assessed] = [
        {"key": "vkb", "status": "met", "facts": [{"name": "vkb_number", "value": value, "source": "answer"}]}
    ]
    fact: dict[str, Any] = all_criteria_in_words(case, found)[0]["facts"][0]
    return fact


KINDS = {"family": {"en": "Family", "fj": "Matavuvale"}, "land": {"en": "Land"}}
CODED = FactWords({"en": "Kind"}, KINDS, None)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("family", ["Matavuvale"]),
        (["family", "land"], ["Matavuvale", "Land"]),
        ("sea", None),
        (["family", "sea"], None),
        ([], None),
        (None, None),
    ],
)
def test_a_value_that_is_a_key_is_told_in_words(value: Any, said: list[str] | None) -> None:
    assert _fact(CODED, value)["said"] == said


def test_a_number_keeps_what_it_is_counted_in() -> None:
    fact = _fact(FactWords({"en": "Income"}, {}, Unit.FJD), 12_000)
    assert (fact["value"], fact["unit"], fact["label"]) == (12_000, "FJD", "Income")
