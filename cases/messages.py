"""Messages on their way to a gateway, which can't be asked whether it already has one.

    pending ──claim──▶ sending ──finish──▶ sent | failed
                          └── found in `sending` after a crash ──▶ unknown ──(if repeatable)──▶ pending

So `sending` with an attempt id is committed before the gateway is called; a double, where it can't be
excluded, is a second attempt that stands in the audit trail.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, and_, func, or_, select, update

from cases.case_rows import Done, lock_case, move_on, step_set_aside
from cases.models import Case, Message, table_of
from cases.revisions import WITHDRAWN
from cases.vocabulary import EventKind, MessageStatus

HOLD_FOR = timedelta(minutes=2)
MAX_ATTEMPTS = 5
DRAFT = "draft"


@dataclass(frozen=True, slots=True)
class MessageWork:
    """A claimed message: what to send, and the attempt that alone may finish it.

    case_id: None for a message about a draft, whose `reference` is "draft" and whose service is unknown.
    """

    id: int
    case_id: int | None
    reference: str
    service: str
    attempt_id: str
    attempt: int
    template: str
    language: str
    facts: dict[str, Any]
    recipient: str


def count_claimable(connection: Connection, *, now: datetime) -> int:
    """Return how many messages wait to be sent or were left in `sending` by a crash."""
    waiting = or_(_due(now), _abandoned(now))
    return int(connection.execute(select(func.count(Message.id)).where(waiting)).scalar_one())


def claim_messages(
    connection: Connection, *, now: datetime, limit: int, hold_for: timedelta = HOLD_FOR
) -> list[MessageWork]:
    """Claim up to `limit` messages as `sending`, each with a new attempt id. Commit before calling out.

    hold_for: for how long nobody else may think that the sender has died.
    """
    rows = connection.execute(
        select(Message, Case.reference, Case.service)
        .outerjoin(Case, Case.id == Message.case_id)
        .where(_due(now))
        .order_by(Message.id)
        .limit(limit)
        .with_for_update(of=Message, skip_locked=True)
    ).all()
    return [_claim(connection, row, now + hold_for) for row in rows]


def _claim(connection: Connection, row: Any, held_until: datetime) -> MessageWork:
    attempt_id = uuid.uuid4().hex
    connection.execute(
        update(table_of(Message))
        .where(Message.id == row.id)
        .values(
            status=MessageStatus.SENDING,
            attempt=Message.attempt + 1,
            attempt_id=attempt_id,
            held_until=held_until,
        )
    )
    return MessageWork(
        row.id,
        row.case_id,
        row.reference or DRAFT,
        row.service or "",
        attempt_id,
        row.attempt + 1,
        row.template,
        row.language,
        row.facts,
        row.recipient,
    )


def finish_message(
    connection: Connection, work: MessageWork, *, failure: str | None, now: datetime
) -> Done | None:
    """Note what the gateway said: sent (`failure` None), or why not.

    A failed message is tried again up to five times, later each time, and not at all when its step was
    set aside or its case withdrawn meanwhile. Returns None, writing nothing, when another attempt has the
    message by now, and for a message about a draft, which has no trail.
    """
    case = None if work.case_id is None else lock_case(connection, work.case_id)
    values: dict[str, Any] = {
        "status": MessageStatus.SENT,
        "sent_at": now,
        "held_until": None,
        "failure": None,
    }
    if failure is not None:
        again = work.attempt < MAX_ATTEMPTS and _is_wanted(connection, case, work.id)
        values = {
            "status": MessageStatus.PENDING if again else MessageStatus.FAILED,
            "held_until": now + timedelta(minutes=2**work.attempt) if again else None,
            "failure": failure[:500],
        }
    changed = connection.execute(
        update(table_of(Message))
        .where(
            Message.id == work.id,
            Message.attempt_id == work.attempt_id,
            Message.status.in_((MessageStatus.SENDING, MessageStatus.UNKNOWN)),
        )
        .values(values)
    )
    if changed.rowcount == 0 or case is None:
        return None
    kind = EventKind.MESSAGE_SENT if failure is None else EventKind.MESSAGE_FAILED
    told = {"message": work.id, "attempt": work.attempt_id}
    return move_on(connection, case, kind, "system", now, told)


def recover_abandoned(connection: Connection, *, now: datetime, limit: int = 50) -> int:
    """Mark messages left in `sending` by a crash as unknown; the repeatable ones go back to pending.

    Each is an event of its case, if it has one. Returns how many there were.
    """
    found = connection.execute(
        select(Message.id, Message.case_id).where(_abandoned(now)).order_by(Message.case_id).limit(limit)
    ).all()
    return sum(_recover(connection, row.id, row.case_id, now) for row in found)


def _recover(connection: Connection, message_id: int, case_id: int | None, now: datetime) -> int:
    case = None if case_id is None else lock_case(connection, case_id)
    row = connection.execute(select(Message).where(Message.id == message_id, _abandoned(now))).one_or_none()
    if row is None:
        return 0
    again = row.repeatable and row.attempt < MAX_ATTEMPTS and _is_wanted(connection, case, message_id)
    connection.execute(
        update(table_of(Message))
        .where(Message.id == message_id)
        .values(status=MessageStatus.PENDING if again else MessageStatus.UNKNOWN, held_until=None)
    )
    if case is not None:
        told = {"message": message_id, "attempt": row.attempt_id, "repeated": again}
        move_on(connection, case, EventKind.MESSAGE_UNKNOWN, "system", now, told)
    return 1


def _is_wanted(connection: Connection, case: Any | None, message_id: int) -> bool:
    if case is None:
        return True
    wanted = select(Message.id).where(Message.id == message_id, ~step_set_aside(Message))
    return case.outcome != WITHDRAWN and connection.execute(wanted).first() is not None


def _due(now: datetime) -> Any:
    rested = or_(Message.held_until.is_(None), Message.held_until <= now)
    return and_(Message.status == MessageStatus.PENDING, rested)


def _abandoned(now: datetime) -> Any:
    return (Message.status == MessageStatus.SENDING) & (Message.held_until < now)
