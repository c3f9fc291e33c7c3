"""Applications on their way: kept on the server under a secret that only the applicant's browser has.

A draft keeps the key under which it is sent, so that sending it twice makes one case. Once sent, its
answers are wiped and only the reference remains, for a second click on "send".
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from cases.models import Draft


@dataclass(frozen=True)
class DraftApplication:
    """What has been filled in so far; `sent_as` is the reference once it was sent."""

    token: str
    service: str
    client_key: str
    answers: Mapping[str, Any]
    office: str | None
    sent_as: str | None


def new_draft(connection: Connection, *, service: str, form_version: int, now: datetime) -> str:
    """Start an empty draft; return the secret that opens it."""
    secret = secrets.token_urlsafe(24)
    connection.execute(
        insert(Draft).values(
            token=_digest(secret),
            service=service,
            form_version=form_version,
            answers={},
            client_key=secrets.token_urlsafe(24),
            created_at=now,
            updated_at=now,
        )
    )
    return secret


def find_draft(
    connection: Connection, secret: str, *, service: str, lock: bool = False
) -> DraftApplication | None:
    """Return the draft that a secret opens, or None: none such, of another service, or tidied away.

    lock: hold the row until the transaction ends, so that two tabs don't overwrite each other's pages.
    """
    statement = select(Draft).where(Draft.token == _digest(secret), Draft.service == service)
    row = connection.execute(statement.with_for_update() if lock else statement).one_or_none()
    if row is None:
        return None
    kept = row.answers
    return DraftApplication(
        row.token,
        row.service,
        row.client_key,
        kept.get("answers", {}),
        kept.get("office"),
        kept.get("sent_as"),
    )


def save_draft(
    connection: Connection,
    draft: DraftApplication,
    *,
    answers: Mapping[str, Any],
    office: str | None,
    form_version: int,
    now: datetime,
) -> None:
    """Keep the answers and office of a draft that wasn't sent yet."""
    _keep(
        connection, draft.token, {"answers": dict(answers), "office": office}, now, form_version=form_version
    )


def mark_sent(connection: Connection, draft: DraftApplication, *, reference: str, now: datetime) -> None:
    """Wipe the answers of a draft that has become a case, keeping only its reference."""
    _keep(connection, draft.token, {"sent_as": reference}, now)


def delete_draft(connection: Connection, secret: str) -> None:
    """Delete a draft that its owner doesn't want."""
    connection.execute(delete(Draft).where(Draft.token == _digest(secret)))


def _keep(connection: Connection, token: str, kept: dict[str, Any], now: datetime, **more: object) -> None:
    connection.execute(update(Draft).where(Draft.token == token).values(answers=kept, updated_at=now, **more))


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
