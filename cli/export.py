"""`s2f export`: a list for another office, handed over in batches."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

import click

from cases import exports
from cases.exports import Batch
from cli.common import open_database, operator, utc_now

RISKY = ("=", "+", "-", "@", "\t", "\r")
"""A cell that begins so is a formula to a spreadsheet program, whoever wrote it into an application."""


@click.command("export")
@click.argument("name", metavar="LIST")
@click.option("--csv", "file", type=click.Path(path_type=Path), help="Write to this file, not the terminal.")
@click.option("--batch", "number", type=int, help="Print this batch once more, and close none.")
def export(name: str, file: Path | None, number: int | None) -> None:
    """Close a batch of LIST, such as lands-commission, and print it as CSV."""
    actor, now = operator(), utc_now()
    if file is not None and file.exists():
        raise click.BadParameter(f"{file} exists already.")
    with open_database() as db, db.write() as connection:
        if number is not None:
            made: Batch | None = exports.batch(connection, number, actor=actor, now=now, of=name)
        else:
            made = exports.close_batch(connection, name, actor=actor, now=now)
        left = exports.count_pending(connection, name)
        known = exports.lists(connection)
    if made is None:
        if name not in known:
            raise click.ClickException(f"No case was ever put on the list {name}.")
        click.echo(f"Nothing was handed over. Rows of {name} that wait: {left}.", err=True)
        return
    with _opened(file) as out:
        write_csv(made, out)
    click.echo(f"Batch {made.number} of {name}: {len(made.rows)} rows. {left} more wait.", err=True)


@contextmanager
def _opened(file: Path | None) -> Iterator[TextIO]:
    if file is None:
        yield sys.stdout
        return
    with file.open("x", encoding="utf-8", newline="") as out:
        yield out


def write_csv(batch: Batch, out: TextIO) -> None:
    """Write a batch with a line of column names."""
    writer = csv.DictWriter(out, ["batch", *batch.columns], lineterminator="\n")
    writer.writeheader()
    for row in batch.rows:
        writer.writerow({"batch": batch.number} | {key: _cell(value) for key, value in row.items()})


def _cell(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value.startswith(RISKY) else value
