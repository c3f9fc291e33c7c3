"""An effect: a number from a series without gaps, once a case."""

from __future__ import annotations

from cases.journal import CaseFile


def allot_number(case: CaseFile, key: str, *, series: str, pattern: str) -> str:
    """Return the case's number of a series, allotting it the first time.

    series: which counter, e.g. "registration-number/2026/SUV".
    pattern: how the number is written, with `{number}`, e.g. "2026/SUV/{number:06d}".
    """
    return case.number(key, series, pattern)
