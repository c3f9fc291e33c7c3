"""The form of birth registration as a whole: what it takes, what it refuses, and at which field."""

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.services import load_services
from forms.compiler import load_form
from forms.dates import add_months
from forms.form import Form
from tests.forms.applications import GOOD, RECEIVED, application, wrong_fields
from tests.forms.test_form_values import JSON, TRICKY

SAMPLES = Path(__file__).resolve().parents[3] / "shared" / "data"


def test_a_good_application_is_taken_and_made_even(form: Form) -> None:
    checked = form.validate(GOOD, received_at=RECEIVED)
    assert checked.ok
    assert checked.answers == application(informant_phone="+6798202453")


def test_the_answers_hold_every_field_in_the_order_asked(form: Form) -> None:
    answers = form.validate({}, received_at=RECEIVED).answers
    checked = form.validate(GOOD, received_at=RECEIVED)
    assert list(checked.answers) == list(form.fields)
    assert answers["documents"] == []


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"child_birth_date": "2027-01-01"}, "child_birth_date"),
        ({"child_birth_date": "31/02/2026"}, "child_birth_date"),
        ({"child_name": "   "}, "child_name"),
        ({"child_name": "A" * 5000}, "child_name"),
        ({"mother_name": "Mere\x00Tukana"}, "mother_name"),
        ({"mother_birth_date": "2026-04-28"}, "mother_birth_date"),
        ({"mother_birth_date": "1902-01-01"}, "mother_birth_date"),
        ({"father_birth_date": "2020-01-01"}, "father_birth_date"),
        ({"informant_phone": "call the turaga ni koro"}, "informant_phone"),
        ({"birth_province": "Atlantis"}, "birth_province"),
        ({"child_sex": "x'; drop table cases; --"}, "child_sex"),
        ({"birth_weight_grams": -5}, "birth_weight_grams"),
        ({"favourite_colour": "blue"}, "favourite_colour"),
        ({"documents": ["gold"]}, "documents"),
        ({"birth_place_kind": "home"}, "birth_facility"),
        ({"birth_facility": None}, "birth_facility"),
        ({"itaukei": False}, "vkb_number"),
        ({"father_on_notification": True}, "paternity_declaration"),
        ({"language": None}, "language"),
    ],
)
def test_one_mistake_gives_one_error_at_its_field(form: Form, changes: dict[str, Any], field: str) -> None:
    assert wrong_fields(form, **changes) == [field]


def test_every_required_field_left_out_is_named(form: Form) -> None:
    always = {field.id for field in form.fields.values() if field.required and field.show_if is None}
    errors = form.validate({}, received_at=RECEIVED).errors
    assert {error.field for error in errors} == always
    assert {error.problem for error in errors} == {"required"}


def test_a_father_is_not_named_when_he_is_not_known(form: Form) -> None:
    nobody: dict[str, Any] = {
        "father_birth_date": None,
        "father_on_notification": False,
        "paternity_declaration": False,
    }
    assert wrong_fields(form, father_known=False, **nobody) == ["father_name"]
    assert wrong_fields(form, father_known=False, father_name=None, **nobody) == []


def test_what_depends_on_a_wrong_answer_is_not_judged(form: Form) -> None:
    assert wrong_fields(form, father_known="perhaps") == ["father_known"]
    assert wrong_fields(form, child_birth_date="soon", mother_birth_date="2026-04-28") == ["child_birth_date"]


def test_the_father_does_not_apply_when_he_is_not_known(form: Form) -> None:
    changes: dict[str, Any] = {"father_name": None, "father_birth_date": None, "paternity_declaration": None}
    assert wrong_fields(form, father_known=False, informant_relationship="father", **changes) == [
        "informant_relationship"
    ]


@pytest.mark.parametrize(("relationship", "name"), [("mother", "Vani"), ("father", "Sakiusa Rokotui")])
def test_a_parent_who_applies_need_not_give_the_name_twice(form: Form, relationship: str, name: str) -> None:
    raw = application(informant_relationship=relationship, informant_name=None)
    checked = form.validate(raw, received_at=RECEIVED)
    assert checked.ok
    assert checked.answers["informant_name"] == name


def test_anybody_else_who_applies_gives_a_name(form: Form) -> None:
    assert wrong_fields(form, informant_relationship="present", informant_name="") == ["informant_name"]


def test_the_normal_limit_is_the_one_of_the_service(form: Form) -> None:
    [limit] = load_services()["birth-registration"].rates["normal-limit"]
    born = date(2025, 12, 31)
    last = add_months(born, int(limit.value))
    at_noon = datetime(last.year, last.month, last.day, 0, 0, tzinfo=UTC)  # noon in Fiji
    changes: dict[str, Any] = {"child_birth_date": born.isoformat(), "reason_for_delay": None}
    assert wrong_fields(form, at_noon, **changes) == []
    assert wrong_fields(form, at_noon + timedelta(days=1), **changes) == ["reason_for_delay"]


def test_the_limit_is_counted_in_days_of_fiji(form: Form) -> None:
    changes: dict[str, Any] = {"child_birth_date": "2026-01-10", "reason_for_delay": None}
    before_midnight = datetime(2026, 3, 10, 11, 59, tzinfo=UTC)
    assert wrong_fields(form, before_midnight, **changes) == []
    assert wrong_fields(form, before_midnight + timedelta(minutes=1), **changes) == ["reason_for_delay"]


