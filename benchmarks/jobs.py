"""What the clients of a benchmark do, by our verbs and by the limit; and the work they are given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select

from benchmarks.limit import CoreDecision, CoreSubmission, decide_by_core, submit_by_core
from cases.actions import Application, Submitted, decide, submit
from cases.db import Database
from cases.models import Case, JournalEntry
from cases.permissions import SYSTEM, Actor
from cases.transaction import carry_out
from cases.vocabulary import Role, StepStatus
from tests.births import application

REGISTRAR = Actor("mere", role=Role.REGISTRAR, office="suva", full_name="Mere Tukana")
REGISTER = "register"


@dataclass(frozen=True, slots=True)
class Decision:
    """A decision to be taken by the verb."""

    step_id: int
    outcome: str
    digest: str | None


def applications(count: int, first: int, *, phone: str | None = None) -> list[Application]:
    """Return birth registrations, each with a notification number of its own, from number `first` on.

    phone: where messages about it go; without one the case sends none.
    """
    now = datetime.now(UTC)
    born = f"{now.year}-01-15"
    return [
        replace(
            application(
                received_at=now,
                notification_number=f"NOB-{now.year}-{number:06d}",
                child_birth_date=born,
                informant_phone=phone,
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
            .where(JournalEntry.status == StepStatus.OPEN, JournalEntry.role == Role.REGISTRAR)
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
    )


def submit_limit(db: Database, item: CoreSubmission) -> None:
    """Submit as the limit does."""
    submit_by_core(db, item)


def decide_limit(db: Database, item: CoreDecision) -> None:
    """Decide as the limit does."""
    decide_by_core(db, item)
