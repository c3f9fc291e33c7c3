"""Cases moved on without a shift: by the real procedure of births, or by a toy in its place."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, event

from cases.actions import answer, decide
from cases.case_rows import Done
from cases.db import Database
from cases.handing_over import confirm_receipt
from cases.journal import CaseFile
from cases.permissions import Actor
from cases.reading import WholeCase, whole_case
from cases.transaction import carry_out
from cases.vocabulary import StepStatus
from flows.engine.advance import advance, ready_ids
from flows.engine.runtime import Runtime, load_runtimes
from flows.engine.service_flow import ServiceFlow
from tests.conftest import NOW

runtimes = cache(load_runtimes)
MERE = Actor("mere", role="registrar", office="suva", full_name="Mere Tukana")


def births() -> Runtime:
    """The real service."""
    return runtimes()["birth-registration"]


def toy(procedure: Callable[[CaseFile], str], *, code: str = "toy") -> Runtime:
    """The service of births with another procedure, whose code has the digest `code`."""
    return dataclasses.replace(births(), flow=ServiceFlow("birth-registration", 1, procedure, code))


def ready(db: Database, runtime: Runtime) -> list[int]:
    """The ids of the cases that may be claimed."""
    with db.read() as connection:
        return ready_ids(connection, runtime.flow, limit=50)


def settle(db: Database, runtime: Runtime, now: datetime = NOW) -> Counter[str]:
    """Advance until no case is ready; return how many cases by what happened, all batches together."""
    counts: Counter[str] = Counter()
    for _ in range(20):
        ids = ready(db, runtime)
        if not ids:
            return counts
        counts += advance(db, runtime, ids, now=now).counts
    raise AssertionError(f"cases {ids} are ready again and again: {counts}")


def look(db: Database, case_id: int) -> WholeCase:
    """Read the case with all that hangs on it."""
    with db.read() as connection:
        return whole_case(connection, case_id)


def journal(db: Database, case_id: int) -> dict[str, str]:
    """The steps in force with their status, in the order they were written."""
    return {entry.key: entry.status for entry in look(db, case_id).in_force}


def step(db: Database, case_id: int, key: str) -> Any:
    """The step in force of this key."""
    return next(entry for entry in look(db, case_id).in_force if entry.key == key)


def first_open(db: Database, case_id: int) -> Any | None:
    """The first step that somebody has to do something about."""
    waits = (entry for entry in look(db, case_id).in_force if entry.status == StepStatus.OPEN)
    return next(waits, None)


def decide_step(
    db: Database, case_id: int, key: str, outcome: str, now: datetime = NOW, **named: Any
) -> Done:
    """Have Mere decide a task of the case."""
    found = step(db, case_id, key)
    return carry_out(db, decide, step_id=found.id, outcome=outcome, actor=MERE, now=now, **named)


def answer_step(db: Database, case_id: int, key: str, text: str, now: datetime = NOW) -> Done:
    """Have the applicant answer a question of the case."""
    found = step(db, case_id, key)
    return carry_out(db, answer, step_id=found.id, text=text, actor=Actor.citizen(case_id), now=now)


def confirm_step(db: Database, case_id: int, key: str = "receipt", now: datetime = NOW) -> Done:
    """Have the applicant say that the certificate has arrived."""
    found = step(db, case_id, key)
    return carry_out(db, confirm_receipt, step_id=found.id, actor=Actor.citizen(case_id), now=now)


class Stopped(Exception):
    """What a test raises to end an advance before its commit."""


def stop_here(_connection: Connection) -> None:
    """Use as `check_lease`: the writing transaction ends before it writes anything."""
    raise Stopped


@contextmanager
def stopped_before_commit(db: Database) -> Iterator[None]:
    """Within, a writing transaction that has written everything raises Stopped instead of committing."""

    def stop(connection: Connection) -> None:
        if connection.get_execution_options().get("s2f_write"):
            raise Stopped

    event.listen(db.engine, "commit", stop)
    try:
        yield
    finally:
        event.remove(db.engine, "commit", stop)
