"""Staff sign in with username and password. Wrong tries are counted in the database and slowed down."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, render_template, request, session, url_for
from flask_login import UserMixin, current_user, login_user, logout_user
from werkzeug.wrappers import Response

from cases.audit import log_read
from cases.errors import NotFound, TooManyAttempts
from cases.people import (
    StaffMember,
    all_staff,
    check_password,
    check_tries,
    count_wrong_try,
    forget_tries,
    staff_by_username,
    try_key,
)
from cases.permissions import Actor
from config.demo import demo_password
from config.settings import Mode
from web.access import public, staff
from web.errors import tell
from web.languages import local_path
from web.platform import now, platform
from web.staff.navigation import home_of

blueprint = Blueprint("staff_sign_in", __name__, url_prefix="/staff")
LONGEST_PASSWORD = 200


class SignedIn(UserMixin):  # type: ignore[misc]
    """The member of staff of this session, as flask-login wants it."""

    def __init__(self, member: StaffMember) -> None:
        self.member = member

    @property
    def role(self) -> str:
        """What this person may be."""
        return self.member.role

    @property
    def name(self) -> str:
        """The person's name."""
        return self.member.name

    def get_id(self) -> str:
        """Return what the session keeps. The epoch ends sessions made before it was raised."""
        return f"{self.member.username}:{self.member.session_epoch}"


def load_user(session_id: str) -> SignedIn | None:
    """Return who a session belongs to; None when it was ended or the person has left."""
    username, _, epoch = session_id.rpartition(":")
    try:
        with platform().database.read() as connection:
            member = staff_by_username(connection, username)
    except NotFound:
        return None
    return SignedIn(member) if str(member.session_epoch) == epoch else None


def signed_in_member() -> StaffMember:
    """Return who is signed in. Only for views that `allow` roles."""
    member: StaffMember = current_user.member
    return member


def actor() -> Actor:
    """Return who is signed in, as the actor of a verb."""
    return signed_in_member().actor


@blueprint.get("")
@staff
def home() -> Response:
    """Lead to the page one's role starts with."""
    return redirect(home_of(signed_in_member().role))


@blueprint.get("/sign-in")
@public
def sign_in() -> str | Response:
    """Ask for username and password."""
    if current_user.is_authenticated:
        return redirect(home_of(current_user.role))
    return _page("", None)


@blueprint.post("/sign-in")
@public
def signed_in() -> tuple[str, int] | Response:
    """Sign in. An unknown name and a wrong password look and take the same."""
    username = request.form.get("username", "").strip().lower()[:64]
    try:
        member = _member_for(username, request.form.get("password", "")[:LONGEST_PASSWORD])
    except TooManyAttempts as error:
        told = tell(error)
        return _page(username, told.advice), told.status
    if member is None:
        return _page(username, "Check the username and the password. They don’t belong together."), 422
    session.clear()  # whatever a visitor of this browser had open is closed
    login_user(SignedIn(member))
    return redirect(local_path(request.args.get("next")) or home_of(member.role))


def _member_for(username: str, password: str) -> StaffMember | None:
    database, key, instant = platform().database, try_key("password", username), now()
    with database.read() as connection:  # hashing takes long: no write lock is held meanwhile
        check_tries(connection, key, now=instant)
        member = check_password(connection, username=username, password=password)
    with database.write() as connection:
        if member is None:
            count_wrong_try(connection, key, now=instant)
        else:
            forget_tries(connection, key)
            log_read(connection, actor=member.username, action="sign-in", now=instant)
    return member


@blueprint.post("/sign-out")
@staff
def sign_out() -> Response:
    """Sign out."""
    logout_user()
    session.clear()  # whatever was open at this counter is closed
    return redirect(url_for("staff_sign_in.sign_in"))


def _page(username: str, error: str | None) -> str:
    return render_template(
        "staff/sign_in.html",
        username=username,
        error=error,
        idle="idle" in request.args,
        accounts=_demo_accounts(),
        demo_password=demo_password,
    )


def _demo_accounts() -> list[Any]:
    """Return the demonstration accounts; none outside demo mode."""
    if platform().settings.mode is not Mode.DEMO:
        return []
    with platform().database.read() as connection:
        return [person for person in all_staff(connection) if person.demo and person.active]
