"""`s2f run` as people start it: a foreground program that leaves nothing behind."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path

import pytest

from cli.run import answers
from tests.engine.prefect_side import free_port, until

WITHIN = 60.0


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def running(tmp_path: Path, port: int) -> Iterator[subprocess.Popen[str]]:
    """A demonstration that runs with a Prefect server that is away."""
    environ = os.environ | {
        "S2F_HOME": str(tmp_path / "home"),
        "S2F_DATABASE_URL": "",
        "S2F_PORT": str(port),
        "S2F_MODE": "demo",
        "PREFECT_API_URL": f"http://127.0.0.1:{free_port()}/api",
    }
    with subprocess.Popen(
        [sys.executable, "-m", "cli.main", "run"], env=environ, stdout=subprocess.PIPE, text=True
    ) as process:
        yield process
        process.kill()


def _page(port: int, path: str) -> str:
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", path)
    page: str = connection.getresponse().read().decode()
    connection.close()
    return page


def test_the_first_page_never_waits_for_prefect_and_ctrl_c_stops_everything(
    running: subprocess.Popen[str], port: int, tmp_path: Path
) -> None:
    until(lambda: answers("127.0.0.1", port, "/health"), within=WITHIN)
    assert "Register a birth" in _page(port, "/")
    log = tmp_path / "home" / "logs" / "worker.log"
    works = "works birth-correction, birth-registration"
    until(lambda: log.exists() and works in log.read_text(), within=WITHIN)

    running.send_signal(signal.SIGINT)
    said, _ = running.communicate(timeout=WITHIN)
    assert running.returncode == 0
    assert re.search(r"mere +demo-only-mere +registrar in suva", said)
    assert said.endswith("Everything has stopped.\n")
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0, "the web still listens"


def test_a_mistake_in_the_configuration_stops_the_start(tmp_path: Path) -> None:
    environ = os.environ | {"S2F_HOME": str(tmp_path), "S2F_PLACE": "atlantis", "S2F_PORT": str(free_port())}
    environ["S2F_PREFECT_PORT"] = str(free_port())
    done = subprocess.run(
        [sys.executable, "-m", "cli.main", "run"], env=environ, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "places/atlantis.toml: expected" in done.stderr
    assert "Traceback" not in done.stderr
