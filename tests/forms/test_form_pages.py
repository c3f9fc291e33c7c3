"""Filling in a form page by page, as the web does."""

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from forms.compiler import load_form
from forms.form import Form
from forms.model import Checked, Page
from forms.values import Answer
from tests.forms.applications import GOOD, RECEIVED
from tests.forms.test_form_values import TRICKY

Answers = dict[str, Answer]


def fill(
    form: Form, page: str, inputs: Mapping[str, str | list[str]], answers: Answers | None = None
) -> Checked:
    return form.validate_page(page, inputs, answers or {}, received_at=RECEIVED)


def checked_answers(form: Form, **changes: object) -> Answers:
    return form.validate({**GOOD, **changes}, received_at=RECEIVED).answers


def ids(pages: list[Page]) -> list[str]:
    return [page.id for page in pages]


def test_a_form_filled_in_page_by_page_is_the_application_as_imported(form: Form) -> None:
    wanted = checked_answers(form)
    answers: Answers = {}
    page: Page | None = form.pages[0]
    visited = []
    while page:
        visited.append(page.id)
        checked = form.validate_page(
            page.id, form.typed(page, wanted, RECEIVED), answers, received_at=RECEIVED
        )
        assert checked.ok
        answers |= checked.answers
        page = form.next_page(page.id, answers, RECEIVED)
    assert "delay" not in visited
    assert form.missing_pages(answers, RECEIVED) == []
    assert form.validate(form.prune(answers, RECEIVED), received_at=RECEIVED).answers == wanted


def test_the_usual_way_has_no_more_than_fourteen_pages(form: Form) -> None:
    assert len(form.visible_pages(checked_answers(form), RECEIVED)) <= 14


def test_the_way_back_is_the_way_forth(form: Form) -> None:
    answers = checked_answers(form)
    forth = form.visible_pages(answers, RECEIVED)
    back = [form.pages[-1]]
    while page := form.previous_page(back[-1].id, answers, RECEIVED):
        back.append(page)
    assert back[::-1] == forth


def test_an_unknown_page_is_a_key_error(form: Form) -> None:
    with pytest.raises(KeyError):
        form.next_page("nowhere", {}, RECEIVED)


def test_nothing_typed_is_lost(form: Form) -> None:
    typed = {
        "child_birth_date-day": " 31 ",
        "child_birth_date-month": "Feb",
        "child_birth_date-year": "2026",
        "child_sex": "x",
        "birth_type": "",
    }
    checked = fill(form, "child-birth", typed)
    assert checked.typed == typed
    assert [error.field for error in checked.errors] == ["child_birth_date", "child_sex", "birth_type"]
    assert checked.answers == {}


def test_an_error_leads_to_the_part_of_the_date_that_is_wrong(form: Form) -> None:
    inputs = {"child_birth_date-day": "3", "child_birth_date-year": "2026", "child_sex": "male"}
    checked = fill(form, "child-birth", {**inputs, "birth_type": "single"})
    assert [error.anchor for error in checked.errors] == ["child_birth_date-month"]


def test_a_page_takes_what_a_browser_sends(form: Form) -> None:
    inputs = MultiDict(
        [("documents", "vkb"), ("documents", "photo_id"), ("vkb_number", "vkb 7560803"), ("csrf", "x")]
    )
    checked = form.validate_page("papers", inputs, {"itaukei": True}, received_at=RECEIVED)
    assert checked.answers == {
        "notification_number": None,
        "vkb_number": "VKB-7560803",
        "documents": ["photo_id", "vkb"],
        "papers": [],
    }


def test_what_a_page_does_not_ask_is_ignored(form: Form) -> None:
    checked = fill(form, "papers", {"vkb_number": "VKB-7560803", "child_name": "Mere"}, {"itaukei": False})
    assert checked.ok
    assert "vkb_number" not in checked.answers
    assert "vkb_number" not in checked.typed


def test_a_date_may_come_as_iso_text_and_is_shown_in_three_parts(form: Form) -> None:
    checked = fill(form, "mother", {"mother_birth_date": "1994-10-21"})
    assert checked.answers["mother_birth_date"] == "1994-10-21"
    assert checked.typed["mother_birth_date-month"] == "10"


def test_an_answer_on_another_page_is_taken_into_account(form: Form) -> None:
    inputs = {"mother_name": "Vani", "mother_birth_date": "2020-01-01", "mother_nationality": "FJ"}
    checked = fill(form, "mother", inputs, {"child_birth_date": "2026-05-01"})
    assert [error.field for error in checked.errors] == ["mother_birth_date"]


def test_a_page_made_wrong_by_a_later_change_is_open_again(form: Form) -> None:
    answers = checked_answers(form) | {"child_birth_date": "2003-05-01"}
    assert ids(form.missing_pages(answers, RECEIVED)) == ["delay", "mother", "father-details"]


