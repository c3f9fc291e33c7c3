"""How long applications took lately, from the day one was received to the day it was decided.

Decided is when the newest letter that stands was asked for: the certificate, or the letter with reasons.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from math import ceil

from sqlalchemy import Connection, func, select

from cases.models import Case, Letter
from cases.vocabulary import LetterStatus

LATELY = timedelta(days=90)
ENOUGH = 20
NEWEST = 5_000
"""No more letters than these are looked at, so that it costs the same however many there are."""
_TAKEN_BACK = (LetterStatus.CANCELLED, LetterStatus.SUPERSEDED)


@dataclass(frozen=True, slots=True)
class Lately:
    """Calendar days from received to decided: half of `count` applications took at most `median`, nine in
    ten at most `nine_in_ten`."""

    count: int
    median: int
    nine_in_ten: int


def lately(connection: Connection, *, zone: tzinfo, now: datetime) -> dict[str, Lately]:
    """Return by service how long the applications decided in the last 90 days took.

    A service with fewer than 20 of them is left out: so few say little, and might point at somebody.
    """
    newest = connection.execute(select(func.max(Letter.id))).scalar_one() or 0
    rows = connection.execute(
        select(Case.service, Case.id, Case.received_at, func.max(Letter.created_at).label("decided_at"))
        .join(Letter, Letter.case_id == Case.id)
        .where(
            Letter.id.between(newest - NEWEST + 1, newest),  # both ends, so that the planner sees how few
            Letter.created_at > now - LATELY,
            Letter.status.not_in(_TAKEN_BACK),
        )
        .group_by(Case.service, Case.id, Case.received_at)
    )
    days: dict[str, list[int]] = {}
    for row in rows:
        took = row.decided_at.astimezone(zone).date() - row.received_at.astimezone(zone).date()
        days.setdefault(row.service, []).append(max(took.days, 0))
    return {service: _summed_up(taken) for service, taken in days.items() if len(taken) >= ENOUGH}


def _summed_up(days: list[int]) -> Lately:
    days.sort()
    return Lately(len(days), _within(days, 0.5), _within(days, 0.9))


def _within(days: list[int], share: float) -> int:
    """Return the fewest days within which at least this share of the sorted `days` lie."""
    return days[ceil(share * len(days)) - 1]
