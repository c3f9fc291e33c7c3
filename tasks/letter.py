"""An effect: a letter, whose facts are frozen at the moment of the decision."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cases.journal import CaseFile
from cases.vocabulary import StepKind


def letter(
    case: CaseFile,
    key: str,
    facts: Mapping[str, Any],
    *,
    language: str | None = None,
    supersedes: tuple[str, str] | None = None,
) -> None:
    """Have the letter `key` made from the service's template of that name.

    facts: everything the letter says about the case (JSON); it is stored and never changes.
    language: defaults to the applicant's.
    supersedes: the reference of another case and the key of its letter whose place this one takes: from the
    moment it is issued, the verification page says of the other that it was replaced.
    """
    template = f"{case.service.replace('-', '_')}/{key.replace('-', '_')}"
    payload = {"template": template, "facts": dict(facts), "language": language or case.language}
    if supersedes is not None:
        reference, letter_key = supersedes
        payload["supersedes"] = {"reference": reference, "key": letter_key}
    case.effect(key, StepKind.LETTER, payload)
