"""A review is given the first case whole: answers, criteria, decisions, letters."""

from __future__ import annotations

from typing import Any

import pytest

from cases.bundle import Bundle, find_bundle
from cases.db import Database
from cases.journal import CaseFile
from cases.vocabulary import LetterStatus, StepKind
from tasks import bundle as step_of_procedures
from tests.births import submit_birth
from tests.conftest import NOW
from tests.database.rows import REASON, ask_letter, look, write_step
from tests.engine.toys import births, decide_step, settle, step, toy

BIRTHS = "birth-registration"
CRITERIA = [
    {"key": "notification", "status": "not-proven", "facts": []},
    {"key": "itaukei", "status": "not-met", "facts": []},
]


def bundle_of(db: Database, case_id: int, **asked: Any) -> Bundle | None:
    reference = look(db, case_id).case.reference
    with db.read() as connection:
        return find_bundle(connection, **{"service": BIRTHS, "reference": reference} | asked)


@pytest.fixture
def refused(db: Database) -> int:
    """The id of a birth that Mere refused, with a letter that was issued."""
    case_id = submit_birth(db).case_id
    settle(db, births())
    decide_step(db, case_id, "review", "refuse", reasons=[REASON], note="Ask the ward again.")
    settle(db, births())
    ask_letter(db, case_id, "notice", status=LetterStatus.ISSUED, issued_at=NOW)
    ask_letter(db, case_id, "never-made")
    return case_id


def test_a_bundle_says_how_and_by_whom_a_case_was_decided(db: Database, refused: int) -> None:
    found = bundle_of(db, refused)
    assert found is not None
    assert (found["outcome"], found["closed_at"]) == ("refused", NOW.isoformat())
    (decision,) = found["decisions"]
    assert (decision["key"], decision["outcome"], decision["by"]) == ("review", "refuse", "mere")
    assert (decision["by_name"], decision["by_role"]) == ("Mere Tukana", "registrar")
    assert (decision["reasons"], decision["note"]) == ([REASON], "Ask the ward again.")
    assert found["decided_by"] == ["mere"]


def test_a_bundle_has_the_answers_the_criteria_and_the_letters_that_were_issued(
    db: Database, refused: int
) -> None:
    found = bundle_of(db, refused)
    assert found is not None
    assert found["answers"]["child_name"] == "Losalini Tikoisuva"
    assert {each["key"]: each["status"] for each in found["criteria"]}["birth-notified"] == "met"
    assert [letter["key"] for letter in found["letters"]] == ["notice"]
    assert found["documents"] == 0


def test_a_reference_is_known_however_it_is_typed_and_only_in_its_service(db: Database, refused: int) -> None:
    reference = look(db, refused).case.reference
    assert bundle_of(db, refused, reference=f" {reference.lower().replace('-', ' ')}") is not None
    assert bundle_of(db, refused, service="birth-correction") is None
    assert bundle_of(db, refused, reference="BR-222-222-222") is None
    assert bundle_of(db, refused, reference=None) is None


def test_an_open_case_has_no_outcome_yet(db: Database) -> None:
    case_id = submit_birth(db).case_id
    found = bundle_of(db, case_id)
    assert found is not None
    assert (found["outcome"], found["closed_at"], found["decisions"]) == (None, None, [])
    assert found["criteria"] == []


def test_what_an_officer_overrode_stands_as_overridden(db: Database) -> None:
    case_id = submit_birth(db).case_id
    result = {"outcome": "register", "by_name": "Mere Tukana", "by_role": "registrar"}
    result |= {"overrides": [{"criterion": "itaukei", "to": "met", "text": "I saw the VKB."}]}
    shows = {"criteria": CRITERIA}
    write_step(db, case_id, "criteria", StepKind.RULE, result=CRITERIA)
    write_step(db, case_id, "review", StepKind.APPROVAL, result=result, shows=shows, done_by="mere")
    found = bundle_of(db, case_id)
    assert found is not None
    first, second = found["criteria"]
    assert first == CRITERIA[0]
    assert (second["status"], second["overridden"]["was"]) == ("met", "not-met")
    assert second["overridden"]["by_name"] == "Mere Tukana"
    assert second["overridden"]["text"] == "I saw the VKB."


def test_decisions_that_were_set_aside_are_not_in_it(db: Database) -> None:
    case_id = submit_birth(db).case_id
    result = {"outcome": "refuse", "by_name": "Mere Tukana", "by_role": "registrar"}
    write_step(db, case_id, "review", StepKind.APPROVAL, result=result, cut_by=1)
    found = bundle_of(db, case_id)
    assert found is not None
    assert found["decisions"] == []


def test_a_procedure_is_given_the_bundle_and_none_for_a_reference_that_nobody_has(
    db: Database, refused: int
) -> None:
    def procedure(case: CaseFile) -> str:
        named = {"service": BIRTHS, "reference": case.answers.informant_name}
        step_of_procedures.find_bundle(case, "first", **named)
        return "finished"

    reference = look(db, refused).case.reference
    ids = [submit_birth(db, informant_name=typed).case_id for typed in (reference, "Somebody")]
    settle(db, toy(procedure))
    known, unknown = (step(db, case_id, "first").result for case_id in ids)
    assert (known["reference"], unknown) == (reference, None)
