"""Entries in a register are found by their number, or by the reference of the case that made them."""

from __future__ import annotations

from typing import Any

import pytest

from cases.db import Database
from cases.entries import Entry, find_entry
from tests.births import family, submit_birth
from tests.engine.toys import births, decide_step, settle

NUMBER = "2026/SUV/000001"
ASKED = {
    "service": "birth-registration",
    "step": "registration-number",
    "letter": "certificate",
    "shows": ["child_name", "father_name"],
    "number": None,
    "reference": None,
}


@pytest.fixture
def registered(db: Database) -> tuple[int, str]:
    """The id and the reference of a case that made an entry."""
    case = submit_birth(db)
    settle(db, births())
    decide_step(db, case.case_id, "review", "register")
    settle(db, births())
    return case.case_id, case.reference


def _find(db: Database, **asked: Any) -> Entry | None:
    with db.read() as connection:
        return find_entry(connection, ASKED | asked)


def test_an_entry_is_found_by_its_number_and_says_what_its_certificate_says(
    db: Database, registered: tuple[int, str]
) -> None:
    facts = {"child_name": "Losalini Tikoisuva", "father_name": "Josaia Tikoisuva"}
    assert _find(db, number=NUMBER) == {"reference": registered[1], "number": NUMBER, "facts": facts}


def test_an_entry_is_found_by_the_reference_of_its_case(db: Database, registered: tuple[int, str]) -> None:
    found = _find(db, reference=registered[1])
    assert found is not None
    assert found["number"] == NUMBER


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"number": "2026/SUV/000002"},
        {"number": "000001"},
        {"number": NUMBER, "service": "another"},
        {"reference": "BR-222-222-222"},
    ],
)
def test_what_is_not_there_is_not_found(
    db: Database, registered: tuple[int, str], asked: dict[str, Any]
) -> None:
    assert _find(db, **asked) is None


def test_an_application_that_is_not_decided_has_no_entry(db: Database) -> None:
    case = submit_birth(db, **family("waiting"))
    settle(db, births())
    assert _find(db, reference=case.reference) is None
