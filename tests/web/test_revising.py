"""A supervisor withdraws, takes back and opens again, each with a reason that is kept."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from cases.models import Case, Note
from tests.web.conftest import work
from tests.web.officers import birth, decide
from tests.web.site import Site, Visitor, words_of


@pytest.fixture
def page(site: Site) -> str:
    """The page of a birth that waits for the registrar."""
    return f"/staff/cases/{birth(site).reference}"


def status(site: Site) -> tuple[str, str | None]:
    """Return how the only case stands."""
    with site.db.read() as connection:
        row = connection.execute(select(Case.status, Case.outcome)).one()
        return row.status, row.outcome


def notes(site: Site) -> list[str]:
    """Return the notes there are."""
    with site.db.read() as connection:
        return list(connection.execute(select(Note.body)).scalars())


def test_only_supervisors_are_offered_it(page: str, mere: Visitor, sela: Visitor) -> None:
    assert "Take it back to an earlier step" not in words_of(mere.get(page))
    words = words_of(sela.get(page))
    assert "Take it back to an earlier step" in words
    assert "Withdraw it for the family" in words
    assert "Open it again" not in words


def test_withdrawing_needs_a_reason_which_is_kept(site: Site, page: str, sela: Visitor) -> None:
    response = sela.send(f"{page}/withdraw", {"reason": " "})
    assert response.status_code == 422
    assert "Write why" in words_of(response)
    response = sela.send(f"{page}/withdraw", {"reason": "The mother rang and asked for it."})
    assert response.headers["Location"] == f"{page}?told=withdrawn"
    assert status(site) == ("closed", "withdrawn")
    assert notes(site) == ["The mother rang and asked for it."]
    assert "The application is withdrawn" in words_of(sela.get(f"{page}?told=withdrawn"))


def test_a_case_is_taken_back_to_a_step_it_came_to(
    site: Site, page: str, mere: Visitor, sela: Visitor
) -> None:
    decide(site, mere, "review", "ask", {"question": "Who?"})
    response = sela.send(f"{page}/rewind", {"reason": "Wrong question.", "to": "nowhere"})
    assert response.status_code == 422
    assert "Choose a step" in words_of(response)
    assert "Wrong question." in response.text
    assert sela.send(f"{page}/rewind", {"reason": "Wrong question.", "to": "review"}).status_code == 302
    work(site)
    words = words_of(sela.get(page))
    assert "Taken back to: Check the application and decide" in words
    assert "Nobody has this task" in words


def test_a_closed_case_is_opened_again(site: Site, page: str, mere: Visitor, sela: Visitor) -> None:
    decide(site, mere, "review", "refuse", {"reason": ["other"], "text-other": "No."})
    assert status(site) == ("closed", "refused")
    assert "Open it again" in words_of(sela.get(page))
    assert sela.send(f"{page}/rewind", {"reason": "A mistake.", "to": "review"}).status_code == 409
    assert sela.send(f"{page}/reopen", {"reason": "A mistake.", "to": "review"}).status_code == 302
    assert status(site) == ("open", None)
