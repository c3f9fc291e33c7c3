"""A whole journey in a language of the family, to the letter; and pages of every kind in each language."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.languages import LANGUAGES
from config.services import load_services
from tests.browser.conftest import NewPerson
from tests.browser.people import answer, applied, apply, birth, decide, follow, letter, take
from tests.web.site import SERVICE

pytestmark = [pytest.mark.browser, pytest.mark.engine]

QUESTION = "कौन हेल्थ सेंटर में जनम भइस?"
IN_HINDI = {"contact": {"language": "hif"}}


@pytest.mark.parametrize(("name", "scripts"), [("Sushila Ramcharan", True), ("Yogesh Permaul", False)])
def test_the_whole_journey_in_fiji_hindi(
    person: NewPerson, officer: NewPerson, saved: Path, name: str, scripts: bool
) -> None:
    family = person(scripts=scripts)
    family.speak("hif", then="/")
    codes = apply(family, birth(name, **IN_HINDI))
    follow(family, codes)
    mere = officer("mere", scripts=scripts)
    take(mere, codes.reference)
    decide(mere, "Ask the family a question", {"question": QUESTION})
    answer(family, QUESTION, "वुनिदावा हेल्थ सेंटर।")
    take(mere, codes.reference)
    mere.wait_for("वुनिदावा हेल्थ सेंटर।")
    decide(mere, "Register the birth", {})

    family.go("/track/application")
    certificate = letter(family, "जनम प्रमाण पत्र", saved)
    assert name in certificate
    assert "जनम" in certificate
    assert "Date of birth" not in certificate
    family.press("जनम प्रमाण पत्र")
    drawn = family.page.locator("article.s2f-letter")
    assert drawn.get_attribute("lang") == LANGUAGES["hif"].tag
    assert name in drawn.inner_text()
    assert "जनम" in drawn.inner_text()


def test_a_refusal_in_fiji_hindi_is_so_to_the_last_criterion(
    person: NewPerson, officer: NewPerson, saved: Path
) -> None:
    service = load_services()[SERVICE]
    family, mere = person(), officer("mere")
    family.speak("hif", then="/")
    papers = {"notification_number": "", "vkb_number": "", "documents": ["photo_id"]}
    codes = applied(family, birth("Kamlesh Raniga", papers=papers, itaukei={"itaukei": "yes"}, **IN_HINDI))
    follow(family, codes)
    take(mere, codes.reference)
    decide(mere, "Refuse, with reasons", {"reason": ["facts-contradict"]})
    title = service.steps["refusal"].title["hif"]
    assert codes.reference in letter(family, title, saved)
    family.press(title)
    for words in (
        service.reasons["facts-contradict"].found["hif"],
        service.criteria["vkb"].title["hif"],
        service.criteria["vkb"].not_proven["hif"],
        service.criteria["vkb"].remedy["hif"],
    ):
        assert words in family.words()


@pytest.mark.parametrize(("name", "scripts"), [("Alumita Rokobiau", True), ("Ratu Mualevu", False)])
def test_applying_and_following_in_itaukei(person: NewPerson, name: str, scripts: bool) -> None:
    family = person(scripts=scripts)
    family.speak("fj", then="/")
    codes = apply(family, birth(name, contact={"language": "fj"}, itaukei={"itaukei": "yes"}))
    follow(family, codes)
    family.wait_for("Sa dikevi tiko")


@pytest.mark.parametrize("language", ["fj", "hif"])
def test_other_pages_in_other_languages_are_as_accessible(person: NewPerson, language: str) -> None:
    family = person()
    family.speak(language, then="/services/birth-correction")
    for page in (
        "/track",
        "/track/lost-pin",
        "/track/lost-pin/sent",
        "/come-back",
        "/verify",
        "/verify/NONE",
    ):
        family.go(page)
    family.go("/nothing")
