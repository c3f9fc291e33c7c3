"""One database, one home, and the processes that are started and killed there.

Processes are forked from a server that has imported everything, so that starting one takes a tenth of a
second instead of two.
"""

from __future__ import annotations

import faulthandler
import importlib
import multiprocessing
import os
import signal
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from tests.chaos import ledger
from tests.chaos.checker import check
from tests.chaos.records import Row, execute

PATIENCE = 60.0
PROGRAMS = ["tests.chaos.office", "tests.chaos.counter"]
LIBRARIES = ["sqlalchemy.dialects.postgresql.psycopg", "sqlalchemy.dialects.sqlite", "babel.messages.pofile"]
UNSETTLED = {
    "ready cases": "SELECT count(*) AS n FROM cases WHERE ready AND NOT halted",
    "letters on their way": "SELECT count(*) AS n FROM letters WHERE status IN ('pending', 'rendering')",
    "messages on their way": "SELECT count(*) AS n FROM messages WHERE status IN ('pending', 'sending')",
    "cases in hand": "SELECT count(*) AS n FROM leases"
    " WHERE CAST(case_ids AS TEXT) <> '[]' OR CAST(suspects AS TEXT) <> '[]'",
}

_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(PROGRAMS + LIBRARIES)


class Running:
    """A process of ours. `logs` tells what it and the others wrote, for when it doesn't end."""

    def __init__(
        self,
        module: str,
        arguments: list[str],
        environment: Mapping[str, str],
        log: Path,
        logs: Callable[[], str],
    ) -> None:
        self.log = log
        self.logs = logs
        self._process = _context.Process(
            target=_begin, args=(module, arguments, dict(environment), str(log)), daemon=True
        )
        self._process.start()

    @property
    def pid(self) -> int:
        """Its process id."""
        assert self._process.pid is not None, "a started process has an id"
        return self._process.pid

    def is_alive(self) -> bool:
        """Whether it still runs."""
        return self._process.is_alive()

    def signal(self, number: signal.Signals) -> None:
        """Send it a signal."""
        os.kill(self.pid, number)

    def end(self, seconds: float = PATIENCE) -> int:
        """Wait until it ends and return its status; negative for the signal that killed it."""
        self._process.join(seconds)
        status = self._process.exitcode
        assert status is not None, f"{self.log.name} still runs after {seconds:g} s:\n{self.logs()}"
        return status

    def kill(self) -> None:
        """Kill it, as a power cut would, and wait until it is gone."""
        self._process.kill()
        self._process.join()

    def stop(self) -> int:
        """Ask it to end, and return its status."""
        self._process.terminate()
        return self.end()

    def is_stopped(self) -> bool:
        """Whether it stands still (SIGSTOP)."""
        return self.state() == "T"

    def state(self) -> str:
        """The letter by which Linux calls its state, or its exit status."""
        if not self.is_alive():
            return f"ended with {self._process.exitcode}"
        return Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()[0]

    def tail(self) -> str:
        """The end of what it wrote."""
        return self.log.read_text(errors="replace")[-3000:] if self.log.exists() else ""


def _begin(module: str, arguments: list[str], environment: Mapping[str, str], log: str) -> None:
    handle = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(handle, 1)
    os.dup2(handle, 2)
    sys.stdout, sys.stderr = os.fdopen(1, "w", closefd=False), os.fdopen(2, "w", buffering=1, closefd=False)
    faulthandler.register(signal.SIGUSR1)
    os.environ.update(environment)
    importlib.import_module(module).main(arguments)


class Scene:
    """A database and a home folder with their offices and counters. Ends them all with `close`."""

    def __init__(self, url: str, home: Path) -> None:
        self.url = url
        self.home = home
        self._running: list[Running] = []
        home.mkdir(parents=True, exist_ok=True)

    def office(
        self, failpoint: str = "", *, name: str = "office", letters: str = "plain", queues: str = ""
    ) -> Running:
        """Start a worker, which dies (or stops) at `failpoint`. queues: work only these."""
        arguments = ["--name", name, "--letters", letters, "--queues", queues]
        return self._start("office", arguments, failpoint, name)

    def counter(self, *plans: str, failpoint: str = "", name: str = "till", pen: str = "") -> Running:
        """Start people at a counter with these plans (see counter.py)."""
        arguments = [name, *plans, "--pen", pen or name]
        return self._start("counter", arguments, failpoint, pen or name)

    def _start(self, module: str, arguments: list[str], failpoint: str, log: str) -> Running:
        return self.run(f"tests.chaos.{module}", [self.url, str(self.home), *arguments], failpoint, log)

    def command(self, *arguments: str, failpoint: str = "") -> Running:
        """Start the command `s2f` with these arguments."""
        return self.run("cli.main", list(arguments), failpoint, "s2f")

    def run(self, module: str, arguments: list[str], failpoint: str, log: str) -> Running:
        """Start a process that calls `main(arguments)` of a module."""
        environment = {
            "S2F_FAILPOINT": failpoint,
            "S2F_DATABASE_URL": self.url,
            "S2F_HOME": str(self.home),
        }
        running = Running(module, arguments, environment, self.home / f"{module}-{log}.log", self.logs)
        self._running.append(running)
        return running

    def sql(self, statement: str) -> list[Row]:
        """Run one statement of plain SQL."""
        return execute(self.url, statement)

    def unsettled(self) -> dict[str, int]:
        """Return what still moves, and how much of it."""
        counts = {what: self.sql(sql)[0]["n"] for what, sql in UNSETTLED.items()}
        return {what: count for what, count in counts.items() if count}

    def settle(self, seconds: float = PATIENCE) -> None:
        """Return when nothing moves any more. Raises AssertionError if that doesn't come about."""
        until(lambda: not self.unsettled(), lambda: f"{self.unsettled()}\n{self.logs()}", seconds)

    def faults(self) -> list[str]:
        """Return what the checker finds."""
        return check(self.url, self.home, ledger.read(self.home))

    def logs(self) -> str:
        """What the processes wrote last, and where those that still run are."""
        for running in self._running:
            if running.is_alive():
                running.signal(signal.SIGUSR1)
        time.sleep(0.3)
        tails = [f"{running.log.name} ({running.state()}): {running.tail()}" for running in self._running]
        tables = ("leases", "service_code", "incidents")
        return "\n".join([*tails, *(f"{table}: {self.sql(f'SELECT * FROM {table}')}" for table in tables)])

    def close(self) -> None:
        """Kill every process that still runs."""
        for running in self._running:
            running.kill()


def until(come: Callable[[], bool], otherwise: Callable[[], str], seconds: float = PATIENCE) -> None:
    """Return when `come()` is true; raise AssertionError with `otherwise()` after `seconds`."""
    end = time.monotonic() + seconds
    while not come():
        assert time.monotonic() < end, f"not within {seconds:g} s: {otherwise()}"
        time.sleep(0.05)
