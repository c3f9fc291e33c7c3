"""Documents that families send: photos and PDFs, kept with a draft, with an answer, or with an open case.

with a draft ──remove──▶ removed (deleted at night)
     └──the application is sent──▶ with its case
with a question ──the answer is sent──▶ with its case
straight to an open case, later

The bytes are checked and stored before (cases/uploads.py, cases/files.py); here are the rows. The same file
in the same place is one document, however often it is sent.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, bindparam, delete, func, insert, or_, select, update

from cases import actions
from cases.actions import Answered
from cases.audit import salted
from cases.case_rows import Done, lock_case, move_on, require_open
from cases.errors import NotFound
from cases.files import FileKind, FileStore
from cases.models import Document, Draft, JournalEntry, table_of
from cases.permissions import Actor, require_own_case
from cases.step_rows import lock_step, raise_decided
from cases.uploads import CheckedFile
from cases.vocabulary import EventKind, StepKind, StepStatus
from config.uploads import LIMITS

LONGEST_NAME = 100
_DOCUMENTS = table_of(Document)
_HERE = Document.removed_at.is_(None)
_LOCK_DRAFT = select(Draft.token).where(Draft.token == bindparam("of_draft")).with_for_update()


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A checked file that is in the store. name: as sent; kind: what its sender says it is, if anything."""

    name: str
    media_type: str
    sha256: str
    size: int
    pages: int
    kind: str | None = None


@dataclass(frozen=True, slots=True)
class Added(Done):
    """Documents came to a case. `left_out`: those for which there was no room."""

    left_out: Sequence[StoredFile]


def store(files: FileStore, checked: CheckedFile, *, name: str, kind: str | None = None) -> StoredFile:
    """Put a checked file into the store, with its small picture. Raises OSError when the disk is full."""
    digest = files.put(FileKind.DOCUMENT, checked.content)
    files.put(FileKind.THUMBNAIL, checked.thumbnail, digest)
    cleaned = clean_name(name) or "document"
    return StoredFile(cleaned, checked.media_type, digest, len(checked.content), checked.pages, kind)


def clean_name(name: str) -> str:
    """Return a file's name as sent, without folders and signs that can't be seen; "" if nothing is left.

    A long one keeps its beginning and its ending.
    """
    name = unicodedata.normalize("NFC", name.replace("\\", "/").rpartition("/")[2][-1_000:])
    seen = "".join(" " if sign.isspace() else sign for sign in name if sign.isspace() or _is_seen(sign))
    short = " ".join(seen.split())
    if len(short) > LONGEST_NAME:
        stem, dot, ending = short.rpartition(".")
        keep = dot + ending[:10] if stem else ""
        short = short[: LONGEST_NAME - len(keep) - 1] + "…" + keep
    return short


def _is_seen(sign: str) -> bool:
    return unicodedata.category(sign)[0] != "C" or sign in "\u200c\u200d"  # joiners: Indian scripts need them


# -- with a draft ----------------------------------------------------------------------------------


def keep_with_draft(
    connection: Connection,
    *,
    draft: str,
    field: str,
    files: Sequence[StoredFile],
    most: int,
    by: str,
    now: datetime,
) -> list[StoredFile]:
    """Add files to a field of a draft; return those for which there was no room.

    draft: its token. most: how many the field takes. Raises NotFound when the draft isn't there any more.
    """
    _lock_draft(connection, draft)
    of_field = and_(Document.draft == draft, Document.field == field, _HERE)
    room = min(most - _count(connection, of_field), _room(connection, Document.draft == draft))
    row = {"draft": draft, "field": field}
    return _add(connection, of_field, row, files, room, by, now)[1]


def remove_from_draft(connection: Connection, *, draft: str, document_id: int, now: datetime) -> None:
    """Take a document out of a draft; nothing happens if it isn't in it (any more)."""
    _lock_draft(connection, draft)
    here = (Document.id == document_id, Document.draft == draft, _HERE)
    connection.execute(update(_DOCUMENTS).where(*here).values(removed_at=now))


def of_draft(connection: Connection, draft: str, field: str | None = None) -> Sequence[Any]:
    """Return the documents (rows) of a draft or of one field of it, in the order they were added."""
    where = [Document.draft == draft, _HERE] + ([Document.field == field] if field is not None else [])
    return _rows(connection, *where)


def rows_of(connection: Connection, ids: Collection[int]) -> Sequence[Any]:
    """Return the documents (rows) of these numbers that weren't removed, in the order they were added."""
    return _rows(connection, Document.id.in_(ids), _HERE) if ids else []


