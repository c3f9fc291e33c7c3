"""A birth that is registered after more than a year: fee, ruling, question, registration."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.browser.conftest import NewPerson
from tests.browser.people import answer, apply, birth, day, decide, follow, letter, mother_of, register, take

pytestmark = [pytest.mark.browser, pytest.mark.engine]

QUESTION = "At which school is the child? A letter from the school helps."


@pytest.mark.parametrize(("name", "scripts"), [("Sera Nailatikau", True), ("Waisea Dreketi", False)])
def test_a_late_birth_is_paid_for_ruled_on_and_registered(
    person: NewPerson, officer: NewPerson, saved: Path, name: str, scripts: bool
) -> None:
    family = person(scripts=scripts)
    codes = apply(family, birth(name, days_ago=3 * 365))
    follow(family, codes)
    family.wait_for("Now: Late fee at the counter")

    luisa = officer("luisa", scripts=scripts)
    take(luisa, codes.reference)
    receipt = {"receipt_number": "SUV-4711", "amount": "23.00", **day("paid_on", datetime.now(UTC).date())}
    decide(luisa, "The fee is paid", receipt, error="Enter the number of the receipt")

    vani = officer("vani", scripts=scripts)
    take(vani, codes.reference)
    assert "SUV-4711" in vani.words()
    decide(vani, "Ask the family a question", {"question": QUESTION}, error="Write the question")
    answer(family, QUESTION, "Vunidawa District School.")
    assert "Your answer has been sent" in family.words()
    take(vani, codes.reference)
    assert "Vunidawa District School." in vani.words()
    decide(vani, "Allow the late registration", {})

    register(officer("mere", scripts=scripts), codes.reference)
    family.go("/track/application")
    certificate = letter(family, "Birth certificate", saved)
    assert "You paid the late fee" in family.words()
    for words in (name, mother_of(name), "/SUV/"):
        assert words in certificate
    code = certificate.split("/verify/")[1].split()[0]
    family.go(f"/verify/{code}")
    assert "This letter is genuine" in family.words()
