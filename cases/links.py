"""Which cases have to do with each other, read from both ends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from cases.case_rows import step_in_force
from cases.models import Case, CaseLink
from cases.vocabulary import LinkKind


@dataclass(frozen=True, slots=True)
class Link:
    """Another case that this one points to, or (`backwards`) that points to this one."""

    kind: LinkKind
    backwards: bool
    reference: str
    service: str
    status: str
    outcome: str | None


def links_of(connection: Connection, case: Any) -> Sequence[Link]:
    """Return the links of a case (anything with id and reference) that stand, its own first."""
    columns = (CaseLink.kind, Case.reference, Case.service, Case.status, Case.outcome)
    there = (
        select(*columns)
        .join(Case, Case.reference == CaseLink.other_reference)
        .where(CaseLink.case_id == case.id, step_in_force(CaseLink))
    )
    back = (
        select(*columns)
        .join(Case, Case.id == CaseLink.case_id)
        .where(CaseLink.other_reference == case.reference, step_in_force(CaseLink))
    )
    return [
        Link(LinkKind(row.kind), backwards, row.reference, row.service, row.status, row.outcome)
        for backwards, statement in ((False, there), (True, back))
        for row in connection.execute(statement.order_by(CaseLink.id))
    ]
