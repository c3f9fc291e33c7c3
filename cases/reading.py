"""Reading one case whole: for the officer's page, the applicant's page and the command line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, select

from cases.errors import NotFound
from cases.models import (
    AllottedNumber,
    Case,
    Event,
    Incident,
    JournalEntry,
    Letter,
    LetterFile,
    Message,
    Note,
)


@dataclass(frozen=True, slots=True)
class WholeCase:
    """A case with everything that hangs on it, each in the order it came. Rows of the named tables.

    journal: all entries, those set aside included (`cut_by` not None).
    """

    case: Any
    journal: Sequence[Any]
    letters: Sequence[Any]
    messages: Sequence[Any]
    notes: Sequence[Any]
    incidents: Sequence[Any]
    numbers: Sequence[Any]
    events: Sequence[Any]

    @property
    def in_force(self) -> list[Any]:
        """The journal entries that no rewind has set aside."""
        return [entry for entry in self.journal if entry.cut_by is None]


def case_id_of(connection: Connection, reference: str) -> int:
    """Return the id of the case with this reference. Raises NotFound."""
    case_id = connection.execute(select(Case.id).where(Case.reference == reference)).scalar_one_or_none()
    if case_id is None:
        raise NotFound(f"no case {reference}")
    return int(case_id)


def whole_case(connection: Connection, case_id: int) -> WholeCase:
    """Return a case with everything on it. Raises NotFound. The caller logs the read."""
    case = connection.execute(select(Case.__table__).where(Case.id == case_id)).one_or_none()
    if case is None:
        raise NotFound(f"no case {case_id}")

    def rows(model: Any, order: Any) -> Sequence[Any]:
        return connection.execute(
            select(model.__table__).where(model.case_id == case_id).order_by(order)
        ).all()

    return WholeCase(
        case,
        rows(JournalEntry, JournalEntry.id),
        rows(Letter, Letter.id),
        rows(Message, Message.id),
        rows(Note, Note.id),
        rows(Incident, Incident.id),
        rows(AllottedNumber, AllottedNumber.id),
        rows(Event, Event.seq),
    )


def step_with_case(connection: Connection, step_id: int) -> Any:
    """Return a journal row and its case's id, reference and status (as `case_status`). Raises NotFound."""
    row = connection.execute(
        select(JournalEntry.__table__, Case.reference, Case.status.label("case_status"))
        .join(Case, Case.id == JournalEntry.case_id)
        .where(JournalEntry.id == step_id)
    ).one_or_none()
    if row is None:
        raise NotFound(f"no step {step_id}")
    return row


def letter_by_code(connection: Connection, code: str) -> Any | None:
    """Return the letter with this verification code, or None when there is none or it was never issued.

    Beside the letter's columns: `reference`, `service` and `office` of its case, and `set_aside`: whether
    the decision it tells of was taken back since (the case was rewound or re-opened before it).
    """
    return _issued_letter(connection, Letter.code == code)


def letter_by_file(connection: Connection, digest: str) -> Any | None:
    """Return the letter of which a file has this hash (hex), as `letter_by_code` does; None if none has."""
    of_file = select(LetterFile.letter_id).where(LetterFile.sha256 == digest).limit(1)
    return _issued_letter(connection, Letter.id.in_(of_file))


def _issued_letter(connection: Connection, which: ColumnElement[bool]) -> Any | None:
    own_step = (
        (JournalEntry.case_id == Letter.case_id)
        & (JournalEntry.generation == Letter.generation)
        & (JournalEntry.key == Letter.key)
    )
    return connection.execute(
        select(
            Letter.__table__,
            Case.reference,
            Case.service,
            Case.office,
            JournalEntry.cut_by.is_not(None).label("set_aside"),
        )
        .join(Case, Case.id == Letter.case_id)
        .join(JournalEntry, own_step)
        .where(which, Letter.issued_at.is_not(None))
    ).one_or_none()


def open_incidents(connection: Connection, *, limit: int = 200) -> Sequence[Any]:
    """Return incidents that nobody has resolved, with `reference`, the newest first."""
    return connection.execute(
        select(Incident.__table__, Case.reference)
        .join(Case, Case.id == Incident.case_id)
        .where(Incident.resolved_at.is_(None))
        .order_by(Incident.id.desc())
        .limit(limit)
    ).all()
