"""A service pays only for what it uses: an advance of others asks nothing of the tables behind it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from cases.db import Database
from tests.births import submit_birth
from tests.engine.toys import births, decide_step, settle

UNUSED = re.compile(r"\b(parties|assignments|export_batches)\b")


@contextmanager
def statements(db: Database) -> Iterator[list[str]]:
    """Within, note every statement."""
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        seen.append(statement)

    engines = {db.engine, db.reading}  # one and the same on SQLite
    for engine in engines:
        event.listen(engine, "after_cursor_execute", note)
    try:
        yield seen
    finally:
        for engine in engines:
            event.remove(engine, "after_cursor_execute", note)


def test_a_birth_asks_nothing_of_parties_places_and_batches(db: Database) -> None:
    with statements(db) as seen:
        case_id = submit_birth(db).case_id
        settle(db, births())
        decide_step(db, case_id, "review", "register")
        settle(db, births())
    assert seen
    assert [statement for statement in seen if UNUSED.search(statement)] == []


def test_a_list_is_written_and_not_read(db: Database) -> None:
    case_id = submit_birth(db).case_id
    settle(db, births())
    decide_step(db, case_id, "review", "register")
    with statements(db) as seen:
        settle(db, births())
    of_list = [statement for statement in seen if "export_rows" in statement]
    assert [statement.split()[0] for statement in of_list] == ["INSERT"]
