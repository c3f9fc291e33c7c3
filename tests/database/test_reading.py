"""Reading a case whole."""

from __future__ import annotations

import pytest

from cases.db import Database
from cases.errors import NotFound
from cases.permissions import SYSTEM
from cases.reading import case_id_of, step_with_case, whole_case
from cases.revisions import rewind
from cases.transaction import carry_out
from tests.births import submit_birth
from tests.conftest import NOW
from tests.database.rows import ask_letter, ask_message, look, open_task


def test_a_case_is_read_with_all_that_hangs_on_it(db: Database, birth: int, task: int) -> None:
    ask_letter(db, birth)
    ask_message(db, birth)
    whole = look(db, birth)
    assert [entry.key for entry in whole.journal] == ["review", "certificate", "certificate-message"]
    assert [letter.key for letter in whole.letters] == ["certificate"]
    assert [message.key for message in whole.messages] == ["certificate-message"]
    assert (len(whole.events), whole.notes, whole.incidents, whole.numbers) == (1, [], [], [])


def test_nothing_of_another_case_is_read(db: Database, birth: int) -> None:
    other = submit_birth(db).case_id
    ask_letter(db, other)
    whole = look(db, birth)
    assert (whole.letters, whole.journal) == ([], [])


def test_entries_that_were_set_aside_are_told_from_those_in_force(
    db: Database, birth: int, task: int
) -> None:
    carry_out(db, rewind, case_id=birth, to_key="review", reason="Typo", actor=SYSTEM, now=NOW)
    again = open_task(db, birth)
    whole = look(db, birth)
    assert [entry.id for entry in whole.journal] == [task, again]
    assert [entry.id for entry in whole.in_force] == [again]


def test_a_case_is_found_by_its_reference(db: Database) -> None:
    case = submit_birth(db)
    with db.read() as connection:
        assert case_id_of(connection, case.reference) == case.case_id


def test_a_step_is_read_with_its_case(db: Database, birth: int, task: int) -> None:
    with db.read() as connection:
        step = step_with_case(connection, task)
    assert (step.key, step.reference, step.case_status) == ("review", look(db, birth).case.reference, "open")


def test_what_does_not_exist_is_not_found(db: Database) -> None:
    with db.read() as connection:
        for reading in (
            lambda: whole_case(connection, 999),
            lambda: step_with_case(connection, 999),
            lambda: case_id_of(connection, "BR-222-222-222"),
        ):
            with pytest.raises(NotFound):
                reading()
