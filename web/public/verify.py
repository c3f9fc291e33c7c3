"""Whether a letter is genuine: anybody may ask with the code printed on it.

Told is only what somebody who holds the letter can compare: its kind, its date, the office and the ends of
the reference. No name, and nothing about what it says.
"""

from __future__ import annotations

import re

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from cases.reading import letter_by_code
from cases.vocabulary import LetterStatus
from web.access import public
from web.platform import platform
from web.public.tracking import base_key

blueprint = Blueprint("verify", __name__, url_prefix="/verify")


@blueprint.get("")
@public
def ask() -> str | Response:
    """Ask for the code of a letter; with one, go to what is known of it."""
    code = _normal(request.args.get("code", ""))
    if code:
        return redirect(url_for("verify.verify", code=code))
    return render_template("public/verify.html", code="")


@blueprint.get("/<code>")
@public
def verify(code: str) -> tuple[str, int]:
    """Say whether a letter with this code was issued."""
    with platform().database.read() as connection:
        letter = letter_by_code(connection, _normal(code))
    if letter is None:
        return render_template("public/verify.html", code=code[:60]), 404
    config = platform().services[letter.service]
    page = render_template(
        "public/genuine.html",
        service=config,
        title=config.steps[base_key(letter.key)].title,
        letter=letter,
        replaced=letter.status == LetterStatus.SUPERSEDED,
        taken_back=letter.set_aside,
        reference=masked(letter.reference),
        office=platform().places.offices[letter.office],
    )
    return page, 200


def masked(reference: str) -> str:
    """Return a reference with its middle hidden, to be compared with the letter but not used."""
    parts = reference.split("-")
    return "-".join([parts[0], *("•" * len(part) for part in parts[1:-1]), parts[-1]])


def _normal(code: str) -> str:
    return re.sub(r"[^A-Z0-9]", "", code.upper())[:60]
