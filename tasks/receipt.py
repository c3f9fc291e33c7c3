"""The end of "start to finish": the citizen confirms that what was decided has arrived."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from cases.journal import CaseFile, Entry, Wait
from cases.vocabulary import StepKind, StepStatus
from config.budget import Budget
from tasks.citizen import NoAnswer


@dataclass(frozen=True, slots=True)
class Received:
    """The receipt was confirmed. `by`: "citizen" on the page, "officer" at the counter."""

    by: str
    at: datetime


def confirm_receipt(
    case: CaseFile, key: str, *, within: Budget, letter: str = "", payment: str = ""
) -> Received | NoAnswer:
    """Wait until the citizen, or an officer at the counter, says that it has arrived.

    letter: the step whose letter it is; or payment: the step that ordered the money. The page asks in the
    words of the service's phrase `<key>-question`, if there is one. Returns NoAnswer when `within` has run
    out, which proves nothing: the procedure says what follows. Raises ValueError unless one of both is given.
    """
    return as_receipt(case.wait(receipt_wait(key, letter=letter, payment=payment, within=within)))


def receipt_wait(key: str, *, within: Budget, letter: str = "", payment: str = "") -> Wait:
    """Return the wait of a receipt, for use in `together`."""
    if bool(letter) == bool(payment):
        raise ValueError("a receipt is of a letter or of a payment")
    shows = {"letter": letter} if letter else {"payment": payment}
    return Wait(key, StepKind.CONFIRMATION, shows=shows, within=within)


def as_receipt(entry: Entry) -> Received | NoAnswer:
    """Return what a finished receipt holds."""
    assert entry.done_at is not None, "a finished entry has its instant"
    if entry.status is StepStatus.DONE:
        return Received(entry.result["by"], entry.done_at)
    return NoAnswer(entry.done_at)
