"""Criteria: what must be shown before something is granted, judged on the facts and recorded once.

A criterion is a small pure function. It says met, not met, or not proven, with the facts it used and where
each came from; None where it doesn't apply. It decides nothing: an officer does. The words of its rule, and
how well that rule is known, stand in the service's configuration (`[criteria.<key>]`, `[facts]`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Generic, TypedDict, TypeVar

from cases.journal import CaseFile
from cases.vocabulary import Standing, StepKind
from config.words import text

EvidenceT = TypeVar("EvidenceT")


class Source(StrEnum):
    """Where a fact comes from."""

    ANSWER = "answer"
    DOCUMENT = "document"
    FACILITY = "facility"
    OFFICER = "officer"


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


class Assessed(TypedDict):
    """A finding as the journal keeps it."""

    key: str
    status: str
    facts: list[dict[str, Any]]


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


def shortfalls(case: CaseFile, assessed: Sequence[Assessed]) -> list[dict[str, Any]]:
    """Return each criterion that isn't met, in the applicant's language, as a letter prints it.

    `rule` is None unless it is confirmed: what isn't must not be told as law. Each fact's value is as it was
    recorded, since the letter's template knows how dates and lists of papers are written.
    """
    return [_in_words(case, finding) for finding in assessed if finding["status"] != Standing.MET]


def _in_words(case: CaseFile, finding: Assessed) -> dict[str, Any]:
    words = case.config.criteria[finding["key"]]
    found = words.not_met if finding["status"] == Standing.NOT_MET else words.not_proven

    def say(said: Any) -> str:
        return text(said, case.language)[0]

    return {
        "title": say(words.title),
        "status": finding["status"],
        "found": say(found),
        "rule": say(words.rule) if words.provenance.confirmed else None,
        "change": say(words.remedy),
        "facts": [fact | {"label": say(case.config.facts[fact["name"]])} for fact in finding["facts"]],
    }
