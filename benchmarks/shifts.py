"""One shift without Prefect: a lease and a loop of batches in this thread, as a worker's shift does them."""

from __future__ import annotations

import time
from datetime import UTC, datetime

from cases.db import Database
from flows.engine import leases
from flows.engine.leases import LeaseHandle
from flows.engine.replay_check import activate
from flows.engine.runtime import load_runtimes
from flows.engine.service_queue import ServiceQueue

SERVICE = "birth-registration"


class OneShift:
    """The queue of birth registrations and a live lease on its slot 0."""

    def __init__(self, db: Database) -> None:
        runtime = load_runtimes()[SERVICE]
        activate(db, runtime, now=datetime.now(UTC))
        self._queue = ServiceQueue(db, runtime)
        self._lease = _take(db)

    def work_all(self) -> tuple[int, float, float]:
        """Work until nothing is ready; return (advances, wall seconds, CPU seconds of this process)."""
        done, began, cpu = 0, time.perf_counter(), time.process_time()
        while (batch := self._queue.work_once(self._lease)).more:
            done += batch.done
            if batch.incidents:
                raise RuntimeError(f"a case of the benchmark raised: {batch.incidents[0]}")
        return done, time.perf_counter() - began, time.process_time() - cpu

    def end(self) -> None:
        """Give the lease back."""
        self._lease.release()


def _take(db: Database) -> LeaseHandle:
    request = leases.request(db, SERVICE, 0, "benchmark#0")
    lease = leases.take(db, request, holder="benchmark#0", flow_run_id=None) if request else None
    if lease is None:
        raise RuntimeError("another shift has the service's first slot")
    return lease
