"""Why this date? What counted and what did not, for the family."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from cases.clock_explanation import Explanation, NotCounted, explain
from cases.clock_rows import StoredClock, clocks_of_case
from cases.clocks import Line, LineKind
from cases.reading import WholeCase
from cases.vocabulary import ClockKind
from config.budget import STANDARD_DAY_MINUTES
from config.words import Words
from web.platform import now, platform


@dataclass(frozen=True)
class Why:
    """The clock of what the office has to do now, explained.

    days: of working time it was given (of 8 hours), or `hours` where it isn't whole days. kept: (day, whether
    any of it counted, why some or all did not). moved: what happened to it.
    """

    told: Explanation
    days: int | None
    hours: int
    kept: list[tuple[Any, bool, list[NotCounted]]]
    moved: list[Line]
    reasons: dict[str, Words]


def why_this_date(whole: WholeCase, step_id: int | None) -> Why | None:
    """Return why the date of the open step is what it is; None without a step that has a clock."""
    with platform().database.read() as connection:
        clocks = clocks_of_case(connection, whole.case.id)
    stored = next((one for one in clocks if _is_of(one, step_id)), None)
    if stored is None:
        return None
    calendar = platform().standards.calendar(stored.row.office)
    told = explain(stored.clock, calendar, now=now())
    minutes = int(told.clock.budget.total_seconds()) // 60
    pauses = platform().standards.policies[whole.case.service].pauses
    shown = (LineKind.PAUSE, LineKind.RESUME, LineKind.EXTEND, LineKind.RECALENDAR)
    return Why(
        told=told,
        days=None if minutes % STANDARD_DAY_MINUTES else minutes // STANDARD_DAY_MINUTES,
        hours=minutes // 60,
        kept=[(day.date, bool(day.pieces), list(day.not_counted)) for day in told.days],
        moved=[line for line in told.clock.lines if line.kind in shown],
        reasons={key: reason.words for key, reason in pauses.items()},
    )


def _is_of(stored: StoredClock, step_id: int | None) -> bool:
    return stored.kind is ClockKind.TASK and stored.row.step_id == step_id and stored.running