def test_a_reason_given_in_time_does_no_harm(form: Form) -> None:
    checked = form.validate(application(reason_for_delay="No boat"), received_at=RECEIVED)
    assert checked.ok
    assert checked.answers["reason_for_delay"] == "No boat"


def test_a_child_born_today_in_fiji_is_not_born_after_today(form: Form) -> None:
    just_after_midnight = datetime(2026, 5, 11, 12, 5, tzinfo=UTC)
    assert wrong_fields(form, just_after_midnight, child_birth_date="2026-05-12") == []
    assert wrong_fields(form, just_after_midnight, child_birth_date="2026-05-13") == ["child_birth_date"]


def test_the_mother_is_ten_years_older_to_the_day(form: Form) -> None:
    assert wrong_fields(form, child_birth_date="2026-02-28", mother_birth_date="2016-02-28") == [
        "reason_for_delay"
    ]
    assert "mother_birth_date" in wrong_fields(
        form, child_birth_date="2026-02-28", mother_birth_date="2016-03-01"
    )


@pytest.mark.parametrize("raw", [None, [], "text", 7, [{"child_name": "Mere"}]])
def test_answers_that_are_no_object_are_one_error_about_the_whole(form: Form, raw: object) -> None:
    [error] = form.validate(raw, received_at=RECEIVED).errors
    assert error.field is None


def test_a_flood_of_unknown_fields_gives_few_errors_with_short_names(form: Form) -> None:
    raw = application(**{f"x{number}" * 100: 1 for number in range(10_000)})
    errors = form.validate(raw, received_at=RECEIVED).errors
    assert len(errors) == 20
    assert all(len(error.field or "") <= 100 for error in errors)


@pytest.mark.parametrize("instant", [datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)])
def test_the_ends_of_time_do_not_raise(form: Form, instant: datetime) -> None:
    form.validate(GOOD, received_at=instant)


def test_an_instant_without_a_zone_is_refused(form: Form) -> None:
    with pytest.raises(ValueError, match="time zone"):
        form.validate(GOOD, received_at=datetime(2026, 5, 12))  # noqa: DTZ001


FORM = load_form("birth-registration")
ANYTHING = st.dictionaries(
    st.sampled_from(sorted(FORM.fields)) | st.text(max_size=5), JSON | TRICKY, max_size=12
)


@given(raw=ANYTHING | JSON, start=st.sampled_from([{}, GOOD]))
def test_anything_gives_errors_or_answers_that_check_to_themselves(
    raw: object, start: dict[str, object]
) -> None:
    given_answers = {**start, **raw} if isinstance(raw, dict) else raw
    checked = FORM.validate(given_answers, received_at=RECEIVED)
    json.dumps(checked.answers)
    if checked.ok:
        again = FORM.validate(checked.answers, received_at=RECEIVED)
        assert again.ok
        assert again.answers == checked.answers


@given(answers=ANYTHING)
def test_answers_of_any_age_can_be_shown_and_gone_on_with(answers: dict[str, object]) -> None:
    kept = FORM.prune(answers, RECEIVED)
    assert FORM.prune(kept, RECEIVED) == kept
    FORM.summary(answers, "hif", received_at=RECEIVED)
    FORM.missing_pages(answers, RECEIVED)
    for page in FORM.pages:
        FORM.typed(page, answers, RECEIVED)


samples = pytest.mark.skipif(
    not SAMPLES.exists(), reason="the sample applications are not beside this checkout"
)


@samples
def test_every_good_sample_is_taken(form: Form) -> None:
    rows = [json.loads(line) for line in (SAMPLES / "births.jsonl").read_text().splitlines()]
    wrong = {
        row["external_id"]: checked.errors
        for row in rows
        if not (checked := form.validate(row["answers"], received_at=_instant(row))).ok
    }
    assert len(rows) > 600
    assert wrong == {}


@samples
def test_every_bad_sample_has_its_error_and_no_other(form: Form) -> None:
    lines = (SAMPLES / "births-bad.jsonl").read_text().splitlines()
    expected = json.loads((SAMPLES / "births-bad-expected.json").read_text())
    for entry in expected:
        if entry["field"] in (None, "office", "service"):
            continue
        row = json.loads(lines[entry["line"] - 1])
        errors = form.validate(row["answers"], received_at=_instant(row)).errors
        assert [error.field for error in errors] == [entry["field"]]


def _instant(row: dict[str, str]) -> datetime:
    return datetime.fromisoformat(row["received_at"])


def test_answers_of_the_first_version_are_still_taken(form: Form) -> None:
    """Version 2 added photos of papers, which may be left out."""
    first = {
        name: value
        for name, value in form.validate(GOOD, received_at=RECEIVED).answers.items()
        if name != "papers"
    }
    assert form.version == 2
    assert form.carry_over(first, 1) == (first, [])
    assert form.validate(first, received_at=RECEIVED).ok
    assert [page.id for page in form.missing_pages(first, RECEIVED)] == ["papers"]
