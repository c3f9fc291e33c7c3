"""Bring a database to the newest version of the case file's tables."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from cases.db import Database

MIGRATION_LOCK = 0x5332_4601


def alembic_config(connection: Connection | None = None) -> Config:
    """Return Alembic's configuration for `migrations/`, bound to `connection` where one is given."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.attributes["connection"] = connection
    return config


def upgrade(db: Database) -> None:
    """Migrate to the newest version. Two processes that start at once take turns."""
    with db.write() as connection:
        if db.is_postgresql:
            connection.execute(text(f"SELECT pg_advisory_xact_lock({MIGRATION_LOCK})"))
        command.upgrade(alembic_config(connection), "head")


def is_current(db: Database) -> bool:
    """Whether the database has the newest version of the tables."""
    newest = ScriptDirectory.from_config(alembic_config()).get_current_head()
    with db.read() as connection:
        return MigrationContext.configure(connection).get_current_revision() == newest
