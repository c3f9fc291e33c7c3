"""Who may call a route. Every view says so with one decorator; a view that doesn't is closed to all.

The decorators:

    @public                                  anybody
    @citizen                                 whoever signed in with a reference and a PIN
    @staff                                   whoever signed in with a username and a password
    @permit(Action.READ_CASE)                staff whose role may do this (cases/permissions.py)
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

from flask import abort, current_app, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user, logout_user
from werkzeug.wrappers import Response

from cases.people import pin_mark
from cases.permissions import Action, permitted
from web.kept_forms import typed_again
from web.platform import now, platform

ViewT = TypeVar("ViewT", bound=Callable[..., Any])
CITIZEN_IDLE = timedelta(minutes=60)
STAFF_IDLE = timedelta(minutes=30)


@dataclass(frozen=True)
class Access:
    """What a view declares. Nobody is in until one of the three is stated; of the staff, only those whose
    role may do `action`, where one is given."""

    public: bool = False
    citizen: bool = False
    staff: bool = False
    action: Action | None = None


def public(view: ViewT) -> ViewT:
    """Let anybody call the view."""
    return _declare(view, Access(public=True))


def citizen(view: ViewT) -> ViewT:
    """Let whoever signed in with a case's reference and PIN call the view."""
    return _declare(view, Access(citizen=True))


def staff(view: ViewT) -> ViewT:
    """Let anybody who has an account call the view."""
    return _declare(view, Access(staff=True))


def permit(action: Action) -> Callable[[ViewT], ViewT]:
    """Let staff whose role may do `action` call the view. For which offices, the view itself has to ask."""
    return lambda view: _declare(view, Access(staff=True, action=action))


def keeps_words(view: ViewT, keep: Callable[..., object]) -> None:
    """Have `keep`, called like the view, save what is sent to it after its sender was away for too long."""
    view.keep = keep  # type: ignore[attr-defined]


def access_of(view: Callable[..., Any]) -> Access:
    """Return what a view declares; without a declaration, access for nobody."""
    found: Access = getattr(view, "access", Access())
    return found


def _declare(view: ViewT, access: Access) -> ViewT:
    view.access = access  # type: ignore[attr-defined]
    return view


def check_access() -> ResponseReturnValue | None:
    """Before each request: let it pass, send the person to sign in, or refuse.

    Returns None to let it pass. Aborts with 403 where signing in wouldn't help.
    """
    if request.endpoint is None:
        return None  # no such page: the error handler says so
    view = current_app.view_functions[request.endpoint]
    access = access_of(view)
    if _has_idled_out():
        if access.staff:
            return _sign_out_idle(view)
        logout_user()  # the page itself is anybody's, or a citizen's
    if access.public:
        return None
    if access.citizen:
        if case_in_session() is not None:
            return None
        return typed_again() or redirect(url_for("track.sign_in"))
    if not access.staff:
        abort(403)
    if not current_user.is_authenticated:
        return redirect(url_for("staff_sign_in.sign_in", next=_path_to_return_to()))
    if access.action is not None and access.action not in permitted(current_user.role):
        abort(403)
    return None


def _path_to_return_to() -> str | None:
    return request.full_path.rstrip("?") if request.method == "GET" else None


def _has_idled_out() -> bool:
    """Whether the officer signed in here was away for half an hour; if not, note that they are here."""
    if not current_user.is_authenticated:
        return False
    seen = session.get("staff_seen")
    if seen is not None and now() - datetime.fromisoformat(seen) > STAFF_IDLE:
        return True
    session["staff_seen"] = now().isoformat()
    return False


def _sign_out_idle(view: Callable[..., Any]) -> Response:
    """Sign an officer out, keeping the words that came with the request, and lead back after signing in."""
    keep = getattr(view, "keep", None)
    if keep is not None and request.method == "POST":
        keep(**(request.view_args or {}))
    logout_user()
    session.clear()
    back = _path_to_return_to() or (request.path if keep is not None else None)
    return redirect(url_for("staff_sign_in.sign_in", next=back, idle=1))


def let_citizen_in(case_id: int) -> None:
    """Remember that this browser has shown the PIN of a case."""
    session["case"] = case_id
    session["case_pin"] = _pin_mark(case_id)
    session["case_seen"] = now().isoformat()


def _pin_mark(case_id: int) -> str | None:
    with platform().database.read() as connection:
        return pin_mark(connection, case_id)


def case_in_session() -> int | None:
    """Return the id of the case this browser has opened, or None; an hour without a page closes it, and so
    does a new PIN."""
    case_id: int | None = session.get("case")
    if case_id is None:
        return None
    if (
        session.get("case_pin") != _pin_mark(case_id)
        or now() - datetime.fromisoformat(session["case_seen"]) > CITIZEN_IDLE
    ):
        let_citizen_out()
        return None
    session["case_seen"] = now().isoformat()
    return case_id


def let_citizen_out() -> None:
    """Forget the case this browser had opened."""
    session.pop("case", None)
    session.pop("case_pin", None)
    session.pop("case_seen", None)
