"""`s2f export`: a list for another office, handed over in batches."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

import click

from cases import exports
from cases.db import Database
from cases.export_csv import write_csv
from cases.exports import Batch, close_batch
from cases.permissions import Actor
from cases.transaction import carry_out_for_all
from cli.common import open_database, operator, utc_now
from cli.output import json_option, print_json


@click.command("export")
@click.argument("name", metavar="LIST")
@click.option("--csv", "file", type=click.Path(path_type=Path), help="Write to this file, not the terminal.")
@click.option("--batch", "number", type=int, help="Print this batch once more, and close none.")
@json_option
def export(name: str, file: Path | None, number: int | None, as_json: bool) -> None:
    """Close a batch of LIST, such as lands-commission, and print it as CSV."""
    if file is not None and file.exists():
        raise click.BadParameter(f"{file} exists already.")
    with open_database() as db:
        made = _batch(db, name, number, operator())
        with db.read() as connection:
            left = exports.count_pending(connection, name)
            known = exports.lists(connection)
    if made is None and name not in known:
        raise click.ClickException(f"No case was ever put on the list {name}.")
    if as_json:
        print_json({"batch": told(made) if made else None, "waiting": left})
    if made is None:
        click.echo(f"Nothing was handed over. Rows of {name} that wait: {left}.", err=True)
        return
    if file is not None or not as_json:
        with _opened(file) as out:
            write_csv(made, out)
    click.echo(f"Batch {made.number} of {name}: {len(made.lines)} rows. {left} more wait.", err=True)


def _batch(db: Database, name: str, number: int | None, actor: Actor) -> Batch | None:
    now = utc_now()
    if number is None:
        return carry_out_for_all(db, close_batch, name, actor=actor, now=now)
    with db.write() as connection:
        return exports.batch(connection, number, actor=actor, now=now, of=name)


def told(batch: Batch) -> Mapping[str, Any]:
    """Return a batch as programs read it."""
    return {
        "number": batch.number,
        "list": batch.name,
        "made_at": batch.made_at,
        "made_by": batch.made_by,
        "confirmed_at": batch.confirmed_at,
        "confirmed_by": batch.confirmed_by,
        "rows": [
            {
                "row": line.id,
                "reference": line.reference,
                "service": line.service,
                "status": line.status,
                "reason": line.reason,
                "facts": line.facts,
            }
            for line in batch.lines
        ],
    }


@contextmanager
def _opened(file: Path | None) -> Iterator[TextIO]:
    if file is None:
        yield sys.stdout
        return
    with file.open("x", encoding="utf-8", newline="") as out:
        yield out
