"""`s2f run` as a benchmark's child: everything there is, on the benchmark's database, in a new home."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.shifts import SERVICE
from cases.db import Database
from cases.people import add_staff
from flows.engine.leases import read_leases

ROOT = Path(__file__).resolve().parents[1]
USERNAME, PASSWORD = "bench", "a benchmark's registrar"
START_SECONDS, STOP_SECONDS = 120.0, 60.0


@dataclass(frozen=True, slots=True)
class Running:
    """A running installation. `first_page_seconds`: from its start to the first page."""

    pid: int
    web: str
    prefect: str
    home: Path
    first_page_seconds: float


@contextmanager
def running(url: str, home: Path) -> Iterator[Running]:
    """Start `s2f run` on the database `url`, yield it when the web answers, and stop it at the end.

    Raises RuntimeError when the web doesn't answer in time.
    """
    port, prefect = _free_ports(2)
    environ = os.environ | {
        "S2F_HOME": str(home),
        "S2F_DATABASE_URL": url,
        "S2F_PORT": str(port),
        "S2F_PREFECT_PORT": str(prefect),
        "S2F_MODE": "live",
        "S2F_PUBLIC_URL": f"http://127.0.0.1:{port}",
        "PREFECT_API_URL": "",
    }
    began = time.monotonic()
    with (home / "run.log").open("wb") as log:
        command = [sys.executable, "-m", "cli.main", "run"]
        process = subprocess.Popen(command, cwd=ROOT, env=environ, stdout=log, stderr=log)
    try:
        web = f"127.0.0.1:{port}"
        wait_until(lambda: answers(web, "/health") or process.poll(), START_SECONDS, "the web didn't start")
        if process.poll() is not None:
            raise RuntimeError(f"s2f run ended: {(home / 'run.log').read_text()[-500:]}")
        first = time.monotonic() - began
        yield Running(process.pid, web, f"127.0.0.1:{prefect}", home, first)
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()


def add_registrar(db: Database) -> None:
    """Add the registrar that clients sign in as."""
    with db.write() as connection:
        add_staff(
            connection,
            username=USERNAME,
            name="Mere Tukana",
            role="registrar",
            office="suva",
            password=PASSWORD,
            now=datetime.now(UTC),
        )


def answers(host: str, path: str) -> bool:
    """Whether a GET is answered with 200."""
    try:
        connection = http.client.HTTPConnection(host, timeout=5)
        connection.request("GET", path)
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False


def wait_until(true: Callable[[], Any], seconds: float, otherwise: str, pause: float = 0.1) -> None:
    """Return as soon as `true()` is. Raises RuntimeError(otherwise) when it never was."""
    end = time.monotonic() + seconds
    while not true():
        if time.monotonic() > end:
            raise RuntimeError(otherwise)
        time.sleep(pause)


def end_shift(db: Database, here: Running) -> None:
    """Have an operator cancel the live shift of birth registrations, as in Prefect, and wait for its end."""
    row = _lease(db)
    if row is not None and row.state == "live":
        _cancel(here, row.flow_run_id)
        wait_until(lambda: _lease(db).state == "idle", 30, "the shift didn't end when it was cancelled")


def _lease(db: Database) -> Any:
    with db.read() as connection:
        return read_leases(connection).get((SERVICE, 0))


def _cancel(here: Running, run: str) -> None:
    connection = http.client.HTTPConnection(here.prefect, timeout=10)
    body = '{"state": {"type": "CANCELLING"}, "force": true}'
    path = f"/api/flow_runs/{run}/set_state"
    connection.request("POST", path, body, {"Content-Type": "application/json"})
    if connection.getresponse().status not in (http.client.OK, http.client.CREATED):
        raise RuntimeError("Prefect didn't take the cancellation")


def _free_ports(count: int) -> list[int]:
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports
