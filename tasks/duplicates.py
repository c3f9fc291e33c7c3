"""A query: other cases with the same matching key, answered by the shift in bulk."""

from __future__ import annotations

from typing import TypedDict

from cases.journal import CaseFile


class OtherCase(TypedDict):
    """A case that matches. `received_at` is an ISO instant in UTC."""

    reference: str
    status: str
    outcome: str | None
    received_at: str


def find_same(case: CaseFile, key: str, *, match: str) -> list[OtherCase]:
    """Return the other cases of this service whose matching key `match` equals this case's.

    match: the name of a matching key in the service's configuration (`[matching]`). An empty list when
    this case has no value for it. At most 20, the oldest first.
    """
    found: list[OtherCase] = case.query(key, "same-match-key", {"match": match})
    return found
