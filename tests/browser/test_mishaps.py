"""What goes wrong in front of a screen: nothing is lost, and nothing is done twice."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.browser.conftest import NewPerson
from tests.browser.people import (
    applied,
    birth,
    codes_on,
    decide,
    fill_in_pages,
    filled_in,
    follow,
    sign_in,
    start,
    take,
)
from tests.browser.person import Person
from tests.browser.running import Running
from tests.papers import photo
from tests.web.site import APPLY

pytestmark = [pytest.mark.browser, pytest.mark.engine]

SCRIPTS = pytest.mark.parametrize("scripts", [True, False])
QUESTION = "Which of the two dates is right?"


def cases_of(platform: Running, name: str) -> int:
    """Return how many applications there are for a child of this name."""
    ((count,),) = platform.sql("SELECT count(*) FROM cases WHERE answers LIKE ?", f"%{name}%")
    assert isinstance(count, int)
    return count


def typed(family: Person, name: str) -> str:
    """Return what stands in an input of the page."""
    return family.page.locator(f'[name="{name}"]').input_value()


@SCRIPTS
def test_an_application_is_saved_half_way_and_goes_on_elsewhere_with_its_code(
    person: NewPerson, platform: Running, scripts: bool
) -> None:
    name = f"Torika Vuetibau {scripts}"
    pages = birth(name)
    family, helper = person(scripts=scripts), person(scripts=scripts)
    start(family)
    for page in ("child-name", "child-birth"):
        family.fill_in(pages[page])
        family.press("Continue")
    family.fill_in({"birth_province": "Lau"})
    family.press("Save and come back later")
    assert "Your application is saved" in family.words()
    code = family.page.locator("dd.s2f-code").inner_text()

    helper.go("/")
    helper.press("Go on with an application")
    helper.fill_in({"code": "1234 5678 9012"})
    helper.press("Continue")
    assert "Check the code" in helper.words()
    helper.fill_in({"code": code})
    helper.press("Continue")
    assert typed(helper, "birth_province") == "Lau"
    fill_in_pages(helper, pages)
    assert name in helper.words()
    helper.press("Confirm and send")
    assert codes_on(helper)
    family.go(f"{APPLY}/check")
    family.go("/come-back")
    family.fill_in({"code": code})
    family.press("Continue")
    assert "was sent already" in family.words()
    assert cases_of(platform, name) == 1


@SCRIPTS
def test_a_double_click_on_send_and_the_back_button_make_one_application(
    person: NewPerson, platform: Running, scripts: bool
) -> None:
    name = f"Netani Kurusiga {scripts}"
    family = person(scripts=scripts)
    filled_in(family, birth(name))
    family.go(f"{APPLY}/check")
    family.target("Confirm and send").dblclick(no_wait_after=True)
    family.page.wait_for_url("**/sent")
    family.look()
    codes = codes_on(family)
    family.page.go_back()
    family.look()
    if family.page.url.endswith("/check"):
        family.press("Confirm and send")
    family.go(f"{APPLY}/sent")
    assert codes_on(family) == codes
    assert cases_of(platform, name) == 1


@SCRIPTS
def test_two_tabs_fill_in_one_application(person: NewPerson, platform: Running, scripts: bool) -> None:
    name = f"Ulamila Sokidrau {scripts}"
    pages = birth(name)
    family = person(scripts=scripts)
    filled_in(family, pages)
    here = family.page
    family.go(f"{APPLY}/questions/contact?change=1")
    there = family.another_tab()
    there.goto(f"{family.address}{APPLY}/questions/mother-home?change=1")
    there.fill('[name="mother_village"]', "Nabouwalu")
    there.locator("main form .govuk-button").first.click()
    there.wait_for_url("**/check")
    family.fill_in({"informant_phone": "901 7788"})
    family.press("Continue")
    assert "Nabouwalu" in family.words()
    assert "901 7788" in family.words()
    there.reload()
    for tab in (here, there):
        tab.get_by_role("button", name="Confirm and send").click()
        tab.wait_for_url("**/sent")
    assert here.locator("dd.s2f-code").all_inner_texts() == there.locator("dd.s2f-code").all_inner_texts()
    assert cases_of(platform, name) == 1


@SCRIPTS
def test_what_is_typed_when_the_session_has_ended_is_asked_for_once_more_and_not_lost(
    person: NewPerson, officer: NewPerson, scripts: bool
) -> None:
    family = person(scripts=scripts)
    pages = birth(f"Ropate Sauturaga {scripts}")
    start(family)
    family.fill_in(pages["child-name"])
    family.context.clear_cookies()
    family.press("Continue")
    assert "Nothing you typed on this page is lost" in family.words()
    assert typed(family, "child_name") == pages["child-name"]["child_name"]
    family.press("Continue")
    assert family.page.url.endswith("/child-birth")

    codes = applied(family, pages)
    follow(family, codes)
    mere = officer("mere", scripts=scripts)
    take(mere, codes.reference)
    decide(mere, "Ask the family a question", {"question": QUESTION})
    family.wait_for(QUESTION)
    family.press("Answer")
    family.fill_in({"answer": "The first."})
    family.context.clear_cookies()
    family.press("Send your answer")
    assert "Your answer isn’t lost: sign in again" in family.words()
    family.fill_in({"reference": codes.reference, "pin": codes.pin})
    family.press("Continue")
    assert typed(family, "answer") == "The first."
    family.press("Send your answer")
    assert "Your answer has been sent" in family.words()
    family.go("/track/application")
    assert family.words().count("You answered the question") == 1


@SCRIPTS
def test_words_of_an_officer_survive_signing_in_anew_in_another_tab(person: NewPerson, scripts: bool) -> None:
    codes = applied(person(scripts=False), birth(f"Filimoni Turukawa {scripts}"))
    mere = person(scripts=scripts)
    sign_in(mere, "mere")
    take(mere, codes.reference)
    mere.press("Ask the family a question")
    mere.fill_in({"question": QUESTION})
    typing, mere.page = mere.page, mere.another_tab()
    mere.go("/staff/inbox")
    mere.page.get_by_role("button", name="Sign out").click()
    sign_in(mere, "mere")
    mere.page = typing
    mere.press("Ask the family a question")
    assert "Nothing is lost: send it once more" in mere.words()
    assert typed(mere, "question") == QUESTION
    mere.press("Ask the family a question")
    assert "Your decision is taken" in mere.words()
    mere.wait_for("Waiting for the answer")
    assert mere.page.get_by_text(QUESTION).count() >= 1


@SCRIPTS
def test_rubbish_is_refused_by_name_with_what_to_do_and_the_rest_is_kept(
    person: NewPerson, tmp_path: Path, scripts: bool
) -> None:
    rubbish, good = tmp_path / "certificate.jpg", tmp_path / "paper.png"
    rubbish.write_text("This is no photo at all.")
    good.write_bytes(photo(kind="PNG"))
    family = person(scripts=scripts)
    filled_in(family, birth(f"Seru Vakacegu {scripts}"))
    family.go(f"{APPLY}/questions/papers?change=1")
    family.fill_in({"notification_number": "NOB-2026-445566", "papers": str(rubbish)})
    family.press("Add the chosen files")
    assert "certificate.jpg: This file is not a photo or a PDF. Take a photo of the paper" in family.words()
    assert typed(family, "notification_number") == "NOB-2026-445566"
    family.fill_in({"papers": str(good)})
    family.press("Add the chosen files")
    assert "paper.png" in family.words()
    assert "certificate.jpg" not in family.words()
    family.press("Continue")
    assert "paper.png" in family.words()
    assert "NOB-2026-445566" in family.words()
