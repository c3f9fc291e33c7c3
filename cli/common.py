"""What most commands begin with: the settings, the database, and who is asking."""

from __future__ import annotations

import getpass
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import click

from cases.db import Database
from cases.permissions import Actor
from config.settings import Settings
from migrations.run import is_current

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


@contextmanager
def open_database(settings: Settings | None = None) -> Iterator[Database]:
    """Open the installation's database, whose tables must be up to date.

    Raises ConfigError for wrong settings and click.ClickException for old tables.
    """
    settings = settings or Settings.from_env()
    settings.home.mkdir(parents=True, exist_ok=True)
    db = Database.connect(settings.database_url)
    try:
        if not is_current(db):
            raise click.ClickException("The tables aren't up to date. Run `s2f migrate` first.")
        yield db
    finally:
        db.dispose()
