"""The relay: sees which queues have work and no shift, and asks Prefect for one.

One runs in every worker. Two may act at once: a request is a compare-and-swap on the lease, and Prefect
is called with the idempotency key queue:slot:epoch, so asking twice makes one run.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol

from sqlalchemy import Connection

from cases.db import Database
from cases.failpoints import failpoint
from cases.vocabulary import LeaseState
from flows.engine import leases
from flows.engine.leases import REQUESTED_FOR, Request, has_expired
from flows.engine.queues import Queue
from flows.engine.shift import Standing

log = logging.getLogger("s2f.relay")
LOOK_BUSY, LOOK_IDLE, LOOK_LOST = 3.0, 10.0, 1.0  # seconds between looks at Prefect
ASK_AGAIN_AFTER = timedelta(seconds=2)
MOST_SLOTS = 4
BREATH = 0.2  # at most five rounds a second, however often the bell rings


class Orchestrator(Protocol):
    """What the relay wants of Prefect. Every call may raise anything."""

    def start(self, request: Request) -> None:
        """Create the run of a requested shift, unless it exists."""

    def crashed(self, run_id: str) -> None:
        """Mark a run as Crashed whose lease was taken over."""

    def look(self) -> tuple[frozenset[str], frozenset[str]]:
        """Return the paused queues and the ids of cancelled runs; register again what is missing."""


class Relay:
    """Rounds of looking and asking. `on_run` is called after a run was created."""

    def __init__(
        self,
        db: Database,
        queues: Sequence[Queue],
        orchestrator: Orchestrator,
        standing: Standing,
        *,
        holder: str,
    ) -> None:
        self.db, self.queues, self.orchestrator, self.standing = db, queues, orchestrator, standing
        self.holder, self.next_look, self.trouble = holder, 0.0, ""
        self.most_slots = MOST_SLOTS if db.is_postgresql else 1  # SQLite has one writer
        self.on_run: Callable[[], object] = lambda: None

    def run(self, bell: threading.Event) -> None:
        """Do a round each second, or when the bell rings, until the worker stops. Never raises."""
        errors = 0
        while not self.standing.stopping.is_set():
            bell.clear()
            try:
                self.round()
                errors = 0
            except Exception as error:  # the database is away
                errors += 1
                log.warning("no round: %s, %d in a row", type(error).__name__, errors)
            self.standing.stopping.wait(BREATH)
            bell.wait(min(30.0, 2.0**errors) - BREATH)

    def round(self) -> None:
        """Look at Prefect when it is time, then at the queues, and ask for the shifts that are wanted.

        Raises database errors only: the next round begins again.
        """
        if time.monotonic() >= self.next_look:
            self._look()
        if not self.standing.reachable:
            return
        with self.db.read() as connection:
            now, rows = self.db.now(connection), leases.read_leases(connection)
            open_queues = [queue for queue in self.queues if queue.name not in self.standing.paused]
            of = {
                queue.name: {k[1]: r for k, r in rows.items() if k[0] == queue.name} for queue in open_queues
            }
            wanted = [
                (q.name, slot) for q in open_queues for slot in self._wanted(connection, q, of[q.name], now)
            ]
        for row in (row for slots in of.values() for row in slots.values()):
            if _waits_too_long(row, now):
                self._start(Request(row.queue, row.slot, row.epoch))
            if row.state == LeaseState.LIVE and row.holder == self.holder:
                self.next_look = min(self.next_look, time.monotonic() + LOOK_BUSY)
        for name, slot in wanted:
            if request := leases.request(self.db, name, slot, self.holder):
                self._start(request)

    def _wanted(
        self, connection: Connection, queue: Queue, rows: dict[int, Any], now: datetime
    ) -> Iterator[int]:
        """Yield the slots to be requested: those left by the dead, and one more if the backlog is long.

        A worker asks for one slot of a queue at most: a second would only share its processor.
        """
        if not queue.is_active(connection):
            return
        busy = {slot for slot, row in rows.items() if row.state != LeaseState.IDLE}
        left = {slot for slot, row in rows.items() if has_expired(row, now)}
        left |= {slot for slot, row in rows.items() if slot not in busy and row.suspects}
        yield from sorted(left)
        if left or len(busy) >= self.most_slots or any(rows[slot].holder == self.holder for slot in busy):
            return
        enough = queue.per_slot * len(busy)
        if queue.backlog(connection, enough + 1) > enough:
            yield next(slot for slot in range(self.most_slots) if slot not in busy)

    def _start(self, request: Request) -> None:
        """Ask Prefect for the run. If that fails, the lease stays requested and is asked for again."""
        try:
            self.orchestrator.start(request)
            failpoint("relay.after-create-run")
            self.on_run()
            if request.dead_run:
                self.orchestrator.crashed(request.dead_run)
        except Exception as error:
            self._lost(error)

    def _look(self) -> None:
        try:
            self.standing.paused, self.standing.cancelled = self.orchestrator.look()
        except Exception as error:
            self._lost(error)
            return
        if not self.standing.reachable:
            log.info("Prefect answers")
        self.standing.reachable, self.trouble = True, ""
        self.next_look = time.monotonic() + LOOK_IDLE

    def _lost(self, error: Exception) -> None:
        if self.trouble != type(error).__name__:
            log.warning("Prefect can't be used: %s", error)
        self.standing.reachable, self.trouble = False, type(error).__name__
        self.next_look = time.monotonic() + LOOK_LOST


def _waits_too_long(row: Any, now: datetime) -> bool:
    """Return whether a lease was requested a while ago: perhaps its relay died before calling Prefect."""
    if row.state != LeaseState.REQUESTED:
        return False
    return bool(row.expires_at - REQUESTED_FOR + ASK_AGAIN_AFTER <= now < row.expires_at)
