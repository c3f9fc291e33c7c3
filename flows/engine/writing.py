"""Write what a batch of replays came to, in grouped statements.

The rows are prepared case by case, without a transaction. `write_batch` then runs inside one transaction
of the caller: locks the case rows in id order, drops every case whose version differs from the one that was
read (it stays ready), and writes the rest.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, bindparam, insert, select, update

from cases.assignments import PlaceRequest, end_places, take_places
from cases.audit import trail_of
from cases.db import among
from cases.duplicates import RecheckRequest, recheck
from cases.journal import Cancelled, Opened, Recorded, Replay
from cases.models import (
    Case,
    CaseLink,
    ClockRow,
    Event,
    ExportRow,
    Incident,
    JournalEntry,
    Letter,
    Message,
    table_of,
)
from cases.numbers import NumberRequest, allot
from cases.payments import place_orders
from cases.standards import Armed
from cases.vocabulary import (
    CaseStatus,
    EventKind,
    StepKind,
    StepStatus,
)
from flows.engine.arming import arm_cases, clocks_of_case
from flows.engine.effect_rows import add_effect, order_row

if TYPE_CHECKING:
    from flows.engine.advance import AdvanceReport
    from flows.engine.runtime import Runtime

ACTOR = "system"
InWriting = NumberRequest | RecheckRequest | PlaceRequest


class Rows:
    """Rows to be written, by table."""

    __slots__ = TABLES = (
        *(
            "journal",
            "clocks",
            "case_clocks",
            "letters",
            "messages",
            "links",
            "exports",
            "payments",
            "releases",
        ),
        *("incidents", "events", "cancelled", "cases"),
    )

    def __init__(self) -> None:
        self.journal: list[dict[str, Any]] = []
        self.clocks: list[dict[str, Any]] = []
        self.case_clocks: list[dict[str, Any]] = []
        self.letters: list[dict[str, Any]] = []
        self.messages: list[dict[str, Any]] = []
        self.links: list[dict[str, Any]] = []
        self.exports: list[dict[str, Any]] = []
        self.payments: list[dict[str, Any]] = []
        self.releases: list[dict[str, Any]] = []
        self.incidents: list[dict[str, Any]] = []
        self.events: list[dict[str, Any]] = []
        self.cancelled: list[dict[str, Any]] = []
        self.cases: list[dict[str, Any]] = []

    def add(self, more: Rows) -> None:
        """Append the rows of `more`, table by table."""
        for table in self.TABLES:
            getattr(self, table).extend(getattr(more, table))


@dataclass(frozen=True, slots=True)
class Prepared:
    """A case row as read, and the rows to be written if nobody has changed it since.

    happened: "advanced", "closed" or "incident". in_writing: the number or recheck it waits for; its last
    journal row gets the result. incident: what the report says of an incident.
    """

    case: Any
    happened: str
    rows: Rows
    in_writing: InWriting | None = None
    incident: str | None = None


def write_batch(
    connection: Connection, prepared: Sequence[Prepared], *, now: datetime, report: AdvanceReport
) -> None:
    """Write all cases that nobody changed since they were read; note in `report` what happened."""
    mine = _lock_unchanged(connection, {item.case.id: item.case.version for item in prepared})
    report.counts["overtaken"] += len(prepared) - len(mine)
    kept = [item for item in prepared if item.case.id in mine]
    results = _results(connection, [item.in_writing for item in kept if item.in_writing], now)
    rows = Rows()
    for item in kept:
        if item.in_writing:
            item.rows.journal[-1]["result"] = results[item.case.id]
        rows.add(item.rows)
        report.counts[item.happened] += 1
        if item.incident is None:
            report.references.append(item.case.reference)
        else:
            report.incidents.append(f"{item.case.reference}: {item.incident}")
    _execute(connection, rows, now)


def _results(connection: Connection, wanted: Sequence[InWriting], now: datetime) -> dict[int, Any]:
    """Return {case id: result} of the steps whose results are made under a lock; one request a case."""
    numbers = [request for request in wanted if isinstance(request, NumberRequest)]
    rechecks = [request for request in wanted if isinstance(request, RecheckRequest)]
    places = [request for request in wanted if isinstance(request, PlaceRequest)]
    results: dict[int, Any] = {}
    if rechecks:
        results |= recheck(connection, rechecks, now=now)
    if places:
        results |= take_places(connection, places, now=now)
    if numbers:
        results |= allot(connection, numbers, now=now)
    return results


def _lock_unchanged(connection: Connection, read: dict[int, int]) -> Collection[int]:
    locked = connection.execute(_LOCK_CASES, {"ids": list(read)})
    return {row.id for row in locked if read[row.id] == row.version}


def _number_request(runtime: Runtime, case: Any, write: Recorded) -> NumberRequest:
    key = write.key.partition("#")[0]
    series, year = runtime.config.series[key], (write.payload or {})["year"]
    office = runtime.offices[case.office].code
    pattern = series.pattern.replace("{year}", str(year)).replace("{office}", office)
    return NumberRequest(case.id, key, series.counter(year=year, office=office), pattern)


def _place_request(runtime: Runtime, case: Any, write: Recorded) -> PlaceRequest:
    payload = write.payload or {}
    register, holder = payload["register"], payload["holder"]
    capacity = runtime.known.registers[register].holders[holder].capacity
    return PlaceRequest(case.id, case.generation, write.key, register, holder, capacity)


def prepare(runtime: Runtime, case: Any, replay: Replay, *, now: datetime) -> Prepared:
    """Return what is to be written of a replay of `case` (its row as read).

    Needs no transaction. Raises what the configuration's gaps raise (KeyError for an office or a series
    that is no more), so that they too cost only their own case.
    """
    rows = Rows()
    in_writing: InWriting | None = None
    cancelled = {write.key for write in replay.writes if isinstance(write, Cancelled)}
    opened = set()
    for write in replay.writes:
        if isinstance(write, Opened):
            opened.add(write.key)
            _prepare_wait(rows, runtime, case, write, now, write.key in cancelled)
        elif isinstance(write, Recorded):
            rows.journal.append(_recorded_row(runtime, case, write))
            if write.kind is StepKind.NUMBER:
                in_writing = _number_request(runtime, case, write)
            elif write.kind is StepKind.RECHECK:
                in_writing = RecheckRequest(case.id, runtime.flow.key, write.payload or {})
            elif write.kind is StepKind.ASSIGNMENT:
                in_writing = _place_request(runtime, case, write)
            else:
                add_effect(rows, runtime, case, write, now)
    if case.code is None:  # replayed for the first time, or again after an incident or a rewind
        rows.case_clocks.extend(clocks_of_case(runtime, case))
    for key in cancelled - opened:
        rows.cancelled.append({"b_case": case.id, "b_key": key, "b_now": now})
    trail = trail_of(case)
    rows.events.append(trail.add(EventKind.ADVANCED, ACTOR, now, _told(runtime, replay)))
    rows.cases.append(
        {
            "b_id": case.id,
            "ready": replay.in_writing is not None,  # goes on at once with the result
            "halted": False,
            "code": runtime.flow.code,
            "status": CaseStatus.CLOSED if replay.outcome else CaseStatus.OPEN,
            "outcome": replay.outcome,
            "closed_at": now if replay.outcome else None,
            "version": case.version + 1,
            **trail.columns(),
        }
    )
    return Prepared(case, "closed" if replay.outcome else "advanced", rows, in_writing)


def _told(runtime: Runtime, replay: Replay) -> dict[str, Any]:
    told: dict[str, Any] = {"code": runtime.flow.code}
    for name, kind in (("opened", Opened), ("recorded", Recorded), ("cancelled", Cancelled)):
        keys = [write.key for write in replay.writes if isinstance(write, kind)]
        if keys:
            told[name] = keys
    if replay.outcome:
        told["outcome"] = replay.outcome
    return told


def _prepare_wait(
    rows: Rows, runtime: Runtime, case: Any, write: Opened, now: datetime, cancelled: bool
) -> None:
    """Add the row of a wait, that of its clock where a time is promised, that of its order if it pays."""
    clock = runtime.standards.arm(runtime.flow.key, write.key, case.office, write.since)
    rows.journal.append(_opened_row(runtime, case, write, clock, now, cancelled))
    if clock is not None and not cancelled:
        own = {"case_id": case.id, "generation": case.generation, "key": write.key}
        rows.clocks.append(own | clock.row(runtime.flow.key, case.office))
    if write.wait.kind is StepKind.PAYMENT:
        rows.payments.append(order_row(case, write, now))


def _opened_row(
    runtime: Runtime, case: Any, write: Opened, clock: Armed | None, now: datetime, cancelled: bool
) -> dict[str, Any]:
    wait = write.wait
    expires_at = wait.until
    if wait.within is not None:
        # Counted from now and not from `since`: the citizen's time must not run before the question
        # stood on the page (an import can be months old).
        expires_at = runtime.standards.expires(case.office, now, wait.within)
    return _row(runtime, case, write.key, wait.kind) | {
        "status": StepStatus.CANCELLED if cancelled else StepStatus.OPEN,
        "opened_at": now,
        "done_at": write.since if cancelled else None,
        "role": wait.role,
        "office": wait.office or case.office,
        "outcomes": list(wait.outcomes) if wait.outcomes is not None else None,
        "shows": dict(wait.shows),
        "digest": write.digest,
        "not_by": sorted(set(wait.not_by)) or None,
        "urgent": wait.urgent,
        "due_at": clock.deadline if clock else None,
        "sla": clock.made_from | {"office": case.office} if clock else None,
        "expires_at": expires_at,
    }


def _recorded_row(runtime: Runtime, case: Any, write: Recorded) -> dict[str, Any]:
    return _row(runtime, case, write.key, write.kind) | {
        "status": StepStatus.DONE,
        "opened_at": write.at,
        "done_at": write.at,
        "result": write.result,
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
        "not_by": None,
        "urgent": None,
        "due_at": None,
        "sla": None,
        "expires_at": None,
    }


def prepare_incident(runtime: Runtime, case: Any, cause: str, summary: str, *, now: datetime) -> Prepared:
    """Return what is to be written of a case (its row as read) that couldn't be replayed or prepared."""
    rows, trail = Rows(), trail_of(case)
    rows.events.append(trail.add(EventKind.INCIDENT, ACTOR, now, {"cause": cause}))
    rows.incidents.append(
        {
            "case_id": case.id,
            "service": runtime.flow.key,
            "generation": case.generation,
            "cause": cause,
            "summary": summary,
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
    return Prepared(case, "incident", rows, incident=summary.split()[0].rstrip(":"))


_INSERT = {
    model: insert(table_of(model))
    for model in (JournalEntry, ClockRow, Letter, Message, CaseLink, ExportRow, Incident, Event)
}
_LOCK_CASES = (
    select(Case.id, Case.version)
    .where(among(Case.id))
    .order_by(Case.id)
    .with_for_update(skip_locked=True, key_share=True)
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


def _execute(connection: Connection, rows: Rows, now: datetime) -> None:
    for model, values in (
        (JournalEntry, rows.journal),
        (ClockRow, rows.clocks),
        (Letter, rows.letters),
        (Message, rows.messages),
        (CaseLink, rows.links),
        (ExportRow, rows.exports),
        (Incident, rows.incidents),
        (Event, rows.events),
    ):
        if values:
            connection.execute(_INSERT[model], values)
    if rows.case_clocks:
        arm_cases(connection, rows.case_clocks)
    if rows.releases:
        end_places(connection, rows.releases)
    if rows.payments:
        settled = place_orders(connection, rows.payments, now=now)
        for row in rows.cases:
            row["ready"] = row["ready"] or row["b_id"] in settled
    if rows.cancelled:
        connection.execute(_CANCEL, rows.cancelled)
    if rows.cases:
        connection.execute(_UPDATE_CASES, rows.cases)
