"""The cases behind a number of the overview, a page at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, literal, or_, select

from cases.models import Case, JournalEntry, Letter
from cases.overview import IS_DONE, IS_FIRST_LETTER, IS_OPEN_TASK, IS_WAITED_FOR, Horizon, Scope
from cases.vocabulary import CaseStatus

PAGE = 50


class Group(StrEnum):
    """Which cases: by what an open task of theirs is, or by what happened to them in a span of time."""

    LATE = "late"
    TODAY = "today"
    WEEK = "week"
    WAITING = "waiting"
    OPEN = "open"
    RECEIVED = "received"
    DECIDED = "decided"
    CLOSED = "closed"
    DONE = "done"


TASKS = frozenset({Group.LATE, Group.TODAY, Group.WEEK, Group.WAITING, Group.DONE})
"""Groups of tasks, of which one case may have several."""


@dataclass(frozen=True, slots=True)
class Span:
    """From an instant to before another one."""

    start: datetime
    end: datetime

    def has(self, instant: Any) -> ColumnElement[bool]:
        """Return the condition that an instant lies in it."""
        return and_(instant >= self.start, instant < self.end)


@dataclass(frozen=True, slots=True)
class Listed:
    """A case, or a task of it: `key` is the step's, and `at` the instant it is listed for: when it is or was
    due (None: never), received, decided, closed or done. `id` is what the list is ordered by."""

    id: int
    reference: str
    service: str
    office: str
    key: str | None
    at: datetime | None


def behind(
    connection: Connection,
    scope: Scope,
    group: Group,
    *,
    horizon: Horizon,
    span: Span,
    step: str | None = None,
    after: int = 0,
    limit: int = PAGE,
) -> tuple[Sequence[Listed], int | None]:
    """Return the cases or tasks of a group and the cursor of the next page (None on the last).

    span: when it happened, for groups of what happened. step: only tasks of this step, however often it was
    visited. after: the cursor of the page before.
    """
    if group in TASKS:
        statement = _tasks(group, horizon, span, step)
        order = JournalEntry.id
    elif group is Group.DECIDED:
        statement = _columns(Letter.id, Letter.created_at).join(Letter, Letter.case_id == Case.id)
        statement = statement.where(IS_FIRST_LETTER, span.has(Letter.created_at))
        order = Letter.id
    else:
        statement = _cases(group, span)
        order = Case.id
    statement = statement.where(order > after, *scope.conditions()).order_by(order).limit(limit + 1)
    rows = [
        Listed(row.id, row.reference, row.service, row.office, row.key, row.at)
        for row in connection.execute(statement)
    ]
    return rows[:limit], rows[limit - 1].id if len(rows) > limit else None


def _columns(number: Any, instant: Any, key: Any = None) -> Any:
    named = key if key is not None else literal(None)
    return select(
        number.label("id"), Case.reference, Case.service, Case.office, named.label("key"), instant.label("at")
    )


def _cases(group: Group, span: Span) -> Any:
    if group is Group.OPEN:
        return _columns(Case.id, Case.received_at).where(Case.status == CaseStatus.OPEN)
    instant = Case.received_at if group is Group.RECEIVED else Case.closed_at
    return _columns(Case.id, instant).where(span.has(instant))


def _tasks(group: Group, horizon: Horizon, span: Span, step: str | None) -> Any:
    instant = JournalEntry.done_at if group is Group.DONE else JournalEntry.due_at
    conditions = {
        Group.LATE: [IS_OPEN_TASK, horizon.late()],
        Group.TODAY: [IS_OPEN_TASK, horizon.by_tonight()],
        Group.WEEK: [IS_OPEN_TASK, horizon.by_sunday()],
        Group.WAITING: [IS_WAITED_FOR],
        Group.DONE: [IS_DONE, span.has(JournalEntry.done_at)],
    }[group]
    if step is not None:
        conditions.append(
            or_(JournalEntry.key == step, JournalEntry.key.startswith(f"{step}#", autoescape=True))
        )
    columns = _columns(JournalEntry.id, instant, JournalEntry.key)
    return columns.join(JournalEntry, JournalEntry.case_id == Case.id).where(*conditions)
