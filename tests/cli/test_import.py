"""Importing applications: every good line once, every mistake told, no line harming another."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from cases.db import Database
from cases.models import Case, Event
from cli.demo_data import demo_lines
from cli.import_lines import LONGEST_LINE, Checker, Line
from config.places import load_places
from config.services import load_services
from forms.compiler import load_forms
from tests.cli.conftest import Command

LONG_AGO = datetime(2026, 5, 4, 21, 0, tzinfo=UTC)
Write = Callable[[list[bytes]], Path]


def good_lines(count: int) -> list[bytes]:
    return [line.content or b"" for line in demo_lines(count, now=LONG_AGO)]


def line(number: int = 1, **changes: Any) -> bytes:
    """A good line with fields of its own replaced; None takes a field out."""
    values = json.loads(good_lines(number)[-1]) | changes
    return json.dumps({name: value for name, value in values.items() if value is not None}).encode()


def with_answers(**changes: Any) -> bytes:
    values = json.loads(good_lines(1)[0])
    return json.dumps(values | {"answers": values["answers"] | changes}).encode()


def cases(db: Database) -> list[Any]:
    with db.read() as connection:
        return list(connection.execute(select(Case.__table__).order_by(Case.id)))


def test_every_good_line_becomes_a_case(s2f: Command, db: Database, write_file: Write) -> None:
    path = write_file(good_lines(630))
    assert s2f.data("import", path) == {"imported": 630, "skipped": 0, "errors": []}
    assert len(cases(db)) == 630


def test_a_case_keeps_what_its_line_says(s2f: Command, db: Database, write_file: Write) -> None:
    content = line(received_at="2026-05-04T20:15:00Z", channel="outreach", office="rotuma")
    s2f.data("import", write_file([content]))
    (case,) = cases(db)
    assert (case.external_id, case.received_at) == ("DEMO-00001", datetime(2026, 5, 4, 20, 15, tzinfo=UTC))
    assert (case.channel, case.office, case.ready) == ("outreach", "rotuma", True)
    assert case.answers["child_name"] == json.loads(content)["answers"]["child_name"]


def test_the_audit_trail_names_the_operator(s2f: Command, db: Database, write_file: Write) -> None:
    s2f.data("import", write_file(good_lines(1)))
    with db.read() as connection:
        kind, body = connection.execute(select(Event.kind, Event.body)).one()
    assert kind == "imported"
    assert json.loads(body)["actor"].startswith("operator:")


def test_the_same_file_again_is_skipped(s2f: Command, db: Database, write_file: Write) -> None:
    path = write_file(good_lines(60))
    s2f.data("import", path)
    assert s2f.data("import", path) == {"imported": 0, "skipped": 60, "errors": []}
    assert len(cases(db)) == 60


def test_a_file_that_grew_is_imported_from_where_it_grew(
    s2f: Command, db: Database, write_file: Write
) -> None:
    s2f.data("import", write_file(good_lines(3)))
    assert s2f.data("import", write_file(good_lines(5))) == {"imported": 2, "skipped": 3, "errors": []}


def test_a_dry_run_checks_and_writes_nothing(s2f: Command, db: Database, write_file: Write) -> None:
    path = write_file([*good_lines(4), line(office="nowhere")])
    report = s2f.data("import", path, "--dry-run", status=1)
    assert (report["imported"], len(report["errors"])) == (4, 1)
    assert cases(db) == []


def test_a_dry_run_knows_what_was_imported_before(s2f: Command, write_file: Write) -> None:
    s2f.data("import", write_file(good_lines(2)))
    report = s2f.data("import", write_file(good_lines(3)), "--dry-run")
    assert (report["imported"], report["skipped"]) == (1, 2)


def test_a_dry_run_needs_no_database(fresh: Command, write_file: Write) -> None:
    assert fresh.data("import", write_file(good_lines(2)), "--dry-run")["imported"] == 2
    assert not fresh.home.exists()


def test_an_import_into_a_new_installation_makes_its_tables(fresh: Command, write_file: Write) -> None:
    assert fresh.data("import", write_file(good_lines(2)))["imported"] == 2


def test_standard_input_can_be_imported(s2f: Command, db: Database) -> None:
    assert s2f.data("import", "-", given=b"\n".join(good_lines(2)))["imported"] == 2


NOT_LINES = {
    "not JSON": b'{"external_id": "X-1", "answers": {',
    "not an object": b"[1, 2, 3]",
    "a bare text": b'"hello"',
    "not UTF-8": b'{"external_id": "\xff\xfe"}',
    "a zero byte": b'{"external_id": "X\x00"}',
    "deeper than a stack": b"[" * 100_000,
    "NaN": b'{"external_id": NaN}',
    "a number beyond all numbers": b'{"external_id": 1e999}',
    "a number of 10,000 digits": b'{"external_id": ' + b"9" * 10_000 + b"}",
    "longer than any application": b'{"external_id": "' + b"x" * (LONGEST_LINE + 1) + b'"}',
}


@pytest.mark.parametrize("content", NOT_LINES.values(), ids=NOT_LINES.keys())
def test_a_hostile_line_is_reported_and_harms_no_other(
    s2f: Command, write_file: Write, content: bytes
) -> None:
    first, last = good_lines(2)
    report = s2f.data("import", write_file([first, content, last]), status=1)
    assert [(error["line"], error["field"]) for error in report["errors"]] == [(2, None)]
    assert report["imported"] == 2


WRONG_FIELDS = {
    "external_id": ["", " X-1", "x" * 201, "a\u0000b", "half \ud800", 7, ["X-1"]],
    "service": ["dog-licence", "", 5, ["birth-registration"], {}],
    "channel": ["pigeon", "WEB", 1],
    "office": ["nowhere", "Suva", {"suva": 1}],
    "received_at": ["2026-05-04", "2026-05-04T21:00:00", "2026-05-04T21:00:00+12:00", "soon", 1777928400],
    "answers": ["none", [], 3],
}


@cache
def checker() -> Checker:
    return Checker(load_services(), load_forms(), load_places().offices, now=LONG_AGO)


def errors_of(content: bytes) -> list[tuple[str | None, str]]:
    checked = checker().check(Line(1, content))
    assert isinstance(checked, list), "the line is good"
    return [(error.field, error.message) for error in checked]


@pytest.mark.parametrize(
    ("field", "value"), [(field, value) for field, values in WRONG_FIELDS.items() for value in values]
)
def test_a_wrong_field_of_a_line_is_named(field: str, value: Any) -> None:
    ((named, _),) = errors_of(line(**{field: value}))
    assert named == field


@pytest.mark.parametrize("field", WRONG_FIELDS)
def test_a_missing_field_of_a_line_is_named(field: str) -> None:
    assert errors_of(line(**{field: None})) == [(field, "This field is missing")]


def test_a_field_that_lines_do_not_have_is_named() -> None:
    ((named, _),) = errors_of(line(colour="blue"))
    assert named == "colour"


def test_thousands_of_fields_that_lines_do_not_have_are_cut_short() -> None:
    assert len(errors_of(line(**{f"colour{number}": 1 for number in range(5_000)}))) == 20


def test_a_name_that_stands_twice_is_named() -> None:
    twice = line().replace(b'"child_sex"', b'"child_name": "Another", "child_sex"')
    ((named, _),) = errors_of(twice)
    assert named == "child_name"


def test_a_wrong_field_in_an_item_of_a_list_is_named_with_the_item() -> None:
    right = {"item": "child_name", "as_it_stands": None, "should_be": "Ana", "why": "Misheard"}
    answers = {
        "entry_number": "2026/SUV/000012",
        "child_name": "Anna",
        "child_birth_date": "2019-03-27",
        "corrections": [right, {**right, "should_be": "", "colour": "blue"}],
        "informant_name": "Mere",
        "informant_relationship": "mother",
        "informant_phone": "8699201",
        "language": "en",
    }
    assert [field for field, _ in errors_of(line(service="birth-correction", answers=answers))] == [
        "corrections[2].should_be",
        "corrections[2].colour",
    ]
    taken = checker().check(
        Line(1, line(service="birth-correction", answers={**answers, "corrections": [right, right]}))
    )
    assert not isinstance(taken, list)


def test_nothing_can_have_been_received_in_the_future(fresh: Command, write_file: Write) -> None:
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    content = line(received_at=f"{tomorrow:%Y-%m-%dT%H:%M:%SZ}")
    report = fresh.data("import", write_file([content]), status=1)
    assert [error["field"] for error in report["errors"]] == ["received_at"]


def test_wrong_answers_are_named_as_the_form_names_them(fresh: Command, write_file: Write) -> None:
    spoilt = with_answers(
        child_sex="both", birth_weight_grams=9, favourite_colour="blue", mother_name="\u0007"
    )
    report = fresh.data("import", write_file([spoilt]), status=1)
    assert {error["field"] for error in report["errors"]} == {
        "child_sex",
        "birth_weight_grams",
        "favourite_colour",
        "mother_name",
    }


def test_an_import_brings_no_files(fresh: Command, write_file: Write) -> None:
    path = write_file([with_answers(papers=[{"id": 1, "name": "of another family.jpg"}])])
    [error] = fresh.data("import", path, "--dry-run", status=1)["errors"]
    assert error["field"] == "papers"


def test_the_age_of_the_child_is_reckoned_from_the_day_of_receipt(fresh: Command, write_file: Write) -> None:
    born_later = json.loads(with_answers(child_birth_date="2026-03-02"))
    content = json.dumps(born_later | {"received_at": "2026-03-01T01:00:00Z"}).encode()
    report = fresh.data("import", write_file([content]), status=1)
    assert [error["field"] for error in report["errors"]] == ["child_birth_date"]


def test_blank_lines_and_the_mark_of_windows_are_no_mistakes(fresh: Command, write_file: Write) -> None:
    first, last = good_lines(2)
    content = [b"\xef\xbb\xbf" + first + b"\r", b"", b"  \t", last]
    assert fresh.data("import", write_file(content)) == {"imported": 2, "skipped": 0, "errors": []}


def test_one_id_for_two_applications_is_a_mistake(fresh: Command, write_file: Write) -> None:
    report = fresh.data("import", write_file([line(1), line(2, external_id="DEMO-00001")]), status=1)
    assert [(error["line"], error["field"]) for error in report["errors"]] == [(2, "external_id")]
    assert report["imported"] == 1


def test_the_same_line_twice_is_skipped(fresh: Command, write_file: Write) -> None:
    report = fresh.data("import", write_file([line(1), line(2), line(1)]))
    assert (report["imported"], report["skipped"]) == (2, 1)


def test_people_are_told_line_and_field(fresh: Command, write_file: Write) -> None:
    result = fresh("import", write_file([line(office="nowhere"), line(2)]))
    assert "line 1, office: Give one of " in result.stdout
    assert "1 imported, 0 skipped, 1 lines with errors" in result.stdout
    assert result.exit_code == 1


def test_off_a_terminal_there_is_no_progress_bar(fresh: Command, write_file: Write) -> None:
    assert fresh("import", write_file(good_lines(3))).stderr == ""


def test_half_characters_in_a_name_do_not_stop_the_telling(fresh: Command, write_file: Write) -> None:
    result = fresh("import", write_file([b'{"\\ud800": 1}']))
    assert result.exit_code == 1
    assert "line 1, \\ud800: " in result.stdout


def test_a_match_key_is_kept_so_that_the_same_birth_is_found(s2f: Command, db: Database) -> None:
    first, second = line(1), json.loads(line(2))
    second["answers"]["notification_number"] = json.loads(first)["answers"]["notification_number"]
    s2f.data("import", "-", given=first + b"\n" + json.dumps(second).encode())
    with db.read() as connection:
        count = connection.execute(select(func.count()).select_from(Case)).scalar_one()
    assert count == 2
