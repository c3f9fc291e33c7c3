"""Rows as an advance would have written them: steps, letters and messages of a case."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, update

from cases.db import Database
from cases.letters import IssuedFile
from cases.models import Case, JournalEntry, Letter, Message
from cases.reading import WholeCase, whole_case
from cases.vocabulary import LetterStatus, LetterVariant, MessageStatus, StepKind, StepStatus
from tests.conftest import NOW

OFFERED: Sequence[Mapping[str, str]] = (
    {"key": "register", "needs": ""},
    {"key": "refuse", "needs": "reasons"},
    {"key": "ask", "needs": "question"},
)
REASON = {"key": "evidence-missing", "text": "The hospital has no record of this birth."}

A_FILE = {LetterVariant.PDF: IssuedFile("a" * 64, 1, 1)}
"""The files of a letter, for tests that aren't about them."""


def look(db: Database, case_id: int) -> WholeCase:
    """Read the case with all that hangs on it."""
    with db.read() as connection:
        return whole_case(connection, case_id)


def look_at_step(db: Database, step_id: int) -> Any:
    """Read one journal row."""
    with db.read() as connection:
        return connection.execute(select(JournalEntry.__table__).where(JournalEntry.id == step_id)).one()


def open_task(
    db: Database, case_id: int, key: str = "review", *, role: str = "registrar", **columns: Any
) -> int:
    """Open a task for officers with `role`, and return the step's id."""
    offered = {"outcomes": list(OFFERED), "shows": {}, "digest": "what-is-shown"}
    return open_step(db, case_id, key, StepKind.APPROVAL, role=role, **offered | columns)


def open_question(
    db: Database, case_id: int, key: str = "evidence", *, expires_at: datetime | None = None, **columns: Any
) -> int:
    """Open a question to the citizen, and return the step's id."""
    shows = {"question": "Who was the midwife?"}
    return open_step(db, case_id, key, StepKind.QUESTION, shows=shows, expires_at=expires_at, **columns)


def open_step(db: Database, case_id: int, key: str, kind: StepKind, **columns: Any) -> int:
    """Open a wait; as after an advance, the case isn't ready then."""
    return write_step(db, case_id, key, kind, status=StepStatus.OPEN, done_at=None, **columns)


def write_step(db: Database, case_id: int, key: str, kind: StepKind, **columns: Any) -> int:
    """Write a journal row, finished unless `columns` say otherwise, and return its id."""
    with db.write() as connection:
        case = connection.execute(
            update(Case)
            .where(Case.id == case_id)
            .values(ready=False)
            .returning(Case.service, Case.office, Case.generation, Case.form_version)
        ).one()
        row = {"case_id": case_id, "key": key, "kind": kind, "status": StepStatus.DONE}
        row |= {"opened_at": NOW, "done_at": NOW, "due_at": NOW} | case._asdict()
        statement = insert(JournalEntry).values(row | columns).returning(JournalEntry.id)
        return connection.execute(statement).scalar_one()


def ask_letter(db: Database, case_id: int, key: str = "certificate", **columns: Any) -> int:
    """Write a step that asked for a letter, and the letter; return the letter's id."""
    write_step(db, case_id, key, StepKind.LETTER)
    row = {"template": f"birth_registration/{key}", "status": LetterStatus.PENDING}
    row |= {"code": f"{case_id}-{_generation(db, case_id)}-{key}"[:24]}
    return _write_effect(db, Letter, case_id, key, row | columns)


def ask_message(db: Database, case_id: int, key: str = "certificate-message", **columns: Any) -> int:
    """Write a step that asked for a message, and the message; return the message's id."""
    write_step(db, case_id, key, StepKind.MESSAGE)
    row = {"template": f"birth_registration/{key}", "status": MessageStatus.PENDING}
    row |= {"recipient": "+6799012345", "repeatable": True}
    return _write_effect(db, Message, case_id, key, row | columns)


def _write_effect(db: Database, table: Any, case_id: int, key: str, row: Mapping[str, Any]) -> int:
    common = {"case_id": case_id, "generation": _generation(db, case_id), "key": key}
    common |= {"language": "en", "facts": {"child_name": "Losalini"}, "created_at": NOW}
    with db.write() as connection:
        statement = insert(table).values({**common, **row}).returning(table.id)
        value: int = connection.execute(statement).scalar_one()
        return value


def _generation(db: Database, case_id: int) -> int:
    generation: int = look(db, case_id).case.generation
    return generation
