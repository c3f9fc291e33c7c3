"""Incidents of a case, and trying it again."""

from __future__ import annotations

import pytest

from cases.case_rows import Done
from cases.db import Database
from cases.errors import NotAllowed, NotFound
from cases.permissions import SYSTEM, Actor
from cases.reading import open_incidents
from cases.revisions import cases_with_cause, record_incident, retry
from cases.transaction import carry_out
from tests.births import submit_birth
from tests.conftest import NOW
from tests.database.rows import ask_letter, look


def _incident(db: Database, case_id: int, cause: str = "cause", *, halt: bool = True) -> Done:
    summary = "KeyError at birth_registration.py:12 in register"
    return carry_out(db, record_incident, case_id=case_id, cause=cause, summary=summary, halt=halt, now=NOW)


def _retry(db: Database, case_id: int, actor: Actor = SYSTEM) -> Done:
    return carry_out(db, retry, case_id=case_id, actor=actor, now=NOW)


def test_an_incident_that_halts_keeps_the_case_from_being_claimed(db: Database, birth: int) -> None:
    _incident(db, birth)
    assert look(db, birth).case.halted


def test_an_incident_of_a_letter_leaves_the_case_going(db: Database, birth: int) -> None:
    _incident(db, birth, halt=False)
    assert not look(db, birth).case.halted


def test_a_second_incident_that_does_not_halt_leaves_a_halted_case_halted(db: Database, birth: int) -> None:
    _incident(db, birth)
    _incident(db, birth, halt=False)
    assert look(db, birth).case.halted


def test_a_retried_case_may_be_claimed_by_whatever_code_is_active(db: Database, birth: int) -> None:
    _incident(db, birth)
    _retry(db, birth)
    case = look(db, birth).case
    assert (case.halted, case.code, case.ready) == (False, None, True)


def test_a_retry_resolves_the_incident_and_says_who(db: Database, birth: int, administrator: Actor) -> None:
    _incident(db, birth)
    _retry(db, birth, administrator)
    (incident,) = look(db, birth).incidents
    assert (incident.resolved_by, incident.resolved_at) == ("adi", NOW)
    assert [event.kind for event in look(db, birth).events] == ["submitted", "incident", "retried"]


def test_a_retry_has_failed_letters_made_again(db: Database, birth: int) -> None:
    ask_letter(db, birth, status="failed", failure="a warning")
    _retry(db, birth)
    (letter,) = look(db, birth).letters
    assert (letter.status, letter.failure) == ("pending", None)


def test_a_registrar_does_not_retry(db: Database, birth: int, registrar: Actor) -> None:
    _incident(db, birth)
    with pytest.raises(NotAllowed):
        _retry(db, birth, registrar)


def test_an_incident_of_an_unknown_case_finds_nothing(db: Database) -> None:
    with pytest.raises(NotFound):
        _incident(db, 999)


def test_cases_are_found_by_the_cause_of_their_open_incidents(db: Database) -> None:
    same, also, other, solved = (submit_birth(db).case_id for _ in range(4))
    for case_id, cause in ((same, "a"), (same, "a"), (also, "a"), (other, "b"), (solved, "a")):
        _incident(db, case_id, cause)
    _retry(db, solved)
    with db.read() as connection:
        assert cases_with_cause(connection, "a") == sorted([same, also])


def test_open_incidents_are_listed_newest_first_with_their_references(db: Database) -> None:
    cases = [submit_birth(db) for _ in range(3)]
    for case in cases:
        _incident(db, case.case_id)
    _retry(db, cases[1].case_id)
    with db.read() as connection:
        listed = [row.reference for row in open_incidents(connection)]
    assert listed == [cases[2].reference, cases[0].reference]
