"""What a decision owes to its criteria: a ground for each that is not met, and none may be left to grant."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.decision_words import on_criteria
from cases.errors import NotGrounded
from cases.grounds import Lack, Lacking, lacking, standings_after, unmet
from cases.vocabulary import Standing

INCOME_MET = [{"key": "income", "status": "met"}, {"key": "residence", "status": "met"}]
INCOME_NOT_MET = [{"key": "income", "status": "not-met"}, {"key": "residence", "status": "met"}]
BOTH_OPEN = [{"key": "income", "status": "not-met"}, {"key": "residence", "status": "not-proven"}]
REASON = [{"key": "other", "text": "The fund is closed."}]


def _ground(criterion: str, text: str = "It is above the limit.") -> dict[str, str]:
    return {"criterion": criterion, "text": text}


def _override(criterion: str, to: str, text: str = "I have seen the payslip.") -> dict[str, str]:
    return {"criterion": criterion, "to": to, "text": text}


@pytest.mark.parametrize(
    ("criteria", "named"),
    [
        (INCOME_NOT_MET, {"grounds": [_ground("income")]}),
        (BOTH_OPEN, {"grounds": [_ground("residence"), _ground("income")]}),
        (INCOME_NOT_MET, {"grounds": [_ground("income")], "reasons": REASON}),
        (INCOME_MET, {"reasons": REASON}),
        ([], {"reasons": REASON}),
        (INCOME_MET, {"overrides": [_override("income", "not-met")], "grounds": [_ground("income")]}),
        (INCOME_NOT_MET, {"overrides": [_override("income", "met")], "reasons": REASON}),
        (
            BOTH_OPEN,
            {
                "overrides": [_override("residence", "not-met")],
                "grounds": [_ground("income"), _ground("residence")],
            },
        ),
    ],
)
def test_an_adverse_decision_stands_on_a_ground_for_each_criterion_it_rests_on(
    criteria: list[Any], named: dict[str, Any]
) -> None:
    assert lacking("grounds", criteria, **named) == []


@pytest.mark.parametrize(
    ("criteria", "named", "wrong"),
    [
        (BOTH_OPEN, {"grounds": [_ground("income")]}, Lacking(Lack.NO_GROUND, "residence")),
        (INCOME_NOT_MET, {}, Lacking(Lack.NO_GROUND, "income")),
        (INCOME_NOT_MET, {"reasons": REASON}, Lacking(Lack.NO_GROUND, "income")),
        (INCOME_NOT_MET, {"grounds": [_ground("income", "  ")]}, Lacking(Lack.NO_GROUND, "income")),
        (INCOME_MET, {}, Lacking(Lack.NO_REASON)),
        ([], {}, Lacking(Lack.NO_REASON)),
        (INCOME_NOT_MET, {"overrides": [_override("income", "met")]}, Lacking(Lack.NO_REASON)),
        (
            INCOME_NOT_MET,
            {"grounds": [_ground("income"), _ground("residence")]},
            Lacking(Lack.GROUND_OF_MET, "residence"),
        ),
        (INCOME_NOT_MET, {"grounds": [_ground("income")] * 2}, Lacking(Lack.TWICE, "income")),
        (
            INCOME_NOT_MET,
            {"grounds": [_ground("income"), _ground("age")]},
            Lacking(Lack.UNKNOWN, "age"),
        ),
    ],
)
def test_an_adverse_decision_that_lacks_a_ground_is_told_which(
    criteria: list[Any], named: dict[str, Any], wrong: Lacking
) -> None:
    assert lacking("grounds", criteria, **named) == [wrong]


@pytest.mark.parametrize(
    ("override", "wrong"),
    [
        (_override("age", "met"), Lack.UNKNOWN),
        (_override("residence", "met"), Lack.UNCHANGED),
        (_override("income", "not-proven"), Lack.NO_STANDING),
        (_override("income", "met", " "), Lack.NO_WHY),
    ],
)
def test_an_override_names_a_criterion_shown_changes_it_and_says_why(
    override: dict[str, str], wrong: Lack
) -> None:
    told = lacking("grounds", INCOME_NOT_MET, grounds=[_ground("income")], overrides=[override])
    assert Lacking(wrong, override["criterion"]) in told


def test_a_criterion_is_overridden_once() -> None:
    twice = [_override("income", "met"), _override("income", "met")]
    assert Lacking(Lack.TWICE, "income") in lacking("criteria", INCOME_NOT_MET, overrides=twice)


def test_a_favourable_decision_needs_every_criterion_met() -> None:
    assert lacking("criteria", INCOME_MET) == []
    assert lacking("criteria", BOTH_OPEN) == [
        Lacking(Lack.NOT_MET, "income"),
        Lacking(Lack.NOT_MET, "residence"),
    ]


def test_overriding_what_is_not_met_makes_a_favourable_decision_possible() -> None:
    assert lacking("criteria", INCOME_NOT_MET, overrides=[_override("income", "met")]) == []


@pytest.mark.parametrize("needs", ["", "question", "reasons"])
def test_an_outcome_that_rests_on_no_criteria_takes_neither_grounds_nor_overrides(needs: str) -> None:
    assert lacking(needs, INCOME_NOT_MET, reasons=REASON) == []
    assert lacking(needs, INCOME_NOT_MET, grounds=[_ground("income")]) == [Lacking(Lack.NO_CRITERIA)]
    assert lacking(needs, INCOME_NOT_MET, overrides=[_override("income", "met")]) == [
        Lacking(Lack.NO_CRITERIA)
    ]


def test_what_was_wrong_is_told_in_words() -> None:
    with pytest.raises(NotGrounded, match="'refuse' doesn't stand: income: gives no ground") as refused:
        on_criteria({"key": "refuse", "needs": "grounds"}, {"criteria": INCOME_NOT_MET})
    assert refused.value.lacking == [Lacking(Lack.NO_GROUND, "income")]


# -- whatever is decided -----------------------------------------------------------------------------

KEYS = ("income", "residence", "age", "unheard-of")
TEXTS = st.sampled_from(["", " ", "\n", "Because."])
CRITERIA = st.lists(
    st.builds(
        lambda key, status: {"key": key, "status": status},
        st.sampled_from(KEYS[:3]),
        st.sampled_from(Standing),
    ),
    unique_by=lambda each: each["key"],
)
GROUNDS = st.lists(
    st.builds(lambda key, text: {"criterion": key, "text": text}, st.sampled_from(KEYS), TEXTS), max_size=4
)
OVERRIDES = st.lists(
    st.builds(
        lambda key, to, text: {"criterion": key, "to": to, "text": text},
        st.sampled_from(KEYS),
        st.sampled_from([*Standing, ""]),
        TEXTS,
    ),
    max_size=4,
)
REASONS = st.sampled_from([[], REASON])


def _kept(
    needs: str, criteria: Sequence[Mapping[str, Any]], said: Mapping[str, Any]
) -> dict[str, Any] | None:
    """Return what the verb would keep of a decision; None when it refuses it."""
    try:
        return on_criteria({"key": "x", "needs": needs}, {"criteria": criteria}, **said)
    except NotGrounded:
        return None


SAID = st.fixed_dictionaries({"grounds": GROUNDS, "overrides": OVERRIDES, "reasons": REASONS})


@given(CRITERIA, SAID)
def test_no_adverse_decision_is_kept_without_a_ground_for_every_criterion_it_rests_on(
    criteria: list[Any], said: dict[str, Any]
) -> None:
    kept = _kept("grounds", criteria, said)
    if kept is None:
        return
    left = unmet(criteria, kept.get("overrides", ()))
    assert sorted(left) == sorted(each["criterion"] for each in kept.get("grounds", ()))
    assert all(each["text"].strip() for name in kept for each in kept[name])
    assert left or said["reasons"]


@given(CRITERIA, SAID)
def test_no_favourable_decision_is_kept_over_a_criterion_that_is_not_met(
    criteria: list[Any], said: dict[str, Any]
) -> None:
    kept = _kept("criteria", criteria, said)
    if kept is not None:
        after = standings_after(criteria, kept.get("overrides", ()))
        assert set(after.values()) <= {Standing.MET}


@given(CRITERIA)
def test_every_criterion_may_be_overridden_to_either_outcome(criteria: list[Any]) -> None:
    to_met = [_override(key, "met") for key in unmet(criteria)]
    assert lacking("criteria", criteria, overrides=to_met) == []
    to_not_met = [_override(each["key"], "not-met") for each in criteria if each["status"] != "not-met"]
    grounds = [_ground(each["key"]) for each in criteria]
    assert lacking("grounds", criteria, overrides=to_not_met, grounds=grounds, reasons=REASON) == []
