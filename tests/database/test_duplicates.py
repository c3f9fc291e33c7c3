"""Likely duplicates: found in bulk, shown side by side, and asked for again under a lock."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import delete, event, insert, select, update

from cases.case_rows import lock_case
from cases.db import Database
from cases.duplicates import Hit, RecheckRequest, asked_of, find_likely, recheck, write_missing
from cases.journal import CaseFile
from cases.models import AllottedNumber, Case, CaseLink, JournalEntry, LikenessRow
from cases.permissions import SYSTEM
from cases.revisions import reopen, rewind, withdraw
from cases.transaction import carry_out
from cases.vocabulary import LinkKind, StepKind
from tasks.approval import Choice, approval
from tasks.duplicates import find_duplicates, recheck_duplicates
from tests.births import likeness, submit_birth
from tests.conftest import NOW
from tests.database.racing import at_once, meanwhile
from tests.database.rows import write_step
from tests.engine.toys import decide_step, settle, step, toy

NEWS = "NOB-2026-{:06d}"
CHECK = "entry-check"


@pytest.fixture
def child(db: Database) -> int:
    """The id of Losalini Tikoisuva's case; her mother is Ana, of 11 February 1996."""
    return submit_birth(db).case_id


def again(db: Database, **changes: Any) -> int:
    """Submit the same birth again, with another notification number, and return the case's id."""
    return submit_birth(db, **{"notification_number": None, **changes}).case_id


def found(db: Database, case_id: int) -> list[Hit]:
    """Return the hits of one case."""
    with db.read() as connection:
        return find_likely(connection, {case_id: asked_of(likeness())})[case_id]


def rules(db: Database, case_id: int) -> list[str]:
    return [hit["rule"] for hit in found(db, case_id)]


def reference(db: Database, case_id: int) -> str:
    with db.read() as connection:
        return connection.execute(select(Case.reference).where(Case.id == case_id)).scalar_one()


def end(db: Database, case_id: int, outcome: str) -> None:
    with db.write() as connection:
        connection.execute(update(Case).where(Case.id == case_id).values(status="closed", outcome=outcome))


# -- what is found ---------------------------------------------------------------------------------


def test_the_same_child_spelt_otherwise_a_day_later_is_found_from_both_sides(
    db: Database, child: int
) -> None:
    other = again(db, child_name="TIKOISUVA Losaleni", child_birth_date="2026-04-21")
    assert rules(db, child) == rules(db, other) == ["same-child"]


def test_a_hit_shows_both_side_by_side_and_what_differs(db: Database, child: int) -> None:
    other = again(db, child_name="Losaleni Tikoisuva", child_birth_date="2026-04-21")
    (hit,) = found(db, child)
    assert (hit["reference"], hit["status"], hit["outcome"]) == (reference(db, other), "open", None)
    assert (hit["received_at"], hit["number"]) == (NOW.isoformat(), None)
    assert hit["compared"][0] == {
        "field": "child_name",
        "own": "Losalini Tikoisuva",
        "other": "Losaleni Tikoisuva",
        "differs": True,
    }
    differing = [row["field"] for row in hit["compared"] if row["differs"]]
    assert differing == ["child_name", "child_birth_date", "notification_number"]


def test_a_registered_case_is_shown_with_its_number(db: Database, child: int) -> None:
    other = again(db)
    end(db, other, "registered")
    number = {"key": "registration-number", "series": "x", "value": "2026/SUV/000007", "allotted_at": NOW}
    with db.write() as connection:
        connection.execute(insert(AllottedNumber).values(case_id=other, **number))
    (hit,) = found(db, child)
    assert (hit["status"], hit["outcome"], hit["number"]) == ("closed", "registered", "2026/SUV/000007")


@pytest.mark.parametrize("outcome", ["withdrawn", "refused", "duplicate"])
def test_a_case_that_came_to_nothing_is_no_duplicate(db: Database, child: int, outcome: str) -> None:
    end(db, again(db), outcome)
    assert found(db, child) == []


