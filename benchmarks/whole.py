"""Whole cases with everything running: submitted, advanced, decided, advanced to their end."""

from __future__ import annotations

import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from benchmarks import jobs
from benchmarks.clients import Team
from benchmarks.in_process import percentiles
from benchmarks.latency import latencies
from benchmarks.officers import Sent, decide_over_http
from benchmarks.processes import Processor, memory, postmaster
from benchmarks.running import Running, add_registrar, end_shift, running, wait_until
from cases.actions import Application
from cases.db import Database, among
from cases.models import Case, JournalEntry, Letter
from cases.vocabulary import CaseStatus, LetterStatus, StepKind, StepStatus

TOGETHER = 25  # cases that one client has in hand
LOOK_AGAIN_SECONDS = 0.02
_MINE = select(JournalEntry.id, JournalEntry.case_id, JournalEntry.kind, JournalEntry.digest).where(
    among(JournalEntry.case_id), JournalEntry.status == StepStatus.OPEN
)


def measure(url: str, team: Team, *, cases: int, warm: int, cold: int, http: int) -> dict[str, Any]:
    """Start `s2f run` on the database and measure; return the figures.

    cases: how many whole ones. warm, cold: how many latencies. http: how many decisions over HTTP.
    """
    with tempfile.TemporaryDirectory(prefix="s2f-bench-home-") as home, running(url, Path(home)) as here:
        db = Database.connect(url)
        try:
            add_registrar(db)
            return _measured(db, here, team, cases=cases, warm=warm, cold=cold, http=http)
        finally:
            db.dispose()


def _measured(
    db: Database, here: Running, team: Team, *, cases: int, warm: int, cold: int, http: int
) -> dict[str, Any]:
    tasks = reviews(db, warm + cold + http + 2 * team.clients)
    at_rest = memory(here.pid)

    def of(count: int) -> Sequence[Any]:
        return [tasks.pop() for _ in range(count)]

    figures: dict[str, Any] = {"first_page_seconds": round(here.first_page_seconds, 1)}
    figures["latency_warm_ms"] = percentiles(latencies(db, of(warm), lambda: time.sleep(0.05)))
    figures["latency_cold_ms"] = percentiles(latencies(db, of(cold), lambda: end_shift(db, here)))
    figures["decisions_over_http"] = _over_http(here, team, of(2 * team.clients), of(http))
    figures["whole_cases"] = _whole_cases(db, here, team, cases)
    figures["letters"] = _letters(db, here)
    figures["memory"] = {"at_rest": at_rest, "after_load": memory(here.pid)}
    return figures


def reviews(db: Database, count: int) -> list[Any]:
    """Submit cases and wait until the worker has advanced them to the registrar's review."""
    for application in jobs.applications(count, _next_number(db)):
        jobs.submit_by_verb(db, application)
    wait_until(lambda: len(jobs.open_tasks(db)) >= count, 120, "the worker doesn't advance cases")
    time.sleep(2)  # the messages and letters of earlier work are done; the shift lingers
    return list(jobs.open_tasks(db))


def _next_number(db: Database) -> int:
    with db.read() as connection:
        return 1_000_000 + (connection.execute(select(func.max(Case.id))).scalar() or 0)


def _over_http(here: Running, team: Team, first: Sequence[Any], tasks: Sequence[Any]) -> dict[str, Any]:
    def sent(those: Sequence[Any]) -> list[Sent]:
        return [Sent(here.web, task.step_id, jobs.REGISTER, task.digest) for task in those]

    team.run(decide_over_http, sent(first))  # every client signs in
    processor = Processor({"run": [here.pid]})
    timing = team.run(decide_over_http, sent(tasks))
    used = processor.used()
    return {
        "per_second": round(timing.rate, 1),
        "ms": percentiles(timing.each),
        "web_cpu_ms_each": round(used.get("web", 0.0) / timing.items * 1000, 2),
    }


def _whole_cases(db: Database, here: Running, team: Team, cases: int) -> dict[str, Any]:
    _through(db, team, 4 * team.clients, together=4)  # every client has made its statements
    processor = Processor({"run": [here.pid], "clients": team.pids(), "postgresql": postmaster()})
    seconds = _through(db, team, cases, together=min(TOGETHER, -(-cases // team.clients)))
    used = Counter(processor.used())
    letters = used.pop("letters", 0.0)
    return {
        "cases": cases,
        "per_second": round(cases / seconds, 1),
        "cpu_ms_a_case": round(used.total() / cases * 1000, 2),
        "cpu_ms_a_case_by_process": {kind: round(spent / cases * 1000, 2) for kind, spent in used.items()},
        "cpu_seconds_of_letters_meanwhile": round(letters, 2),
    }


def _through(db: Database, team: Team, cases: int, *, together: int) -> float:
    """Have so many cases submitted, decided, received and closed; return the seconds it took."""
    first, closed = _next_number(db), Case.status == CaseStatus.CLOSED
    chunks = [
        jobs.applications(min(together, cases - start), first + start) for start in range(0, cases, together)
    ]
    before, began = _count(db, closed), time.perf_counter()
    team.run(start_to_finish, chunks)
    wait_until(lambda: _count(db, closed) >= before + cases, 60, "cases stay open", pause=0.02)
    return time.perf_counter() - began


def start_to_finish(db: Database, applications: Sequence[Application]) -> None:
    """Submit some cases, register each as soon as its review is there, and confirm the receipt of each
    certificate as soon as that is asked. One client's part."""
    ids = [jobs.submit_by_verb(db, application).case_id for application in applications]
    left = 2 * len(ids)
    while left:
        with db.read() as connection:
            waits = connection.execute(_MINE, {"ids": ids}).all()
        for wait in waits:
            if wait.kind == StepKind.CONFIRMATION:
                jobs.confirm_by_verb(db, wait.id, wait.case_id)
            else:
                jobs.decide_by_verb(db, jobs.Decision(wait.id, jobs.REGISTER, wait.digest))
        left -= len(waits)
        if not waits:
            time.sleep(LOOK_AGAIN_SECONDS)


def _letters(db: Database, here: Running) -> dict[str, Any]:
    """Watch the letters being made for a while, when nothing else is to do."""
    issued = Letter.status == LetterStatus.ISSUED
    processor, before, began = Processor({"run": [here.pid]}), _count(db, issued), time.perf_counter()
    time.sleep(5)
    done, seconds = _count(db, issued) - before, time.perf_counter() - began
    used = processor.used().get("letters", 0.0)
    return {
        "waiting": _count(db, Letter.status.in_((LetterStatus.PENDING, LetterStatus.RENDERING))),
        "per_second": round(done / seconds, 1),
        "cpu_ms_each": round(used / done * 1000, 1) if done else None,
    }


def _count(db: Database, which: Any) -> int:
    with db.read() as connection:
        counted: int = connection.execute(select(func.count()).where(which)).scalar_one()
        return counted
