"""`s2f import`: take in applications from a file, one JSON object a line."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any, BinaryIO

import click
from sqlalchemy import Connection, select

from cases.actions import Application, submit
from cases.audit import digest
from cases.db import Database
from cases.failpoints import failpoint
from cases.models import Case
from cases.permissions import Actor
from cli.common import is_empty, open_database, operator, utc_now
from cli.import_lines import Checker, Line, LineError, read_lines
from cli.output import json_option, print_json, say
from config.places import load_places
from config.services import load_services
from config.settings import Settings
from forms.compiler import load_forms

BATCH = 200
SQLITE_BATCH = 50  # the web waits for the one write lock meanwhile


@dataclass
class Report:
    """What an import came to. `skipped`: lines whose application is there already."""

    imported: int = 0
    skipped: int = 0
    errors: list[LineError] = field(default_factory=list)


@click.command("import")
@click.argument("file", type=click.File("rb"))
@click.option("--dry-run", is_flag=True, help="Check every line, and write nothing.")
@json_option
@click.pass_context
def import_file(ctx: click.Context, file: BinaryIO, dry_run: bool, as_json: bool) -> None:
    """Import applications from FILE, one JSON object a line ("-" reads standard input).

    Good lines are imported even if others are wrong. A line whose external_id was imported before is
    skipped, so the same file can be given again. Ends with status 0 only if no line is wrong.
    """
    settings = Settings.from_env()
    now = utc_now()
    checker = Checker(load_services(), load_forms(), load_places(settings.place).offices, now=now)
    with _progress(file) as passed:
        lines = passed(read_lines(file))
        if dry_run:
            report = _check(settings, checker, lines)
        else:
            with open_database(settings, make=True) as db:
                report = import_lines(db, checker, lines, actor=operator(), now=now)
    if as_json:
        print_json(asdict(report))
    else:
        _say(report, dry_run)
    ctx.exit(1 if report.errors else 0)


def import_lines(
    db: Database, checker: Checker, lines: Iterable[Line], *, actor: Actor, now: datetime
) -> Report:
    """Check every line and import the good ones, a batch a transaction; return what came of it.

    Raises sqlalchemy.exc.DBAPIError when the database fails: what was imported until then stays, and
    the same file can be given again.
    """

    def take_in(batch: Sequence[Application]) -> int:
        with db.read() as connection:
            new = _unknown(connection, batch)
        return _submit_all(db, new, actor, now)

    return _go_through(checker, lines, take_in, BATCH if db.is_postgresql else SQLITE_BATCH)


def _check(settings: Settings, checker: Checker, lines: Iterable[Line]) -> Report:
    """Check every line, and what would be skipped; an installation without a database has nothing yet."""
    db = Database.connect(settings.database_url)
    try:
        if is_empty(db):
            return _go_through(checker, lines, len, BATCH)
        with open_database(settings) as current, current.read() as connection:
            return _go_through(checker, lines, lambda batch: len(_unknown(connection, batch)), BATCH)
    finally:
        db.dispose()


def _go_through(
    checker: Checker, lines: Iterable[Line], take_in: Callable[[Sequence[Application]], int], most: int
) -> Report:
    """Check every line and hand the good ones on, `most` at a time. `take_in` says how many were new."""
    report = Report()
    seen: dict[tuple[str, str], tuple[int, str]] = {}
    good = _good_applications(checker, lines, seen, report)
    while batch := list(islice(good, most)):
        imported = take_in(batch)
        report.imported += imported
        report.skipped += len(batch) - imported
    return report


def _good_applications(
    checker: Checker, lines: Iterable[Line], seen: dict[tuple[str, str], tuple[int, str]], report: Report
) -> Iterator[Application]:
    for line in lines:
        checked = checker.check(line)
        if isinstance(checked, list):
            report.errors += checked
        elif _is_new(checked, line.number, seen, report):
            yield checked


def _is_new(
    application: Application, number: int, seen: dict[tuple[str, str], tuple[int, str]], report: Report
) -> bool:
    """Whether no earlier line had this id. One that had it with the same content counts as skipped; with
    another, one of the two applications would be lost: an error."""
    content = digest([application.answers, application.received_at.isoformat(), application.office])
    key = (application.service, application.external_id or "")
    first_line, first_content = seen.setdefault(key, (number, content))
    if first_line == number:
        return True
    if content == first_content:
        report.skipped += 1
    else:
        message = f"Line {first_line} has this id too, with another application; give each its own"
        report.errors.append(LineError(number, "external_id", message))
    return False


def _unknown(connection: Connection, batch: Sequence[Application]) -> list[Application]:
    """Return those of the batch whose external id has no case yet."""
    known = set()
    for service in {application.service for application in batch}:
        ids = [application.external_id for application in batch if application.service == service]
        statement = select(Case.external_id).where(Case.service == service, Case.external_id.in_(ids))
        known |= {(service, found) for found in connection.execute(statement).scalars()}
    return [
        application for application in batch if (application.service, application.external_id) not in known
    ]


def _submit_all(db: Database, applications: Sequence[Application], actor: Actor, now: datetime) -> int:
    """Submit the applications in one transaction; return how many of them made a case."""
    if not applications:
        return 0
    with db.write() as connection:
        done = [submit(connection, application, actor=actor, now=now) for application in applications]
        failpoint("import.before-commit")
    failpoint("import.after-commit")
    for service in {submitted.service for submitted in done}:
        db.wake(service)
    return sum(not submitted.existed for submitted in done)


def _say(report: Report, dry_run: bool) -> None:
    for error in report.errors:
        place = f"line {error.line}" + (f", {error.field}" if error.field else "")
        say(f"{place}: {error.message}")
    lines = len({error.line for error in report.errors})
    verb = "would be imported" if dry_run else "imported"
    click.echo(f"{report.imported} {verb}, {report.skipped} skipped, {lines} lines with errors")


@contextmanager
def _progress(file: BinaryIO) -> Iterator[Callable[[Iterator[Line]], Iterator[Line]]]:
    """Show a bar over the bytes of the file: on a terminal only, and only where the size is known."""
    if not (sys.stderr.isatty() and file.seekable()):
        yield lambda lines: lines
        return
    size = file.seek(0, 2)
    file.seek(0)
    with click.progressbar(length=size, label="Importing", file=sys.stderr) as bar:
        yield lambda lines: _passed(lines, file, bar)


def _passed(lines: Iterator[Line], file: BinaryIO, bar: Any) -> Iterator[Line]:
    for line in lines:
        bar.update(file.tell() - bar.pos)
        yield line
    bar.update(file.tell() - bar.pos)
