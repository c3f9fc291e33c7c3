"""People named in several cases are found: by number, or by name and birth date."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from sqlalchemy import func, select, update

from cases.db import Database
from cases.journal import CaseFile
from cases.models import Case, PartyRow
from cases.parties import (
    AT_MOST,
    PartyHit,
    PartyQuestion,
    find_parties,
    rows_of,
    version_of,
    write_missing_parties,
)
from flows.engine.queries import Known
from tasks import parties as step_of_procedures
from tests.aid import ADVICE, AID, PARTIES, apply, person, role
from tests.engine.toys import look, settle, step, toy

ANYBODY = {AID: ("applicant", "member")}
HOLDING = {AID: ("awarded",)}
SERA = ("Sera Vakacegu", "1980-04-02", "TIN 12-34567")


def found(
    db: Database,
    case_id: int,
    *,
    mine: Sequence[str] = ("applicant",),
    among: Mapping[str, Sequence[str]] = ANYBODY,
) -> list[PartyHit]:
    with db.read() as connection:
        return find_parties(connection, {case_id: PartyQuestion(mine, among)}, holding=HOLDING)[case_id]


def same_by(db: Database, one: tuple[Any, ...], other: tuple[Any, ...]) -> list[str]:
    """By what the applicants of two cases are the same."""
    first = apply(db, person("applicant", *one)).case_id
    apply(db, person("applicant", *other))
    return [hit["by"] for hit in found(db, first)]


def end(db: Database, case_id: int, outcome: str) -> None:
    closed = {"status": "closed", "outcome": outcome, "ready": False}
    with db.write() as connection:
        connection.execute(update(Case).where(Case.id == case_id).values(closed))


# -- who is the same -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("other", "by"),
    [
        (("Somebody Else", None, "tin 1234567"), "number"),
        (("VAKACEGU Seraa", "1980-04-02", None), "name-and-birth-date"),
        (("Sera Vakacegu", None, "TIN 99-99999"), "name"),
    ],
)
def test_the_same_number_or_name_is_the_same_person(db: Database, other: tuple[Any, ...], by: str) -> None:
    assert same_by(db, SERA, other) == [by]


@pytest.mark.parametrize(
    "other",
    [
        ("Sera Vakacegu", "1981-04-02", None),
        ("Mere Vakacegu", "1980-04-02", None),
        ("Mere Tuilagi", None, "TIN 76-54321"),
    ],
)
def test_another_birth_date_or_another_name_is_another_person(db: Database, other: tuple[Any, ...]) -> None:
    assert same_by(db, SERA, other) == []


def test_a_number_without_a_digit_is_none(db: Database) -> None:
    assert same_by(db, ("Sera Vakacegu", None, "none"), ("Mere Tuilagi", None, "None")) == []


def test_members_of_a_household_are_found_in_any_role_asked_for(db: Database) -> None:
    first = apply(db, {**person("applicant", "Mere Tuilagi"), "household": [person("member", *SERA)]})
    second = apply(db, person("applicant", *SERA))
    assert found(db, first.case_id) == []
    (hit,) = found(db, first.case_id, mine=("applicant", "member"))
    assert hit == {
        "reference": second.reference,
        "service": AID,
        "status": "open",
        "outcome": None,
        "role": "applicant",
        "name": "Sera Vakacegu",
        "mine_role": "member",
        "mine_name": "Sera Vakacegu",
        "by": "number",
    }
    (back,) = found(db, second.case_id)
    assert (back["reference"], back["role"], back["mine_role"]) == (first.reference, "member", "applicant")


def test_a_case_never_finds_its_own_people(db: Database) -> None:
    case = apply(db, {**person("applicant", *SERA), "household": [person("member", *SERA)]})
    assert found(db, case.case_id, mine=("applicant", "member")) == []


def test_people_are_looked_for_only_among_the_roles_and_services_named(db: Database) -> None:
    first = apply(db, person("applicant", *SERA))
    advice = apply(db, person("applicant", *SERA), service=ADVICE)
    assert found(db, first.case_id) == []
    assert found(db, first.case_id, among={ADVICE: ("opponent",)}) == []
    assert found(db, first.case_id, among={}) == []
    (hit,) = found(db, first.case_id, among={ADVICE: ("opponent", "applicant")})
    assert (hit["reference"], hit["service"]) == (advice.reference, ADVICE)


# -- which cases count -----------------------------------------------------------------------------


@pytest.mark.parametrize(("outcome", "counts"), [("awarded", True), ("refused", False), ("withdrawn", False)])
def test_a_closed_case_counts_only_with_an_outcome_that_holds(
    db: Database, outcome: str, counts: bool
) -> None:
    first = apply(db, person("applicant", *SERA))
    other = apply(db, person("applicant", *SERA))
    end(db, other.case_id, outcome)
    assert [hit["outcome"] for hit in found(db, first.case_id)] == ([outcome] if counts else [])


def test_an_outcome_of_that_name_in_another_service_does_not_hold(db: Database) -> None:
    first = apply(db, person("applicant", *SERA))
    end(db, apply(db, person("applicant", *SERA), service=ADVICE).case_id, "awarded")
    assert found(db, first.case_id, among={AID: ("applicant",), ADVICE: ("applicant",)}) == []


def test_the_surest_come_first_and_no_more_than_a_page_can_show(db: Database) -> None:
    first = apply(db, person("applicant", *SERA))
    for _ in range(AT_MOST + 5):
        apply(db, person("applicant", "Sera Vakacegu"))
    apply(db, person("applicant", "Sera Vakacegu", "1980-04-02"))
    apply(db, person("applicant", "S V", None, "TIN1234567"))
    hits = found(db, first.case_id)
    assert len(hits) == AT_MOST
    assert [hit["by"] for hit in hits[:3]] == ["number", "name-and-birth-date", "name"]


def test_several_cases_are_answered_at_once_each_with_its_own(db: Database) -> None:
    names = ("Sera Vakacegu", "Ana Lal", "Sera Vakacegu", "Ana Lal")
    of_name = {apply(db, person("applicant", name)).case_id: name for name in names}
    question = PartyQuestion(["applicant"], ANYBODY)
    with db.read() as connection:
        hits = find_parties(connection, dict.fromkeys(of_name, question), holding=HOLDING)
    assert {case_id: [hit["name"] for hit in its] for case_id, its in hits.items()} == {
        case_id: [name] for case_id, name in of_name.items()
    }


# -- rows ------------------------------------------------------------------------------------------


def test_somebody_without_a_name_has_no_row() -> None:
    household = [person("member", "Ana Lal"), person("member", None, None, "TIN1"), person("member", " . ")]
    answers = {**person("applicant", None), "household": household}
    assert [(row["role"], row["place"], row["name"]) for row in rows_of(PARTIES, answers)] == [
        ("member", 1, "Ana Lal")
    ]


def test_cases_of_before_the_roles_or_of_other_roles_get_their_rows_in_batches(db: Database) -> None:
    ids = [apply(db, person("applicant", *SERA)).case_id for _ in range(3)]
    other_fields = {"applicant": role("applicant")}
    batches = [after := _missing(db, other_fields, 0)]
    while after is not None:
        batches.append(after := _missing(db, other_fields, after))
    assert batches == [ids[1], ids[2], None]
    assert _versions(db) == dict.fromkeys(ids, version_of(other_fields))
    assert _missing(db, other_fields, 0) is None


def _missing(db: Database, parties: Any, after: int) -> int | None:
    with db.write() as connection:
        return write_missing_parties(connection, AID, parties, after=after, limit=2)


def _versions(db: Database) -> dict[int, str]:
    with db.read() as connection:
        assert connection.execute(select(func.count(PartyRow.id))).scalar_one() == 3
        return {
            row.case_id: row.version for row in connection.execute(select(PartyRow.case_id, PartyRow.version))
        }


# -- in a procedure --------------------------------------------------------------------------------


def _procedure(case: CaseFile) -> str:
    step_of_procedures.find_parties(case, "overlap", mine=["applicant"], among={AID: ["applicant"]})
    return "finished"


def test_a_procedure_is_given_what_was_found_when_it_asked(db: Database) -> None:
    runtime = toy(_procedure)
    config = dataclasses.replace(runtime.config, parties=PARTIES)
    flow = dataclasses.replace(runtime.flow, key=AID)
    runtime = dataclasses.replace(runtime, config=config, flow=flow, known=Known(HOLDING))
    awarded = apply(db, person("applicant", *SERA))
    end(db, awarded.case_id, "awarded")
    case_id = apply(db, person("applicant", *SERA)).case_id
    assert settle(db, runtime)["closed"] == 1
    assert [hit["reference"] for hit in step(db, case_id, "overlap").result] == [awarded.reference]


def test_a_role_that_the_service_does_not_have_is_an_incident_of_its_case_alone(db: Database) -> None:
    runtime = toy(_procedure)
    runtime = dataclasses.replace(runtime, flow=dataclasses.replace(runtime.flow, key=AID))
    case_id = apply(db, person("applicant", *SERA)).case_id
    assert settle(db, runtime) == {"incident": 1}
    assert look(db, case_id).incidents[0].summary.startswith("LookupError")
