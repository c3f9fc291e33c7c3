"""An applicant's letters: each as a page, and in the other forms in which it was issued."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, render_template
from markupsafe import Markup
from werkzeug.wrappers import Response

from cases.audit import log_read
from cases.handing_over import note_download
from cases.letters import files_of
from cases.permissions import Actor
from cases.reading import WholeCase, whole_case
from cases.vocabulary import LetterVariant
from config.languages import LANGUAGES
from web.access import case_in_session, citizen
from web.downloads import open_letter, send_letter
from web.platform import now, platform
from web.public.tracking import base_key, valid_letters

blueprint = Blueprint("own_letters", __name__, url_prefix="/track/letters")


@blueprint.get("/<int:letter_id>")
@citizen
def read(letter_id: int) -> str | Response:
    """Show a letter as a page, its primary form; one that was issued without, as PDF."""
    whole, letter = _own_letter(letter_id)
    with platform().database.read() as connection:
        files = files_of(connection, letter_id)
    if LetterVariant.HTML not in files:
        return send_letter(letter, whole.case.reference)
    with open_letter(letter, LetterVariant.HTML) as file:
        style, body = page_parts(file.read().decode("utf-8"))
    return render_template(
        "public/letter.html",
        title=platform().services[whole.case.service].steps[base_key(letter.key)].title,
        letter=letter,
        tag=LANGUAGES.get(letter.language, LANGUAGES["en"]).tag,
        style=style,
        body=body,
        files=files,
    )


@blueprint.get("/<int:letter_id>/<variant>")
@citizen
def download(letter_id: int, variant: str) -> Response:
    """Download a letter as `pdf`, `large`, `html`, or read it as `text`."""
    if variant not in list(LetterVariant):
        abort(404)
    whole, letter = _own_letter(letter_id)
    as_text = variant == LetterVariant.TEXT
    return send_letter(
        letter, whole.case.reference, variant=LetterVariant(variant), as_attachment=not as_text
    )


def page_parts(html: str) -> tuple[Markup, Markup]:
    """Return the style sheet and the letter itself out of a letter's page, which we made and stored.

    No fact can be taken for a tag there: all are escaped.
    """
    _, _, after = html.partition("<style>")
    style, _, after = after.partition("</style>")
    _, _, after = after.partition('<main class="s2f-letter">')
    body, _, _ = after.partition("</main>")
    return Markup(style), Markup(body)


def _own_letter(letter_id: int) -> tuple[WholeCase, Any]:
    """Return the case this browser has opened and a letter of it, noting that it was read."""
    case_id = case_in_session()
    assert case_id is not None, "the access check let nobody else in"
    with platform().database.write() as connection:
        log_read(
            connection,
            actor="citizen",
            action="read-letter",
            now=now(),
            case_id=case_id,
            detail=f"letter {letter_id}",
        )
        whole = whole_case(connection, case_id)
    letter = next((each for each in valid_letters(whole) if each.id == letter_id), None)
    if letter is None:
        abort(404)
    with platform().database.write() as connection:
        note_download(connection, letter_id=letter_id, actor=Actor.citizen(case_id), now=now())
    return whole, letter
