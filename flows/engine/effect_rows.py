"""The rows of effects: letters, messages, links, rows of lists, payment orders, ends of assignments."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import TYPE_CHECKING, Any

from cases.assignments import end_of
from cases.journal import Opened, Recorded
from cases.vocabulary import ExportStatus, LetterStatus, MessageStatus, StepKind

if TYPE_CHECKING:
    from flows.engine.runtime import Runtime
    from flows.engine.writing import Rows

CODE_ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
CODE_LENGTH = 16


def order_row(case: Any, write: Opened, now: datetime) -> dict[str, Any]:
    """Return the row of the payment order that a wait of `case` (its row as read) makes."""
    shows = write.wait.shows
    return {
        "case_id": case.id,
        "generation": case.generation,
        "key": write.key,
        "created_at": now,
        "list": shows["list"],
        "facts": shows["facts"],
        "status": ExportStatus.PENDING,
    }


def add_effect(rows: Rows, runtime: Runtime, case: Any, write: Recorded, now: datetime) -> None:
    """Add to `rows` what an effect of `case` (its row as read) asks for. Raises KeyError for an office that
    is no more."""
    payload = write.payload
    if payload is None:
        return
    own = {"case_id": case.id, "generation": case.generation, "key": write.key, "created_at": now}
    if write.kind is StepKind.LINK:
        rows.links.append(own | {"other_reference": payload["reference"], "kind": payload["kind"]})
        return
    if write.kind is StepKind.RELEASE:
        rows.releases.append(end_of(case.id, case.generation, write.key, payload["of"], now))
        return
    if write.kind is StepKind.EXPORT:
        row = {"list": payload["list"], "facts": payload["facts"], "status": ExportStatus.PENDING}
        rows.exports.append(own | row)
        return
    common = own | {
        "template": payload["template"],
        "language": payload["language"],
        "facts": payload["facts"] | runtime.sender(case.office) | {"reference": case.reference},
    }
    if write.kind is StepKind.LETTER:
        code = "".join(secrets.choice(CODE_ALPHABET) for _ in range(CODE_LENGTH))
        replaced = payload.get("supersedes") or {}
        rows.letters.append(
            common
            | {"status": LetterStatus.PENDING, "code": code}
            | {"supersedes_case": replaced.get("reference"), "supersedes_key": replaced.get("key")}
        )
    elif payload["recipient"]:
        rows.messages.append(
            common
            | {
                "status": MessageStatus.PENDING,
                "recipient": payload["recipient"],
                "repeatable": payload["repeatable"],
            }
        )
