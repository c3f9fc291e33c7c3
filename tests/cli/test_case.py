"""Reading a case whole on the command line, and the verbs that an operator has."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from cases.actions import decide
from cases.db import Database
from cases.models import AccessLogEntry, Case, Event, Incident, JournalEntry
from cases.permissions import Actor
from cases.revisions import record_incident
from cases.transaction import carry_out
from tests.births import submit_birth
from tests.cli.conftest import Command
from tests.conftest import NOW
from tests.web.backstage import advance_all

LATER = NOW + timedelta(hours=1)


@pytest.fixture
def reference(db: Database) -> str:
    """A birth that waits for the registrar."""
    submitted = submit_birth(db)
    advance_all(db, NOW)
    return submitted.reference


def case_row(db: Database) -> Any:
    with db.read() as connection:
        return connection.execute(select(Case.__table__)).one()


def refuse(db: Database, s2f: Command, reference: str, registrar: Actor) -> None:
    (step,) = [row for row in s2f.data("case", reference)["journal"] if row["key"] == "review"]
    reasons = [{"key": "evidence-missing", "text": "No papers."}]
    carry_out(db, decide, step_id=step["id"], outcome="refuse", reasons=reasons, actor=registrar, now=LATER)
    advance_all(db, LATER)


def test_a_case_is_printed_whole(s2f: Command, reference: str) -> None:
    whole = s2f.data("case", reference)
    assert whole["case"]["reference"] == reference
    keys = [row["key"] for row in whole["journal"]]
    assert keys == ["route", "criteria", "duplicates", "review"]
    assert {"letters", "messages", "notes", "incidents", "numbers", "events"} <= whole.keys()


def test_a_case_is_printed_for_people(s2f: Command, reference: str) -> None:
    text = s2f("case", reference).stdout
    assert f"{reference}  birth-registration: open" in text
    assert "Losalini Tikoisuva" in text
    assert "due 2026-05-12 10:00" in text


def test_what_was_decided_on_each_criterion_is_printed(s2f: Command, db: Database, reference: str) -> None:
    said = {
        "outcome": "refuse",
        "reasons": [{"key": "other", "text": "The fund is closed."}],
        "grounds": [{"criterion": "birth-notified", "text": "No paper."}],
        "overrides": [{"criterion": "vkb", "to": "met", "text": "Seen at the counter."}],
    }
    with db.write() as connection:
        connection.execute(
            update(JournalEntry)
            .where(JournalEntry.key == "review")
            .values(result=said, not_by=["ravi"], urgent="in-custody")
        )
    text = " ".join(s2f("case", reference).stdout.split())
    assert "review vkb overridden: met Seen at the counter." in text
    assert "review birth-notified ground No paper." in text
    assert "review other reason The fund is closed." in text
    assert "urgent: in-custody not by ravi" in text
    (step,) = [row for row in s2f.data("case", reference)["journal"] if row["key"] == "review"]
    assert (step["result"], step["not_by"], step["urgent"]) == (said, ["ravi"], "in-custody")


def test_a_reference_may_be_typed_as_people_type_it(s2f: Command, reference: str) -> None:
    typed = reference.replace("-", " ").lower()
    assert s2f.data("case", typed)["case"]["reference"] == reference


def test_what_opens_or_unmasks_a_case_is_not_printed(s2f: Command, reference: str) -> None:
    assert not {"salt", "pin_digest", "client_key"} & s2f.data("case", reference)["case"].keys()


def test_reading_a_case_is_logged(s2f: Command, db: Database, reference: str) -> None:
    s2f("case", reference)
    with db.read() as connection:
        row = connection.execute(select(AccessLogEntry.actor, AccessLogEntry.action)).one()
    assert row.actor.startswith("operator:")
    assert row.action == "read-case"


def test_an_unknown_reference_is_told_plainly(s2f: Command) -> None:
    result = s2f("case", "BR-222-222-222")
    assert result.exit_code == 1
    assert "no case BR-222-222-222" in result.stderr


def test_a_case_with_an_incident_can_go_on(s2f: Command, db: Database, reference: str) -> None:
    case_id = case_row(db).id
    carry_out(db, record_incident, case_id=case_id, cause="c1", summary="KeyError", halt=True, now=NOW)
    assert case_row(db).halted
    s2f.data("case", "retry", reference)
    assert not case_row(db).halted


def test_open_incidents_are_listed_by_cause(s2f: Command, db: Database, reference: str) -> None:
    case_id = case_row(db).id
    carry_out(db, record_incident, case_id=case_id, cause="c1", summary="KeyError at x", halt=True, now=NOW)
    assert [(row["reference"], row["cause"]) for row in s2f.data("incidents")] == [(reference, "c1")]
    assert "KeyError at x" in s2f("incidents").stdout


def test_every_case_with_a_cause_can_go_on_at_once(s2f: Command, db: Database) -> None:
    for _ in range(3):
        case_id = submit_birth(db).case_id
        carry_out(db, record_incident, case_id=case_id, cause="c1", summary="KeyError", halt=True, now=NOW)
    assert s2f.data("incidents", "--retry-cause", "c1") == {"retried": 3}
    with db.read() as connection:
        assert connection.execute(select(Incident.id).where(Incident.resolved_at.is_(None))).all() == []


def test_a_case_can_be_withdrawn(s2f: Command, db: Database, reference: str) -> None:
    s2f.data("case", "withdraw", reference)
    assert case_row(db).outcome == "withdrawn"


def test_an_open_case_can_be_taken_back(s2f: Command, db: Database, reference: str) -> None:
    s2f.data("case", "rewind", reference, "duplicates", "--reason", "The register was down")
    assert (case_row(db).generation, case_row(db).ready) == (1, True)


def test_a_closed_case_can_be_opened_again(
    s2f: Command, db: Database, reference: str, registrar: Actor
) -> None:
    refuse(db, s2f, reference, registrar)
    assert case_row(db).outcome == "refused"
    s2f.data("case", "reopen", reference, "review", "--reason", "The papers came after all")
    assert case_row(db).status == "open"


def test_what_the_domain_refuses_is_told_plainly(s2f: Command, reference: str) -> None:
    result = s2f("case", "reopen", reference, "review", "--reason", "Why not")
    assert result.exit_code == 1
    assert "is open: rewind it instead" in result.stderr


def test_the_chains_of_events_are_whole(s2f: Command, reference: str) -> None:
    assert s2f.data("audit", "verify") == {"cases": 1, "broken": []}


def test_a_changed_event_is_found(s2f: Command, db: Database, reference: str) -> None:
    with db.write() as connection:
        connection.execute(update(Event).where(Event.seq == 1).values(body="{}"))
    report = s2f.data("audit", "verify", status=1)
    assert [broken["reference"] for broken in report["broken"]] == [reference]


def _of_births(reports: Any) -> Any:
    return next(report for report in reports if report["service"] == "birth-registration")


def test_open_cases_replay_alike_on_the_code_they_ran_on(s2f: Command, reference: str) -> None:
    report = _of_births(s2f.data("replay-check"))
    assert (report["cases"], report["held"], report["differences"]) == (1, 0, [])


def test_a_case_whose_journal_the_procedure_does_not_know_would_be_held(
    s2f: Command, db: Database, reference: str
) -> None:
    with db.write() as connection:
        connection.exec_driver_sql("UPDATE journal SET role = 'harbour-master' WHERE key = 'review'")
    report = _of_births(s2f.data("replay-check", status=1))
    assert [difference["reference"] for difference in report["differences"]] == [reference]


def test_no_wait_has_run_out_on_the_day_of_the_question(s2f: Command, reference: str) -> None:
    assert s2f.data("deadlines") == {"due": 0}


def test_an_operator_can_say_that_what_is_due_is_right(
    s2f: Command, db: Database, reference: str, registrar: Actor
) -> None:
    (step,) = [row for row in s2f.data("case", reference)["journal"] if row["key"] == "review"]
    named = {"outcome": "ask", "question": "Which ward?", "actor": registrar, "now": LATER}
    carry_out(db, decide, step_id=step["id"], **named)
    advance_all(db, LATER)
    with db.write() as connection:
        connection.exec_driver_sql(
            "UPDATE journal SET expires_at = '2026-05-06 00:00:00' WHERE key = 'evidence'"
        )
    assert s2f.data("deadlines") == {"due": 1}
    assert s2f.data("deadlines", "--confirm") == {"closed": 1}
