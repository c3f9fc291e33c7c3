"""Work the queue of letters once, as a program of its own that a test can let die at a failpoint.

python -m tests.database.letter_shift DATABASE_URL HOME
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Generator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from cases.db import Database
from cases.files import FileStore
from cases.vocabulary import LetterVariant
from flows.engine.leases import LeaseHandle, request, take
from flows.engine.queues import BatchReport
from flows.platform.letter_file import LetterFile
from flows.platform.letter_pool import LetterJob, LetterPool, Made, NotMade
from flows.platform.letters import LetterQueue


class Press(LetterPool):
    """Stands in for the processes: a letter is its job in words, and those of a broken template fail."""

    def make(
        self, jobs: Sequence[LetterJob], *, tick: Callable[[], None] = lambda: None
    ) -> Generator[tuple[int, Made | NotMade], None, None]:
        for index, job in enumerate(jobs):
            tick()
            if "broken" in job.template:
                yield index, NotMade("LetterFailed", "the template prints a fact that is empty")
            else:
                yield index, Made({LetterVariant.PDF: LetterFile(repr(job).encode(), 1)})


def a_queue(db: Database, home: Path, pool: LetterPool | None = None, **named: Any) -> LetterQueue:
    """A queue of letters whose claims lapse at once, so that no test has to wait for that."""
    named = {"hold_for": timedelta(0), "zone": ZoneInfo("Pacific/Fiji")} | named
    return LetterQueue(db, FileStore(home), pool or Press(), public_url="https://births.example.org", **named)


def a_lease(db: Database, slot: int = 0) -> LeaseHandle:
    """A live lease on the letters; a test's shifts follow one another, so each has a slot of its own."""
    asked = request(db, "letters", slot, "test")
    assert asked is not None
    handle = take(db, asked, holder="test", flow_run_id=None)
    assert handle is not None
    return handle


def work(db: Database, home: Path, slot: int = 0, pool: LetterPool | None = None) -> BatchReport:
    """Work the queue once under a lease of its own."""
    return a_queue(db, home, pool).work_once(a_lease(db, slot))


if __name__ == "__main__":
    work(Database.connect(sys.argv[1]), Path(sys.argv[2]))
