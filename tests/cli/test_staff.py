"""Who may sign in, said on the command line."""

from __future__ import annotations

from sqlalchemy import select

from cases.db import Database
from cases.models import AccessLogEntry
from cases.people import check_password
from tests.cli.conftest import Command

ADD = ("staff", "add", "adi", "--name", "Adi Koroi", "--role", "administrator")


def test_the_first_administrator_can_sign_in(s2f: Command, db: Database) -> None:
    assert s2f(*ADD, "--password-stdin", given="a long password\n").exit_code == 0
    with db.read() as connection:
        assert check_password(connection, username="adi", password="a long password") is not None


def test_a_new_installation_gets_its_first_administrator_before_anything_ran(fresh: Command) -> None:
    assert fresh(*ADD, "--password-stdin", given="a long password\n").exit_code == 0


def test_a_generated_password_is_printed_once_and_works(s2f: Command, db: Database) -> None:
    password = s2f.data(*ADD, "--generate-password")["password"]
    with db.read() as connection:
        assert check_password(connection, username="adi", password=password) is not None


def test_a_password_is_asked_for_twice(s2f: Command) -> None:
    assert s2f(*ADD, given="a long password\na long password\n").exit_code == 0
    assert s2f("staff", "add", "ben", *ADD[3:], given="a long password\nanother one\n").exit_code == 1


def test_a_short_password_is_refused(s2f: Command) -> None:
    result = s2f(*ADD, "--password-stdin", given="short\n")
    assert result.exit_code == 1
    assert "at least 12 characters" in result.stderr


def test_an_office_that_is_not_there_is_refused(s2f: Command) -> None:
    result = s2f(*ADD, "--office", "atlantis", "--generate-password")
    assert result.exit_code == 2
    assert "there is no office atlantis" in result.stderr


def test_a_facility_officer_belongs_to_a_facility(s2f: Command) -> None:
    add = ("staff", "add", "vilimaina", "--name", "Vilimaina", "--role", "facility-officer")
    for wrong in ((), ("--office", "suva")):
        result = s2f(*add, *wrong, "--generate-password")
        assert result.exit_code == 2
        assert "belongs to one of cwm-hospital" in " ".join(result.stderr.split())
    assert s2f.data(*add, "--office", "cwm-hospital", "--generate-password")["office"] == "cwm-hospital"


def test_everybody_is_listed(s2f: Command) -> None:
    s2f(*ADD, "--generate-password")
    (member,) = s2f.data("staff", "list")
    assert (member["username"], member["role"], member["active"]) == ("adi", "administrator", True)
    assert "Adi Koroi" in s2f("staff", "list").stdout


def test_somebody_who_is_deactivated_can_not_sign_in(s2f: Command, db: Database) -> None:
    password = s2f.data(*ADD, "--generate-password")["password"]
    s2f.data("staff", "deactivate", "adi")
    with db.read() as connection:
        assert check_password(connection, username="adi", password=password) is None


def test_changes_of_staff_are_logged(s2f: Command, db: Database) -> None:
    s2f(*ADD, "--generate-password")
    s2f("staff", "deactivate", "adi")
    with db.read() as connection:
        actions = (
            connection.execute(select(AccessLogEntry.action).order_by(AccessLogEntry.id)).scalars().all()
        )
    assert actions == ["add-staff", "close-staff"]
