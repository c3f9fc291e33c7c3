"""`s2f audit`: whether the record of what happened is whole."""

from __future__ import annotations

from dataclasses import asdict

import click

from cases.audit import BrokenChain, verify
from cli.common import open_database
from cli.output import json_option, print_json, say


@click.group()
def audit() -> None:
    """Check the audit trail."""


@audit.command("verify")
@json_option
@click.pass_context
def verify_(ctx: click.Context, as_json: bool) -> None:
    """Check every case's chain of events. Status 1 if one is broken."""
    broken: list[BrokenChain] = []
    cases = 0
    with open_database() as db, db.snapshot() as connection:
        for found in verify(connection):
            if isinstance(found, int):
                cases = found
            else:
                broken.append(found)
    if as_json:
        print_json({"cases": cases, "broken": [asdict(chain) for chain in broken]})
    else:
        for chain in broken:
            say(f"{chain.reference}: {chain.problem}")
        say(f"{cases} cases checked, {len(broken)} broken")
    ctx.exit(1 if broken else 0)
