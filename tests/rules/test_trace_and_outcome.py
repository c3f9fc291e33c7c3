"""Whatever is found and decided, trace, outcome and letter say the same, and no adverse letter is silent."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from cases.journal import CaseFile
from cases.vocabulary import Standing, StepKind
from flows.engine.play import Act, Played, Scene, SceneError, play
from tasks.approval import Choice, approval
from tasks.criteria import (
    Criterion,
    Fact,
    Finding,
    all_met,
    assess_criteria,
    decided_criteria,
    shortfalls,
)
from tasks.letter import letter
from tasks.reasons import reasons_in_words
from tests.births import ANSWERS
from tests.conftest import NOW
from tests.engine.toys import births, toy

KEYS = ("birth-notified", "informant-known", "vkb")
TEXTS = ("Because.", "We have no Notification of Birth.", " ", "")
ASK = Choice("ask", needs="question")
GRANT, REFUSE = Choice("register", needs="criteria"), Choice("refuse", needs="grounds")


def _criterion(key: str) -> Criterion[CaseFile]:
    def judge(case: CaseFile) -> Finding | None:
        found = case.answers[key]
        return Finding(Standing(found), [Fact("vkb_number", found)]) if found else None

    return Criterion(key, judge)


def _procedure(case: CaseFile) -> str:
    """The first officer may refuse, or pass it on with overrides; another decides on what is left."""
    found = assess_criteria(case, "criteria", [_criterion(key) for key in KEYS], case)
    while True:
        first = approval(case, "review", by="registrar", outcomes=(GRANT, REFUSE, ASK), criteria=found)
        if not first.chose(ASK):
            break
    if first.chose(REFUSE):
        return _refuse(case, found, first)
    found = decided_criteria(found, first)
    second = approval(
        case,
        "late-ruling",
        by="registrar-general",
        outcomes=(GRANT, REFUSE),
        criteria=found,
        not_by=(first.by,),
    )
    if second.chose(REFUSE):
        return _refuse(case, found, second)
    return "registered" if all_met(decided_criteria(found, second)) else "wrong"


def _refuse(case: CaseFile, found: Any, decision: Any) -> str:
    facts = {
        "criteria": shortfalls(case, found, decision),
        "reasons": reasons_in_words(case, decision),
        "decided": decided_criteria(found, decision),
    }
    letter(case, "refusal", facts)
    return "refused"


FOUND = st.fixed_dictionaries({key: st.sampled_from([*Standing, None]) for key in KEYS})
GROUND = st.builds(
    lambda key, text: {"criterion": key, "text": text}, st.sampled_from(KEYS), st.sampled_from(TEXTS)
)
OVERRIDE = st.builds(
    lambda key, to, text: {"criterion": key, "to": to, "text": text},
    st.sampled_from(KEYS),
    st.sampled_from(["met", "not-met", "not-proven"]),
    st.sampled_from(TEXTS),
)
REASONS = st.sampled_from([[], [{"key": "other", "text": "No."}]])


@st.composite
def decisions(draw: st.DrawFn) -> dict[str, Any]:
    """What an officer may send: mostly nonsense, now and then what stands."""
    said = {
        "outcome": draw(st.sampled_from(["register", "refuse", "ask"])),
        "grounds": draw(st.lists(GROUND, max_size=3)),
        "overrides": draw(st.lists(OVERRIDE, max_size=3)),
        "reasons": draw(REASONS),
        "by_name": "M",
        "by_role": "registrar",
    }
    return {name: value for name, value in said.items() if value}


def _make_good(said: dict[str, Any], open_step: Any) -> dict[str, Any]:
    """Return the decision with what it lacks put right, so that many cases come to an end."""
    shown = {each["key"]: each["status"] for each in open_step.payload["criteria"]}
    good = {name: value for name, value in said.items() if name not in ("grounds", "overrides")}
    overrides = {
        each["criterion"]: each
        for each in said.get("overrides", ())
        if each["text"].strip() and shown.get(each["criterion"], each["to"]) != each["to"] != "not-proven"
    }
    if said["outcome"] == "register":
        overrides = {
            key: {"criterion": key, "to": "met", "text": "Seen."}
            for key, status in shown.items()
            if status != "met"
        }
    after = shown | {key: each["to"] for key, each in overrides.items()}
    if said["outcome"] == "refuse":
        good["grounds"] = [
            {"criterion": key, "text": "Because."} for key, status in after.items() if status != "met"
        ]
        good["reasons"] = [{"key": "other", "text": "No."}]
    if said["outcome"] != "ask":
        good["overrides"] = list(overrides.values())
    return {name: value for name, value in good.items() if value}


def _played(found: Mapping[str, Any], said: list[tuple[dict[str, Any], bool]]) -> Played:
    """Play what of the decisions is taken, one officer after the other, until the case ends."""
    runtime, acts = toy(_procedure), []
    played = play(Scene(found, NOW), runtime)
    for number, (decision, put_right) in enumerate(said):
        if played.outcome is not None:
            break
        (key,) = played.waiting_for
        step = next(step for step in played.steps if step.key == key)
        result = _make_good(decision, step) if put_right else decision
        act = Act(key, NOW + timedelta(hours=number), result, by=f"officer-{number}")
        try:
            played = play(Scene(found, NOW, [*acts, act]), runtime)
        except SceneError:
            continue  # refused, as the verb refuses it: nothing has happened
        acts.append(act)
    return played


@settings(max_examples=300, deadline=None)
@given(FOUND, st.lists(st.tuples(decisions(), st.booleans()), max_size=6))
def test_no_sequence_of_decisions_yields_an_adverse_letter_without_reasons(
    found: Mapping[str, Any], said: list[tuple[dict[str, Any], bool]]
) -> None:
    played = _played(found, said)
    letters = [step.payload["facts"] for step in played.of_kind(StepKind.LETTER) if step.payload]
    assert (played.outcome == "refused") == bool(letters)
    for facts in letters:
        unmet = [each["key"] for each in facts["decided"] if each["status"] != "met"]
        assert [each["key"] for each in facts["criteria"]] == unmet
        assert all((each["ground"] or each["found"]).strip() for each in facts["criteria"])
        assert all(reason["text"].strip() for reason in facts["reasons"])
        assert unmet or facts["reasons"]


@settings(max_examples=300, deadline=None)
@given(FOUND, st.lists(st.tuples(decisions(), st.booleans()), max_size=6))
def test_trace_and_outcome_agree(found: Mapping[str, Any], said: list[tuple[dict[str, Any], bool]]) -> None:
    played = _played(found, said)
    trace = {each["key"]: each["status"] for each in played.steps[0].result}
    assert trace == {key: status for key, status in found.items() if status}
    decided = [step for step in played.of_kind(StepKind.APPROVAL) if step.result]
    for step in decided:
        for override in step.result.get("overrides", ()):
            trace[override["criterion"]] = override["to"]
    if played.outcome == "registered":
        assert set(trace.values()) <= {"met"}
    if played.outcome == "refused":
        given = [each["criterion"] for each in decided[-1].result.get("grounds", ())]
        assert sorted(given) == sorted(key for key, status in trace.items() if status != "met")
    assert played.outcome != "wrong"


PAPERS = st.lists(st.sampled_from(["photo_id", "vkb", "declaration", "passport"]), unique=True)
BIRTHS = st.fixed_dictionaries(
    {
        "documents": PAPERS,
        "vkb_number": st.sampled_from([None, "VKB-1"]),
        "mother_nationality": st.sampled_from(["FJ", "TO"]),
        "child_birth_date": st.sampled_from(["2026-04-20", "2025-12-01"]),
    }
)


@settings(max_examples=150, deadline=None)
@given(BIRTHS, decisions(), st.booleans())
def test_no_refusal_of_a_birth_is_silent_about_what_was_not_shown(
    changes: dict[str, Any], said: dict[str, Any], put_right: bool
) -> None:
    scene = Scene(ANSWERS | changes, NOW)
    (step,) = [step for step in play(scene, births()).steps if step.key == "review"]
    decision = {**said, "outcome": "refuse"}
    result = _make_good(decision, step) if put_right else decision
    try:
        played = play(dataclasses.replace(scene, acts=[Act("review", NOW, result)]), births())
    except SceneError:
        assert not put_right
        return
    (refusal,) = played.of_kind(StepKind.LETTER)
    assert refusal.payload is not None
    facts = refusal.payload["facts"]
    assert facts["criteria"] or facts["reasons"]
    assert all((each["ground"] or each["found"]) and each["change"] for each in facts["criteria"])
