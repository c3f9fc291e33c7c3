"""Advance a batch of cases: read and replay without locks, then write in one short transaction.

Knows nothing of Prefect. The order of the reads matters: first the case rows with their versions, in a
statement of their own, then the journals. A decision that commits in between raises the version, so
the write below drops that case, and it stays ready. (Reading both in one statement, or claiming and
reading in one, was shown to return the new version with the old journal.)
"""

from __future__ import annotations

import hashlib
import traceback
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, bindparam, or_, select
from sqlalchemy.exc import DataError, IntegrityError

from cases.db import Database, among
from cases.failpoints import failpoint
from cases.journal import Answers, CaseFile, Entry, Replay, ReplayMismatch, replay
from cases.models import Case, JournalEntry
from cases.vocabulary import CaseStatus, StepKind, StepStatus
from flows.engine.queries import answer_queries
from flows.engine.runtime import Runtime
from flows.engine.service_flow import ServiceFlow
from flows.engine.writing import Prepared, prepare, prepare_incident, write_batch

MAX_QUERY_ROUNDS = 50

CASE_COLUMNS = (
    Case.id,
    Case.version,
    Case.reference,
    Case.generation,
    Case.answers,
    Case.language,
    Case.office,
    Case.channel,
    Case.received_at,
    Case.form_version,
    Case.ready,
    Case.halted,
    Case.code,
    Case.audit_count,
    Case.audit_head,
    Case.audit_at,
)
ENTRY_COLUMNS = (
    JournalEntry.case_id,
    JournalEntry.key,
    JournalEntry.kind,
    JournalEntry.status,
    JournalEntry.done_at,
    JournalEntry.result,
    JournalEntry.role,
    JournalEntry.outcomes,
    JournalEntry.done_by,
)
_READY = (
    select(Case.id)
    .where(
        Case.service == bindparam("of_service"),
        Case.ready,
        ~Case.halted,
        or_(Case.code.is_(None), Case.code == bindparam("of_code")),
    )
    .order_by(Case.id)
    .limit(bindparam("at_most"))
)
_OPEN_CASES = select(*CASE_COLUMNS).where(among(Case.id), Case.status == CaseStatus.OPEN).order_by(Case.id)
_ENTRIES = (
    select(*ENTRY_COLUMNS)
    .where(among(JournalEntry.case_id), JournalEntry.cut_by.is_(None))
    .order_by(JournalEntry.case_id, JournalEntry.id)
)


@dataclass(slots=True)
class AdvanceReport:
    """What a batch did.

    counts: how many cases by what happened: "advanced", "closed", "incident", "overtaken" (changed while
        it was replayed; still ready).
    references: of the cases that moved. incidents: "REFERENCE: exception class".
    """

    counts: Counter[str] = field(default_factory=Counter)
    references: list[str] = field(default_factory=list)
    incidents: list[str] = field(default_factory=list)

    def add(self, other: AdvanceReport) -> None:
        """Add what another batch did."""
        self.counts.update(other.counts)
        self.references += other.references
        self.incidents += other.incidents


def ready_ids(
    connection: Connection,
    flow: ServiceFlow,
    *,
    limit: int,
    without: Collection[int] = (),
    only: int | None = None,
) -> list[int]:
    """Return ids of ready cases of the service that this code may claim, the oldest first.

    A case last replayed on other code is left alone until the replay check has passed it.
    without: ids that other shifts have in hand. only: ask about this one case.
    """
    statement = _READY
    if without:
        statement = statement.where(Case.id.not_in(without))
    if only is not None:
        statement = statement.where(Case.id == only)
    asked = {"of_service": flow.key, "of_code": flow.code, "at_most": limit}
    return list(connection.execute(statement, asked).scalars())


def advance(
    db: Database,
    runtime: Runtime,
    case_ids: Sequence[int],
    *,
    now: datetime,
    check_lease: Callable[[Connection], None] | None = None,
) -> AdvanceReport:
    """Advance the cases and return what happened to them.

    Cases that aren't ready or may not be claimed (another shift was quicker) are left alone.
    check_lease: called in the writing transaction; raises when the lease was lost, which rolls back.
    A procedure that raises costs only its own case, and so does a row that the database refuses. Other
    database errors pass through: nothing was written, or it is unknown whether; the caller starts again
    from reading, and never resends.
    """
    loaded = [case for case in load(db, case_ids) if case.row.ready and not case.row.halted]
    prepared = [_prepared(runtime, *replayed, now) for replayed in replay_all(db, runtime, loaded)]
    try:
        return _write(db, prepared, now, check_lease)
    except (DataError, IntegrityError) as refused:
        if len(prepared) == 1:
            incident = prepare_incident(runtime, prepared[0].case, *describe(refused), now=now)
            return _write(db, [incident], now, check_lease)
    report = AdvanceReport()
    for item in prepared:  # one by one, read anew: whichever is refused again is the one
        report.add(advance(db, runtime, [item.case.id], now=now, check_lease=check_lease))
    return report


