"""The queue of letters: claim, render, store, note as issued.

    claim (commit) ── render, without a transaction ── store the file ── finish (commit)

A letter is never lost: one that was claimed and not finished becomes claimable again when its time is up.
It is never doubled: only the attempt that holds it may finish it, and a file stored twice is one file.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import datetime, timedelta, tzinfo

from sqlalchemy import Connection

from cases.db import Database
from cases.failpoints import failpoint
from cases.files import FileStore
from cases.letters import (
    KIND_OF,
    IssuedFile,
    LetterWork,
    claim_letters,
    count_claimable,
    fail_letter,
    finish_letter,
    release_letter,
)
from cases.vocabulary import LetterVariant
from flows.engine.leases import LeaseHandle
from flows.engine.queues import BatchReport, Queue
from flows.platform.letter_file import LetterFile
from flows.platform.letter_pool import LetterJob, LetterPool, Made, NotMade

AT_ONCE = 8  # a worker's sudden end delays no more letters than this, until HOLD_FOR is over
HOLD_FOR = timedelta(seconds=60)


class LetterQueue(Queue):
    """Letters that procedures asked for, made in a pool of processes."""

    name = "letters"

    def __init__(
        self,
        db: Database,
        files: FileStore,
        pool: LetterPool,
        *,
        public_url: str,
        zone: tzinfo,
        hold_for: timedelta = HOLD_FOR,
    ) -> None:
        """public_url: the address citizens use; a letter leads to `<public_url>/verify/<code>`.
        zone: in which the day of issue is counted."""
        self._db = db
        self._files = files
        self._pool = pool
        self._public_url = public_url
        self._zone = zone
        self._hold_for = hold_for

    def backlog(self, connection: Connection, at_most: int) -> int:
        """Return how many letters wait, abandoned ones included, counting no further than `at_most`."""
        return min(at_most, count_claimable(connection, now=self._db.now(connection)))

    def work_once(self, lease: LeaseHandle) -> BatchReport:
        """Make up to eight letters. A letter that can't be made is an incident and harms no other.

        Raises LeaseLost; LettersBroken when no letter at all can be made here (none is marked failed
        for that); OSError when files can't be stored. Letters that weren't finished are given back.
        """
        with self._db.read() as connection:
            if not self.backlog(connection, 1):
                return BatchReport()
        claimed, now = self._claim(lease)
        report = BatchReport(more=len(claimed) == AT_ONCE)
        if claimed:
            self._make(lease, claimed, now, report)
        return report

    def _claim(self, lease: LeaseHandle) -> tuple[list[LetterWork], datetime]:
        with self._commit("claim") as connection:
            lease.check(connection)
            now = self._db.now(connection)
            holder = f"{lease.queue}:{lease.slot}:{lease.epoch}"
            claimed = claim_letters(
                connection, holder=holder, now=now, limit=AT_ONCE, hold_for=self._hold_for
            )
        return claimed, now

    def _make(
        self, lease: LeaseHandle, claimed: Sequence[LetterWork], now: datetime, report: BatchReport
    ) -> None:
        left = {work.id: work for work in claimed}
        jobs = [self._job(work, now) for work in claimed]
        try:
            with closing(self._pool.make(jobs, tick=lease.keep)) as letters:
                for index, made in letters:
                    failpoint("letter.after-render")
                    self._finish(lease, claimed[index], made, report)
                    del left[claimed[index].id]
        except BaseException:
            self._give_back(left.values())
            raise

    def _job(self, work: LetterWork, now: datetime) -> LetterJob:
        address = f"{self._public_url}/verify/{work.code}"
        return LetterJob(work.template, work.facts, work.language, address, now.astimezone(self._zone).date())

    def _finish(
        self, lease: LeaseHandle, work: LetterWork, made: Made | NotMade, report: BatchReport
    ) -> None:
        if isinstance(made, NotMade):
            done = self._note_failed(lease, work, made)
            report.incidents.append(f"{work.reference}: {made.cause}")
        else:
            done = self._note_issued(lease, work, made)
        report.done += 1
        report.references.append(work.reference)
        report.counts[done] += 1

    def _note_issued(self, lease: LeaseHandle, work: LetterWork, made: Made) -> str:
        files = {variant: self._store(variant, file) for variant, file in made.files.items()}
        failpoint("letter.after-store")
        with self._commit("finish") as connection:
            lease.check(connection)
            now = self._db.now(connection)
            done = finish_letter(connection, work, files=files, now=now)
        return "letters issued" if done else "letters no longer wanted"

    def _store(self, variant: LetterVariant, file: LetterFile) -> IssuedFile:
        return IssuedFile(self._files.put(KIND_OF[variant], file.content), len(file.content), file.pages)

    def _note_failed(self, lease: LeaseHandle, work: LetterWork, made: NotMade) -> str:
        cause = f"letter {work.template}: {made.cause}"[:64]
        summary = f"{made.cause}: {made.words}"
        with self._commit("finish") as connection:
            lease.check(connection)
            now = self._db.now(connection)
            done = fail_letter(connection, work, cause=cause, summary=summary, now=now)
        return "letters failed" if done else "letters no longer wanted"

    def _give_back(self, unfinished: Iterable[LetterWork]) -> None:
        with self._db.write() as connection:
            for work in unfinished:
                release_letter(connection, work)

    @contextmanager
    def _commit(self, name: str) -> Iterator[Connection]:
        """One write transaction with a failpoint on either side of its commit."""
        with self._db.write() as connection:
            yield connection
            failpoint(f"letter.before-{name}-commit")
        failpoint(f"letter.after-{name}-commit")
