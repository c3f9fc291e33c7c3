"""The verbs on clocks: pause, resume and extend. Each writes a line of the ledger that names its cause.

As all verbs (`cases/actions.py`): the case is locked first, the change, its event and the case's version are
one transaction, and the caller commits.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select

from cases.audit import salted
from cases.case_rows import CASES, Done, lock_case, move_on, require_open
from cases.clock_rows import StoredClock, clock_by_id, write_line
from cases.clocks import Allowance, Clock, LineKind, extend, pause, resume
from cases.errors import ClockRefused, NotAllowed, ReasonMissing
from cases.models import Message, table_of
from cases.permissions import Action, Actor, may, require
from cases.standards import Standards
from cases.step_rows import change_step, lock_step, raise_decided
from cases.vocabulary import ClockKind, EventKind, MessageStatus, StepStatus
from cases.working_time import add_working_minutes
from config.policies import Policy

EXTENDED = "platform/extended"
MOST_WORDS = 500


def pause_clock(
    connection: Connection,
    *,
    clock_id: int,
    reason: str,
    evidence: str = "",
    standards: Standards,
    actor: Actor,
    now: datetime,
) -> Done:
    """Let a clock stand still from now on.

    reason: the key of one of the service's reasons. evidence: what shows it (a letter, a note), needed by
    reasons that say so. Raises NotFound, NotAllowed, AlreadyDecided, CaseClosed, ReasonMissing, and
    ClockRefused: paused already, or of a wait that ends by itself.
    """
    stored, locked = _lock(connection, clock_id, actor, Action.PAUSE_CLOCK)
    known = standards.policies[stored.row.service].pauses
    if reason not in known:
        raise ReasonMissing(f"a pause needs one of the reasons {', '.join(known) or '(none)'}")
    shown = " ".join(evidence.split())[:MOST_WORDS]
    if known[reason].evidence and not shown:
        raise ReasonMissing(f"a pause for {reason} needs its evidence")
    if stored.row.expires_at is not None:
        raise ClockRefused("what ends by itself can't be paused; it can be extended")
    changed = pause(stored.clock, at=now, by=actor.name, reason=reason, evidence=shown or None)
    told = {"reason": reason, "evidence": salted(locked.salt, shown)}
    return _write(connection, stored, locked, changed, standards, EventKind.CLOCK_PAUSED, actor, now, told)


def resume_clock(
    connection: Connection, *, clock_id: int, standards: Standards, actor: Actor, now: datetime
) -> Done:
    """Let a paused clock run again. Raises as `pause_clock` does, and ClockRefused when it isn't paused."""
    stored, locked = _lock(connection, clock_id, actor, Action.PAUSE_CLOCK)
    changed = resume(stored.clock, at=now, by=actor.name)
    return _write(connection, stored, locked, changed, standards, EventKind.CLOCK_RESUMED, actor, now, {})


def extend_clock(
    connection: Connection,
    *,
    clock_id: int,
    minutes: int,
    reason: str,
    standards: Standards,
    actor: Actor,
    now: datetime,
) -> Done:
    """Give a clock so many working minutes more, within what the service allows.

    A wait that ends by itself ends later by as much. The applicant gets a message, where the application
    has an address. Raises as `pause_clock` does, and ClockRefused beyond what is allowed.
    """
    stored, locked = _lock(connection, clock_id, actor, Action.EXTEND_CLOCK)
    why = " ".join(reason.split())[:MOST_WORDS]
    if not why:
        raise ReasonMissing("an extension needs a reason")
    allowed = Allowance(*standards.policies[stored.row.service].extension)
    changed = extend(stored.clock, minutes, allowed=allowed, at=now, by=actor.name, reason=why)
    told = {"minutes": minutes, "words": salted(locked.salt, why)}
    values = {}
    if stored.row.expires_at is not None:
        calendar = standards.calendar(stored.row.office)
        values["expires_at"] = add_working_minutes(calendar, stored.row.expires_at, minutes)
    done = _write(
        connection, stored, locked, changed, standards, EventKind.CLOCK_EXTENDED, actor, now, told, values
    )
    times = sum(line.kind is LineKind.EXTEND for line in changed.lines)
    key = f"extended#{clock_id}.{times}"
    policy = standards.policies[stored.row.service]
    tell_applicant(connection, locked, policy, key=key, template=EXTENDED, now=now)
    return done


def _lock(connection: Connection, clock_id: int, actor: Actor, action: Action) -> tuple[StoredClock, Any]:
    """Lock the case of a clock (and its step) and return the clock as it then is, with the locked row."""
    asked = clock_by_id(connection, clock_id)
    if asked.kind is ClockKind.TASK:
        locked = lock_step(connection, asked.row.step_id)
    else:
        locked = lock_case(connection, asked.row.case_id)
    require(actor, action, office=locked.office)
    of_its_role = asked.kind is ClockKind.TASK and locked.role == actor.role
    if not of_its_role and not may(actor, Action.EXTEND_CLOCK, office=locked.office):
        raise NotAllowed(f"{actor.name} may only pause the clocks of tasks for their own role")
    if asked.kind is ClockKind.TASK and (locked.step_status != StepStatus.OPEN or locked.cut_by is not None):
        raise_decided(locked)
    require_open(locked)
    return clock_by_id(connection, clock_id), locked


def _write(
    connection: Connection,
    stored: StoredClock,
    locked: Any,
    changed: Clock,
    standards: Standards,
    kind: EventKind,
    actor: Actor,
    now: datetime,
    told: Mapping[str, Any],
    values: Mapping[str, Any] | None = None,
) -> Done:
    before = stored.row.deadline
    after = write_line(connection, stored, changed, standards)
    clock = {"clock": stored.row.kind, "step": stored.row.key}
    told = {**clock, **told, "from": before.isoformat(), "to": after.isoformat()}
    if stored.kind is ClockKind.TASK:
        columns = {"due_at": after, **(values or {})}
        return change_step(connection, locked, columns, kind, actor.name, now, told)
    return move_on(connection, locked, kind, actor.name, now, told)


def tell_applicant(
    connection: Connection, case: Any, policy: Policy, *, key: str, template: str, now: datetime
) -> bool:
    """Write a message to the applicant of a locked case, whose words send to its page; return whether the
    application has an address for it. `key` is the message's own, so that it can be written once."""
    answers, language = connection.execute(
        select(CASES.c.answers, CASES.c.language).where(CASES.c.id == case.id)
    ).one()
    to = next((str(answers[field]) for field in policy.tells if answers.get(field)), None)
    if to is None:
        return False
    connection.execute(
        insert(table_of(Message)).values(
            case_id=case.id,
            generation=case.generation,
            key=key,
            template=template,
            language=language,
            facts={"reference": case.reference},
            recipient=to,
            status=MessageStatus.PENDING,
            repeatable=True,
            attempt=0,
            created_at=now,
        )
    )
    return True
