"""An applicant's own pages: sign in with reference and PIN, track, answer, download, confirm, withdraw."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response

from cases import revisions
from cases.audit import log_read
from cases.documents import answer
from cases.errors import AlreadyDecided, Conflict, NotFound, TooManyAttempts
from cases.handing_over import confirm_receipt
from cases.links import links_of
from cases.people import (
    case_for_pin,
    check_tries,
    count_wrong_try,
    forget_tries,
    normalise_reference,
    try_key,
)
from cases.permissions import Actor
from cases.reading import WholeCase, whole_case
from cases.transaction import carry_out
from cases.vocabulary import CaseStatus
from config.review import FIRST_REFERENCE
from config.services import ServiceConfig
from forms.text import ascii_digits
from web.access import case_in_session, citizen, let_citizen_in, let_citizen_out, public
from web.drafts import save_draft
from web.errors import tell
from web.kept_forms import keeps_typed
from web.languages import say
from web.platform import now, platform
from web.public.catalogue import phrase
from web.public.documents import FILES, draw_for_answer, keep_for_answer
from web.public.drafting import draft_for_writing, draft_here, forget_draft
from web.public.tracking import Question, Tracked, track
from web.public.uploads import receive
from web.public.why import why_this_date
from web.security import takes_files
from web.words_of_people import trouble_with, typed_block

blueprint = Blueprint("track", __name__, url_prefix="/track")
LONGEST_ANSWER = 5_000
Answered = str | Response | tuple[str, int]


@blueprint.get("")
@public
def sign_in() -> Answered:
    """Ask for reference and PIN."""
    if case_in_session() is not None:
        return redirect(url_for("track.application"))
    return _sign_in_page("", None)


def _sign_in_page(reference: str, error: Markup | None, kept: Mapping[str, Any] | None = None) -> str:
    """Return the page that asks for reference and PIN. kept: an answer to be shown again afterwards."""
    return render_template("public/track_sign_in.html", reference=reference, error=error, kept=kept)


@blueprint.post("")
@public
def signed_in() -> Answered:
    """Open the case that a reference and PIN belong to.

    An unknown reference and a wrong PIN look the same, take the same time and count alike.
    """
    typed, kept = request.form.get("reference", "")[:60], _kept_answer()
    pin = "".join(ascii_digits(request.form.get("pin", "")[:60]).split())
    try:
        case_id = _case_for(normalise_reference(typed), pin)
    except TooManyAttempts as error:
        told = tell(error)
        return _sign_in_page(typed, told.advice, kept), told.status
    if case_id is None:
        wrong = say("Check the reference and the PIN. They don’t belong together.")
        return _sign_in_page(typed, wrong, kept), 422
    let_citizen_in(case_id)
    if kept is not None:
        with suppress(NotFound):
            return _question_again(kept["step"], kept["answer"], None)
    return redirect(url_for("track.application"))


def _kept_answer() -> dict[str, Any] | None:
    """Return the answer that the sign-in page carries along, or None."""
    step = request.form.get("kept-step", "")
    if not re.fullmatch("[0-9]{1,15}", step):
        return None
    return {"step": int(step), "answer": request.form.get("kept-answer", "")}


def _case_for(reference: str, pin: str) -> int | None:
    key, instant = try_key("pin", reference), now()
    with platform().database.write() as connection:
        check_tries(connection, key, now=instant)
        case_id = case_for_pin(connection, secret=platform().secret, reference=reference, pin=pin)
        if case_id is None:
            count_wrong_try(connection, key, now=instant)
        else:
            forget_tries(connection, key)
            log_read(connection, actor="citizen", action="sign-in", now=instant, case_id=case_id)
    return case_id


@blueprint.post("/sign-out")
@public
def sign_out() -> Response:
    """Close the case in this browser."""
    let_citizen_out()
    return redirect(url_for("catalogue.catalogue"))


@blueprint.get("/application")
@citizen
def application() -> str:
    """Show where the application stands."""
    whole = _own_case("read-case")
    with platform().database.read() as connection:
        links = [link for link in links_of(connection, whole.case) if not link.backwards]
    config = platform().services[whole.case.service]
    return drawn(config, whole, links, told=request.args.get("told"), instant=now())


def drawn(
    config: ServiceConfig, whole: WholeCase, links: Sequence[Any], *, told: str | None, instant: datetime
) -> str:
    """Return the page of an application. links: the cases it names; told: what was just done, if anything."""
    places, tracked = platform().places, track(config, whole)
    facility = places.facilities.get(tracked.facility or "")
    return render_template(
        "public/application.html",
        service=config,
        case=whole.case,
        tracked=tracked,
        office=places.offices[whole.case.office],
        facility=facility.name if facility else None,
        links=links,
        arrived=phrase(config, f"{tracked.confirmation.key}-question") if tracked.confirmation else None,
        told=told,
        now=instant,
    )


@blueprint.get("/why")
@citizen
def why() -> Answered:
    """Explain why the date on the application's page is what it is."""
    whole = _own_case("read-case")
    config = platform().services[whole.case.service]
    found = why_this_date(whole, track(config, whole).due_step)
    if found is None:
        return redirect(url_for("track.application"))
    return render_template("public/why.html", case=whole.case, why=found)


