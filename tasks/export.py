"""An effect: a row of a list for another office, which is handed over in batches."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cases.journal import CaseFile
from cases.vocabulary import StepKind


def export(case: CaseFile, key: str, facts: Mapping[str, Any], *, to: str) -> None:
    """Put a row with `facts` (JSON, flat: the columns of the list) on the list `to`."""
    case.effect(key, StepKind.EXPORT, {"list": to, "facts": dict(facts)})
