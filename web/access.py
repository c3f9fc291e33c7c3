"""Who may call a route. Every view says so with one decorator; a view that doesn't is closed to all.

The decorators:

    @public                                  anybody
    @citizen                                 whoever signed in with a reference and a PIN
    @allow(Role.REGISTRAR, Role.SUPERVISOR)  staff with one of these roles
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

from flask import abort, current_app, redirect, request, session, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from cases.vocabulary import Role
from web.platform import now

ViewT = TypeVar("ViewT", bound=Callable[..., Any])
CITIZEN_IDLE = timedelta(minutes=60)


@dataclass(frozen=True)
class Access:
    """What a view declares. Nobody is in until one of the three is stated."""

    public: bool = False
    citizen: bool = False
    roles: frozenset[Role] = frozenset()


def public(view: ViewT) -> ViewT:
    """Let anybody call the view."""
    return _declare(view, Access(public=True))


def citizen(view: ViewT) -> ViewT:
    """Let whoever signed in with a case's reference and PIN call the view."""
    return _declare(view, Access(citizen=True))


def allow(*roles: Role) -> Callable[[ViewT], ViewT]:
    """Let staff with one of `roles` call the view."""
    return lambda view: _declare(view, Access(roles=frozenset(roles)))


def access_of(view: Callable[..., Any]) -> Access:
    """Return what a view declares; without a declaration, access for nobody."""
    found: Access = getattr(view, "access", Access())
    return found


def _declare(view: ViewT, access: Access) -> ViewT:
    view.access = access  # type: ignore[attr-defined]
    return view


def check_access() -> Response | None:
    """Before each request: let it pass, send the person to sign in, or refuse.

    Returns None to let it pass. Aborts with 403 where signing in wouldn't help.
    """
    if request.endpoint is None:
        return None  # no such page: the error handler says so
    access = access_of(current_app.view_functions[request.endpoint])
    if access.public:
        return None
    if access.citizen:
        return None if case_in_session() is not None else redirect(url_for("track.sign_in"))
    if not access.roles:
        abort(403)
    if not current_user.is_authenticated:
        return redirect(url_for("staff_sign_in.sign_in", next=_path_to_return_to()))
    if current_user.role not in access.roles:
        abort(403)
    return None


def _path_to_return_to() -> str | None:
    return request.full_path.rstrip("?") if request.method == "GET" else None


def let_citizen_in(case_id: int) -> None:
    """Remember that this browser has shown the PIN of a case."""
    session["case"] = case_id
    session["case_seen"] = now().isoformat()


def case_in_session() -> int | None:
    """Return the id of the case this browser has opened, or None; an hour without a page closes it."""
    case_id: int | None = session.get("case")
    if case_id is None:
        return None
    if now() - datetime.fromisoformat(session["case_seen"]) > CITIZEN_IDLE:
        let_citizen_out()
        return None
    session["case_seen"] = now().isoformat()
    return case_id


def let_citizen_out() -> None:
    """Forget the case this browser had opened."""
    session.pop("case", None)
    session.pop("case_seen", None)
