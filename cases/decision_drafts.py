"""What officers have half written on a task. It outlives a claim that ran out, a conflict and a browser that
crashed, is seen by its writer alone, and goes when the decision is taken.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, exists, select
from sqlalchemy.dialects import postgresql, sqlite

from cases.errors import NotAllowed, NotFound, Refused
from cases.models import DecisionDraft, JournalEntry, table_of
from cases.permissions import Action, Actor, require
from cases.vocabulary import StepStatus

MOST_CHARACTERS = 100_000
KEPT_AFTERWARDS = timedelta(days=30)
Words = Mapping[str, Sequence[str]]
"""What stands in the inputs of a page, by name."""

DRAFTS = table_of(DecisionDraft)


@dataclass(frozen=True, slots=True)
class Kept:
    """Words as they were kept, and when."""

    words: Words
    at: datetime


def keep_words(
    connection: Connection, *, step_id: int, outcome: str, words: Words, actor: Actor, now: datetime
) -> bool:
    """Keep what the officer has written for an outcome of a task, in place of what was kept before.

    Holding the task isn't needed: a claim that ran out loses no word. Returns False, keeping nothing, when
    the task is settled. Raises NotFound, NotAllowed, and Refused for more than 100,000 characters.
    """
    step = connection.execute(
        select(JournalEntry.role, JournalEntry.office, JournalEntry.status, JournalEntry.cut_by).where(
            JournalEntry.id == step_id
        )
    ).one_or_none()
    if step is None:
        raise NotFound(f"no step {step_id}")
    require(actor, Action.DECIDE, office=step.office)
    if actor.role != step.role:
        raise NotAllowed(f"step {step_id} is a task for {step.role}, not for {actor.name}")
    if sum(len(text) for texts in words.values() for text in texts) > MOST_CHARACTERS:
        raise Refused("too many words")
    if step.status != StepStatus.OPEN or step.cut_by is not None:
        return False
    values = {"words": {name: list(texts) for name, texts in words.items()}, "updated_at": now}
    mine = {"step_id": step_id, "actor": actor.name, "outcome": outcome}
    dialect: Any = postgresql if connection.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(DRAFTS).values(mine | values)
    connection.execute(statement.on_conflict_do_update(index_elements=list(mine), set_=values))
    return True


def kept_words(connection: Connection, *, step_id: int, outcome: str, actor: Actor) -> Kept | None:
    """Return what this officer had written for an outcome of a task, None if nothing."""
    row = connection.execute(
        select(DecisionDraft.words, DecisionDraft.updated_at).where(_mine(step_id, actor.name, outcome))
    ).one_or_none()
    return Kept(row.words, row.updated_at) if row else None


def forget_words(connection: Connection, *, step_id: int, actor: Actor, outcome: str | None = None) -> None:
    """Forget what this officer had written on a task, or only what they had for one outcome."""
    connection.execute(delete(DRAFTS).where(_mine(step_id, actor.name, outcome)))


def forget_settled(connection: Connection, *, now: datetime) -> int:
    """Forget words on tasks that were settled by others, a month after they were written; return how many."""
    still_open = exists().where(
        JournalEntry.id == DecisionDraft.step_id, JournalEntry.status == StepStatus.OPEN
    )
    old = DecisionDraft.updated_at < now - KEPT_AFTERWARDS
    return connection.execute(delete(DRAFTS).where(old, ~still_open)).rowcount


def _mine(step_id: int, actor: str, outcome: str | None) -> Any:
    mine = (DecisionDraft.step_id == step_id) & (DecisionDraft.actor == actor)
    return mine if outcome is None else mine & (DecisionDraft.outcome == outcome)
