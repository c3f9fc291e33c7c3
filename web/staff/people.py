"""The staff list: who can sign in, adding somebody, and closing an account."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from cases import people
from cases.audit import log_read
from cases.errors import Conflict, Refused
from cases.permissions import Action, require
from cases.vocabulary import Role
from config.roles import load_roles
from web.access import permit
from web.platform import now, platform
from web.staff.sign_in import actor

blueprint = Blueprint("people", __name__, url_prefix="/staff/people")


@blueprint.get("")
@permit(Action.MANAGE_STAFF)
def staff_list() -> str:
    """List everybody who has or had an account."""
    require(actor(), Action.MANAGE_STAFF)
    with platform().database.read() as connection:
        everybody = people.all_staff(connection)
    return render_template(
        "staff/people.html",
        people=everybody,
        workplaces={
            place.key: place.name
            for places in (platform().places.offices, platform().places.facilities)
            for place in places.values()
        },
        told=request.args.get("told"),
    )


@blueprint.get("/add")
@permit(Action.MANAGE_STAFF)
def add() -> str:
    """Ask who shall get an account."""
    return _page({}, {})


@blueprint.post("/add")
@permit(Action.MANAGE_STAFF)
def added() -> Response | tuple[str, int]:
    """Make the account; show the page again with what is wrong."""
    require(actor(), Action.MANAGE_STAFF)
    typed = {name: request.form.get(name, "").strip() for name in ("username", "name", "role", "office")}
    password = request.form.get("password", "")
    errors = _errors(typed, password)
    if errors:
        return _page(typed, errors), 422
    try:
        _add(typed, password)
    except Conflict:
        return _page(typed, {"username": "Choose another username: this one is taken"}), 409
    except Refused as error:
        return _page(typed, {"username": str(error).capitalize()}), 422
    return redirect(url_for("people.staff_list", told=typed["username"]))


def _add(typed: dict[str, str], password: str) -> None:
    with platform().database.write() as connection:
        people.add_staff(
            connection,
            username=typed["username"],
            name=typed["name"],
            role=typed["role"],
            office=typed["office"] or None,
            password=password,
            now=now(),
        )
        log_read(connection, actor=actor().name, action="add-staff", now=now(), detail=typed["username"])


@blueprint.post("/close")
@permit(Action.MANAGE_STAFF)
def close() -> Response:
    """Close an account and end its sessions. Nobody closes their own."""
    require(actor(), Action.MANAGE_STAFF)
    username = request.form.get("username", "")
    if username == actor().name:
        raise Refused("nobody closes their own account")
    with platform().database.write() as connection:
        people.deactivate_staff(connection, username=username)
        log_read(connection, actor=actor().name, action="close-staff", now=now(), detail=username)
    return redirect(url_for("people.staff_list", told=username))


def _errors(typed: dict[str, str], password: str) -> dict[str, str]:
    errors = {}
    if not typed["name"]:
        errors["name"] = "Enter the person’s name"
    if not typed["username"]:
        errors["username"] = "Enter a username"
    if typed["role"] not in load_roles():
        errors["role"] = "Choose what the person does"
    elif not _may_work_there(typed):
        errors["office"] = (
            "Choose the hospital or health centre"
            if typed["role"] == Role.FACILITY_OFFICER
            else "Choose an office of the list"
        )
    if len(password) < people.MIN_PASSWORD:
        errors["password"] = f"Enter a password of at least {people.MIN_PASSWORD} characters"
    return errors


def _may_work_there(typed: dict[str, str]) -> bool:
    try:
        people.check_workplace(platform().places, typed["role"], typed["office"] or None)
    except Refused:
        return False
    return True


def _page(typed: dict[str, str], errors: dict[str, str]) -> str:
    fields: dict[str, Any] = {name: typed.get(name, "") for name in ("username", "name", "role", "office")}
    return render_template(
        "staff/add_person.html",
        typed=fields,
        errors=errors,
        roles_told={role.key: role.description for role in load_roles().values()},
        offices=platform().places.offices.values(),
        facilities=platform().places.facilities.values(),
        shortest=people.MIN_PASSWORD,
    )
