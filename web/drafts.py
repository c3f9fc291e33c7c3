"""Applications on their way: kept on the server under a secret that only the applicant's browser has, or
under a code with which the applicant comes back on any device.

A draft keeps the key under which it is sent, so that sending it twice makes one case. Once sent, its
answers are wiped and only reference and office remain, for a second click on "send".
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, delete, func, insert, select, update

from cases.models import Draft, Message, table_of
from cases.people import code_digest, code_for
from cases.vocabulary import MessageStatus

BY_CODE = "code:"
CODE_MESSAGE = "platform/draft_code"
MOST_CODES_SENT = 5
NOT_AGAIN_FOR = timedelta(minutes=2)
MOST_TYPED = 50_000


@dataclass(frozen=True)
class DraftApplication:
    """What has been filled in so far; `sent_as` is the reference once it was sent.

    typed: by page, what stood in its inputs when it was saved with mistakes. form_version: of the form
    that `answers` were given to. has_code: whether a code opens it. entered_by: the officer who fills it
    in for somebody at a counter, None for everybody else's.
    """

    token: str
    service: str
    client_key: str
    answers: Mapping[str, Any]
    office: str | None
    sent_as: str | None
    form_version: int
    updated_at: datetime
    has_code: bool
    typed: Mapping[str, Any] = field(default_factory=dict)
    entered_by: str | None = None


def new_draft(
    connection: Connection,
    *,
    service: str,
    form_version: int,
    now: datetime,
    entered_by: str | None = None,
    office: str | None = None,
) -> str:
    """Start an empty draft; return the secret that opens it.

    entered_by: the officer who fills it in for somebody present. office: the one that will deal with it.
    """
    secret = secrets.token_urlsafe(24)
    connection.execute(
        insert(Draft).values(
            token=_digest(secret),
            service=service,
            form_version=form_version,
            answers={"office": office} if office else {},
            entered_by=entered_by,
            client_key=secrets.token_urlsafe(24),
            created_at=now,
            updated_at=now,
        )
    )
    return secret


def find_draft(
    connection: Connection, opener: str, *, service: str, lock: bool = False
) -> DraftApplication | None:
    """Return the draft that a secret opens, or `opener_by_code` of its code; None for none such, one of
    another service, or one that was tidied away.

    lock: hold the row until the transaction ends, so that two tabs don't overwrite each other's pages.
    """
    statement = select(Draft).where(_opened_by(opener), Draft.service == service)
    row = connection.execute(statement.with_for_update() if lock else statement).one_or_none()
    return None if row is None else _draft(row)


def draft_of_code(connection: Connection, secret: str, code: str) -> DraftApplication | None:
    """Return the draft that a code opens, of whatever service. secret: the installation's."""
    row = connection.execute(
        select(Draft).where(Draft.code_digest == code_digest(secret, code))
    ).one_or_none()
    return None if row is None else _draft(row)


def draft_of_token(connection: Connection, token: str) -> DraftApplication | None:
    """Return the draft that is kept under a token, which opens nothing by itself, or None."""
    row = connection.execute(select(Draft).where(Draft.token == token)).one_or_none()
    return None if row is None else _draft(row)


def begun_by(connection: Connection, officer: str) -> list[DraftApplication]:
    """Return the drafts that an officer has begun at a counter and not sent yet, the newest first."""
    rows = connection.execute(
        select(Draft).where(Draft.entered_by == officer).order_by(Draft.updated_at.desc())
    )
    return [draft for draft in map(_draft, rows) if not draft.sent_as and draft.answers]


def opener_by_code(secret: str, code: str) -> str:
    """Return what a browser keeps, once somebody came back with a code, to open the draft with."""
    return BY_CODE + code_digest(secret, code)


def _draft(row: Any) -> DraftApplication:
    kept = row.answers
    return DraftApplication(
        row.token,
        row.service,
        row.client_key,
        kept.get("answers", {}),
        kept.get("office"),
        kept.get("sent_as"),
        row.form_version,
        row.updated_at,
        row.code_digest is not None,
        kept.get("typed", {}),
        row.entered_by,
    )


def save_draft(
    connection: Connection,
    draft: DraftApplication,
    *,
    answers: Mapping[str, Any],
    office: str | None,
    form_version: int,
    now: datetime,
    typed: Mapping[str, Any] | None = None,
) -> None:
    """Keep the answers and office of a draft that wasn't sent yet, and what was typed with mistakes."""
    kept: dict[str, Any] = {"answers": dict(answers), "office": office}
    if typed and len(str(typed)) <= MOST_TYPED:
        kept["typed"] = dict(typed)
    _keep(connection, draft.token, kept, now, form_version=form_version)


def mark_sent(connection: Connection, draft: DraftApplication, *, reference: str, now: datetime) -> None:
    """Wipe the answers of a draft that has become a case, keeping its reference and office."""
    _keep(connection, draft.token, {"sent_as": reference, "office": draft.office}, now)


def delete_draft(connection: Connection, opener: str) -> None:
    """Delete a draft that its owner doesn't want."""
    connection.execute(delete(Draft).where(_opened_by(opener)))


def give_code(connection: Connection, draft: DraftApplication, *, secret: str, now: datetime) -> None:
    """Let a draft be opened by its code (`code_for(secret, draft.client_key)`), and count its days anew."""
    digest = code_digest(secret, code_for(secret, draft.client_key))
    connection.execute(
        update(Draft).where(Draft.token == draft.token).values(code_digest=digest, updated_at=now)
    )


def send_code(
    connection: Connection, draft: DraftApplication, *, to: str, language: str, now: datetime
) -> bool:
    """Have the code of a draft sent to `to`, an address among its answers.

    Returns False, sending nothing, for another address, when it was sent a moment ago, and after five times.
    """
    key = f"draft:{draft.token}"
    earlier = select(func.count(Message.id), func.max(Message.created_at)).where(
        Message.case_id.is_(None), Message.key.like(f"{key}%")
    )
    count, latest = connection.execute(earlier).one()
    if to not in draft.answers.values() or count >= MOST_CODES_SENT:
        return False
    if latest is not None and latest > now - NOT_AGAIN_FOR:
        return False
    connection.execute(
        insert(table_of(Message)).values(
            case_id=None,
            generation=0,
            key=f"{key}#{count + 1}",
            template=CODE_MESSAGE,
            language=language,
            facts={"code_key": draft.client_key},
            recipient=to,
            status=MessageStatus.PENDING,
            repeatable=True,
            attempt=0,
            created_at=now,
        )
    )
    return True


def _opened_by(opener: str) -> ColumnElement[bool]:
    if opener.startswith(BY_CODE):
        return Draft.code_digest == opener.removeprefix(BY_CODE)
    return Draft.token == _digest(opener)


def _keep(connection: Connection, token: str, kept: dict[str, Any], now: datetime, **more: object) -> None:
    connection.execute(update(Draft).where(Draft.token == token).values(answers=kept, updated_at=now, **more))


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
