"""A new PIN for an applicant who has lost theirs: told at a counter, or sent to the phone or e-mail given.

Only its digest is kept with the case. The message on its way holds a key from which whoever has the
installation's secret makes the PIN, so that a copy of the database opens nothing.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, func, insert, select

from cases.audit import salted
from cases.case_rows import CASES, Done, lock_case, move_on
from cases.errors import NotAllowed, ReasonMissing
from cases.models import Message, table_of
from cases.people import forget_tries, pin_digest, pin_for, try_key
from cases.permissions import Action, Actor, require
from cases.vocabulary import EventKind, MessageStatus

NEW_PIN = "platform/new_pin"
NOT_AGAIN_FOR = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class PinReplaced(Done):
    """The case has a new PIN; the old one opens it no more."""

    pin: str


def replace_pin(
    connection: Connection, *, case_id: int, identity: str, secret: str, actor: Actor, now: datetime
) -> PinReplaced:
    """Give a person at the counter a new PIN, which the caller tells them: nobody can read it later.

    identity: what they showed ("voter card 123, Mere Tuilagi"); only a digest of it is kept.
    Raises NotFound, NotAllowed, ReasonMissing without `identity`.
    """
    case = lock_case(connection, case_id)
    require(actor, Action.REPLACE_PIN, office=case.office)
    shown = " ".join(identity.split())[:200]
    if not shown:
        raise ReasonMissing("what the person showed is missing")
    told = {"by": "counter", "identity": salted(case.salt, shown)}
    return _replace(connection, case, secrets.token_urlsafe(24), secret, actor, now, told)


def send_new_pin(
    connection: Connection,
    *,
    case_id: int,
    to: str,
    facts: Mapping[str, Any],
    secret: str,
    actor: Actor,
    now: datetime,
) -> PinReplaced | None:
    """Have a new PIN sent to `to`, a phone number or e-mail address of the application's own answers.

    facts: what the message says beside reference and PIN. Returns None, changing nothing, when one was asked
    for a moment ago: two on their way could arrive in either order. Raises NotFound; NotAllowed for an
    address that doesn't stand in the application.
    """
    case = lock_case(connection, case_id)
    answers, language = connection.execute(
        select(CASES.c.answers, CASES.c.language).where(CASES.c.id == case_id)
    ).one()
    if to not in answers.values():
        raise NotAllowed("a PIN goes only to an address of the application")
    earlier = select(func.count(Message.id), func.max(Message.created_at)).where(
        Message.case_id == case_id, Message.template == NEW_PIN
    )
    count, latest = connection.execute(earlier).one()
    if latest is not None and latest > now - NOT_AGAIN_FOR:
        return None
    key = secrets.token_urlsafe(24)
    connection.execute(
        insert(table_of(Message)).values(
            case_id=case_id,
            generation=case.generation,
            key=f"new-pin#{count + 1}" if count else "new-pin",
            template=NEW_PIN,
            language=language,
            facts={**facts, "reference": case.reference, "pin_key": key},
            recipient=to,
            status=MessageStatus.PENDING,
            repeatable=True,
            attempt=0,
            created_at=now,
        )
    )
    return _replace(connection, case, key, secret, actor, now, {"by": "message"})


def _replace(
    connection: Connection,
    case: Any,
    key: str,
    secret: str,
    actor: Actor,
    now: datetime,
    told: Mapping[str, Any],
) -> PinReplaced:
    pin = pin_for(secret, key)
    digest = pin_digest(secret, case.reference, pin)
    forget_tries(connection, try_key("pin", case.reference))  # of those who tried the old one
    done = move_on(connection, case, EventKind.PIN_REPLACED, actor.name, now, told, pin_digest=digest)
    return PinReplaced(done.case_id, done.reference, done.service, pin)
