"""At the counter: a clerk types an application for somebody present, and the sheet goes home with them."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from cases.audit import verify
from cases.models import Case, Event
from cases.vocabulary import Role
from tests.web.conftest import PASSWORD, employ
from tests.web.officers import birth
from tests.web.site import APPLY, SERVICE, TYPED, Site, Visitor, words_of

SHEET = f"/staff/counter/{SERVICE}/acknowledgement"


@pytest.fixture
def luisa(site: Site) -> Visitor:
    """Luisa, a clerk in Suva, signed in."""
    return employ(site, "luisa", Role.CLERK)


def enter(clerk: Visitor, *, language: str = "en") -> None:
    """Type an application at the counter, up to the page with all answers."""
    response = clerk.send(f"/staff/counter/{SERVICE}", page="/staff/counter")
    assert response.headers["Location"] == f"{APPLY}/go-on"
    token = clerk.token(f"{APPLY}/questions/child-name")
    pages = TYPED | {"contact": TYPED["contact"] | {"language": language}}
    for page, fields in pages.items():
        response = clerk.client.post(f"{APPLY}/questions/{page}", data={"csrf_token": token, **fields})
        assert response.status_code == 302, (page, words_of(response))
    assert response.headers["Location"] == f"{APPLY}/check"


def codes(clerk: Visitor) -> list[str]:
    """Return what the sheet says in large letters: the reference, and the PIN if it is shown."""
    return re.findall(r'<dd class="s2f-code">([^<]+)</dd>', clerk.get(SHEET).text)


def send(clerk: Visitor) -> list[str]:
    """Send what was typed; return reference and PIN."""
    assert clerk.send(f"{APPLY}/check").headers["Location"] == f"{APPLY}/sent"
    assert clerk.get(f"{APPLY}/sent").headers["Location"] == SHEET
    return codes(clerk)


def test_an_application_typed_by_a_clerk_is_of_the_counter_and_of_the_clerk_s_office(
    site: Site, luisa: Visitor
) -> None:
    enter(luisa)
    reference, _ = send(luisa)
    with site.db.read() as connection:
        case = connection.execute(select(Case)).one()
        event = connection.execute(select(Event.body)).scalars().first()
        assert [found for found in verify(connection) if not isinstance(found, int)] == []
    assert (case.reference, case.channel, case.office) == (reference, "counter", "suva")
    assert '"actor":"luisa"' in (event or "")


def test_the_sheet_opens_the_application_for_the_person(site: Site, luisa: Visitor, family: Visitor) -> None:
    enter(luisa)
    reference, pin = send(luisa)
    words = words_of(luisa.get(SHEET))
    for told in ("What happens next", "When the office is open", "Monday to Thursday: 8:00 am to 4:00 pm"):
        assert told in words
    assert family.track(reference, pin).status_code == 302


def test_the_sheet_is_in_the_language_of_the_application(site: Site, luisa: Visitor) -> None:
    enter(luisa, language="hif")
    send(luisa)
    page = luisa.get(SHEET).text
    assert '<html lang="hif"' in page
    assert "सोमवार" in page


def test_the_pin_is_shown_until_the_clerk_goes_on_and_no_more(site: Site, luisa: Visitor) -> None:
    enter(luisa)
    send(luisa)
    assert len(codes(luisa)) == 2
    assert luisa.send(SHEET).headers["Location"] == "/staff/counter"
    assert luisa.get(SHEET).headers["Location"] == "/staff/counter"


def test_the_pin_is_shown_no_longer_than_a_quarter_of_an_hour(site: Site, luisa: Visitor) -> None:
    enter(luisa)
    send(luisa)
    site.clock.at += timedelta(minutes=16)
    assert len(codes(luisa)) == 1


def test_whoever_signs_in_next_sees_no_pin(site: Site, luisa: Visitor, mere: Visitor) -> None:
    enter(luisa)
    send(luisa)
    luisa.send("/staff/sign-out", page="/staff/counter")
    assert luisa.get(f"{APPLY}/sent").headers["Location"].startswith(f"{APPLY}/questions")
    luisa.sign_in("mere", PASSWORD)
    assert luisa.get(SHEET).headers["Location"] == "/staff/counter"


def test_what_was_begun_is_found_again_after_signing_in(site: Site, luisa: Visitor, mere: Visitor) -> None:
    enter(luisa)
    luisa.send("/staff/sign-out", page="/staff/counter")
    again = site.visitor()
    again.sign_in("luisa", PASSWORD)
    assert "Begun by you and not sent" not in words_of(mere.get("/staff/counter"))
    page = again.get("/staff/counter").text
    draft = page.split('name="draft" value="')[1].split('"')[0]
    again.send("/staff/counter/go-on", {"draft": draft}, page="/staff/counter")
    assert again.get(f"{APPLY}/go-on").headers["Location"] == f"{APPLY}/check"
    assert mere.send("/staff/counter/go-on", {"draft": draft}, page="/staff/counter").status_code == 404


def test_nobody_sends_it_who_is_not_signed_in_as_the_clerk(site: Site, luisa: Visitor) -> None:
    enter(luisa)
    token = luisa.token(f"{APPLY}/check")
    with luisa.client.session_transaction() as session:
        session.pop("_user_id")
    response = luisa.client.post(f"{APPLY}/check", data={"csrf_token": token})
    assert response.headers["Location"].startswith("/staff/sign-in")
    with site.db.read() as connection:
        assert connection.execute(select(Case.id)).all() == []


def test_a_clerk_who_was_away_signs_in_before_sending_and_loses_nothing(site: Site, luisa: Visitor) -> None:
    enter(luisa)
    token = luisa.token(f"{APPLY}/check")
    site.clock.at += timedelta(minutes=31)
    response = luisa.client.post(f"{APPLY}/check", data={"csrf_token": token})
    assert response.headers["Location"].startswith("/staff/sign-in")
    luisa.sign_in("luisa", PASSWORD)
    assert "Begun by you and not sent" in words_of(luisa.get("/staff/counter"))


def test_a_clerk_enters_nothing_for_another_office(site: Site, luisa: Visitor) -> None:
    enter(luisa)
    luisa.send(f"{APPLY}/office", {"office": "labasa"})
    assert luisa.send(f"{APPLY}/check").status_code == 403
    with site.db.read() as connection:
        assert connection.execute(select(Case.id)).all() == []


def test_a_case_is_found_by_its_reference_however_it_is_typed(site: Site, luisa: Visitor) -> None:
    reference = birth(site).reference
    typed = reference.replace("-", " ").lower()
    assert luisa.get(f"/staff/find?reference={typed}").headers["Location"] == f"/staff/cases/{reference}"
    response = luisa.get("/staff/find?reference=BR-222")
    assert response.status_code == 404
    assert "No application has this reference" in words_of(response)


def test_a_lost_pin_is_replaced_for_somebody_who_shows_who_they_are(
    site: Site, luisa: Visitor, family: Visitor
) -> None:
    reference, old = family.apply()
    address = f"/staff/cases/{reference}/pin"
    assert "Ana Tikoisuva" in words_of(luisa.get(address))
    assert "Enter what the person showed" in words_of(luisa.send(address, {"identity": " "}))
    page = luisa.send(address, {"identity": "The mother, voter card"}).text
    _, new = re.findall(r'<dd class="s2f-code">([^<]+)</dd>', page)
    assert new not in luisa.get(f"/staff/cases/{reference}").text
    assert "A lost PIN was replaced" in words_of(luisa.get(f"/staff/cases/{reference}"))
    assert site.visitor().track(reference, old).status_code == 422
    assert site.visitor().track(reference, new).status_code == 302


def test_a_clerk_replaces_no_pin_of_another_office_s_case(site: Site, luisa: Visitor) -> None:
    reference = birth(site, office="labasa").reference
    assert luisa.get(f"/staff/cases/{reference}/pin").status_code == 403
