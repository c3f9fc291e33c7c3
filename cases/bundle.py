"""A case as a review of it needs it: what was applied for, how and by whom it was decided, what was sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypedDict

from sqlalchemy import Connection, func, select

from cases.models import Case, Document, JournalEntry, Letter
from cases.people import normalise_reference
from cases.vocabulary import DECIDED, LetterStatus, StepKind, StepStatus


class Decided(TypedDict):
    """One decision of an officer. `by` is a username; `by_name` and `by_role` as on that day; `at` an ISO
    instant in UTC."""

    key: str
    outcome: str
    by: str
    by_name: str
    by_role: str
    at: str
    reasons: list[dict[str, Any]]
    grounds: list[dict[str, Any]]
    overrides: list[dict[str, Any]]
    note: str | None
    question: str | None
    details: dict[str, Any]


class BundledLetter(TypedDict):
    """A letter that was issued, with the code of its verification page."""

    key: str
    code: str
    issued_at: str


class Bundle(TypedDict):
    """A case. `outcome` and `closed_at` are None while it is open. `criteria`: as they were assessed last,
    with what the latest officer to decide on them overrode. `decided_by`: the usernames of all who decided
    something, each once. `documents`: how many came with it."""

    reference: str
    service: str
    outcome: str | None
    received_at: str
    closed_at: str | None
    answers: dict[str, Any]
    criteria: list[dict[str, Any]]
    decisions: list[Decided]
    decided_by: list[str]
    letters: list[BundledLetter]
    documents: int


def find_bundle(connection: Connection, *, service: str, reference: str | None) -> Bundle | None:
    """Return the case of this service with this reference, however it was typed; None if there is none."""
    asked = normalise_reference(reference or "")
    case = connection.execute(
        select(Case.id, Case.outcome, Case.received_at, Case.closed_at, Case.answers).where(
            Case.reference == asked, Case.service == service
        )
    ).one_or_none()
    if case is None:
        return None
    entries = connection.execute(
        select(JournalEntry.__table__)
        .where(
            JournalEntry.case_id == case.id,
            JournalEntry.cut_by.is_(None),
            JournalEntry.status == StepStatus.DONE,
        )
        .order_by(JournalEntry.done_at, JournalEntry.id)
    ).all()
    decisions = [_decided(entry) for entry in entries if entry.kind in DECIDED]
    documents = select(func.count(Document.id)).where(
        Document.case_id == case.id, Document.sent_at.is_not(None), Document.removed_at.is_(None)
    )
    return {
        "reference": asked,
        "service": service,
        "outcome": case.outcome,
        "received_at": case.received_at.isoformat(),
        "closed_at": case.closed_at.isoformat() if case.closed_at else None,
        "answers": dict(case.answers),
        "criteria": _criteria(entries),
        "decisions": decisions,
        "decided_by": list(dict.fromkeys(decision["by"] for decision in decisions)),
        "letters": _letters(connection, case.id),
        "documents": int(connection.execute(documents).scalar_one()),
    }


def _decided(entry: Any) -> Decided:
    result = entry.result
    return {
        "key": entry.key,
        "outcome": result["outcome"],
        "by": entry.done_by or "",
        "by_name": result.get("by_name", ""),
        "by_role": result.get("by_role", ""),
        "at": entry.done_at.isoformat(),
        "reasons": list(result.get("reasons", ())),
        "grounds": list(result.get("grounds", ())),
        "overrides": list(result.get("overrides", ())),
        "note": result.get("note"),
        "question": result.get("question"),
        "details": dict(result.get("details", {})),
    }


def _letters(connection: Connection, case_id: int) -> list[BundledLetter]:
    sent = (LetterStatus.ISSUED, LetterStatus.SUPERSEDED)
    rows = connection.execute(
        select(Letter.key, Letter.code, Letter.issued_at)
        .where(Letter.case_id == case_id, Letter.status.in_(sent))
        .order_by(Letter.id)
    )
    return [{"key": row.key, "code": row.code, "issued_at": row.issued_at.isoformat()} for row in rows]


def _criteria(entries: Sequence[Any]) -> list[dict[str, Any]]:
    """Return the criteria as they stood in the end: those shown with the last decision about any, with its
    overrides; before there is one, those that were assessed last."""
    for entry in reversed(entries):
        if entry.kind in DECIDED and (shown := (entry.shows or {}).get("criteria")):
            return _overridden(shown, entry.result)
    for entry in reversed(entries):
        if entry.kind == StepKind.RULE and _are_criteria(entry.result):
            return list(entry.result)
    return []


def _are_criteria(result: Any) -> bool:
    return (
        isinstance(result, list)
        and bool(result)
        and all(isinstance(each, dict) and {"key", "status", "facts"} <= each.keys() for each in result)
    )


def _overridden(criteria: Sequence[Mapping[str, Any]], result: Mapping[str, Any]) -> list[dict[str, Any]]:
    overrides = {each["criterion"]: each for each in result.get("overrides", ())}
    return [
        dict(each) if each["key"] not in overrides else _override(each, overrides[each["key"]], result)
        for each in criteria
    ]


def _override(
    finding: Mapping[str, Any], override: Mapping[str, Any], result: Mapping[str, Any]
) -> dict[str, Any]:
    by = {name: result.get(name, "") for name in ("by_name", "by_role")}
    told = {**by, "text": override["text"], "was": finding["status"]}
    return {**finding, "status": override["to"], "overridden": told}
