"""How the work stands, for whoever answers for it: what becomes late, what waits longest, what came and went,
how long each step takes. Each number is counted by the same conditions by which its cases are listed
(`cases/overview_list.py`), so that a click on it shows exactly those.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from itertools import pairwise
from statistics import quantiles
from typing import Any

from sqlalchemy import ColumnElement, Connection, Label, and_, case, exists, func, select
from sqlalchemy.orm import aliased

from cases.models import Case, JournalEntry, Letter
from cases.vocabulary import CaseStatus, LetterStatus, StepKind, StepStatus

DAYS = 30
MOST_DURATIONS = 50_000
"""No more finished tasks than these, the newest, are looked at for how long a step takes."""
WAITED_FOR = (StepKind.APPROVAL, StepKind.QUESTION, StepKind.FACILITY, StepKind.REGISTER)


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose work is looked at. offices: their keys, None for all. service: its key, None for all."""

    offices: tuple[str, ...] | None = None
    service: str | None = None

    def conditions(self) -> list[ColumnElement[bool]]:
        """Return what holds of a case (a row of `cases`) in this scope."""
        found: list[ColumnElement[bool]] = []
        if self.offices is not None:
            found.append(Case.office.in_(self.offices))
        if self.service is not None:
            found.append(Case.service == self.service)
        return found


@dataclass(frozen=True, slots=True)
class Horizon:
    """The instants by which open tasks are sorted: now, the end of today and that of the week (Sunday)."""

    now: datetime
    today_ends: datetime
    week_ends: datetime

    @classmethod
    def at(cls, now: datetime, zone: tzinfo) -> Horizon:
        """Return the horizon at an instant, by the calendar of a time zone."""
        today = now.astimezone(zone).date()
        week_ends = today + timedelta(days=7 - today.weekday())
        return cls(now, start_of(today + timedelta(days=1), zone), start_of(week_ends, zone))

    def late(self) -> ColumnElement[bool]:
        """Return the condition that a task is late already."""
        return JournalEntry.due_at < self.now

    def by_tonight(self) -> ColumnElement[bool]:
        """Return the condition that a task will be late today."""
        return JournalEntry.due_at.between(self.now, self.today_ends - timedelta(microseconds=1))

    def by_sunday(self) -> ColumnElement[bool]:
        """Return the condition that a task will be late on a later day of this week."""
        return JournalEntry.due_at.between(self.today_ends, self.week_ends - timedelta(microseconds=1))


