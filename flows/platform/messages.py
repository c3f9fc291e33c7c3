"""The queue of messages: each is claimed, written in its language, handed to the gateway, and noted.

`sending` with an attempt id is committed before the gateway is called. What a crash leaves in `sending`
becomes `unknown`, visible, and is sent again only if its kind allows.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, TemplateError
from sqlalchemy import Connection

from cases import messages
from cases.db import Database
from cases.failpoints import failpoint
from cases.messages import MessageWork
from cases.people import code_for, pin_for
from config.languages import translations
from flows.engine.leases import LeaseHandle
from flows.engine.queues import BatchReport, Queue
from flows.platform.gateways import Gateway, GatewayRefused, Text

log = logging.getLogger("s2f.messages")
TEMPLATES = Path(__file__).resolve().parents[2] / "templates" / "messages"
BATCH = 20

_environment = Environment(
    loader=FileSystemLoader(TEMPLATES),
    undefined=StrictUndefined,
    autoescape=False,  # plain text
    trim_blocks=True,
    keep_trailing_newline=False,
)


def compose(
    template: str, facts: Mapping[str, Any], language: str, track_url: str, secret: str | None = None
) -> Text:
    """Return the words of a message: the template's first line is the subject, the rest the body.

    template: e.g. `birth_registration/question`. secret: the installation's, from which a PIN or a code is
    made that the facts hold only the key of. Raises jinja2.TemplateError for a missing fact.
    """
    catalogue = translations(language, "messages")
    secrets = {
        name: make(secret, facts[f"{name}_key"])
        for name, make in (("pin", pin_for), ("code", code_for))
        if secret is not None and f"{name}_key" in facts
    }

    def translate(words: str, **values: Any) -> str:
        return catalogue.gettext(words) % values

    whole = _environment.get_template(f"{template}.txt").render(
        facts=facts,
        track_url=track_url,
        come_back_url=track_url.removesuffix("/track") + "/come-back",
        _=translate,
        **secrets,
    )
    subject, _, body = whole.partition("\n")
    return Text(subject.strip(), body.strip())


class MessageQueue(Queue):
    """Messages that procedures asked for."""

    name = "messages"

    def __init__(
        self,
        db: Database,
        gateway: Gateway,
        track_url: str,
        *,
        secret: str | None = None,
        hold_for: timedelta = messages.HOLD_FOR,
    ) -> None:
        """hold_for: after this time a message found in `sending` counts as left there by a crash.
        secret: the installation's; without it a message with a PIN fails."""
        self._db = db
        self._secret = secret
        self._gateway = gateway
        self._track_url = track_url
        self._hold_for = hold_for

    def backlog(self, connection: Connection, at_most: int) -> int:
        """Return how many messages wait, those left in the middle of sending included."""
        return min(messages.count_claimable(connection, now=datetime.now(UTC)), at_most)

    def work_once(self, lease: LeaseHandle) -> BatchReport:
        """Send up to twenty messages."""
        report = BatchReport()
        with self._db.read() as connection:
            if not self.backlog(connection, 1):
                return report  # a write would ring this queue's own bell on SQLite, again and again
        with self._db.write() as connection:
            lease.check(connection)
            now = datetime.now(UTC)
            report.counts["unknown"] += messages.recover_abandoned(connection, now=now)
            claimed = messages.claim_messages(connection, now=now, limit=BATCH, hold_for=self._hold_for)
            failpoint("message.before-claim-commit")
        failpoint("message.after-claim-commit")
        for work in claimed:
            self._send(work, report)
        report.done = len(claimed)
        report.more = bool(claimed)
        report.counts = +report.counts
        return report

    def _send(self, work: MessageWork, report: BatchReport) -> None:
        failure: str | None = None
        try:
            text = compose(work.template, work.facts, work.language, self._track_url, self._secret)
            self._gateway.send(work, text)
        except (GatewayRefused, TemplateError) as error:
            failure = (
                f"{type(error).__name__}: {error}"
                if isinstance(error, GatewayRefused)
                else type(error).__name__
            )
            log.warning("message %d of %s failed: %s", work.id, work.reference, failure)
        except Exception as error:
            # It may have been sent. Left in `sending`, it becomes unknown; the others are sent all the same.
            log.error("message %d of %s: %s", work.id, work.reference, type(error).__name__)
            report.counts["unknown"] += 1
            return
        failpoint("message.after-send")
        with self._db.write() as connection:
            messages.finish_message(connection, work, failure=failure, now=datetime.now(UTC))
            failpoint("message.before-finish-commit")
        failpoint("message.after-finish-commit")
        report.counts["failed" if failure else "sent"] += 1
        report.references.append(work.reference)
