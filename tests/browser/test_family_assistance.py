"""Households at a browser: awarded, refused for two criteria, awarded in spite of one, reviewed."""

from __future__ import annotations

from pathlib import Path

from tests.browser.conftest import NewPerson
from tests.browser.households import (
    BORN,
    REVIEW,
    SERVICE,
    applied_for,
    assessed,
    begin,
    born,
    household,
    letter,
    paid,
    visited,
)
from tests.browser.people import (
    Codes,
    Pages,
    codes_on,
    day,
    decide,
    fill_in_pages,
    follow,
    take,
)
from tests.browser.person import Person


def test_a_household_is_awarded_and_its_payment_comes_back_once(
    person: NewPerson, officer: NewPerson, saved: Path
) -> None:
    family, losana = person(), officer("losana")
    codes = _applied_with_mistakes(family, household("Sereana Tuvakari"))
    follow(family, codes)
    family.wait_for("Papers being looked at")

    assessed(losana, officer("tomasi"), codes.reference)
    losana.go(f"/staff/cases/{codes.reference}")
    assert "Take this task" not in losana.words()
    kamla = officer("kamla")
    take(kamla, codes.reference)
    decide(kamla, "Award the assistance", {})
    family.wait_for("Award letter ready")
    words = letter(family, "Award letter", saved)
    assert "$116.70" in words  # 66.70 for two, and 50 for food
    assert "Kamla Wati" in words

    _paid_at_the_second_try(family, losana, officer("nirmala"), codes)
    family.go("/track/application")
    family.wait_for("Has the first payment arrived?")
    family.press("The money has arrived")
    family.wait_for("Awarded, and the money has arrived")


def test_a_household_is_refused_for_two_criteria_and_a_review_reverses_it(
    person: NewPerson, officer: NewPerson, saved: Path
) -> None:
    family, losana, tomasi = person(), officer("losana"), officer("tomasi")
    kamla, epeli = officer("kamla"), officer("epeli")
    codes = _refused(family, losana, tomasi, kamla)
    follow(family, codes)
    family.wait_for("Not awarded")
    words = letter(family, "Letter with the reasons for refusing", saved)
    assert "You told us that somebody in the household gets a pension from the FNPF." in words
    assert "She has the Social Pension herself." in words
    assert "bring a letter from the FNPF" in words
    code = words.split("/verify/")[1].split()[0]

    family.press("Ask for a review")
    if "/questions/" not in family.page.url:
        family.press("Start now")
    assert family.page.locator('[name="first_reference"]').input_value() == codes.reference
    review = {
        "decision": {"head_name": "Mereoni Saukuru", **day(BORN, born("Mereoni Saukuru"))},
        "why": {"why_wrong": "The pension was my father's, who died in March. I get nothing."},
        "contact": {"asker_phone": "901 2345", "language": "en"},
    }
    fill_in_pages(family, review)
    family.press("Confirm and send")
    second = codes_on(family)

    kamla.go(f"/staff/cases/{second.reference}")
    assert not kamla.page.get_by_role("button", name="Take this task").count()
    take(epeli, second.reference)
    assert codes.reference in epeli.words()
    assert "She has the Social Pension herself." in epeli.words()
    overridden = {
        "standing-superannuation": "met",
        "why-superannuation": "The pension ended with the father’s death; the certificate is here.",
        "standing-overlap": "met",
        "why-overlap": "She ticked the wrong box. No Social Pension is paid to her.",
    }
    decide(epeli, "Reverse it, and award the assistance", overridden)
    family.go("/track/application")
    family.press("Sign out")
    follow(family, second)
    family.wait_for("Award letter ready")
    words = letter(family, "Award letter", saved)
    assert "This letter takes the place of the letter of refusal." in words
    assert "She ticked the wrong box." in words
    family.go(f"/verify/{code}")
    assert "This letter has been replaced" in family.words()


