"""The clocks of a whole case, which begin with its first advance and count from when it was received."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection
from sqlalchemy.dialects import postgresql, sqlite

from cases.models import ClockRow, table_of
from cases.standards import WHOLE_CASE
from cases.vocabulary import ClockKind

if TYPE_CHECKING:
    from flows.engine.runtime import Runtime

# A case keeps the clocks it has when it is replayed from the start once more.
_ARM = {
    name: dialect.insert(table_of(ClockRow)).on_conflict_do_nothing()
    for name, dialect in {"postgresql": postgresql, "sqlite": sqlite}.items()
}


def clocks_of_case(runtime: Runtime, case: Any) -> Iterator[dict[str, Any]]:
    """Yield the rows of the clocks that the service's policy has for a whole case (its row as read)."""
    for kind in (ClockKind.STATUTORY, ClockKind.STANDARD):
        clock = runtime.standards.arm(runtime.flow.key, WHOLE_CASE, case.office, case.received_at, kind)
        if clock is not None:
            own = {"case_id": case.id, "generation": 0, "key": WHOLE_CASE}
            yield own | clock.row(runtime.flow.key, case.office)


def arm_cases(connection: Connection, rows: Sequence[dict[str, Any]]) -> None:
    """Write the clocks of whole cases, but for those that are there already."""
    connection.execute(_ARM[connection.dialect.name], rows)
