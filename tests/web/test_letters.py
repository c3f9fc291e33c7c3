"""Anybody may ask whether a letter is genuine, and learns no more than that."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update

from cases.models import Letter
from tests.web.site import Site, Visitor, words_of
from tests.web.test_tracking import applied, decide


@pytest.fixture
def code(site: Site, family: Visitor, mere: Visitor) -> str:
    """The code on the certificate of a registered birth."""
    applied(site, family)
    decide(site, mere, "register")
    with site.db.read() as connection:
        return str(connection.execute(select(Letter.code)).scalar_one())


def test_a_genuine_letter_is_known_by_its_code(site: Site, code: str) -> None:
    response = site.visitor().get(f"/verify/{code}")
    words = words_of(response)
    assert response.status_code == 200
    assert "This letter is genuine" in words
    assert "Birth certificate" in words
    assert "Suva" in words
    assert "5 May 2026" in words


def test_the_page_about_a_letter_tells_nobody_s_name_and_half_a_reference(site: Site, code: str) -> None:
    words = words_of(site.visitor().get(f"/verify/{code}"))
    assert "Tikoisuva" not in words
    assert "BR-•••-•••-" in words


def test_a_code_is_found_however_it_is_typed(site: Site, code: str) -> None:
    typed = f" {code[:4].lower()}-{code[4:].lower()} "
    response = site.visitor().get("/verify", query_string={"code": typed})
    assert response.headers["Location"] == f"/verify/{code}"


def test_an_unknown_code_is_said_not_to_be_ours(site: Site) -> None:
    response = site.visitor().get("/verify/ABCDEFGHJKLM")
    assert response.status_code == 404
    assert "We did not issue a letter with this code" in words_of(response)


def test_a_letter_that_was_never_issued_is_not_genuine(site: Site, code: str) -> None:
    with site.db.write() as connection:
        connection.execute(update(Letter).values(issued_at=None, status="pending"))
    assert site.visitor().get(f"/verify/{code}").status_code == 404
