"""One Prefect server for all tests that need one, and workers on it."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from cases.db import Database
from tests.engine.prefect_side import Pages, Server, WorkerProcess


@dataclass(frozen=True)
class Office:
    """A worker's database, and Prefect's pages about it."""

    db: Database
    pages: Pages


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A running Prefect server, which also knows what earlier tests did."""
    server = Server(tmp_path_factory.mktemp("prefect"))
    server.start()
    yield server
    server.kill()
    server.client.close()


@pytest.fixture(scope="module")
def office(
    server: Server, sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Office]:
    """A worker, suva-1, that runs as long as the tests of one module."""
    home = tmp_path_factory.mktemp("office")
    shutil.copy(sqlite_template, home / "s2f.db")
    worker = WorkerProcess(server, f"sqlite:///{home / 's2f.db'}", home, name="suva-1", pool="office")
    worker.start()
    db = Database.connect(f"sqlite:///{home / 's2f.db'}")
    yield Office(db, worker.pages)
    db.dispose()
    assert worker.end() == 0


@pytest.fixture
def hire(
    server: Server, tmp_path: Path, request: pytest.FixtureRequest
) -> Iterator[Callable[..., WorkerProcess]]:
    """Starts workers for one test, in a pool of their own; whichever is left is killed."""
    workers: list[WorkerProcess] = []

    def start(database_url: str, name: str) -> WorkerProcess:
        pool = re.sub(r"[^a-z0-9]+", "-", request.node.name)[:60].strip("-")
        worker = WorkerProcess(server, database_url, tmp_path, name=name, pool=pool)
        worker.start()
        workers.append(worker)
        return worker

    yield start
    for worker in workers:
        if worker.process and worker.process.poll() is None:
            worker.process.kill()
            worker.process.wait()
