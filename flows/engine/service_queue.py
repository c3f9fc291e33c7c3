"""A public service as a queue: its ready cases, advanced batch by batch."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import Connection, select

from cases.db import Database
from cases.models import ServiceCode
from cases.revisions import record_incident
from flows.engine.advance import AdvanceReport, advance, ready_ids
from flows.engine.leases import LeaseHandle, LeaseLost
from flows.engine.queues import BatchReport, Queue
from flows.engine.replay_check import is_active
from flows.engine.runtime import Runtime

BATCH_POSTGRESQL = 200
BATCH_SQLITE = 50  # SQLite has one writer: a longer batch would keep the web waiting
DIED_ALONE = "died-alone"


class ServiceQueue(Queue):
    """The ready cases of one service."""

    def __init__(self, db: Database, runtime: Runtime, *, batch: int | None = None) -> None:
        """batch: how many cases are advanced in one transaction; left out: as many as suit the database."""
        self.name = runtime.flow.key
        self._db = db
        self._runtime = runtime
        self._batch = batch or (BATCH_POSTGRESQL if db.is_postgresql else BATCH_SQLITE)

    def backlog(self, connection: Connection, at_most: int) -> int:
        """Return how many cases are ready for this code, counting no further than `at_most`."""
        return len(ready_ids(connection, self._runtime.flow, limit=at_most))

    def work_once(self, lease: LeaseHandle) -> BatchReport:
        """Advance one batch of ready cases that no other slot has in hand."""
        with self._db.read() as connection:
            ids = ready_ids(
                connection, self._runtime.flow, limit=self._batch, without=lease.elsewhere(connection)
            )
        if not ids:
            return BatchReport()
        lease.hold(ids)
        return self._advance(lease, ids)

    def work_alone(self, lease: LeaseHandle, case_id: int) -> BatchReport:
        """Advance one case that was in hand at a death, if it is still ready."""
        with self._db.read() as connection:
            ready = ready_ids(connection, self._runtime.flow, limit=1, only=case_id)
        return self._advance(lease, ready) if ready else BatchReport()

    def give_up(self, connection: Connection, case_id: int) -> None:
        """Halt a case that was alone in hand at two deaths."""
        record_incident(
            connection,
            case_id=case_id,
            cause=DIED_ALONE,
            summary="the worker died twice with only this case in hand",
            halt=True,
            now=datetime.now(UTC),
        )

    def is_active(self, connection: Connection) -> bool:
        """Return whether this code is the one that may claim the service's cases."""
        return is_active(connection, self._runtime)

    def _advance(self, lease: LeaseHandle, ids: list[int]) -> BatchReport:
        def check(connection: Connection) -> None:
            lease.check(connection)
            self._require_active(connection)

        now = datetime.now(UTC)
        return _told(advance(self._db, self._runtime, ids, now=now, check_lease=check))

    def _require_active(self, connection: Connection) -> None:
        """Raise LeaseLost unless this code is active, and keep it so until the commit.

        Without the lock, old code could write a case just after the replay check has passed it.
        """
        digest = connection.execute(
            select(ServiceCode.digest).where(ServiceCode.service == self.name).with_for_update(read=True)
        ).scalar_one_or_none()
        if digest != self._runtime.flow.code:
            raise LeaseLost(f"{self.name}: this code is no longer the active version")


def _told(report: AdvanceReport) -> BatchReport:
    return BatchReport(
        done=len(report.references) + len(report.incidents),
        counts=+report.counts,
        references=report.references,
        incidents=report.incidents,
        more=True,
    )
