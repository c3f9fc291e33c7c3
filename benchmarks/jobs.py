"""What the clients of a benchmark do, by our verbs and by the limit; and the work they are given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select

from benchmarks.limit import CoreDecision, CoreSubmission, decide_by_core, submit_by_core
from cases.actions import Application, Submitted, TaskForm, decide, submit
from cases.db import Database
from cases.handing_over import confirm_receipt
from cases.models import Case, JournalEntry
from cases.permissions import SYSTEM, Actor
from cases.transaction import carry_out
from cases.vocabulary import StepStatus
from tests.births import application, family

REGISTRAR = Actor("mere", role="registrar", office="suva", full_name="Mere Tukana")
REGISTER = "register"
ANOTHER_CHILD = TaskForm(1, {"reason": "Another child."})  # if two families happen to be alike


@dataclass(frozen=True, slots=True)
class Decision:
    """A decision to be taken by the verb."""

    step_id: int
    outcome: str
    digest: str | None


def applications(count: int, first: int, *, phone: str | None = None) -> list[Application]:
    """Return birth registrations, each of a family of its own, from number `first` on.

    phone: where messages about it go; without one the case sends none.
    """
    now = datetime.now(UTC)
    born = (now - timedelta(days=30)).date().isoformat()
    return [
        replace(
            application(
                received_at=now,
                child_birth_date=born,
                informant_phone=phone,
                **family(f"bench {number}"),
            ),
            client_key=f"bench-{number}",
        )
        for number in range(first, first + count)
    ]


def open_tasks(db: Database, *, after: int = 0) -> Sequence[Any]:
    """Return open tasks of cases with an id above `after`, with what a decision needs of their cases."""
    with db.read() as connection:
        return connection.execute(
            select(
                JournalEntry.id.label("step_id"),
                JournalEntry.key,
                JournalEntry.digest,
                Case.id,
                Case.reference,
                Case.audit_count,
            )
            .join(Case, Case.id == JournalEntry.case_id)
            .where(JournalEntry.status == StepStatus.OPEN, JournalEntry.role == "registrar")
            .where(Case.id > after)
            .order_by(JournalEntry.id)
        ).all()


def submit_by_verb(db: Database, item: Application) -> Submitted:
    """Submit by the verb, and wake the shift, as the web does; return the case."""
    return carry_out(db, submit, item, actor=SYSTEM, now=datetime.now(UTC))


def decide_by_verb(db: Database, item: Decision) -> None:
    """Decide by the verb, and wake the shift, as the web does."""
    carry_out(
        db,
        decide,
        step_id=item.step_id,
        outcome=item.outcome,
        actor=REGISTRAR,
        now=datetime.now(UTC),
        seen=item.digest,
        details=ANOTHER_CHILD,
    )


def confirm_by_verb(db: Database, step_id: int, case_id: int) -> None:
    """Confirm as the citizen that the certificate has arrived, and wake the shift, as the web does."""
    citizen = Actor.citizen(case_id)
    carry_out(db, confirm_receipt, step_id=step_id, actor=citizen, now=datetime.now(UTC))


def submit_limit(db: Database, item: CoreSubmission) -> None:
    """Submit as the limit does."""
    submit_by_core(db, item)


def decide_limit(db: Database, item: CoreDecision) -> None:
    """Decide as the limit does."""
    decide_by_core(db, item)
