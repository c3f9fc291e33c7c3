"""A site on an empty database, and the people who use it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from flask import Flask
from sqlalchemy import insert

from cases.db import Database
from cases.models import Staff
from cases.vocabulary import Role
from config.settings import Settings
from tests.conftest import NOW
from tests.web.backstage import advance_all, make_letters
from tests.web.site import Hands, Site, Visitor
from web.app import create_app
from web.platform import EXTENSION

PASSWORD = "a long password for tests"


@pytest.fixture(scope="session")
def app(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """The application. Made once, since reading its configuration and templates takes a while."""
    settings = Settings.from_env({"S2F_HOME": str(tmp_path_factory.mktemp("home"))})
    app = create_app(settings, Database.connect(f"sqlite:///{sqlite_template}"))
    app.testing = True
    app.config["PROPAGATE_EXCEPTIONS"] = False  # an error page is what a visitor would see
    return app


def make_site(app: Flask, db: Database, home: Path, **environ: str) -> Site:
    """Put the application on a database of this test's own, with its files in `home`."""
    settings = Settings.from_env({"S2F_HOME": str(home), **environ})
    clock = Hands(NOW)
    app.extensions[EXTENSION] = replace(
        app.extensions[EXTENSION], settings=settings, database=db, clock=clock
    )
    return Site(app, db, settings, clock)


@pytest.fixture
def site(app: Flask, sqlite_db: Database, tmp_path: Path) -> Site:
    """A site on SQLite, for tests in which the kind of database makes no difference."""
    return make_site(app, sqlite_db, tmp_path / "home")


@pytest.fixture
def either_site(app: Flask, db: Database, tmp_path: Path) -> Site:
    """A site on each kind of database in turn."""
    return make_site(app, db, tmp_path / "home")


@pytest.fixture
def family(site: Site) -> Visitor:
    """Somebody who applies."""
    return site.visitor()


# A cheap hash: signing in is real, but a test need not wait as long as a burglar should.
HASH = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)


def employ(
    site: Site, username: str, role: str, office: str | None = "suva", *, demo: bool = False
) -> Visitor:
    """Give somebody an account, and return their browser, signed in."""
    with site.db.write() as connection:
        connection.execute(
            insert(Staff).values(
                username=username,
                name=username.capitalize(),
                role=role,
                office=office,
                password_hash=HASH,
                active=True,
                demo=demo,
                session_epoch=0,
                created_at=site.clock(),
            )
        )
    browser = site.visitor()
    assert browser.sign_in(username, PASSWORD).status_code == 302
    return browser


@pytest.fixture
def mere(site: Site) -> Visitor:
    """Mere, a registrar in Suva, signed in."""
    return employ(site, "mere", "registrar")


@pytest.fixture
def ravi(site: Site) -> Visitor:
    """Ravi, another registrar in Suva, signed in."""
    return employ(site, "ravi", "registrar")


@pytest.fixture
def sela(site: Site) -> Visitor:
    """Sela, a supervisor of all offices, signed in."""
    return employ(site, "sela", Role.SUPERVISOR, office=None)


@pytest.fixture
def adi(site: Site) -> Visitor:
    """Adi, the administrator, signed in."""
    return employ(site, "adi", Role.ADMINISTRATOR, office=None)


def work(site: Site) -> None:
    """Let everything behind the pages happen."""
    advance_all(site.db, site.clock())
    make_letters(site.db, site.settings, site.clock())