def document_of_draft(connection: Connection, draft: str, document_id: int) -> Any:
    """Return one document of a draft. Raises NotFound."""
    return _one(connection, document_id, Document.draft == draft)


def as_answer(documents: Iterable[Any]) -> list[dict[str, Any]]:
    """Return documents (rows) as the answer of an upload field."""
    return [{"id": document.id, "name": document.name} for document in documents]


def move_to_case(
    connection: Connection, *, draft: str, case_id: int, fields: Collection[str], now: datetime, by: str
) -> None:
    """Move the documents of a draft that was just submitted to its case, in the same transaction.

    fields: those that are still asked; documents of others stay with the draft and go with it.
    """
    connection.execute(_LOCK_DRAFT, {"of_draft": draft})  # one that was tidied away has none
    theirs = (Document.draft == draft, Document.field.in_(fields), _HERE)
    moved = _rows(connection, *theirs)
    if moved:
        to = {"case_id": case_id, "draft": None, "sent_at": now}
        connection.execute(update(_DOCUMENTS).where(*theirs).values(to))
        _tell(connection, lock_case(connection, case_id), moved, by, now)


def _lock_draft(connection: Connection, draft: str) -> None:
    if connection.execute(_LOCK_DRAFT, {"of_draft": draft}).one_or_none() is None:
        raise NotFound("no such draft")


# -- with an answer --------------------------------------------------------------------------------


def keep_with_answer(
    connection: Connection, *, step_id: int, files: Sequence[StoredFile], actor: Actor, now: datetime
) -> list[StoredFile]:
    """Keep files for the answer to a question, as the applicant; return those without room.

    Officers see them when the answer is sent. Raises NotFound, NotAllowed, AlreadyDecided, CaseClosed.
    """
    step = _own_question(connection, step_id, actor)
    if step.step_status == StepStatus.DONE:
        raise_decided(step)
    require_open(step)
    of_step = and_(Document.step_id == step_id, Document.sent_at.is_(None), _HERE)
    room = min(
        LIMITS.files_at_once - _count(connection, of_step), _room(connection, Document.case_id == step.id)
    )
    row = {"case_id": step.id, "step_id": step_id}
    return _add(connection, of_step, row, files, room, actor.name, now)[1]


def remove_from_answer(
    connection: Connection, *, step_id: int, document_id: int, actor: Actor, now: datetime
) -> None:
    """Take a document out of an answer that wasn't sent; nothing happens if it isn't in it (any more)."""
    _own_question(connection, step_id, actor)
    here = (Document.id == document_id, Document.step_id == step_id, Document.sent_at.is_(None), _HERE)
    connection.execute(update(_DOCUMENTS).where(*here).values(removed_at=now))


def of_answer(connection: Connection, step_id: int) -> Sequence[Any]:
    """Return the documents (rows) kept for an answer that wasn't sent yet."""
    return _rows(connection, Document.step_id == step_id, Document.sent_at.is_(None), _HERE)


def answer(connection: Connection, *, step_id: int, text: str, actor: Actor, now: datetime) -> Answered:
    """Answer a question with the documents kept for it, as `cases.actions.answer` does, also when late."""
    step = _own_question(connection, step_id, actor)
    kept = of_answer(connection, step_id)
    done = actions.answer(
        connection, step_id=step_id, text=text, actor=actor, now=now, documents=as_answer(kept)
    )
    if kept:
        ids = [document.id for document in kept]
        connection.execute(update(_DOCUMENTS).where(Document.id.in_(ids)).values(sent_at=now))
        _tell(connection, lock_case(connection, step.id), kept, actor.name, now)
    return done


def _own_question(connection: Connection, step_id: int, actor: Actor) -> Any:
    step = lock_step(connection, step_id)
    if step.kind != StepKind.QUESTION:
        raise NotFound(f"step {step.key} is not a question")
    require_own_case(actor, step.id)
    return step


# -- with a case -----------------------------------------------------------------------------------


def add_to_case(
    connection: Connection, *, case_id: int, files: Sequence[StoredFile], actor: Actor, now: datetime
) -> Added:
    """Add documents to an open case, as the applicant. Raises NotFound, NotAllowed, CaseClosed."""
    case = lock_case(connection, case_id)
    require_own_case(actor, case.id)
    require_open(case)
    later = and_(Document.case_id == case_id, Document.step_id.is_(None), Document.field == "", _HERE)
    room = _room(connection, Document.case_id == case_id)
    row = {"case_id": case_id, "sent_at": now}
    added, left_out = _add(connection, later, row, files, room, actor.name, now)
    if added:
        _tell(connection, case, added, actor.name, now)
    return Added(case.id, case.reference, case.service, left_out)


