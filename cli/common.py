"""What most commands begin with: the settings, the database, and who is asking."""

from __future__ import annotations

import getpass
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import click
from sqlalchemy import inspect

from cases.db import Database
from cases.permissions import Actor
from config.settings import Settings
from migrations.run import is_current, upgrade

MOST_NAME = 50


def utc_now() -> datetime:
    """Return this instant, aware UTC: commands read the clock here and hand it on."""
    return datetime.now(UTC)


def operator() -> Actor:
    """Return whoever runs the command, as the audit trail names them: `operator:<user>`."""
    try:
        name = getpass.getuser()
    except (KeyError, OSError):  # a user without a name, as in some containers
        name = "unknown"
    return Actor.operator(name[:MOST_NAME])


def is_empty(db: Database) -> bool:
    """Whether the database has no tables at all (a SQLite file that isn't there has none, and isn't made)."""
    if not db.is_postgresql and not Path(db.engine.url.database or "").exists():
        return True
    return not inspect(db.engine).get_table_names()


@contextmanager
def open_database(settings: Settings | None = None, *, make: bool = False) -> Iterator[Database]:
    """Open the installation's database, whose tables must be up to date.

    make: whether a database without any tables gets them. Raises ConfigError for wrong settings and
    click.ClickException for tables that are missing or old.
    """
    settings = settings or Settings.from_env()
    settings.home.mkdir(parents=True, exist_ok=True)
    db = Database.connect(settings.database_url)
    try:
        if make and is_empty(db):
            upgrade(db)
        if not is_current(db):
            raise click.ClickException("The tables aren't up to date. Run `s2f migrate` first.")
        yield db
    finally:
        db.dispose()
