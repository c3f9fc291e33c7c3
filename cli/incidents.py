"""`s2f incidents`: cases that wait for a repair, and letting them go on."""

from __future__ import annotations

import click

from cases.reading import open_incidents
from cases.revisions import cases_with_cause, retry
from cases.transaction import carry_out
from cli.common import open_database, operator, utc_now
from cli.output import json_option, local_time, local_zone, print_json, say_table
from config.settings import Settings


@click.command()
@click.option("--retry-cause", metavar="CAUSE", help="Let every case with this cause go on.")
@json_option
def incidents(retry_cause: str | None, as_json: bool) -> None:
    """List open incidents, the newest first; equal causes have equal keys."""
    if retry_cause is not None:
        _retry(retry_cause, as_json)
    else:
        _list(as_json)


def _retry(cause: str, as_json: bool) -> None:
    actor = operator()
    with open_database() as db:
        with db.read() as connection:
            case_ids = cases_with_cause(connection, cause)
        for case_id in case_ids:
            carry_out(db, retry, case_id=case_id, actor=actor, now=utc_now())
    print_json({"retried": len(case_ids)}) if as_json else click.echo(f"{len(case_ids)} cases may go on.")


def _list(as_json: bool) -> None:
    settings = Settings.from_env()
    with open_database(settings) as db, db.read() as connection:
        found = open_incidents(connection)
    if as_json:
        names = ("reference", "service", "cause", "summary", "occurred_at")
        print_json([{name: getattr(row, name) for name in names} for row in found])
    elif not found:
        click.echo("No open incidents.")
    else:
        zone = local_zone(settings.place)
        say_table((local_time(row.occurred_at, zone), row.reference, row.cause, row.summary) for row in found)
