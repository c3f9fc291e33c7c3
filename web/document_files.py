"""Sending documents to a browser: small pictures, pages as pictures, and the checked file as a download.

A page is always a JPEG that we made, so that no browser ever opens what somebody sent; and whatever it
should be taken for, it may do nothing (`sandbox`).
"""

from __future__ import annotations

from hashlib import sha256
from pathlib import PurePath
from typing import Any, BinaryIO

from flask import send_file
from werkzeug.wrappers import Response

from cases.errors import NotFound
from cases.files import FileKind, FileStore
from cases.uploads import render_page
from web.platform import platform

JPEG = "image/jpeg"
ENDINGS = {JPEG: ".jpg", "application/pdf": ".pdf"}


def file_store() -> FileStore:
    """Return the store of this installation's files."""
    return FileStore(platform().settings.home)


def send_thumbnail(document: Any) -> Response:
    """Return a document's small picture. Raises NotFound when it is missing from the store."""
    return _picture(file_store().open(FileKind.THUMBNAIL, document.sha256))


def send_page(document: Any, page: int) -> Response:
    """Return a page of a document (the first is 1) as a picture.

    Raises NotFound when there is no such page, when it can't be drawn, or the file is missing.
    """
    if not 1 <= page <= document.pages:
        raise NotFound(f"document {document.id} has {document.pages} pages")
    files = file_store()
    if document.media_type == JPEG:
        return _picture(files.open(FileKind.DOCUMENT, document.sha256))
    name = sha256(f"{document.sha256}:{page}".encode()).hexdigest()
    try:
        return _picture(files.open(FileKind.PAGE, name))
    except NotFound:
        with files.open(FileKind.DOCUMENT, document.sha256) as pdf:
            drawn = render_page(pdf, page - 1)
    if drawn is None:
        raise NotFound(f"page {page} of document {document.id} can't be drawn")
    files.put(FileKind.PAGE, drawn, name)
    return _picture(files.open(FileKind.PAGE, name))


def send_download(document: Any, reference: str) -> Response:
    """Return a document to be saved, named after its case. Raises NotFound when the file is missing."""
    file = file_store().open(FileKind.DOCUMENT, document.sha256)
    name = f"{reference}-{document.id}-{PurePath(document.name).stem}{ENDINGS[document.media_type]}"
    return _guarded(
        send_file(file, mimetype=document.media_type, as_attachment=True, download_name=name, etag=False)
    )


def _picture(file: BinaryIO) -> Response:
    with file:
        return _guarded(Response(file.read(), mimetype=JPEG))


def _guarded(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    return response
