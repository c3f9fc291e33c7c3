"""How the pages of a form are drawn: a page of questions, the choice of an office, the sent application."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask import render_template, request, url_for
from markupsafe import Markup

from cases.people import case_for_pin, pin_for
from config.places import Office
from config.services import ServiceConfig
from forms.form import Form
from forms.model import FieldError, Page
from web.drafts import DraftApplication
from web.fields import draw_fields, summary_of
from web.platform import now, platform
from web.public.catalogue import phrase
from web.public.uploads import uploads_shown


def questions(
    config: ServiceConfig,
    form: Form,
    page: Page,
    answers: Mapping[str, Any],
    typed: dict[str, Any],
    errors: list[FieldError],
    instant: datetime,
    notice: Markup | None = None,
) -> str:
    """Return a page of questions. answers: of the other pages; typed: what stands in the inputs."""
    fields = form.visible_fields(page, answers, instant)
    required = [field.id for field in fields if form.is_required(field, answers, instant)]
    with platform().database.read() as connection:
        uploads = uploads_shown(connection, fields, answers, f"/apply/{config.key}/files/{{}}")
    return render_template(
        "public/questions.html",
        service=config,
        page=page,
        fields=draw_fields(fields, typed, errors, required=required, uploads=uploads),
        takes_files=bool(uploads),
        errors=summary_of(errors),
        notice=notice,
        back=_back(config.key, form.previous_page(page.id, answers, instant)),
        action=request.full_path.rstrip("?"),
    )


def office_page(
    config: ServiceConfig,
    form: Form,
    answers: Mapping[str, Any],
    chosen: str | None,
    error: Markup | None = None,
) -> str:
    """Return the page on which the office is chosen."""
    pages = form.visible_pages(answers, now())
    return render_template(
        "public/office.html",
        service=config,
        offices=offices().values(),
        chosen=chosen,
        error=error,
        back=_back(config.key, pages[-1] if pages else None),
    )


def sent_page(config: ServiceConfig, form: Form, draft: DraftApplication, office: Office | None) -> str:
    """Return the confirmation. Without the PIN if another has taken its place since."""
    assert draft.sent_as is not None, "an application that was sent"
    pin = pin_for(platform().secret, draft.client_key)
    with platform().database.read() as connection:
        opens = case_for_pin(connection, secret=platform().secret, reference=draft.sent_as, pin=pin)
    return render_template(
        "public/sent.html",
        service=config,
        reference=draft.sent_as,
        pin=pin if opens else None,
        office=office,
        sent_on=draft.updated_at,
        track_address=f"{platform().settings.public_url}/track",
        how_long=phrase(config, "how-long"),
        what_next=phrase(config, "what-happens-next"),
    )


def offices() -> Mapping[str, Office]:
    """Return the offices that one can choose, by key."""
    return platform().places.offices


def _back(service: str, previous: Page | None) -> str:
    if "change" in request.args:
        return url_for("apply.check", service=service)
    if previous is None:
        return url_for("catalogue.start_page", service=service)
    return url_for("apply.ask", service=service, page_id=previous.id)
