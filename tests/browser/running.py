"""The whole platform as somebody starts it: `s2f run --demo`, on ports and a home of its own."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
STARTS_WITHIN = 60.0
STOPS_WITHIN = 60.0


def free_port() -> int:
    """Return a port that nobody listens on."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


@contextmanager
def running(home: Path) -> Iterator[str]:
    """Run the platform with demonstration data; yield the address of its web; stop all of it at the end."""
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
            _wait_for(address, program, home)
            yield address
        finally:
            _stop(program)


def _wait_for(address: str, program: subprocess.Popen[bytes], home: Path) -> None:
    until = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < until and program.poll() is None:
        try:
            with urllib.request.urlopen(f"{address}/health", timeout=2):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    raise AssertionError(f"the platform didn't start:\n{(home / 'run.log').read_text()}")


def _stop(program: subprocess.Popen[bytes]) -> None:
    if program.poll() is None:
        program.send_signal(signal.SIGINT)
    try:
        program.wait(STOPS_WITHIN)
    except subprocess.TimeoutExpired:
        os.killpg(program.pid, signal.SIGKILL)
        program.wait()
        raise
