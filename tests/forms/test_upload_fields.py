"""A field for files: how many, what its answer is, and that files come apart from what is typed."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given

from config.errors import ConfigError
from forms.compiler import load_form
from forms.form import Form
from forms.model import Widget
from forms.values import upload_checker
from forms.words import default_messages
from tests.forms.applications import RECEIVED, application, wrong_fields
from tests.forms.test_form_values import JSON

PHOTO = {"id": 7, "name": "photo.jpg"}
CHECK = upload_checker(2, 3)


def files(count: int) -> list[dict[str, object]]:
    return [{"id": number, "name": f"{number}.jpg"} for number in range(1, count + 1)]


@given(JSON)
def test_anything_is_a_list_of_files_or_a_problem_with_words(raw: object) -> None:
    answer, problem = CHECK(raw)
    assert CHECK(answer) == (answer, None) if problem is None else problem in default_messages("upload")


@pytest.mark.parametrize(
    ("count", "problem"), [(0, None), (1, "too_few"), (2, None), (3, None), (4, "too_many")]
)
def test_there_are_as_many_files_as_allowed_or_none(count: int, problem: str | None) -> None:
    assert CHECK(files(count))[1] == problem


@pytest.mark.parametrize(
    "item", ["photo.jpg", {"id": 7}, {**PHOTO, "size": 1}, {**PHOTO, "id": True}, {**PHOTO, "name": "a\x00b"}]
)
def test_a_file_has_a_number_and_a_name_and_nothing_else(item: object) -> None:
    assert CHECK([item]) == (None, "invalid")


def test_the_same_file_counts_once() -> None:
    assert upload_checker(1, 1)([PHOTO, PHOTO]) == ([PHOTO], None)


def test_an_application_without_files_has_an_empty_list_of_them(form: Form) -> None:
    raw = application()
    del raw["papers"]
    assert form.validate(raw, received_at=RECEIVED).answers["papers"] == []


def test_more_files_than_asked_for_are_one_error(form: Form) -> None:
    assert wrong_fields(form, papers=files(8)) == []
    assert wrong_fields(form, papers=files(9)) == ["papers"]


def test_files_come_apart_from_what_is_typed(form: Form) -> None:
    inputs = {"papers": "[]", "notification_number": ""}
    checked = form.validate_page("papers", inputs, {"papers": [PHOTO]}, received_at=RECEIVED)
    assert checked.answers["papers"] == [PHOTO]
    assert "papers" not in checked.typed


def test_files_are_told_by_their_names(form: Form) -> None:
    assert (
        form.display("papers", [PHOTO, {"id": 8, "name": "a letter.pdf"}], "fj") == "photo.jpg, a letter.pdf"
    )
    assert form.fields["papers"].widget is Widget.UPLOAD


def test_the_schema_says_what_a_file_is(form: Form) -> None:
    schema = form.json_schema()["properties"]["papers"]
    assert schema["maxItems"] == 8
    assert schema["items"]["required"] == ["id", "name"]


@pytest.mark.parametrize("line", ["max: 21", "{min: 3, max: 2}", "max: 0"])
def test_a_number_of_files_that_makes_no_sense_is_told(line: str, tmp_path: Path) -> None:
    limits = line.strip("{}").replace(", ", "\n        ")
    text = f"""
service: permit
version: 1
title: {{en: Permit}}
pages:
  - id: one
    title: {{en: One}}
    fields:
      - id: papers
        type: upload
        {limits}
        label: {{en: Papers}}
        purpose: {{en: To see them.}}
"""
    (tmp_path / "permit.yaml").write_text(text)
    with pytest.raises(ConfigError, match="max"):
        load_form("permit", folder=tmp_path)
