"""An effect: a short message to the applicant's phone or e-mail address."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cases.journal import CaseFile
from cases.vocabulary import StepKind


def message(
    case: CaseFile,
    key: str,
    facts: Mapping[str, Any] | None = None,
    *,
    to: str | None,
    repeatable: bool = True,
) -> None:
    """Have the message `key` sent to `to` (+679... or an e-mail address). Nothing is sent without one.

    facts: what the message says beside the reference and the office.
    repeatable: whether it may be sent again when a crash left open if it was sent.
    """
    template = f"{case.service.replace('-', '_')}/{key.removesuffix('-message').replace('-', '_')}"
    payload = {
        "template": template,
        "facts": dict(facts or {}),
        "recipient": to,
        "language": case.language,
        "repeatable": repeatable,
    }
    case.effect(key, StepKind.MESSAGE, payload)
