"""A rule: pure arithmetic or judgement on recorded inputs, whose result is recorded once."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from cases.journal import CaseFile
from cases.vocabulary import StepKind

JsonT = TypeVar("JsonT")


def assess(case: CaseFile, key: str, rule: Callable[[CaseFile], JsonT]) -> JsonT:
    """Return what `rule(case)` says, computing it the first time only.

    rule: a pure function of the case's answers and instants that returns JSON (str, int, list, dict ...).
    """
    result: JsonT = case.record(key, StepKind.RULE, lambda: rule(case))
    return result
