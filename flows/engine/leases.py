"""The right to work a queue: a row (queue, slot) that is idle, requested or live.

    idle ──request──▶ requested ──take──▶ live ──release──▶ idle
                          └────── expired ──┴──request──▶ requested, with the next epoch

Every request raises the epoch, and every batch of a shift checks its epoch in the transaction that
writes: a shift that slept through its expiry can do no harm when it wakes. Expiry goes by the
database's clock. The ids of a batch are committed to the row before the batch is replayed; found there
after a death, they become suspects, which the next shift runs one by one.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Interval, Table, bindparam, func, insert, literal, select, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from cases.db import Database
from cases.failpoints import failpoint
from cases.models import Lease
from cases.vocabulary import LeaseState

LIVE_FOR = timedelta(seconds=15)
REQUESTED_FOR = timedelta(seconds=20)
DEATHS_ALONE = 2
ROWS: Table = Lease.__table__  # type: ignore[assignment]


# Made once, as in cases/case_rows.py: a shift executes these for every batch.
_CHANGE_MINE = update(ROWS).where(
    ROWS.c.queue == bindparam("of_queue"),
    ROWS.c.slot == bindparam("of_slot"),
    ROWS.c.epoch == bindparam("of_epoch"),
    ROWS.c.state == LeaseState.LIVE,
)
_CHANGE_MINE_BY_CLOCK = _CHANGE_MINE.values(expires_at=func.clock_timestamp() + literal(LIVE_FOR, Interval()))
_OTHERS = select(ROWS.c.case_ids, ROWS.c.suspects).where(
    ROWS.c.queue == bindparam("of_queue"), ROWS.c.slot != bindparam("of_slot")
)


class LeaseLost(Exception):
    """The lease has another epoch by now: whoever holds this one must write nothing more."""


@dataclass(frozen=True, slots=True)
class Request:
    """A requested lease. `dead_run` is the Prefect run that was live when the lease ran out."""

    queue: str
    slot: int
    epoch: int
    dead_run: str | None = None


@contextmanager
def _commit(db: Database, name: str) -> Iterator[Connection]:
    """One write transaction with a failpoint on either side of its commit."""
    with db.write() as connection:
        yield connection
        failpoint(f"lease.before-{name}-commit")
    failpoint(f"lease.after-{name}-commit")


def read_leases(connection: Connection) -> dict[tuple[str, int], Any]:
    """Return every lease row by (queue, slot)."""
    return {(row.queue, row.slot): row for row in connection.execute(select(ROWS))}


def has_expired(row: Any, now: datetime) -> bool:
    """Return whether the row is requested or live, and its time has run out."""
    return bool(row.state != LeaseState.IDLE and row.expires_at <= now)


def request(db: Database, queue: str, slot: int, holder: str) -> Request | None:
    """Move an idle or expired lease to requested with the next epoch; None if somebody else has it."""
    try:
        with _commit(db, "request") as connection:
            return _request(connection, db.now(connection), queue, slot, holder)
    except IntegrityError:  # another relay inserted the row of this slot first
        return None


def _request(connection: Connection, now: datetime, queue: str, slot: int, holder: str) -> Request | None:
    this = (ROWS.c.queue == queue, ROWS.c.slot == slot)
    row = connection.execute(select(ROWS).where(*this).with_for_update()).one_or_none()
    values = {"state": LeaseState.REQUESTED, "expires_at": now + REQUESTED_FOR, "holder": holder}
    values |= {"flow_run_id": None, "case_ids": []}
    if row is None:
        first = {"queue": queue, "slot": slot, "epoch": 1, "suspects": [], "deaths": {}}
        connection.execute(insert(ROWS).values(first | values))
        return Request(queue, slot, 1)
    if row.state != LeaseState.IDLE and not has_expired(row, now):
        return None
    deaths = dict(row.deaths)
    if len(row.case_ids) == 1:
        alone = str(row.case_ids[0])
        deaths[alone] = deaths.get(alone, 0) + 1
    suspects = [*row.case_ids, *(id_ for id_ in row.suspects if id_ not in row.case_ids)]
    values |= {"epoch": row.epoch + 1, "suspects": suspects, "deaths": deaths}
    connection.execute(update(ROWS).where(*this).values(values))
    return Request(queue, slot, row.epoch + 1, row.flow_run_id if row.state == LeaseState.LIVE else None)


def take(db: Database, request: Request, *, holder: str, flow_run_id: str | None) -> LeaseHandle | None:
    """Move the requested lease to live; None if its epoch has passed or it was taken already."""
    with _commit(db, "live") as connection:
        row = connection.execute(
            update(ROWS)
            .where(ROWS.c.queue == request.queue, ROWS.c.slot == request.slot)
            .where(ROWS.c.epoch == request.epoch, ROWS.c.state == LeaseState.REQUESTED)
            .values(state=LeaseState.LIVE, expires_at=db.now(connection) + LIVE_FOR)
            .values(holder=holder, flow_run_id=flow_run_id, case_ids=[])
            .returning(ROWS.c.suspects, ROWS.c.deaths)
        ).one_or_none()
    if row is None:
        return None
    return LeaseHandle(db, request.queue, request.slot, request.epoch, list(row.suspects), dict(row.deaths))


@dataclass(slots=True)
class LeaseHandle:
    """A live lease in the hand of a shift.

    suspects: ids that were in hand at a death, to be run one by one. deaths: by id (as text), at how
    many deaths it was the only one in hand.
    """

    db: Database
    queue: str
    slot: int
    epoch: int
    suspects: list[int]
    deaths: dict[str, int]

    def hold(self, case_ids: Sequence[int]) -> None:
        """Commit the ids of a batch before it is replayed. Raises LeaseLost.

        PostgreSQL need not wait for its disk here: the ids matter when this process dies, and not when
        the machine of the database does.
        """
        with _commit(self.db, "hold") as connection:
            if self.db.is_postgresql:
                connection.exec_driver_sql("SET LOCAL synchronous_commit = off")
            self._update(connection, case_ids=list(case_ids))

    def check(self, connection: Connection) -> None:
        """Confirm and lengthen the lease inside the transaction that writes a batch; let go of its ids.

        Locks the row until the commit, so that nobody can take over in between. Raises LeaseLost.
        """
        self._update(connection, case_ids=[])

    def keep(self) -> None:
        """Lengthen the lease of a shift that has nothing in hand. Raises LeaseLost."""
        with _commit(self.db, "keep") as connection:
            self.check(connection)

    def acquit(
        self, case_id: int, because: Callable[[Connection, int], None] = lambda connection, case_id: None
    ) -> None:
        """Take a suspect off the list, after it was run alone or because it is given up. Raises LeaseLost.

        because: done in the same transaction, so that a death can't have it done twice.
        """
        suspects = [id_ for id_ in self.suspects if id_ != case_id]
        deaths = {id_: count for id_, count in self.deaths.items() if id_ != str(case_id)}
        with _commit(self.db, "acquit") as connection:
            self._update(connection, case_ids=[], suspects=suspects, deaths=deaths)
            because(connection, case_id)
        self.suspects, self.deaths = suspects, deaths

    def release(self) -> None:
        """Give the lease back. Raises LeaseLost if it is no longer ours."""
        with _commit(self.db, "finish") as connection:
            self._update(connection, state=LeaseState.IDLE, case_ids=[])

    def elsewhere(self, connection: Connection) -> set[int]:
        """Return the ids that other slots of the queue have in hand or under suspicion: not to be claimed."""
        others = connection.execute(_OTHERS, {"of_queue": self.queue, "of_slot": self.slot})
        return {id_ for row in others for ids in row for id_ in ids}

    def _update(self, connection: Connection, **values: Any) -> None:
        mine = {"of_queue": self.queue, "of_slot": self.slot, "of_epoch": self.epoch}
        statement = _CHANGE_MINE_BY_CLOCK
        if not self.db.is_postgresql:
            statement, values = _CHANGE_MINE, values | {"expires_at": self.db.now(connection) + LIVE_FOR}
        changed = connection.execute(statement, mine | values)
        if changed.rowcount != 1:
            raise LeaseLost(f"{self.queue} slot {self.slot} epoch {self.epoch}")


def expire_leases_of_dead(db: Database, worker: str) -> None:
    """Let leases of earlier processes of this worker run out at once, if those are gone.

    A holder is "worker#process id". This saves a restarted worker the wait; the epoch keeps it safe. Hence a
    database error is no reason not to begin: the leases run out by themselves.
    """
    with contextlib.suppress(DBAPIError), _commit(db, "expire") as connection:
        held = select(ROWS).where(ROWS.c.state != LeaseState.IDLE)
        held = held.where(ROWS.c.holder.startswith(f"{worker}#", autoescape=True)).with_for_update()
        for row in connection.execute(held).all():
            if _has_ended(row.holder.rpartition("#")[2]):
                this = (ROWS.c.queue == row.queue, ROWS.c.slot == row.slot)
                connection.execute(update(ROWS).where(*this).values(expires_at=db.now(connection)))


def _has_ended(process: str) -> bool:
    """Whether an earlier process of this worker has ended. One with the number of this very process has:
    in a container that is often the first and only number."""
    if process == str(os.getpid()):
        return True
    return Path("/proc/self").exists() and not Path("/proc", process).exists()
