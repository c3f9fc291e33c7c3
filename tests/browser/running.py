"""The whole platform as somebody starts it: `s2f run --demo`, on ports and a home of its own."""

from __future__ import annotations

import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
STARTS_WITHIN = 60.0
STOPS_WITHIN = 60.0


@dataclass(frozen=True)
class Running:
    """A platform that runs: where its web listens, its folder, and the environment of its programs."""

    address: str
    home: Path
    environ: Mapping[str, str]

    def command(self, *arguments: str) -> str:
        """Run a command of `s2f` beside it, as an operator does, and return what it says."""
        done = subprocess.run(
            [sys.executable, "-m", "cli.main", *arguments],
            cwd=ROOT,
            env=dict(self.environ),
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def sql(self, statement: str, *values: object) -> list[tuple[object, ...]]:
        """Do something to its database that only the passing of time does otherwise, or count in it."""
        with closing(sqlite3.connect(self.home / "s2f.db", timeout=30)) as connection, connection:
            return connection.execute(statement, values).fetchall()


def free_port() -> int:
    """Return a port that nobody listens on."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


@contextmanager
def running(home: Path) -> Iterator[Running]:
    """Run the platform with demonstration data; stop all of it at the end."""
    port = free_port()
    environ = os.environ | {
        "S2F_HOME": str(home),
        "S2F_PORT": str(port),
        "S2F_PREFECT_PORT": str(free_port()),
        "S2F_MODE": "demo",
    }
    for name in ("S2F_DATABASE_URL", "PREFECT_API_URL", "S2F_PUBLIC_URL"):
        environ.pop(name, None)
    with (home / "run.log").open("w") as log:
        program = subprocess.Popen(
            [sys.executable, "-m", "cli.main", "run"],
            cwd=ROOT,
            env=environ,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            address = f"http://127.0.0.1:{port}"
            _wait_for(address, program, home / "run.log")
            yield Running(address, home, environ)
        finally:
            _stop(program)


@contextmanager
def web_alone(home: Path) -> Iterator[str]:
    """Run nothing but the web, as an installation serves it, on the database in `home`; give its address."""
    port = free_port()
    environ = os.environ | {"S2F_HOME": str(home), "S2F_PORT": str(port), "S2F_MODE": "demo"}
    command = [sys.executable, "-m", "gunicorn", "--config", "web/gunicorn_conf.py", "web.wsgi:app"]
    with (home / "web.log").open("w") as log:
        server = subprocess.Popen(command, cwd=ROOT, env=environ, stdout=log, stderr=log)
        try:
            address = f"http://127.0.0.1:{port}"
            _wait_for(address, server, home / "web.log")
            yield address
        finally:
            server.terminate()
            server.wait(STOPS_WITHIN)


def _wait_for(address: str, program: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < until and program.poll() is None:
        try:
            with urllib.request.urlopen(f"{address}/health", timeout=2):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    raise AssertionError(f"the platform didn't start:\n{log.read_text()}")


def _stop(program: subprocess.Popen[bytes]) -> None:
    if program.poll() is None:
        program.send_signal(signal.SIGINT)
    try:
        program.wait(STOPS_WITHIN)
    except subprocess.TimeoutExpired:
        os.killpg(program.pid, signal.SIGKILL)
        program.wait()
        raise
