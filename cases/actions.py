"""The verbs: what people do to a case.

Each takes a Connection in a write transaction, `actor` and `now`; locks the case row first; writes the
change, its audit event and the case's new version; and never commits: the caller owns the transaction
(`cases/transaction.py` runs a verb in one). Raises the errors of `cases/errors.py`; then the caller must
roll back.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Connection, TextClause, bindparam, insert, or_, select, text

from cases.audit import Trail, salted
from cases.case_rows import CASES, HEAD, Done, add_event, move_on, require_open
from cases.decision_words import on_criteria, own_words, words_of
from cases.errors import (
    Conflict,
    DetailsMissing,
    HeldByAnother,
    NotAllowed,
    NotFound,
    OutcomeNotOffered,
    SeenSomethingElse,
    TookPart,
)
from cases.grounds import Said
from cases.models import Case, LikenessRow, MatchKey, Note, PartyRow, table_of
from cases.permissions import Action, Actor, require, require_own_case
from cases.step_rows import change_step, lock_step, raise_decided
from cases.vocabulary import CaseStatus, Channel, EventKind, StepKind, StepStatus

CLAIM_LASTS = timedelta(hours=1)
REFERENCE_ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # nothing that looks like something else

_ADD_MATCH_KEY = insert(table_of(MatchKey)).inline()
_ADD_LIKENESS = insert(table_of(LikenessRow)).inline()
_ADD_PARTIES = insert(table_of(PartyRow)).inline()


@dataclass(frozen=True, slots=True)
class Application:
    """A checked application, ready to be submitted.

    answers: as the form's validation returned them. match: matching keys, name to normalised value.
    likeness: what it is compared by with others (`likeness.row_of`); None when nothing is to be compared.
    parties: the people it names (`parties.rows_of`), and parties_version of what they were made by.
    received_at: when the government received it (aware UTC). client_key: the sender's own key for this
    submission, so that sending it twice makes one case. external_id: an import's id for it.
    """

    service: str
    form_version: int
    answers: Mapping[str, Any]
    language: str
    channel: Channel
    office: str
    received_at: datetime
    reference: str
    match: Mapping[str, str]
    likeness: Mapping[str, Any] | None
    client_key: str | None = None
    external_id: str | None = None
    pin_digest: str | None = None
    parties: Sequence[Mapping[str, Any]] = ()
    parties_version: str = ""


@dataclass(frozen=True, slots=True)
class Submitted(Done):
    """The case that was made, or (existed) the one that this key or id had made before."""

    existed: bool


def new_reference(service: str) -> str:
    """Return a random reference such as "BR-7K3-F9M-2QX" for a service key ("birth-registration")."""
    initials = "".join(word[0] for word in service.split("-")).upper()
    letters = "".join(secrets.choice(REFERENCE_ALPHABET) for _ in range(9))
    return f"{initials}-{letters[:3]}-{letters[3:6]}-{letters[6:]}"


def submit(connection: Connection, application: Application, *, actor: Actor, now: datetime) -> Submitted:
    """Take in an application and return its case.

    An application whose client key or external id is known already makes nothing and returns the case
    it made then.
    """
    salt = secrets.token_hex(16)
    kind = EventKind.IMPORTED if application.external_id else EventKind.SUBMITTED
    trail = Trail(0, application.reference, 0, "", now)
    told = {
        "service": application.service,
        "channel": application.channel,
        "office": application.office,
        "received_at": application.received_at.isoformat(),
        "answers": salted(salt, application.answers),
    }
    event = trail.add(kind, actor.name, now, told)
    case_id = _insert_case(connection, application, salt, trail, now)
    if case_id is None:
        return _known_case(connection, application)
    add_event(connection, event | {"case_id": case_id})
    for name, value in application.match.items():
        row = {"case_id": case_id, "service": application.service, "name": name, "value": value}
        connection.execute(_ADD_MATCH_KEY, row)
    if application.likeness is not None:
        own = {"case_id": case_id, "service": application.service}
        connection.execute(_ADD_LIKENESS, {**application.likeness, **own})
    if application.parties:
        own = {"case_id": case_id, "service": application.service, "version": application.parties_version}
        connection.execute(_ADD_PARTIES, [{**party, **own} for party in application.parties])
    return Submitted(case_id, application.reference, application.service, existed=False)


def _insert_case(
    connection: Connection, application: Application, salt: str, trail: Trail, now: datetime
) -> int | None:
    values = {
        "reference": application.reference,
        "service": application.service,
        "status": CaseStatus.OPEN,
        "generation": 0,
        "version": 1,
        "ready": True,
        "halted": False,
        "answers": dict(application.answers),
        "form_version": application.form_version,
        "language": application.language,
        "channel": application.channel,
        "office": application.office,
        "external_id": application.external_id,
        "client_key": application.client_key,
        "pin_digest": application.pin_digest,
        "salt": salt,
        "received_at": application.received_at,
        "created_at": now,
        **trail.columns(),
    }
    case_id: int | None = connection.execute(_add_case(tuple(values)), values).scalar_one_or_none()
    return case_id


@cache
def _add_case(names: tuple[str, ...]) -> TextClause:
    """Return the INSERT for these columns, as text: SQLAlchemy 2.0 compiles one with ON CONFLICT anew each
    time, which took half of a submission's processor time."""
    columns, values = ", ".join(names), ", ".join(f":{name}" for name in names)
    sql = f"INSERT INTO {CASES.name} ({columns}) VALUES ({values}) ON CONFLICT DO NOTHING RETURNING id"
    return text(sql).bindparams(*(bindparam(name, type_=CASES.c[name].type) for name in names))