def test_a_twin_is_no_duplicate_unless_the_name_is_the_same(db: Database) -> None:
    twin = again(db, birth_type="twin")
    again(db, birth_type="twin", child_name="Josefa Tikoisuva", child_sex="male")
    assert rules(db, twin) == []
    again(db, birth_type="twin", child_name="Losaliini Tikoisuva")
    assert rules(db, twin) == ["same-child"]


def test_twins_may_have_one_notification_and_strangers_may_not(db: Database) -> None:
    twin = submit_birth(db, birth_type="twin").case_id
    submit_birth(db, birth_type="twin", child_name="Josefa Tikoisuva")
    assert rules(db, twin) == []
    stranger = {"child_name": "Priya Lal", "mother_name": "Anjali Lal", "mother_birth_date": "1990-01-30"}
    submit_birth(db, **stranger, birth_type="twin")
    assert rules(db, twin) == ["same-notification"]


@pytest.mark.parametrize(("day", "expected"), [("2027-01-15", ["same-mother"]), ("2027-01-16", [])])
def test_a_mother_has_no_other_child_within_270_days(
    db: Database, child: int, day: str, expected: list[str]
) -> None:
    again(db, child_name="Josefa Waqa", child_birth_date=day)
    assert rules(db, child) == expected


@pytest.mark.parametrize(("day", "expected"), [("2023-04-20", ["same-name"]), ("2023-04-18", [])])
def test_the_same_name_of_the_same_mother_is_found_within_three_years(
    db: Database, child: int, day: str, expected: list[str]
) -> None:
    again(db, child_birth_date=day)
    assert rules(db, child) == expected


def test_another_mother_by_the_same_name_is_told_apart_by_her_birth_date(db: Database, child: int) -> None:
    again(db, child_name="Litia Tikoisuva", mother_birth_date="1988-07-30")
    assert found(db, child) == []


def test_the_same_notification_is_a_hit_whatever_else_differs(db: Database, child: int) -> None:
    submit_birth(db, child_name="Priya Lal", mother_name="Anjali Lal", mother_birth_date="1990-01-30")
    assert rules(db, child) == ["same-notification"]


def test_the_best_hits_come_first_and_at_most_twenty(db: Database, child: int) -> None:
    again(db, child_name="Josefa Waqa", child_birth_date="2026-06-01")
    same = [again(db) for _ in range(21)]
    hits = found(db, child)
    assert {hit["rule"] for hit in hits} == {"same-child"}
    assert [hit["reference"] for hit in hits] == [reference(db, case_id) for case_id in same[:20]]


def test_cases_of_another_service_are_not_compared(db: Database, child: int) -> None:
    other = again(db)
    with db.write() as connection:
        connection.execute(
            update(LikenessRow).where(LikenessRow.case_id == other).values(service="correction")
        )
    assert found(db, child) == []


def test_a_name_in_devanagari_is_found_by_its_romanisation(db: Database) -> None:
    latin = again(db, child_name="Rohit Sharma", mother_name="Sunita Devi", mother_birth_date=None)
    again(db, child_name="रोहित शर्मा", mother_name="सुनीता देवी", mother_birth_date=None)
    assert rules(db, latin) == ["same-child"]


