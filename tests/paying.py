"""A toy service that pays: a payment until it is paid, then an officer's last look."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from cases.confirming import confirm_batch
from cases.db import Database
from cases.exports import Batch, close_batch
from cases.journal import CaseFile
from cases.models import ExportRow
from cases.permissions import Actor
from cases.transaction import carry_out_for_all
from flows.engine.runtime import Runtime
from tasks.approval import Choice, approval
from tasks.assessment import assess
from tasks.payment import Paid, order_payment
from tests.births import family, submit_birth
from tests.conftest import NOW
from tests.engine.toys import settle, toy

PAYMENTS = "payments"
CASHIER = Actor.operator("cashier")


def procedure(case: CaseFile) -> str:
    """Pay, again and again until it is paid; then wait for a registrar."""
    assess(case, "amount", lambda case: 10)
    while True:
        settled = order_payment(
            case, "payment", to=PAYMENTS, facts={"payee": case.answers.mother_name, "amount": 10}
        )
        if isinstance(settled, Paid):
            break
    approval(case, "look", by="registrar", outcomes=(Choice("end"),), shows={"paid": settled.shown})
    return "finished"


def pays() -> Runtime:
    """The toy service."""
    return toy(procedure)


def ordered(db: Database, token: str = "one") -> int:
    """Submit a case and let it order its payment; return its id."""
    case_id = submit_birth(db, **family(token)).case_id
    settle(db, pays())
    return case_id


def close(db: Database) -> Batch | None:
    """Close a batch of payments."""
    return carry_out_for_all(db, close_batch, PAYMENTS, actor=CASHIER, now=NOW)


def confirm(db: Database, number: int, returned: Mapping[int, str] | None = None) -> Batch:
    """Confirm a batch, with these rows returned."""
    return carry_out_for_all(db, confirm_batch, number, returned=returned or {}, actor=CASHIER, now=NOW)


def orders(db: Database, case_id: int) -> list[Any]:
    """The rows of a case, in the order they were written."""
    with db.read() as connection:
        statement = select(ExportRow.__table__).where(ExportRow.case_id == case_id).order_by(ExportRow.id)
        return list(connection.execute(statement))


def standings(db: Database, case_id: int) -> list[str]:
    """How each order of a case stands."""
    return [row.status for row in orders(db, case_id)]
