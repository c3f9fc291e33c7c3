"""A real Prefect server and real workers as processes, and what an operator would see and do in Prefect."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from threading import Event
from typing import Any, TypeVar

import httpx

from config.settings import Settings
from flows.platform.prefect_settings import api_url, server_command, server_environment

PATIENCE = 90.0
T = TypeVar("T")


def until(look: Callable[[], T], within: float = PATIENCE) -> T:
    """Look again and again until there is something to see, and return it. Fails when time is up."""
    end, pause = time.monotonic() + within, Event()
    while not (seen := look()):
        assert time.monotonic() < end, f"not seen within {within} s: {look}"
        pause.wait(0.05)
    return seen


def free_port() -> int:
    """Return a port on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Server:
    """Prefect's server in a process of its own, on SQLite below `home`."""

    def __init__(self, home: Path) -> None:
        self.settings = replace(Settings.from_env({"S2F_HOME": str(home)}), prefect_port=free_port())
        self.home = home
        self.client = httpx.Client(base_url=api_url(self.settings), timeout=20)
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start and wait until it answers."""
        (self.home / "prefect").mkdir(parents=True, exist_ok=True)
        with (self.home / "server.log").open("ab") as log:
            environment = server_environment(self.settings, clean_environment())
            command = server_command(self.settings)
            self.process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
        until(self._answers)

    def _answers(self) -> bool:
        try:
            return self.client.get("/health").status_code == 200
        except httpx.HTTPError:
            return False

    def kill(self) -> None:
        """End it at once."""
        assert self.process
        self.process.kill()
        self.process.wait()

    def forget_everything(self) -> None:
        """Delete its database, as if it were new. It must not be running."""
        for file in (self.home / "prefect").glob("prefect.db*"):
            file.unlink()

    def ask(self, method: str, path: str, **body: Any) -> Any:
        """Send a request and return the answer's JSON; None where there is nothing, or no such thing.

        Asks again after a 503, which the server says when two writers meet on SQLite.
        """
        answer = until(lambda: self._answer(method, path, body))
        if answer.status_code == httpx.codes.NOT_FOUND:
            return None
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def _answer(self, method: str, path: str, body: dict[str, Any]) -> httpx.Response | None:
        answer = self.client.request(method, path, json=None if method == "GET" else body)
        return None if answer.status_code == httpx.codes.SERVICE_UNAVAILABLE else answer


class Pages:
    """What an operator sees and does on Prefect's pages about one pool."""

    def __init__(self, server: Server, pool: str) -> None:
        self.server, self.pool = server, pool

    def runs(self, flow: str) -> list[dict[str, Any]]:
        """Return the runs of a flow, the newest first."""
        found: list[dict[str, Any]] = self.server.ask(
            "POST",
            "/flow_runs/filter",
            flows={"name": {"any_": [flow]}},
            work_pools={"name": {"any_": [self.pool]}},
            sort="START_TIME_DESC",
        )
        return found

    def run_in(self, flow: str, state: str) -> dict[str, Any] | None:
        """Return the newest run of a flow that is in this state."""
        return next((run for run in self.runs(flow) if run["state_name"] == state), None)

    def state_of(self, run: dict[str, Any]) -> str:
        """Return the kind of state that a run is in by now."""
        state: str = self.server.ask("GET", f"/flow_runs/{run['id']}")["state_type"]
        return state

    def deployment(self, flow: str) -> dict[str, Any] | None:
        """Return the deployment of a flow, if it is registered."""
        found: dict[str, Any] | None = self.server.ask("GET", f"/deployments/name/{flow}/{self.pool}")
        return found

    def pause(self, queue: str, paused: bool) -> None:
        """Pause or resume a queue of the pool, as the switch on its page does."""
        self.server.ask("PATCH", f"/work_pools/{self.pool}/queues/{queue}", is_paused=paused)

    def reports(self, flow: str) -> list[str]:
        """Return the texts of the reports that a flow's runs left, those of other pools too."""
        found = self.server.ask("POST", "/artifacts/filter", artifacts={"key": {"any_": [f"{flow}-report"]}})
        return [artifact["data"] for artifact in found]


class WorkerProcess:
    """A real worker in a process of its own."""

    def __init__(self, server: Server, database_url: str, home: Path, *, name: str, pool: str) -> None:
        self.pages = Pages(server, pool)
        self.environment = {
            **clean_environment(),
            "S2F_HOME": str(home),
            "S2F_DATABASE_URL": database_url,
            "S2F_PREFECT_POOL": pool,
            "PREFECT_API_URL": api_url(server.settings),
        }
        self.name, self.home = name, home
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start; returns at once."""
        with (self.home / f"{self.name}.log").open("ab") as log:
            command = [sys.executable, "-m", "tests.engine.worker_program", self.name]
            self.process = subprocess.Popen(command, env=self.environment, stdout=log, stderr=log)

    def end(self, signum: signal.Signals = signal.SIGTERM) -> int:
        """Send a signal, wait for the end and return the exit status."""
        assert self.process
        self.process.send_signal(signum)
        return self.process.wait(timeout=PATIENCE)


def clean_environment() -> dict[str, str]:
    """Return this process's environment without settings of ours or Prefect's."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("S2F_", "PREFECT"))}
