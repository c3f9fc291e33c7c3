"""Applying for a service: one topic a page, check answers, send, and a confirmation worth saving.

The way through:

    begin ─▶ questions/<page> ... ─▶ office ─▶ check ─▶ (send) ─▶ sent

Any page can be left for later (web/public/saving.py). An application begun on an older form goes through
`changed` first, which says what has to be filled in again.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from cases.retention import DRAFTS_KEPT
from config.services import ServiceConfig
from forms.form import Form
from forms.model import Checked, Page
from web.access import public
from web.drafts import DraftApplication, give_code, save_draft
from web.kept_forms import keeps_typed
from web.languages import language, local_date, say
from web.platform import now, platform
from web.public.catalogue import service_or_404
from web.public.drafting import (
    carried_over,
    draft_for_writing,
    draft_here,
    forget_draft,
    is_of_older_form,
)
from web.public.form_pages import office_page, offices, questions, sent_page
from web.public.sending import send_application, sender_of
from web.public.uploads import keep_files, receive_page, upload_fields, with_refusals
from web.security import takes_files

blueprint = Blueprint("apply", __name__, url_prefix="/apply/<service>")
Reply = str | Response | tuple[str, int]


@blueprint.get("")
@public
def begin(service: str) -> Reply:
    """Start with the first page; or, when something was begun in this browser, ask what to do with it."""
    config, form = _service(service)
    draft = draft_here(service)
    if draft is None or draft.sent_as or not (draft.answers or draft.typed):
        forget_draft(service)
        return _to_page(service, form.pages[0])
    kept_until = local_date(draft.updated_at + DRAFTS_KEPT)
    return render_template("public/resume.html", service=config, kept_until=kept_until)


@blueprint.post("")
@public
def begin_or_go_on(service: str) -> Response:
    """Go on with the application begun in this browser, or throw it away and start anew."""
    _, form = _service(service)
    if request.form.get("what") == "go-on":
        return _to_what_is_missing(service, form, draft_here(service))
    forget_draft(service, delete=True)
    return _to_page(service, form.pages[0])


@blueprint.get("/go-on")
@public
def go_on(service: str) -> Response:
    """Lead to the first thing still to be filled in."""
    _, form = _service(service)
    return _to_what_is_missing(service, form, draft_here(service))


@blueprint.get("/changed")
@public
def changed(service: str) -> Reply:
    """Say that the form has changed since this application was begun, and what that means for it."""
    config, form = _service(service)
    draft = draft_here(service)
    if draft is None or not is_of_older_form(form, draft):
        return _to_what_is_missing(service, form, draft)
    carried = carried_over(form, draft, now())
    return render_template("public/changed.html", service=config, carried=carried)


@blueprint.post("/changed")
@public
def carry_over(service: str) -> Response:
    """Put an application begun on an older form onto the present one, with the answers that still fit."""
    _, form = _service(service)
    instant = now()
    with platform().database.write() as connection:
        draft = draft_for_writing(connection, service, form, instant)
        if is_of_older_form(form, draft):
            save_draft(
                connection,
                draft,
                answers=carried_over(form, draft, instant).answers,
                office=draft.office,
                form_version=form.version,
                now=instant,
                typed=draft.typed,
            )
    return _to_what_is_missing(service, form, draft_here(service))


@blueprint.get("/questions/<page_id>")
@public
def ask(service: str, page_id: str) -> Reply:
    """Show one page of questions, with the answers given before."""
    config, form = _service(service)
    draft = draft_here(service)
    if is_of_older_form(form, draft):
        return redirect(url_for("apply.changed", service=service))
    page = _page_or_404(form, page_id)
    answers = draft.answers if draft else {}
    instant = now()
    if page not in form.visible_pages(answers, instant):
        return _to_what_is_missing(service, form, draft)
    typed = draft.typed.get(page_id) if draft else None
    return questions(config, form, page, answers, typed or form.typed(page, answers, instant), [], instant)


def _typed_again(service: str, page_id: str) -> Reply:
    """Show a page with what was typed on it, when the browser had lost its session meanwhile."""
    config, form = _service(service)
    page, instant, draft = _page_or_404(form, page_id), now(), draft_here(service)
    answers = draft.answers if draft else {}
    checked = form.validate_page(page_id, request.form, answers, received_at=instant)
    notice = say(
        "Nothing you typed on this page is lost, but it was not saved yet. Press Continue once more."
    )
    return questions(config, form, page, answers, checked.typed, [], instant, notice), 400


@blueprint.post("/questions/<page_id>")
@public
@takes_files
@keeps_typed(_typed_again)
def answer(service: str, page_id: str) -> Reply:
    """Take the answers of one page; show it again with what is wrong, or lead to the next page.

    With the button "save and come back later" also what is wrong is kept, as it was typed.
    """
    config, form = _service(service)
    later = request.form.get("then") == "save"
    instant = now()
    if (rearranged := _rearranged(config, form, page_id, instant)) is not None:
        return rearranged
    received = receive_page(form, page_id)
    with platform().database.write() as connection:
        draft = draft_for_writing(connection, service, form, instant)
        if draft.sent_as:
            return redirect(url_for("apply.sent", service=service))
        if is_of_older_form(form, draft) and page_id not in {page.id for page in form.pages}:
            return redirect(url_for("apply.changed", service=service))
        page = _page_or_404(form, page_id)
        draft, refused = keep_files(connection, draft, page, received, instant)
        checked = form.validate_page(page_id, request.form, draft.answers, received_at=instant)
        answers: Mapping[str, Any] = draft.answers
        if checked.ok or later or received.pressed:
            answers, typed = _kept(form, page, draft, checked, instant)
            save_draft(
                connection,
                draft,
                answers=answers,
                office=draft.office,
                form_version=draft.form_version,
                now=instant,
                typed=typed,
            )
        if later:
            give_code(connection, draft, secret=platform().secret, now=instant)
    if refused:
        checked = with_refusals(checked, refused, only=received.pressed or later)
    elif later:
        return redirect(url_for("saving.saved", service=service))
    elif received.pressed:
        return redirect(f"{request.full_path.rstrip('?')}#{upload_fields(page)[0].id}")
    if not checked.ok:
        return _again(config, form, page, draft.answers, checked, instant)
    if is_of_older_form(form, draft):
        return redirect(url_for("apply.changed", service=service))
    return _onward(service, form, page_id, answers, draft.office, instant)


def _rearranged(config: ServiceConfig, form: Form, page_id: str, instant: datetime) -> str | None:
    """Return the page with an item of a group added or removed, if that was what was asked for."""
    page, draft = _page_or_404(form, page_id), draft_here(config.key)
    answers = draft.answers if draft else {}
    typed = form.rearrange(page_id, request.form, answers, received_at=instant)
    return None if typed is None else questions(config, form, page, answers, typed, [], instant)


def _kept(
    form: Form, page: Page, draft: DraftApplication, checked: Checked, instant: datetime
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the answers to keep, and by page what was typed with mistakes."""
    others = {name: value for name, value in draft.answers.items() if name not in {f.id for f in page.fields}}
    typed = {name: value for name, value in draft.typed.items() if name != page.id}
    if not checked.ok:
        typed[page.id] = checked.typed
    merged = {**others, **checked.answers}
    if draft.form_version != form.version:
        return merged, typed  # what no longer fits is still to be told
    return form.prune(merged, instant), typed


