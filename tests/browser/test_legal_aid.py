"""People who need a lawyer, at a browser: granted and followed to the end, refused and reviewed, referred."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.browser.conftest import NewPerson
from tests.browser.legal_aid import (
    BORN,
    REVIEW,
    SERVICE,
    advised,
    applied_for,
    assigned,
    begin,
    born,
    fill_in_until,
    hearing_on,
    letter,
    matter,
)
from tests.browser.people import codes_on, day, decide, fill_in_pages, follow, take

pytestmark = [pytest.mark.browser, pytest.mark.engine]


def test_somebody_in_custody_overtakes_the_inbox_and_gets_a_lawyer(
    person: NewPerson, officer: NewPerson, saved: Path
) -> None:
    litia, kavita, manoa, nisha = (officer(name) for name in ("litia", "kavita", "manoa", "nisha"))
    earlier = applied_for(person(), matter("Ratu Semi Draunidalo"))
    sister = person()
    begin(sister, SERVICE)
    pages = matter(
        "Jope Tuwai",
        applicant={"for_whom": "other"},
        matter={"category": "criminal", "matter": "My brother was arrested last night."},
        other_side={"has_other_party": "no"},
        custody={"in_custody": "yes"},
        court={"has_hearing": "yes"},
        hearing=hearing_on(-1),
    )
    fill_in_until(sister, pages, "hearing")
    sister.fill_in(pages["hearing"])
    sister.press("Continue")
    assert "Enter a day that has not passed" in sister.words()
    fill_in_pages(sister, {**pages, "hearing": {**pages["hearing"], **hearing_on(30)}})
    sister.press("Confirm and send")
    codes = codes_on(sister)
    follow(sister, codes)
    sister.wait_for("A lawyer looks at your matter")

    litia.go("/staff")
    litia.wait_until(lambda: codes.reference in litia.words(), "shows the new case")
    words = litia.words()
    assert words.index(codes.reference) < words.index(earlier.reference)
    assert "Urgent The applicant is in custody" in words
    advised(litia, codes.reference, prospects="reasonable")
    take(kavita, codes.reference)
    decide(kavita, "Grant legal aid", {})
    assigned(manoa, codes.reference, "nisha-chand")

    sister.go("/track/application")
    sister.wait_for("With your lawyer")
    assert "Nisha Chand" in letter(sister, "Letter: legal aid is granted", saved)
    sister.press("I have the letter")
    take(nisha, codes.reference)
    report = {"report": "Bail was granted. The trial is in May."}
    decide(nisha, "The matter goes on", report, error="Say how the matter stands")
    take(nisha, codes.reference)
    assert "Bail was granted." in nisha.words()
    decide(nisha, "The matter is completed", {"result": "Acquitted."})
    sister.go("/track/application")
    sister.wait_for("Granted and completed")


def test_a_refusal_says_why_and_a_review_by_somebody_else_reverses_it(
    person: NewPerson, officer: NewPerson, saved: Path
) -> None:
    applicant, litia, kavita = person(), officer("litia"), officer("kavita")
    unaisi, manoa = officer("unaisi"), officer("manoa")
    codes = applied_for(applicant, matter("Taina Rokotuivuna", income={"income_amount": "420"}))
    advised(litia, codes.reference, papers_seen=["income_proof"])
    take(kavita, codes.reference)
    assert "$15,000" in kavita.words()
    decide(kavita, "Refuse, with a statement on each criterion", {"ground-income": "Two wages come in."})
    follow(applicant, codes)
    applicant.wait_for("Refused")
    words = letter(applicant, "Letter: why legal aid is refused", saved)
    assert "Two wages come in." in words
    assert "$21,840.00" in words
    assert "ask for a review" in words
    code = words.split("/verify/")[1].split()[0]

    applicant.press("Ask for a review")
    if "/questions/" not in applicant.page.url:
        applicant.press("Start now")
    assert applicant.page.locator('[name="first_reference"]').input_value() == codes.reference
    fill_in_pages(applicant, _asked_again("Taina Rokotuivuna"))
    applicant.press("Confirm and send")
    second = codes_on(applicant)

    take(unaisi, second.reference)
    assert codes.reference in unaisi.words()
    assert "Two wages come in." in unaisi.words()
    reversal = {"standing-income": "met", "why-income": "The second wage ended in May."}
    reversal["reversed_because"] = "Your income is lower now."
    decide(unaisi, "Reverse it: grant legal aid", reversal, error="There is a problem")
    assigned(manoa, second.reference, "nisha-chand")
    applicant.go("/track/application")
    applicant.press("Sign out")
    follow(applicant, second)
    applicant.wait_for("With your lawyer")
    words = letter(applicant, "Letter: legal aid is granted", saved)
    assert "Your income is lower now." in words
    assert "takes the place of the refusal" in words
    applicant.go(f"/verify/{code}")
    assert "This letter has been replaced" in applicant.words()


def test_a_review_that_is_refused_says_briefly_why(
    person: NewPerson, officer: NewPerson, saved: Path
) -> None:
    applicant, litia, kavita = person(scripts=False), officer("litia"), officer("kavita")
    maikeli = officer("maikeli", scripts=False)
    codes = applied_for(applicant, matter("Litiana Bulivou", assets={"assets_value": "45000"}))
    advised(litia, codes.reference)
    take(kavita, codes.reference)
    decide(kavita, "Refuse, with a statement on each criterion", {})
    review = _asked_again("Litiana Bulivou", first_reference=codes.reference)
    second = applied_for(applicant, review, service=REVIEW)
    take(maikeli, second.reference)
    statement = "The car alone is worth more than the amount."
    decide(maikeli, "Refuse the review, with a brief statement", {"ground-assets": statement})
    follow(applicant, second)
    applicant.wait_for("The first decision stands")
    assert statement in letter(applicant, "Letter: why the first decision stands", saved)


def test_who_is_the_other_side_of_a_client_is_referred_to_somebody_else(
    person: NewPerson, officer: NewPerson, saved: Path
) -> None:
    client, husband, litia = person(), person(), officer("litia")
    applied_for(client, matter("Ema Vosailagi", other_party={"other_party_name": "Sailosi Vosailagi"}))
    other = {"other_party_name": "Ema Vosailagi"}
    codes = applied_for(husband, matter("Sailosi Vosailagi", other_party=other))
    take(litia, codes.reference)
    assert "Ema Vosailagi" in litia.words()
    referral = {"referred_name": "Tabua Chambers", "referred_phone": "330 0000", "reason": ["conflict"]}
    decide(litia, "A conflict: refer the applicant to somebody else", referral, error="There is a problem")
    follow(husband, codes)
    husband.wait_for("Referred to somebody else")
    words = letter(husband, "Letter: who can act for you", saved)
    assert "Tabua Chambers" in words
    assert "Ema" not in words


# -- what they have in common --------------------------------------------------------------------------


def _asked_again(name: str, **decision: str) -> dict[str, dict[str, str]]:
    """Return by page what the applicant of this name types to have a refusal reviewed."""
    return {
        "decision": decision,
        "applicant": {"applicant_name": name, **day(BORN, born(name))},
        "why": {"why": "One of the two wages has ended."},
        "contact": {"applicant_phone": "901 2345", "language": "en"},
    }
