"""Letters on their way from asked for to issued. Rendering itself happens elsewhere, without a transaction.

pending ──claim──▶ rendering ──finish──▶ issued ──▶ superseded (by the same letter made again, or by
                       │                                        another case's: cases/superseding.py)
                       └──fail──▶ failed (an incident) ──retry──▶ pending
pending, rendering, failed ──▶ cancelled (the case was withdrawn or rewound)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, and_, func, insert, literal, or_, select, update

from cases.case_rows import Done, lock_case, move_on
from cases.files import FileKind
from cases.models import Case, Letter, LetterFile, table_of
from cases.revisions import record_incident
from cases.superseding import lock_both, replace_late_letter, replace_letter
from cases.vocabulary import EventKind, LetterStatus, LetterVariant


@dataclass(frozen=True, slots=True)
class LetterWork:
    """A claimed letter: what to render, and the attempt that alone may finish it."""

    id: int
    case_id: int
    reference: str
    attempt: int
    template: str
    language: str
    facts: dict[str, Any]
    code: str


@dataclass(frozen=True, slots=True)
class IssuedFile:
    """One variant of an issued letter in the store: its hash, its size, and of a PDF its pages."""

    sha256: str
    size: int
    pages: int | None = None


KIND_OF = {
    LetterVariant.PDF: FileKind.LETTER,
    LetterVariant.LARGE: FileKind.LETTER,
    LetterVariant.HTML: FileKind.LETTER_PAGE,
    LetterVariant.TEXT: FileKind.LETTER_TEXT,
}
"""Where in the store a variant is."""


def _claimable(now: datetime) -> Any:
    abandoned = and_(Letter.status == LetterStatus.RENDERING, Letter.held_until < now)
    return or_(Letter.status == LetterStatus.PENDING, abandoned)


def count_claimable(connection: Connection, *, now: datetime) -> int:
    """Return how many letters wait to be rendered, abandoned ones included."""
    return int(connection.execute(select(func.count(Letter.id)).where(_claimable(now))).scalar_one())


def claim_letters(
    connection: Connection, *, holder: str, now: datetime, limit: int, hold_for: timedelta
) -> list[LetterWork]:
    """Claim up to `limit` letters, the oldest first, for `hold_for`; raises their attempt."""
    rows = connection.execute(
        select(Letter, Case.reference)
        .join(Case, Case.id == Letter.case_id)
        .where(_claimable(now))
        .order_by(Letter.id)
        .limit(limit)
        .with_for_update(of=Letter, skip_locked=True)
    ).all()
    if rows:
        connection.execute(
            update(table_of(Letter))
            .where(Letter.id.in_([row.id for row in rows]))
            .values(
                status=LetterStatus.RENDERING,
                attempt=Letter.attempt + 1,
                holder=holder,
                held_until=now + hold_for,
            )
        )
    return [
        LetterWork(
            row.id,
            row.case_id,
            row.reference,
            row.attempt + 1,
            row.template,
            row.language,
            row.facts,
            row.code,
        )
        for row in rows
    ]


def finish_letter(
    connection: Connection, work: LetterWork, *, files: Mapping[LetterVariant, IssuedFile], now: datetime
) -> Done | None:
    """Note that the letter is issued as these files, a PDF among them. An older issue of the same letter of
    the same case is superseded by it, and so is the letter of another case that it replaces.

    Returns None, writing nothing, when the letter was cancelled meanwhile or another attempt has it.
    """
    (case, other), pdf = lock_both(connection, work.id, work.case_id), files[LetterVariant.PDF]
    issued = connection.execute(
        update(table_of(Letter))
        .where(*_mine(work))
        .values(
            status=LetterStatus.ISSUED,
            sha256=pdf.sha256,
            size=pdf.size,
            pages=pdf.pages,
            issued_at=now,
            holder=None,
            held_until=None,
        )
        .returning(Letter.id, Letter.key, Letter.supersedes_key, literal(case.reference).label("reference"))
    ).one_or_none()
    if issued is None:
        return None
    connection.execute(insert(table_of(LetterFile)), _rows(work, files))
    connection.execute(
        update(table_of(Letter))
        .where(
            Letter.case_id == work.case_id,
            Letter.key == issued.key,
            Letter.id != work.id,
            Letter.status == LetterStatus.ISSUED,
        )
        .values(status=LetterStatus.SUPERSEDED, superseded_by=work.id)
    )
    hashes = {variant.value: file.sha256 for variant, file in files.items()}
    told = {"letter": issued.key, "sha256": pdf.sha256, "attempt": work.attempt, "files": hashes}
    if other is not None:
        replace_letter(connection, issued, other, now)
        told["replaces"] = other.reference
    if (replaced_by := replace_late_letter(connection, work.id, case, issued.key)) is not None:
        told["replaced_by"] = replaced_by
    return move_on(connection, case, EventKind.LETTER_ISSUED, "system", now, told)


def _rows(work: LetterWork, files: Mapping[LetterVariant, IssuedFile]) -> list[dict[str, Any]]:
    return [
        {
            "letter_id": work.id,
            "variant": variant,
            "sha256": file.sha256,
            "size": file.size,
            "pages": file.pages,
        }
        for variant, file in files.items()
    ]


def files_of(connection: Connection, letter_id: int) -> dict[LetterVariant, IssuedFile]:
    """Return the variants of an issued letter, in the order of LetterVariant; none before it is issued."""
    rows = connection.execute(
        select(LetterFile.variant, LetterFile.sha256, LetterFile.size, LetterFile.pages).where(
            LetterFile.letter_id == letter_id
        )
    )
    found = {row.variant: IssuedFile(row.sha256, row.size, row.pages) for row in rows}
    return {variant: found[variant] for variant in LetterVariant if variant in found}


def fail_letter(
    connection: Connection, work: LetterWork, *, cause: str, summary: str, now: datetime
) -> Done | None:
    """Note that the letter can't be made, as an incident on its case; the case itself goes on.

    cause: equal for equal causes. summary: class and place, no personal data. None as in `finish_letter`.
    """
    lock_case(connection, work.case_id)
    changed = connection.execute(
        update(table_of(Letter))
        .where(*_mine(work))
        .values(status=LetterStatus.FAILED, failure=summary, holder=None, held_until=None)
    )
    if changed.rowcount == 0:
        return None
    return record_incident(
        connection, case_id=work.case_id, cause=cause, summary=summary, halt=False, now=now
    )


def release_letter(connection: Connection, work: LetterWork) -> None:
    """Give a claimed letter back, as when a worker is told to stop."""
    connection.execute(
        update(table_of(Letter))
        .where(*_mine(work))
        .values(status=LetterStatus.PENDING, holder=None, held_until=None)
    )


def _mine(work: LetterWork) -> tuple[Any, ...]:
    return (
        Letter.id == work.id,
        Letter.attempt == work.attempt,
        Letter.status == LetterStatus.RENDERING,
    )
