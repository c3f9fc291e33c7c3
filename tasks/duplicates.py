"""A query: other cases about the same event, answered by the shift in bulk; and asked again under a lock."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cases.duplicates import Hit, asked_of
from cases.journal import CaseFile


def find_duplicates(case: CaseFile, key: str) -> list[Hit]:
    """Return the other cases of this service that are likely to be about the same event.

    Those that are open, or have ended with an outcome that counts in the service's `[likeness]`; at most 20,
    the best first, each with the fields of both side by side. Raises LookupError for a service without one.
    """
    found: list[Hit] = case.query(key, "likely-duplicates", _asked(case))
    return found


def recheck_duplicates(case: CaseFile, key: str, *, seen: Sequence[str]) -> list[Hit]:
    """Return the likely duplicates among cases that have come as far as this one: past this very step.

    seen: references an officer has been shown, which are no news. The search is made under a lock, and only
    a case for which it returns nothing is past the step: of two equal cases at once, one finds the other.
    """
    found: list[Hit] = case.recheck(key, _asked(case) | {"seen": list(seen)})
    return found


def _asked(case: CaseFile) -> dict[str, Any]:
    if case.config is None or case.config.likeness is None:
        raise LookupError(f"the service {case.service} has no [likeness] to find duplicates by")
    return asked_of(case.config.likeness)
