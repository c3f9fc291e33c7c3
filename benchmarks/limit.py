"""The limit: the same rows as the verbs write, by plain SQLAlchemy Core, without any of their checks.

One transaction, and one commit, for each submission and each decision. The statements are made once;
every value is worked out beforehand; nothing is read, locked, compared or hashed, and nobody is woken.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, insert, update

from cases.actions import Application
from cases.audit import digest
from cases.db import Database
from cases.models import Case, Event, JournalEntry, LikenessRow, MatchKey, table_of

_INSERT_CASE = insert(table_of(Case)).returning(Case.id)
_INSERT_EVENT = insert(table_of(Event)).inline()
_INSERT_MATCH = insert(table_of(MatchKey)).inline()
_INSERT_LIKENESS = insert(table_of(LikenessRow)).inline()
_UPDATE_STEP = (
    update(table_of(JournalEntry))
    .where(JournalEntry.id == bindparam("step_id"))
    .values({name: bindparam(name) for name in ("status", "result", "done_at", "done_by")})
)
_CASE_VALUES: dict[str, Any] = {
    name: bindparam(name) for name in ("ready", "audit_count", "audit_head", "audit_at")
}
_UPDATE_CASE = (
    update(table_of(Case))
    .where(Case.id == bindparam("case_id"))
    .values(version=Case.version + 1, **_CASE_VALUES)
)


@dataclass(frozen=True, slots=True)
class CoreSubmission:
    """The rows of a submission; the case's id is filled in when it is known."""

    case: dict[str, Any]
    event: dict[str, Any]
    match: dict[str, Any] | None
    likeness: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class CoreDecision:
    """The values of a decision."""

    step: dict[str, Any]
    case: dict[str, Any]
    event: dict[str, Any]


def core_submission(application: Application, now: datetime) -> CoreSubmission:
    """Return the rows that `submit` would write for an application."""
    head = digest(application.reference)
    told = {
        "service": application.service,
        "channel": application.channel,
        "office": application.office,
        "received_at": application.received_at.isoformat(),
        "answers": head,
    }
    case = {
        "reference": application.reference,
        "service": application.service,
        "status": "open",
        "generation": 0,
        "version": 1,
        "ready": True,
        "halted": False,
        "answers": dict(application.answers),
        "form_version": application.form_version,
        "language": application.language,
        "channel": application.channel,
        "office": application.office,
        "external_id": application.external_id,
        "client_key": application.client_key,
        "pin_digest": application.pin_digest,
        "salt": head[:32],
        "received_at": application.received_at,
        "created_at": now,
        "audit_count": 1,
        "audit_head": head,
        "audit_at": now,
    }
    match = [
        {"service": application.service, "name": name, "value": value}
        for name, value in application.match.items()
    ]
    likeness = application.likeness and {**application.likeness, "service": application.service}
    event = _event(application.reference, 1, now, "submitted", head, told)
    return CoreSubmission(case, event, match[0] if match else None, likeness)


def core_decision(task: Any, outcome: str, now: datetime) -> CoreDecision:
    """Return the values that `decide` would write. task: a row of `jobs.open_tasks`."""
    result = {"outcome": outcome, "by_name": "Mere Tukana", "by_role": "registrar"}
    head = digest([task.reference, task.step_id])
    told = {"step": task.key, "outcome": outcome, "words": head}
    count = task.audit_count + 1
    return CoreDecision(
        {"step_id": task.step_id, "status": "done", "result": result, "done_at": now, "done_by": "mere"},
        {"case_id": task.id, "ready": True, "audit_count": count, "audit_head": head, "audit_at": now},
        _event(task.reference, count, now, "decided", head, told) | {"case_id": task.id},
    )


def _event(
    reference: str, seq: int, now: datetime, kind: str, head: str, told: dict[str, Any]
) -> dict[str, Any]:
    body = f'{{"actor":"mere","at":"{now.isoformat()}","case":"{reference}","data":{told},"seq":{seq}}}'
    return {"seq": seq, "at": now, "kind": kind, "body": body, "hash": head}


def submit_by_core(db: Database, rows: CoreSubmission) -> None:
    """Write a submission and commit."""
    with db.write() as connection:
        case_id = connection.execute(_INSERT_CASE, rows.case).scalar_one()
        connection.execute(_INSERT_EVENT, rows.event | {"case_id": case_id})
        if rows.match:
            connection.execute(_INSERT_MATCH, rows.match | {"case_id": case_id})
        if rows.likeness:
            connection.execute(_INSERT_LIKENESS, rows.likeness | {"case_id": case_id})


def decide_by_core(db: Database, values: CoreDecision) -> None:
    """Write a decision and commit."""
    with db.write() as connection:
        connection.execute(_UPDATE_STEP, values.step)
        connection.execute(_UPDATE_CASE, values.case)
        connection.execute(_INSERT_EVENT, values.event)
