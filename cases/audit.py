"""The audit trail: one chain of events a case, and the log of who read what.

Each event stores the very bytes (canonical JSON) that were hashed together with its predecessor's
hash; the newest hash and the count lie on the case row. Personal values enter only as salted digests,
so that erasing a case's salt leaves a chain that still verifies and says nothing about a person.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, insert, select

from cases.models import AccessLogEntry, Case, Event
from cases.vocabulary import EventKind

_encode = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode


def canonical(value: Any) -> str:
    """Return `value` as canonical text: sorted keys, no spaces.

    Raises TypeError or ValueError for what isn't JSON (a set, a date, a NaN).
    """
    return _encode(value)


def digest(value: Any) -> str:
    """Return the sha256 (hex) of `value`'s canonical text."""
    return hashlib.sha256(_encode(value).encode()).hexdigest()


def salted(salt: str, value: Any) -> str:
    """Return a digest of a personal value that means nothing once the case's salt is erased."""
    return hashlib.sha256(f"{salt}{_encode(value)}".encode()).hexdigest()


def chained(head: str, body: str) -> str:
    """Return the hash of an event: sha256 over its predecessor's hash and its own stored bytes."""
    return hashlib.sha256(f"{head}{body}".encode()).hexdigest()


@dataclass(slots=True)
class Trail:
    """The end of one case's chain, to which events are added before they are written."""

    case_id: int
    reference: str
    count: int
    head: str
    at: datetime

    def add(self, kind: EventKind, actor: str, now: datetime, data: Mapping[str, Any]) -> dict[str, Any]:
        """Return the row of the next event and move the trail on.

        An instant earlier than the newest event's (another machine's clock) is raised to it, so
        that the instants of a case never decrease.
        """
        self.at = max(self.at, now)
        self.count += 1
        body = _encode(
            {
                "case": self.reference,
                "seq": self.count,
                "at": self.at.isoformat(),
                "kind": kind,
                "actor": actor,
            }
            | {"data": data}
        )
        self.head = chained(self.head, body)
        return {
            "case_id": self.case_id,
            "seq": self.count,
            "at": self.at,
            "kind": kind,
            "body": body,
            "hash": self.head,
        }

    def columns(self) -> dict[str, Any]:
        """Return the case row's columns that hold the end of the chain."""
        return {"audit_count": self.count, "audit_head": self.head, "audit_at": self.at}


def trail_of(case: Any) -> Trail:
    """Return the trail of a case row (anything with id, reference, audit_count, audit_head, audit_at)."""
    return Trail(case.id, case.reference, case.audit_count, case.audit_head, case.audit_at)


def log_read(
    connection: Connection,
    *,
    actor: str,
    action: str,
    now: datetime,
    case_id: int | None = None,
    detail: str | None = None,
) -> None:
    """Write one row of the access log: a page with personal data was read, or somebody signed in."""
    connection.execute(
        insert(AccessLogEntry).values(actor=actor, action=action, at=now, case_id=case_id, detail=detail)
    )


@dataclass(frozen=True)
class BrokenChain:
    """A case whose events don't add up, and what is wrong."""

    reference: str
    problem: str


def verify(connection: Connection, *, batch: int = 500) -> Iterator[BrokenChain | int]:
    """Check every case's chain. Yields a BrokenChain for each fault and, after each batch, the number
    of cases checked so far (int)."""
    checked, last_id = 0, 0
    while True:
        ids = list(
            connection.execute(
                select(Case.id).where(Case.id > last_id).order_by(Case.id).limit(batch)
            ).scalars()
        )
        if not ids:
            return
        yield from _verify_batch(connection, ids)
        checked += len(ids)
        last_id = ids[-1]
        yield checked


def _verify_batch(connection: Connection, ids: Sequence[int]) -> Iterator[BrokenChain]:
    # Cases and events in one statement, which sees one moment: read apart, a case that moves on in
    # between would look broken.
    rows = connection.execute(
        select(
            *(Case.id, Case.reference, Case.audit_count, Case.audit_head),
            *(Event.seq, Event.at, Event.kind, Event.body, Event.hash),
        )
        .outerjoin(Event, Event.case_id == Case.id)
        .where(Case.id.in_(ids))
        .order_by(Case.id, Event.seq)
    )
    for _, group in groupby(rows, key=lambda row: row.id):
        events = list(group)
        problem = _fault(events[0], [event for event in events if event.seq is not None])
        if problem:
            yield BrokenChain(events[0].reference, problem)


def _fault(case: Any, events: list[Any]) -> str | None:
    head, at = "", None
    for number, event in enumerate(events, start=1):
        if event.seq != number:
            return f"event {number} is missing"
        if chained(head, event.body) != event.hash:
            return f"event {number} was changed"
        body = json.loads(event.body)
        told = (body["seq"], body["case"], body["kind"], datetime.fromisoformat(body["at"]))
        if told != (event.seq, case.reference, event.kind, event.at):
            return f"event {number} doesn't match its columns"
        if at is not None and event.at < at:
            return f"event {number} is earlier than the one before it"
        head, at = event.hash, event.at
    if len(events) != case.audit_count or head != case.audit_head:
        return f"the case says {case.audit_count} events, there are {len(events)}, or the newest was changed"
    return None