def test_answers_hidden_by_a_change_are_left_out(form: Form) -> None:
    answers = checked_answers(form) | {"father_known": False}
    kept = form.prune(answers, RECEIVED)
    assert not {"father_name", "father_birth_date", "paternity_declaration"} & kept.keys()
    assert form.validate(kept, received_at=RECEIVED).ok
    assert form.missing_pages(answers, RECEIVED) == []


def test_the_name_of_an_earlier_applicant_does_not_stay_when_the_mother_applies(form: Form) -> None:
    answers = checked_answers(form) | {"informant_name": "Somebody Else"}
    kept = form.prune(answers, RECEIVED)
    assert form.validate(kept, received_at=RECEIVED).answers["informant_name"] == "Vani"


def test_an_optional_page_is_open_until_it_was_seen(form: Form) -> None:
    answers = checked_answers(form)
    for name in ("notification_number", "vkb_number", "documents"):
        del answers[name]
    assert ids(form.missing_pages(answers, RECEIVED)) == ["papers"]
    answers |= fill(form, "papers", {}, answers).answers
    assert form.missing_pages(answers, RECEIVED) == []


def test_the_page_about_the_delay_is_asked_only_when_the_child_is_older(form: Form) -> None:
    young, old = {"child_birth_date": "2026-05-01"}, {"child_birth_date": "2020-05-01"}
    assert "delay" not in ids(form.visible_pages(young, RECEIVED))
    assert form.next_page("child-birth", old, RECEIVED) is form.page("delay")
    assert form.visible_fields(form.page("delay"), old, RECEIVED) == [form.fields["reason_for_delay"]]
    assert form.is_required(form.fields["reason_for_delay"], old, RECEIVED)


def test_answers_read_as_people_write_them(form: Form) -> None:
    assert form.display("child_birth_date", "2026-05-12", "en") == "12 May 2026"
    assert form.display("child_birth_date", "2026-05-12", "hif") == "12 मई 2026"
    assert form.display("father_known", True, "fj") == "Io"
    assert form.display("birth_weight_grams", 2990, "en") == "2,990 grams"
    assert form.display("informant_phone", "+6798202453", "en") == "+679 820 2453"
    assert form.display("documents", ["photo_id", "vkb"], "en") == "My photo ID, VKB certificate"
    assert form.display("mother_nationality", "TV", "fj") == "Tuvalu"
    assert form.display("vkb_number", None, "en") == ""


def test_a_value_of_an_older_form_is_shown_as_it_is(form: Form) -> None:
    assert form.display("child_sex", "intersex", "en") == "intersex"
    assert form.display("child_birth_date", "spring 1960", "en") == "spring 1960"


def test_a_summary_has_what_was_asked_and_what_was_told_besides(form: Form) -> None:
    answers = checked_answers(form, reason_for_delay="No boat", mother_occupation=None)
    rows = {
        row.field.id: row for _, rows in form.summary(answers, "en", received_at=RECEIVED) for row in rows
    }
    assert rows["reason_for_delay"].text == "No boat"
    assert rows["mother_occupation"].text == ""
    assert rows["child_name"].label == "Child’s name"
    home = {**answers, "birth_place_kind": "home", "birth_facility": None}
    shown = {row.field.id for _, rows in form.summary(home, "en", received_at=RECEIVED) for row in rows}
    assert "birth_facility" not in shown


def test_a_summary_falls_back_to_english_word_by_word(form: Form) -> None:
    rows = [
        row for _, rows in form.summary(checked_answers(form), "fj", received_at=RECEIVED) for row in rows
    ]
    assert all(row.label for row in rows)


FORM = load_form("birth-registration")
INPUT_NAMES = sorted(FORM.fields) + [f"child_birth_date-{part}" for part in ("day", "month", "year")]


@given(
    page=st.sampled_from([page.id for page in FORM.pages]),
    inputs=st.dictionaries(
        st.sampled_from(INPUT_NAMES), TRICKY | st.text() | st.lists(st.text()), max_size=6
    ),
    answers=st.dictionaries(st.sampled_from(sorted(FORM.fields)), TRICKY | st.booleans(), max_size=4),
)
def test_no_input_makes_a_page_raise(
    page: str, inputs: dict[str, str | list[str]], answers: dict[str, object]
) -> None:
    checked = FORM.validate_page(page, inputs, answers, received_at=RECEIVED)
    shown = FORM.visible_fields(FORM.page(page), answers, RECEIVED)
    assert {error.field for error in checked.errors} | checked.answers.keys() == {field.id for field in shown}


def test_the_schema_names_every_field_and_what_is_always_required(form: Form) -> None:
    schema = form.json_schema()
    assert list(schema["properties"]) == list(form.fields)
    assert "child_name" in schema["required"]
    assert "father_name" not in schema["required"]
    assert schema["properties"]["father_name"]["type"] == ["string", "null"]
    assert None in schema["properties"]["mother_education"]["enum"]
    assert schema["properties"]["vkb_number"]["pattern"] == "^VKB-[0-9][0-9][0-9][0-9][0-9][0-9][0-9]$"