def of_case(connection: Connection, case_id: int) -> Sequence[Any]:
    """Return the documents (rows) of a case that were sent, in the order they were added.

    Beside the columns: `step_key`, that of the question it answers, or None.
    """
    return connection.execute(
        select(_DOCUMENTS, JournalEntry.key.label("step_key"))
        .outerjoin(JournalEntry, JournalEntry.id == Document.step_id)
        .where(Document.case_id == case_id, Document.sent_at.is_not(None), _HERE)
        .order_by(Document.id)
    ).all()


def document_of_case(connection: Connection, case_id: int, document_id: int) -> Any:
    """Return one document of a case that was sent. Raises NotFound."""
    return _one(connection, document_id, Document.case_id == case_id, Document.sent_at.is_not(None))


def own_document(connection: Connection, case_id: int, document_id: int) -> Any:
    """Return one document of a case for its applicant, also one that wasn't sent yet. Raises NotFound."""
    return _one(connection, document_id, Document.case_id == case_id)


# -- what they have in common ----------------------------------------------------------------------


def _rows(connection: Connection, *where: ColumnElement[bool]) -> Sequence[Any]:
    return connection.execute(select(_DOCUMENTS).where(*where).order_by(Document.id)).all()


def _one(connection: Connection, document_id: int, *where: ColumnElement[bool]) -> Any:
    rows = _rows(connection, Document.id == document_id, *where, _HERE)
    if not rows:
        raise NotFound(f"no document {document_id} here")
    return rows[0]


def _count(connection: Connection, where: ColumnElement[bool]) -> int:
    return int(connection.execute(select(func.count(Document.id)).where(where)).scalar_one())


def _room(connection: Connection, whole: ColumnElement[bool]) -> int:
    """Return how many documents a draft or case still takes; those removed count until they are deleted."""
    return LIMITS.files_of_a_case - _count(connection, whole)


def _add(
    connection: Connection,
    beside: ColumnElement[bool],
    row: Mapping[str, Any],
    files: Sequence[StoredFile],
    room: int,
    by: str,
    now: datetime,
) -> tuple[list[StoredFile], list[StoredFile]]:
    """Add the files that aren't `beside` already; return those added and those without room."""
    known = set(connection.execute(select(Document.sha256).where(beside)).scalars())
    new = list({file.sha256: file for file in files if file.sha256 not in known}.values())
    added, left_out = new[: max(room, 0)], new[max(room, 0) :]
    if added:
        common = {"field": "", "added_at": now, "added_by": by} | dict(row)
        connection.execute(insert(_DOCUMENTS), [common | _columns(file) for file in added])
    return added, left_out


def _columns(file: StoredFile) -> dict[str, Any]:
    return {
        "name": file.name,
        "media_type": file.media_type,
        "sha256": file.sha256,
        "size": file.size,
        "pages": file.pages,
        "kind": file.kind,
    }


def _tell(connection: Connection, case: Any, documents: Iterable[Any], by: str, now: datetime) -> None:
    digests = [document.sha256 for document in documents]
    told = {"count": len(digests), "documents": salted(case.salt, digests)}
    move_on(connection, case, EventKind.DOCUMENT_ADDED, by, now, told)


# -- housekeeping ----------------------------------------------------------------------------------


def forget_unsent(connection: Connection, *, before: datetime) -> list[str]:
    """Delete the rows of what was removed, of drafts that are gone, and of answers never sent since `before`.

    Returns the hashes of their files, which other rows may still need.
    """
    gone = and_(Document.case_id.is_(None), or_(Document.draft.is_(None), Document.removed_at.is_not(None)))
    unsent = and_(Document.sent_at.is_(None), Document.step_id.is_not(None))
    idle = and_(unsent, or_(Document.added_at < before, Document.removed_at.is_not(None)))
    statement = delete(_DOCUMENTS).where(or_(gone, idle)).returning(Document.sha256)
    return list(connection.execute(statement).scalars())


def needed_files(connection: Connection, digests: Collection[str]) -> set[str]:
    """Return those of the hashes that a row still needs."""
    needed = select(Document.sha256).where(Document.sha256.in_(digests))
    return set(connection.execute(needed).scalars())