def test_a_review_upholds_a_refusal_with_a_statement(
    person: NewPerson, officer: NewPerson, saved: Path
) -> None:
    family, losana, tomasi = person(), officer("losana"), officer("tomasi")
    codes = _refused(family, losana, tomasi, officer("kamla"), head="Unaisi Drodrolagi")
    review = {
        "decision": {
            "first_reference": codes.reference,
            "head_name": "Unaisi Drodrolagi",
            **day(BORN, born("Unaisi Drodrolagi")),
        },
        "why": {"why_wrong": "It is not fair."},
        "contact": {"asker_phone": "901 2345", "language": "en"},
    }
    second = applied_for(family, review, service=REVIEW)
    epeli = officer("epeli")
    take(epeli, second.reference)
    statement = "We asked the FNPF. The pension is still paid each month."
    decide(epeli, "Uphold it, with a written statement", {"statement": statement}, error="There is a problem")
    follow(family, second)
    family.wait_for("The decision stands")
    assert statement in letter(family, "Letter: the decision stands", saved)


def test_headquarters_awards_in_spite_of_a_criterion(
    person: NewPerson, officer: NewPerson, saved: Path
) -> None:
    family, kamla = person(), officer("kamla")
    codes = applied_for(family, household("Roshni Lachman", income={"superannuation": "yes"}))
    assessed(officer("losana"), officer("tomasi"), codes.reference)
    take(kamla, codes.reference)
    why = "The pension ended in March; the officer saw the letter of the FNPF."
    overridden = {"standing-superannuation": "met", "why-superannuation": why}
    decide(kamla, "Award the assistance", overridden, error="There is a problem")
    follow(family, codes)
    family.wait_for("Award letter ready")
    assert why in letter(family, "Award letter", saved)


def test_a_visit_is_written_down_on_a_phone_without_scripts(person: NewPerson, officer: NewPerson) -> None:
    family, losana = person(), officer("losana", scripts=False)
    codes = applied_for(family, household("Ambika Pillay"))
    take(losana, codes.reference)
    decide(losana, "The application is complete", {"seen_papers": ["photo_id"]})
    take(losana, codes.reference)
    fields = visited(people_found="0")
    losana.press("Write down what you found")
    losana.fill_in(fields)
    losana.press("Write down what you found")
    assert "Enter a number that is 1 or more" in losana.words()
    losana.fill_in({"people_found": "2"})
    losana.press("Write down what you found")
    follow(family, codes)
    family.wait_for("A welfare officer visited your home")


# -- what they have in common --------------------------------------------------------------------------


def _applied_with_mistakes(family: Person, pages: Pages) -> Codes:
    """Let somebody apply who forgets the name, the household and that an income isn't negative."""
    begin(family, SERVICE)
    family.fill_in({**pages["head"], "head_name": ""})
    family.press("Continue")
    assert "Enter the full name of the head of the household" in family.words()
    _until(family, pages, "members")
    family.press("Continue")
    assert "Enter the full name" in family.words()
    _until(family, pages, "income")
    family.fill_in({**pages["income"], "income_work": "-5"})
    family.press("Continue")
    assert "Enter 0 or more" in family.words()
    fill_in_pages(family, pages)
    assert "Asenaca Sereana Tuvakari" in family.words()
    family.press("Confirm and send")
    return codes_on(family)


def _paid_at_the_second_try(family: Person, losana: Person, nirmala: Person, codes: Codes) -> None:
    """Let the bank send the first payment back, and the family give another number."""
    paid(nirmala, codes.reference, returned="No such account")
    family.wait_for("came back from the bank")
    family.press("Answer")
    family.fill_in({"answer": "I mixed up two figures: 8132456."})
    family.press("Send your answer")
    take(losana, codes.reference)
    losana.wait_for("No such account")
    details = {
        "new_payee_kind": "bank",
        "new_bank_name": "Bank of the South Pacific",
        "new_account": "8132456",
    }
    decide(losana, "Order the payment again, with these details", details)
    paid(nirmala, codes.reference)


def _until(family: Person, pages: Pages, page: str) -> None:
    """Fill in page after page up to this one."""
    while not family.page.url.endswith(f"/questions/{page}"):
        name = family.page.url.partition("?")[0].rpartition("/")[2]
        family.fill_in(pages[name])
        family.press("Continue")


def _refused(
    family: Person, losana: Person, tomasi: Person, kamla: Person, *, head: str = "Mereoni Saukuru"
) -> Codes:
    """Let a household be refused for its pension and for other help."""
    income = {"superannuation": "yes", "head_allowances": ["social_pension"]}
    codes = applied_for(family, household(head, income=income))
    assessed(losana, tomasi, codes.reference, against=True)
    take(kamla, codes.reference)
    decide(kamla, "Refuse, with the reasons", {"ground-overlap": "She has the Social Pension herself."})
    return codes
