"""Members of staff and their passwords."""

from __future__ import annotations

from typing import Any

import pytest

from cases.db import Database
from cases.errors import Conflict, NotFound, Refused
from cases.people import (
    StaffMember,
    add_staff,
    all_staff,
    check_password,
    deactivate_staff,
    has_demo_staff,
    staff_by_username,
)
from tests.conftest import NOW


@pytest.fixture
def db(sqlite_db: Database) -> Database:
    """One kind of database: passwords are slow on purpose, and the kind makes no difference to them."""
    return sqlite_db


def _add(db: Database, username: str = "mere", **named: Any) -> StaffMember:
    person = {"name": "Mere Tukana", "role": "registrar", "office": "suva"}
    person |= {"password": "a long password", "now": NOW}
    with db.write() as connection:
        return add_staff(connection, username=username, **{**person, **named})


def _check(db: Database, username: str, password: str) -> StaffMember | None:
    with db.read() as connection:
        return check_password(connection, username=username, password=password)


def test_the_right_password_gives_the_member_of_staff(db: Database) -> None:
    added = _add(db)
    assert _check(db, "mere", "a long password") == added
    assert (added.actor.name, added.actor.role, added.actor.office) == ("mere", "registrar", "suva")


def test_a_wrong_password_and_an_unknown_name_give_nobody(db: Database) -> None:
    _add(db)
    assert _check(db, "mere", "a wrong password") is None
    assert _check(db, "nobody", "nobody has this password") is None


def test_no_password_is_stored_as_it_is_typed(db: Database) -> None:
    _add(db)
    with db.read() as connection:
        row = connection.exec_driver_sql("SELECT * FROM staff").one()
    assert row.password_hash.startswith("$argon2id$")
    assert "a long password" not in str(row)


def test_a_deactivated_member_of_staff_signs_in_no_more(db: Database) -> None:
    _add(db)
    with db.write() as connection:
        deactivate_staff(connection, username="mere")
    assert _check(db, "mere", "a long password") is None
    with db.read() as connection, pytest.raises(NotFound):
        staff_by_username(connection, "mere")


def test_deactivating_ends_sessions_by_raising_their_epoch(db: Database) -> None:
    _add(db)
    with db.write() as connection:
        deactivate_staff(connection, username="mere")
        row = connection.exec_driver_sql("SELECT session_epoch FROM staff").one()
    assert row.session_epoch == 1


def test_nobody_unknown_can_be_deactivated(db: Database) -> None:
    with db.write() as connection, pytest.raises(NotFound):
        deactivate_staff(connection, username="nobody")


def test_a_username_is_given_once(db: Database) -> None:
    _add(db)
    with pytest.raises(Conflict):
        _add(db)


@pytest.mark.parametrize("username", ["", "m", "Mere", "mere tukana", "1mere", "mere'--", "é" * 5, "m" * 64])
def test_a_bad_username_is_refused(db: Database, username: str) -> None:
    with pytest.raises(Refused, match="a username"):
        _add(db, username)


def test_a_short_password_is_refused(db: Database) -> None:
    with pytest.raises(Refused, match="at least 12"):
        _add(db, password="eleven char")


def test_staff_are_listed_by_username(db: Database) -> None:
    for username in ("sela", "ana", "mere"):
        _add(db, username)
    with db.read() as connection:
        assert [person.username for person in all_staff(connection)] == ["ana", "mere", "sela"]


def test_demo_accounts_are_noticed(db: Database) -> None:
    _add(db)
    with db.read() as connection:
        assert not has_demo_staff(connection)
    _add(db, "demo", demo=True)
    with db.read() as connection:
        assert has_demo_staff(connection)
