"""A family applies: one page after the other, checked, sent once."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from cases.models import Case, Draft
from tests.births import submit_birth
from tests.database.rows import ask_letter
from tests.web.site import APPLY, TYPED, Site, Visitor, words_of
from web.public.catalogue import ASK_EVERY


def test_an_application_becomes_a_case_with_the_answers_given(either_site: Site) -> None:
    reference, _ = either_site.visitor().apply()
    with either_site.db.read() as connection:
        case = connection.execute(select(Case)).one()
    assert case.reference == reference
    assert case.office == "suva"
    assert case.answers["child_name"] == "Losalini Tikoisuva"
    assert case.answers["child_birth_date"] == "2026-04-20"
    assert case.answers["informant_phone"] == "+6799012345"


def test_a_page_without_answers_says_what_to_do_at_the_field_and_in_a_summary(family: Visitor) -> None:
    response = family.send(f"{APPLY}/questions/child-name", {"child_name": "  "})
    assert response.status_code == 422
    assert response.text.count("Enter the child’s full name") == 2
    assert 'href="#child_name"' in response.text
    assert "<title>Error:" in response.text


def test_what_was_typed_wrongly_is_shown_again_to_be_mended(family: Visitor) -> None:
    typed = TYPED["child-birth"] | {"child_birth_date-month": "Apirl", "child_sex": ""}
    response = family.send(f"{APPLY}/questions/child-birth", typed)
    assert 'value="Apirl"' in response.text
    assert re.search(r'value="single"\s+checked', response.text)


def test_a_page_opened_again_shows_the_answers_given(family: Visitor) -> None:
    family.send(f"{APPLY}/questions/child-name", TYPED["child-name"])
    assert 'value="Losalini Tikoisuva"' in family.get(f"{APPLY}/questions/child-name").text


def test_every_page_can_be_left_backwards(family: Visitor) -> None:
    family.fill_in()
    for page in TYPED:
        assert 'class="govuk-back-link"' in family.get(f"{APPLY}/questions/{page}").text


def test_a_page_that_is_not_asked_leads_to_what_is_missing(family: Visitor) -> None:
    family.send(f"{APPLY}/questions/child-name", TYPED["child-name"])
    response = family.get(f"{APPLY}/questions/father-details")
    assert response.headers["Location"] == f"{APPLY}/questions/child-birth"


def test_answers_can_be_changed_from_the_page_that_shows_them_all(family: Visitor) -> None:
    family.fill_in()
    change = f"{APPLY}/questions/child-name?change=1"
    assert f'href="{change}#child_name"' in family.get(f"{APPLY}/check").text
    response = family.send(change, {"child_name": "Losalini Vuki"})
    assert response.headers["Location"] == f"{APPLY}/check"
    assert "Losalini Vuki" in family.get(f"{APPLY}/check").text


def test_a_changed_answer_leads_through_what_it_makes_needed(family: Visitor) -> None:
    family.fill_in()
    response = family.send(f"{APPLY}/questions/father?change=1", {"father_known": "yes"})
    assert response.headers["Location"] == f"{APPLY}/questions/father-details?change=1"


def test_a_second_click_on_send_makes_no_second_case_and_shows_the_same_pin(
    family: Visitor, site: Site
) -> None:
    family.fill_in()
    token = family.token(f"{APPLY}/check")
    first = family.client.post(f"{APPLY}/check", data={"csrf_token": token})
    shown = family.get(f"{APPLY}/sent").text
    second = family.client.post(f"{APPLY}/check", data={"csrf_token": token})
    assert first.headers["Location"] == second.headers["Location"] == f"{APPLY}/sent"
    assert re.findall(r's2f-code">([^<]+)', shown) == re.findall(
        r's2f-code">([^<]+)', family.get(f"{APPLY}/sent").text
    )
    with site.db.read() as connection:
        assert connection.execute(select(func.count(Case.id))).scalar_one() == 1


def test_a_submission_whose_answer_got_lost_is_sent_again_without_a_second_case(
    family: Visitor, site: Site
) -> None:
    family.fill_in()
    with site.db.read() as connection:
        draft = connection.execute(select(Draft)).one()
    assert family.send(f"{APPLY}/check").status_code == 302
    with site.db.write() as connection:  # as if the draft had not been marked as sent
        connection.execute(update(Draft).values(answers=draft.answers))
    assert family.send(f"{APPLY}/check").status_code == 302
    with site.db.read() as connection:
        assert connection.execute(select(func.count(Case.id))).scalar_one() == 1


def test_a_sent_application_leaves_no_answers_in_its_draft(family: Visitor, site: Site) -> None:
    family.apply()
    with site.db.read() as connection:
        assert "Losalini" not in str(connection.execute(select(Draft.answers)).scalar_one())


def test_another_browser_sees_nothing_of_an_application(family: Visitor, site: Site) -> None:
    family.fill_in()
    other = site.visitor()
    assert other.get(f"{APPLY}/check").headers["Location"] == f"{APPLY}/questions/child-name"
    assert other.get(f"{APPLY}/sent").headers["Location"] == f"{APPLY}/questions/child-name"


def test_who_comes_back_chooses_to_go_on_or_to_start_anew(family: Visitor) -> None:
    family.send(f"{APPLY}/questions/child-name", TYPED["child-name"])
    assert "You have begun an application" in family.get(APPLY).text
    assert family.send(APPLY, {"what": "go-on"}).headers["Location"] == f"{APPLY}/questions/child-birth"
    assert family.send(APPLY, {"what": "new"}).headers["Location"] == f"{APPLY}/questions/child-name"
    assert "Losalini" not in family.get(f"{APPLY}/questions/child-name").text


def test_an_office_must_be_chosen(family: Visitor) -> None:
    family.fill_in()
    response = family.send(f"{APPLY}/office", {"office": "atlantis"})
    assert response.status_code == 422
    assert response.text.count("Choose an office") == 2


def test_answers_that_no_longer_pass_are_asked_again_and_not_sent(family: Visitor, site: Site) -> None:
    family.fill_in()
    site.clock.at = site.clock.at.replace(month=9)  # the child is more than two months old by now
    response = family.client.post(f"{APPLY}/check", data={"csrf_token": family.token("/track")})
    assert response.headers["Location"] == f"{APPLY}/questions/delay"


def test_markup_in_an_answer_stays_text(family: Visitor) -> None:
    family.fill_in({"mother-home": {"mother_province": "Ba", "mother_village": "<script>alert(1)</script>"}})
    page = family.get(f"{APPLY}/check").text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


@pytest.mark.parametrize("name", ["Ratu", "Ana-Maria O’Connor", "सुनीता देवी", "A" * 100])
def test_names_of_all_kinds_pass(family: Visitor, name: str) -> None:
    assert family.send(f"{APPLY}/questions/child-name", {"child_name": name}).status_code == 302


def test_the_start_page_says_what_is_needed_and_how_long_it_takes_as_a_service_standard(
    family: Visitor,
) -> None:
    words = words_of(family.get("/services/birth-registration"))
    assert "Notification of Birth" in words
    assert "5 working days" in words
    assert "service standard" in words


def test_an_amount_that_is_not_confirmed_is_what_is_asked_at_present_and_never_a_rule(
    family: Visitor,
) -> None:
    words = words_of(family.get("/services/birth-registration"))
    assert "older than 12 months: at present about $20. Ask at the counter." in words


def test_the_start_page_says_how_long_it_took_lately_once_there_is_enough(
    family: Visitor, site: Site
) -> None:
    assert "Too few applications were decided" in words_of(family.get("/services/birth-registration"))
    for days in range(1, 21):
        case_id = submit_birth(site.db, received_at=site.clock.at - timedelta(days=days)).case_id
        ask_letter(site.db, case_id, created_at=site.clock.at)
    site.clock.at += ASK_EVERY
    words = words_of(family.get("/services/birth-registration"))
    assert "half of the applications were decided within 10 days and nine in ten within 18 days" in words
    assert "for the 20 that were decided in the last 90 days" in words


def test_an_unknown_service_is_no_page(family: Visitor) -> None:
    for address in ("/services/none", "/apply/none", "/apply/none/questions/one"):
        assert family.get(address).status_code == 404


def test_clicks_at_the_same_moment_make_one_case(either_site: Site) -> None:
    family = either_site.visitor()
    family.fill_in()
    token = family.token(f"{APPLY}/check")
    cookie = family.client.get_cookie("s2f")
    assert cookie

    def click(_: int) -> str | None:
        browser = either_site.visitor()
        browser.client.set_cookie("s2f", cookie.value)
        return browser.client.post(f"{APPLY}/check", data={"csrf_token": token}).headers.get("Location")

    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(click, range(4))) == {f"{APPLY}/sent"}
    with either_site.db.read() as connection:
        assert connection.execute(select(func.count(Case.id))).scalar_one() == 1
