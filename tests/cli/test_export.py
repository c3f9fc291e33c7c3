"""A list for another office, closed and printed on the command line."""

from __future__ import annotations

from pathlib import Path

from cases.db import Database
from tests.cli.conftest import Command
from tests.database.test_exports import LIST, put_on_list


def test_a_batch_is_printed_and_can_be_printed_again_by_its_number(s2f: Command, db: Database) -> None:
    put_on_list(db)
    first = s2f("export", LIST)
    assert first.exit_code == 0
    assert first.stdout.startswith("batch,row,reference,child_name\n")
    number = first.stdout.splitlines()[1].split(",")[0]
    assert "0 more wait" in first.stderr
    assert s2f("export", LIST, "--batch", number).stdout == first.stdout
    assert s2f("export", LIST).stdout == ""


def test_a_batch_is_written_to_a_file_that_is_not_there_yet(
    s2f: Command, db: Database, tmp_path: Path
) -> None:
    put_on_list(db)
    file = tmp_path / "notice.csv"
    assert s2f("export", LIST, "--csv", file).exit_code == 0
    assert "Losalini" in file.read_text()
    put_on_list(db)
    assert s2f("export", LIST, "--csv", file).exit_code == 2
    assert "1" in s2f("export", LIST).stderr  # it was not taken for the file that couldn't be written


def test_a_list_that_no_case_is_on_is_named(s2f: Command) -> None:
    result = s2f("export", "atlantis")
    assert result.exit_code == 1
    assert "No case was ever put on the list atlantis" in result.stderr