@contextmanager
def statements(db: Database) -> Iterator[list[str]]:
    """Note the statements of reads."""
    asked: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        asked.append(statement)

    event.listen(db.reading, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        event.remove(db.reading, "before_cursor_execute", note)


def test_a_batch_takes_as_many_statements_as_one_case(db: Database) -> None:
    same = [again(db) for _ in range(4)]
    wanted = dict.fromkeys(same, asked_of(likeness()))
    with db.read() as connection, statements(db) as alone:
        find_likely(connection, {same[0]: asked_of(likeness())})
    with db.read() as connection, statements(db) as together:
        hits = find_likely(connection, wanted)
    assert len(together) == len(alone)
    assert [len(hits[case_id]) for case_id in same] == [3, 3, 3, 3]


def test_in_sqlite_too_only_what_is_asked_about_is_read(sqlite_db: Database) -> None:
    """SQLAlchemy writes "= 1" behind conditions there, which would make it read whole tables."""
    with sqlite_db.read() as connection, statements(sqlite_db) as asked:
        find_likely(connection, {1: asked_of(likeness())})
        raw: Any = connection.connection.driver_connection
        selects = [statement for statement in asked if statement.startswith("SELECT")]
        plans = [raw.execute(f"EXPLAIN QUERY PLAN {sql}", [1] * sql.count("?")).fetchall() for sql in selects]
    read = [step[3] for plan in plans for step in plan if step[3].startswith(("SCAN likeness", "SCAN match"))]
    assert len(plans) == 3
    assert read == []


# -- the rows --------------------------------------------------------------------------------------


def test_a_case_without_a_row_is_given_one_and_then_found(db: Database, child: int) -> None:
    others = [again(db) for _ in range(3)]
    with db.write() as connection:
        connection.execute(delete(LikenessRow))
    assert found(db, child) == []
    after: int | None = 0
    rounds = 0
    while after is not None:
        with db.write() as connection:
            after = write_missing(connection, "birth-registration", likeness(), after=after, limit=2)
        rounds += 1
    assert (len(found(db, child)), rounds) == (len(others), 3)


def test_a_row_of_an_older_version_is_made_anew(db: Database, child: int) -> None:
    with db.write() as connection:
        connection.execute(update(LikenessRow).values(version=0, name_key="old"))
    with db.write() as connection:
        assert write_missing(connection, "birth-registration", likeness(), after=0) == child
        assert write_missing(connection, "birth-registration", likeness(), after=0) is None
        assert connection.execute(select(LikenessRow.name_key)).scalar_one() != "old"


# -- the recheck -----------------------------------------------------------------------------------


def enter(connection: Any, *case_ids: int, seen: Sequence[str] = ()) -> dict[int, list[str]]:
    """Recheck cases and write what their journals say of it; return the references of the hits."""
    params = asked_of(likeness()) | {"seen": list(seen)}
    wanted = [RecheckRequest(case_id, "birth-registration", params) for case_id in case_ids]
    hits = recheck(connection, wanted, now=NOW)
    row = {"generation": 0, "key": CHECK, "kind": StepKind.RECHECK, "status": "done", "opened_at": NOW}
    for case_id, result in hits.items():
        values = {**row, "case_id": case_id, "result": result, "service": "birth-registration"}
        connection.execute(insert(JournalEntry).values(values))
    return {case_id: [hit["reference"] for hit in result] for case_id, result in hits.items()}


def entering(db: Database, *case_ids: int, **named: Any) -> dict[int, list[str]]:
    with db.write() as connection:
        return enter(connection, *case_ids, **named)


def test_a_case_that_is_only_open_stands_in_nobodys_way(db: Database, child: int) -> None:
    again(db)
    assert entering(db, child) == {child: []}


def test_a_case_that_has_entered_is_found_by_the_next(db: Database, child: int) -> None:
    second = again(db)
    entering(db, child)
    assert entering(db, second) == {second: [reference(db, child)]}


def test_a_case_that_found_something_has_not_entered(db: Database, child: int) -> None:
    second, third = again(db), again(db)
    entering(db, child)
    entering(db, second)
    assert entering(db, third) == {third: [reference(db, child)]}


def test_what_an_officer_has_seen_is_no_news(db: Database, child: int) -> None:
    second = again(db)
    entering(db, child)
    assert entering(db, second, seen=[reference(db, child)]) == {second: []}


def test_of_two_equal_cases_in_one_batch_the_first_enters(db: Database, child: int) -> None:
    second = again(db)
    assert entering(db, second, child) == {child: [], second: [reference(db, child)]}


def test_of_two_equal_cases_in_two_transactions_the_one_that_waited_finds_the_other(
    db: Database, child: int
) -> None:
    second = again(db)
    hits = meanwhile(db, lambda connection: enter(connection, child), lambda: entering(db, second))
    assert hits == {second: [reference(db, child)]}


def test_a_transaction_that_failed_has_let_nobody_in(db: Database, child: int) -> None:
    second = again(db)
    hits = meanwhile(
        db, lambda connection: enter(connection, child), lambda: entering(db, second), commit=False
    )
    assert hits == {second: []}


def test_of_many_equal_cases_at_once_exactly_one_enters(db: Database, child: int) -> None:
    cases = [child, *(again(db) for _ in range(5))]
    results = at_once(*(lambda case_id=case_id: entering(db, case_id) for case_id in cases))
    entered = [case_id for result in results for case_id, hits in result.items() if hits == []]
    assert len(entered) == 1
    others = [hits for result in results for hits in result.values() if hits]
    assert others == [[reference(db, entered[0])]] * 5


def test_a_case_registered_without_a_recheck_has_entered(db: Database, child: int) -> None:
    old = again(db)
    end(db, old, "registered-unconfirmed")
    assert entering(db, child) == {child: [reference(db, old)]}


@pytest.mark.parametrize("undone", ["rewound", "withdrawn"])
def test_a_rewind_or_withdrawal_takes_the_entry_back(db: Database, child: int, undone: str) -> None:
    second = again(db)
    entering(db, child)
    if undone == "rewound":
        carry_out(db, rewind, case_id=child, to_key=CHECK, reason="Look again", actor=SYSTEM, now=NOW)
    else:
        carry_out(db, withdraw, case_id=child, actor=SYSTEM, now=NOW)
    assert entering(db, second) == {second: []}


def test_a_rewind_to_a_later_step_leaves_the_entry(db: Database, child: int) -> None:
    second = again(db)
    entering(db, child)
    write_step(db, child, "certificate", StepKind.LETTER)
    carry_out(db, rewind, case_id=child, to_key="certificate", reason="Typo", actor=SYSTEM, now=NOW)
    assert entering(db, second) == {second: [reference(db, child)]}


def test_a_withdrawn_case_opened_again_after_its_recheck_has_entered_again(db: Database, child: int) -> None:
    second = again(db)
    entering(db, child)
    write_step(db, child, "certificate", StepKind.LETTER)
    carry_out(db, withdraw, case_id=child, actor=SYSTEM, now=NOW)
    carry_out(db, reopen, case_id=child, to_key="certificate", reason="A slip", actor=SYSTEM, now=NOW)
    assert entering(db, second) == {second: [reference(db, child)]}


def test_a_recheck_waits_for_no_case_that_somebody_has_locked(db: Database) -> None:
    if not db.is_postgresql:
        return  # it has one lock for everything
    first, second = again(db), again(db)
    entering(db, first)
    with db.write() as holding:
        lock_case(holding, first)
        assert entering(db, second) == {second: [reference(db, first)]}


def test_a_link_to_a_case_waits_for_nobody_who_has_locked_it(db: Database) -> None:
    """Else a shift that holds the service's turn could wait for one that waits for its turn."""
    if not db.is_postgresql:
        return  # it has one lock for everything
    first, second = again(db), again(db)
    row = {"generation": 0, "key": "duplicate-link", "kind": LinkKind.DUPLICATE_OF, "created_at": NOW}
    other = reference(db, first)
    with db.write() as holding:
        lock_case(holding, first)
        with db.write() as connection:
            connection.execute(insert(CaseLink).values(case_id=second, other_reference=other, **row))


# -- in a procedure --------------------------------------------------------------------------------

REGISTER = Choice("register")


def entry(case: CaseFile) -> str:
    """Ask for duplicates, let a registrar see them, recheck, and go back to the registrar with news."""
    while True:
        likely = find_duplicates(case, "duplicates")
        approval(case, "review", by="registrar", outcomes=(REGISTER,), shows={"duplicates": likely})
        seen = [hit["reference"] for hit in likely]
        if not recheck_duplicates(case, CHECK, seen=seen):
            return "registered"


def test_a_duplicate_that_came_after_the_review_goes_back_to_the_registrar(db: Database, child: int) -> None:
    runtime = toy(entry)
    settle(db, runtime)
    second = again(db)
    settle(db, runtime)
    decide_step(db, second, "review", "register")  # saw the first, which is open
    settle(db, runtime)
    decide_step(db, child, "review", "register")  # was shown none
    settle(db, runtime)
    (hit,) = step(db, child, "review#2").shows["duplicates"]
    assert (hit["reference"], hit["outcome"]) == (reference(db, second), "registered")
    decide_step(db, child, "review#2", "register")
    settle(db, runtime)
    assert step(db, child, f"{CHECK}#2").result == []
