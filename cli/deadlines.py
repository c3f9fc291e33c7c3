"""`s2f deadlines`: waits whose time has run out, and an operator's word when the sweep asks for one."""

from __future__ import annotations

import click

from cases.expiry import count_due
from cli.common import open_database, utc_now
from cli.output import json_option, print_json
from flows.platform.deadlines import sweep_deadlines

MOST_COUNTED = 100_000


@click.command()
@click.option("--confirm", is_flag=True, help="Close them: what is due is right.")
@json_option
def deadlines(confirm: bool, as_json: bool) -> None:
    """Say how many waits have run out and not been closed yet.

    Normally there are none for longer than a minute. After an outage of an hour, or when unusually many
    would run out at once, the sweep waits for `--confirm`: a wrong clock must not close thousands of
    questions.
    """
    now = utc_now()
    with open_database() as db:
        if confirm:
            closed = sweep_deadlines(db, now=now, confirmed=True).expired
            print_json({"closed": closed}) if as_json else click.echo(f"{closed} waits closed.")
            return
        with db.read() as connection:
            due = count_due(connection, now=now, at_most=MOST_COUNTED)
    print_json({"due": due}) if as_json else click.echo(f"{due} waits have run out and are still open.")