def _again(
    config: ServiceConfig,
    form: Form,
    page: Page,
    answers: Mapping[str, Any],
    checked: Checked,
    instant: datetime,
) -> tuple[str, int]:
    html = questions(config, form, page, answers, checked.typed, checked.errors, instant)
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
    draft = draft_here(service)
    if draft is None:
        return _to_page(service, form.pages[0])
    return office_page(config, form, draft.answers, draft.office)


@blueprint.post("/office")
@public
def office_chosen(service: str) -> Reply:
    """Take the office."""
    config, form = _service(service)
    office = request.form.get("office", "")
    instant = now()
    with platform().database.write() as connection:
        draft = draft_for_writing(connection, service, form, instant)
        if not draft.sent_as and office in platform().places.offices:
            save_draft(
                connection,
                draft,
                answers=draft.answers,
                office=office,
                form_version=draft.form_version,
                now=instant,
                typed=draft.typed,
            )
    if office not in platform().places.offices:
        return office_page(config, form, draft.answers, None, say("Choose an office")), 422
    return redirect(url_for("apply.check", service=service))


@blueprint.get("/check")
@public
def check(service: str) -> Reply:
    """Show all answers, each to be changed, and what one declares by sending them."""
    config, form = _service(service)
    draft = draft_here(service)
    if draft is not None and draft.sent_as:
        return redirect(url_for("apply.sent", service=service))
    if draft is None or not _is_complete(form, draft):
        return _to_what_is_missing(service, form, draft)
    return render_template(
        "public/check.html",
        service=config,
        pages=form.summary(draft.answers, language(), received_at=now()),
        office=offices()[draft.office or ""],
    )


@blueprint.post("/check")
@public
def send(service: str) -> Response:
    """Send the application. A second click finds the case that the first one made."""
    config, form = _service(service)
    draft = draft_here(service)
    if draft is None or (not draft.sent_as and not _is_complete(form, draft)):
        return _to_what_is_missing(service, form, draft)
    sender = sender_of(draft)
    if sender is None:
        return redirect(url_for("staff_sign_in.sign_in", next=url_for("counter.desk")))
    if not draft.sent_as and not send_application(config, form, draft, sender, now()):
        return _to_what_is_missing(service, form, draft)
    return redirect(url_for("apply.sent", service=service))


@blueprint.get("/sent")
@public
def sent(service: str) -> Reply:
    """Show reference and PIN. Only the browser that sent the application sees this page."""
    config, form = _service(service)
    draft = draft_here(service)
    if draft is None or not draft.sent_as:
        return _to_what_is_missing(service, form, draft)
    if draft.entered_by is not None:
        return redirect(url_for("counter.acknowledgement", service=service))
    return sent_page(config, form, draft, offices().get(draft.office or ""))


def _is_complete(form: Form, draft: DraftApplication) -> bool:
    current = not is_of_older_form(form, draft)
    return current and not form.missing_pages(draft.answers, now()) and draft.office in offices()


# -- pages -----------------------------------------------------------------------------------------


def _service(service: str) -> tuple[ServiceConfig, Form]:
    config = service_or_404(service)
    return config, platform().forms[service]


def _page_or_404(form: Form, page_id: str) -> Page:
    try:
        return form.page(page_id)
    except KeyError:
        abort(404)


def _to_page(service: str, page: Page) -> Response:
    return redirect(url_for("apply.ask", service=service, page_id=page.id))


def _to_what_is_missing(service: str, form: Form, draft: DraftApplication | None) -> Response:
    """Lead to the first thing still to be filled in; without a draft, to the first page."""
    if draft is None:
        return _to_page(service, form.pages[0])
    if draft.sent_as:
        return redirect(url_for("apply.sent", service=service))
    if is_of_older_form(form, draft):
        return redirect(url_for("apply.changed", service=service))
    missing = form.missing_pages(draft.answers, now())
    if missing:
        return _to_page(service, missing[0])
    return redirect(
        url_for("apply.choose_office" if draft.office is None else "apply.check", service=service)
    )
