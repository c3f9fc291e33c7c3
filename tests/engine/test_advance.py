"""Births moved on by the real procedure, from submitted to closed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import event

from cases import audit
from cases.actions import decide
from cases.db import Database
from cases.expiry import sweep
from cases.letters import claim_letters, finish_letter
from cases.permissions import SYSTEM, Actor
from cases.revisions import reopen, rewind, withdraw
from cases.transaction import carry_out
from flows.engine.advance import advance
from tests.births import family, submit_birth
from tests.conftest import NOW
from tests.database.rows import A_FILE
from tests.engine.toys import (
    answer_step,
    births,
    confirm_step,
    decide_step,
    journal,
    look,
    ready,
    settle,
    step,
)

REASONS = [
    {"key": "evidence-missing", "text": "The hospital has no record of this birth."},
    {"key": "other", "text": "The address is a shop."},
]
LATER = NOW + timedelta(days=1)


def _entered(db: Database, **changes: Any) -> int:
    case_id = submit_birth(db, **changes).case_id
    settle(db, births())
    decide_step(db, case_id, "review", "register")
    settle(db, births())
    return case_id


def _registered(db: Database, **changes: Any) -> int:
    case_id = _entered(db, **changes)
    confirm_step(db, case_id)
    settle(db, births())
    return case_id


def _asked(db: Database) -> int:
    case_id = submit_birth(db).case_id
    settle(db, births())
    decide_step(db, case_id, "review", "ask", question="Who was the midwife?")
    settle(db, births())
    return case_id


# -- to the registrar ------------------------------------------------------------------------------


def test_a_submitted_birth_waits_for_a_registrar_and_is_no_longer_ready(db: Database) -> None:
    case_id = submit_birth(db).case_id
    assert settle(db, births()) == {"advanced": 1}
    before = dict.fromkeys(("route", "criteria", "duplicates"), "done")
    assert journal(db, case_id) == {**before, "review": "open"}
    assert ready(db, births()) == []


def test_the_review_offers_its_outcomes_to_a_registrar_of_the_office(db: Database) -> None:
    case_id = submit_birth(db, office="labasa").case_id
    settle(db, births())
    review = step(db, case_id, "review")
    assert (review.role, review.office, review.form_version) == ("registrar", "labasa", 1)
    assert [offer["key"] for offer in review.outcomes] == ["register", "refuse", "duplicate", "ask"]
    assert (review.shows["route"]["name"], review.shows["duplicates"]) == ("on-time", [])
    assert review.shows["asked"] == []


def test_the_review_is_due_five_working_days_after_the_birth_was_received(db: Database) -> None:
    case_id = submit_birth(db).case_id  # Tuesday 5 May 2026, 9:00
    settle(db, births(), LATER)
    review = step(db, case_id, "review")
    # Tuesday 7 hours, Wednesday and Thursday 8 each, Friday 7, Monday 8, and 2 on Tuesday: 40 hours
    assert review.due_at == datetime(2026, 5, 11, 22, 0, tzinfo=UTC)  # Tuesday 12 May, 10:00
    assert review.opened_at == LATER


def test_a_deadline_says_what_it_was_made_from(db: Database) -> None:
    case_id = submit_birth(db).case_id
    settle(db, births())
    made_from = step(db, case_id, "review").sla
    assert made_from.pop("calendar")
    assert made_from == {"minutes": 2400, "since": NOW.isoformat(), "office": "suva"}


def test_an_import_received_long_ago_arrives_overdue(db: Database) -> None:
    case_id = submit_birth(db, received_at=NOW - timedelta(days=60), external_id="H-1").case_id
    settle(db, births())
    assert step(db, case_id, "review").due_at < NOW


def test_births_that_are_likely_the_same_are_shown_to_the_registrar(db: Database) -> None:
    first = submit_birth(db)
    second = submit_birth(db, received_at=NOW + timedelta(minutes=1))
    submit_birth(db, **family("another"))
    settle(db, births())
    review = step(db, first.case_id, "review")
    (other,) = review.shows["duplicates"]
    assert (other["reference"], other["status"]) == (second.reference, "open")
    assert review.outcomes[0] == {"key": "register", "needs": "", "form": "not-a-duplicate"}


def test_the_queries_of_a_whole_batch_are_one_statement(db: Database) -> None:
    for _ in range(5):
        submit_birth(db)
    asked = []

    @event.listens_for(db.reading, "before_cursor_execute")
    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if "match_keys" in statement:
            asked.append(statement)

    assert settle(db, births()) == {"advanced": 5}
    assert len(asked) == 1


# -- registered ------------------------------------------------------------------------------------


def test_a_registered_birth_has_its_number_its_certificate_and_its_message_once(db: Database) -> None:
    whole = look(db, _registered(db))
    assert (whole.case.status, whole.case.outcome, whole.case.ready) == ("closed", "registered", False)
    assert [row.value for row in whole.numbers] == ["2026/SUV/000001"]
    assert [(row.key, row.status) for row in whole.letters] == [("certificate", "pending")]
    assert [(row.key, row.recipient) for row in whole.messages] == [("certificate-message", "+6799012345")]


def test_the_certificate_states_the_facts_of_the_day(db: Database) -> None:
    (letter,) = look(db, _registered(db)).letters
    assert letter.template == "birth_registration/certificate"
    assert letter.facts["registration_number"] == "2026/SUV/000001"
    assert letter.facts["child_name"] == "Losalini Tikoisuva"
    assert letter.facts["decided_by"] == {"name": "Mere Tukana", "role": "registrar"}
    assert (letter.facts["decided_on"], letter.facts["office_name"]) == ("2026-05-05", "Suva")


def test_a_certificate_is_written_in_the_applicants_language(db: Database) -> None:
    whole = look(db, _registered(db, language="hif"))
    assert (whole.letters[0].language, whole.messages[0].language) == ("hif", "hif")


def test_each_office_numbers_its_registrations_without_gaps(db: Database) -> None:
    offices = ("suva", "labasa", "suva")
    cases = [submit_birth(db, office=office, **family(str(n))).case_id for n, office in enumerate(offices)]
    settle(db, births())
    for case_id in cases:
        review = step(db, case_id, "review")
        carry_out(db, decide, step_id=review.id, outcome="register", actor=_anybody(review), now=NOW)
    settle(db, births())
    numbers = [look(db, case_id).numbers[0].value for case_id in cases]
    assert numbers == ["2026/SUV/000001", "2026/LBS/000001", "2026/SUV/000002"]


def _anybody(review: Any) -> Actor:
    return Actor("somebody", role=review.role, office=review.office)


def test_nobody_is_sent_a_message_without_an_address(db: Database) -> None:
    whole = look(db, _registered(db, informant_phone=None, informant_email=None))
    assert (whole.messages, len(whole.letters)) == ([], 1)


def test_the_longest_address_that_the_form_takes_is_written_to(db: Database) -> None:
    longest = "a" * 64 + "@" + "b" * 60 + "." + "c" * 60 + "." + "d" * 59 + ".example"
    whole = look(db, _registered(db, informant_phone=None, informant_email=longest))
    assert [message.recipient for message in whole.messages] == [longest]


def test_advancing_a_closed_case_does_nothing(db: Database) -> None:
    case_id = _registered(db)
    before = look(db, case_id)
    advance(db, births(), [case_id], now=LATER)
    assert look(db, case_id) == before


def test_advancing_a_case_that_is_not_ready_does_nothing(db: Database) -> None:
    case_id = submit_birth(db).case_id
    settle(db, births())
    before = look(db, case_id)
    assert advance(db, births(), [case_id], now=LATER).references == []
    assert look(db, case_id) == before


# -- refused ---------------------------------------------------------------------------------------


def test_a_refusal_tells_its_reasons_and_what_would_change_them(db: Database) -> None:
    case_id = submit_birth(db).case_id
    settle(db, births())
    decide_step(db, case_id, "review", "refuse", reasons=REASONS)
    settle(db, births())
    whole = look(db, case_id)
    assert (whole.case.outcome, [letter.key for letter in whole.letters]) == ("refused", ["refusal"])
    told = whole.letters[0].facts["reasons"]
    assert [reason["text"] for reason in told] == [reason["text"] for reason in REASONS]
    assert all(reason["change"] for reason in told)
    assert whole.numbers == []


# -- asked -----------------------------------------------------------------------------------------


def test_a_question_opens_for_the_family_with_a_message_and_an_end(db: Database) -> None:
    case_id = _asked(db)
    evidence = step(db, case_id, "evidence")
    assert (evidence.status, evidence.role) == ("open", None)
    assert evidence.shows == {"question": "Who was the midwife?"}
    assert NOW + timedelta(days=27) < evidence.expires_at < NOW + timedelta(days=32)
    assert [message.key for message in look(db, case_id).messages] == ["question-message"]


def test_an_answer_leads_back_to_the_registrar_who_sees_it(db: Database) -> None:
    case_id = _asked(db)
    answer_step(db, case_id, "evidence", "Sister Litia", LATER)
    settle(db, births(), LATER)
    assert step(db, case_id, "review#2").shows["asked"] == [
        {"question": "Who was the midwife?", "answer": "Sister Litia", "at": LATER.isoformat()}
    ]
    assert step(db, case_id, "review").result["outcome"] == "ask"


def test_silence_leads_back_to_the_registrar_and_decides_nothing(db: Database) -> None:
    case_id = _asked(db)
    much_later = NOW + timedelta(days=60)
    with db.write() as connection:
        assert sweep(connection, now=much_later).count == 1
    settle(db, births(), much_later)
    (asked,) = step(db, case_id, "review#2").shows["asked"]
    assert asked == {"question": "Who was the midwife?", "no_answer": much_later.isoformat()}
    assert look(db, case_id).case.status == "open"


def test_the_second_review_has_five_working_days_of_its_own(db: Database) -> None:
    case_id, answered = _asked(db), NOW + timedelta(days=7)
    answer_step(db, case_id, "evidence", "Sister Litia", answered)
    settle(db, births(), answered + timedelta(minutes=9))
    # from Tuesday 12 May, 9:00, and the Friday is Girmit Day: to Wednesday 20 May, 9:00
    assert step(db, case_id, "review#2").due_at == datetime(2026, 5, 19, 21, 0, tzinfo=UTC)


# -- taken back ------------------------------------------------------------------------------------


def test_a_reopened_birth_keeps_its_number_and_its_new_certificate_supersedes_the_old(
    db: Database,
) -> None:
    case_id = _registered(db)
    _issue(db)
    carry_out(db, reopen, case_id=case_id, to_key="review", reason="Typo", actor=SYSTEM, now=LATER)
    settle(db, births(), LATER)
    decide_step(db, case_id, "review", "register", LATER)
    settle(db, births(), LATER)
    _issue(db)
    whole = look(db, case_id)
    assert [letter.status for letter in whole.letters] == ["superseded", "issued"]
    assert [letter.facts["registration_number"] for letter in whole.letters] == ["2026/SUV/000001"] * 2
    assert len(whole.numbers) == 1


def _issue(db: Database) -> None:
    with db.write() as connection:
        works = claim_letters(connection, holder="x", now=LATER, limit=9, hold_for=timedelta(minutes=1))
        for work in works:
            finish_letter(connection, work, files=A_FILE, now=LATER)


def test_a_rewound_birth_looks_for_others_again(db: Database) -> None:
    case_id = submit_birth(db).case_id
    settle(db, births())
    submit_birth(db)
    rewound = {"to_key": "duplicates", "reason": "Look again"}
    carry_out(db, rewind, case_id=case_id, **rewound, actor=SYSTEM, now=NOW)
    settle(db, births())
    assert len(step(db, case_id, "review").shows["duplicates"]) == 1


def test_a_birth_rewound_to_the_question_tells_the_family_still(db: Database) -> None:
    case_id = _asked(db)
    carry_out(db, rewind, case_id=case_id, to_key="evidence", reason="Typo", actor=SYSTEM, now=NOW)
    settle(db, births())
    assert step(db, case_id, "evidence").generation == 1
    assert [message.status for message in look(db, case_id).messages] == ["pending"]


def test_a_withdrawn_birth_is_not_advanced(db: Database) -> None:
    case_id = submit_birth(db).case_id
    carry_out(db, withdraw, case_id=case_id, actor=SYSTEM, now=NOW)
    assert (settle(db, births()), journal(db, case_id)) == ({}, {})


def test_the_chain_of_a_birth_taken_all_ways_is_whole(db: Database) -> None:
    case_id = _asked(db)
    answer_step(db, case_id, "evidence", "Sister Litia")
    settle(db, births())
    decide_step(db, case_id, "review#2", "register")
    settle(db, births())
    with db.read() as connection:
        assert list(audit.verify(connection)) == [1]
    kinds = [event.kind for event in look(db, case_id).events]
    assert kinds[:6] == ["submitted", "advanced", "decided", "advanced", "answered", "advanced"]
