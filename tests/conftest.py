"""Databases, the standing cast and a birth to register: what most tests begin with."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, settings
from sqlalchemy import make_url

from cases.db import Database
from cases.models import Base
from cases.permissions import Actor
from cases.vocabulary import Role
from migrations.run import upgrade

POSTGRESQL = os.environ.get("S2F_TEST_POSTGRESQL", "postgresql+psycopg://postgres@127.0.0.1:5432/postgres")
LEFT_OUT = (
    "PostgreSQL doesn't answer, so the tests on it were left out. Start one (15 or newer) and set "
    "S2F_TEST_POSTGRESQL=postgresql+psycopg://USER@HOST:PORT/postgres to a user who may create databases."
)
NOW = datetime(2026, 5, 4, 21, 0, tzinfo=UTC)  # Tuesday 5 May 2026, 9:00 in Fiji

# No deadlines: how long an example takes says more about the machine than about the code. In CI the same
# examples every time, so that a change is blamed for what it did; elsewhere new ones each time.
_common = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}
settings.register_profile("here", max_examples=100, **_common)
settings.register_profile("ci", max_examples=200, derandomize=True, **_common)
settings.load_profile("ci" if os.environ.get("CI") else "here")


def _reach_postgresql() -> bool:
    try:
        psycopg.connect(_plain(POSTGRESQL), connect_timeout=3).close()
    except psycopg.Error:
        return False
    return True


def _plain(url: str) -> str:
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    if any(
        "PostgreSQL doesn't answer" in str(report.longrepr)
        for report in terminalreporter.getreports("skipped")
    ):
        terminalreporter.section("PostgreSQL", yellow=True)
        terminalreporter.line(LEFT_OUT)


@pytest.fixture(scope="session")
def postgresql_url() -> Iterator[str]:
    """A migrated PostgreSQL database of this test run's own. Skips without a server; fails in CI."""
    if not _reach_postgresql():
        if os.environ.get("CI"):
            pytest.fail(LEFT_OUT)
        pytest.skip(LEFT_OUT)
    name = f"s2f_test_{os.getpid()}"
    with psycopg.connect(_plain(POSTGRESQL), autocommit=True) as admin:
        admin.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        admin.execute(f"CREATE DATABASE {name}")
    url = make_url(POSTGRESQL).set(database=name).render_as_string(hide_password=False)
    _migrate(url)
    yield url
    with psycopg.connect(_plain(POSTGRESQL), autocommit=True) as admin:
        admin.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty SQLite file to copy."""
    path = tmp_path_factory.mktemp("template") / "s2f.db"
    _migrate(f"sqlite:///{path}")
    return path


def _migrate(url: str) -> None:
    db = Database.connect(url)
    upgrade(db)
    db.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty, migrated database, once for each kind."""
    if request.param == "sqlite":
        template: Path = request.getfixturevalue("sqlite_template")
        shutil.copy(template, tmp_path / "s2f.db")
        return f"sqlite:///{tmp_path / 's2f.db'}"
    url: str = request.getfixturevalue("postgresql_url")
    _empty(url)
    return url


def _empty(url: str) -> None:
    """Delete all rows. TRUNCATE would make a new file for each table and index: half a second a test."""
    tables = reversed(Base.metadata.sorted_tables)
    with psycopg.connect(_plain(url), autocommit=True) as connection:
        connection.execute("; ".join(f"DELETE FROM {table.name}" for table in tables))


@pytest.fixture
def db(database_url: str) -> Iterator[Database]:
    """An empty database, once for each kind."""
    database = Database.connect(database_url)
    yield database
    database.dispose()


@pytest.fixture
def sqlite_db(sqlite_template: Path, tmp_path: Path) -> Iterator[Database]:
    """An empty SQLite database, for tests in which the kind makes no difference."""
    shutil.copy(sqlite_template, tmp_path / "one.db")
    database = Database.connect(f"sqlite:///{tmp_path / 'one.db'}")
    yield database
    database.dispose()


# -- the standing cast -----------------------------------------------------------------------------


@pytest.fixture
def registrar() -> Actor:
    """Mere, a registrar in Suva."""
    return Actor("mere", role="registrar", office="suva", full_name="Mere Tukana")


@pytest.fixture
def other_registrar() -> Actor:
    """Ravi, a registrar in Suva."""
    return Actor("ravi", role="registrar", office="suva", full_name="Ravi Prasad")


@pytest.fixture
def distant_registrar() -> Actor:
    """Ana, a registrar in Labasa, who has no business with Suva's cases."""
    return Actor("ana", role="registrar", office="labasa", full_name="Ana Vuki")


@pytest.fixture
def supervisor() -> Actor:
    """Sela, a supervisor of all offices."""
    return Actor("sela", role=Role.SUPERVISOR, full_name="Sela Qalo")


@pytest.fixture
def administrator() -> Actor:
    """Adi, who runs the system."""
    return Actor("adi", role=Role.ADMINISTRATOR, full_name="Adi Koroi")


@pytest.fixture
def stranger() -> Actor:
    """Somebody with no role and no PIN."""
    return Actor("stranger")


@pytest.fixture
def now() -> datetime:
    """Tuesday 5 May 2026, 9:00 in Fiji."""
    return NOW
