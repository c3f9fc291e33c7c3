"""Rules between answers: one of several fields, days before and after others, pages under a condition."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from config.errors import ConfigError
from forms.compiler import load_form
from forms.form import Form
from forms.model import IfHidden
from tests.forms.applications import RECEIVED
from tests.forms.household import DEFINITION, answers, household, member

ONE_OF = "      - fields: [phone, email]\n        error: {en: Enter a phone number or an e-mail address}\n"
CONTACT_FIELDS = "      - {id: phone, type: phone, label: {en: Phone}, purpose: {en: To call}}\n"
CHECK = "before: received_date"


def wrong(form: Form, raw: dict[str, Any], received_at: datetime = RECEIVED) -> list[tuple[str | None, str]]:
    errors = form.validate(raw, received_at=received_at).errors
    return [(error.field, error.problem) for error in errors]


# -- one of several fields -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ({}, [("phone", "one_of")]),
        ({"phone": " ", "email": ""}, [("phone", "one_of")]),
        ({"phone": "8699201"}, []),
        ({"email": "a@example.org"}, []),
        ({"phone": "8699201", "email": "a@example.org"}, []),
        ({"phone": "never", "email": None}, [("phone", "invalid")]),
        ({"phone": None, "email": "at home"}, [("email", "invalid")]),
    ],
)
def test_one_of_two_fields_has_to_be_answered(
    tmp_path: Path, given: dict[str, Any], found: list[tuple[str, str]]
) -> None:
    assert wrong(household(tmp_path), {"members": [member()], **given}) == found


def test_exactly_one_when_more_are_too_many(tmp_path: Path) -> None:
    form = household(tmp_path, ONE_OF, ONE_OF + "        only_one: {en: Enter only one of them}\n")
    both = form.validate({**answers(member()), "email": "a@example.org"}, received_at=RECEIVED)
    assert [(error.field, error.message["en"]) for error in both.errors] == [
        ("email", "Enter only one of them")
    ]
    assert wrong(form, answers(member())) == []
    assert "oneOf" in form.json_schema()["allOf"][0]


def test_what_is_not_asked_does_not_count(tmp_path: Path) -> None:
    hidden = CONTACT_FIELDS.replace("type: phone,", "type: phone, show_if: {schooling: {equals: true}},")
    form = household(tmp_path, CONTACT_FIELDS, hidden)
    assert wrong(form, {"members": [member()]}) == [("email", "one_of")]
    assert wrong(form, {"members": [member()], "schooling": True}) == [("phone", "one_of")]
    assert form.json_schema()["allOf"] == [{}]


def test_what_is_asked_is_told_on_the_page_though_the_last_field_is_hidden(tmp_path: Path) -> None:
    hidden = "{id: email, type: email, show_if: {schooling: {equals: true}},"
    form = household(tmp_path, "{id: email, type: email,", hidden)
    assert wrong(form, {"members": [member()]}) == [("phone", "one_of")]
    for given, found in [({}, ["phone"]), ({"schooling": True}, ["phone"])]:
        checked = form.validate_page("contact", {}, given, received_at=RECEIVED)
        assert [error.field for error in checked.errors] == found


def test_a_page_tells_that_one_of_its_fields_is_missing(tmp_path: Path) -> None:
    checked = household(tmp_path).validate_page(
        "contact", {"phone": "", "email": ""}, {}, received_at=RECEIVED
    )
    assert [(error.field, error.anchor) for error in checked.errors] == [("phone", "phone")]


# -- pages under a condition -----------------------------------------------------------------------


def test_a_page_under_a_condition_is_asked_only_then(tmp_path: Path) -> None:
    title = "title: {en: How to reach you, fj: Na sala}\n"
    form = household(tmp_path, title, title + "    show_if: {schooling: {equals: true}}\n")
    asked = {"members": [member()], "rooms": None, "head_born": None}
    assert [page.id for page in form.visible_pages({**asked, "schooling": False}, RECEIVED)] == [
        "head",
        "members",
    ]
    assert wrong(form, {**asked, "schooling": False}) == []
    assert wrong(form, {**asked, "schooling": True}) == [("phone", "one_of")]
    assert wrong(form, {**asked, "phone": "8699201"}) == [("phone", "not_asked")]


def test_an_answer_of_a_hidden_page_may_be_kept(tmp_path: Path) -> None:
    title = "title: {en: How to reach you, fj: Na sala}\n"
    keep = title + "    show_if: {schooling: {equals: true}}\n"
    form = household(tmp_path, title, keep)
    assert form.fields["phone"].if_hidden is IfHidden.REFUSE
    (tmp_path / "household.yaml").write_text(
        DEFINITION.replace(title, keep).replace(
            "id: phone, type: phone,", "id: phone, type: phone, if_hidden: keep,"
        )
    )
    kept = load_form("household", folder=tmp_path, options={})
    assert wrong(kept, answers(member())) == []


# -- days ------------------------------------------------------------------------------------------


def head_born(form: Form, day: str, received_at: datetime = RECEIVED) -> bool:
    """Say whether a date of birth is taken."""
    return wrong(form, {**answers(member()), "head_born": day}, received_at) == []


@pytest.mark.parametrize(
    ("rule", "good", "bad"),
    [
        ("before: received_date", "2026-05-11", "2026-05-12"),
        ("not_after: received_date", "2026-05-12", "2026-05-13"),
        ("not_before: received_date", "2026-05-12", "2026-05-11"),
        ("not_before: 1950-01-01", "1950-01-01", "1949-12-31"),
        ("before: 1950-01-01", "1949-12-31", "1950-01-01"),
        ("within: {before: received_date, days: 90}", "2026-02-11", "2026-02-10"),
        ("within: {before: received_date, months: 3}", "2026-02-12", "2026-02-11"),
        ("within: {before: received_date, years: 2}", "2024-05-12", "2024-05-11"),
        ("within: {before: received_date, years: 2}", "2026-05-12", "2026-05-13"),
        ("within: {after: received_date, days: 30}", "2026-06-11", "2026-06-12"),
        ("within: {after: received_date, days: 30}", "2026-05-12", "2026-05-11"),
        ("within: {after: 2024-02-29, years: 1}", "2025-02-28", "2025-03-01"),
    ],
)
def test_a_date_lies_where_it_may(tmp_path: Path, rule: str, good: str, bad: str) -> None:
    form = household(tmp_path, CHECK, rule)
    assert head_born(form, good)
    assert not head_born(form, bad)


def test_today_is_a_day_in_fiji(tmp_path: Path) -> None:
    form = household(tmp_path)
    just_after_midnight = datetime(2026, 5, 11, 12, 5, tzinfo=UTC)
    assert head_born(form, "2026-05-11", just_after_midnight)
    assert not head_born(form, "2026-05-12", just_after_midnight)


def test_a_span_beyond_the_end_of_the_calendar_does_not_raise(tmp_path: Path) -> None:
    for unit in ("days", "months", "years"):
        form = household(tmp_path, CHECK, f"within: {{after: received_date, {unit}: 999999999}}")
        assert head_born(form, "2200-01-01")


# -- mistakes in a definition ----------------------------------------------------------------------

CONTACT_TITLE = "title: {en: How to reach you, fj: Na sala}"


@pytest.mark.parametrize(
    ("old", "new", "key", "expected"),
    [
        ("fields: [phone, email]", "fields: [phone]", "one_of[1].fields", "two or more fields of this page"),
        ("fields: [phone, email]", "fields: [phone, rooms]", "one_of[1].fields", "of this page"),
        ("fields: [phone, email]", "fields: phone", "one_of[1].fields", "a list of texts"),
        (ONE_OF, ONE_OF * 2, "one_of[2].fields", "in one list only"),
        ("        error: {en: Enter a phone", "        err: {en: Enter a phone", "one_of[1].err", "only_one"),
        (
            "id: phone, type: phone,",
            "id: phone, type: phone, required: true, errors: {required: {en: x}},",
            "one_of[1].fields",
            "not required in themselves",
        ),
        (
            CONTACT_TITLE,
            CONTACT_TITLE + "\n    show_if: {phone: {is_set: true}}",
            "show_if.phone",
            "earlier page",
        ),
        (CONTACT_TITLE, CONTACT_TITLE + "\n    show_if: {}", "contact.show_if", "at least one field"),
        (CHECK, "before: tomorrow", "checks[1].before", "asked earlier"),
        (CHECK, "before: 7", "checks[1].before", "received_date, an earlier field, or a date"),
        (
            CHECK,
            "before: received_date\n            not_before: received_date",
            "checks[1]",
            "one of not_after",
        ),
        (CHECK, "within: {days: 3}", "checks[1].within", "before or after, and one of days, months, years"),
        (CHECK, "within: {before: received_date}", "checks[1].within", "before or after, and one of"),
        (CHECK, "within: {before: received_date, days: 1, years: 1}", "checks[1].within", "and one of"),
        (CHECK, "within: {before: received_date, weeks: 3}", "within.weeks", "before, after, days"),
        (CHECK, "within: {before: received_date, days: few}", "within.days", "whole number"),
    ],
)
def test_a_mistake_in_a_rule_is_told_with_its_key(
    tmp_path: Path, old: str, new: str, key: str, expected: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        household(tmp_path, old, new)
    assert caught.value.key.endswith(key), str(caught.value)
    assert expected in caught.value.expected, str(caught.value)
