"""No half-written word of an officer is lost, whatever runs out, crashes, or is quicker."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from cases.models import DecisionDraft
from tests.web.conftest import PASSWORD
from tests.web.officers import birth, decide, decide_at, step_of
from tests.web.site import Site, Visitor, words_of

WORDS = {"reason": ["other"], "text-other": "The hospital has no record", "note": "Ring again."}


@pytest.fixture
def address(site: Site) -> str:
    """Where the open review is refused."""
    birth(site)
    return decide_at(site, "review", "refuse")


def words_at(address: str) -> str:
    """Return where the words of a page are kept."""
    return address.replace("/decide/", "/words/")


def drafts(site: Site) -> int:
    """Return how many half-written decisions are kept."""
    with site.db.read() as connection:
        return int(connection.execute(select(func.count()).select_from(DecisionDraft)).scalar_one())


def test_words_saved_by_the_button_stand_there_again_in_another_browser(
    site: Site, mere: Visitor, address: str
) -> None:
    response = mere.send(words_at(address), {**WORDS, "do": "save"}, page=address)
    assert response.headers["Location"] == address
    again = site.visitor()
    again.sign_in("mere", PASSWORD)
    page = again.get(address)
    assert "The hospital has no record" in page.text
    assert "Ring again." in page.text
    assert 'value="other" checked' in page.text
    assert "What you had written on 5 May 2026" in words_of(page)
    assert "There is a problem" not in page.text


def test_words_kept_while_typing_are_told_in_a_word(mere: Visitor, address: str) -> None:
    response = mere.send(words_at(address), {**WORDS, "quietly": "1"}, page=address)
    assert response.json == {"told": "Saved 5 May 2026, 9:00 am"}


def test_nobody_else_sees_them(mere: Visitor, ravi: Visitor, address: str) -> None:
    mere.send(words_at(address), WORDS, page=address)
    assert "The hospital has no record" not in ravi.get(address).text


def test_they_go_when_the_decision_is_taken(site: Site, mere: Visitor, address: str) -> None:
    mere.send(words_at(address), WORDS, page=address)
    mere.send(words_at(address.replace("refuse", "ask")), {"question": "Who?"}, page=address)
    assert drafts(site) == 2
    assert decide(site, mere, "review", "refuse", WORDS).status_code == 302
    assert drafts(site) == 0


def test_they_can_be_thrown_away(site: Site, mere: Visitor, address: str) -> None:
    mere.send(words_at(address), WORDS, page=address)
    mere.send(words_at(address), {**WORDS, "do": "forget"}, page=address)
    assert drafts(site) == 0
    assert "because papers that show who was born" in mere.get(address).text


def test_what_was_sent_to_a_task_that_another_took_meanwhile_is_kept(
    site: Site, mere: Visitor, ravi: Visitor, address: str
) -> None:
    step = step_of(site, "review")
    token = mere.token(address)
    ravi.send(f"/staff/tasks/{step}/claim", page=address)
    response = mere.client.post(address, data={"csrf_token": token, **WORDS})
    assert response.status_code == 409
    site.clock.at += timedelta(minutes=25)
    assert "The hospital has no record" in mere.get(address).text


def test_what_is_sent_after_half_an_hour_without_a_sign_is_kept_and_nobody_is_let_in(
    site: Site, mere: Visitor, address: str
) -> None:
    token = mere.token(address)
    site.clock.at += timedelta(minutes=31)
    response = mere.client.post(address, data={"csrf_token": token, **WORDS})
    assert response.headers["Location"].startswith(f"/staff/sign-in?next={address}")
    assert "You were signed out" in words_of(mere.get(response.headers["Location"]))
    assert mere.get(address).headers["Location"].startswith("/staff/sign-in")
    fields = {"username": "mere", "password": PASSWORD}
    back = mere.send(response.headers["Location"], fields)
    assert back.headers["Location"] == address
    assert "The hospital has no record" in mere.get(address).text


def test_words_on_a_settled_task_are_not_kept(site: Site, mere: Visitor, ravi: Visitor, address: str) -> None:
    token = mere.token(address)
    decide(site, ravi, "review", "register", {"reason": "Another mother."})
    data = {"csrf_token": token, "quietly": "1", **WORDS}
    response = mere.client.post(words_at(address), data=data)
    assert response.json == {"told": "Not saved: the task is settled."}
    assert drafts(site) == 0


def test_words_for_an_outcome_that_the_task_does_not_offer_open_no_page(mere: Visitor, address: str) -> None:
    assert mere.get(address.replace("refuse", "burn")).status_code == 404


def test_a_page_of_an_earlier_session_is_shown_again_as_typed_and_keeps_nothing(
    site: Site, mere: Visitor, address: str
) -> None:
    mere.get(address)
    mere.send("/staff/sign-out", page="/staff/inbox")
    mere.sign_in("mere", PASSWORD)
    response = mere.client.post(address, data={"csrf_token": "of an earlier session", **WORDS})
    assert response.status_code == 400
    assert "send it once more" in words_of(response)
    assert "The hospital has no record" in response.text
    assert drafts(site) == 0
    assert mere.client.post(address, data={"csrf_token": mere.token(address), **WORDS}).status_code == 302


def test_what_strangers_send_shows_them_nothing(site: Site, address: str) -> None:
    response = site.visitor().client.post(address, data=WORDS)
    assert response.status_code == 400
    assert "Tikoisuva" not in response.text
