"""An applicant's own pages: sign in with reference and PIN, track, answer, download, withdraw."""

from __future__ import annotations

from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from cases import actions, revisions
from cases.audit import log_read
from cases.errors import Conflict, NotFound, TooManyAttempts
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
from forms.text import ascii_digits
from web.access import case_in_session, citizen, let_citizen_in, let_citizen_out, public
from web.downloads import send_letter
from web.errors import tell
from web.languages import say
from web.platform import now, platform
from web.public.catalogue import phrase
from web.public.tracking import Question, Tracked, track, valid_letters
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
    return render_template("public/track_sign_in.html", reference="", error=None)


@blueprint.post("")
@public
def signed_in() -> Answered:
    """Open the case that a reference and PIN belong to.

    An unknown reference and a wrong PIN look the same, take the same time and count alike.
    """
    typed = request.form.get("reference", "")[:60]
    pin = "".join(ascii_digits(request.form.get("pin", "")[:60]).split())
    try:
        case_id = _case_for(normalise_reference(typed), pin)
    except TooManyAttempts as error:
        told = tell(error)
        page = render_template("public/track_sign_in.html", reference=typed, error=told.advice)
        return page, told.status
    if case_id is None:
        wrong = say("Check the reference and the PIN. They don’t belong together.")
        return render_template("public/track_sign_in.html", reference=typed, error=wrong), 422
    let_citizen_in(case_id)
    return redirect(url_for("track.application"))


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
    config = platform().services[whole.case.service]
    return render_template(
        "public/application.html",
        service=config,
        case=whole.case,
        tracked=track(config, whole),
        office=platform().places.offices[whole.case.office],
        told=request.args.get("told"),
        now=now(),
    )


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


@blueprint.post("/answer/<int:step_id>")
@citizen
def answered(step_id: int) -> Answered:
    """Take the answer to a question."""
    typed, text = typed_block(request.form.get("answer", ""))
    error = trouble_with(typed, LONGEST_ANSWER, say("Write your answer"))
    if error:
        return _question_again(step_id, typed, error), 422
    actor = Actor.citizen(_own_case_id())
    try:
        done = carry_out(
            platform().database, actions.answer, step_id=step_id, text=text, actor=actor, now=now()
        )
    except Conflict as conflict:
        told = tell(conflict)
        return _question_again(step_id, typed, told.advice), told.status
    return redirect(url_for("track.application", told="late" if done.late else "answered"))


def _question_again(step_id: int, typed: str, error: str) -> str:
    """Show a question again, even one that no longer waits, with what was typed."""
    whole = _own_case("read-case")
    for entry in whole.journal:
        if entry.id == step_id and (entry.shows or {}).get("question"):
            asked = Question(step_id, entry.key, entry.shows["question"], entry.expires_at)
            return _question_page(whole, asked, typed=typed, error=error)
    raise NotFound("no such question")


def _tracked(whole: WholeCase) -> Tracked:
    return track(platform().services[whole.case.service], whole)


def _question_page(whole: WholeCase, asked: Question, *, typed: str, error: str | None) -> str:
    config = platform().services[whole.case.service]
    return render_template(
        "public/question.html",
        service=config,
        question=asked,
        time=phrase(config, "question-time"),
        typed=typed,
        error=error,
    )


# -- letters ---------------------------------------------------------------------------------------


@blueprint.get("/letters/<int:letter_id>")
@citizen
def letter(letter_id: int) -> Response:
    """Download a letter of the application as PDF."""
    whole = _own_case("read-letter", f"letter {letter_id}")
    found = next((each for each in valid_letters(whole) if each.id == letter_id), None)
    if found is None:
        abort(404)
    return send_letter(found, whole.case.reference)


# -- withdrawing -----------------------------------------------------------------------------------


@blueprint.get("/withdraw")
@citizen
def withdraw() -> Answered:
    """Ask whether the application shall really be withdrawn."""
    whole = _own_case("read-case")
    if whole.case.status == CaseStatus.CLOSED:
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
        return redirect(url_for("track.application", told="closed"))
    return redirect(url_for("track.application", told="withdrawn"))


def _withdraw_page(whole: WholeCase) -> str:
    config = platform().services[whole.case.service]
    return render_template("public/withdraw.html", service=config, case=whole.case)
