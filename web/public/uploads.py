"""Files that families choose on a page: received, checked and stored before anything is locked, then kept.

Three places take files: a field of a form, the answer to a question, and an open case. Nothing is kept twice,
so that the back button, a second click and a second tab do no harm.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from flask import request
from sqlalchemy import Connection
from werkzeug.datastructures import FileStorage

from cases.documents import (
    StoredFile,
    as_answer,
    keep_with_draft,
    of_draft,
    remove_from_draft,
    rows_of,
    store,
)
from cases.uploads import check_files
from config.languages import LANGUAGES
from config.uploads import LIMITS, REFUSAL_WORDS, Refusal
from config.words import Words, text
from forms.form import Form
from forms.model import Checked, Field, FieldError, FieldType, Page
from web.document_files import file_store
from web.drafts import DraftApplication, save_draft
from web.uploads import ADD, REMOVE, Uploaded


@dataclass(frozen=True)
class Received:
    """What came with a page: checked and stored files by input, those that can't be taken, and the button.

    remove: the number of the document whose button was pressed, None if none was. pressed: whether it was a
    button of the files, so that the page comes again.
    """

    files: Mapping[str, Sequence[StoredFile]]
    refused: Mapping[str, Sequence[tuple[str, Refusal]]]
    remove: int | None = None
    pressed: bool = False

    def errors(self, left_out: Mapping[str, Sequence[StoredFile]]) -> list[FieldError]:
        """Return an error for each input with files that can't be taken. left_out: for want of room."""
        found = []
        for name, refused in self.refused.items():
            no_room = [(file.name, Refusal.TOO_MANY) for file in left_out.get(name, ())]
            if refused or no_room:
                found.append(FieldError(name, refusal_words([*refused, *no_room]), "refused", name))
        return found


NOTHING = Received({}, {})


def receive(names: Iterable[str], *, kind: str | None = None) -> Received:
    """Check and store the files that were chosen in the inputs of these names.

    kind: what their sender says they are. Takes a second for a few photos: call it outside a transaction.
    """
    files: dict[str, list[StoredFile]] = {}
    refused: dict[str, list[tuple[str, Refusal]]] = {}
    for name in names:
        files[name], refused[name] = _checked(request.files.getlist(name), kind)
    removed = request.form.get(REMOVE, "")
    number = int(removed) if removed.isdecimal() and len(removed) < 16 else None
    return Received(files, refused, number, pressed=bool(request.form.get(ADD) or removed))


def _checked(
    chosen: Sequence[FileStorage], kind: str | None
) -> tuple[list[StoredFile], list[tuple[str, Refusal]]]:
    chosen = [file for file in chosen if file.filename]  # an input without a choice sends an empty part
    now, late = chosen[: LIMITS.files_at_once], chosen[LIMITS.files_at_once :]
    names = [file.filename or "" for file in now]
    kept: list[StoredFile] = []
    refused = [(file.filename or "", Refusal.TOO_MANY) for file in late]
    checked = check_files([file.stream for file in now]) if now else []
    for file in chosen:
        file.close()
    for name, found in zip(names, checked, strict=True):
        if isinstance(found, Refusal):
            refused.append((name, found))
        else:
            kept.append(store(file_store(), found, name=name, kind=kind))
    return kept, refused


def refusal_words(refused: Iterable[tuple[str, Refusal]]) -> Words:
    """Return in every language which files can't be taken, why, and what to do."""
    return {
        language: " ".join(f"{name}: {text(REFUSAL_WORDS[why], language)[0]}" for name, why in refused)
        for language in LANGUAGES
    }


# -- fields of a form ------------------------------------------------------------------------------


def upload_fields(page: Page) -> list[Field]:
    """Return the fields of a page that take files."""
    return [field for field in page.fields if field.type is FieldType.UPLOAD]


def receive_page(form: Form, page_id: str) -> Received:
    """Receive the files of one page of a form; nothing for a page there isn't."""
    page = next((page for page in form.pages if page.id == page_id), None)
    names = [field.id for field in upload_fields(page)] if page else []
    return receive(names) if names else NOTHING


def keep_files(
    connection: Connection, draft: DraftApplication, page: Page, received: Received, now: datetime
) -> tuple[DraftApplication, list[FieldError]]:
    """Keep what was received with a locked draft, and take out what was removed.

    Returns the draft with its files as answers, and what to say of the files that can't be taken.
    """
    fields = upload_fields(page)
    if not fields:
        return draft, []
    if received.remove is not None:
        remove_from_draft(connection, draft=draft.token, document_id=received.remove, now=now)
    left_out = {
        field.id: keep_with_draft(
            connection,
            draft=draft.token,
            field=field.id,
            files=received.files[field.id],
            most=field.largest or 1,
            by=draft.entered_by or "citizen",
            now=now,
        )
        for field in fields
    }
    here = {field.id: as_answer(of_draft(connection, draft.token, field.id)) for field in fields}
    answers = {**draft.answers, **here}
    save_draft(
        connection,
        draft,
        answers=answers,
        office=draft.office,
        form_version=draft.form_version,
        now=now,
        typed=draft.typed,
    )
    return replace(draft, answers=answers), received.errors(left_out)


def with_refusals(checked: Checked, refused: Sequence[FieldError], *, only: bool) -> Checked:
    """Return the outcome of a check with the files that can't be taken; `only` them, or beside the rest."""
    named = {error.field for error in refused}
    rest = [] if only else [error for error in checked.errors if error.field not in named]
    return replace(checked, errors=[*refused, *rest])


def asked_fields(form: Form, answers: Mapping[str, Any], now: datetime) -> list[str]:
    """Return the ids of the fields for files that are asked, given the answers."""
    return [
        field.id
        for page in form.pages
        for field in form.visible_fields(page, answers, now)
        if field.type is FieldType.UPLOAD
    ]


def uploads_shown(
    connection: Connection, fields: Iterable[Field], answers: Mapping[str, Any], address: str
) -> dict[str, list[Uploaded]]:
    """Return by field the files among the answers, as a page shows them.

    address: that of a small picture, with {} for the number of the document.
    """
    numbers = {
        field.id: [file["id"] for file in answers.get(field.id) or ()]
        for field in fields
        if field.type is FieldType.UPLOAD
    }
    return {name: uploaded(rows_of(connection, ids), address) for name, ids in numbers.items()}


def uploaded(documents: Iterable[Any], address: str) -> list[Uploaded]:
    """Return documents (rows) as a page shows them. address: as for `uploads_shown`."""
    return [
        Uploaded(document.id, document.name, document.size, address.format(document.id))
        for document in documents
    ]
