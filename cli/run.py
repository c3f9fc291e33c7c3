"""`s2f run`: web, Prefect server and worker as one foreground program.

This process only starts and watches the others, so it imports none of what they need.
"""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path

import click

from cli.programs import Program, Programs
from config.demo import accounts, demo_password
from config.settings import Mode, Settings
from flows.platform.prefect_settings import server_command, server_environment

ROOT = Path(__file__).resolve().parents[1]
WEB_WITHIN = 20.0  # seconds until the others start even if the web doesn't answer yet
PREFECT_WITHIN = 60.0  # seconds until the worker starts even if Prefect doesn't answer yet


@click.command()
@click.option("--demo", is_flag=True, help="With made-up data and accounts, as S2F_MODE=demo.")
def run(demo: bool) -> None:
    """Run everything on this machine until Ctrl-C: the web, a worker, and a Prefect server unless
    PREFECT_API_URL names one."""
    environ = {**os.environ, "S2F_MODE": "demo"} if demo else dict(os.environ)
    settings = Settings.from_env(environ)
    check_ports(settings)
    prepared = subprocess.run([sys.executable, "-m", "cli.main", "prepare"], env=environ, check=False)
    if prepared.returncode:
        sys.exit(prepared.returncode)
    programs = Programs(programs_of(settings, environ), say)
    programs.listen()
    try:
        _start(programs, settings)
        programs.watch()
    finally:
        say("\nStopping (Ctrl-C again: at once)")
        programs.stop()
    say("Everything has stopped.")


def say(text: str) -> None:
    """Print a line, unless the terminal is gone: that must not keep us from stopping the others."""
    with suppress(OSError):
        click.echo(text)


def check_ports(settings: Settings) -> None:
    """Raise click.ClickException, naming port and setting, if a port that is needed is taken."""
    needed = [("the web", settings.host, settings.port, "S2F_PORT")]
    if settings.prefect_api_url is None:
        needed.append(("the Prefect server", "127.0.0.1", settings.prefect_port, "S2F_PREFECT_PORT"))
    for what, host, port, name in needed:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError as error:
                raise click.ClickException(
                    f"Port {port} on {host}, which {what} needs, can't be used: {error.strerror}. Stop what "
                    f"has it, or choose another with {name}, for example {name}={port + 1}."
                ) from error


def programs_of(settings: Settings, environ: Mapping[str, str]) -> list[Program]:
    """Return the programs of an installation, none of them started: web, Prefect server, worker."""
    logs = settings.home / "logs"
    conf = str(ROOT / "web" / "gunicorn_conf.py")
    web = ["-m", "gunicorn", "--no-control-socket", "--config", conf, "web.wsgi:app"]
    worker = ["-m", "cli.main", "worker"]
    programs = [
        Program("web", [sys.executable, *web], environ, logs / "web.log"),
        Program("worker", [sys.executable, *worker], environ, logs / "worker.log"),
    ]
    if settings.prefect_api_url is None:
        server_environ = server_environment(settings, environ)
        # The last to stop: the worker tells it how its shifts ended. Its own troubles (two writers of its
        # SQLite meet, and it tries again) fill a screen and mend themselves: they stay in its log.
        command, log = server_command(settings), logs / "prefect.log"
        server = Program("prefect", command, server_environ, log, stopped=1, repeated=False)
        programs.insert(1, server)
    return programs


def _start(programs: Programs, settings: Settings) -> None:
    """Start the web, when it answers the Prefect server, and when that answers the worker.

    Nobody needs to wait: each works while the others are away. But two processors for three programs
    that start at once would make the first page late.
    """
    web, *others = programs.programs
    web.start()
    host = _reachable(settings.host)
    _wait(programs, WEB_WITHIN, partial(answers, host, settings.port, "/health"))
    if not programs.stopping:
        _say_what_runs(settings)
    for program in others:
        if programs.stopping:
            return
        program.start()
        if program.name == "prefect":
            port = settings.prefect_port
            _wait(programs, PREFECT_WITHIN, partial(answers, "127.0.0.1", port, "/api/health"))


def _wait(programs: Programs, within: float, until: Callable[[], bool]) -> None:
    end = time.monotonic() + within
    while not (programs.stopping or time.monotonic() > end or until()):
        programs.look_after_all()
        programs.pause(0.2)


def answers(host: str, port: int, path: str) -> bool:
    """Whether what listens there answers 200."""
    connection = http.client.HTTPConnection(host, port, timeout=2)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _reachable(host: str) -> str:
    """Return an address at which this machine reaches what listens on `host`."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)


def _say_what_runs(settings: Settings) -> None:
    web = f"http://{_reachable(settings.host)}:{settings.port}"
    prefect = settings.prefect_api_url or f"http://127.0.0.1:{settings.prefect_port} (takes a while to start)"
    lines = [
        "",
        f"  Apply for a service   {web}/",
        f"  Staff                 {web}/staff",
        f"  Shifts, in Prefect    {prefect}",
        f"  Data and logs         {settings.home}",
        "",
    ]
    if settings.mode is Mode.DEMO:
        lines += ["  Accounts of the demonstration (username, password):", ""]
        lines += [
            f"    {account.username:<8}{demo_password(account.username):<22}{account.role}"
            f"{f' in {account.office}' if account.office else ''}"
            for account in accounts()
        ]
        lines.append("")
    lines.append("  Ctrl-C stops everything.")
    say("\n".join(lines))
