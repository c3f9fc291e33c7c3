"""Letters at an office: printed, handed over with a word that they arrived, or posted."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from cases.models import AccessLogEntry, Case, JournalEntry, Letter
from cases.vocabulary import Role
from tests.web.conftest import employ
from tests.web.officers import birth, decide
from tests.web.site import Site, Visitor, words_of


@pytest.fixture
def luisa(site: Site) -> Visitor:
    """Luisa, a clerk in Suva, signed in."""
    return employ(site, "luisa", Role.CLERK)


@pytest.fixture
def letter(site: Site, mere: Visitor) -> int:
    """The id of a certificate that waits to be printed."""
    birth(site)
    decide(site, mere, "review", "register")
    return int(read(site).id)


def read(site: Site) -> Any:
    """Return the only letter."""
    with site.db.read() as connection:
        return connection.execute(select(Letter)).one()


def test_printing_opens_the_letter_and_it_waits_to_be_collected(
    site: Site, luisa: Visitor, letter: int
) -> None:
    words = words_of(luisa.get("/staff/letters"))
    assert "Losalini Tikoisuva" in words
    assert "Birth certificate" in words
    response = luisa.send(f"/staff/letters/{letter}/print", page="/staff/letters")
    assert response.status_code == 303
    pdf = luisa.get(response.headers["Location"])
    assert pdf.mimetype == "application/pdf"
    assert pdf.headers["Content-Disposition"].startswith("inline")
    pdf.close()
    assert "/pdf?form=large" in luisa.get("/staff/letters/ready").text
    assert "There is no letter here" in words_of(luisa.get("/staff/letters"))
    assert "Losalini Tikoisuva" in words_of(luisa.get("/staff/letters/ready"))
    with site.db.read() as connection:
        actions = connection.execute(select(AccessLogEntry.action)).scalars().all()
    assert {"read-letters", "read-letter"} <= set(actions)


def test_a_letter_can_be_printed_in_large_print(luisa: Visitor, letter: int) -> None:
    response = luisa.send(f"/staff/letters/{letter}/print", {"form": "large"}, page="/staff/letters")
    assert response.headers["Location"] == f"/staff/letters/{letter}/pdf?form=large"
    assert luisa.get(response.headers["Location"]).status_code == 404  # this one was issued as PDF alone


@pytest.mark.parametrize("search", ["losalini", "TIKOI ana", "{reference}", "{typed}"])
def test_a_letter_is_found_by_reference_or_name(site: Site, luisa: Visitor, letter: int, search: str) -> None:
    reference = luisa.get("/staff/letters").text.split("/staff/cases/")[1].split('"')[0]
    text = search.format(reference=reference, typed=reference.replace("-", "").lower())
    assert reference in luisa.get("/staff/letters", query_string={"search": text}).text
    words = words_of(luisa.get("/staff/letters", query_string={"search": "Nobody"}))
    assert "No letter here fits “Nobody”" in words


def test_who_collects_a_letter_confirms_it_in_the_same_step(site: Site, luisa: Visitor, letter: int) -> None:
    address = f"/staff/letters/{letter}/hand-over"
    assert "this is what they were waiting for" in words_of(luisa.get(address))
    fields = {"who": "Ana Tikoisuva", "identity": "voter card", "confirmed": "yes"}
    assert luisa.send(address, fields).headers["Location"] == "/staff/letters/ready?told=collected"
    assert (read(site).delivery, read(site).delivered_to) == ("collected", "Ana Tikoisuva, voter card")
    with site.db.read() as connection:
        step = connection.execute(select(JournalEntry).where(JournalEntry.key == "receipt")).one()
    assert (step.status, step.result["by"]) == ("done", "officer")


def test_handing_over_without_their_word_leaves_the_question_open(
    site: Site, luisa: Visitor, letter: int
) -> None:
    luisa.send(f"/staff/letters/{letter}/hand-over", {"who": "Ana", "identity": "passport"})
    with site.db.read() as connection:
        step = connection.execute(select(JournalEntry).where(JournalEntry.key == "receipt")).one()
    assert step.status == "open"


def test_who_collects_and_what_they_show_must_be_said(luisa: Visitor, letter: int) -> None:
    response = luisa.send(f"/staff/letters/{letter}/hand-over", {"who": "Ana", "identity": " "})
    assert response.status_code == 422
    assert response.text.count("Enter what they showed") == 2
    assert 'value="Ana"' in response.text


def test_a_letter_is_handed_over_once(luisa: Visitor, letter: int) -> None:
    address = f"/staff/letters/{letter}/hand-over"
    fields = {"csrf_token": luisa.token(address), "who": "Ana", "identity": "passport"}
    statuses = [luisa.client.post(address, data=fields).status_code for _ in range(2)]
    assert statuses == [302, 409]


def test_a_letter_is_posted_to_an_address(site: Site, luisa: Visitor, letter: int) -> None:
    address = f"/staff/letters/{letter}/post"
    assert "Enter the address" in words_of(luisa.send(address, {"to": ""}))
    assert luisa.send(address, {"to": "PO Box 1\r\nSuva"}).status_code == 302
    assert "PO Box 1 Suva" in words_of(luisa.get("/staff/letters/posted"))


def test_the_case_page_says_where_a_letter_is(site: Site, luisa: Visitor, letter: int) -> None:
    luisa.send(f"/staff/letters/{letter}/hand-over", {"who": "Ana", "identity": "passport"})
    with site.db.read() as connection:
        reference = connection.execute(select(Case.reference)).scalar_one()
    words = words_of(luisa.get(f"/staff/cases/{reference}"))
    assert "Collected 5 May 2026, 9:00 am: Ana, passport" in words
    assert "Collected: Birth certificate" in words


def test_letters_of_another_office_are_none_of_a_clerk_s_business(site: Site, letter: int) -> None:
    ben = employ(site, "ben", Role.CLERK, office="labasa")
    assert "There is no letter here" in words_of(ben.get("/staff/letters"))
    for address in ("pdf", "hand-over", "post"):
        assert ben.get(f"/staff/letters/{letter}/{address}").status_code == 403
    response = ben.send(f"/staff/letters/{letter}/print", page="/staff/counter")
    assert response.status_code == 403
    assert read(site).delivery is None
