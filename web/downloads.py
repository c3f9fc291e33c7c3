"""Sending the file of an issued letter."""

from __future__ import annotations

from typing import Any

from flask import send_file
from werkzeug.wrappers import Response

from cases.files import FileKind, FileStore
from web.platform import platform


def send_letter(letter: Any, reference: str) -> Response:
    """Return an issued letter (a row of letters) as a download.

    Raises NotFound when its file is missing from the store.
    """
    file = FileStore(platform().settings.home).open(FileKind.LETTER, letter.sha256)
    name = f"{reference}-{letter.key.partition('#')[0]}.pdf"
    response: Response = send_file(file, mimetype="application/pdf", as_attachment=True, download_name=name)
    response.headers["Cache-Control"] = "no-store"
    return response
