"""Queries of our own database that procedures ask, answered for a whole batch at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, and_, select
from sqlalchemy.orm import aliased

from cases.journal import Query
from cases.models import Case, MatchKey

Asked = Sequence[tuple[int, Query]]
AT_MOST = 20


def answer_queries(connection: Connection, asked: Asked) -> dict[int, dict[str, Any]]:
    """Return {case id: {step key: answer}} for all `asked` (case id, query) pairs.

    Raises KeyError for a query name that isn't in `ANSWERERS`.
    """
    by_name: dict[str, list[tuple[int, Query]]] = defaultdict(list)
    for case_id, query in asked:
        by_name[query.name].append((case_id, query))
    answers: dict[int, dict[str, Any]] = defaultdict(dict)
    for name, group in by_name.items():
        for (case_id, query), answer in zip(group, ANSWERERS[name](connection, group), strict=True):
            answers[case_id][query.key] = answer
    return answers


def _same_match_key(connection: Connection, asked: Asked) -> list[list[dict[str, Any]]]:
    own, other = aliased(MatchKey), aliased(MatchKey)
    statement = (
        select(own.case_id, own.name, Case.reference, Case.status, Case.outcome, Case.received_at)
        .join(
            other,
            and_(
                other.service == own.service,
                other.name == own.name,
                other.value == own.value,
                other.case_id != own.case_id,
            ),
        )
        .join(Case, Case.id == other.case_id)
        .where(own.case_id.in_({case_id for case_id, _ in asked}))
        .order_by(Case.received_at, Case.id)
    )
    found: dict[tuple[int, str], list[dict[str, Any]]] = defaultdict(list)
    for row in connection.execute(statement):
        found[row.case_id, row.name].append(
            {
                "reference": row.reference,
                "status": row.status,
                "outcome": row.outcome,
                "received_at": row.received_at.isoformat(),
            }
        )
    return [found[case_id, query.params["match"]][:AT_MOST] for case_id, query in asked]


ANSWERERS: Mapping[str, Callable[[Connection, Asked], list[Any]]] = {"same-match-key": _same_match_key}