def _own_case(action: str, detail: str | None = None) -> WholeCase:
    """Return the case this browser has opened, noting in the access log that it was read."""
    case_id = _own_case_id()
    with platform().database.write() as connection:
        log_read(connection, actor="citizen", action=action, now=now(), case_id=case_id, detail=detail)
        return whole_case(connection, case_id)


def _own_case_id() -> int:
    case_id = case_in_session()
    assert case_id is not None, "the access check let nobody else in"
    return case_id


# -- answering a question --------------------------------------------------------------------------


@blueprint.get("/answer/<int:step_id>")
@citizen
def question(step_id: int) -> Answered:
    """Show a question with room for the answer."""
    whole = _own_case("read-case")
    asked = _tracked(whole).question
    if asked is None or asked.step_id != step_id:
        return redirect(url_for("track.application"))
    return _question_page(whole, asked, typed="", error=None)


def _answer_again(step_id: int) -> Answered:
    """Keep an answer that comes when the session has ended: it is shown again after signing in."""
    typed, _ = typed_block(request.form.get("answer", ""))
    if case_in_session() is not None:  # only the form was of another session
        notice = say("Your answer isn’t lost, but it was not sent yet. Send it once more.")
        return _question_again(step_id, typed, notice), 400
    notice = say("You were signed out. Your answer isn’t lost: sign in again, then send it.")
    return _sign_in_page("", notice, kept={"step": step_id, "answer": typed}), 400


@blueprint.post("/answer/<int:step_id>")
@citizen
@takes_files
@keeps_typed(_answer_again)
def answered(step_id: int) -> Answered:
    """Take the answer to a question. A second click finds that it was taken."""
    typed, text = typed_block(request.form.get("answer", ""))
    files = receive([FILES])
    refused = keep_for_answer(step_id, files, Actor.citizen(_own_case_id()))
    if refused or files.pressed:
        return _question_again(step_id, typed, None, refused), 422 if refused else 200
    error = trouble_with(typed, LONGEST_ANSWER, say("Write your answer"))
    if error:
        return _question_again(step_id, typed, error), 422
    actor = Actor.citizen(_own_case_id())
    try:
        done = carry_out(platform().database, answer, step_id=step_id, text=text, actor=actor, now=now())
    except Conflict as conflict:
        if _is_answered_so(step_id, text):
            return redirect(url_for("track.application", told="answered"))
        told = tell(conflict)
        return _question_again(step_id, typed, told.advice), told.status
    return redirect(url_for("track.application", told="late" if done.late else "answered"))


