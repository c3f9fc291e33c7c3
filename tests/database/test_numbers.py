"""Numbers from series: none skipped, none twice, once a case."""

from __future__ import annotations

from cases.db import Database
from cases.numbers import NumberRequest, allot
from tests.births import submit_birth
from tests.conftest import NOW
from tests.database.racing import at_once, meanwhile
from tests.database.rows import look


def _wanted(case_id: int, series: str = "number/2026/SUV") -> NumberRequest:
    return NumberRequest(case_id, "registration-number", series, f"{series}/{{number:03d}}")


def _allot(db: Database, *case_ids: int) -> dict[int, str]:
    with db.write() as connection:
        return allot(connection, [_wanted(case_id) for case_id in case_ids], now=NOW)


def _cases(db: Database, count: int) -> list[int]:
    return [submit_birth(db).case_id for _ in range(count)]


def test_a_series_begins_at_one_and_goes_on(db: Database) -> None:
    first, second, third = _cases(db, 3)
    assert _allot(db, first) == {first: "number/2026/SUV/001"}
    assert _allot(db, second, third) == {second: "number/2026/SUV/002", third: "number/2026/SUV/003"}


def test_each_series_counts_for_itself(db: Database) -> None:
    suva, labasa = _cases(db, 2)
    with db.write() as connection:
        given = allot(connection, [_wanted(suva), _wanted(labasa, "number/2026/LBS")], now=NOW)
    assert given == {suva: "number/2026/SUV/001", labasa: "number/2026/LBS/001"}


def test_a_case_that_has_a_number_keeps_it(db: Database) -> None:
    first, second = _cases(db, 2)
    _allot(db, first)
    assert _allot(db, first, second) == {first: "number/2026/SUV/001", second: "number/2026/SUV/002"}
    assert [row.value for row in look(db, first).numbers] == ["number/2026/SUV/001"]


def test_a_transaction_that_failed_leaves_no_gap(db: Database) -> None:
    first, second = _cases(db, 2)
    given = meanwhile(
        db,
        lambda connection: allot(connection, [_wanted(first)], now=NOW),
        lambda: _allot(db, second),
        commit=False,
    )
    assert given == {second: "number/2026/SUV/001"}


def test_whoever_waited_for_the_series_gets_the_next_number(db: Database) -> None:
    first, second = _cases(db, 2)
    given = meanwhile(
        db, lambda connection: allot(connection, [_wanted(first)], now=NOW), lambda: _allot(db, second)
    )
    assert given == {second: "number/2026/SUV/002"}


def test_many_at_once_get_each_number_once_and_skip_none(db: Database) -> None:
    cases = _cases(db, 12)
    batches = [cases[start::4] for start in range(4)]
    given = at_once(*[lambda batch=batch: _allot(db, *batch) for batch in batches])
    numbers = sorted(number for each in given for number in each.values())
    assert numbers == [f"number/2026/SUV/{number:03d}" for number in range(1, 13)]
