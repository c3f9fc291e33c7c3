"""How long the next step takes after a decision while letters are made, and while none is."""

from __future__ import annotations

import itertools
import tempfile
import time
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from benchmarks import jobs
from benchmarks.databases import own_database
from benchmarks.in_process import percentiles
from benchmarks.latency import latencies
from benchmarks.running import running, wait_until
from benchmarks.whole import reviews
from cases.db import Database
from cases.models import Letter
from cases.vocabulary import LetterStatus

PAUSE_SECONDS = 0.05  # as in caseload
PATIENCE_SECONDS = 120.0
WARM_UP = 5  # decisions: the shift lives, and a letter process has started
_ISSUED = Letter.status == LetterStatus.ISSUED


def measure(server: str, *, letters: int, decisions: int) -> dict[str, Any]:
    """Start `s2f run` on a database of its own and measure `decisions` with and without letters being made.

    letters: how many are asked for at once. Idle means that no letter waits or is in hand, not even that of
    the decision before.
    """
    with (
        own_database(server) as url,
        tempfile.TemporaryDirectory(prefix="s2f-bench-home-") as home,
        running(url, Path(home)),
    ):
        db = Database.connect(url)
        try:
            return _measured(db, letters, decisions)
        finally:
            db.dispose()


def _measured(db: Database, letters: int, decisions: int) -> dict[str, Any]:
    tasks = reviews(db, WARM_UP + letters + 2 * decisions)
    first, idle, many, busy = (
        [tasks.pop() for _ in range(count)] for count in (WARM_UP, decisions, letters, decisions)
    )
    decided = itertools.count()  # each decision has a letter made
    latencies(db, first, lambda: _letters_made(db, next(decided)))
    idle_ms = percentiles(latencies(db, idle, lambda: _letters_made(db, next(decided))))
    asked = next(decided) + letters
    for task in many:
        jobs.decide_by_verb(db, jobs.Decision(task.step_id, jobs.REGISTER, task.digest))
    wait_until(lambda: _count(db) >= asked, PATIENCE_SECONDS, "letters aren't asked for")
    before, began = _count(db, _ISSUED), time.perf_counter()
    busy_ms = percentiles(latencies(db, busy, lambda: time.sleep(PAUSE_SECONDS)))
    seconds, made = time.perf_counter() - began, _count(db, _ISSUED)
    return {
        "letters_waiting_at_first": asked - before,
        "letters_waiting_at_last": asked + decisions - made,
        "letters_made_meanwhile_per_second": round((made - before) / seconds, 1),
        "decisions_of_each_kind": decisions,
        "idle_ms": idle_ms,
        "beside_letters_ms": busy_ms,
        "ratio_of_p50": round(busy_ms["p50"] / idle_ms["p50"], 2),
        "ratio_of_p95": round(busy_ms["p95"] / idle_ms["p95"], 2),
    }


def _letters_made(db: Database, count: int) -> None:
    """Return when so many letters are issued, and a moment later."""
    wait_until(lambda: _count(db, _ISSUED) >= count, PATIENCE_SECONDS, "letters aren't made", PAUSE_SECONDS)
    time.sleep(PAUSE_SECONDS)


def _count(db: Database, *which: Any) -> int:
    with db.read() as connection:
        counted: int = connection.execute(select(func.count(Letter.id)).where(*which)).scalar_one()
        return counted
