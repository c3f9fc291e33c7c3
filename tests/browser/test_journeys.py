"""Whole journeys on a running platform, in Chromium: from the first page to the letter in the hands."""

from __future__ import annotations

import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.browser.conftest import NewPerson
from tests.browser.person import Person
from tests.web.site import TYPED

pytestmark = [pytest.mark.browser, pytest.mark.engine]

QUESTION = "Which health centre was it? Please bring the paper, or tell us its number."
REASON = "The papers you showed are about another child."


def born_lately() -> dict[str, str]:
    """Return what a family types for a birth three weeks ago."""
    day = datetime.now(UTC).date() - timedelta(days=21)
    return {
        "child_birth_date-day": str(day.day),
        "child_birth_date-month": str(day.month),
        "child_birth_date-year": str(day.year),
    }


def apply(family: Person, name: str) -> tuple[str, str]:
    """Let a family apply for a child of this name; return reference and PIN."""
    family.go("/")
    family.press("Register a birth")
    family.press("Start now")
    family.press("Continue")
    assert "There is a problem" in family.words()
    changes = {"child-name": {"child_name": name}, "child-birth": TYPED["child-birth"] | born_lately()}
    for fields in (TYPED | changes).values():
        family.fill_in(fields)
        family.press("Continue")
    family.fill_in({"office": "suva"})
    family.press("Continue")
    assert name in family.words()
    family.press("Confirm and send")
    codes = family.page.locator("dd.s2f-code").all_inner_texts()
    return codes[0], codes[1]


def sign_in(officer: Person, username: str) -> None:
    """Sign in as one of the demonstration's accounts."""
    officer.go("/staff")
    officer.fill_in({"username": username, "password": f"demo-only-{username}"})
    officer.press("Sign in")


def follow(family: Person, reference: str, pin: str) -> None:
    """Sign in to follow an application."""
    family.go("/track")
    family.fill_in({"reference": reference, "pin": pin})
    family.press("Continue")


def take(officer: Person, reference: str) -> None:
    """Take the task of an application as soon as there is one."""
    officer.go(f"/staff/cases/{reference}")
    officer.wait_for("Nobody has this task")
    officer.press("Take this task")


def text_of(letter: Path) -> str:
    """Return the text of a PDF."""
    done = subprocess.run(["pdftotext", "-raw", str(letter), "-"], capture_output=True, check=True)
    return done.stdout.decode()


def test_a_family_is_asked_answers_and_gets_the_certificate(person: NewPerson, saved: Path) -> None:
    family, mere = person(), person()
    reference, pin = apply(family, "Losalini Adi Tikoisuva")
    follow(family, reference, pin)
    family.wait_for("Being checked")

    sign_in(mere, "mere")
    take(mere, reference)
    mere.press("Ask the family a question")
    mere.press("Ask the family a question")
    assert "Write the question" in mere.words()
    mere.fill_in({"question": QUESTION})
    mere.press("Ask the family a question")

    family.wait_for(QUESTION)
    family.press("Answer")
    family.fill_in({"answer": "Vunidawa Health Centre. The number is NOB-2026-123456."})
    family.press("Send your answer")

    take(mere, reference)
    mere.wait_for("Vunidawa Health Centre")
    mere.press("Register the birth")
    mere.press("Register the birth")

    family.wait_for("Birth certificate")
    words = text_of(family.download("PDF.*Birth certificate", saved))
    assert "Losalini Adi Tikoisuva" in words
    assert "/SUV/" in words
    code = words.split("/verify/")[1].split()[0]
    family.go(f"/verify/{code}")
    assert "This letter is genuine" in family.words()


def test_another_is_refused_with_the_reasons_in_its_letter(person: NewPerson, saved: Path) -> None:
    family, mere = person(scripts=False), person()
    reference, pin = apply(family, "Josefa Vuki")
    sign_in(mere, "mere")
    take(mere, reference)
    mere.press("Refuse, with reasons")
    mere.press("Refuse, with reasons")
    assert "Choose at least one reason" in mere.words()
    mere.fill_in({"reason": ["other"], "text-other": REASON})
    mere.press("Refuse, with reasons")
    follow(family, reference, pin)
    family.wait_for("Letter with the reasons")
    assert REASON in text_of(family.download("PDF.*Letter with the reasons", saved)).replace("\n", " ")


def test_an_application_is_withdrawn(person: NewPerson) -> None:
    family = person()
    reference, pin = apply(family, "Mereani Vuki")
    follow(family, reference, pin)
    family.press("Withdraw this application")
    family.press("Yes, withdraw it")
    assert "Your application is withdrawn" in family.words()


def test_supervisor_and_administrator_find_their_pages(person: NewPerson) -> None:
    sela, adi = person(), person()
    sign_in(sela, "sela")
    assert "open task" in sela.words()
    sign_in(adi, "adi")
    for page in ("/staff/incidents", "/staff/people", "/staff/people/add", "/staff/mailbox"):
        adi.go(page)


@pytest.mark.parametrize("language", ["fj", "hif"])
def test_pages_in_other_languages_are_as_accessible(person: NewPerson, language: str) -> None:
    family = person()
    family.go(f"/language/{language}?next=/services/birth-registration")
    for page in ("/apply/birth-registration", "/track", "/verify", "/verify/NONE", "/nothing"):
        family.go(page)
