"""Batches on the command line: which there are, what is in one, and what came of it."""

from __future__ import annotations

from pathlib import Path

from cases.db import Database
from tests.cli.conftest import Command
from tests.paying import PAYMENTS, ordered, standings


def test_a_batch_is_closed_listed_shown_and_confirmed_by_programs(s2f: Command, db: Database) -> None:
    ids = [ordered(db, token) for token in ("one", "two")]
    closed = s2f.data("export", PAYMENTS)
    assert closed["waiting"] == 0
    number, (first, second) = closed["batch"]["number"], closed["batch"]["rows"]
    assert first["facts"]["amount"] == 10
    (listed,) = s2f.data("batch", "list", PAYMENTS)["batches"]
    assert (listed["number"], listed["count"], listed["confirmed_at"]) == (number, 2, None)
    assert s2f.data("batch", "show", str(number))["rows"] == [first, second]
    returned = f"{second['row']}=No such account"
    told = s2f.data("batch", "confirm", str(number), "--returned", returned)
    assert [(row["status"], row["reason"]) for row in told["rows"]] == [
        ("confirmed", None),
        ("returned", "No such account"),
    ]
    assert [standings(db, case_id) for case_id in ids] == [["confirmed"], ["returned"]]
    assert s2f.data("batch", "list")["batches"][0]["returned"] == 1


def test_nothing_to_close_is_told_to_programs_too(s2f: Command, db: Database) -> None:
    ordered(db)
    s2f("export", PAYMENTS)
    assert s2f.data("export", PAYMENTS) == {"batch": None, "waiting": 0}


def test_what_came_back_is_read_from_the_file_of_the_bank(s2f: Command, db: Database, tmp_path: Path) -> None:
    case_id = ordered(db)
    batch = s2f.data("export", PAYMENTS)["batch"]
    file = tmp_path / "returns.csv"
    file.write_text(f"batch,row,reason\n{batch['number']},{batch['rows'][0]['row']},Closed account\n")
    result = s2f("batch", "confirm", str(batch["number"]), "--returns", file)
    assert result.exit_code == 0, result.output
    assert "Closed account" in result.stdout
    assert standings(db, case_id) == ["returned"]


def test_a_file_of_the_bank_that_cannot_be_read_changes_nothing(
    s2f: Command, db: Database, tmp_path: Path
) -> None:
    case_id = ordered(db)
    batch = s2f.data("export", PAYMENTS)["batch"]
    file, row = tmp_path / "returns.csv", batch["rows"][0]["row"]
    for content, told in (
        ("reference,why\nx,y\n", "needs the columns row and reason"),
        ("row,reason\nfirst,No\n", "line 2: 'first' is no number of a row"),
        (f"row,reason\n{row},No\n{row},No\n", f"line 3: row {row} stands there twice"),
    ):
        file.write_text(content)
        result = s2f("batch", "confirm", str(batch["number"]), "--returns", file)
        assert result.exit_code == 1
        assert told in result.stderr
    assert s2f("batch", "confirm", str(batch["number"]), "--returned", "all").exit_code == 2
    assert standings(db, case_id) == ["exported"]


def test_a_batch_is_confirmed_once_and_people_are_told_so(s2f: Command, db: Database) -> None:
    ordered(db)
    assert s2f("batch", "list").stdout == "There is no batch.\n"
    number = str(s2f.data("export", PAYMENTS)["batch"]["number"])
    assert "not confirmed" in s2f("batch", "list").stdout
    assert "not confirmed" in s2f("batch", "show", number).stdout
    assert s2f("batch", "confirm", number).exit_code == 0
    assert "confirmed by operator:" in s2f("batch", "list").stdout
    again = s2f("batch", "confirm", number)
    assert (again.exit_code, "is confirmed already" in again.stderr) == (1, True)
