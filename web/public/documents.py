"""Documents on an applicant's own pages: their small pictures, and adding one to an open application."""

from __future__ import annotations

from contextlib import suppress

from flask import Blueprint, redirect, render_template, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response

from cases.documents import (
    add_to_case,
    document_of_draft,
    keep_with_answer,
    of_answer,
    of_case,
    own_document,
    remove_from_answer,
)
from cases.errors import CaseClosed, Conflict, NotFound
from cases.permissions import Actor
from cases.reading import whole_case
from cases.transaction import carry_out
from cases.vocabulary import CaseStatus
from config.uploads import LIMITS
from forms.text import clean_line
from web.access import case_in_session, citizen, public
from web.document_files import send_thumbnail
from web.languages import say, words
from web.platform import now, platform
from web.public.drafting import draft_here
from web.public.uploads import Received, receive, uploaded
from web.security import takes_files
from web.uploads import draw_upload

blueprint = Blueprint("documents", __name__)
FILES = "files"
OWN = "/track/files/{}"
LONGEST_KIND = 100
Reply = str | Response | tuple[str, int]


@blueprint.get("/apply/<service>/files/<int:document_id>")
@public
def of_application(service: str, document_id: int) -> Response:
    """Return the small picture of a file in the application begun in this browser."""
    draft = draft_here(service)
    if draft is None:
        raise NotFound("no draft in this browser")
    with platform().database.read() as connection:
        document = document_of_draft(connection, draft.token, document_id)
    return send_thumbnail(document)


@blueprint.get("/track/files/<int:document_id>")
@citizen
def of_own_case(document_id: int) -> Response:
    """Return the small picture of a file that the applicant sent, or is about to send."""
    with platform().database.read() as connection:
        document = own_document(connection, _case_id(), document_id)
    return send_thumbnail(document)


@blueprint.get("/track/documents")
@citizen
def add() -> Reply:
    """Ask for a document to add to the application, and show those that are there."""
    with platform().database.read() as connection:
        case = whole_case(connection, _case_id()).case
    if case.status == CaseStatus.CLOSED:
        return redirect(url_for("track.application"))
    return _page("", None)


@blueprint.post("/track/documents")
@citizen
@takes_files
def added() -> Reply:
    """Add documents to the application. What can't be taken comes back with what to do instead."""
    kind = clean_line(request.form.get("kind", "")[: 4 * LONGEST_KIND])[:LONGEST_KIND]
    received = receive([FILES], kind=kind or None)
    case_id, files = _case_id(), received.files[FILES]
    left_out = {}
    if files:
        verb = {"case_id": case_id, "files": files, "actor": Actor.citizen(case_id), "now": now()}
        try:
            left_out[FILES] = carry_out(platform().database, add_to_case, **verb).left_out
        except CaseClosed:
            return redirect(url_for("track.application"))
    errors = received.errors(left_out)
    if errors:
        return _page(kind, words(errors[0].message)), 422
    if not files:
        return _page(kind, say("Choose a photo or a PDF")), 422
    return redirect(url_for("track.application", told="document-added"))


def keep_for_answer(step_id: int, received: Received, actor: Actor) -> Markup | None:
    """Keep files for the answer to a question and take out what was removed.

    Returns what to say of those that can't be taken. A question that was answered meanwhile takes nothing.
    """
    left_out = {}
    changed = received.files[FILES] or received.remove is not None
    with suppress(Conflict), platform().database.write() as connection:
        if received.remove is not None:
            remove_from_answer(
                connection, step_id=step_id, document_id=received.remove, actor=actor, now=now()
            )
        if changed:
            left_out[FILES] = keep_with_answer(
                connection, step_id=step_id, files=received.files[FILES], actor=actor, now=now()
            )
    errors = received.errors(left_out)
    return words(errors[0].message) if errors else None


def draw_for_answer(step_id: int, error: Markup | None) -> Markup:
    """Return the HTML of the files kept for an answer, with a place to add more."""
    with platform().database.read() as connection:
        kept = uploaded(of_answer(connection, step_id), OWN)
    return draw_upload(
        FILES,
        kept,
        most=LIMITS.files_at_once,
        label=say("Photos or PDFs") + " " + say("(optional)"),
        error=_message(error),
    )


def _message(error: Markup | None) -> dict[str, Markup] | None:
    return {"text": error, "visuallyHiddenText": say("Error")} if error else None


def _page(kind: str, error: Markup | None) -> str:
    with platform().database.read() as connection:
        case = whole_case(connection, _case_id()).case
        documents = of_case(connection, case.id)
    return render_template(
        "public/add_document.html",
        service=platform().services[case.service],
        case=case,
        documents=list(zip(documents, uploaded(documents, OWN), strict=True)),
        upload=draw_upload(
            FILES,
            [],
            most=LIMITS.files_at_once,
            label=say("Photos or PDFs"),
            error=_message(error),
            in_steps=False,
        ),
        kind=kind,
        error=error,
    )


def _case_id() -> int:
    case_id = case_in_session()
    assert case_id is not None, "the access check let nobody else in"
    return case_id
