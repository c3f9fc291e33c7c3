"""What is thrown away each night, and what a database is for."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import insert, select

from cases.db import Database
from cases.errors import Refused
from cases.installation import require_mode
from cases.models import Attempt, Draft, Staff
from cases.people import try_key
from cases.retention import DRAFTS_KEPT
from flows.platform.housekeeping import tidy
from tests.births import submit_birth
from tests.conftest import NOW
from tests.database.rows import look


def _draft(db: Database, token: str, age: timedelta) -> None:
    row = {"token": token, "service": "birth-registration", "form_version": 1, "answers": {}}
    row |= {"client_key": token, "created_at": NOW - age, "updated_at": NOW - age}
    with db.write() as connection:
        connection.execute(insert(Draft).values(row))


def test_drafts_that_nobody_came_back_to_are_deleted(db: Database) -> None:
    _draft(db, "old", DRAFTS_KEPT + timedelta(seconds=1))
    _draft(db, "new", DRAFTS_KEPT)
    assert tidy(db, now=NOW)["drafts"] == 1
    with db.read() as connection:
        assert list(connection.execute(select(Draft.token)).scalars()) == ["new"]


def test_old_wrong_tries_are_deleted(db: Database) -> None:
    with db.write() as connection:
        old = {"key": try_key("pin", "x"), "count": 9, "last_at": NOW - timedelta(days=2)}
        connection.execute(insert(Attempt).values(old))
    assert tidy(db, now=NOW)["wrong tries"] == 1


def test_cases_are_never_tidied_away(db: Database) -> None:
    case_id = submit_birth(db).case_id
    tidy(db, now=NOW + timedelta(days=10_000))
    assert look(db, case_id).case.status == "open"


def _require(db: Database, mode: str) -> bool:
    with db.write() as connection:
        return require_mode(connection, mode, now=NOW)


def _add_demo_account(db: Database) -> None:
    row = {"username": "demo", "name": "Demo", "role": "registrar", "password_hash": "-", "active": True}
    row |= {"demo": True, "session_epoch": 0, "created_at": NOW}
    with db.write() as connection:
        connection.execute(insert(Staff).values(row))


def test_an_unused_database_is_stamped_once(db: Database) -> None:
    assert [_require(db, "live"), _require(db, "live")] == [True, False]


@pytest.mark.parametrize(("made_for", "wanted"), [("demo", "live"), ("live", "demo")])
def test_a_database_made_for_one_mode_is_refused_for_the_other(
    db: Database, made_for: str, wanted: str
) -> None:
    _require(db, made_for)
    with pytest.raises(Refused, match=f"S2F_MODE={made_for}"):
        _require(db, wanted)


def test_a_live_database_holds_no_demonstration_accounts(db: Database) -> None:
    _require(db, "live")
    _add_demo_account(db)
    with pytest.raises(Refused, match="demonstration accounts"):
        _require(db, "live")


def test_a_demonstration_may_hold_demonstration_accounts(db: Database) -> None:
    _add_demo_account(db)
    assert _require(db, "demo")