def _is_answered_so(step_id: int, text: str) -> bool:
    """Whether the question was answered with these very words before."""
    found = [entry for entry in _own_case("read-case").journal if entry.id == step_id]
    return any(isinstance(entry.result, dict) and entry.result.get("text") == text for entry in found)


def _question_again(step_id: int, typed: str, error: str | None, refused: Markup | None = None) -> str:
    """Show a question again, even one that no longer waits, with what was typed."""
    whole = _own_case("read-case")
    for entry in whole.journal:
        if entry.id == step_id and (entry.shows or {}).get("question"):
            asked = Question(step_id, entry.key, entry.shows["question"], entry.expires_at)
            return _question_page(whole, asked, typed=typed, error=error, refused=refused)
    raise NotFound("no such question")


def _tracked(whole: WholeCase) -> Tracked:
    return track(platform().services[whole.case.service], whole)


def _question_page(
    whole: WholeCase, asked: Question, *, typed: str, error: str | None, refused: Markup | None = None
) -> str:
    config = platform().services[whole.case.service]
    return render_template(
        "public/question.html",
        service=config,
        question=asked,
        time=phrase(config, "question-time"),
        typed=typed,
        error=error,
        refused=refused,
        upload=draw_for_answer(asked.step_id, refused),
    )


# -- it has arrived --------------------------------------------------------------------------------


@blueprint.post("/received/<int:step_id>")
@citizen
def received(step_id: int) -> Response:
    """Take the applicant's word that what was decided has arrived. A second click changes nothing."""
    actor = Actor.citizen(_own_case_id())
    with suppress(AlreadyDecided):
        carry_out(platform().database, confirm_receipt, step_id=step_id, actor=actor, now=now())
    return redirect(url_for("track.application", told="received"))


# -- asking for a review ---------------------------------------------------------------------------


@blueprint.post("/review")
@citizen
def review() -> Response:
    """Begin an application for a review of this one's decision, with its reference filled in. One that was
    begun in this browser already goes on."""
    whole = _own_case("read-case")
    service = _tracked(whole).review
    if service is None:
        return redirect(url_for("track.application"))
    form, instant = platform().forms[service], now()
    begun = draft_here(service)
    if begun is not None and begun.sent_as:
        forget_draft(service)
    with platform().database.write() as connection:
        draft = draft_for_writing(connection, service, form, instant)
        save_draft(
            connection,
            draft,
            answers={**draft.answers, FIRST_REFERENCE: whole.case.reference},
            office=draft.office,
            form_version=draft.form_version,
            now=instant,
            typed=draft.typed,
        )
    return redirect(url_for("apply.ask", service=service, page_id=form.pages[0].id))


# -- withdrawing -----------------------------------------------------------------------------------


@blueprint.get("/withdraw")
@citizen
def withdraw() -> Answered:
    """Ask whether the application shall really be withdrawn."""
    whole = _own_case("read-case")
    if whole.case.status == CaseStatus.CLOSED or _tracked(whole).decided:
        return redirect(url_for("track.application"))
    return _withdraw_page(whole)


@blueprint.post("/withdraw")
@citizen
def withdrawn() -> Response:
    """Withdraw the application. If it was decided meanwhile, the tracking page says so."""
    case_id = _own_case_id()
    try:
        carry_out(
            platform().database,
            revisions.withdraw,
            case_id=case_id,
            actor=Actor.citizen(case_id),
            now=now(),
        )
    except Conflict:
        with platform().database.read() as connection:
            before = whole_case(connection, case_id).case.outcome == revisions.WITHDRAWN
        return redirect(url_for("track.application", told="withdrawn" if before else "closed"))
    return redirect(url_for("track.application", told="withdrawn"))


def _withdraw_page(whole: WholeCase) -> str:
    config = platform().services[whole.case.service]
    return render_template("public/withdraw.html", service=config, case=whole.case)
