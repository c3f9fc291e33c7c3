"""Sending the files of an issued letter."""

from __future__ import annotations

from typing import Any, BinaryIO

from flask import send_file
from werkzeug.wrappers import Response

from cases.errors import NotFound
from cases.files import FileKind, FileStore
from cases.letters import KIND_OF, files_of
from cases.vocabulary import LetterVariant
from web.platform import platform

MEDIA_TYPES = {
    LetterVariant.PDF: "application/pdf",
    LetterVariant.LARGE: "application/pdf",
    LetterVariant.HTML: "text/html",
    LetterVariant.TEXT: "text/plain",
}
ENDINGS = {
    LetterVariant.PDF: ".pdf",
    LetterVariant.LARGE: "-large-print.pdf",
    LetterVariant.HTML: ".html",
    LetterVariant.TEXT: ".txt",
}


def send_letter(
    letter: Any, reference: str, *, variant: LetterVariant = LetterVariant.PDF, as_attachment: bool = True
) -> Response:
    """Return a variant of an issued letter (a row of letters) as a download; else to be shown by the browser.

    Raises NotFound when there is no such variant, or its file is missing from the store.
    """
    response: Response = send_file(
        open_letter(letter, variant),
        mimetype=MEDIA_TYPES[variant],
        as_attachment=as_attachment,
        download_name=f"{reference}-{letter.key.partition('#')[0]}{ENDINGS[variant]}",
    )
    response.headers["Cache-Control"] = "no-store"
    return response


def open_letter(letter: Any, variant: LetterVariant) -> BinaryIO:
    """Open a variant of an issued letter. Raises NotFound as `send_letter` does."""
    store = FileStore(platform().settings.home)
    if variant is LetterVariant.PDF:
        return store.open(FileKind.LETTER, letter.sha256)
    with platform().database.read() as connection:
        file = files_of(connection, letter.id).get(variant)
    if file is None:
        raise NotFound(f"letter {letter.id} has no {variant}")
    return store.open(KIND_OF[variant], file.sha256)
