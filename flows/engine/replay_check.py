"""Before new code runs: replay every open case on it, and say which would go another way.

A case that can't be replayed (its journal and the procedure disagree) is held: its `code` stays what it
was, so no shift of the new code claims it, and the difference is kept for people to read. A case that
would only do something more (a letter inserted ahead of finished steps) is listed and passes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from cases.db import Database
from cases.failpoints import failpoint
from cases.journal import Replay
from cases.models import Case, ReplayDifference, ServiceCode, table_of
from cases.vocabulary import CaseStatus
from flows.engine.advance import describe, load, replay_all
from flows.engine.runtime import Runtime

BATCH = 200
_ACTIVE = select(ServiceCode.digest).where(ServiceCode.service == bindparam("of_service"))
MAX_ROUNDS = 20


@dataclass(frozen=True, slots=True)
class Difference:
    """What would go another way for one open case. `holds`: whether it keeps the case from being claimed."""

    case_id: int
    reference: str
    what: str
    holds: bool


@dataclass
class Checked:
    """How many open cases of a service were replayed, and what differed."""

    service: str
    code: str
    cases: int
    differences: list[Difference]

    @property
    def held(self) -> int:
        """How many cases may not be claimed."""
        return sum(difference.holds for difference in self.differences)


def replay_check(db: Database, runtime: Runtime) -> Checked:
    """Replay all open cases of a service on the present code. Reads only."""
    checked = Checked(runtime.flow.key, runtime.flow.code, 0, [])
    for cases, differences in _replayed(db, runtime, (Case.code.is_not(None),)):
        checked.cases += len(cases)
        checked.differences += differences
    return checked


def activate(db: Database, runtime: Runtime, *, now: datetime) -> Checked:
    """Make this the code that may claim the service's cases, and pass or hold every open case.

    First the old code is stopped (its shifts see that they are no longer active), then the cases it left
    are replayed. Cheap when nothing changed: only cases last replayed on other code are looked at.
    """
    with db.write() as connection:
        _set_active(connection, runtime, now)
        failpoint("activate.before-begin-commit")
    failpoint("activate.after-begin-commit")
    checked = Checked(runtime.flow.key, runtime.flow.code, 0, [])
    for _ in range(MAX_ROUNDS):
        if not _pass_or_hold_all(db, runtime, checked, now):
            break
    return checked


def _pass_or_hold_all(db: Database, runtime: Runtime, checked: Checked, now: datetime) -> int:
    """Replay the cases that other code left; return how many changed meanwhile."""
    code, overtaken = runtime.flow.code, 0
    known = {difference.case_id for difference in checked.differences}
    left_by_others = (Case.code.is_not(None), Case.code != code, Case.id.not_in(known))
    for cases, differences in _replayed(db, runtime, left_by_others):
        held = {difference.case_id: difference for difference in differences if difference.holds}
        passed = [case for case in cases if case.id not in held]
        with db.write() as connection:
            unchanged = _pass(connection, passed, code)
            _hold(connection, list(held.values()), runtime, now)
            failpoint("activate.before-pass-commit")
        failpoint("activate.after-pass-commit")
        overtaken += len(passed) - unchanged
        checked.cases += unchanged + len(held)
        checked.differences += differences
    return overtaken


def is_active(connection: Connection, runtime: Runtime) -> bool:
    """Whether this code is the one that may claim the service's cases."""
    active = connection.execute(_ACTIVE, {"of_service": runtime.flow.key}).scalar_one_or_none()
    return active == runtime.flow.code


def _replayed(
    db: Database, runtime: Runtime, which: tuple[Any, ...]
) -> Iterator[tuple[list[Any], list[Difference]]]:
    last_id = 0
    while True:
        with db.read() as connection:
            ids = list(
                connection.execute(
                    select(Case.id)
                    .where(
                        Case.service == runtime.flow.key,
                        Case.status == CaseStatus.OPEN,
                        Case.id > last_id,
                        *which,
                    )
                    .order_by(Case.id)
                    .limit(BATCH)
                ).scalars()
            )
        if not ids:
            return
        last_id = ids[-1]
        results = replay_all(db, runtime, load(db, ids))
        compared = (_compare(case, result) for case, result in results)
        yield [case for case, _ in results], [found for found in compared if found]


def _compare(case: Any, result: Replay | Exception) -> Difference | None:
    if isinstance(result, Exception):
        return Difference(case.id, case.reference, describe(result)[1], holds=True)
    if case.ready or not result.writes:
        return None  # a ready case is about to write something: that isn't a difference
    keys = ", ".join(f"{getattr(write, 'kind', 'wait')} {write.key}" for write in result.writes)
    return Difference(case.id, case.reference, f"would also do: {keys}", holds=False)


def _set_active(connection: Connection, runtime: Runtime, now: datetime) -> None:
    dialect: Any = postgresql if connection.dialect.name == "postgresql" else sqlite
    row = {"digest": runtime.flow.code, "activated_at": now}
    connection.execute(
        dialect.insert(ServiceCode)
        .values(service=runtime.flow.key, **row)
        .on_conflict_do_update(index_elements=["service"], set_=row)
    )


def _pass(connection: Connection, cases: list[Any], code: str) -> int:
    """Let the new code claim these, as far as nobody changed them since they were replayed; count them."""
    unchanged = 0
    for case in cases:
        changed = connection.execute(
            update(table_of(Case)).where(Case.id == case.id, Case.version == case.version).values(code=code)
        )
        unchanged += changed.rowcount
    ids = [case.id for case in cases]
    connection.execute(delete(ReplayDifference).where(ReplayDifference.case_id.in_(ids)))
    return unchanged


def _hold(connection: Connection, held: list[Difference], runtime: Runtime, now: datetime) -> None:
    ids = [difference.case_id for difference in held]
    connection.execute(delete(ReplayDifference).where(ReplayDifference.case_id.in_(ids)))
    if held:
        rows = [
            {
                "case_id": difference.case_id,
                "service": runtime.flow.key,
                "code": runtime.flow.code,
                "difference": difference.what,
                "found_at": now,
            }
            for difference in held
        ]
        connection.execute(insert(table_of(ReplayDifference)), rows)
