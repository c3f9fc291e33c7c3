"""Migrations bring an empty database to what the models say."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, make_url

from cases.db import Database
from cases.models import Base
from migrations.run import is_current, upgrade
from tests.conftest import POSTGRESQL
from tests.database.racing import at_once


@pytest.fixture(params=["sqlite", "postgresql"])
def new(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A database without any table, once for each kind."""
    if request.param == "sqlite":
        database = Database.connect(f"sqlite:///{tmp_path / 'new.db'}")
        yield database
        database.dispose()
        return
    request.getfixturevalue("postgresql_url")  # skips where there is none
    url, name = make_url(POSTGRESQL), f"s2f_test_new_{os.getpid()}"
    plain = url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain, autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name}")
    database = Database.connect(url.set(database=name).render_as_string(hide_password=False))
    yield database
    database.dispose()
    with psycopg.connect(plain, autocommit=True) as admin:
        admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


def test_the_migrations_make_what_the_models_say(db: Database) -> None:
    with db.read() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_the_partial_indices_are_partial_on_both(db: Database) -> None:
    where = f"{db.engine.dialect.name}_where"
    with db.read() as connection:
        for table in Base.metadata.sorted_tables:
            made = {index["name"]: index for index in inspect(connection).get_indexes(table.name)}
            for index in table.indexes:
                is_partial = index.dialect_options[db.engine.dialect.name]["where"] is not None
                assert (where in made[str(index.name)]["dialect_options"]) == is_partial, index.name


def test_a_migrated_database_is_current_and_an_empty_one_is_not(new: Database) -> None:
    assert not is_current(new)
    upgrade(new)
    assert is_current(new)


def test_migrating_again_changes_nothing(db: Database) -> None:
    upgrade(db)
    assert is_current(db)


def test_two_processes_that_migrate_at_once_take_turns(new: Database) -> None:
    at_once(lambda: upgrade(new), lambda: upgrade(new))
    assert is_current(new)
