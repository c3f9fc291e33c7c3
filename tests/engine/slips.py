"""A queue of numbered slips: what shifts are tested with where the work itself doesn't matter.

A slip is done when the mailbox has a row for it; two rows mean that it was done twice.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, func, insert, select, update

from cases.db import Database
from cases.models import Lease, MailboxItem
from flows.engine import leases
from flows.engine.leases import LeaseHandle
from flows.engine.queues import BatchReport, Queue

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


class Slips(Queue):
    """Slips 1 to `count`, worked five at a time. `during` is called between reading and writing."""

    name = "slips"
    per_slot = 10

    def __init__(self, db: Database, count: int = 0) -> None:
        self.db = db
        self.todo = list(range(1, count + 1))
        self.active = True
        self.during: Callable[[list[int]], None] = lambda ids: None
        self.alone: list[int] = []
        self.given_up: list[int] = []

    def backlog(self, connection: Connection, at_most: int) -> int:
        """Return how many slips aren't done."""
        return min(len(self._left(connection)), at_most)

    def is_active(self, connection: Connection) -> bool:
        """Return what the test says."""
        return self.active

    def work_once(self, lease: LeaseHandle) -> BatchReport:
        """Do five slips that no other slot has in hand."""
        with self.db.read() as connection:
            ids = self._left(connection, without=lease.elsewhere(connection))[:5]
        if not ids:
            return BatchReport()
        lease.hold(ids)
        return self._do(lease, ids)

    def work_alone(self, lease: LeaseHandle, case_id: int) -> BatchReport:
        """Do one slip that was in hand at a death."""
        self.alone.append(case_id)
        with self.db.read() as connection:
            left = case_id in self._left(connection)
        return self._do(lease, [case_id] if left else [])

    def give_up(self, connection: Connection, case_id: int) -> None:
        """Never do this slip."""
        self.given_up.append(case_id)
        self.todo.remove(case_id)

    def done(self) -> dict[int, int]:
        """Return how often each slip was done."""
        counted = select(MailboxItem.message_id, func.count()).group_by(MailboxItem.message_id)
        with self.db.read() as connection:
            return {row[0]: row[1] for row in connection.execute(counted)}

    def _do(self, lease: LeaseHandle, ids: list[int]) -> BatchReport:
        self.during(ids)
        with self.db.write() as connection:
            lease.check(connection)
            for slip in ids:
                connection.execute(
                    insert(MailboxItem).values(
                        message_id=slip,
                        attempt_id=f"{lease.slot}:{lease.epoch}",
                        recipient="",
                        subject="",
                        body="",
                        delivered_at=LONG_AGO,
                    )
                )
        report = BatchReport(done=len(ids), references=[f"SLIP-{slip}" for slip in ids], more=bool(ids))
        report.counts["slips"] = len(ids)
        return report

    def _left(self, connection: Connection, without: Collection[int] = ()) -> list[int]:
        done = set(connection.execute(select(MailboxItem.message_id)).scalars())
        return [slip for slip in self.todo if slip not in done and slip not in without]


def live_lease(db: Database, *, slot: int = 0, holder: str = "suva#1", run: str = "run-1") -> LeaseHandle:
    """Return a live lease on the slips."""
    asked = leases.request(db, Slips.name, slot, holder)
    assert asked is not None
    lease = leases.take(db, asked, holder=holder, flow_run_id=run)
    assert lease is not None
    return lease


def let_expire(db: Database, *, slot: int = 0) -> None:
    """Put the end of the lease into the past, as a worker's death and some seconds would."""
    with db.write() as connection:
        connection.execute(
            update(Lease)
            .where(Lease.slot == slot)
            .values(expires_at=db.now(connection) - timedelta(seconds=1))
        )


def lease_row(db: Database, *, slot: int = 0) -> Lease:
    """Return the row of the slot as it stands."""
    with db.read() as connection:
        row: Lease = connection.execute(select(Lease.__table__).where(Lease.slot == slot)).one()  # type: ignore
    return row
