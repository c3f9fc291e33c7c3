"""A wait for money: an order on a list for whoever pays, which comes back paid or returned."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cases.journal import CaseFile, Wait
from cases.payments import PAID
from cases.vocabulary import StepKind


@dataclass(frozen=True, slots=True)
class Paid:
    """The order was paid. at: when that was confirmed; batch: the number of the batch it was in.

    facts: what was paid. It differs from what was ordered only when the case was taken back after the order
    had been handed over: that order counts then, and no second one is made.
    """

    at: datetime
    batch: int
    facts: Mapping[str, Any]

    @property
    def shown(self) -> dict[str, Any]:
        """The payment as an officer is shown it."""
        return {"paid_on": self.at.isoformat(), "batch": self.batch, "paid": dict(self.facts)}


@dataclass(frozen=True, slots=True)
class Returned:
    """The order came back unpaid. reason: as whoever confirmed the batch wrote it."""

    reason: str
    at: datetime
    batch: int

    @property
    def shown(self) -> dict[str, Any]:
        """The return as an officer is shown it."""
        return {"returned_on": self.at.isoformat(), "batch": self.batch, "why_returned": self.reason}


def order_payment(case: CaseFile, key: str, *, to: str, facts: Mapping[str, Any]) -> Paid | Returned:
    """Put a payment order on the list `to` and wait until its batch is confirmed: Paid, or Returned.

    facts: the columns of the list, flat JSON: whom to pay, how much, into which account. An order is in one
    batch and is paid once, whatever becomes of the case meanwhile: after a rewind the same step takes up the
    order that was handed over already. What is to be paid again, such as an order that was returned, is
    another visit of the step (`while True`).
    """
    ordered = dict(facts)
    entry = case.wait(Wait(key, StepKind.PAYMENT, shows={"list": to, "facts": ordered}))
    result = entry.result
    at = datetime.fromisoformat(result["at"])
    if result["outcome"] == PAID:
        return Paid(at, result["batch"], result.get("facts", ordered))
    return Returned(result["reason"], at, result["batch"])
