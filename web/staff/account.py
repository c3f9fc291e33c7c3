"""One's own account: who one is, and changing the password."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from flask_login import login_user
from werkzeug.wrappers import Response

from cases import people
from cases.audit import log_read
from cases.errors import TooManyAttempts
from cases.people import MIN_PASSWORD, StaffMember, check_password
from web.access import staff
from web.errors import tell
from web.platform import now, platform
from web.staff.sign_in import LONGEST_PASSWORD, SignedIn, signed_in_member

blueprint = Blueprint("account", __name__, url_prefix="/staff/account")


@blueprint.get("")
@staff
def show() -> str:
    """Show whom one is signed in as, and the form for another password."""
    return _page({})


@blueprint.post("")
@staff
def change() -> Response | tuple[str, int]:
    """Change the password, which ends one's other sessions. Wrong tries are counted as at signing in."""
    old, new = (request.form.get(name, "") for name in ("old", "new"))
    errors = _errors(new, request.form.get("again", ""))
    member = signed_in_member()
    if not errors:
        try:
            if not _is_own(member, old):
                errors["old"] = "Enter the password you have now"
        except TooManyAttempts as error:
            errors["old"] = tell(error).advice
    if errors:
        return _page(errors), 422
    with platform().database.write() as connection:
        changed = people.change_password(connection, username=member.username, password=new)
        log_read(connection, actor=member.username, action="change-password", now=now())
    login_user(SignedIn(changed))
    return redirect(url_for("account.show", told="changed"))


def _is_own(member: StaffMember, password: str) -> bool:
    key, instant = people.try_key("password", member.username), now()
    with platform().database.read() as connection:  # hashing takes long: no write lock is held meanwhile
        people.check_tries(connection, key, now=instant)
        right = check_password(connection, username=member.username, password=password) is not None
    with platform().database.write() as connection:
        if right:
            people.forget_tries(connection, key)
        else:
            people.count_wrong_try(connection, key, now=instant)
    return right


def _errors(new: str, again: str) -> dict[str, str]:
    errors: dict[str, str] = {}
    if not MIN_PASSWORD <= len(new) <= LONGEST_PASSWORD:
        errors["new"] = f"Enter a password of at least {MIN_PASSWORD} characters"
    elif new != again:
        errors["again"] = "Enter the same password once more"
    return errors


def _page(errors: dict[str, str]) -> str:
    member = signed_in_member()
    places = platform().places
    workplace = places.offices.get(member.office or "") or places.facilities.get(member.office or "")
    return render_template(
        "staff/account.html",
        member=member,
        workplace=workplace.name if workplace else "All offices",
        errors=errors,
        shortest=MIN_PASSWORD,
        told=request.args.get("told"),
    )
