"""`s2f batch`: the batches of lists for other offices, and what came of them."""

from __future__ import annotations

from pathlib import Path

import click

from cases import exports
from cases.confirming import confirm_batch
from cases.export_csv import read_returns
from cases.exports import Batch, BatchHead
from cases.transaction import carry_out_for_all
from cli.common import open_database, operator, utc_now
from cli.export import told
from cli.output import json_option, print_json, say, say_table


@click.group("batch")
def batch() -> None:
    """Batches of lists for other offices: which there are, and confirming them."""


@batch.command("list")
@click.argument("name", metavar="[LIST]", required=False)
@click.option("--before", type=int, help="Only batches with a lower number than this.")
@json_option
def list_batches(name: str | None, before: int | None, as_json: bool) -> None:
    """List the newest 50 batches, of LIST or of all lists."""
    with open_database() as db, db.read() as connection:
        found = exports.batches_of(connection, name, before=before)
    if as_json:
        print_json({"batches": [{name: getattr(each, name) for name in each.__slots__} for each in found]})
    elif not found:
        click.echo("There is no batch.")
    else:
        say_table([("batch", "list", "rows", "what came of it"), *map(_line, found)])


def _line(head: BatchHead) -> tuple[str, ...]:
    if head.confirmed_at is None:
        came = "not confirmed"
    elif head.returned:
        came = f"confirmed by {head.confirmed_by}, {head.returned} returned"
    else:
        came = f"confirmed by {head.confirmed_by}"
    return str(head.number), head.name, str(head.count), came


@batch.command("show")
@click.argument("number", type=int)
@json_option
def show(number: int, as_json: bool) -> None:
    """Show batch NUMBER, each row with what came of it. The read is logged."""
    with open_database() as db, db.write() as connection:
        found = exports.batch(connection, number, actor=operator(), now=utc_now())
    _tell(found, as_json)


@batch.command("confirm")
@click.argument("number", type=int)
@click.option(
    "--returned",
    "rows",
    metavar="ROW=REASON",
    multiple=True,
    help="A row that came back; may be repeated.",
)
@click.option(
    "--returns",
    "file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A CSV file with the columns row and reason: all rows that came back.",
)
@json_option
def confirm(number: int, rows: tuple[str, ...], file: Path | None, as_json: bool) -> None:
    """Confirm batch NUMBER: the other office did what it asks, but for the rows that came back. Once only."""
    returned = dict(map(_returned, rows))
    if file is not None:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            returned |= read_returns(lines)
    with open_database() as db:
        found = carry_out_for_all(
            db, confirm_batch, number, returned=returned, actor=operator(), now=utc_now()
        )
    _tell(found, as_json)


def _returned(text: str) -> tuple[int, str]:
    row, _, reason = text.partition("=")
    if not row.strip().isdecimal():
        raise click.BadParameter(f"{text!r} isn't ROW=REASON.")
    return int(row), reason


def _tell(found: Batch, as_json: bool) -> None:
    if as_json:
        print_json(told(found))
        return
    say(f"Batch {found.number} of {found.name}, {'confirmed' if found.confirmed_at else 'not confirmed'}")
    say_table(
        [
            ("row", "reference", "status", "reason"),
            *((str(line.id), line.reference, line.status, line.reason or "") for line in found.lines),
        ]
    )
