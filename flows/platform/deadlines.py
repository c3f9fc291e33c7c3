"""The sweep of waits whose time has run out, and its caution at scale; and the climbing of ladders.

Costs what is due, never what is open. When an unusual number would run out at once, or the machine
was off for an hour, the sweep waits for an operator's word (`s2f deadlines --confirm`): a wrong clock or a
wrong calendar must not close thousands of questions.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, select
from sqlalchemy.dialects import postgresql, sqlite

from cases.db import Database
from cases.escalating import climb
from cases.expiry import count_due, sweep
from cases.failpoints import failpoint
from cases.models import SweepState
from cases.standards import Standards

UNUSUAL = 200
OUTAGE = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class SweepReport:
    """How many waits ran out, or why none did. `held`: waits for an operator's word."""

    expired: int
    held: str | None = None


def sweep_deadlines(db: Database, *, now: datetime, confirmed: bool = False) -> SweepReport:
    """Close every wait that has run out at `now` and wake the services concerned.

    confirmed: an operator has looked at what is due and says go on.
    """
    held = None if confirmed else _reason_to_wait(db, now)
    if held:
        return SweepReport(0, held)
    expired = 0
    while True:
        with db.write() as connection:
            swept = sweep(connection, now=now)
            _note_sweep(connection, now)
            failpoint("deadline.before-commit")
        failpoint("deadline.after-commit")
        for service in swept.services:
            db.wake(service)
        expired += swept.count
        if swept.count == 0:
            return SweepReport(expired)


def climb_ladders(db: Database, standards: Standards, *, now: datetime) -> Counter[str]:
    """Climb every rung of a ladder that is due at `now`; return how many by what they did."""
    acts: Counter[str] = Counter()
    while True:
        with db.write() as connection:
            climbed = climb(connection, standards, now=now)
            failpoint("rung.before-commit")
        failpoint("rung.after-commit")
        acts += climbed.acts
        if climbed.looked_at == 0:
            return acts


def _reason_to_wait(db: Database, now: datetime) -> str | None:
    with db.read() as connection:
        due = count_due(connection, now=now, at_most=UNUSUAL + 1)
        last = connection.execute(select(SweepState.last_at)).scalar_one_or_none()
    if due > UNUSUAL:
        return f"more than {UNUSUAL} waits would run out at once"
    if due and last is not None and now - last > OUTAGE:
        return f"the last sweep was at {last.isoformat(timespec='minutes')}, more than an hour ago"
    return None


def _note_sweep(connection: Connection, now: datetime) -> None:
    dialect: Any = postgresql if connection.dialect.name == "postgresql" else sqlite
    connection.execute(
        dialect.insert(SweepState)
        .values(id=1, last_at=now)
        .on_conflict_do_update(index_elements=["id"], set_={"last_at": now})
    )
