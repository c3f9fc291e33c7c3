"""How long after a decision is acknowledged the next step can be seen."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import bindparam, select

from benchmarks import jobs
from cases.db import Database
from cases.models import JournalEntry
from cases.vocabulary import StepKind

LOOK_AGAIN_SECONDS = 0.001
GIVE_UP_SECONDS = 60.0
_NEXT_STEP = select(JournalEntry.id).where(
    JournalEntry.case_id == bindparam("of_case"), JournalEntry.kind == StepKind.NUMBER
)


def latencies(db: Database, tasks: Sequence[Any], before_each: Callable[[], None]) -> list[float]:
    """Decide the tasks one after the other; return the seconds until the registration number was there.

    before_each: called before each decision; ends the shift, or waits a little.
    """
    found = []
    for task in tasks:
        before_each()
        jobs.decide_by_verb(db, jobs.Decision(task.step_id, jobs.REGISTER, task.digest))
        began = time.perf_counter()
        while not _next_step(db, task.id):
            if time.perf_counter() - began > GIVE_UP_SECONDS:
                raise RuntimeError(f"nothing followed the decision on {task.reference}")
            time.sleep(LOOK_AGAIN_SECONDS)
        found.append(time.perf_counter() - began)
    return found


def _next_step(db: Database, case_id: int) -> bool:
    with db.read() as connection:
        return connection.execute(_NEXT_STEP, {"of_case": case_id}).first() is not None
