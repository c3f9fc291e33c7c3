"""A team of clients that carry out the same work at once, as processes of their own or as threads of one.

Clients are started once and used for many measurements. Each measurement hands out its items first, and
starts all clients together when every one of them has its share.
"""

from __future__ import annotations

import multiprocessing
import resource
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

from cases.db import Database

Job = Callable[[Database, Any], object]
"""What a client does with one item. A function of a module, so that another process can find it."""


@dataclass(frozen=True, slots=True)
class Timing:
    """One measurement: items done, wall seconds, CPU seconds of the clients, seconds of each item."""

    items: int
    seconds: float
    cpu_seconds: float
    each: Sequence[float]

    @property
    def rate(self) -> float:
        """Items a second."""
        return self.items / self.seconds


class Team:
    """`processes` times `threads` clients of the database at `url`."""

    def __init__(self, url: str, *, processes: int, threads: int = 1) -> None:
        context = multiprocessing.get_context("spawn")
        self.clients = processes * threads
        self._ends: list[Connection] = []
        self._processes: list[Any] = []
        for _ in range(processes):
            ours, theirs = context.Pipe()
            process = context.Process(target=_serve, args=(theirs, url, threads), daemon=True)
            process.start()
            theirs.close()
            self._ends.append(ours)
            self._processes.append(process)

    def run(self, job: Job, items: Sequence[Any]) -> Timing:
        """Have `items` done by all clients together. Raises RuntimeError if one fails."""
        count = len(self._ends)
        for number, end in enumerate(self._ends):
            end.send((job, list(items[number::count])))
        self._hear()
        began = time.perf_counter()
        for end in self._ends:
            end.send("go")
        answers = self._hear()
        seconds = time.perf_counter() - began
        each = [one for answer in answers for one in answer[1]]
        return Timing(len(items), seconds, sum(answer[0] for answer in answers), each)

    def pids(self) -> list[int]:
        """The process ids of the clients."""
        return [process.pid for process in self._processes]

    def _hear(self) -> list[Any]:
        answers = [end.recv() for end in self._ends]
        for answer in answers:
            if isinstance(answer, str) and answer != "ready":
                raise RuntimeError(f"a client failed: {answer}")
        return answers

    def close(self) -> None:
        """End the clients."""
        for end, process in zip(self._ends, self._processes, strict=True):
            end.close()
            process.join(timeout=10)

    def __enter__(self) -> Team:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _serve(end: Connection, url: str, threads: int) -> None:
    db = Database.connect(url, pool_size=threads)
    try:
        while True:
            job, items = end.recv()
            end.send("ready")
            end.recv()
            try:
                end.send(_measure(db, job, items, threads))
            except Exception as error:
                end.send(f"{type(error).__name__}: {error}")
    except (EOFError, KeyboardInterrupt):
        db.dispose()


def _measure(db: Database, job: Job, items: Sequence[Any], threads: int) -> tuple[float, list[float]]:
    each: list[float] = []
    failures: list[BaseException] = []

    def work(mine: Sequence[Any]) -> None:
        try:
            for item in mine:
                began = time.perf_counter()
                job(db, item)
                each.append(time.perf_counter() - began)
        except BaseException as failure:
            failures.append(failure)

    before = _cpu()
    if threads == 1:
        work(items)
    else:
        team = [threading.Thread(target=work, args=(items[n::threads],)) for n in range(threads)]
        for thread in team:
            thread.start()
        for thread in team:
            thread.join()
    if failures:
        raise failures[0]
    return _cpu() - before, each


def _cpu() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime
