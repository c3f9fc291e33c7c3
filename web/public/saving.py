"""Save and come back later: a code to write down, on any device, for thirty days.

any page of the form ─▶ saved (the code) ......... come back (the code) ─▶ what is still open
"""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from cases.errors import TooManyAttempts
from cases.people import CODE_LENGTH, check_tries, code_for, count_wrong_try, forget_tries, try_key
from cases.retention import DRAFTS_KEPT
from forms.display import spaced_phone
from forms.text import ascii_digits
from web.access import public
from web.drafts import DraftApplication, draft_of_code, give_code, opener_by_code, send_code
from web.errors import tell
from web.languages import language, local_date, say
from web.platform import now, platform
from web.public.catalogue import service_or_404
from web.public.drafting import contacts_of, draft_here, keep_opener

blueprint = Blueprint("saving", __name__)
Reply = str | Response | tuple[str, int]


@blueprint.post("/apply/<service>/save")
@public
def save(service: str) -> Response:
    """Give the application begun in this browser a code."""
    service_or_404(service)
    draft = draft_here(service)
    if draft is None or draft.sent_as:
        return redirect(url_for("apply.begin", service=service))
    with platform().database.write() as connection:
        give_code(connection, draft, secret=platform().secret, now=now())
    return redirect(url_for("saving.saved", service=service))


@blueprint.get("/apply/<service>/saved")
@public
def saved(service: str) -> Reply:
    """Show the code, until when it works, and where it can be sent."""
    config = service_or_404(service)
    draft = draft_here(service)
    if draft is None or draft.sent_as or not draft.has_code:
        return redirect(url_for("apply.begin", service=service))
    return render_template(
        "public/saved.html",
        service=config,
        code=code_for(platform().secret, draft.client_key),
        kept_until=local_date(draft.updated_at + DRAFTS_KEPT),
        contacts=[
            (contact, spaced_phone(contact) if contact.startswith("+") else contact)
            for contact in contacts_of(platform().forms[service], draft.answers)
        ],
        told=request.args.get("told"),
    )


@blueprint.post("/apply/<service>/saved")
@public
def send(service: str) -> Response:
    """Send the code to the phone number or e-mail address given in the application, which was asked for."""
    service_or_404(service)
    draft = draft_here(service)
    told = None
    if draft is not None and draft.has_code and not draft.sent_as:
        told = "sent" if _sent(draft, request.form.get("to", "")) else "not-again"
    return redirect(url_for("saving.saved", service=service, told=told))


def _sent(draft: DraftApplication, to: str) -> bool:
    if to not in contacts_of(platform().forms[draft.service], draft.answers):
        return False
    with platform().database.write() as connection:
        done = send_code(connection, draft, to=to, language=language(), now=now())
    platform().database.wake("messages")
    return done


# -- coming back -----------------------------------------------------------------------------------


@blueprint.get("/come-back")
@public
def come_back() -> Reply:
    """Ask for the code."""
    return render_template("public/come_back.html", typed="", error=None)


@blueprint.post("/come-back")
@public
def came_back() -> Reply:
    """Open the application that a code belongs to, in this browser too."""
    typed = request.form.get("code", "")[:60]
    code = "".join(sign for sign in ascii_digits(typed) if sign.isdigit())
    try:
        draft = _draft_of(code)
    except TooManyAttempts as error:
        told = tell(error)
        return render_template("public/come_back.html", typed=typed, error=told.advice), told.status
    if draft is None:
        wrong = say("Check the code. There is no application under it, or it was deleted after 30 days.")
        return render_template("public/come_back.html", typed=typed, error=wrong), 422
    if draft.sent_as:
        gone = say("This application was sent already. Follow it with its reference and PIN.")
        return render_template("public/come_back.html", typed=typed, error=gone), 422
    keep_opener(draft.service, opener_by_code(platform().secret, code))
    return redirect(url_for("apply.go_on", service=draft.service))


def _draft_of(code: str) -> DraftApplication | None:
    """Return the draft of a code. Wrong tries count for all codes that begin alike: one who guesses would
    have to guess the whole, and could never try one beginning often.

    Raises TooManyAttempts.
    """
    key, instant = try_key("draft", code[:4]), now()
    with platform().database.write() as connection:
        check_tries(connection, key, now=instant)
        draft = draft_of_code(connection, platform().secret, code) if len(code) == CODE_LENGTH else None
        if draft is None or draft.service not in platform().services:
            count_wrong_try(connection, key, now=instant)
            return None
        forget_tries(connection, key)
    return draft
