"""Letters at an office: to print, ready to collect, posted; printing, handing over and posting them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from cases import handing_over
from cases.audit import log_read
from cases.case_rows import Done
from cases.handing_over_list import (
    LetterAtOffice,
    Stage,
    letter_at_office,
    letters_at,
    open_confirmation,
)
from cases.permissions import Action
from cases.transaction import carry_out
from cases.vocabulary import LetterVariant
from forms.model import FieldType
from web.access import permit
from web.downloads import send_letter
from web.platform import now, platform
from web.staff.reading import title_of
from web.staff.sign_in import actor

blueprint = Blueprint("letters", __name__, url_prefix="/staff/letters")
Reply = str | Response | tuple[str, int]
LONGEST = 200
TITLES = {Stage.TO_PRINT: "Letters to print", Stage.READY: "Ready to collect", Stage.POSTED: "Posted"}
TOLD = {"collected": "The letter is handed over.", "posted": "The letter is noted as posted."}


@blueprint.get("")
@permit(Action.HAND_OVER)
def to_print() -> str:
    """List the letters that nobody has printed or read yet."""
    return _list(Stage.TO_PRINT)


@blueprint.get("/ready")
@permit(Action.HAND_OVER)
def ready() -> str:
    """List the letters that lie ready to be collected."""
    return _list(Stage.READY)


@blueprint.get("/posted")
@permit(Action.HAND_OVER)
def posted() -> str:
    """List the letters that were posted in the last 30 days, the newest first."""
    return _list(Stage.POSTED)


def _list(stage: Stage) -> str:
    search, officer = request.args.get("search", "").strip(), actor()
    with platform().database.write() as connection:
        log_read(connection, actor=officer.name, action="read-letters", now=now(), detail=stage)
        page = letters_at(
            connection,
            officer,
            stage,
            now=now(),
            search=search,
            names=_name_fields(),
            after=request.args.get("after", type=int),
        )
    return render_template(
        "staff/letters.html",
        stage=stage.value,
        stages=[
            (url_for(f"letters.{each.name.lower()}"), each.value, title) for each, title in TITLES.items()
        ],
        title=TITLES[stage],
        rows=[_row(item) for item in page.items],
        search=search,
        following=_following(search, page.next),
        told=TOLD.get(request.args.get("told", "")),
    )


def _following(search: str, after: int | None) -> str | None:
    assert request.endpoint is not None
    return url_for(request.endpoint, search=search or None, after=after) if after is not None else None


def _name_fields() -> Mapping[str, list[str]]:
    return {
        service: [field.id for field in form.fields.values() if field.type is FieldType.NAME]
        for service, form in platform().forms.items()
    }


def _row(item: LetterAtOffice) -> dict[str, Any]:
    return {
        "letter": item,
        "title": title_of(platform().services[item.service], item.key),
        "about": _about(item),
        "office": platform().places.offices[item.office].name,
    }


def _about(item: LetterAtOffice) -> str:
    """Return the name that stands first in the application."""
    names = (item.answers.get(field) for field in _name_fields().get(item.service, ()))
    return next((str(name) for name in names if name), "")


@blueprint.post("/<int:letter_id>/print")
@permit(Action.HAND_OVER)
def print_it(letter_id: int) -> Response:
    """Note that a letter is printed, and open it for printing."""
    with platform().database.read() as connection:
        letter_at_office(connection, letter_id, actor=actor())
    carry_out(platform().database, handing_over.mark_printed, letter_id=letter_id, actor=actor(), now=now())
    return redirect(url_for("letters.pdf", letter_id=letter_id, form=_form(request.form)), 303)


def _form(given: Mapping[str, str]) -> str | None:
    """Return `large` for a letter in large print, else None."""
    return LetterVariant.LARGE if given.get("form") == LetterVariant.LARGE else None


@blueprint.get("/<int:letter_id>/pdf")
@permit(Action.HAND_OVER)
def pdf(letter_id: int) -> Response:
    """Show a letter in the browser, in large print if that is asked for."""
    with platform().database.write() as connection:
        letter = letter_at_office(connection, letter_id, actor=actor())
        log_read(
            connection,
            actor=actor().name,
            action="read-letter",
            now=now(),
            case_id=letter.case_id,
            detail=f"letter {letter_id}",
        )
    variant = LetterVariant(_form(request.args) or LetterVariant.PDF)
    return send_letter(letter, letter.reference, variant=variant, as_attachment=False)


@blueprint.get("/<int:letter_id>/hand-over")
@permit(Action.HAND_OVER)
def hand_over(letter_id: int) -> str:
    """Ask who collects a letter, and what they show."""
    return _hand_over_page(_letter(letter_id), {}, {})


@blueprint.post("/<int:letter_id>/hand-over")
@permit(Action.HAND_OVER)
def handed_over(letter_id: int) -> Reply:
    """Note who has collected the letter; and, in the same transaction, that they confirm it."""
    letter = _letter(letter_id)
    typed = {name: request.form.get(name, "").strip() for name in ("who", "identity", "confirmed")}
    errors = _missing(typed, {"who": "Enter who collects the letter", "identity": "Enter what they showed"})
    if errors:
        return _hand_over_page(letter, typed, errors), 422
    carry_out(
        platform().database,
        _hand_over,
        letter=letter,
        to=f"{typed['who']}, {typed['identity']}",
        confirmed=bool(typed["confirmed"]),
    )
    return redirect(url_for("letters.ready", told="collected"))


def _hand_over(connection: Connection, *, letter: LetterAtOffice, to: str, confirmed: bool) -> Done:
    done = handing_over.hand_over(connection, letter_id=letter.id, to=to, actor=actor(), now=now())
    step = open_confirmation(connection, letter)
    if confirmed and step is not None:
        return handing_over.confirm_receipt(connection, step_id=step, actor=actor(), now=now())
    return done


@blueprint.get("/<int:letter_id>/post")
@permit(Action.HAND_OVER)
def post(letter_id: int) -> str:
    """Ask where a letter was posted to."""
    return _post_page(_letter(letter_id), {}, {})


@blueprint.post("/<int:letter_id>/post")
@permit(Action.HAND_OVER)
def was_posted(letter_id: int) -> Reply:
    """Note that the letter was posted."""
    letter = _letter(letter_id)
    typed = {"to": request.form.get("to", "").strip()}
    errors = _missing(typed, {"to": "Enter the address"})
    if errors:
        return _post_page(letter, typed, errors), 422
    named = {"letter_id": letter_id, "to": typed["to"], "actor": actor(), "now": now()}
    carry_out(platform().database, handing_over.mark_posted, **named)
    return redirect(url_for("letters.posted", told="posted"))


def _missing(typed: Mapping[str, str], told: Mapping[str, str]) -> dict[str, str]:
    errors = {name: text for name, text in told.items() if not typed[name]}
    too_long = {name: f"Shorten this to {LONGEST} characters" for name in told if len(typed[name]) > LONGEST}
    return errors | too_long


def _letter(letter_id: int) -> LetterAtOffice:
    with platform().database.read() as connection:
        return letter_at_office(connection, letter_id, actor=actor())


def _hand_over_page(letter: LetterAtOffice, typed: dict[str, str], errors: dict[str, str]) -> str:
    with platform().database.read() as connection:
        asked = open_confirmation(connection, letter) is not None
    return render_template(
        "staff/hand_over.html", row=_row(letter), asked=asked, typed=typed, errors=errors, longest=LONGEST
    )


def _post_page(letter: LetterAtOffice, typed: dict[str, str], errors: dict[str, str]) -> str:
    return render_template("staff/post.html", row=_row(letter), typed=typed, errors=errors)
