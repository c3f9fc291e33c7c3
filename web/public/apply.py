"""Applying for a service: one topic a page, check answers, send, and a confirmation worth saving.

The way through:

    begin ─▶ questions/<page> ... ─▶ office ─▶ check ─▶ (send) ─▶ sent
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, session, url_for
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from cases.people import pin_for
from config.places import Office
from config.services import ServiceConfig
from forms.form import Form
from forms.model import Checked, FieldError, Page
from web.access import public
from web.drafts import DraftApplication, delete_draft, find_draft, new_draft, save_draft
from web.fields import draw_fields, summary_of
from web.languages import language, say
from web.platform import now, platform
from web.public.catalogue import phrase, service_or_404
from web.public.sending import send_application

blueprint = Blueprint("apply", __name__, url_prefix="/apply/<service>")
Reply = str | Response | tuple[str, int]


@blueprint.get("")
@public
def begin(service: str) -> Reply:
    """Start with the first page; or, when something was begun in this browser, ask what to do with it."""
    config, form = _service(service)
    draft = _draft(service)
    if draft is None or draft.sent_as or not draft.answers:
        _drafts().pop(service, None)
        session.modified = True
        return _to_page(service, form.pages[0])
    return render_template("public/resume.html", service=config)


@blueprint.post("")
@public
def begin_or_go_on(service: str) -> Response:
    """Go on with the application begun in this browser, or throw it away and start anew."""
    _, form = _service(service)
    secret = _drafts().get(service)
    if request.form.get("what") == "go-on":
        return _to_what_is_missing(service, form, _draft(service))
    if secret:
        with platform().database.write() as connection:
            delete_draft(connection, secret)
    _drafts().pop(service, None)
    session.modified = True
    return _to_page(service, form.pages[0])


@blueprint.get("/questions/<page_id>")
@public
def ask(service: str, page_id: str) -> Reply:
    """Show one page of questions, with the answers given before."""
    config, form = _service(service)
    page = _page_or_404(form, page_id)
    draft = _draft(service)
    answers = draft.answers if draft else {}
    instant = now()
    if page not in form.visible_pages(answers, instant):
        return _to_what_is_missing(service, form, draft)
    return _questions(config, form, page, answers, form.typed(page, answers, instant), [], instant)


@blueprint.post("/questions/<page_id>")
@public
def answer(service: str, page_id: str) -> Reply:
    """Take the answers of one page; show it again with what is wrong, or lead to the next page."""
    config, form = _service(service)
    page = _page_or_404(form, page_id)
    instant = now()
    with platform().database.write() as connection:
        draft = _draft_for_writing(connection, service, form, instant)
        if draft.sent_as:
            return redirect(url_for("apply.sent", service=service))
        checked = form.validate_page(page_id, request.form, draft.answers, received_at=instant)
        if checked.ok:
            answers = form.prune({**draft.answers, **checked.answers}, instant)
            save_draft(
                connection,
                draft,
                answers=answers,
                office=draft.office,
                form_version=form.version,
                now=instant,
            )
    if not checked.ok:
        return _again(config, form, page, draft.answers, checked, instant)
    return _onward(service, form, page_id, answers, draft.office, instant)


def _again(
    config: ServiceConfig,
    form: Form,
    page: Page,
    answers: Mapping[str, Any],
    checked: Checked,
    instant: datetime,
) -> tuple[str, int]:
    html = _questions(config, form, page, answers, checked.typed, checked.errors, instant)
    return html, 422


def _onward(
    service: str,
    form: Form,
    page_id: str,
    answers: Mapping[str, Any],
    office: str | None,
    instant: datetime,
) -> Response:
    """Lead on: to the next page, or back to the check page when one answer was being changed."""
    if "change" in request.args:
        missing = form.missing_pages(answers, instant)
        if missing:
            return redirect(url_for("apply.ask", service=service, page_id=missing[0].id, change=1))
        return redirect(url_for("apply.check", service=service))
    following = form.next_page(page_id, answers, instant)
    if following is not None:
        return _to_page(service, following)
    return redirect(url_for("apply.choose_office" if office is None else "apply.check", service=service))


@blueprint.get("/office")
@public
def choose_office(service: str) -> Reply:
    """Ask which office shall deal with the application."""
    config, form = _service(service)
    draft = _draft(service)
    if draft is None:
        return _to_page(service, form.pages[0])
    return _office_page(config, form, draft.answers, draft.office)


@blueprint.post("/office")
@public
def office_chosen(service: str) -> Reply:
    """Take the office."""
    config, form = _service(service)
    office = request.form.get("office", "")
    instant = now()
    with platform().database.write() as connection:
        draft = _draft_for_writing(connection, service, form, instant)
        if not draft.sent_as and office in platform().places.offices:
            save_draft(
                connection,
                draft,
                answers=draft.answers,
                office=office,
                form_version=form.version,
                now=instant,
            )
    if office not in platform().places.offices:
        return _office_page(config, form, draft.answers, None, say("Choose a registry office")), 422
    return redirect(url_for("apply.check", service=service))


@blueprint.get("/check")
@public
def check(service: str) -> Reply:
    """Show all answers, each to be changed, and what one declares by sending them."""
    config, form = _service(service)
    draft = _draft(service)
    if draft is not None and draft.sent_as:
        return redirect(url_for("apply.sent", service=service))
    if draft is None or not _is_complete(form, draft):
        return _to_what_is_missing(service, form, draft)
    return render_template(
        "public/check.html",
        service=config,
        pages=form.summary(draft.answers, language(), received_at=now()),
        office=_offices()[draft.office or ""],
    )


@blueprint.post("/check")
@public
def send(service: str) -> Response:
    """Send the application. A second click finds the case that the first one made."""
    config, form = _service(service)
    draft = _draft(service)
    if draft is None or (not draft.sent_as and not _is_complete(form, draft)):
        return _to_what_is_missing(service, form, draft)
    if not draft.sent_as and not send_application(config, form, draft, now()):
        return _to_what_is_missing(service, form, draft)
    return redirect(url_for("apply.sent", service=service))


@blueprint.get("/sent")
@public
def sent(service: str) -> Reply:
    """Show reference and PIN. Only the browser that sent the application sees this page."""
    config, form = _service(service)
    draft = _draft(service)
    if draft is None or not draft.sent_as:
        return _to_what_is_missing(service, form, draft)
    return render_template(
        "public/sent.html",
        service=config,
        reference=draft.sent_as,
        pin=pin_for(platform().secret, draft.client_key),
        how_long=phrase(config, "how-long"),
        what_next=phrase(config, "what-happens-next"),
    )


# -- drafts ----------------------------------------------------------------------------------------


def _drafts() -> dict[str, str]:
    """Return the secrets of this browser's drafts by service."""
    secrets: dict[str, str] = session.setdefault("drafts", {})
    return secrets


