"""Working without leaving the keyboard: what the keys do, and switching them off."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from web.access import staff
from web.platform import platform
from web.staff.navigation import pages_of

blueprint = Blueprint("keyboard", __name__, url_prefix="/staff")
COOKIE = "s2f-shortcuts"
OFF = "off"
KEYS = (
    ("j", "Next task of the inbox"),
    ("k", "Task before"),
    ("Enter", "Open it"),
    ("c", "Take the task"),
    ("1 to 9", "Choose a decision of a task you have"),
    ("w", "Begin to write"),
    ("Esc", "Stop writing, so that the keys count again"),
    ("Ctrl + Enter", "Send the decision"),
    ("n", "After a decision: the next task"),
    ("i", "Inbox"),
    ("m", "My tasks"),
    ("?", "This page"),
)


@blueprint.app_context_processor
def of_staff_pages() -> dict[str, Any]:
    """Give every page the navigation of whoever is signed in, and whether keys are on."""
    if not current_user.is_authenticated:
        return {"staff_pages": [], "shortcuts": False}
    return {"staff_pages": pages_of(current_user.role), "shortcuts": request.cookies.get(COOKIE) != OFF}


@blueprint.get("/keyboard")
@staff
def keys() -> str:
    """Say what the keys do."""
    return render_template("staff/keyboard.html", keys=KEYS)


@blueprint.post("/keyboard")
@staff
def switch() -> Response:
    """Switch the keys off or on, in this browser, for a year."""
    response = make_response(redirect(url_for("keyboard.keys")))
    choice = OFF if request.form.get("shortcuts") == OFF else "on"
    secure = platform().settings.public_url.startswith("https:")
    response.set_cookie(COOKIE, choice, max_age=31_536_000, httponly=True, secure=secure, samesite="Lax")
    return response
