"""Criteria: what must be shown before something is granted, judged on the facts and recorded once.

A criterion is a small pure function. It says met, not met, or not proven, with the facts it used and where
each came from; None where it doesn't apply. It decides nothing: an officer does, who may override it with a
reason. The words of its rule, and how well that rule is known, stand in the service's configuration
(`[criteria.<key>]`, `[facts]`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Generic, NotRequired, TypedDict, TypeVar

from cases.journal import CaseFile
from cases.vocabulary import Standing, StepKind
from config.words import text
from tasks.approval import Decision

EvidenceT = TypeVar("EvidenceT")


class Source(StrEnum):
    """Where a fact comes from."""

    ANSWER = "answer"
    DOCUMENT = "document"
    FACILITY = "facility"
    OFFICER = "officer"
    REGISTER = "register"  # another case or entry of ours
    RATE = "rate"  # a dated row of the configuration, as `rate_in_force` returns it
    COMPUTED = "computed"  # worked out from the facts before it, such as a sum of points


@dataclass(frozen=True, slots=True)
class Fact:
    """Something a criterion was judged on. `value` is JSON; `name` is one of the service's `[facts]`."""

    name: str
    value: Any
    source: Source = Source.ANSWER


@dataclass(frozen=True, slots=True)
class Finding:
    """What a criterion comes to, and on which facts."""

    status: Standing
    facts: Sequence[Fact]


@dataclass(frozen=True, slots=True)
class Criterion(Generic[EvidenceT]):
    """One criterion. `judge` is pure, and returns None where the criterion doesn't apply."""

    key: str
    judge: Callable[[EvidenceT], Finding | None]


class Overridden(TypedDict):
    """Who decided a criterion otherwise than the rule found, why, and what the rule had found."""

    by_name: str
    by_role: str
    text: str
    was: str


class Assessed(TypedDict):
    """A finding as the journal keeps it; `overridden` only after a decision."""

    key: str
    status: str
    facts: list[dict[str, Any]]
    overridden: NotRequired[Overridden]


def met(*facts: Fact) -> Finding:
    """Return that the facts show it."""
    return Finding(Standing.MET, facts)


def not_met(*facts: Fact) -> Finding:
    """Return that the facts speak against it."""
    return Finding(Standing.NOT_MET, facts)


def not_proven(*facts: Fact) -> Finding:
    """Return that the facts don't show it."""
    return Finding(Standing.NOT_PROVEN, facts)


def assess_criteria(
    case: CaseFile, key: str, criteria: Sequence[Criterion[EvidenceT]], evidence: EvidenceT
) -> list[Assessed]:
    """Return what each criterion that applies comes to on the evidence, judging it the first time only."""

    def judge() -> list[dict[str, Any]]:
        findings = [(criterion.key, criterion.judge(evidence)) for criterion in criteria]
        return [_as_kept(name, finding) for name, finding in findings if finding is not None]

    result: list[Assessed] = case.record(key, StepKind.RULE, judge)
    return result


def _as_kept(key: str, finding: Finding) -> dict[str, Any]:
    facts = [{"name": fact.name, "value": fact.value, "source": fact.source} for fact in finding.facts]
    return {"key": key, "status": finding.status, "facts": facts}


def is_met(assessed: Sequence[Assessed], name: str) -> bool:
    """Whether this criterion is met, or doesn't apply."""
    return all(finding["status"] == Standing.MET for finding in assessed if finding["key"] == name)


def all_met(assessed: Sequence[Assessed]) -> bool:
    """Whether every criterion that applies is met."""
    return all(finding["status"] == Standing.MET for finding in assessed)


# -- what officers made of them ------------------------------------------------------------------------


def decided_criteria(assessed: Sequence[Assessed], *decisions: Decision) -> list[Assessed]:
    """Return the criteria as they stand after these decisions, in their order: each override takes the place
    of what was found, and says who made it, why, and what the standing was."""
    decided = list(assessed)
    for decision in decisions:
        overrides = {override["criterion"]: override for override in decision.overrides}
        decided = [_overridden(each, overrides.get(each["key"]), decision) for each in decided]
    return decided


def _overridden(finding: Assessed, override: Mapping[str, str] | None, decision: Decision) -> Assessed:
    if override is None:
        return finding
    said: Overridden = {
        "by_name": decision.by_name,
        "by_role": decision.by_role,
        "text": override["text"],
        "was": finding["status"],
    }
    return {**finding, "status": override["to"], "overridden": said}


# -- for letters ----------------------------------------------------------------------------------------


def shortfalls(
    case: CaseFile, assessed: Sequence[Assessed], decision: Decision | None = None
) -> list[dict[str, Any]]:
    """Return each criterion that isn't met after `decision`, in the applicant's language, as a letter prints
    it (`all_criteria_in_words` says how)."""
    told = all_criteria_in_words(case, assessed, decision)
    return [each for each in told if each["status"] != Standing.MET]


def all_criteria_in_words(
    case: CaseFile, assessed: Sequence[Assessed], decision: Decision | None = None
) -> list[dict[str, Any]]:
    """Return every criterion in the applicant's language, as a letter prints it, with what `decision` made of
    it: "key", "title", "status", "found", "ground", "rule", "basis", "change", "facts", "overridden".

    found: what the standing means, None where its name says all. ground: words of the officer's own in its
    place, or None. rule: None where it must not be told, since it isn't known to be one. change: what would
    change the standing, None of one that is met. Each fact has its value as it was recorded, since the
    template knows how dates and amounts are written; `said`, where its values have words; and its unit.
    overridden: who overrode it, why, and what it was; or None.
    """
    decided = assessed if decision is None else decided_criteria(assessed, decision)
    grounds = {each["criterion"]: each["text"] for each in decision.grounds} if decision else {}
    return [_in_words(case, finding, grounds.get(finding["key"])) for finding in decided]


def _in_words(case: CaseFile, finding: Assessed, ground: str | None) -> dict[str, Any]:
    words = case.config.criteria[finding["key"]]
    found = words.found(finding["status"])

    def say(said: Any) -> str:
        return text(said, case.language)[0]

    return {
        "key": finding["key"],
        "title": say(words.title),
        "status": finding["status"],
        "found": say(found) if found else None,
        # Words that an officer left as they were are the service's, and come in the applicant's language.
        "ground": ground if ground and found and ground not in found.values() else None,
        "rule": say(words.rule) if words.may_be_told else None,
        "basis": words.basis,
        "change": say(words.remedy) if finding["status"] != Standing.MET else None,
        "facts": [_fact_in_words(case, fact) for fact in finding["facts"]],
        "overridden": finding.get("overridden"),
    }


def _fact_in_words(case: CaseFile, fact: Mapping[str, Any]) -> dict[str, Any]:
    words = case.config.facts[fact["name"]]
    said = words.said(fact["value"])
    return {
        **fact,
        "label": text(words.label, case.language)[0],
        "said": [text(each, case.language)[0] for each in said] if said else None,
        "unit": words.unit,
    }