def start_of(day: date, zone: tzinfo) -> datetime:
    """Return the first instant of a calendar day in a time zone, in UTC."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


IS_OPEN_TASK = and_(JournalEntry.status == StepStatus.OPEN, JournalEntry.role.is_not(None))
IS_WAITED_FOR = and_(JournalEntry.status == StepStatus.OPEN, JournalEntry.kind.in_(WAITED_FOR))
IS_DONE = and_(
    JournalEntry.status == StepStatus.DONE,
    JournalEntry.role.is_not(None),
    JournalEntry.cut_by.is_(None),
)
_EARLIER = aliased(Letter)
IS_FIRST_LETTER = and_(
    Letter.status != LetterStatus.CANCELLED,
    ~exists().where(
        _EARLIER.case_id == Letter.case_id,
        _EARLIER.id < Letter.id,
        _EARLIER.status != LetterStatus.CANCELLED,
    ),
)
"""Whether a letter is the first of its case: a case counts as decided when that was asked for."""


# -- what becomes late -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Due:
    """Open tasks of a step at an office: late already, to be late today, and later this week."""

    service: str
    key: str
    office: str
    late: int
    today: int
    week: int


def due(connection: Connection, scope: Scope, horizon: Horizon) -> list[Due]:
    """Return, by service, step (without the number of the visit) and office, what is or becomes late this
    week; steps and offices without any are left out."""
    rows = connection.execute(
        select(
            JournalEntry.service,
            JournalEntry.key,
            Case.office,
            _count(horizon.late()),
            _count(horizon.by_tonight()),
            _count(horizon.by_sunday()),
        )
        .join(Case, Case.id == JournalEntry.case_id)
        .where(IS_OPEN_TASK, JournalEntry.due_at < horizon.week_ends, *scope.conditions())
        .group_by(JournalEntry.service, JournalEntry.key, Case.office)
    )
    found: dict[tuple[str, str, str], list[int]] = {}
    for service, key, office, *counts in rows:
        sums = found.setdefault((service, key.partition("#")[0], office), [0, 0, 0])
        for place, count in enumerate(counts):
            sums[place] += count
    return [Due(*names, *counts) for names, counts in sorted(found.items())]


def _count(condition: ColumnElement[bool]) -> Label[int]:
    return func.sum(case((condition, 1), else_=0)).label(None)


# -- what waits longest ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Wait:
    """Something a case waits for: an officer with `role`, or (None) the applicant. Instants are UTC."""

    reference: str
    service: str
    key: str
    role: str | None
    office: str
    opened_at: datetime
    due_at: datetime | None


def longest_waits(connection: Connection, scope: Scope, *, limit: int = 10) -> list[Wait]:
    """Return what has waited longest, the oldest first."""
    rows = connection.execute(
        select(
            Case.reference,
            JournalEntry.service,
            JournalEntry.key,
            JournalEntry.role,
            Case.office,
            JournalEntry.opened_at,
            JournalEntry.due_at,
        )
        .join(Case, Case.id == JournalEntry.case_id)
        .where(IS_WAITED_FOR, *scope.conditions())
        .order_by(JournalEntry.opened_at, JournalEntry.id)
        .limit(limit)
    )
    return [Wait(*tuple(row)) for row in rows]


# -- what came and went ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Day:
    """One calendar day: applications received, decided and closed on it, and open at its end."""

    day: date
    received: int
    decided: int
    closed: int
    open: int


def flow(connection: Connection, scope: Scope, *, zone: tzinfo, now: datetime, days: int = DAYS) -> list[Day]:
    """Return the last days up to today, the oldest first."""
    today = now.astimezone(zone).date()
    dates = [today - timedelta(days=back) for back in range(days - 1, -1, -1)]
    edges = [start_of(each, zone) for each in (*dates, today + timedelta(days=1))]
    received = _by_day(connection, scope, Case.received_at, edges)
    closed = _by_day(connection, scope, Case.closed_at, edges)
    decided = _by_day(connection, scope, Letter.created_at, edges, IS_FIRST_LETTER)
    opened = select(func.count(Case.id)).where(Case.status == CaseStatus.OPEN, *scope.conditions())
    left, found = int(connection.execute(opened).scalar_one()), []
    for place in range(days - 1, -1, -1):
        found.append(Day(dates[place], received[place], decided[place], closed[place], left))
        left += closed[place] - received[place]
    return found[::-1]


def _by_day(
    connection: Connection,
    scope: Scope,
    instant: Any,
    edges: Sequence[datetime],
    *conditions: ColumnElement[bool],
) -> list[int]:
    """Return how many instants lie between each two edges."""
    spans = pairwise(edges)
    statement = select(*(_count(and_(instant >= start, instant < end)) for start, end in spans))
    statement = statement.where(instant >= edges[0], instant < edges[-1], *conditions, *scope.conditions())
    if instant.class_ is Letter:
        statement = statement.join(Case, Case.id == Letter.case_id)
    return [int(count or 0) for count in connection.execute(statement).one()]


# -- how long steps take ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class StepTime:
    """How long `count` finished tasks of a step took, from asked to done: a quarter of them at most `lower`,
    half at most `median`, three quarters at most `upper`. Time on the clock, nights included."""

    service: str
    key: str
    count: int
    lower: timedelta
    median: timedelta
    upper: timedelta


def step_times(connection: Connection, scope: Scope, *, since: datetime) -> list[StepTime]:
    """Return how long each step took, of the tasks done since an instant, by service and step."""
    rows = connection.execute(
        select(JournalEntry.service, JournalEntry.key, JournalEntry.opened_at, JournalEntry.done_at)
        .join(Case, Case.id == JournalEntry.case_id)
        .where(IS_DONE, JournalEntry.done_at >= since, *scope.conditions())
        .order_by(JournalEntry.done_at.desc())
        .limit(MOST_DURATIONS)
    )
    seconds: dict[tuple[str, str], list[float]] = {}
    for service, key, opened_at, done_at in rows:
        taken = max((done_at - opened_at).total_seconds(), 0.0)
        seconds.setdefault((service, key.partition("#")[0]), []).append(taken)
    return [
        StepTime(*names, len(taken), *(timedelta(seconds=each) for each in _quartiles(taken)))
        for names, taken in sorted(seconds.items())
    ]


def _quartiles(values: list[float]) -> list[float]:
    return quantiles(values, n=4, method="inclusive") if len(values) > 1 else values * 3
