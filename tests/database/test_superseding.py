"""A letter takes the place of another case's: the award after a review, of the refusal."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy import select

from cases import audit
from cases.db import Database
from cases.genuine import Standing, standing_of
from cases.journal import CaseFile
from cases.letters import claim_letters, finish_letter
from cases.models import Letter
from cases.permissions import SYSTEM
from cases.reading import letter_by_code
from cases.revisions import rewind
from cases.transaction import carry_out
from tasks.letter import letter
from tests.births import submit_birth
from tests.conftest import NOW
from tests.database.racing import at_once
from tests.database.rows import A_FILE, ask_letter, look
from tests.database.test_letter_rows import HOLD
from tests.engine.toys import settle, toy


@pytest.fixture
def first(db: Database) -> int:
    """The id of the case that was refused."""
    return submit_birth(db).case_id


@pytest.fixture
def second(db: Database) -> int:
    """The id of the case that reviews it."""
    return submit_birth(db).case_id


def replaces(db: Database, case_id: int, key: str = "refusal") -> dict[str, str]:
    """The columns of a letter that replaces this case's."""
    return {"supersedes_case": look(db, case_id).case.reference, "supersedes_key": key}


def issue(db: Database, letter_id: int) -> None:
    """Claim and finish one letter, leaving all others."""
    with db.write() as connection:
        works = claim_letters(connection, holder="press", now=NOW, limit=50, hold_for=HOLD)
    (work,) = [work for work in works if work.id == letter_id]
    with db.write() as connection:
        finish_letter(connection, work, files=A_FILE, now=NOW)


def standing(db: Database, letter_id: int) -> Standing:
    with db.read() as connection:
        code = connection.execute(select(Letter.code).where(Letter.id == letter_id)).scalar_one()
        return standing_of(letter_by_code(connection, code))


def last_event(db: Database, case_id: int) -> tuple[str, dict[str, Any]]:
    event = look(db, case_id).events[-1]
    return event.kind, json.loads(event.body)["data"]


def test_a_letter_is_replaced_when_the_other_case_s_is_issued(db: Database, first: int, second: int) -> None:
    old = ask_letter(db, first, "refusal")
    issue(db, old)
    new = ask_letter(db, second, "award", **replaces(db, first))
    assert standing(db, old) is Standing.GENUINE
    issue(db, new)
    assert (standing(db, old), standing(db, new)) == (Standing.SUPERSEDED, Standing.GENUINE)
    assert look(db, first).letters[0].superseded_by == new


def test_both_cases_have_an_event_of_it_and_their_chains_hold(db: Database, first: int, second: int) -> None:
    issue(db, ask_letter(db, first, "refusal"))
    issue(db, ask_letter(db, second, "award", **replaces(db, first)))
    one, other = look(db, first).case.reference, look(db, second).case.reference
    assert last_event(db, first) == ("letter-superseded", {"letters": ["refusal"], "by": other})
    kind, told = last_event(db, second)
    assert (kind, told["replaces"]) == ("letter-issued", one)
    with db.read() as connection:
        assert list(audit.verify(connection)) == [2]


def test_only_letters_of_the_step_named_are_replaced_whichever_visit(
    db: Database, first: int, second: int
) -> None:
    ids = {key: ask_letter(db, first, key) for key in ("refusal#2", "refusals", "award")}
    issue_all(db)
    issue(db, ask_letter(db, second, "award", **replaces(db, first)))
    assert {key: standing(db, letter_id) for key, letter_id in ids.items()} == {
        "refusal#2": Standing.SUPERSEDED,
        "refusals": Standing.GENUINE,
        "award": Standing.GENUINE,
    }


def issue_all(db: Database) -> None:
    with db.write() as connection:
        works = claim_letters(connection, holder="press", now=NOW, limit=50, hold_for=HOLD)
    for work in works:
        with db.write() as connection:
            finish_letter(connection, work, files=A_FILE, now=NOW)


def test_a_letter_that_is_made_only_then_is_replaced_from_the_start(
    db: Database, first: int, second: int
) -> None:
    late = ask_letter(db, first, "refusal")
    with db.write() as connection:
        (work,) = claim_letters(connection, holder="slow", now=NOW, limit=1, hold_for=HOLD)
    issue(db, ask_letter(db, second, "award", **replaces(db, first)))
    with db.write() as connection:
        finish_letter(connection, work, files=A_FILE, now=NOW)
    assert standing(db, late) is Standing.SUPERSEDED
    kind, told = last_event(db, first)
    assert (kind, told["replaced_by"]) == ("letter-issued", look(db, second).case.reference)


def test_a_letter_made_anew_stands_when_what_replaced_the_old_one_was_taken_back(
    db: Database, first: int, second: int
) -> None:
    issue(db, ask_letter(db, second, "award", **replaces(db, first)))
    named: dict[str, Any] = {"to_key": "award", "reason": "It was another case.", "actor": SYSTEM, "now": NOW}
    carry_out(db, rewind, case_id=second, **named)
    late = ask_letter(db, first, "refusal")
    issue(db, late)
    assert standing(db, late) is Standing.GENUINE


@pytest.mark.parametrize("reference", ["BR-222-222-222", "itself"])
def test_a_letter_that_replaces_nothing_is_issued_all_the_same(
    db: Database, first: int, reference: str
) -> None:
    own = look(db, first).case.reference
    named = {"supersedes_case": own if reference == "itself" else reference, "supersedes_key": "refusal"}
    new = ask_letter(db, first, "award", **named)
    issue(db, new)
    assert standing(db, new) is Standing.GENUINE


def test_two_letters_that_replace_each_other_s_at_once_do_not_wait_for_each_other(
    db: Database, first: int, second: int
) -> None:
    ask_letter(db, first, "award", **replaces(db, second))
    ask_letter(db, second, "award", **replaces(db, first))
    with db.write() as connection:
        works = claim_letters(connection, holder="press", now=NOW, limit=2, hold_for=HOLD)

    def finish(work: Any) -> Any:
        with db.write() as connection:
            return finish_letter(connection, work, files=A_FILE, now=NOW)

    done = at_once(*(lambda work=work: finish(work) for work in works))
    assert [each.case_id for each in done] == [first, second]


def test_a_procedure_says_whose_letter_is_replaced(db: Database, first: int) -> None:
    reference = look(db, first).case.reference

    def procedure(case: CaseFile) -> str:
        if case.reference != reference:
            letter(case, "award", {"child_name": "Losalini"}, supersedes=(reference, "refusal"))
        return "finished"

    second = submit_birth(db).case_id
    settle(db, toy(procedure))
    (row,) = look(db, second).letters
    assert (row.supersedes_case, row.supersedes_key) == (reference, "refusal")