def _write(
    db: Database,
    prepared: Sequence[Prepared],
    now: datetime,
    check_lease: Callable[[Connection], None] | None,
) -> AdvanceReport:
    report = AdvanceReport()
    with db.write() as connection:
        if check_lease:
            check_lease(connection)
        write_batch(connection, prepared, now=now, report=report)
        failpoint("advance.before-commit")
    failpoint("advance.after-commit")
    return report


def _prepared(runtime: Runtime, case: Any, result: Replay | Exception, now: datetime) -> Prepared:
    if isinstance(result, Replay):
        try:
            return prepare(runtime, case, result, now=now)
        except Exception as error:  # as little as a procedure may a gap in the configuration cost others
            result = error
    return prepare_incident(runtime, case, *describe(result), now=now)


@dataclass(frozen=True, slots=True)
class LoadedCase:
    """A case row as read (with its version), and the entries of its journal that are in force."""

    row: Any
    entries: Sequence[Entry]


def load(db: Database, case_ids: Collection[int]) -> list[LoadedCase]:
    """Return the open cases among `case_ids`: their rows first, their journals in a later statement."""
    with db.read() as connection:
        rows = connection.execute(_OPEN_CASES, {"ids": list(case_ids)}).all()
    # A new transaction: under SQLite a snapshot would otherwise tie both reads to one moment, which is
    # harmless, but the rule "versions first" must not depend on it.
    with db.read() as connection:
        entries = read_entries(connection, [row.id for row in rows])
    return [LoadedCase(row, entries[row.id]) for row in rows]


def read_entries(connection: Connection, case_ids: Collection[int]) -> dict[int, list[Entry]]:
    """Return the journal entries in force of each case, in the order they were written."""
    entries: dict[int, list[Entry]] = defaultdict(list)
    for case_id, key, kind, status, *rest in connection.execute(_ENTRIES, {"ids": list(case_ids)}):
        entries[case_id].append(Entry(key, StepKind(kind), StepStatus(status), *rest))
    return entries


def replay_all(
    db: Database, runtime: Runtime, loaded: Sequence[LoadedCase]
) -> list[tuple[Any, Replay | Exception]]:
    """Replay each case, answering queries in bulk; return (case row, what came of it) pairs."""
    done: list[tuple[Any, Replay | Exception]] = []
    answers: dict[int, dict[str, Any]] = defaultdict(dict)
    todo = list(loaded)
    for _ in range(MAX_QUERY_ROUNDS):
        asking = []
        for case in todo:
            result = replay_one(runtime, case, answers[case.row.id])
            if isinstance(result, Replay) and result.query:
                asking.append((case, result.query))
            else:
                done.append((case.row, result))
        if not asking:
            return done
        with db.read() as connection:
            asked = [(case.row.id, query) for case, query in asking]
            found = answer_queries(connection, asked, runtime.known)
        for case_id, answer in found.items():
            answers[case_id].update(answer)
        todo = [case for case, _ in asking]
    stuck = ReplayMismatch(f"more than {MAX_QUERY_ROUNDS} queries in one advance")
    return done + [(case.row, stuck) for case in todo]


def replay_one(runtime: Runtime, case: LoadedCase, answers: Mapping[str, Any]) -> Replay | Exception:
    """Replay one case; return what came of it, or the exception its procedure raised."""
    try:
        return replay(runtime.flow.procedure, _case_file(runtime, case, answers))
    except Exception as error:  # whatever a procedure raises costs only its own case
        return error


def _case_file(runtime: Runtime, case: LoadedCase, answers: Mapping[str, Any]) -> CaseFile:
    row = case.row
    return CaseFile(
        reference=row.reference,
        service=runtime.flow.key,
        answers=Answers(row.answers, runtime.fields),
        language=row.language,
        office=row.office,
        channel=row.channel,
        received_at=row.received_at,
        entries=case.entries,
        query_answers=answers,
        config=runtime.config,
        places=runtime.places,
        calendar=runtime.standards.calendar(row.office),
    )


def describe(error: Exception) -> tuple[str, str]:
    """Return (cause, summary) of an incident: exception class and place, and no personal data.

    Equal causes get equal digests, so that incidents can be retried in bulk by cause.
    """
    name = type(error).__name__
    if isinstance(error, ReplayMismatch):
        summary = f"{name}: {error}"
    else:
        frames = traceback.extract_tb(error.__traceback__)
        place = (
            f"{Path(frames[-1].filename).name}:{frames[-1].lineno} in {frames[-1].name}" if frames else "?"
        )
        summary = f"{name} at {place}"
    return hashlib.sha256(summary.encode()).hexdigest()[:16], summary
