"""Whether a letter is genuine: anybody may ask, with the code printed on it or with its file.

Told is only what somebody who holds the letter can compare: its kind, its date, the office and the ends of
the reference. No name, and nothing about what it says.
"""

from __future__ import annotations

import re
from io import BytesIO
from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, send_file, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response

from cases.errors import Busy
from cases.genuine import MOST_BYTES, Standing, judge, standing_of
from cases.reading import letter_by_code
from web.access import public
from web.languages import say
from web.platform import platform
from web.public.tracking import base_key
from web.security import takes_files

blueprint = Blueprint("verify", __name__, url_prefix="/verify")


@blueprint.get("")
@public
def ask() -> str | Response:
    """Ask for the code of a letter, or its file; with a code, go to what is known of it."""
    code = _normal(request.args.get("code", ""))
    if code:
        return redirect(url_for("verify.verify", code=code))
    return _ask_page()


def _ask_page(*, code: str = "", error: Markup | None = None) -> str:
    signed = bool(platform().certificates)
    return render_template("public/verify.html", code=code, error=error, signed=signed)


@blueprint.get("/<code>")
@public
def verify(code: str) -> tuple[str, int]:
    """Say whether a letter with this code was issued."""
    with platform().database.read() as connection:
        letter = letter_by_code(connection, _normal(code))
    if letter is None:
        return _ask_page(code=code[:60]), 404
    return _letter_page(standing_of(letter), letter, by_file=False), 200


@blueprint.post("/file")
@public
@takes_files
def verify_file() -> tuple[str, int]:
    """Say whether a file is a letter of ours, and if it is still as we issued it."""
    sent = request.files.get("letter")
    content = b""
    if sent:
        with sent.stream as file:
            content = file.read(MOST_BYTES + 1)
    if not content:
        return _ask_page(error=say("Choose the file of the letter")), 422
    if len(content) > MOST_BYTES:
        return _ask_page(error=say("This file is too large to be a letter of ours. Choose another.")), 422
    try:
        verdict = judge(platform().database, content, platform().certificates)
    except Busy:
        again = say("Many people are checking letters just now. Choose the file again in a minute.")
        return _ask_page(error=again), 503
    if verdict.letter is None:
        return render_template("public/not_a_letter.html", standing=verdict.standing), 200
    return _letter_page(verdict.standing, verdict.letter, by_file=True), 200


@blueprint.get("/certificate")
@public
def certificate() -> Response:
    """Send the certificates with which signatures of letters can be checked elsewhere."""
    if not platform().certificates:
        abort(404)
    file = BytesIO(platform().certificates)
    return send_file(file, "application/x-pem-file", as_attachment=True, download_name="letters.pem")


def _letter_page(standing: Standing, letter: Any, *, by_file: bool) -> str:
    config = platform().services[letter.service]
    return render_template(
        "public/genuine.html",
        service=config,
        title=config.steps[base_key(letter.key)].title,
        letter=letter,
        standing=standing,
        by_file=by_file,
        reference=masked(letter.reference),
        office=platform().places.offices[letter.office],
    )


def masked(reference: str) -> str:
    """Return a reference with its middle hidden, to be compared with the letter but not used."""
    parts = reference.split("-")
    return "-".join([parts[0], *("•" * len(part) for part in parts[1:-1]), parts[-1]])


def _normal(code: str) -> str:
    return re.sub(r"[^A-Z0-9]", "", code.upper())[:60]
