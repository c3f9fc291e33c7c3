"""Random kills of the real thing: cases are worked while the worker and the web are killed.

    python -m tests.chaos.kills --database URL --cases 500 --kills 50 --json

People at counters submit, decide and answer through the verbs, families and an officer over HTTP; all try
again what failed. The worker or the web gets SIGKILL at random moments, spread over the work, and is started
again at once. When everything has come to rest, the independent checker counts. Prints what it found.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import socket
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import httpx
import psycopg
from sqlalchemy import make_url

from cases.db import Database
from cases.people import add_staff
from cli.programs import Program
from cli.run import programs_of
from config.settings import Settings
from migrations.run import upgrade
from tests.chaos import ledger
from tests.chaos.browsers import Street
from tests.chaos.scene import Running, Scene, until

PLANS = ("register", "refuse", "ask+answer+register", "register", "ask+answer+ask+answer+refuse")
TILLS = 3
EVENTS_A_CASE = 8  # about; the kills are spread over as much work
SOONEST, LATEST = 0.3, 15.0  # seconds between kills
SETTLE = 240.0


@dataclass
class Outcome:
    """What happened. kills_at_work: before how many of the kills something had happened since the last.
    faults: what the checker found, as sentences."""

    database: str
    cases: int = 0
    kills: dict[str, int] = field(default_factory=dict)
    kills_at_work: int = 0
    acknowledged: dict[str, int] = field(default_factory=dict)
    seconds: float = 0.0
    faults: list[str] = field(default_factory=list)


@contextmanager
def own_database(url: str, home: Path) -> Iterator[str]:
    """Yield the URL of an empty, migrated database of this run's own, gone afterwards."""
    if make_url(url).get_backend_name() == "sqlite":
        own = f"sqlite:///{home / 's2f.db'}"
        _prepare(own)
        yield own
        return
    name = f"s2f_kills_{os.getpid()}"
    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain, autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name}")
    try:
        own = make_url(url).set(drivername="postgresql+psycopg", database=name)
        _prepare(own.render_as_string(hide_password=False))
        yield own.render_as_string(hide_password=False)
    finally:
        with psycopg.connect(plain, autocommit=True) as admin:
            admin.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def _prepare(url: str) -> None:
    db, now = Database.connect(url), datetime.now(UTC)
    upgrade(db)
    with db.write() as connection:
        registrar = {"name": "Mere Tukana", "role": "registrar", "office": "suva"}
        add_staff(connection, username="bench", password="a registrar at a browser", now=now, **registrar)
    db.dispose()


@contextmanager
def running(url: str, home: Path) -> Iterator[tuple[dict[str, Program], str]]:
    """Start what `s2f run` starts, on the database; yield the programs and the web's address.

    Not under `s2f run` itself, which starts again what died only after a pause that grows.
    """
    web, prefect = _free_port(), _free_port()
    environ = os.environ | {
        "S2F_HOME": str(home),
        "S2F_DATABASE_URL": url,
        "S2F_PORT": str(web),
        "S2F_PREFECT_PORT": str(prefect),
        "S2F_MODE": "live",
        "PREFECT_API_URL": "",
    }
    programs = {program.name: program for program in programs_of(Settings.from_env(environ), environ)}
    address = f"http://127.0.0.1:{web}"
    try:
        for program in programs.values():
            program.start()
        until(lambda: _answers(address), lambda: programs["web"].log.read_text(), 120)
        yield programs, address
    finally:
        for program in programs.values():
            program.kill()


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _answers(address: str) -> bool:
    try:
        return httpx.get(f"{address}/health").status_code == httpx.codes.OK
    except httpx.TransportError:
        return False


class Killer:
    """Kills the worker or the web, with all they started, and starts it again at once."""

    def __init__(self, programs: Mapping[str, Program], chance: random.Random) -> None:
        self._programs, self._chance = programs, chance
        self.kills = {"worker": 0, "web": 0}

    def strike(self) -> None:
        """Kill one of the two, whichever chance says."""
        what = self._chance.choice(sorted(self.kills))
        program = self._programs[what]
        program.kill()
        assert program.process is not None, f"{what} was started"
        program.process.wait()
        self.kills[what] += 1
        program.start()


def run(database: str, *, cases: int, kills: int, seed: int) -> Outcome:
    """Run it all and return what happened. Raises AssertionError when it doesn't come to rest in time."""
    began, chance = time.monotonic(), random.Random(seed)
    with tempfile.TemporaryDirectory(prefix="s2f-kills-") as folder:
        home = Path(folder)
        with own_database(database, home) as url:
            outcome = Outcome(make_url(url).get_backend_name(), cases)
            scene = Scene(url, home)
            try:
                with running(url, home) as (programs, address):
                    _work(scene, address, Killer(programs, chance), outcome, kills, chance)
                    scene.settle(SETTLE)
            finally:
                scene.close()
            outcome.faults += scene.faults()
            lines = ledger.read(home)
    for line in (line for line in lines if line.sure):
        outcome.acknowledged[line.what] = outcome.acknowledged.get(line.what, 0) + 1
    outcome.seconds = round(time.monotonic() - began, 1)
    return outcome


def _work(
    scene: Scene, address: str, killer: Killer, outcome: Outcome, kills: int, chance: random.Random
) -> None:
    families = outcome.cases // 10
    plans = [chance.choice(PLANS) for _ in range(outcome.cases - families)]
    tills: list[Running] = [
        scene.counter(*plans[number::TILLS], name=f"till-{number}") for number in range(TILLS)
    ]
    with Street(scene.url, scene.home, address, families) as street:
        most = 2 * outcome.cases * EVENTS_A_CASE // max(kills, 1)
        for _ in range(kills):
            outcome.kills_at_work += _until_worked(scene, chance.randrange(1, most), chance)
            killer.strike()
        until(street.is_done, lambda: f"{street.decided} of {families} families; {scene.logs()}", SETTLE)
        outcome.faults += street.failures
    for till in tills:
        till.end(SETTLE)
    outcome.kills = killer.kills


def _until_worked(scene: Scene, events: int, chance: random.Random) -> bool:
    """Return after so many events, or when it takes too long; whether anything happened meanwhile."""
    before, began = _count_events(scene), time.monotonic()
    latest = began + chance.uniform(SOONEST, LATEST)
    while (after := _count_events(scene)) < before + events and time.monotonic() < latest:
        time.sleep(0.1)
    return after > before


def _count_events(scene: Scene) -> int:
    count: int = scene.sql("SELECT count(*) AS n FROM events")[0]["n"]
    return count


def main(arguments: Sequence[str] | None = None) -> None:
    """Run from the command line; the status is 0 only without faults."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos.kills")
    parser.add_argument("--database", required=True, help="sqlite, or the URL of a PostgreSQL server")
    parser.add_argument("--cases", type=int, default=500)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args(arguments)
    database = "sqlite://" if given.database == "sqlite" else given.database
    outcome = run(database, cases=given.cases, kills=given.kills, seed=given.seed)
    print(json.dumps(asdict(outcome), indent=None if given.json else 2))
    sys.exit(1 if outcome.faults else 0)


if __name__ == "__main__":
    main()
