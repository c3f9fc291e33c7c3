"""A procedure that raises costs its own case and no other, and tells nothing of a person."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert

from cases.actions import decide
from cases.db import Database
from cases.journal import CaseFile
from cases.models import AllottedNumber
from cases.permissions import SYSTEM
from cases.revisions import cases_with_cause, rewind
from cases.revisions import retry as retry_verb
from cases.transaction import carry_out
from cases.vocabulary import StepKind
from flows.engine.advance import advance
from flows.engine.runtime import Runtime
from tasks.approval import Choice, approval
from tasks.assessment import assess
from tasks.letter import letter
from tasks.message import message
from tasks.number import allot_number
from tests.births import family, submit_birth
from tests.conftest import NOW
from tests.engine.toys import (
    MERE,
    answer_step,
    births,
    decide_step,
    journal,
    look,
    ready,
    settle,
    step,
    toy,
)

YES = Choice("yes")


def review(case: CaseFile) -> str:
    """One approval and an end."""
    return approval(case, "review", by="registrar", outcomes=(YES,)).outcome


def stumbling(over: str) -> Callable[[CaseFile], str]:
    """The same, but it raises for the child of this name, and names it."""

    def procedure(case: CaseFile) -> str:
        if case.answers.child_name == over:
            raise KeyError(f"no place for {case.answers.child_name}")
        return review(case)

    return procedure


def _retry(db: Database, case_id: int) -> None:
    carry_out(db, retry_verb, case_id=case_id, actor=SYSTEM, now=NOW)


def test_a_case_whose_procedure_raises_is_halted_with_an_incident(db: Database) -> None:
    case_id = submit_birth(db, child_name="Ana").case_id
    assert settle(db, toy(stumbling("Ana"))) == {"incident": 1}
    whole = look(db, case_id)
    assert (whole.case.halted, whole.case.ready, whole.journal) == (True, True, [])
    assert whole.events[-1].kind == "incident"


def test_an_incident_names_class_and_place_and_no_person(db: Database) -> None:
    case = submit_birth(db, child_name="Ana")
    report = advance(db, toy(stumbling("Ana"), code="c1"), [case.case_id], now=NOW)
    (incident,) = look(db, case.case_id).incidents
    assert incident.summary.startswith("KeyError at test_advance_incidents.py:")
    assert (incident.code, incident.generation, incident.occurred_at) == ("c1", 0, NOW)
    assert report.incidents == [f"{case.reference}: KeyError"]
    assert "Ana" not in incident.summary + look(db, case.case_id).events[-1].body


def test_the_others_of_the_batch_advance(db: Database) -> None:
    cases = {name: submit_birth(db, child_name=name).case_id for name in ("Mere", "Ana", "Jone")}
    assert settle(db, toy(stumbling("Ana"))) == {"advanced": 2, "incident": 1}
    assert [journal(db, case_id) for case_id in cases.values()] == [
        {"review": "open"},
        {},
        {"review": "open"},
    ]


def test_a_halted_case_is_not_claimed_and_not_advanced(db: Database) -> None:
    case_id = submit_birth(db, child_name="Ana").case_id
    runtime = toy(stumbling("Ana"))
    settle(db, runtime)
    assert ready(db, runtime) == []
    advance(db, toy(review), [case_id], now=NOW)
    assert (journal(db, case_id), len(look(db, case_id).incidents)) == ({}, 1)


def test_a_retried_case_goes_on_once_the_procedure_is_mended(db: Database) -> None:
    case_id = submit_birth(db, child_name="Ana").case_id
    settle(db, toy(stumbling("Ana")))
    _retry(db, case_id)
    assert settle(db, toy(review, code="mended")) == {"advanced": 1}
    assert journal(db, case_id) == {"review": "open"}


def test_a_retry_of_a_procedure_that_still_raises_is_another_incident(db: Database) -> None:
    case_id = submit_birth(db, child_name="Ana").case_id
    for _ in range(2):
        settle(db, toy(stumbling("Ana")))
        _retry(db, case_id)
    assert len(look(db, case_id).incidents) == 2


def test_incidents_of_one_cause_are_found_together(db: Database) -> None:
    cases = [submit_birth(db, child_name="Ana").case_id for _ in range(2)]
    settle(db, toy(stumbling("Ana")))
    other = submit_birth(db).case_id
    settle(db, toy(_raise_early))
    causes = {case_id: look(db, case_id).incidents[0].cause for case_id in (*cases, other)}
    with db.read() as connection:
        assert cases_with_cause(connection, causes[cases[0]]) == cases
    assert causes[other] != causes[cases[0]]


def _raise_early(case: CaseFile) -> str:
    raise RuntimeError


def test_an_answer_to_a_halted_case_is_taken_and_counts_after_the_retry(db: Database) -> None:
    case_id = submit_birth(db).case_id
    settle(db, births())
    decide_step(db, case_id, "review", "ask", question="Who?")
    settle(db, births())
    answer_step(db, case_id, "evidence", "Sister Litia")
    settle(db, dataclasses.replace(births(), flow=dataclasses.replace(births().flow, procedure=_raise_early)))
    _retry(db, case_id)
    settle(db, births())
    assert step(db, case_id, "review#2").shows["asked"][0]["answer"] == "Sister Litia"


def test_a_decision_on_a_halted_case_is_taken_and_counts_after_the_retry(db: Database) -> None:
    case_id, other = submit_birth(db).case_id, submit_birth(db).case_id
    settle(db, toy(review))
    carry_out(db, rewind, case_id=other, to_key="review", reason="Typo", actor=SYSTEM, now=NOW)
    decide_step(db, case_id, "review", "yes")
    settle(db, toy(_raise_early))
    _retry(db, case_id)
    settle(db, toy(review))
    assert look(db, case_id).case.outcome == "yes"


def test_a_procedure_that_no_longer_comes_to_a_step_is_an_incident_that_says_so(db: Database) -> None:
    case_id = submit_birth(db).case_id
    settle(db, toy(review))
    decide_step(db, case_id, "review", "yes")
    settle(db, toy(lambda case: "done"))
    (incident,) = look(db, case_id).incidents
    assert "no longer comes to these steps of the journal: review" in incident.summary


def test_a_case_with_an_incident_can_be_rewound_and_retried(db: Database) -> None:
    case_id = submit_birth(db).case_id
    settle(db, toy(review))
    decide_step(db, case_id, "review", "yes")
    settle(db, toy(_raise_early))
    carry_out(db, rewind, case_id=case_id, to_key="review", reason="Typo", actor=SYSTEM, now=NOW)
    _retry(db, case_id)
    settle(db, toy(review))
    assert journal(db, case_id) == {"review": "open"}


# -- what can't be written -------------------------------------------------------------------------


def _rule(value: Any) -> Callable[[CaseFile], str]:
    def procedure(case: CaseFile) -> str:
        if case.answers.child_name == "Ana":
            assess(case, "rule", lambda case: value)
        return review(case)

    return procedure


def _letter(case: CaseFile) -> str:
    if case.answers.child_name == "Ana":
        letter(case, "certificate", {"on": case.received_at})
    return review(case)


def _number(case: CaseFile) -> str:
    if case.answers.child_name == "Ana":
        allot_number(case, "no-such-series", year=2026)
    return review(case)


def _costs_only_its_own_case(db: Database, runtime: Runtime) -> None:
    bad, good = submit_birth(db, child_name="Ana").case_id, submit_birth(db).case_id
    assert settle(db, runtime) == Counter({"advanced": 1, "incident": 1})
    assert look(db, bad).case.halted
    assert journal(db, good) == {"review": "open"}


@pytest.mark.parametrize("value", [{1, 2}, NOW, float("nan"), timedelta(days=1)], ids=str)
def test_a_rule_whose_result_is_not_json_costs_only_its_own_case(db: Database, value: Any) -> None:
    _costs_only_its_own_case(db, toy(_rule(value)))


def test_a_letter_whose_facts_are_not_json_costs_only_its_own_case(db: Database) -> None:
    _costs_only_its_own_case(db, toy(_letter))


def test_a_number_of_an_unknown_series_costs_only_its_own_case(db: Database) -> None:
    _costs_only_its_own_case(db, toy(_number))


def test_a_case_of_an_office_that_is_no_more_costs_only_itself(db: Database) -> None:
    bad, good = submit_birth(db, office="atlantis").case_id, submit_birth(db).case_id
    assert settle(db, births()) == Counter({"advanced": 1, "incident": 1})
    assert (look(db, bad).case.halted, step(db, good, "review").status) == (True, "open")


def _far_away(case: CaseFile) -> str:
    if case.answers.child_name == "Ana":
        message(case, "told", to="a" * 300)
    return review(case)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)  # SQLite takes any length
def test_a_row_that_the_database_refuses_costs_only_its_own_case(db: Database) -> None:
    _costs_only_its_own_case(db, toy(_far_away))


def test_a_number_that_another_case_has_costs_only_its_own_case(db: Database) -> None:
    cases = [submit_birth(db, office=office, **family(office)).case_id for office in ("suva", "labasa")]
    settle(db, births())
    with db.write() as connection:
        series = "birth-registration/registration-number/2026/SUV"
        taken = {"case_id": cases[1], "key": "other", "series": series, "value": "2026/SUV/000001"}
        taken |= {"allotted_at": NOW}
        connection.execute(insert(AllottedNumber).values(taken))
    for case_id, office in zip(cases, ("suva", "labasa"), strict=True):
        named = {"outcome": "register", "actor": dataclasses.replace(MERE, office=office), "now": NOW}
        carry_out(db, decide, step_id=step(db, case_id, "review").id, **named)
    settle(db, births())
    assert [look(db, case_id).case.halted for case_id in cases] == [True, False]
    assert step(db, cases[1], "receipt").status == "open"
    assert look(db, cases[0]).incidents[0].summary.startswith("IntegrityError at ")


def test_a_rule_returns_at_first_what_it_returns_ever_after(db: Database) -> None:
    seen = []

    def procedure(case: CaseFile) -> str:
        seen.append(assess(case, "rule", lambda case: {"route": ("a", "b"), 1: None}))
        return review(case)

    case_id = submit_birth(db).case_id
    settle(db, toy(procedure))
    decide_step(db, case_id, "review", "yes")
    settle(db, toy(procedure))
    assert seen == [{"route": ["a", "b"], "1": None}] * 2
    assert step(db, case_id, "rule").kind == StepKind.RULE
