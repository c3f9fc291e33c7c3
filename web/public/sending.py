"""From a finished draft to a case."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from cases import actions
from cases.actions import Application, Submitted, new_reference
from cases.errors import Conflict
from cases.people import pin_digest, pin_for
from cases.permissions import Actor
from cases.transaction import carry_out
from cases.vocabulary import Channel
from config.services import ServiceConfig
from forms.form import Form
from web.drafts import DraftApplication, mark_sent
from web.languages import language
from web.platform import platform

APPLICANT = Actor("citizen")


def send_application(config: ServiceConfig, form: Form, draft: DraftApplication, now: datetime) -> bool:
    """Submit a draft's answers as a case and mark the draft sent, in one transaction.

    Returns False if the answers no longer pass the form (a rule looked at today's date): nothing was
    sent then. Raises sqlalchemy.exc.DBAPIError when the database is away.
    """
    checked = form.validate(form.prune(draft.answers, now), received_at=now)
    if not checked.ok:
        return False
    for _ in range(3):
        application = _application(config, form, draft, checked.answers, now)
        try:
            carry_out(platform().database, submit, application, draft, now=now)
        except Conflict:
            continue  # a random reference that was taken already: draw another
        return True
    raise Conflict("no free reference was found")


def submit(
    connection: Connection, application: Application, draft: DraftApplication, *, now: datetime
) -> Submitted:
    """The verb of the same name, with the draft marked as sent in the same transaction."""
    done = actions.submit(connection, application, actor=APPLICANT, now=now)
    mark_sent(connection, draft, reference=done.reference, now=now)
    return done


def _application(
    config: ServiceConfig, form: Form, draft: DraftApplication, answers: Mapping[str, Any], now: datetime
) -> Application:
    secret = platform().secret
    reference = new_reference(config.key)
    assert draft.office is not None, "a complete draft has an office"
    return Application(
        service=config.key,
        form_version=form.version,
        answers=answers,
        language=answers.get("language") or language(),
        channel=Channel.WEB,
        office=draft.office,
        received_at=now,
        reference=reference,
        match=config.match_keys(answers),
        client_key=draft.client_key,
        pin_digest=pin_digest(secret, reference, pin_for(secret, draft.client_key)),
    )
