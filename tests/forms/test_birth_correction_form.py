"""The form of a correction: which entry, what is wrong in it, and who may ask."""

from typing import Any

import pytest

from forms.compiler import load_form
from forms.form import Form
from forms.model import Page
from forms.values import Answer
from tests.forms.applications import RECEIVED

CORRECTION = {"item": "child_name", "as_it_stands": "Anna", "should_be": "Ana", "why": "It was misheard"}
GOOD: dict[str, Any] = {
    "entry_number": "2026/SUV/000012",
    "child_name": "Anna Tikoisuva",
    "child_birth_date": "2019-03-27",
    "corrections": [CORRECTION],
    "proofs": ["certificate", "school"],
    "informant_name": "Mere Tikoisuva",
    "informant_relationship": "mother",
    "informant_phone": "869 9201",
    "language": "fj",
}


@pytest.fixture(scope="module")
def form() -> Form:
    return load_form("birth-correction")


def wrong(form: Form, **changes: object) -> list[str | None]:
    return [error.field for error in form.validate({**GOOD, **changes}, received_at=RECEIVED).errors]


def test_a_correction_is_taken(form: Form) -> None:
    checked = form.validate(GOOD, received_at=RECEIVED)
    assert checked.ok
    assert checked.answers["corrections"] == [CORRECTION]
    assert form.validate(checked.answers, received_at=RECEIVED) == checked


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"entry_number": None}, ["entry_number"]),
        ({"entry_number": None, "entry_reference": "BR-234-567-892"}, []),
        ({"child_birth_date": "2027-01-01"}, ["child_birth_date"]),
        ({"corrections": []}, ["corrections"]),
        ({"corrections": [CORRECTION] * 11}, ["corrections"]),
        ({"corrections": [CORRECTION] * 10}, []),
        ({"corrections": [CORRECTION, {**CORRECTION, "should_be": " "}]}, ["corrections[2].should_be"]),
        ({"corrections": [{**CORRECTION, "as_it_stands": None}]}, []),
        ({"informant_phone": None}, ["informant_phone"]),
        ({"informant_phone": None, "informant_email": "mere@example.org"}, []),
        ({"informant_relationship": "guardian"}, ["informant_authority"]),
        ({"informant_relationship": "other", "informant_authority": "I am her aunt"}, []),
        ({"informant_authority": "I am her mother"}, ["informant_authority"]),
    ],
)
def test_one_mistake_gives_one_error_at_its_field(
    form: Form, changes: dict[str, Any], fields: list[str]
) -> None:
    assert wrong(form, **changes) == fields


@pytest.mark.parametrize(("relationship", "asked"), [("mother", False), ("guardian", True)])
def test_only_somebody_else_is_asked_why_they_ask(form: Form, relationship: str, asked: bool) -> None:
    pages = form.visible_pages({"informant_relationship": relationship}, RECEIVED)
    assert ("authority" in [page.id for page in pages]) is asked


def test_a_correction_filled_in_page_by_page_is_the_one_imported(form: Form) -> None:
    several = [CORRECTION, {**CORRECTION, "item": "father_name", "as_it_stands": None}]
    wanted = form.validate({**GOOD, "corrections": several}, received_at=RECEIVED).answers
    answers: dict[str, Answer] = {}
    page: Page | None = form.pages[0]
    while page:
        typed = form.typed(page, wanted, RECEIVED)
        answers |= form.validate_page(page.id, typed, answers, received_at=RECEIVED).answers
        page = form.next_page(page.id, answers, RECEIVED)
    assert form.missing_pages(answers, RECEIVED) == []
    assert form.validate(form.prune(answers, RECEIVED), received_at=RECEIVED).answers == wanted
