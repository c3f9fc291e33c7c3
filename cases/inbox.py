"""The officers' inbox: open tasks of a role, by deadline, a page at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, literal, or_, select, tuple_

from cases.models import Case, Instant, JournalEntry
from cases.permissions import Action, Actor, require
from cases.vocabulary import Role, StepStatus
from config.roles import load_roles

PAGE = 25
COUNT_AT_MOST = 1_000
LOOK_AT_MOST = 100


@dataclass(frozen=True, slots=True)
class InboxItem:
    """An open task. Instants are UTC; `due_at` is the service standard, `opened_at` since when it waits."""

    step_id: int
    key: str
    service: str
    reference: str
    office: str
    channel: str
    received_at: datetime
    opened_at: datetime
    due_at: datetime
    claimed_by: str | None
    claimed_until: datetime | None

    def held_by(self, now: datetime) -> str | None:
        """Return who has claimed it and still holds it, else None."""
        held = self.claimed_until is not None and self.claimed_until > now
        return self.claimed_by if held else None


@dataclass(frozen=True, slots=True)
class InboxPage:
    """A page of tasks and the cursor of the next page (None on the last)."""

    items: Sequence[InboxItem]
    next: tuple[datetime, int] | None


_COLUMNS = (
    JournalEntry.id,
    JournalEntry.key,
    JournalEntry.service,
    Case.reference,
    Case.office,
    Case.channel,
    Case.received_at,
    JournalEntry.opened_at,
    JournalEntry.due_at,
    JournalEntry.claimed_by,
    JournalEntry.claimed_until,
)


def open_tasks(
    connection: Connection,
    actor: Actor,
    *,
    after: tuple[datetime, int] | None = None,
    limit: int = PAGE,
    roles: Sequence[str] | None = None,
    held_by: str | None = None,
) -> InboxPage:
    """Return the open tasks this officer may see, the most urgent first.

    after: the cursor of the page before. roles: defaults to `visible_roles`. held_by: only tasks that this
    username has claimed.
    Raises NotAllowed.
    """
    require(actor, Action.READ_INBOX)
    statement = select(*_COLUMNS).join(Case, Case.id == JournalEntry.case_id).where(*_mine(actor, roles))
    if held_by is not None:
        statement = statement.where(JournalEntry.claimed_by == held_by)
    if after is not None:
        cursor = tuple_(literal(after[0], Instant()), literal(after[1]))
        statement = statement.where(tuple_(JournalEntry.due_at, JournalEntry.id) > cursor)
    rows = connection.execute(statement.order_by(JournalEntry.due_at, JournalEntry.id).limit(limit + 1)).all()
    items = [InboxItem(*tuple(row)) for row in rows[:limit]]
    more = len(rows) > limit
    return InboxPage(items, (items[-1].due_at, items[-1].step_id) if more else None)


def count_open(connection: Connection, actor: Actor, *, overdue_at: datetime | None = None) -> int:
    """Return how many open tasks there are (only those late at `overdue_at`, where given), counting no
    further than 1,000."""
    require(actor, Action.READ_INBOX)
    statement = select(JournalEntry.id).where(*_mine(actor, None))
    if actor.role == Role.SUPERVISOR:
        statement = statement.join(Case, Case.id == JournalEntry.case_id)
    if overdue_at is not None:
        statement = statement.where(JournalEntry.due_at < overdue_at)
    counted = select(func.count()).select_from(statement.limit(COUNT_AT_MOST).subquery())
    return int(connection.execute(counted).scalar_one())


def next_task(connection: Connection, actor: Actor, *, now: datetime) -> InboxItem | None:
    """Return the most urgent open task that this officer may take or holds already, None if there is none.

    It looks no further than the first hundred tasks. Raises NotAllowed.
    """
    own = [actor.role] if actor.role else None
    page = open_tasks(connection, actor, roles=own, limit=LOOK_AT_MOST)
    return next((item for item in page.items if item.held_by(now) in (None, actor.name)), None)


def visible_roles(actor: Actor) -> list[str]:
    """Return the roles whose tasks this officer sees: a supervisor sees everybody's."""
    if actor.role is None or actor.role == Role.SUPERVISOR:
        return list(load_roles())
    return [actor.role]


def _mine(actor: Actor, roles: Sequence[str] | None) -> list[Any]:
    wanted = roles if roles is not None else visible_roles(actor)
    conditions: list[Any] = [
        JournalEntry.status == StepStatus.OPEN,
        JournalEntry.role.is_not(None),
        JournalEntry.role.in_(wanted),
    ]
    if actor.office is not None:
        conditions.append(_of_office(actor, actor.office))
    return conditions


def _of_office(actor: Actor, office: str) -> Any:
    """A supervisor sees what a facility was asked as well: such a task is the facility's, its case the
    office's."""
    own = JournalEntry.office == office
    if actor.role != Role.SUPERVISOR:
        return own
    return or_(own, (JournalEntry.role == Role.FACILITY_OFFICER) & (Case.office == office))