def _draft(service: str) -> DraftApplication | None:
    secret = session.get("drafts", {}).get(service)
    if not secret:
        return None
    with platform().database.read() as connection:
        return find_draft(connection, secret, service=service)


def _draft_for_writing(
    connection: Connection, service: str, form: Form, instant: datetime
) -> DraftApplication:
    """Return this browser's draft, locked; a new one if there is none or it was tidied away."""
    secret = _drafts().get(service)
    draft = find_draft(connection, secret, service=service, lock=True) if secret else None
    if draft is None:
        secret = new_draft(connection, service=service, form_version=form.version, now=instant)
        _drafts()[service] = secret
        session.modified = True
        draft = find_draft(connection, secret, service=service)
    assert draft is not None, "a draft that was just written"
    return draft


def _is_complete(form: Form, draft: DraftApplication) -> bool:
    return not form.missing_pages(draft.answers, now()) and draft.office in _offices()


# -- pages -----------------------------------------------------------------------------------------


def _service(service: str) -> tuple[ServiceConfig, Form]:
    config = service_or_404(service)
    return config, platform().forms[service]


def _page_or_404(form: Form, page_id: str) -> Page:
    try:
        return form.page(page_id)
    except KeyError:
        abort(404)


def _offices() -> Mapping[str, Office]:
    return platform().places.offices


def _to_page(service: str, page: Page) -> Response:
    return redirect(url_for("apply.ask", service=service, page_id=page.id))


def _to_what_is_missing(service: str, form: Form, draft: DraftApplication | None) -> Response:
    """Lead to the first thing still to be filled in; without a draft, to the first page."""
    if draft is None:
        return _to_page(service, form.pages[0])
    if draft.sent_as:
        return redirect(url_for("apply.sent", service=service))
    missing = form.missing_pages(draft.answers, now())
    if missing:
        return _to_page(service, missing[0])
    return redirect(
        url_for("apply.choose_office" if draft.office is None else "apply.check", service=service)
    )


def _questions(
    config: ServiceConfig,
    form: Form,
    page: Page,
    answers: Mapping[str, Any],
    typed: dict[str, Any],
    errors: list[FieldError],
    instant: datetime,
) -> str:
    fields = form.visible_fields(page, answers, instant)
    required = [field.id for field in fields if form.is_required(field, answers, instant)]
    return render_template(
        "public/questions.html",
        service=config,
        page=page,
        fields=draw_fields(fields, typed, errors, required=required),
        errors=summary_of(errors),
        back=_back(config.key, form.previous_page(page.id, answers, instant)),
        action=request.full_path.rstrip("?"),
    )


def _back(service: str, previous: Page | None) -> str:
    if "change" in request.args:
        return url_for("apply.check", service=service)
    if previous is None:
        return url_for("catalogue.start_page", service=service)
    return url_for("apply.ask", service=service, page_id=previous.id)


def _office_page(
    config: ServiceConfig,
    form: Form,
    answers: Mapping[str, Any],
    chosen: str | None,
    error: str | None = None,
) -> str:
    pages = form.visible_pages(answers, now())
    return render_template(
        "public/office.html",
        service=config,
        offices=_offices().values(),
        chosen=chosen,
        error=error,
        back=_back(config.key, pages[-1] if pages else None),
    )
