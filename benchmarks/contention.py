"""Whether SQLite serves all at once: `python -m benchmarks.contention --json`.

For some seconds eight clients submit and decide (half of them threads of one process, as in the web, half
processes of their own), an import writes in bulk, and a shift advances what they leave. "database is
locked" may not happen at all, and nobody may wait long.
"""

from __future__ import annotations

import json
import multiprocessing
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import Any

import click
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError

from benchmarks import jobs
from benchmarks.databases import own_database
from benchmarks.in_process import percentiles
from benchmarks.shifts import OneShift
from cases.actions import submit
from cases.audit import BrokenChain, verify
from cases.db import Database
from cases.errors import Conflict
from cases.inbox import open_tasks
from cases.models import Case
from cases.permissions import SYSTEM
from cases.vocabulary import CaseStatus

IMPORT_BATCH = 50  # as `s2f import` on SQLite
PATIENCE = 120.0
_gate: Any = None  # where the processes wait for each other before they begin


@dataclass
class Tally:
    """What one client did: seconds of each kind of write, and errors by their words."""

    seconds: dict[str, list[float]] = field(default_factory=dict)
    errors: Counter[str] = field(default_factory=Counter)

    def time(self, what: str, act: Callable[[], object]) -> None:
        """Do something and note how long it took, or why it failed. A lost race isn't a failure."""
        began = time.perf_counter()
        try:
            act()
        except Conflict:
            return
        except OperationalError as error:
            self.errors[str(error.orig)] += 1
        self.seconds.setdefault(what, []).append(time.perf_counter() - began)

    def add(self, other: Tally) -> None:
        """Add what another client did."""
        self.errors.update(other.errors)
        for what, seconds in other.seconds.items():
            self.seconds.setdefault(what, []).extend(seconds)


@click.command()
@click.option("--database", default="sqlite://", show_default=True, help="A PostgreSQL server serves too.")
@click.option("--seconds", default=20.0, show_default=True, type=click.FloatRange(1, 120))
@click.option("--clients", default=8, show_default=True, type=click.IntRange(2, 32))
@click.option("--json", "as_json", is_flag=True, help="On one line.")
def main(database: str, seconds: float, clients: int, as_json: bool) -> None:
    """Have clients, an import and a shift write at once; print JSON. Ends with 1 if a lock was refused."""
    with own_database(database) as url:
        tally = _all_at_once(url, seconds, clients)
        figures = _figures(url, tally, seconds, clients)
    click.echo(json.dumps(figures, indent=None if as_json else 2))
    raise SystemExit(bool(figures["database_is_locked"] or figures["broken_chains"]))


def _all_at_once(url: str, seconds: float, clients: int) -> Tally:
    threads = clients // 2
    parts: list[tuple[Callable[..., Tally], int]] = [(_import, 1), (_shift, 1), (_web, threads)]
    parts += [(_web, 1)] * (clients - threads)
    context = multiprocessing.get_context("spawn")
    gate = context.Barrier(len(parts))
    with ProcessPoolExecutor(len(parts), context, initializer=_remember, initargs=(gate,)) as pool:
        running = [pool.submit(part, url, number, seconds, size) for number, (part, size) in enumerate(parts)]
        whole = Tally()
        for one in running:
            whole.add(one.result())
    return whole


def _remember(gate: Any) -> None:
    global _gate
    _gate = gate


def _web(url: str, number: int, seconds: float, threads: int) -> Tally:
    """Clients of the web in one process: each submits, then decides what the inbox shows."""
    db, tallies = Database.connect(url, pool_size=threads), [Tally() for _ in range(threads)]
    clients = [
        threading.Thread(target=_client, args=(db, tally, number * 100 + index, seconds))
        for index, tally in enumerate(tallies)
    ]
    _gate.wait(PATIENCE)
    for client in clients:
        client.start()
    for client in clients:
        client.join()
    db.dispose()
    for tally in tallies[1:]:
        tallies[0].add(tally)
    return tallies[0]


def _client(db: Database, tally: Tally, number: int, seconds: float) -> None:
    for turn in _turns(seconds):
        application = jobs.applications(1, 1_000_000 * (number + 1) + turn)[0]
        tally.time("submit", partial(jobs.submit_by_verb, db, application))
        with db.read() as connection:
            page = open_tasks(connection, jobs.REGISTRAR)
        for item in page.items[number % 8 :: 8][:2]:
            decision = jobs.Decision(item.step_id, jobs.REGISTER, None)
            tally.time("decide", partial(jobs.decide_by_verb, db, decision))


def _import(url: str, number: int, seconds: float, _threads: int) -> Tally:
    """An import: many submissions in one transaction, and on to the next."""
    db, tally = Database.connect(url), Tally()

    def one_batch(turn: int) -> None:
        batch = jobs.applications(IMPORT_BATCH, 500_000 + turn * IMPORT_BATCH)
        with db.write() as connection:
            for application in batch:
                submit(connection, application, actor=SYSTEM, now=datetime.now(UTC))

    _gate.wait(PATIENCE)
    for turn in _turns(seconds):
        tally.time("import_batch", partial(one_batch, turn))
    db.dispose()
    return tally


def _shift(url: str, _number: int, seconds: float, _threads: int) -> Tally:
    db, tally = Database.connect(url), Tally()
    shift = OneShift(db)
    _gate.wait(PATIENCE)
    for _ in _turns(seconds):
        tally.time("shift_until_nothing_is_ready", shift.work_all)
        time.sleep(0.01)
    shift.work_all()
    db.dispose()
    return tally


def _turns(seconds: float) -> Iterator[int]:
    """Yield 0, 1, 2 ... for so many seconds."""
    turn, end = 0, time.monotonic() + seconds
    while time.monotonic() < end:
        yield turn
        turn += 1


def _figures(url: str, tally: Tally, seconds: float, clients: int) -> dict[str, Any]:
    db = Database.connect(url)
    with db.read() as connection:
        cases = connection.execute(select(func.count(Case.id))).scalar_one()
        closed = connection.execute(
            select(func.count(Case.id)).where(Case.status == CaseStatus.CLOSED)
        ).scalar_one()
        broken = sum(isinstance(found, BrokenChain) for found in verify(connection))
    db.dispose()
    web = [*tally.seconds.get("submit", []), *tally.seconds.get("decide", [])]
    return {
        "database": url.partition(":")[0],
        "clients": clients,
        "seconds": seconds,
        "database_is_locked": sum(count for words, count in tally.errors.items() if "locked" in words),
        "errors": dict(tally.errors),
        "web_writes": len(web),
        "web_writes_per_second": round(len(web) / seconds, 1),
        "web_write_ms": percentiles(web),
        "ms": {what: percentiles(times) for what, times in sorted(tally.seconds.items())},
        "cases": cases,
        "closed": closed,
        "broken_chains": broken,
    }


if __name__ == "__main__":
    main()
