"""A worker process without Prefect: real leases, relay, shifts and queues, and threads in Prefect's place.

    python -m tests.chaos.office DATABASE_URL HOME [--name NAME] [--letters plain|real] [--queues NAME,...]

It is told to stop by SIGTERM, as the real worker is, and ends with status 0 then.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import signal
import threading
import time
from collections.abc import Callable, Generator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from cases.db import Database
from cases.files import FileStore
from cases.vocabulary import LetterVariant
from config.calendar_file import load_calendar
from flows.engine import leases
from flows.engine.leases import Request
from flows.engine.queues import Queue
from flows.engine.relay import Relay
from flows.engine.replay_check import activate
from flows.engine.runtime import load_runtimes
from flows.engine.service_queue import ServiceQueue
from flows.engine.shift import Bells, Shift, Standing
from flows.platform.deadlines import climb_ladders, sweep_deadlines
from flows.platform.gateways import Mailbox
from flows.platform.letter_file import LetterFile
from flows.platform.letter_pool import LetterJob, LetterPool, Made, NotMade
from flows.platform.letters import LetterQueue
from flows.platform.messages import MessageQueue

RELAY = "relay"
RUNTIMES = load_runtimes()
STANDARDS = next(iter(RUNTIMES.values())).standards
"""Read once, by the server that offices are forked from: each of hundreds would take half a second for it."""
LINGER = 1.0
PUBLIC_URL = "http://127.0.0.1:8080"
HOLD_FOR = timedelta(seconds=1.5)
"""How long after a death letters and messages in hand are taken up again: short, so that tests are quick."""


class FakePrefect:
    """The relay's orchestrator: starts each shift in a thread, once, and can be switched off."""

    def __init__(self, shift: Callable[[Request, str], object]) -> None:
        self.shift = shift
        self.off = False
        self.paused: frozenset[str] = frozenset()
        self.runs: dict[str, threading.Thread] = {}
        self.said_crashed: list[str] = []

    def start(self, request: Request) -> None:
        """Create the run of a requested shift, unless it exists."""
        self._require_on()
        key = f"{request.queue}:{request.slot}:{request.epoch}"
        if key not in self.runs:
            self.runs[key] = threading.Thread(target=self.shift, args=(request, key), name=key, daemon=True)
            self.runs[key].start()

    def crashed(self, run_id: str) -> None:
        """Remember that this run was said to have crashed."""
        self._require_on()
        self.said_crashed.append(run_id)

    def look(self) -> tuple[frozenset[str], frozenset[str]]:
        """Return the paused queues; nothing is ever cancelled here."""
        self._require_on()
        return self.paused, frozenset()

    def _require_on(self) -> None:
        if self.off:
            raise ConnectionError("the server was switched off")


class PlainLetters(LetterPool):
    """Makes letters in no time, for tests that aren't about letters. Each has bytes of its own."""

    def make(
        self, jobs: Sequence[LetterJob], *, tick: Callable[[], None] = lambda: None
    ) -> Generator[tuple[int, Made | NotMade], None, None]:
        """Yield each job's index and a letter that names its facts."""
        for index, job in enumerate(jobs):
            tick()
            named = hashlib.sha256(repr((job.template, job.facts, job.verify_url)).encode())
            yield index, Made({LetterVariant.PDF: LetterFile(f"%PDF {named.hexdigest()}".encode(), 1)})


class Office:
    """One worker: what the real one is, with threads where that has Prefect's runs."""

    def __init__(self, db: Database, queues: Sequence[Queue], *, name: str) -> None:
        self.db = db
        self.holder = f"{name}#{os.getpid()}"
        self.standing = Standing(linger=LINGER)
        self.queues = {queue.name: queue for queue in queues}
        self.bells = Bells([RELAY, *self.queues])
        self.prefect = FakePrefect(self.work_shift)
        self.relay = Relay(db, queues, self.prefect, self.standing, holder=self.holder)

    def work_shift(self, request: Request, run_id: str) -> None:
        """Work a requested shift to its end."""
        lease = leases.take(self.db, request, holder=self.holder, flow_run_id=run_id)
        if lease is not None:
            queue = self.queues[request.queue]
            Shift(self.db, queue, lease, self.standing, self.bells.of[queue.name], run_id).run()

    def run(self, *, sweep: bool = True) -> None:
        """Work until `stop` is called."""
        threads = [threading.Thread(target=self._listen, name="listen")]
        if sweep:
            threads.append(threading.Thread(target=self._sweep, name="sweep"))
        for thread in threads:
            thread.start()
        self.relay.run(self.bells.of[RELAY])
        for thread in (*threads, *self.prefect.runs.values()):
            thread.join(timeout=30)

    def stop(self) -> None:
        """Let every thread end when it has done what it has in hand."""
        self.standing.stopping.set()
        self.bells.ring()

    def _listen(self) -> None:
        for queue in self.db.listen(self.standing.stopping):
            self.bells.ring(queue)
            self.bells.of[RELAY].set()

    def _sweep(self) -> None:
        while not self.standing.stopping.is_set():
            try:
                sweep_deadlines(self.db, now=datetime.now(UTC))
                climb_ladders(self.db, STANDARDS, now=datetime.now(UTC))
            except DBAPIError:
                time.sleep(0.1)
            self.standing.stopping.wait(0.5)


def office_of(
    db: Database,
    home: Path,
    *,
    name: str = "office",
    letters: LetterPool | None = None,
    only: str = "",
) -> Office:
    """Return an office with all queues (or `only` those named, with commas between them), whose code may
    claim cases: what the worker command does."""
    leases.expire_leases_of_dead(db, name)
    for runtime in RUNTIMES.values():
        activate(db, runtime, now=datetime.now(UTC))
    papers = LetterQueue(
        db,
        FileStore(home),
        letters or PlainLetters(),
        public_url=PUBLIC_URL,
        zone=load_calendar().zone,
        hold_for=HOLD_FOR,
    )
    mail = MessageQueue(db, Mailbox(db), f"{PUBLIC_URL}/track", hold_for=HOLD_FOR)
    services = [ServiceQueue(db, runtime) for runtime in RUNTIMES.values()]
    queues = [*services, papers, mail]
    return Office(db, [queue for queue in queues if not only or queue.name in only.split(",")], name=name)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run an office until SIGTERM."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos.office")
    parser.add_argument("database_url")
    parser.add_argument("home", type=Path)
    parser.add_argument("--name", default="office")
    parser.add_argument("--letters", choices=["plain", "real"], default="real")
    parser.add_argument("--queues", help="work only these (with commas), and don't sweep")
    given = parser.parse_args(arguments)
    db = Database.connect(given.database_url)
    letters = LetterPool() if given.letters == "real" else PlainLetters()
    office = office_of(db, given.home, name=given.name, letters=letters, only=given.queues)
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})  # for all threads: this one waits for it
    work = threading.Thread(target=office.run, kwargs={"sweep": not given.queues}, name="office")
    work.start()
    signal.sigwait({signal.SIGTERM})
    office.stop()
    work.join()
    letters.close()
    db.dispose()


if __name__ == "__main__":
    main()
