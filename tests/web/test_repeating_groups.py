"""A list of things filled in on a page without a script: added, removed, sent, and shown again."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.web.site import Site, Visitor, words_of

APPLY = "/apply/birth-correction"
PAGE = f"{APPLY}/questions/corrections"
BEFORE: dict[str, dict[str, Any]] = {
    "entry": {"entry_number": "2026/SUV/000012"},
    "whose": {
        "child_name": "Anna Tikoisuva",
        "child_birth_date-day": "27",
        "child_birth_date-month": "3",
        "child_birth_date-year": "2019",
    },
}
AFTER: dict[str, dict[str, Any]] = {
    "proofs": {"proofs": ["certificate"]},
    "informant": {"informant_name": "Mere Tikoisuva", "informant_relationship": "mother"},
    "contact": {"informant_email": "mere@example.org", "language": "en"},
}


def correction(number: int, **typed: str) -> dict[str, Any]:
    """Return what is typed for one item."""
    inputs = {"item": "child_name", "as_it_stands": "Anna", "should_be": "Ana", "why": "Misheard", **typed}
    return {f"corrections-{number}-{name}": value for name, value in inputs.items()}


def typed(*items: dict[str, Any]) -> dict[str, Any]:
    """Return what a browser sends for these items."""
    numbers = [str(number) for number in range(1, len(items) + 1)]
    return {"corrections": numbers, **{name: value for item in items for name, value in item.items()}}


def go_through(visitor: Visitor, pages: dict[str, dict[str, Any]]) -> None:
    for page, fields in pages.items():
        response = visitor.send(f"{APPLY}/questions/{page}", fields)
        assert response.status_code == 302, (page, words_of(response))


@pytest.fixture
def mother(site: Site) -> Visitor:
    visitor = site.visitor()
    go_through(visitor, BEFORE)
    return visitor


def test_another_item_is_added_and_what_was_typed_stays(mother: Visitor) -> None:
    response = mother.send(PAGE, {**typed(correction(1, should_be="?<b>")), "rearrange": "corrections-add"})
    assert response.status_code == 200
    assert 'value="?&lt;b&gt;"' in response.text
    assert "Correction 2" in words_of(response)
    assert "There is a problem" not in words_of(response)


def test_an_item_is_removed_and_the_others_stay(mother: Visitor) -> None:
    items = typed(correction(1), correction(2, should_be="Litia"), correction(3, should_be="Sala"))
    response = mother.send(PAGE, {**items, "rearrange": "corrections-remove-2"})
    assert re.findall(r'should_be" type="text"[^>]* value="(\w+)"', response.text) == ["Ana", "Sala"]


def test_a_mistake_in_one_item_keeps_them_all_and_says_which(mother: Visitor) -> None:
    response = mother.send(
        PAGE, typed(correction(1), correction(2, should_be=""), correction(3, item="shoe"))
    )
    assert response.status_code == 422
    words = words_of(response)
    assert "Correction 2: Enter what the entry should say" in words
    assert "Correction 3: Choose one of the answers in the list" in words
    assert 'href="#corrections-2-should_be"' in response.text
    assert response.text.count(">Misheard</textarea>") == 3


def test_a_list_is_sent_and_read_item_by_item(mother: Visitor) -> None:
    assert mother.send(PAGE, typed(correction(1), correction(2, item="father_name"))).status_code == 302
    go_through(mother, AFTER)
    assert mother.send(f"{APPLY}/office", {"office": "suva"}).status_code == 302
    words = words_of(mother.get(f"{APPLY}/check"))
    assert "Correction 1 What is wrong: The child’s name As it stands: Anna" in words
    assert "Correction 2 What is wrong: The father’s name" in words
    again = mother.get(f"{PAGE}?change=1").text
    assert again.count(">Misheard</textarea>") == 2
    assert mother.send(f"{APPLY}/check").status_code == 302
    assert "BC-" in words_of(mother.get(f"{APPLY}/sent"))


def test_half_a_list_can_be_left_for_later(mother: Visitor) -> None:
    items = {**typed(correction(1), correction(2, should_be="")), "then": "save"}
    assert mother.send(PAGE, items).status_code == 302
    assert mother.get(PAGE).text.count(">Misheard</textarea>") == 2


def test_either_of_two_ways_to_be_reached_is_enough(mother: Visitor) -> None:
    page = f"{APPLY}/questions/contact"
    response = mother.send(page, {"language": "en"})
    assert "Enter a phone number or an e-mail address" in words_of(response)
    assert 'href="#informant_phone"' in response.text
    assert mother.send(page, {"language": "en", "informant_phone": "869 9201"}).status_code == 302
