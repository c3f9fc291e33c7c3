"""Databases of their own for scenes that run side by side."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from itertools import count
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url

from cases.db import Database
from migrations.run import upgrade
from tests.chaos.scene import Scene
from tests.conftest import POSTGRESQL

NewScene = Callable[[str], AbstractContextManager[Scene]]
Runs = Mapping[tuple[str, str], Future[None]]
AT_ONCE = 2
DATABASES = ("sqlite", "postgresql")


@pytest.fixture(scope="session")
def template(postgresql_url: str) -> Iterator[str]:
    """The name of a migrated PostgreSQL database to copy. Skips without a server."""
    with _postgresql(f"{make_url(postgresql_url).database}_chaos") as url:
        db = Database.connect(url)
        upgrade(db)
        db.dispose()
        yield str(make_url(url).database)


@pytest.fixture(scope="session")
def new_scene(
    request: pytest.FixtureRequest, sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> NewScene:
    """Make a scene with an empty, migrated database of its own ("sqlite" or "postgresql")."""
    numbers = count()

    @contextmanager
    def new(kind: str) -> Iterator[Scene]:
        home = tmp_path_factory.mktemp("scene")
        if kind == "sqlite":
            shutil.copy(sqlite_template, home / "s2f.db")
            yield from _played(Scene(f"sqlite:///{home / 's2f.db'}", home))
        else:
            template = request.getfixturevalue("template")
            with _postgresql(f"{template}_{next(numbers)}", template) as url:
                yield from _played(Scene(url, home))

    return new


@pytest.fixture(scope="module")
def runs(request: pytest.FixtureRequest, new_scene: NewScene) -> Iterator[Runs]:
    """What came of `play(scene, what)` of the module, for each `what` and `database` of its selected tests.

    Two at a time: most of a scene is waiting.
    """

    def play(what: str, database: str) -> None:
        with new_scene(database) as scene:
            request.module.play(scene, what)

    wanted = _wanted(request)
    if any(database == "postgresql" for _, database in wanted):
        request.getfixturevalue("template")  # not first in a thread
    with ThreadPoolExecutor(AT_ONCE) as pool:
        futures = {each: pool.submit(play, *each) for each in wanted}
        yield futures
        for future in futures.values():
            future.cancel()


def _wanted(request: pytest.FixtureRequest) -> list[tuple[str, str]]:
    """The pairs (what, database) of the selected tests of this module, in their order."""
    items = [item for item in request.session.items if item.path == request.path]
    scenes = [item for item in items if isinstance(item, pytest.Function) and "runs" in item.fixturenames]
    return [(str(item.callspec.params["what"]), str(item.callspec.params["database"])) for item in scenes]


def _played(scene: Scene) -> Iterator[Scene]:
    try:
        yield scene
    finally:
        scene.close()


@contextmanager
def _postgresql(name: str, template: str = "template1") -> Iterator[str]:
    """The URL of a new database, dropped at the end with whoever is still connected."""
    admin = make_url(POSTGRESQL).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
    try:
        yield make_url(POSTGRESQL).set(database=name).render_as_string(hide_password=False)
    finally:
        with psycopg.connect(admin, autocommit=True) as connection:
            connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


@pytest.fixture(params=DATABASES)
def scene(request: pytest.FixtureRequest, new_scene: NewScene) -> Iterator[Scene]:
    """A scene, once for each kind of database."""
    with new_scene(request.param) as made:
        yield made
