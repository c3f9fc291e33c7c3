"""The regular sweep of deadlines, and when it waits for an operator's word."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import insert

from cases.db import Database
from cases.models import JournalEntry
from cases.vocabulary import StepKind, StepStatus
from flows.platform.deadlines import OUTAGE, UNUSUAL, SweepReport, sweep_deadlines
from tests.births import submit_birth
from tests.conftest import NOW
from tests.database.rows import look_at_step, open_question

OUTAGE_LATER = NOW + OUTAGE + timedelta(seconds=1)


def _due(db: Database, at: datetime = NOW) -> int:
    return open_question(db, submit_birth(db).case_id, expires_at=at)


def _many_due(db: Database, count: int) -> None:
    case_id = submit_birth(db).case_id
    common = {"case_id": case_id, "generation": 0, "kind": StepKind.QUESTION, "status": StepStatus.OPEN}
    common |= {"service": "birth-registration", "opened_at": NOW, "expires_at": NOW}
    with db.write() as connection:
        connection.execute(insert(JournalEntry), [common | {"key": f"q{number}"} for number in range(count)])


def test_the_first_sweep_closes_what_is_due(db: Database) -> None:
    question = _due(db)
    assert sweep_deadlines(db, now=NOW) == SweepReport(1)
    assert look_at_step(db, question).status == "no_answer"


def test_sweeps_one_after_the_other_go_on_without_an_operator(db: Database) -> None:
    sweep_deadlines(db, now=NOW)
    _due(db, OUTAGE_LATER)
    sweep_deadlines(db, now=NOW + timedelta(minutes=40))
    assert sweep_deadlines(db, now=OUTAGE_LATER).expired == 1


def test_after_an_outage_of_an_hour_nothing_runs_out_without_an_operator(db: Database) -> None:
    sweep_deadlines(db, now=NOW)
    question = _due(db)
    report = sweep_deadlines(db, now=OUTAGE_LATER)
    assert (report.expired, "more than an hour ago" in (report.held or "")) == (0, True)
    assert look_at_step(db, question).status == "open"


def test_the_sweep_goes_on_waiting_until_an_operator_confirms(db: Database) -> None:
    sweep_deadlines(db, now=NOW)
    _due(db)
    assert sweep_deadlines(db, now=OUTAGE_LATER).held
    assert sweep_deadlines(db, now=OUTAGE_LATER + timedelta(minutes=1)).held
    assert sweep_deadlines(db, now=OUTAGE_LATER, confirmed=True) == SweepReport(1)
    _due(db)
    assert sweep_deadlines(db, now=OUTAGE_LATER).expired == 1


def test_after_an_outage_in_which_nothing_ran_out_no_operator_is_needed(db: Database) -> None:
    sweep_deadlines(db, now=NOW)
    _due(db, NOW + timedelta(days=1))
    assert sweep_deadlines(db, now=OUTAGE_LATER) == SweepReport(0)


def test_an_unusual_number_at_once_waits_for_an_operator(db: Database) -> None:
    _many_due(db, UNUSUAL + 1)
    report = sweep_deadlines(db, now=NOW)
    assert (report.expired, report.held) == (0, f"more than {UNUSUAL} waits would run out at once")
    assert sweep_deadlines(db, now=NOW, confirmed=True).expired == UNUSUAL + 1


def test_as_many_as_are_usual_run_out_without_an_operator(db: Database) -> None:
    _many_due(db, UNUSUAL)
    assert sweep_deadlines(db, now=NOW) == SweepReport(UNUSUAL)
