"""From a finished draft to a case."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from flask_login import current_user
from sqlalchemy import Connection

from cases import actions
from cases.actions import Application, Submitted, new_reference
from cases.documents import move_to_case
from cases.errors import Conflict
from cases.likeness import row_of
from cases.parties import rows_of, version_of
from cases.people import pin_digest, pin_for
from cases.permissions import Action, Actor, require
from cases.transaction import carry_out
from cases.vocabulary import Channel
from config.services import ServiceConfig
from forms.form import Form
from web.drafts import DraftApplication, mark_sent
from web.languages import language
from web.platform import platform
from web.public.uploads import asked_fields

APPLICANT = Actor("citizen")


def sender_of(draft: DraftApplication) -> Actor | None:
    """Return who sends a draft: its applicant, or the officer who typed it at a counter; None when that
    officer isn't signed in here."""
    if draft.entered_by is None:
        return APPLICANT
    officer: Actor | None = current_user.member.actor if current_user.is_authenticated else None
    return officer if officer is not None and officer.name == draft.entered_by else None


def send_application(
    config: ServiceConfig, form: Form, draft: DraftApplication, sender: Actor, now: datetime
) -> bool:
    """Submit a draft's answers as a case and mark the draft sent, in one transaction.

    Returns False if the answers no longer pass the form (a rule looked at today's date): nothing was
    sent then. Raises NotAllowed for an officer of another office, and sqlalchemy.exc.DBAPIError when the
    database is away.
    """
    checked = form.validate(form.prune(draft.answers, now), received_at=now)
    if not checked.ok:
        return False
    fields = asked_fields(form, checked.answers, now)
    for _ in range(3):
        application = _application(config, form, draft, checked.answers, now)
        try:
            carry_out(platform().database, submit, application, draft, fields=fields, actor=sender, now=now)
        except Conflict:
            continue  # a random reference that was taken already: draw another
        return True
    raise Conflict("no free reference was found")


def submit(
    connection: Connection,
    application: Application,
    draft: DraftApplication,
    *,
    fields: Collection[str],
    actor: Actor,
    now: datetime,
) -> Submitted:
    """The verb of the same name, with the draft marked as sent in the same transaction.

    fields: those whose files go with the application.
    """
    if draft.entered_by is not None:
        require(actor, Action.ENTER_APPLICATION, office=application.office)
    done = actions.submit(connection, application, actor=actor, now=now)
    move_to_case(connection, draft=draft.token, case_id=done.case_id, fields=fields, now=now, by=actor.name)
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
        channel=Channel.WEB if draft.entered_by is None else Channel.COUNTER,
        office=draft.office,
        received_at=now,
        reference=reference,
        match=config.match_keys(answers),
        likeness=row_of(config.likeness, answers),
        parties=rows_of(config.parties, answers),
        parties_version=version_of(config.parties),
        client_key=draft.client_key,
        pin_digest=pin_digest(secret, reference, pin_for(secret, draft.client_key)),
    )
