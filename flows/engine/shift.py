"""One shift: work a queue batch by batch until nothing is left, time is up, or it is called off."""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from threading import Event

from cases.db import Database
from flows.engine.leases import DEATHS_ALONE, LIVE_FOR, LeaseHandle, LeaseLost
from flows.engine.queues import BatchReport, Queue

log = logging.getLogger("s2f.shift")
ERRORS_IN_A_ROW = 10


class End(StrEnum):
    """Why a shift ended, in words for Prefect's pages."""

    IDLE = "nothing left to do"
    TIME = "time was up"
    PAUSED = "paused"
    CANCELLED = "cancelled"
    STOPPING = "the worker stops"
    OLD_CODE = "its code is no longer the active version"
    LOST = "the lease was taken over"
    ERRORS = "too many errors in a row"


@dataclass(slots=True)
class Standing:
    """What the threads of a worker know in common: whether Prefect answers, which queues are paused in
    it, which runs an operator cancelled, and whether the worker was told to stop. A shift lasts `longest`
    seconds at most, and lingers for `linger` when there is nothing to do."""

    reachable: bool = False
    paused: frozenset[str] = frozenset()
    cancelled: frozenset[str] = frozenset()
    stopping: Event = field(default_factory=Event)
    linger: float = 25.0
    longest: float = 300.0


class Bells:
    """Wakes the sleepers of a queue. A ring that nobody hears is harmless: all look once a second."""

    def __init__(self, names: Iterable[str]) -> None:
        self.of = {name: Event() for name in names}

    def ring(self, name: str | None = None) -> None:
        """Wake whoever sleeps for this queue; None, or a queue that isn't known, wakes all."""
        for bell in [self.of[name]] if name in self.of else self.of.values():
            bell.set()


class Shift:
    """A queue, a live lease on it, and the report of what was done under it."""

    def __init__(
        self,
        db: Database,
        queue: Queue,
        lease: LeaseHandle,
        standing: Standing,
        bell: Event,
        run_id: str = "",
    ) -> None:
        self.db, self.queue, self.lease, self.standing = db, queue, lease, standing
        self.bell, self.run_id, self.report, self.errors = bell, run_id, BatchReport(), 0
        self.began = self.busy = self.kept = time.monotonic()

    def run(self) -> End:
        """Work until there is a reason to end, give the lease back, and return the reason.

        After any error a batch is read and replayed again. With too many in a row the lease is left to
        expire: what was in hand is then run alone, and what fails alone becomes an incident.
        """
        while self.errors < ERRORS_IN_A_ROW:
            try:
                if end := self._over():
                    self.lease.release()
                    return end
                self.bell.clear()
                self._work()
                self.errors = 0
            except LeaseLost:
                return End.LOST
            except Exception as error:
                self._rest_after(error)
        return End.ERRORS

    def _over(self) -> End | None:
        now, standing = time.monotonic(), self.standing
        if standing.stopping.is_set():
            return End.STOPPING
        if self.run_id in standing.cancelled:
            return End.CANCELLED
        if self.queue.name in standing.paused:
            return End.PAUSED
        # While Prefect can't be reached nobody could follow this shift, so it stays on.
        if standing.reachable and now - self.began > standing.longest:
            return End.TIME
        if standing.reachable and now - self.busy > standing.linger:
            return End.IDLE
        with self.db.read() as connection:
            return None if self.queue.is_active(connection) else End.OLD_CODE

    def _work(self) -> None:
        """Do one batch, or sleep until there may be one."""
        batch = self._work_suspect() if self.lease.suspects else self.queue.work_once(self.lease)
        self.report.add(batch)
        if batch.done:
            self.busy = self.kept = time.monotonic()
        elif time.monotonic() - self.kept > LIVE_FOR.total_seconds() / 3:
            self.lease.keep()
            self.kept = time.monotonic()
        if not batch.more:
            self.bell.wait(1.0)

    def _work_suspect(self) -> BatchReport:
        case_id = self.lease.suspects[0]
        if self.lease.deaths.get(str(case_id), 0) >= DEATHS_ALONE:
            self.lease.acquit(case_id, because=self.queue.give_up)
            batch = BatchReport(counts=Counter({"given up after two deaths": 1}))
        else:
            self.lease.hold([case_id])
            batch = self.queue.work_alone(self.lease, case_id)
            self.lease.acquit(case_id)
        batch.done, batch.more = 1, True
        return batch

    def _rest_after(self, error: Exception) -> None:
        self.errors += 1
        self.report.counts[f"error {type(error).__name__}"] += 1
        log.warning("%s: %s, error %d in a row", self.queue.name, type(error).__name__, self.errors)
        if self.errors < ERRORS_IN_A_ROW:
            self.standing.stopping.wait(min(5.0, 0.05 * 2**self.errors))
