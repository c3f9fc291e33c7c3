"""Numbers from series without gaps, allotted under the series' lock."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select, text

from cases.db import among
from cases.models import AllottedNumber, table_of


@dataclass(frozen=True, slots=True)
class NumberRequest:
    """A number wanted for a case's step. `pattern` has `{number}`, e.g. "2026/SUV/{number:06d}"."""

    case_id: int
    key: str
    series: str
    pattern: str


def allot(connection: Connection, wanted: Sequence[NumberRequest], *, now: datetime) -> dict[int, str]:
    """Return {case id: number as written}, one request a case, allotting what isn't allotted yet.

    A case that was given a number for this key before (and was rewound) keeps it. The series' rows stay
    locked until the caller commits, so that no number is skipped or given twice.
    """
    given = _already_given(connection, wanted)
    by_series: dict[str, list[NumberRequest]] = defaultdict(list)
    for request in wanted:
        if request.case_id not in given:
            by_series[request.series].append(request)
    rows = []
    for series in sorted(by_series):
        requests = by_series[series]
        last = _advance_series(connection, series, len(requests))
        for number, request in enumerate(requests, start=last - len(requests) + 1):
            given[request.case_id] = request.pattern.format(number=number)
            rows.append(
                {
                    "case_id": request.case_id,
                    "key": request.key,
                    "series": series,
                    "value": given[request.case_id],
                    "allotted_at": now,
                }
            )
    if rows:
        connection.execute(_ALLOT, rows)
    return given


def _already_given(connection: Connection, wanted: Sequence[NumberRequest]) -> dict[int, str]:
    keys = {(request.case_id, request.key) for request in wanted}
    found = connection.execute(_GIVEN, {"ids": [case_id for case_id, _ in keys]})
    return {row.case_id: row.value for row in found if (row.case_id, row.key) in keys}


def _advance_series(connection: Connection, series: str, count: int) -> int:
    last: int = connection.execute(_ADVANCE, {"series": series, "count": count}).scalar_one()
    return last


# As text: SQLAlchemy 2.0 compiles an INSERT with ON CONFLICT anew each time.
_ADVANCE = text(
    "INSERT INTO number_series (series, last) VALUES (:series, :count) "
    "ON CONFLICT (series) DO UPDATE SET last = number_series.last + excluded.last RETURNING last"
)
_GIVEN = select(AllottedNumber.case_id, AllottedNumber.key, AllottedNumber.value).where(
    among(AllottedNumber.case_id)
)
_ALLOT = insert(table_of(AllottedNumber))
