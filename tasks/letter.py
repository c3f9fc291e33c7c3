"""An effect: a letter, whose facts are frozen at the moment of the decision."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cases.journal import CaseFile
from cases.vocabulary import StepKind


def letter(case: CaseFile, key: str, facts: Mapping[str, Any], *, language: str | None = None) -> None:
    """Have the letter `key` made from the service's template of that name.

    facts: everything the letter says about the case (JSON); it is stored and never changes.
    language: defaults to the applicant's.
    """
    template = f"{case.service.replace('-', '_')}/{key.replace('-', '_')}"
    case.effect(
        key,
        StepKind.LETTER,
        {"template": template, "facts": dict(facts), "language": language or case.language},
    )
