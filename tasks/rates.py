"""Amounts and limits in force on a day, for a rule to record."""

from __future__ import annotations

from datetime import date
from typing import TypedDict

from cases.journal import CaseFile
from config.rates import rate_on


class RateInForce(TypedDict):
    """A dated row as a rule records it: the value as it is written, and whether it may be told as a rule."""

    value: str
    unit: str
    valid_from: str
    source: str
    confirmed: bool


def rate_in_force(case: CaseFile, name: str, day: date) -> RateInForce:
    """Return the row of a rate that holds on `day` (a calendar date). To be called inside a recorded rule.

    Raises LookupError when none does: the configuration has a gap, and nobody may guess.
    """
    rate = rate_on(case.config.rates, name, day)
    if rate is None:
        raise LookupError(f"no {name} in force")
    return {
        "value": str(rate.value),
        "unit": rate.unit,
        "valid_from": rate.valid_from.isoformat(),
        "source": rate.provenance.source,
        "confirmed": rate.provenance.confirmed,
    }
