"""What is missing is asked of those who have it: the hospital for a notification, the family for a paper."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import NewPerson
from tests.browser.people import (
    applied,
    apply,
    birth,
    decide,
    follow,
    letter,
    of_hospital,
    run_out,
    take,
    take_here,
)
from tests.browser.running import Running
from tests.papers import photo

pytestmark = [pytest.mark.browser, pytest.mark.engine]

HOSPITAL = "CWM Hospital"
NUMBER = "NOB-2026-771204"
QUESTION = "Please send a photo of the Notification of Birth: we can’t read the number you gave."


@pytest.mark.parametrize(("name", "scripts"), [("Kelera Vunisea", True), ("Jone Matasau", False)])
def test_the_hospital_sends_the_notification_and_the_family_has_nothing_to_do(
    person: NewPerson, officer: NewPerson, saved: Path, name: str, scripts: bool
) -> None:
    family = person(scripts=scripts)
    codes = applied(family, birth(name, **of_hospital(HOSPITAL)))
    follow(family, codes)
    family.wait_for("Now: We have asked the hospital")
    assert "Colonial War Memorial Hospital" in family.words()

    asha = officer("asha", scripts=scripts)
    asha.go("/staff/inbox")
    asha.press(codes.reference)
    assert name in asha.words()
    assert "901 2345" not in asha.words(), "a hospital is told no more than it needs"
    take_here(asha)
    found = {"notification_number": NUMBER, "father_named": "no"}
    decide(
        asha,
        "Give the number of the Notification of Birth",
        found,
        error="Enter the number of the notification",
    )

    mere = officer("mere", scripts=scripts)
    take(mere, codes.reference)
    assert NUMBER in mere.words()
    decide(mere, "Register the birth", {})
    family.go("/track/application")
    assert name in letter(family, "Birth certificate", saved)
    family.press("I have the certificate")
    assert "We have noted that it has arrived" in family.words()
    family.wait_for("Result: Registered and received")


@pytest.mark.parametrize(("name", "scripts"), [("Priya Shandil", True), ("Rohan Biswadeo", False)])
def test_a_hospital_that_never_answers_holds_nobody_up_and_decides_nothing(
    person: NewPerson, officer: NewPerson, saved: Path, platform: Running, name: str, scripts: bool
) -> None:
    family = person(scripts=scripts)
    codes = applied(family, birth(name, **of_hospital(HOSPITAL)))
    follow(family, codes)
    family.wait_for("Now: We have asked the hospital")
    run_out(platform, codes.reference)
    family.wait_for("The hospital did not answer in time; your application goes on without it")
    family.wait_for("Now: Being checked")

    asha = officer("asha", scripts=scripts)
    asha.go("/staff/inbox")
    assert codes.reference not in asha.words()
    mere = officer("mere", scripts=scripts)
    take(mere, codes.reference)
    assert "The hospital or health centre had not answered by" in mere.words()
    decide(mere, "Register the birth", {})
    family.go("/track/application")
    assert name in letter(family, "Birth certificate", saved)


@pytest.mark.parametrize(("name", "scripts"), [("Losalini Cakau", True), ("Peceli Rokovada", False)])
def test_a_question_is_answered_with_a_photo_that_the_registrar_sees(
    person: NewPerson, officer: NewPerson, saved: Path, tmp_path: Path, name: str, scripts: bool
) -> None:
    paper = tmp_path / "notification.jpg"
    paper.write_bytes(photo(text=name))
    family = person(scripts=scripts)
    codes = apply(family, birth(name)) if scripts else applied(family, birth(name))
    follow(family, codes)
    mere = officer("mere", scripts=scripts)
    take(mere, codes.reference)
    decide(mere, "Ask the family a question", {"question": QUESTION}, error="Write the question")

    family.wait_for(QUESTION)
    family.press("Answer")
    family.fill_in({"answer": "Here it is.", "files": str(paper)})
    family.press("Add the chosen files")
    assert "notification.jpg" in family.words()
    assert family.page.locator("#answer").input_value() == "Here it is."
    family.press("Send your answer")
    assert "Your answer has been sent" in family.words()

    take(mere, codes.reference)
    mere.wait_for("Here it is.")
    mere.page.get_by_text("Look at it").first.click()
    drawn = mere.page.get_by_role("img", name="notification.jpg, page 1 of 1")
    expect(drawn).to_have_js_property("naturalWidth", 800)
    decide(mere, "Register the birth", {})
    assert name in letter(family, "Birth certificate", saved)
