"""The end of "start to finish": the citizen confirms that what was decided has arrived."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from cases.journal import CaseFile, Wait
from cases.vocabulary import StepKind, StepStatus
from config.budget import Budget
from tasks.citizen import NoAnswer


@dataclass(frozen=True, slots=True)
class Received:
    """The receipt was confirmed. `by`: "citizen" on the page, "officer" at the counter."""

    by: str
    at: datetime


def confirm_receipt(case: CaseFile, key: str, *, letter: str, within: Budget) -> Received | NoAnswer:
    """Wait until the citizen, or an officer at the counter, says that the letter of step `letter` arrived.

    Returns NoAnswer when `within` has run out, which proves nothing: the procedure says what follows.
    """
    entry = case.wait(Wait(key, StepKind.CONFIRMATION, shows={"letter": letter}, within=within))
    assert entry.done_at is not None, "a finished entry has its instant"
    if entry.status is StepStatus.DONE:
        return Received(entry.result["by"], entry.done_at)
    return NoAnswer(entry.done_at)
