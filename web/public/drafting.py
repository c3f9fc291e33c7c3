"""The applications begun in this browser: which they are, and how one of an older form is carried over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import session
from sqlalchemy import Connection

from config.words import Words
from forms.form import Form
from forms.model import FieldType, Page
from web.drafts import DraftApplication, delete_draft, find_draft, new_draft
from web.languages import language
from web.platform import platform

OFFERED_FOR = {"tel": FieldType.PHONE, "email": FieldType.EMAIL}


def draft_here(service: str) -> DraftApplication | None:
    """Return the application for a service that was begun in this browser, or None."""
    opener = session.get("drafts", {}).get(service)
    if not opener:
        return None
    with platform().database.read() as connection:
        return find_draft(connection, opener, service=service)


def draft_for_writing(
    connection: Connection, service: str, form: Form, instant: datetime
) -> DraftApplication:
    """Return this browser's draft, locked; a new one if there is none or it was tidied away."""
    opener = session.get("drafts", {}).get(service)
    draft = find_draft(connection, opener, service=service, lock=True) if opener else None
    if draft is None:
        opener = new_draft(connection, service=service, form_version=form.version, now=instant)
        keep_opener(service, opener)
        draft = find_draft(connection, opener, service=service)
    assert draft is not None, "a draft that was just written"
    return draft


def keep_opener(service: str, opener: str) -> None:
    """Remember what opens a draft in this browser."""
    session.setdefault("drafts", {})[service] = opener
    session.modified = True


def forget_draft(service: str, *, delete: bool = False) -> None:
    """Forget the application begun in this browser; with `delete`, throw it away for good."""
    opener = session.get("drafts", {}).pop(service, None)
    session.modified = True
    if opener and delete:
        with platform().database.write() as connection:
            delete_draft(connection, opener)


def is_of_older_form(form: Form, draft: DraftApplication | None) -> bool:
    """Whether a draft was filled in on another version of the form and hasn't been carried over yet."""
    return draft is not None and not draft.sent_as and draft.form_version != form.version


@dataclass(frozen=True)
class CarriedOver:
    """An older draft on the present form: the answers that still fit, and the pages to fill in (again)."""

    answers: dict[str, Any]
    pages: list[Page]
    dropped: list[tuple[Words, str]]
    """What was answered and is no longer taken: the question in short, and the answer as it was."""


def carried_over(form: Form, draft: DraftApplication, instant: datetime) -> CarriedOver:
    """Return what becomes of an older draft: an answer stays if its field is still there and takes it."""
    kept, names = form.carry_over(draft.answers, draft.form_version)
    answers: dict[str, Any] = form.prune(kept, instant)
    dropped = [
        (form.fields[name].short, form.display(name, draft.answers[name], language()))
        for name in names
        if name in form.fields
    ]
    return CarriedOver(answers, form.missing_pages(answers, instant), dropped)


def contacts_of(form: Form, answers: Mapping[str, Any]) -> list[str]:
    """Return the applicant's own phone number and e-mail address, those that were given, phone first.

    They are the fields that a browser would fill in with its owner's own.
    """
    found = [
        answers.get(field.id)
        for purpose, kind in OFFERED_FOR.items()
        for field in form.fields.values()
        if field.type is kind and field.autocomplete == purpose
    ]
    return [value for value in found if isinstance(value, str) and value]
