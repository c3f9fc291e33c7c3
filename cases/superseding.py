"""A letter of one case that takes the place of another case's: the award after a review, of the refusal.

Both cases are locked, in the order of their ids. It takes effect when the new letter is issued; when the old
one is issued only then (it had failed, and was made again), it is replaced from the start.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, or_, select, update

from cases.case_rows import lock_case, move_on, step_in_force
from cases.models import Case, Letter, table_of
from cases.vocabulary import EventKind, LetterStatus


def lock_both(connection: Connection, letter_id: int, case_id: int) -> tuple[Any, Any | None]:
    """Lock the letter's case and the one whose letter it replaces; return their HEAD rows, the second None
    where there is none (or it is the same)."""
    other_id = connection.execute(
        select(Case.id)
        .join(Letter, Letter.supersedes_case == Case.reference)
        .where(Letter.id == letter_id, Case.id != case_id)
    ).scalar_one_or_none()
    wanted = sorted(each for each in (case_id, other_id) if each is not None)
    locked = {each: lock_case(connection, each) for each in wanted}
    return locked[case_id], locked.get(other_id) if other_id is not None else None


def replace_letter(connection: Connection, letter: Any, other: Any, now: datetime) -> None:
    """Note that an issued letter (id, reference, supersedes_key) took the place of `other`'s (a HEAD row, as
    locked), with an event of that case. Nothing happens when that has no such letter that stands."""
    replaced = connection.execute(
        update(table_of(Letter))
        .where(
            Letter.case_id == other.id,
            _is_visit(letter.supersedes_key),
            Letter.status == LetterStatus.ISSUED,
        )
        .values(status=LetterStatus.SUPERSEDED, superseded_by=letter.id)
        .returning(Letter.key)
    ).scalars()
    keys = sorted(replaced)
    if keys:
        told = {"letters": keys, "by": letter.reference}
        move_on(connection, other, EventKind.LETTER_SUPERSEDED, "system", now, told)


def replace_late_letter(connection: Connection, letter_id: int, case: Any, key: str) -> str | None:
    """Note that a letter (of `case`, step `key`) was replaced before it was issued, if it was; return the
    reference of the case whose letter took its place, or None."""
    newer = connection.execute(
        select(Letter.id, Letter.supersedes_key, Case.reference)
        .join(Case, Case.id == Letter.case_id)
        .where(
            Letter.supersedes_case == case.reference,
            Letter.case_id != case.id,
            Letter.issued_at.is_not(None),
            step_in_force(Letter),
        )
        .order_by(Letter.id.desc())
    )
    for row in newer:
        if key.partition("#")[0] == row.supersedes_key.partition("#")[0]:
            values = {"status": LetterStatus.SUPERSEDED, "superseded_by": row.id}
            connection.execute(update(table_of(Letter)).where(Letter.id == letter_id).values(values))
            return str(row.reference)
    return None


def _is_visit(key: str) -> ColumnElement[bool]:
    """Return the condition that a letter is of this step, whichever visit."""
    return or_(Letter.key == key, Letter.key.startswith(f"{key}#", autoescape=True))
