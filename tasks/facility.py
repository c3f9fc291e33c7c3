"""A question to an institution: a task for an officer of a facility, with free text as its answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cases.journal import CaseFile, Wait
from cases.vocabulary import StepKind
from config.budget import Budget
from tasks.citizen import Answer, NoAnswer, as_answer


def ask_facility(
    case: CaseFile, key: str, *, by: str, within: Budget, shows: Mapping[str, Any] | None = None
) -> Answer | NoAnswer:
    """Ask the facility's officer (role `by`); return the answer, or NoAnswer when time has run out."""
    return as_answer(case.wait(Wait(key, StepKind.FACILITY, role=by, shows=shows or {}, within=within)))
