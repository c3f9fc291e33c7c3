"""`s2f staff`: who may sign in."""

from __future__ import annotations

import secrets
import sys

import click

from cases.audit import log_read
from cases.errors import Refused
from cases.people import MIN_PASSWORD, add_staff, all_staff, check_workplace, deactivate_staff
from cli.common import open_database, operator, utc_now
from cli.output import json_option, print_json, say_table
from config.places import load_places
from config.roles import load_roles
from config.settings import Settings

GENERATED_BYTES = 15  # 20 characters


def _known_role(_context: click.Context, _option: click.Parameter, role: str) -> str:
    if role not in load_roles():
        raise click.BadParameter(f"There is no role {role}; there are {', '.join(load_roles())}.")
    return role


@click.group()
def staff() -> None:
    """Add, list and deactivate the people who may sign in."""


@staff.command()
@click.argument("username")
@click.option("--name", required=True, help="Full name, as letters print it.")
@click.option("--role", required=True, help="What they may do: a role of config/roles.", callback=_known_role)
@click.option(
    "--office",
    help="Key of the one office they work for; left out: every office. A facility officer's is a facility.",
)
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
@click.option("--generate-password", is_flag=True, help="Make a password and print it.")
@json_option
def add(
    username: str,
    name: str,
    role: str,
    office: str | None,
    password_stdin: bool,
    generate_password: bool,
    as_json: bool,
) -> None:
    """Add USERNAME. The password is asked for unless an option says otherwise."""
    settings = Settings.from_env()
    try:
        check_workplace(load_places(settings.place), role, office)
    except Refused as error:
        raise click.BadParameter(f"{error}.") from error
    with open_database(settings, make=True) as db:
        password = _password(from_stdin=password_stdin, generated=generate_password)
        now = utc_now()
        with db.write() as connection:
            member = add_staff(
                connection,
                username=username,
                name=name,
                role=role,
                office=office,
                password=password,
                now=now,
            )
            log_read(connection, actor=operator().name, action="add-staff", now=now, detail=username)
    shown = {"password": password} if generate_password else {}
    if as_json:
        print_json({"username": username, "role": member.role, "office": member.office, **shown})
        return
    click.echo(f"Added {username}, {role}" + (f" in {office}" if office else " for every office"))
    if shown:
        click.echo(f"Password: {password}\nIt is shown this once.")


def _password(*, from_stdin: bool, generated: bool) -> str:
    if from_stdin and generated:
        raise click.UsageError("Choose one of --password-stdin and --generate-password.")
    if generated:
        return secrets.token_urlsafe(GENERATED_BYTES)
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    text = f"Password (at least {MIN_PASSWORD} characters)"
    password: str = click.prompt(text, hide_input=True, confirmation_prompt=True)
    return password


@staff.command("list")
@json_option
def list_(as_json: bool) -> None:
    """List everybody who can, or could, sign in."""
    with open_database() as db, db.read() as connection:
        members = [dict(row._mapping) for row in all_staff(connection)]
    if as_json:
        print_json(members)
        return
    if not members:
        click.echo("Nobody yet. `s2f staff add` makes the first administrator.")
        return
    rows = [
        (
            member["username"],
            member["name"],
            member["role"],
            member["office"] or "every office",
            ("" if member["active"] else "deactivated") + ("demonstration" if member["demo"] else ""),
        )
        for member in members
    ]
    say_table(rows)


@staff.command()
@click.argument("username")
@json_option
def deactivate(username: str, as_json: bool) -> None:
    """Let USERNAME sign in no more, and end their sessions."""
    with open_database() as db, db.write() as connection:
        deactivate_staff(connection, username=username)
        log_read(
            connection, actor=operator().name, action="close-staff", now=utc_now(), detail=username[:200]
        )
    print_json({"deactivated": username}) if as_json else click.echo(f"{username} can't sign in any more.")
