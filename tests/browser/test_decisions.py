"""What else becomes of an application than a certificate: in another one, refused, corrected, withdrawn."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.browser.conftest import NewPerson
from tests.browser.people import (
    applied,
    birth,
    codes_on,
    decide,
    fill_in_pages,
    follow,
    letter,
    registered,
    start,
    take,
)
from tests.browser.person import Person

pytestmark = [pytest.mark.browser, pytest.mark.engine]

GROUND = "The VKB number that you gave belongs to another family."
REASON = "The papers you showed are about another child."
CLOSE = "Close: this birth is in another application"


def twice(first: Person, second: Person, name: str) -> tuple[str, str]:
    """Let a family apply twice for one child, with the names in another order; return both references."""
    pages = birth(name)
    turned = birth(" ".join(reversed(name.split())), mother=pages["mother"], child_birth=pages["child-birth"])
    references = []
    for family, typed in ((first, pages), (second, turned)):
        codes = applied(family, typed)
        follow(family, codes)
        references.append(codes.reference)
    return references[0], references[1]


@pytest.mark.parametrize(("name", "scripts"), [("Taraivini Bukarau", True), ("Manjula Chetty", False)])
def test_a_birth_applied_for_twice_is_seen_side_by_side_and_closed_with_a_letter(
    person: NewPerson, officer: NewPerson, saved: Path, name: str, scripts: bool
) -> None:
    family = person(scripts=scripts)
    first, second = twice(person(scripts=scripts), family, name)
    mere = officer("mere", scripts=scripts)
    take(mere, second)
    compared = mere.page.locator("table.s2f-compare").first
    assert compared.get_by_role("link", name=first).count() == 1
    assert name in compared.locator(".s2f-differs").all_inner_texts()[0]
    decide(mere, CLOSE, {"picked": first}, error="Enter the reference of the other application")
    mere.wait_for(f"About the same as {first}")

    text = letter(family, "Letter about the other application for the same birth", saved)
    assert first in text
    assert "A birth is registered once." in text
    assert f"The same was applied for in application {first}." in family.words()
    family.press("Letter about the other application for the same birth")
    assert first in family.words()


def test_likely_duplicates_are_overridden_with_a_reason(
    person: NewPerson, officer: NewPerson, saved: Path
) -> None:
    family = person()
    _, second = twice(person(scripts=False), family, "Mosese Qionivoka")
    mere = officer("mere")
    take(mere, second)
    reason = {"reason": "The hospital confirmed twins; the mother ticked the wrong box."}
    decide(mere, "Register the birth", reason, error="Write why this is another birth")
    assert "the mother ticked the wrong box" in mere.words()
    assert "Qionivoka Mosese" in letter(family, "Birth certificate", saved)


@pytest.mark.parametrize(("name", "scripts"), [("Josefa Vuniwaqa", True), ("Nirmala Jattan", False)])
def test_a_refusal_gives_the_reason_for_each_criterion(
    person: NewPerson, officer: NewPerson, saved: Path, name: str, scripts: bool
) -> None:
    family = person(scripts=scripts)
    papers = {"notification_number": "", "vkb_number": "", "documents": ["photo_id"]}
    follow(family, codes := applied(family, birth(name, papers=papers, itaukei={"itaukei": "yes"})))
    mere = officer("mere", scripts=scripts)
    take(mere, codes.reference)
    mere.press("Refuse, with reasons")
    mere.fill_in({"ground-vkb": ""})
    mere.press("Refuse, with reasons")
    assert "Write the ground: why is “The family's entry in the Vola ni Kawa Bula” not met?" in mere.words()
    mere.fill_in({"ground-vkb": GROUND, "reason": ["other"], "text-other": REASON})
    mere.press("Refuse, with reasons")
    assert "Your decision is taken" in mere.words()

    text = letter(family, "Letter with the reasons for refusing", saved)
    assert f"We have not registered the birth of {name}" in text
    for words in (
        "The birth is notified: not proven. ",
        f"The family's entry in the Vola ni Kawa Bula: not proven. {GROUND}",
        "What would change this: Tell us a parent's VKB number, or bring the VKB certificate.",
        REASON,
        "ask for the decision to be looked at again",
    ):
        assert words in text
    assert "The person who applies is known" not in text, "what was shown is no reason"
    family.press("Letter with the reasons for refusing")
    assert GROUND in family.words()


@pytest.mark.parametrize(("name", "scripts"), [("Akanisi Toganivalu", True), ("Sarojini Mudliar", False)])
def test_an_entry_is_corrected_and_the_letter_says_what_it_was_and_is(
    person: NewPerson, officer: NewPerson, saved: Path, name: str, scripts: bool
) -> None:
    family, mere = person(scripts=scripts), officer("mere", scripts=scripts)
    pages = birth(name)
    birth_codes = registered(mere, family, pages)
    certificate = letter(family, "Birth certificate", saved)
    number = re.search(r"\d{4}/SUV/\d{6}", certificate)
    assert number

    right = name.replace("a", "e")
    born = {field: value for field, value in pages["child-birth"].items() if "birth_date" in field}
    start(family, "birth-correction")
    typed = {
        "entry": {"entry_number": number[0]},
        "whose": {"child_name": name, **born},
        "corrections": {
            "corrections-1-item": "child_name",
            "corrections-1-as_it_stands": name,
            "corrections-1-should_be": right,
            "corrections-1-why": "The clerk misheard it.",
        },
        "proofs": {"proofs": ["certificate", "notification"]},
        "informant": {"informant_name": "Ana Tikoisuva", "informant_relationship": "mother"},
        "contact": {"informant_phone": "901 2345", "language": "en"},
    }
    fill_in_pages(family, typed)
    family.press("Confirm and send")
    codes = codes_on(family)
    family.go("/track/application")
    family.press("Sign out")
    follow(family, codes)

    take(mere, codes.reference)
    assert number[0] in mere.words()
    decide(mere, "Correct the entry", {"notation": "Name put right after the notification."}, error="Write")
    mere.wait_for(f"A correction of {birth_codes.reference}")
    text = letter(family, "Letter about the corrected entry", saved)
    assert "What the entry said What it says now" in text
    assert f"{name} {right}" in text
    mere.go(f"/staff/cases/{birth_codes.reference}")
    assert f"Corrected by {codes.reference}" in mere.words()


def test_an_application_is_withdrawn(person: NewPerson) -> None:
    family = person(scripts=False)
    follow(family, applied(family, birth("Mereani Saumaka")))
    family.press("Withdraw this application")
    family.press("Yes, withdraw it")
    assert "Your application is withdrawn" in family.words()
    family.wait_for("Result: Withdrawn")
