"""An effect: a number from a series without gaps, once a case."""

from __future__ import annotations

from cases.journal import CaseFile


def allot_number(case: CaseFile, key: str, *, year: int) -> str:
    """Return the case's number, as it is printed, of the series that the service's configuration gives
    step `key`; allot it the first time. Each office counts for itself, each `year` from 1."""
    return case.number(key, year)
