"""Taking in an application."""

from __future__ import annotations

import dataclasses
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import StatementError

from cases.actions import Application, Submitted, submit
from cases.db import Database
from cases.errors import Conflict
from cases.models import MatchKey
from cases.permissions import SYSTEM
from cases.transaction import carry_out
from tests.births import ANSWERS, application, submit_birth
from tests.conftest import NOW
from tests.database.racing import at_once
from tests.database.rows import look


def _submit(db: Database, what: Application) -> Submitted:
    return carry_out(db, submit, what, actor=SYSTEM, now=NOW)


def test_a_submission_makes_an_open_case_that_is_ready(db: Database) -> None:
    case = look(db, submit_birth(db).case_id).case
    assert (case.status, case.ready, case.halted, case.generation) == ("open", True, False, 0)
    assert (case.office, case.channel, case.code) == ("suva", "web", None)


def test_the_answers_are_kept_as_they_came(db: Database) -> None:
    case = look(db, submit_birth(db, child_name="ललिता देवी", mother_village=None).case_id).case
    assert case.answers == ANSWERS | {"child_name": "ललिता देवी", "mother_village": None}


def test_when_the_government_received_it_is_kept_beside_when_it_was_written(db: Database) -> None:
    received = NOW - timedelta(days=40, microseconds=7)
    done = _submit(db, application(received_at=received))
    case = look(db, done.case_id).case
    assert (case.received_at, case.created_at) == (received, NOW)


def test_an_instant_without_a_time_zone_is_refused(db: Database) -> None:
    with pytest.raises(StatementError, match="must be aware"):
        submit_birth(db, received_at=datetime(2026, 5, 4, 9, 0))  # noqa: DTZ001


def test_sending_twice_under_one_client_key_makes_one_case(db: Database) -> None:
    first, second = submit_birth(db, client_key="browser-1"), submit_birth(db, client_key="browser-1")
    assert (first.existed, second.existed) == (False, True)
    assert (second.case_id, second.reference) == (first.case_id, first.reference)


def test_importing_twice_under_one_external_id_makes_one_case(db: Database) -> None:
    first, second = submit_birth(db, external_id="H-1"), submit_birth(db, external_id="H-1")
    assert (second.existed, second.case_id) == (True, first.case_id)


def test_sending_again_changes_nothing_of_the_case(db: Database) -> None:
    first = submit_birth(db, client_key="browser-1")
    before = look(db, first.case_id)
    submit_birth(db, client_key="browser-1", child_name="Somebody Else")
    assert look(db, first.case_id) == before


def test_two_services_may_use_the_same_external_id(db: Database) -> None:
    submit_birth(db, external_id="H-1")
    other = dataclasses.replace(application(external_id="H-1"), service="other-service")
    assert not _submit(db, other).existed


def test_cases_without_a_key_or_an_id_are_all_new(db: Database) -> None:
    assert not submit_birth(db).existed
    assert not submit_birth(db).existed


def test_four_submissions_at_once_under_one_client_key_make_one_case(db: Database) -> None:
    done = at_once(*[lambda: submit_birth(db, client_key="browser-1")] * 4)
    assert len({each.case_id for each in done}) == 1
    assert [each.existed for each in done].count(False) == 1


def test_a_reference_that_is_taken_is_a_conflict(db: Database) -> None:
    taken = submit_birth(db).reference
    with pytest.raises(Conflict, match="is taken"):
        _submit(db, dataclasses.replace(application(), reference=taken))


def test_matching_keys_are_found_by_their_value(db: Database) -> None:
    case_id = submit_birth(db, notification_number="NOB-2026-000777").case_id
    with db.read() as connection:
        rows = connection.execute(select(MatchKey.case_id, MatchKey.service, MatchKey.name, MatchKey.value))
        assert rows.all() == [(case_id, "birth-registration", "notification", "nob-2026-000777")]


def test_a_submission_is_the_first_event_and_tells_no_answers(db: Database) -> None:
    (event,) = look(db, submit_birth(db).case_id).events
    assert (event.seq, event.kind) == (1, "submitted")
    assert "birth-registration" in event.body
    assert "Tikoisuva" not in event.body


def test_an_import_is_told_apart_from_a_submission(db: Database) -> None:
    (event,) = look(db, submit_birth(db, external_id="H-1").case_id).events
    assert event.kind == "imported"
