"""Letters at an office: to print, ready to collect, posted. Found by the index on how far they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Select, and_, func, or_, select

from cases.case_rows import step_in_force
from cases.errors import NotFound
from cases.models import Case, JournalEntry, Letter
from cases.people import normalise_reference
from cases.permissions import Action, Actor, require
from cases.vocabulary import Delivery, LetterStatus, StepKind, StepStatus

PAGE = 50
MOST_SEARCHED = 200  # characters of a search
POSTED_SHOWN = timedelta(days=30)


class Stage(StrEnum):
    """How far the letters of a list are."""

    TO_PRINT = "to-print"
    READY = "ready"
    POSTED = "posted"


@dataclass(frozen=True, slots=True)
class LetterAtOffice:
    """An issued letter on its way into somebody's hands, and the case it belongs to.

    answers: of the application, from which the page takes who it is about.
    """

    id: int
    key: str
    case_id: int
    reference: str
    service: str
    office: str
    answers: Mapping[str, Any]
    issued_at: datetime
    delivery: str | None
    delivered_at: datetime | None
    delivered_to: str | None
    sha256: str


@dataclass(frozen=True, slots=True)
class LettersPage:
    """A page of letters and the cursor of the next page (None on the last)."""

    items: Sequence[LetterAtOffice]
    next: int | None


_COLUMNS = (
    Letter.id,
    Letter.key,
    Letter.case_id,
    Case.reference,
    Case.service,
    Case.office,
    Case.answers,
    Letter.issued_at,
    Letter.delivery,
    Letter.delivered_at,
    Letter.delivered_to,
    Letter.sha256,
)


def letters_at(
    connection: Connection,
    actor: Actor,
    stage: Stage,
    *,
    now: datetime,
    search: str = "",
    names: Mapping[str, Sequence[str]] | None = None,
    after: int | None = None,
    limit: int = PAGE,
) -> LettersPage:
    """Return a page of the letters at the actor's office, the oldest first; those posted in the last 30 days,
    the newest first.

    search: a reference however it is typed, or words that must all stand in one of the answers that `names`
    lists by service. after: the cursor of the page before. Raises NotAllowed.
    """
    require(actor, Action.HAND_OVER)
    statement = _letters().where(_is_at(stage, now))
    if actor.office is not None:
        statement = statement.where(Case.office == actor.office)
    if search:
        statement = statement.where(_found_by(search, names or {}))
    newest_first = stage is Stage.POSTED
    if after is not None:
        statement = statement.where(Letter.id < after if newest_first else Letter.id > after)
    order = Letter.id.desc() if newest_first else Letter.id
    rows = connection.execute(statement.order_by(order).limit(limit + 1)).all()
    items = [LetterAtOffice(*tuple(row)) for row in rows[:limit]]
    return LettersPage(items, items[-1].id if len(rows) > limit else None)


def _is_at(stage: Stage, now: datetime) -> Any:
    if stage is Stage.TO_PRINT:
        return Letter.delivery.is_(None) & Letter.delivered_at.is_(None)  # the second only for the index
    if stage is Stage.READY:
        return Letter.delivery == Delivery.READY
    return (Letter.delivery == Delivery.POSTED) & (Letter.delivered_at > now - POSTED_SHOWN)


def letter_at_office(connection: Connection, letter_id: int, *, actor: Actor) -> LetterAtOffice:
    """Return an issued letter whose decision stands. Raises NotFound, NotAllowed."""
    row = connection.execute(_letters().where(Letter.id == letter_id)).one_or_none()
    if row is None:
        raise NotFound(f"no letter {letter_id} at an office")
    require(actor, Action.HAND_OVER, office=row.office)
    return LetterAtOffice(*tuple(row))


def open_confirmation(connection: Connection, letter: LetterAtOffice) -> int | None:
    """Return the step in which the family is asked whether this letter has arrived, None if none is open."""
    asked = connection.execute(
        select(JournalEntry.id, JournalEntry.shows).where(
            JournalEntry.case_id == letter.case_id,
            JournalEntry.kind == StepKind.CONFIRMATION,
            JournalEntry.status == StepStatus.OPEN,
            JournalEntry.cut_by.is_(None),
        )
    )
    key = letter.key.partition("#")[0]
    return next((step.id for step in asked if (step.shows or {}).get("letter") == key), None)


def _letters() -> Select[Any]:
    return (
        select(*_COLUMNS)
        .join(Case, Case.id == Letter.case_id)
        .where(Letter.status == LetterStatus.ISSUED, step_in_force(Letter))
    )


def _found_by(search: str, names: Mapping[str, Sequence[str]]) -> Any:
    words = search[:MOST_SEARCHED].lower().split()
    by_name = [
        and_(
            Case.service == service,
            *(func.lower(Case.answers[field].as_string()).contains(word, autoescape=True) for word in words),
        )
        for service, fields in names.items()
        for field in fields
    ]
    return or_(Case.reference == normalise_reference(search), *by_name)
