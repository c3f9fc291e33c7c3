"""Making an installation ready: checks, migration, demonstration or real."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import delete, select

from cases.db import Database
from cases.errors import Refused
from cases.inbox import count_open
from cases.installation import require_mode
from cases.models import Case, JournalEntry, LikenessRow
from cases.people import check_password
from cases.permissions import SYSTEM
from cli.demo_data import APPLICATIONS, demo_lines
from cli.demo_files import file_lines
from cli.import_lines import Checker
from config.demo import accounts, demo_password
from config.places import load_places
from config.services import load_services
from forms.compiler import load_forms
from tests.births import submit_birth
from tests.cli.conftest import Command
from tests.conftest import NOW
from tests.web.backstage import advance_all

IN_FILES = len(list(file_lines(now=NOW)))


def test_a_demonstration_has_accounts_and_an_inbox_with_late_and_early_tasks(
    s2f: Command, db: Database
) -> None:
    result = s2f("prepare", S2F_MODE="demo")
    assert result.exit_code == 0, result.output
    now = datetime.now(UTC)
    advance_all(db, now)
    with db.read() as connection:
        for account in accounts():
            assert check_password(
                connection, username=account.username, password=demo_password(account.username)
            )
        late = count_open(connection, SYSTEM, overdue_at=now)
        assert (
            0 < late < count_open(connection, SYSTEM) <= APPLICATIONS + IN_FILES
        )  # some wait for a family's answer
        open_tasks = select(JournalEntry.role).where(
            JournalEntry.status == "open", JournalEntry.role.is_not(None)
        )
        assert {"registrar", "clerk", "facility-officer"} <= set(connection.execute(open_tasks).scalars())


def test_a_demonstration_is_loaded_once(s2f: Command, db: Database) -> None:
    s2f("prepare", S2F_MODE="demo")
    assert "Loaded" not in s2f("prepare", S2F_MODE="demo").stdout
    with db.read() as connection:
        assert len(connection.execute(select(Case.id)).all()) == APPLICATIONS + IN_FILES


def test_cases_without_what_duplicates_are_found_by_are_given_it(s2f: Command, db: Database) -> None:
    submit_birth(db)
    with db.write() as connection:
        connection.execute(delete(LikenessRow))
    assert s2f("prepare").exit_code == 0
    with db.read() as connection:
        assert connection.execute(select(LikenessRow.born)).scalar_one() == date(2026, 4, 20).toordinal()


def test_the_made_up_applications_are_good_ones() -> None:
    checker = Checker(load_services(), load_forms(), load_places().offices, now=NOW)
    lines = [*demo_lines(200, now=NOW, seed=7), *file_lines(now=NOW)]
    wrong = [checker.check(line) for line in lines]
    assert not [errors for errors in wrong if isinstance(errors, list)]


def test_a_real_installation_starts_empty_and_says_how_to_begin(fresh: Command) -> None:
    result = fresh("prepare")
    assert result.exit_code == 0
    assert "s2f staff add" in result.stdout


def test_a_demonstration_can_not_become_real(s2f: Command) -> None:
    s2f("prepare", S2F_MODE="demo")
    result = s2f("prepare", S2F_MODE="live")
    assert result.exit_code == 1
    assert "made for S2F_MODE=demo" in result.stderr


def test_a_real_installation_can_not_become_a_demonstration(s2f: Command) -> None:
    s2f("prepare", S2F_MODE="live")
    assert s2f("prepare", S2F_MODE="demo").exit_code == 1


def test_demonstration_accounts_keep_an_unstamped_database_from_becoming_real(
    s2f: Command, db: Database
) -> None:
    s2f("prepare", S2F_MODE="demo")
    with db.write() as connection:
        connection.exec_driver_sql("DELETE FROM installation")
        with pytest.raises(Refused, match="demonstration accounts"):
            require_mode(connection, "live", now=NOW)


def test_a_wrong_setting_stops_with_its_name(fresh: Command) -> None:
    result = fresh("prepare", S2F_PORT="eighty")
    assert result.exit_code == 2
    assert "S2F_PORT: expected a port number" in result.stderr


def test_an_address_for_messages_without_a_place_for_the_recipient_stops_the_start(fresh: Command) -> None:
    result = fresh("prepare", S2F_MESSAGES_URL="json://127.0.0.1/messages")
    assert result.exit_code == 2
    assert "S2F_MESSAGES_URL" in result.stderr


def test_a_place_without_files_stops_with_the_file(fresh: Command) -> None:
    result = fresh("prepare", S2F_PLACE="atlantis")
    assert result.exit_code == 2
    assert "places/atlantis.toml" in result.stderr


def test_a_database_that_does_not_answer_is_told_plainly(fresh: Command) -> None:
    result = fresh("prepare", S2F_DATABASE_URL="postgresql://nobody@127.0.0.1:1/nothing")
    assert result.exit_code == 1
    assert "The database refuses or doesn't answer" in result.stderr
    assert "Traceback" not in result.output


def test_commands_on_old_tables_say_what_to_run(fresh: Command) -> None:
    result = fresh("incidents")
    assert result.exit_code == 1
    assert "Run `s2f migrate` first" in result.stderr
    assert fresh.data("migrate") == {"migrated": True}
    assert fresh.data("incidents") == []
