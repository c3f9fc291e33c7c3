"""Queries of our own database that procedures ask, answered for a whole batch at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, and_, select
from sqlalchemy.orm import aliased

from cases.db import among
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


_OWN, _OTHER = aliased(MatchKey), aliased(MatchKey)
_SAME_MATCH_KEY = (
    select(_OWN.case_id, _OWN.name, Case.reference, Case.status, Case.outcome, Case.received_at)
    .join(
        _OTHER,
        and_(
            _OTHER.service == _OWN.service,
            _OTHER.name == _OWN.name,
            _OTHER.value == _OWN.value,
            _OTHER.case_id != _OWN.case_id,
        ),
    )
    .join(Case, Case.id == _OTHER.case_id)
    .where(among(_OWN.case_id))
    .order_by(Case.received_at, Case.id)
)


def _same_match_key(connection: Connection, asked: Asked) -> list[list[dict[str, Any]]]:
    found: dict[tuple[int, str], list[dict[str, Any]]] = defaultdict(list)
    for row in connection.execute(_SAME_MATCH_KEY, {"ids": [case_id for case_id, _ in asked]}):
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
