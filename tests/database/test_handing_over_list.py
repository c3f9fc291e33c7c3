"""Letters at an office: what is to print, what waits to be collected, what was posted."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import text

from cases.db import Database
from cases.errors import NotAllowed, NotFound
from cases.handing_over import hand_over, mark_posted, mark_printed
from cases.handing_over_list import POSTED_SHOWN, Stage, letter_at_office, letters_at, open_confirmation
from cases.permissions import Actor
from cases.transaction import carry_out
from cases.vocabulary import LetterStatus, Role, StepKind
from tests.births import submit_birth
from tests.conftest import NOW
from tests.database.rows import ask_letter, open_step

CLERK = Actor("luisa", role=Role.CLERK, office="suva")
NAMES = {"birth-registration": ["child_name", "mother_name"]}


def issued(db: Database, **named: Any) -> int:
    """Submit a birth whose certificate is issued; return the letter's id."""
    birth = submit_birth(db, **named)
    return ask_letter(db, birth.case_id, status=LetterStatus.ISSUED, issued_at=NOW, sha256="0" * 64)


def ids(db: Database, stage: Stage, actor: Actor = CLERK, **named: Any) -> list[int]:
    """Return the letters of a list."""
    with db.read() as connection:
        return [item.id for item in letters_at(connection, actor, stage, **{"now": NOW, **named}).items]


def test_a_letter_moves_from_to_print_to_ready_to_posted_or_away(db: Database) -> None:
    first, second = issued(db), issued(db)
    assert ids(db, Stage.TO_PRINT) == [first, second]
    for letter in (first, second):
        carry_out(db, mark_printed, letter_id=letter, actor=CLERK, now=NOW)
    assert ids(db, Stage.TO_PRINT) == []
    assert ids(db, Stage.READY) == [first, second]
    carry_out(db, mark_posted, letter_id=first, to="Box 1, Suva", actor=CLERK, now=NOW)
    carry_out(db, hand_over, letter_id=second, to="Ana, voter card", actor=CLERK, now=NOW)
    assert ids(db, Stage.READY) == []
    assert ids(db, Stage.POSTED) == [first]
    assert ids(db, Stage.POSTED, now=NOW + POSTED_SHOWN) == []


def test_a_letter_that_is_not_issued_or_was_set_aside_is_in_no_list(db: Database) -> None:
    birth = submit_birth(db)
    ask_letter(db, birth.case_id)
    assert ids(db, Stage.TO_PRINT) == []


def test_each_office_has_its_own_letters(db: Database) -> None:
    issued(db, office="labasa")
    in_suva = issued(db)
    assert ids(db, Stage.TO_PRINT) == [in_suva]
    everywhere = Actor("sela", role=Role.SUPERVISOR)
    assert len(ids(db, Stage.TO_PRINT, everywhere)) == 2


def test_only_who_hands_letters_over_sees_them(db: Database) -> None:
    letter = issued(db)
    for role in (Role.FACILITY_OFFICER, Role.ADMINISTRATOR, "registrar-general"):
        with pytest.raises(NotAllowed):
            ids(db, Stage.TO_PRINT, Actor("x", role=role))
    with db.read() as connection, pytest.raises(NotAllowed):
        letter_at_office(connection, letter, actor=Actor("ben", role=Role.CLERK, office="labasa"))


def test_a_letter_is_found_by_reference_or_by_names_however_they_are_capitalised(db: Database) -> None:
    first, _ = issued(db, child_name="Losalini Vuki"), issued(db, child_name="सुनीता देवी")
    with db.read() as connection:
        reference = letter_at_office(connection, first, actor=CLERK).reference
    assert ids(db, Stage.TO_PRINT, search=reference, names=NAMES) == [first]
    assert ids(db, Stage.TO_PRINT, search=reference.replace("-", " ").lower(), names=NAMES) == [first]
    assert ids(db, Stage.TO_PRINT, search="vuki LOSA", names=NAMES) == [first]
    assert len(ids(db, Stage.TO_PRINT, search="सुनीता", names=NAMES)) == 1
    assert len(ids(db, Stage.TO_PRINT, search="ana tiko", names=NAMES)) == 2
    assert ids(db, Stage.TO_PRINT, search="100%", names=NAMES) == []


def test_a_list_goes_on_page_by_page(db: Database) -> None:
    letters = [issued(db) for _ in range(3)]
    with db.read() as connection:
        page = letters_at(connection, CLERK, Stage.TO_PRINT, now=NOW, limit=2)
        rest = letters_at(connection, CLERK, Stage.TO_PRINT, now=NOW, limit=2, after=page.next)
    assert [item.id for item in (*page.items, *rest.items)] == letters
    assert rest.next is None


def test_the_question_whether_a_letter_arrived_belongs_to_that_letter(db: Database) -> None:
    letter = issued(db)
    with db.read() as connection:
        found = letter_at_office(connection, letter, actor=CLERK)
        assert open_confirmation(connection, found) is None
    open_step(db, found.case_id, "other-receipt", StepKind.CONFIRMATION, shows={"letter": "refusal"})
    step = open_step(db, found.case_id, "receipt", StepKind.CONFIRMATION, shows={"letter": "certificate"})
    with db.read() as connection:
        assert open_confirmation(connection, found) == step


def test_a_letter_nobody_has_is_not_found(db: Database) -> None:
    with db.read() as connection, pytest.raises(NotFound):
        letter_at_office(connection, 1, actor=CLERK)


def test_the_lists_are_read_by_their_index(db: Database) -> None:
    issued(db)
    explain = "EXPLAIN QUERY PLAN" if not db.is_postgresql else "EXPLAIN"
    with db.write() as connection:
        if db.is_postgresql:
            connection.execute(text("SET LOCAL enable_seqscan = off"))
        to_print = "status = 'issued' AND delivery IS NULL AND delivered_at IS NULL"
        query = f"SELECT id FROM letters WHERE {to_print} ORDER BY id LIMIT 51"
        plan = " ".join(str(row) for row in connection.execute(text(f"{explain} {query}")))
    assert "ix_letters_delivery" in plan
