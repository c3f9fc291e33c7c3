"""The officers' inbox: open tasks of a role, by deadline, a page at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, func, literal, or_, select, tuple_

from cases.models import Case, Instant, JournalEntry
from cases.permissions import Action, Actor, require
from cases.vocabulary import Role, StepStatus
from config.roles import load_roles

PAGE = 25
COUNT_AT_MOST = 1_000
LOOK_AT_MOST = 100


@dataclass(frozen=True, slots=True)
class InboxItem:
    """An open task. Instants are UTC; `due_at` is the service standard, `opened_at` since when it waits.

    urgent: why it goes before all others (a key of the service's phrases), or None. not_by: who may not
    decide it.
    """

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
    urgent: str | None = None
    not_by: Sequence[str] | None = None

    def held_by(self, now: datetime) -> str | None:
        """Return who has claimed it and still holds it, else None."""
        held = self.claimed_until is not None and self.claimed_until > now
        return self.claimed_by if held else None

    def is_for(self, username: str) -> bool:
        """Whether the procedure lets this officer decide it."""
        return username not in (self.not_by or ())


class Cursor(NamedTuple):
    """The place of a task in the list: urgent ones first, then by deadline."""

    urgent: bool
    due_at: datetime
    step_id: int


@dataclass(frozen=True, slots=True)
class InboxPage:
    """A page of tasks and the cursor of the next page (None on the last)."""

    items: Sequence[InboxItem]
    next: Cursor | None


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
    JournalEntry.urgent,
    JournalEntry.not_by,
)


def open_tasks(
    connection: Connection,
    actor: Actor,
    *,
    after: Cursor | None = None,
    limit: int = PAGE,
    roles: Sequence[str] | None = None,
    held_by: str | None = None,
) -> InboxPage:
    """Return the open tasks this officer may see: those a procedure called urgent first, then by deadline.

    after: the cursor of the page before. roles: defaults to `visible_roles`. held_by: only tasks that this
    username has claimed.
    Raises NotAllowed.
    """
    require(actor, Action.READ_INBOX)
    statement = select(*_COLUMNS).join(Case, Case.id == JournalEntry.case_id).where(*_mine(actor, roles))
    if held_by is not None:
        statement = statement.where(JournalEntry.claimed_by == held_by)
    # Two statements, because each is answered from an index of its own, already in order.
    rows: list[Any] = []
    if after is None or after.urgent:
        rows += _next_rows(connection, statement.where(JournalEntry.urgent.is_not(None)), after, limit + 1)
    if len(rows) <= limit:
        after = None if after is None or after.urgent else after
        others = statement.where(JournalEntry.urgent.is_(None))
        rows += _next_rows(connection, others, after, limit + 1 - len(rows))
    items = [InboxItem(*tuple(row)) for row in rows[:limit]]
    last = items[-1] if len(rows) > limit else None
    return InboxPage(items, Cursor(last.urgent is not None, last.due_at, last.step_id) if last else None)


def _next_rows(
    connection: Connection, statement: Select[Any], after: Cursor | None, limit: int
) -> Sequence[Any]:
    if after is not None:
        cursor = tuple_(literal(after.due_at, Instant()), literal(after.step_id))
        statement = statement.where(tuple_(JournalEntry.due_at, JournalEntry.id) > cursor)
    return connection.execute(statement.order_by(JournalEntry.due_at, JournalEntry.id).limit(limit)).all()


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
    return next(
        (item for item in page.items if item.held_by(now) in (None, actor.name) and item.is_for(actor.name)),
        None,
    )


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