def _known_case(connection: Connection, application: Application) -> Submitted:
    same = []
    if application.client_key:
        same.append(Case.client_key == application.client_key)
    if application.external_id:
        same.append((Case.service == application.service) & (Case.external_id == application.external_id))
    row = connection.execute(select(*HEAD).where(or_(*same))).first() if same else None
    if row is None:
        raise Conflict(f"the reference {application.reference} is taken; try again with a new one")
    return Submitted(row.id, row.reference, row.service, existed=True)


# -- tasks of officers -----------------------------------------------------------------------------


def _require_task(step: Any, actor: Actor, action: Action) -> None:
    require(actor, action, office=step.step_office or step.office)
    if step.role is None or (not actor.trusted and actor.role != step.role):
        raise NotAllowed(f"step {step.key} is a task for {step.role}, not for {actor.name}")
    if actor.name in (step.not_by or ()):
        raise TookPart(f"{actor.name} took part in this case; step {step.key} is for somebody else")


def _require_open_step(step: Any) -> None:
    if step.step_status != StepStatus.OPEN or step.cut_by is not None:
        raise_decided(step)
    require_open(step)


def _holder(step: Any, now: datetime) -> str | None:
    held = step.claimed_by is not None and step.claimed_until is not None and step.claimed_until > now
    return step.claimed_by if held else None


def _require_not_held_by_another(step: Any, actor: Actor, now: datetime) -> None:
    holder = _holder(step, now)
    if holder is not None and holder != actor.name:
        raise HeldByAnother(f"step {step.key} is held by {holder}", by=holder)


def claim(connection: Connection, *, step_id: int, actor: Actor, now: datetime) -> Done:
    """Take a task, for an hour; claiming it again starts the hour anew.

    Raises NotFound, NotAllowed (TookPart for whoever may not decide it), AlreadyDecided, CaseClosed,
    HeldByAnother.
    """
    step = lock_step(connection, step_id)
    _require_task(step, actor, Action.CLAIM)
    _require_open_step(step)
    _require_not_held_by_another(step, actor, now)
    values = {"claimed_by": actor.name, "claimed_until": now + CLAIM_LASTS}
    told = {"step": step.key}
    return change_step(connection, step, values, EventKind.CLAIMED, actor.name, now, told)


def release(connection: Connection, *, step_id: int, actor: Actor, now: datetime) -> Done:
    """Give a task back. A supervisor may give back another's. Raises as `claim` does."""
    step = lock_step(connection, step_id)
    _require_open_step(step)
    if _holder(step, now) not in (None, actor.name):
        require(actor, Action.RELEASE_OF_OTHERS, office=step.office)
    else:
        _require_task(step, actor, Action.CLAIM)
    values = {"claimed_by": None, "claimed_until": None}
    told = {"step": step.key, "held_by": step.claimed_by}
    return change_step(connection, step, values, EventKind.RELEASED, actor.name, now, told)


@dataclass(frozen=True, slots=True)
class TaskForm:
    """A task form as an officer filled it in: its version and its answers as its validation returned them."""

    version: int
    answers: Mapping[str, Any]


