"""Child programs: watched, started again, stopped, and never left behind."""

from __future__ import annotations

import os
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import click
import pytest

from cli.programs import Program, Programs
from cli.run import check_ports
from config.settings import Settings

ROOT = Path(__file__).parents[2]
UNTIL_STOPPED = "import signal; signal.sigwait([signal.SIGUSR2])"
PATIENCE = 200  # looks, a tenth of a second apart


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def run(tmp_path: Path, said: list[str]) -> Iterator[Callable[[str], Programs]]:
    """Start one child that runs a line of Python; ends it after the test."""
    running: list[Programs] = []

    def start(code: str) -> Programs:
        program = Program("child", [sys.executable, "-c", code], dict(os.environ), tmp_path / "child.log")
        running.append(Programs([program], said.append))
        program.start()
        return running[-1]

    yield start
    for programs in running:
        for program in programs.programs:
            program.kill()
            if program.process:
                program.process.wait()


def look_until(programs: Programs, seen: Callable[[], bool]) -> None:
    """Look after the programs until something is seen."""
    for _ in range(PATIENCE):
        programs.look_after_all()
        if seen():
            return
        programs.pause(0.1)
    raise AssertionError("not seen in time")


def test_a_child_that_dies_is_started_again_and_it_is_said(
    run: Callable[[str], Programs], said: list[str]
) -> None:
    programs = run("raise SystemExit(3)")
    look_until(programs, lambda: len(said) == 2)
    assert said[0].startswith("child has ended (exit status 3); it starts again in 1 s. Its log: ")


def test_the_pause_before_a_new_start_grows(tmp_path: Path) -> None:
    program = Program("child", [], {}, tmp_path / "log", started=float("inf"))
    assert [program.plan_next_start() for _ in range(8)] == [1, 2, 4, 8, 16, 32, 60, 60]


def test_a_child_that_ran_for_long_starts_again_soon(tmp_path: Path) -> None:
    program = Program("child", [], {}, tmp_path / "log", started=float("-inf"), failures=7)
    assert [program.plan_next_start() for _ in range(2)] == [1, 1]


def test_warnings_in_the_log_are_repeated_and_other_lines_are_not(
    run: Callable[[str], Programs], said: list[str]
) -> None:
    programs = run(f"print('INFO all is well\\nWARNING the cup is full', flush=True); {UNTIL_STOPPED}")
    look_until(programs, lambda: bool(said))
    assert said == ["child: WARNING the cup is full"]


def test_a_log_that_has_grown_too_large_is_set_aside(
    run: Callable[[str], Programs], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    programs = run(f"print('x' * 30_000_000, flush=True); {UNTIL_STOPPED}")
    look_until(programs, lambda: (tmp_path / "child.log.1").exists())
    assert (tmp_path / "child.log").stat().st_size < 30_000_000


def test_stopping_ends_children_in_good_order(run: Callable[[str], Programs], said: list[str]) -> None:
    programs = run(
        "import signal, sys; signal.signal(signal.SIGTERM, lambda *_: sys.exit('WARNING put away'));"
        "print('WARNING ready', flush=True); signal.pause()"
    )
    look_until(programs, lambda: bool(said))
    programs.stop()
    (child,) = programs.programs
    assert child.process is not None
    assert child.process.returncode == 1
    assert "put away" in child.log.read_text()


def test_a_child_that_does_not_want_to_end_is_killed(run: Callable[[str], Programs], said: list[str]) -> None:
    programs = run(
        "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
        "print('WARNING ready', flush=True); signal.sigwait([signal.SIGUSR2])"
    )
    look_until(programs, lambda: bool(said))
    programs.stop_within = 0.2
    programs.stop()
    (child,) = programs.programs
    assert child.process is not None
    assert child.process.wait(10) == -signal.SIGKILL
    assert "child didn't end within 0 s and will be killed" in said


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells children of a parent's death")
def test_children_end_when_their_parent_is_killed(tmp_path: Path) -> None:
    parent_code = (
        "import os, signal, sys; from pathlib import Path; from cli.programs import Program;"
        f"child = Program('child', [sys.executable, '-c', {UNTIL_STOPPED!r}], dict(os.environ),"
        f" Path({str(tmp_path / 'child.log')!r}));"
        "child.start(); print(child.process.pid, flush=True); signal.pause()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", parent_code], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        handle = os.pidfd_open(int(parent.stdout.readline()))
        parent.kill()
        assert select.select([handle], [], [], 20)[0], "the child outlived its parent"
        os.close(handle)


@pytest.mark.parametrize(("variable", "needs"), [("S2F_PORT", "the web"), ("S2F_PREFECT_PORT", "Prefect")])
def test_a_port_that_is_taken_is_named_with_its_setting(variable: str, needs: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, socket.create_server(("127.0.0.1", 0)) as other:
        port, free = taken.getsockname()[1], other.getsockname()[1]
        other.close()
        ports = {"S2F_PORT": str(free), "S2F_PREFECT_PORT": str(free)} | {variable: str(port)}
        with pytest.raises(click.ClickException) as told:
            check_ports(Settings.from_env(ports))
    assert f"Port {port} on 127.0.0.1" in told.value.message
    assert needs in told.value.message
    assert variable in told.value.message


def test_an_existing_prefect_server_needs_no_port_of_ours() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        environ = {"S2F_PREFECT_PORT": str(port), "PREFECT_API_URL": "http://127.0.0.1:4200/api"}
        check_ports(Settings.from_env(environ | {"S2F_PORT": _free_port()}))


def _free_port() -> str:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return str(probe.getsockname()[1])
