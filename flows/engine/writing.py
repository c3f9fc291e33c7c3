"""Write what a batch of replays came to, in grouped statements.

Runs inside one transaction of the caller: locks the case rows in id order, drops every case whose
version differs from the one that was read (it stays ready), and writes the rest.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, bindparam, insert, select, update

from cases.audit import trail_of
from cases.journal import Cancelled, Opened, Recorded, Replay
from cases.models import Case, Event, Incident, JournalEntry, Letter, Message, table_of
from cases.numbers import NumberRequest, allot
from cases.vocabulary import CaseStatus, EventKind, LetterStatus, MessageStatus, StepKind, StepStatus

if TYPE_CHECKING:
    from flows.engine.advance import AdvanceReport
    from flows.engine.runtime import Runtime

ACTOR = "system"
CODE_ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
CODE_LENGTH = 16


@dataclass(frozen=True, slots=True)
class Advanced:
    """A case row as read, and what its replay came to."""

    case: Any
    replay: Replay


@dataclass(frozen=True, slots=True)
class Halted:
    """A case row as read, whose procedure raised."""

    case: Any
    cause: str
    summary: str


class _Rows:
    """Rows to be written, by table."""

    def __init__(self) -> None:
        self.journal: list[dict[str, Any]] = []
        self.letters: list[dict[str, Any]] = []
        self.messages: list[dict[str, Any]] = []
        self.events: list[dict[str, Any]] = []
        self.cases: list[dict[str, Any]] = []
        self.cancelled: list[dict[str, Any]] = []
        self.incidents: list[dict[str, Any]] = []


def write_batch(
    connection: Connection,
    runtime: Runtime,
    advanced: Sequence[Advanced],
    halted: Sequence[Halted],
    *,
    now: datetime,
    report: AdvanceReport,
) -> None:
    """Write all cases that nobody changed since they were read; note in `report` what happened."""
    read: dict[int, int] = {item.case.id: item.case.version for item in advanced}
    read |= {item.case.id: item.case.version for item in halted}
    mine = _lock_unchanged(connection, read)
    report.counts["overtaken"] += len(read) - len(mine)
    rows = _Rows()
    kept = [item for item in advanced if item.case.id in mine]
    numbers = _allot_numbers(connection, runtime, kept, now)
    for item in kept:
        _prepare(rows, runtime, item, numbers, now)
        report.counts["closed" if item.replay.outcome else "advanced"] += 1
        report.references.append(item.case.reference)
    for stop in (item for item in halted if item.case.id in mine):
        _prepare_incident(rows, runtime, stop, now)
        report.counts["incident"] += 1
        report.incidents.append(f"{stop.case.reference}: {stop.summary.split()[0].rstrip(':')}")
    _execute(connection, rows)


def _lock_unchanged(connection: Connection, read: dict[int, int]) -> Collection[int]:
    locked = connection.execute(
        select(Case.id, Case.version)
        .where(Case.id.in_(read))
        .order_by(Case.id)
        .with_for_update(skip_locked=True)
    )
    return {row.id for row in locked if read[row.id] == row.version}


def _allot_numbers(
    connection: Connection, runtime: Runtime, kept: Sequence[Advanced], now: datetime
) -> dict[int, str]:
    wanted = [
        _number_request(runtime, item.case, write)
        for item in kept
        for write in item.replay.writes
        if isinstance(write, Recorded) and write.kind is StepKind.NUMBER
    ]
    return allot(connection, wanted, now=now) if wanted else {}


def _number_request(runtime: Runtime, case: Any, write: Recorded) -> NumberRequest:
    key = write.key.partition("#")[0]
    series, year = runtime.config.series[key], (write.payload or {})["year"]
    office = runtime.offices[case.office].code
    pattern = series.pattern.replace("{year}", str(year)).replace("{office}", office)
    return NumberRequest(case.id, key, series.counter(year=year, office=office), pattern)


def _prepare(rows: _Rows, runtime: Runtime, item: Advanced, numbers: dict[int, str], now: datetime) -> None:
    case, replay = item.case, item.replay
    cancelled = {write.key for write in replay.writes if isinstance(write, Cancelled)}
    opened = set()
    for write in replay.writes:
        if isinstance(write, Opened):
            opened.add(write.key)
            rows.journal.append(_opened_row(runtime, case, write, now, write.key in cancelled))
        elif isinstance(write, Recorded):
            result = numbers[case.id] if write.kind is StepKind.NUMBER else write.result
            rows.journal.append(_recorded_row(runtime, case, write, result))
            _prepare_effect(rows, runtime, case, write, now)
    for key in cancelled - opened:
        rows.cancelled.append({"b_case": case.id, "b_key": key, "b_now": now})
    trail = trail_of(case)
    rows.events.append(trail.add(EventKind.ADVANCED, ACTOR, now, _told(runtime, replay)))
    rows.cases.append(
        {
            "b_id": case.id,
            "ready": replay.number is not None,  # goes on at once with the number it was given
            "halted": False,
            "code": runtime.flow.code,
            "status": CaseStatus.CLOSED if replay.outcome else CaseStatus.OPEN,
            "outcome": replay.outcome,
            "closed_at": now if replay.outcome else None,
            "version": case.version + 1,
            **trail.columns(),
        }
    )


def _told(runtime: Runtime, replay: Replay) -> dict[str, Any]:
    told: dict[str, Any] = {"code": runtime.flow.code}
    for name, kind in (("opened", Opened), ("recorded", Recorded), ("cancelled", Cancelled)):
        keys = [write.key for write in replay.writes if isinstance(write, kind)]
        if keys:
            told[name] = keys
    if replay.outcome:
        told["outcome"] = replay.outcome
    return told


def _opened_row(runtime: Runtime, case: Any, write: Opened, now: datetime, cancelled: bool) -> dict[str, Any]:
    wait = write.wait
    standards, service = runtime.standards, runtime.flow.key
    due = standards.due(service, write.key, case.office, write.since)
    expires_at = wait.until
    if wait.within is not None:
        # Counted from now and not from `since`: the citizen's time must not run before the question
        # stood on the page (an import can be months old).
        expires_at = standards.expires(case.office, now, wait.within)
    return _row(runtime, case, write.key, wait.kind) | {
        "status": StepStatus.CANCELLED if cancelled else StepStatus.OPEN,
        "opened_at": now,
        "done_at": write.since if cancelled else None,
        "role": wait.role,
        "outcomes": list(wait.outcomes) if wait.outcomes is not None else None,
        "shows": dict(wait.shows),
        "digest": write.digest,
        "due_at": due[0] if due else None,
        "sla": due[1] if due else None,
        "expires_at": expires_at,
    }


def _recorded_row(runtime: Runtime, case: Any, write: Recorded, result: Any) -> dict[str, Any]:
    return _row(runtime, case, write.key, write.kind) | {
        "status": StepStatus.DONE,
        "opened_at": write.at,
        "done_at": write.at,
        "result": result,
    }


def _row(runtime: Runtime, case: Any, key: str, kind: StepKind) -> dict[str, Any]:
    return {
        "case_id": case.id,
        "generation": case.generation,
        "key": key,
        "kind": kind,
        "service": runtime.flow.key,
        "office": case.office,
        "form_version": case.form_version,
        "result": None,
        "role": None,
        "outcomes": None,
        "shows": None,
        "digest": None,
        "due_at": None,
        "sla": None,
        "expires_at": None,
    }


def _prepare_effect(rows: _Rows, runtime: Runtime, case: Any, write: Recorded, now: datetime) -> None:
    payload = write.payload
    if payload is None or write.kind is StepKind.NUMBER:
        return
    common = {
        "case_id": case.id,
        "generation": case.generation,
        "key": write.key,
        "template": payload["template"],
        "language": payload["language"],
        "facts": payload["facts"] | runtime.sender(case.office) | {"reference": case.reference},
        "created_at": now,
    }
    if write.kind is StepKind.LETTER:
        code = "".join(secrets.choice(CODE_ALPHABET) for _ in range(CODE_LENGTH))
        rows.letters.append(common | {"status": LetterStatus.PENDING, "code": code})
    elif payload["recipient"]:
        rows.messages.append(
            common
            | {
                "status": MessageStatus.PENDING,
                "recipient": payload["recipient"],
                "repeatable": payload["repeatable"],
            }
        )


def _prepare_incident(rows: _Rows, runtime: Runtime, stop: Halted, now: datetime) -> None:
    case = stop.case
    trail = trail_of(case)
    rows.events.append(trail.add(EventKind.INCIDENT, ACTOR, now, {"cause": stop.cause}))
    rows.incidents.append(
        {
            "case_id": case.id,
            "service": runtime.flow.key,
            "generation": case.generation,
            "cause": stop.cause,
            "summary": stop.summary,
            "code": runtime.flow.code,
            "occurred_at": now,
        }
    )
    rows.cases.append(
        {
            "b_id": case.id,
            "ready": True,  # it goes on when the incident is retried
            "halted": True,
            "code": case.code,
            "status": CaseStatus.OPEN,
            "outcome": None,
            "closed_at": None,
            "version": case.version + 1,
            **trail.columns(),
        }
    )


_CASE_COLUMNS = (
    "ready",
    "halted",
    "code",
    "status",
    "outcome",
    "closed_at",
    "version",
    "audit_count",
    "audit_head",
    "audit_at",
)
_UPDATE_CASES = (
    update(table_of(Case))
    .where(Case.id == bindparam("b_id"))
    .values({name: bindparam(name) for name in _CASE_COLUMNS})
)
_CANCEL = (
    update(table_of(JournalEntry))
    .where(
        JournalEntry.case_id == bindparam("b_case"),
        JournalEntry.key == bindparam("b_key"),
        JournalEntry.cut_by.is_(None),
        JournalEntry.status == StepStatus.OPEN,
    )
    .values(status=StepStatus.CANCELLED, done_at=bindparam("b_now"))
)


def _execute(connection: Connection, rows: _Rows) -> None:
    for model, values in (
        (JournalEntry, rows.journal),
        (Letter, rows.letters),
        (Message, rows.messages),
        (Incident, rows.incidents),
        (Event, rows.events),
    ):
        if values:
            connection.execute(insert(table_of(model)), values)
    if rows.cancelled:
        connection.execute(_CANCEL, rows.cancelled)
    if rows.cases:
        connection.execute(_UPDATE_CASES, rows.cases)