def decide(
    connection: Connection,
    *,
    step_id: int,
    outcome: str,
    actor: Actor,
    now: datetime,
    reasons: Sequence[Mapping[str, str]] = (),
    grounds: Said = (),
    overrides: Said = (),
    question: str | None = None,
    note: str | None = None,
    details: TaskForm | None = None,
    seen: str | None = None,
) -> Done:
    """Decide a task, which leaves `open` by it.

    outcome: one of the keys the step offers. reasons: {"key", "text"} mappings, needed by an adverse
    outcome. grounds: {"criterion", "text"}, overrides: {"criterion", "to", "text"}, for an outcome that rests
    on criteria (cases/grounds.py). question: needed by an outcome that asks. details: the checked task form,
    needed by an outcome that has one. seen: the digest of what the officer was shown.
    Raises NotFound, NotAllowed, TookPart, AlreadyDecided, CaseClosed, HeldByAnother, OutcomeNotOffered,
    ReasonMissing, NotGrounded, DetailsMissing, SeenSomethingElse.
    """
    step = lock_step(connection, step_id)
    _require_task(step, actor, Action.DECIDE)
    _require_open_step(step)
    _require_not_held_by_another(step, actor, now)
    if seen is not None and seen != step.digest:
        raise SeenSomethingElse(f"step {step.key} shows something else now")
    chosen = _chosen(step, outcome)
    result = (
        words_of(chosen, reasons=reasons, question=question, note=note)
        | on_criteria(chosen, step.shows, grounds=grounds, overrides=overrides, reasons=reasons)
        | _details(connection, step, chosen, details)
        | {
            "by_name": actor.full_name or actor.name,
            "by_role": actor.role or step.role,
        }
    )
    values = {"status": StepStatus.DONE, "result": result, "done_at": now, "done_by": actor.name}
    told = {"step": step.key, "outcome": outcome, "words": salted(step.salt, result)}
    return change_step(connection, step, values, EventKind.DECIDED, actor.name, now, told, ready=True)


def _chosen(step: Any, outcome: str) -> Mapping[str, str]:
    offered = {choice["key"]: choice for choice in step.outcomes or ()}
    if outcome not in offered:
        raise OutcomeNotOffered(f"step {step.key} offers {sorted(offered)}, not {outcome!r}")
    chosen: Mapping[str, str] = offered[outcome]
    return chosen


def _details(
    connection: Connection, step: Any, chosen: Mapping[str, str], details: TaskForm | None
) -> dict[str, Any]:
    if "form" not in chosen:
        return {}
    if details is None:
        raise DetailsMissing(f"the outcome {chosen['key']!r} needs the form {chosen['form']!r}")
    field = chosen.get("refers_to")
    if field is not None:
        reference = details.answers.get(field)
        known = select(Case.id).where(Case.reference == reference, Case.id != step.id)
        if connection.execute(known).first() is None:
            raise DetailsMissing(f"there is no other case {reference!r}", field=field)
    return {"details": dict(details.answers), "form_version": details.version}


# -- the citizen -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Answered(Done):
    """An answer was taken; `late` when its question had run out, and it was kept as a note."""

    late: bool


def answer(
    connection: Connection,
    *,
    step_id: int,
    text: str,
    actor: Actor,
    now: datetime,
    documents: Sequence[Mapping[str, Any]] = (),
) -> Answered:
    """Answer a question, as the applicant.

    documents: {"id", "name"} of documents of this case that come with it (see cases/documents.py).
    An answer that comes before the sweep counts, even after the deadline; one that comes after it is kept as
    a note and shown. Raises NotFound, NotAllowed, AlreadyDecided, CaseClosed, ReasonMissing.
    """
    step = lock_step(connection, step_id)
    if step.kind != StepKind.QUESTION:
        raise NotFound(f"step {step.key} is not a question")
    require_own_case(actor, step.id)
    words = own_words(text, "an answer")
    if step.step_status == StepStatus.NO_ANSWER or step.cut_by is not None:
        return _keep_late_answer(connection, step, words, actor, now)
    _require_open_step(step)
    result = {"text": words} | ({"documents": list(documents)} if documents else {})
    values = {"status": StepStatus.DONE, "result": result, "done_at": now, "done_by": actor.name}
    told = {"step": step.key, "words": salted(step.salt, result)}
    done = change_step(connection, step, values, EventKind.ANSWERED, actor.name, now, told, ready=True)
    return Answered(done.case_id, done.reference, done.service, late=False)


def _keep_late_answer(connection: Connection, step: Any, words: str, actor: Actor, now: datetime) -> Answered:
    connection.execute(
        insert(Note).values(case_id=step.id, at=now, actor=actor.name, about=step.key, body=words)
    )
    told = {"step": step.key, "words": salted(step.salt, words)}
    done = move_on(connection, step, EventKind.ANSWERED_TOO_LATE, actor.name, now, told)
    return Answered(done.case_id, done.reference, done.service, late=True)
