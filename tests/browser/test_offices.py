"""At an office: letters handed over, applications entered for people present, lost PINs, and who leads."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.browser.conftest import NewPerson
from tests.browser.people import (
    Codes,
    applied,
    birth,
    codes_on,
    fill_in_pages,
    follow,
    registered,
    text_of,
)

pytestmark = [pytest.mark.browser, pytest.mark.engine]


@pytest.mark.parametrize(("name", "scripts"), [("Vasiti Nalumisa", True), ("Hari Goundan", False)])
def test_a_certificate_is_printed_collected_and_confirmed_at_the_counter(
    person: NewPerson, officer: NewPerson, name: str, scripts: bool
) -> None:
    family, luisa = person(scripts=scripts), officer("luisa", scripts=scripts)
    reference = registered(officer("mere", scripts=scripts), family, birth(name)).reference
    print_it = luisa.page.get_by_role("button", name=re.compile(f"^Print.*{reference}"))
    luisa.go(f"/staff/letters?search={reference}")
    luisa.wait_until(lambda: bool(print_it.count()), "offers the letter to print")
    with luisa.context.expect_page() as printed:
        print_it.click()
    printed.value.close()

    luisa.go("/staff/letters/ready")
    luisa.page.get_by_role("link", name=re.compile(f"^Hand over.*{reference}")).click()
    luisa.look()
    luisa.press("Hand it over")
    assert "Enter who collects the letter" in luisa.words()
    luisa.fill_in({"who": f"The mother of {name}", "identity": "voter card", "confirmed": "yes"})
    luisa.press("Hand it over")
    assert "The letter is handed over." in luisa.words()
    family.wait_for("Result: Registered and received")
    assert "It was collected on" in family.words()


def test_a_certificate_is_posted(person: NewPerson, officer: NewPerson) -> None:
    family, luisa = person(), officer("luisa")
    reference = registered(officer("mere"), family, birth("Laisa Drodrolagi")).reference
    luisa.go(f"/staff/letters?search={reference}")
    link = luisa.page.get_by_role("link", name=re.compile(f"^Post.*{reference}"))
    luisa.wait_until(lambda: bool(link.count()), "offers the letter to post")
    link.click()
    luisa.look()
    luisa.press("It is posted")
    assert "Enter the address" in luisa.words()
    luisa.fill_in({"to": "Tinai Laisa Drodrolagi\nPO Box 12\nNausori"})
    luisa.press("It is posted")
    assert "The letter is noted as posted." in luisa.words()
    family.wait_for("It was posted on")


@pytest.mark.parametrize(("name", "scripts"), [("Eremasi Vosawale", True), ("Shamim Hakik", False)])
def test_a_clerk_enters_an_application_and_its_sheet_goes_home_with_the_family(
    person: NewPerson, officer: NewPerson, tmp_path: Path, name: str, scripts: bool
) -> None:
    luisa = officer("luisa", scripts=scripts)
    luisa.go("/staff/counter")
    luisa.press("Register a birth")
    assert "You are signed in as Luisa Naivalu" in luisa.page.inner_text("body")
    fill_in_pages(luisa, birth(name))
    assert name in luisa.words()
    luisa.press("Confirm and send")
    codes = codes_on(luisa)
    sheet = tmp_path / "sheet.pdf"
    luisa.page.pdf(path=sheet, format="A4")
    printed = text_of(sheet)
    for words in (codes.reference, codes.pin, "What happens next", "/track"):
        assert words in printed
    for words in ("Print", "Done: the person has the sheet", "Sign out", "\f\f"):
        assert words not in printed
    luisa.press("Done: the person has the sheet")
    luisa.go("/staff/counter/birth-registration/acknowledgement")
    assert codes.pin not in luisa.words(), "the next person at the counter sees no other's PIN"

    family = person(scripts=scripts)
    follow(family, codes)
    family.wait_for("Now: Being checked")


def test_a_lost_pin_is_replaced_by_message_and_then_at_the_counter(
    person: NewPerson, officer: NewPerson
) -> None:
    family = person(scripts=False)
    first = applied(family, birth("Sitiveni Rabukasau"))
    family.go("/track")
    family.press("I have lost my PIN")
    family.press("Send me a new PIN")
    assert "Enter the reference of your application" in family.words()
    family.fill_in({"reference": first.reference, "contact": "901 2345"})
    family.press("Send me a new PIN")
    assert "a message with a new PIN is on its way" in family.words()

    adi = officer("adi")
    adi.go("/staff/mailbox")
    adi.wait_for(f"The new PIN for your application {first.reference} is ")
    found = re.search(rf"{first.reference} is (\d{{6}})", adi.words())
    assert found
    second = Codes(first.reference, found[1])
    follow(family, first)
    assert "They don’t belong together" in family.words()
    follow(family, second)
    assert "How it is going" in family.words()

    luisa = officer("luisa")
    luisa.go("/staff/counter")
    luisa.fill_in({"reference": first.reference.lower()})
    luisa.press("Find")
    luisa.press("Replace a lost PIN")
    luisa.press("Replace the PIN")
    assert "Enter what the person showed" in luisa.words()
    luisa.fill_in({"identity": "the mother, voter card"})
    luisa.press("Replace the PIN")
    third = codes_on(luisa)
    family.go("/track/application")
    assert "How it is going" not in family.words(), "whoever came in with the old PIN is out"
    follow(family, third)
    assert "How it is going" in family.words()


def test_supervisor_and_administrator_find_their_pages(officer: NewPerson) -> None:
    sela, adi = officer("sela"), officer("adi")
    sela.go("/staff")
    assert "open task" in sela.words()
    for page in (
        "/staff/incidents",
        "/staff/people",
        "/staff/people/add",
        "/staff/mailbox",
        "/staff/account",
    ):
        adi.go(page)
