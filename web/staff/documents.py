"""Documents of a case for officers: seen as pictures in the page, or saved. Each look is noted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Blueprint
from werkzeug.wrappers import Response

from cases.audit import log_read
from cases.documents import document_of_case, of_case
from cases.permissions import Action, require_reads
from cases.reading import case_id_of, whole_case
from web.access import permit
from web.document_files import JPEG, send_download, send_page, send_thumbnail
from web.platform import now, platform
from web.staff.reading import readers_of, title_of
from web.staff.sign_in import actor
from web.uploads import kilobytes

blueprint = Blueprint("staff_documents", __name__, url_prefix="/staff/cases/<reference>/documents")


@dataclass(frozen=True)
class Shown:
    """A document on the page of its case. belongs_to: the field, question or time it came with."""

    id: int
    title: str
    name: str
    belongs_to: str
    about: str
    sent_at: datetime
    pages: int
    address: str


@blueprint.app_template_global()
def documents_shown(case: Any) -> Sequence[Shown]:
    """Return the documents of a case (its row), for its page, which was permitted and noted already."""
    with platform().database.read() as connection:
        return [_shown(case, document) for document in of_case(connection, case.id)]


def _shown(case: Any, document: Any) -> Shown:
    kind = "photo" if document.media_type == JPEG else f"PDF, {document.pages} pages"
    return Shown(
        id=document.id,
        title=document.kind or document.name,
        name=document.name,
        belongs_to=_belongs_to(case, document),
        about=f"{kind.replace(' 1 pages', ' 1 page')}, {kilobytes(document.size)}",
        sent_at=document.sent_at,
        pages=document.pages,
        address=f"/staff/cases/{case.reference}/documents/{document.id}",
    )


def _belongs_to(case: Any, document: Any) -> str:
    if document.step_key is not None:
        return f"Answer to: {title_of(platform().services[case.service], document.step_key)}"
    fields = platform().forms[case.service].fields
    if document.field in fields:
        return fields[document.field].short["en"]
    return document.field or "Added later"


@blueprint.get("/<int:document_id>/thumbnail")
@permit(Action.READ_CASE)
def thumbnail(reference: str, document_id: int) -> Response:
    """Return a document's small picture. It is part of the case's page, whose reading is noted."""
    with platform().database.read() as connection:
        document = _document(connection, reference, document_id)
    return send_thumbnail(document)


@blueprint.get("/<int:document_id>/pages/<int:page>")
@permit(Action.READ_CASE)
def show_page(reference: str, document_id: int, page: int) -> Response:
    """Return one page of a document as a picture."""
    return send_page(_read(reference, document_id, "read-document", f"page {page}"), page)


@blueprint.get("/<int:document_id>")
@permit(Action.READ_CASE)
def download(reference: str, document_id: int) -> Response:
    """Return a document, as it was checked, to be saved."""
    return send_download(_read(reference, document_id, "save-document", "whole"), reference)


def _read(reference: str, document_id: int, action: str, what: str) -> Any:
    with platform().database.write() as connection:
        document = _document(connection, reference, document_id)
        log_read(
            connection,
            actor=actor().name,
            action=action,
            now=now(),
            case_id=document.case_id,
            detail=f"document {document_id}, {what}",
        )
    return document


def _document(connection: Any, reference: str, document_id: int) -> Any:
    case = whole_case(connection, case_id_of(connection, reference)).case
    require_reads(actor(), office=case.office, roles=readers_of(case.service))
    return document_of_case(connection, case.id, document_id)
