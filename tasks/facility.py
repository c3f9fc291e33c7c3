"""A task for an institution: the officer of a health facility is asked for a fact."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cases.journal import CaseFile, Entry, Wait
from cases.vocabulary import StepKind, StepStatus
from config.budget import Budget
from tasks.approval import Choice, Decision, as_decision, offer
from tasks.citizen import NoAnswer


def ask_facility(
    case: CaseFile,
    key: str,
    *,
    facility: str,
    outcomes: Sequence[Choice],
    within: Budget,
    shows: Mapping[str, Any] | None = None,
) -> Decision | NoAnswer:
    """Return what the officer of `facility` (a key of the places file) says, or NoAnswer after `within`.

    shows: all that the officer sees of the case.
    """
    wait = facility_wait(key, facility=facility, outcomes=outcomes, within=within, shows=shows)
    return as_facility_answer(case.wait(wait))


def as_facility_answer(entry: Entry) -> Decision | NoAnswer:
    """Return what a finished question to a facility holds."""
    if entry.status is StepStatus.DONE:
        return as_decision(entry)
    assert entry.done_at is not None, "a finished entry has its instant"
    return NoAnswer(entry.done_at)


def facility_wait(
    key: str,
    *,
    facility: str,
    outcomes: Sequence[Choice],
    within: Budget,
    shows: Mapping[str, Any] | None = None,
) -> Wait:
    """Return the wait of a question to a facility, for use in `together`."""
    return Wait(
        key,
        StepKind.FACILITY,
        role="facility-officer",
        office=facility,
        outcomes=offer(outcomes),
        shows=shows or {},
        within=within,
    )
