"""Where messages go: the local mailbox while developing, or any service that Apprise speaks to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol
from urllib.parse import quote

import apprise
from sqlalchemy import insert

from cases.db import Database
from cases.messages import MessageWork
from cases.models import MailboxItem
from config.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Text:
    """A message in its words."""

    subject: str
    body: str


class GatewayRefused(Exception):
    """The gateway said no. `str()` is its kind, without personal data."""


class Gateway(Protocol):
    """Delivers a message once it is called; may be asked twice for one message (another attempt)."""

    def send(self, work: MessageWork, text: Text) -> None:
        """Deliver `text` to `work.recipient`. Raises GatewayRefused."""


class Mailbox:
    """Keeps messages in the table that the mailbox page shows: the development default."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def send(self, work: MessageWork, text: Text) -> None:
        """Put the message into the mailbox."""
        with self._db.write() as connection:
            connection.execute(
                insert(MailboxItem).values(
                    message_id=work.id,
                    attempt_id=work.attempt_id,
                    recipient=work.recipient,
                    subject=text.subject,
                    body=text.body,
                    delivered_at=datetime.now(UTC),
                )
            )


class Apprise:
    """Sends through an Apprise address in which `{recipient}` stands for the phone number or e-mail.

    For example `bulksms://user:password@{recipient}` or `mailto://user:password@example.org?to={recipient}`.
    """

    def __init__(self, address: str) -> None:
        if "{recipient}" not in address:
            raise ConfigError(
                "the environment", "S2F_MESSAGES_URL", "an Apprise address with {recipient} in it"
            )
        self._address = address

    def send(self, work: MessageWork, text: Text) -> None:
        """Send the message. Raises GatewayRefused when the address is unusable or the service refuses."""
        service = apprise.Apprise()
        if not service.add(self._address.replace("{recipient}", quote(work.recipient, safe="+@"))):
            raise GatewayRefused("the gateway's address can't be used for this recipient")
        if not service.notify(title=text.subject, body=text.body, body_format=apprise.NotifyFormat.TEXT):
            raise GatewayRefused("the gateway refused the message")
