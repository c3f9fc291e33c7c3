"""The verbs that set work aside: withdraw, rewind, re-open; and retrying after an incident.

Each raises the case's generation and, in the same transaction, cancels its open waits and the unsent
effects of the steps set aside. What was sent stays; when a letter is made again, the new one supersedes it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from cases.assignments import free_places, take_places_again
from cases.audit import salted
from cases.case_rows import Done, lock_case, move_on, require_open, step_in_force, step_set_aside
from cases.errors import CaseClosed, NotFound, ReasonMissing, Refused
from cases.models import ExportRow, Incident, JournalEntry, Letter, Message, Note, table_of
from cases.permissions import Action, Actor, require, require_own_case
from cases.vocabulary import (
    CaseStatus,
    EventKind,
    ExportStatus,
    LetterStatus,
    MessageStatus,
    StepKind,
    StepStatus,
)

WITHDRAWN = "withdrawn"


def withdraw(connection: Connection, *, case_id: int, actor: Actor, now: datetime, reason: str = "") -> Done:
    """Close an open case at the applicant's wish (or a supervisor's, for the applicant).

    reason: what a supervisor notes, kept as a note. Raises NotFound, NotAllowed, CaseClosed, also for
    a case that is decided and waits only for the word that the letter arrived.
    """
    case = lock_case(connection, case_id)
    if actor.role is None:
        require_own_case(actor, case_id)
    else:
        require(actor, Action.WITHDRAW, office=case.office)
    require_open(case)
    _require_undecided(connection, case)
    generation = case.generation + 1
    _cut(connection, case, generation, now, first_id=None)
    told: dict[str, Any] = {"generation": generation}
    if reason.strip():
        connection.execute(
            insert(Note).values(case_id=case.id, at=now, actor=actor.name, body=reason.strip())
        )
        told["words"] = salted(case.salt, reason.strip())
    return move_on(
        connection,
        case,
        EventKind.WITHDRAWN,
        actor.name,
        now,
        told,
        generation=generation,
        status=CaseStatus.CLOSED,
        outcome=WITHDRAWN,
        closed_at=now,
        ready=False,
    )


def _require_undecided(connection: Connection, case: Any) -> None:
    waiting = select(JournalEntry.id).where(
        JournalEntry.case_id == case.id,
        JournalEntry.kind == StepKind.CONFIRMATION,
        JournalEntry.status == StepStatus.OPEN,
        JournalEntry.cut_by.is_(None),
    )
    if connection.execute(waiting).first() is not None:
        raise CaseClosed(f"{case.reference} is decided")


def rewind(
    connection: Connection, *, case_id: int, to_key: str, reason: str, actor: Actor, now: datetime
) -> Done:
    """Take an open case back to before step `to_key` (`review#2` names a visit).

    The step and all that came after it are set aside and will be asked again; entries before it stay.
    Raises NotFound, NotAllowed, CaseClosed, ReasonMissing.
    """
    case = lock_case(connection, case_id)
    require_open(case)
    return _go_back(connection, case, to_key, reason, actor, now, EventKind.REWOUND, Action.REWIND)


def reopen(
    connection: Connection, *, case_id: int, to_key: str, reason: str, actor: Actor, now: datetime
) -> Done:
    """Open a closed case again at step `to_key`, as `rewind` does with an open one.

    Raises NotFound, NotAllowed, ReasonMissing, Refused for a case that is open.
    """
    case = lock_case(connection, case_id)
    if case.status == CaseStatus.OPEN:
        raise Refused(f"{case.reference} is open: rewind it instead")
    return _go_back(connection, case, to_key, reason, actor, now, EventKind.REOPENED, Action.REOPEN)


def _go_back(
    connection: Connection,
    case: Any,
    to_key: str,
    reason: str,
    actor: Actor,
    now: datetime,
    kind: EventKind,
    action: Action,
) -> Done:
    require(actor, action, office=case.office)
    if not reason.strip():
        raise ReasonMissing(f"a reason is needed to {action} a case")
    first_id = connection.execute(
        select(JournalEntry.id)
        .where(JournalEntry.case_id == case.id, JournalEntry.key == to_key)
        .order_by(JournalEntry.cut_by.is_(None).desc(), JournalEntry.id.desc())
        .limit(1)
    ).scalar_one_or_none()
    if first_id is None:
        raise NotFound(f"{case.reference} never came to step {to_key}")
    generation = case.generation + 1
    _cut(connection, case, generation, now, first_id=first_id)
    free_places(connection, case.id, now=now)
    take_places_again(connection, case)
    _ask_again(connection, case)
    connection.execute(
        insert(Note).values(case_id=case.id, at=now, actor=actor.name, about=to_key, body=reason.strip())
    )
    return move_on(
        connection,
        case,
        kind,
        actor.name,
        now,
        {"generation": generation, "to": to_key, "words": salted(case.salt, reason.strip())},
        generation=generation,
        status=CaseStatus.OPEN,
        outcome=None,
        closed_at=None,
        ready=True,
        code=None,  # whatever code is active may claim it: its replay is checked as it runs
    )


def _cut(connection: Connection, case: Any, generation: int, now: datetime, *, first_id: int | None) -> None:
    """Set aside every open wait, the entries from `first_id` on, and the unsent effects of what was set
    aside; all unsent effects when there is no `first_id`, because the case ends here."""
    in_force = (JournalEntry.case_id == case.id) & JournalEntry.cut_by.is_(None)
    connection.execute(
        update(table_of(JournalEntry))
        .where(in_force, JournalEntry.status == StepStatus.OPEN)
        .values(status=StepStatus.CANCELLED, done_at=now, cut_by=generation)
    )
    if first_id is not None:
        connection.execute(
            update(table_of(JournalEntry))
            .where(in_force, JournalEntry.id >= first_id)
            .values(cut_by=generation)
        )
    for effect, unsent in _UNSENT.items():
        statement = update(effect).where(effect.case_id == case.id, effect.status.in_(unsent))
        if first_id is not None:
            statement = statement.where(step_set_aside(effect))
        connection.execute(statement.values(status="cancelled"))


_UNSENT: Mapping[type[Letter] | type[Message] | type[ExportRow], Collection[str]] = {
    Letter: (LetterStatus.PENDING, LetterStatus.RENDERING, LetterStatus.FAILED),
    Message: (MessageStatus.PENDING,),
    ExportRow: (ExportStatus.PENDING,),
}


def _ask_again(connection: Connection, case: Any) -> None:
    """Take up the effects that a withdrawal cancelled and whose steps stand: no replay asks for them anew."""
    for effect in _UNSENT:
        connection.execute(
            update(effect)
            .where(effect.case_id == case.id, effect.status == "cancelled", step_in_force(effect))
            .values(status="pending", **({} if effect is ExportRow else {"held_until": None}))
        )


def retry(connection: Connection, *, case_id: int, actor: Actor, now: datetime) -> Done:
    """Let a case with an incident be claimed again, and failed letters be made again.

    Raises NotFound, NotAllowed.
    """
    case = lock_case(connection, case_id)
    require(actor, Action.RETRY)
    connection.execute(
        update(table_of(Incident))
        .where(Incident.case_id == case_id, Incident.resolved_at.is_(None))
        .values(resolved_at=now, resolved_by=actor.name)
    )
    connection.execute(
        update(table_of(Letter))
        .where(Letter.case_id == case_id, Letter.status == LetterStatus.FAILED)
        .values(status=LetterStatus.PENDING, failure=None)
    )
    return move_on(
        connection, case, EventKind.RETRIED, actor.name, now, {"halted": case.halted}, halted=False, code=None
    )


def cases_with_cause(connection: Connection, cause: str) -> list[int]:
    """Return the ids of cases with an open incident of this cause, in id order, for a bulk retry."""
    statement = (
        select(Incident.case_id)
        .where(Incident.cause == cause, Incident.resolved_at.is_(None))
        .distinct()
        .order_by(Incident.case_id)
    )
    return list(connection.execute(statement).scalars())


def record_incident(
    connection: Connection, *, case_id: int, cause: str, summary: str, halt: bool, now: datetime
) -> Done:
    """Note an incident on a case (a letter that can't be made, a case that was alone at two deaths).

    halt: whether the case may not be claimed until it is retried.
    """
    case = lock_case(connection, case_id)
    connection.execute(
        insert(Incident).values(
            case_id=case_id,
            service=case.service,
            generation=case.generation,
            cause=cause,
            summary=summary,
            occurred_at=now,
        )
    )
    changes: dict[str, Any] = {"halted": True} if halt else {}
    return move_on(connection, case, EventKind.INCIDENT, "system", now, {"cause": cause}, **changes)
