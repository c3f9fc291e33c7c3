"""Bringing an issued letter into the family's hands, and their word that it has arrived.

(to print) ──print──▶ ready to collect ──hand over──▶ collected
     │                      └──post──▶ posted
     └──the citizen downloads it──▶ downloaded

None of it decides anything. What was collected or posted stays so when the letter is downloaded later.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from cases.audit import salted
from cases.case_rows import Done, lock_case, move_on
from cases.errors import AlreadyDecided, Conflict, NotFound, ReasonMissing
from cases.models import Letter, Note, table_of
from cases.permissions import Action, Actor, require, require_own_case
from cases.step_rows import change_step, lock_step
from cases.vocabulary import Delivery, EventKind, LetterStatus, StepKind, StepStatus

LETTERS = table_of(Letter)
_IN_HANDS = (Delivery.COLLECTED, Delivery.POSTED)


def mark_printed(connection: Connection, *, letter_id: int, actor: Actor, now: datetime) -> Done:
    """Note that a letter is printed and ready to collect. Raises NotFound, NotAllowed, Conflict."""
    return _deliver(connection, letter_id, Delivery.READY, None, actor, now)


def mark_posted(connection: Connection, *, letter_id: int, to: str, actor: Actor, now: datetime) -> Done:
    """Note that a letter was posted to the address `to`.

    Raises NotFound, NotAllowed, Conflict when it was collected or posted before, ReasonMissing without `to`.
    """
    return _deliver(connection, letter_id, Delivery.POSTED, _required(to, "the address"), actor, now)


def hand_over(connection: Connection, *, letter_id: int, to: str, actor: Actor, now: datetime) -> Done:
    """Note that a letter was given to somebody at the counter.

    to: who collected it and what they showed ("Mere Tuilagi, voter card"). Raises as `mark_posted` does.
    """
    return _deliver(connection, letter_id, Delivery.COLLECTED, _required(to, "who collected it"), actor, now)


def _required(text: str, what: str) -> str:
    words = " ".join(text.split())[:200]
    if not words:
        raise ReasonMissing(f"{what} is missing")
    return words


def _deliver(
    connection: Connection, letter_id: int, how: Delivery, to: str | None, actor: Actor, now: datetime
) -> Done:
    case, letter = _lock_letter(connection, letter_id)
    require(actor, Action.HAND_OVER, office=case.office)
    if letter.status != LetterStatus.ISSUED:
        raise Conflict(f"letter {letter_id} is {letter.status}")
    if letter.delivery in _IN_HANDS:
        raise Conflict(f"letter {letter_id} is {letter.delivery} already")
    return _note(connection, case, letter, how, to, actor, now)


def note_download(connection: Connection, *, letter_id: int, actor: Actor, now: datetime) -> Done | None:
    """Note that the citizen downloaded a letter; None when that, or more, is known already.

    Raises NotFound, NotAllowed.
    """
    case, letter = _lock_letter(connection, letter_id)
    require_own_case(actor, case.id)
    if letter.delivery in (*_IN_HANDS, Delivery.DOWNLOADED):
        return None
    return _note(connection, case, letter, Delivery.DOWNLOADED, None, actor, now)


def _lock_letter(connection: Connection, letter_id: int) -> tuple[Any, Any]:
    """Lock the letter's case; return its HEAD row and the letter's row as it is now."""
    case_id = connection.execute(select(Letter.case_id).where(Letter.id == letter_id)).scalar_one_or_none()
    if case_id is None:
        raise NotFound(f"no letter {letter_id}")
    case = lock_case(connection, case_id)
    return case, connection.execute(select(LETTERS).where(Letter.id == letter_id)).one()


def _note(
    connection: Connection,
    case: Any,
    letter: Any,
    how: Delivery,
    to: str | None,
    actor: Actor,
    now: datetime,
) -> Done:
    values = {"delivery": how, "delivered_at": now, "delivered_by": actor.name, "delivered_to": to}
    connection.execute(update(LETTERS).where(Letter.id == letter.id).values(values))
    told: dict[str, Any] = {"letter": letter.key, "how": how}
    if to is not None:
        told["to"] = salted(case.salt, to)
    return move_on(connection, case, EventKind.HANDED_OVER, actor.name, now, told)


def confirm_receipt(connection: Connection, *, step_id: int, actor: Actor, now: datetime) -> Done:
    """Take the citizen's word that the letter has arrived; an officer may note it at the counter.

    One that comes after the time for it ran out is kept as a note.
    Raises NotFound, NotAllowed, AlreadyDecided, when it was confirmed before.
    """
    step = lock_step(connection, step_id)
    if step.kind != StepKind.CONFIRMATION:
        raise NotFound(f"step {step.key} asks for no confirmation")
    if actor.role is None:
        require_own_case(actor, step.id)
    else:
        require(actor, Action.HAND_OVER, office=step.office)
    if step.step_status == StepStatus.NO_ANSWER or step.cut_by is not None:
        connection.execute(
            insert(Note).values(
                case_id=step.id, at=now, actor=actor.name, about=step.key, body="Receipt confirmed"
            )
        )
        return move_on(connection, step, EventKind.ANSWERED_TOO_LATE, actor.name, now, {"step": step.key})
    if step.step_status != StepStatus.OPEN:
        raise AlreadyDecided(f"step {step.key} is {step.step_status}", by=step.done_by)
    result = {"by": "citizen" if actor.role is None else "officer", "by_name": actor.full_name or actor.name}
    values = {"status": StepStatus.DONE, "result": result, "done_at": now, "done_by": actor.name}
    told = {"step": step.key, "by": result["by"]}
    return change_step(connection, step, values, EventKind.CONFIRMED, actor.name, now, told, ready=True)
