"""What a supervisor may do to a case as a whole: withdraw it for the family, take it back, open it again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from cases import revisions
from cases.case_rows import Done
from cases.permissions import Action, require
from cases.reading import WholeCase
from cases.transaction import carry_out
from cases.vocabulary import WAITS
from web.access import permit
from web.platform import now, platform
from web.staff.decision_form import LONGEST
from web.staff.reading import read_case, title_of
from web.staff.sign_in import actor
from web.words_of_people import trouble_with, typed_block

blueprint = Blueprint("revising", __name__, url_prefix="/staff/cases/<reference>")
Reply = str | Response | tuple[str, int]
WORDS = {
    Action.WITHDRAW: (
        "Withdraw the application for the family",
        "It is closed without a decision, and the family sees that it is withdrawn.",
        "withdrawn",
    ),
    Action.REWIND: (
        "Take the application back",
        "The step you choose and all that came after it are set aside and asked again. What was sent stays.",
        "rewound",
    ),
    Action.REOPEN: (
        "Open the application again",
        "It goes on at the step you choose: that one and all after it are asked again. What was sent stays.",
        "reopened",
    ),
}


@blueprint.get("/withdraw")
@permit(Action.WITHDRAW)
def withdraw(reference: str) -> str:
    """Ask why the application is withdrawn."""
    return _page(_case(reference, Action.WITHDRAW), Action.WITHDRAW, {}, {})


@blueprint.post("/withdraw")
@permit(Action.WITHDRAW)
def withdrawn(reference: str) -> Reply:
    """Withdraw the application."""
    return _carry_out(reference, Action.WITHDRAW, revisions.withdraw)


@blueprint.get("/rewind")
@permit(Action.REWIND)
def rewind(reference: str) -> str:
    """Ask to which step the case goes back, and why."""
    return _page(_case(reference, Action.REWIND), Action.REWIND, {}, {})


@blueprint.post("/rewind")
@permit(Action.REWIND)
def rewound(reference: str) -> Reply:
    """Take the case back."""
    return _carry_out(reference, Action.REWIND, revisions.rewind)


@blueprint.get("/reopen")
@permit(Action.REOPEN)
def reopen(reference: str) -> str:
    """Ask at which step the case goes on, and why."""
    return _page(_case(reference, Action.REOPEN), Action.REOPEN, {}, {})


@blueprint.post("/reopen")
@permit(Action.REOPEN)
def reopened(reference: str) -> Reply:
    """Open the case again."""
    return _carry_out(reference, Action.REOPEN, revisions.reopen)


def _carry_out(reference: str, action: Action, verb: Callable[..., Done]) -> Reply:
    whole = _case(reference, action)
    typed = {"reason": request.form.get("reason", ""), "to": request.form.get("to", "")}
    errors = _errors(whole, action, typed)
    if errors:
        return _page(whole, action, typed, errors), 422
    named: dict[str, Any] = {"case_id": whole.case.id, "reason": typed_block(typed["reason"])[1]}
    if action is not Action.WITHDRAW:
        named["to_key"] = typed["to"]
    done = carry_out(platform().database, verb, **named, actor=actor(), now=now())
    return redirect(url_for("case.show", reference=done.reference, told=WORDS[action][2]))


def _errors(whole: WholeCase, action: Action, typed: dict[str, str]) -> dict[str, str]:
    errors: dict[str, str] = {}
    if action is not Action.WITHDRAW and typed["to"] not in [key for key, _, _ in _steps(whole)]:
        errors["to"] = "Choose a step"
    trouble = trouble_with(typed["reason"], LONGEST, "Write why")
    return errors | ({"reason": trouble} if trouble else {})


def _steps(whole: WholeCase) -> list[tuple[str, str, Any]]:
    """Return the steps of the case at which people were asked for something: key, title, and when."""
    config = platform().services[whole.case.service]
    found = {
        entry.key: (entry.key, title_of(config, entry.key), entry.opened_at)
        for entry in whole.journal
        if entry.kind in WAITS
    }
    return list(found.values())


def _case(reference: str, action: Action) -> WholeCase:
    whole = read_case(reference, "read-case")
    require(actor(), action, office=whole.case.office)
    return whole


def _page(whole: WholeCase, action: Action, typed: dict[str, str], errors: dict[str, str]) -> str:
    title, about, _ = WORDS[action]
    return render_template(
        "staff/revise.html",
        case=whole.case,
        title=title,
        about=about,
        steps=[] if action is Action.WITHDRAW else _steps(whole),
        typed=typed,
        errors=errors,
    )
