"""A wait for an instant."""

from __future__ import annotations

from datetime import datetime

from cases.journal import CaseFile, Wait
from cases.vocabulary import StepKind


def wait_until(case: CaseFile, key: str, instant: datetime) -> datetime:
    """Return once `instant` (aware UTC) has come; the instant at which it was noticed."""
    entry = case.wait(Wait(key, StepKind.INSTANT, until=instant))
    assert entry.done_at is not None, "a finished entry has its instant"
    return entry.done_at
