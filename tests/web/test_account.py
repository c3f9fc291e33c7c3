"""One's own account: another password, signing out by itself, the keys."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from cases.models import Case, JournalEntry
from config.roles import load_roles
from tests.web.conftest import PASSWORD, employ
from tests.web.officers import birth, decide, step_of
from tests.web.site import Site, Visitor, words_of

NEW = "another long password"


def test_a_changed_password_signs_in_and_the_old_one_does_not(site: Site, mere: Visitor) -> None:
    response = mere.send("/staff/account", {"old": PASSWORD, "new": NEW, "again": NEW})
    assert response.headers["Location"] == "/staff/account?told=changed"
    assert "Your password is changed" in words_of(mere.get("/staff/account?told=changed"))
    assert site.visitor().sign_in("mere", PASSWORD).status_code == 422
    assert site.visitor().sign_in("mere", NEW).status_code == 302


def test_changing_the_password_ends_the_other_sessions_only(site: Site, mere: Visitor) -> None:
    other = site.visitor()
    other.sign_in("mere", PASSWORD)
    mere.send("/staff/account", {"old": PASSWORD, "new": NEW, "again": NEW})
    assert other.get("/staff/inbox").status_code == 302
    assert mere.get("/staff/inbox").status_code == 200


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"old": "wrong", "new": NEW, "again": NEW}, "Enter the password you have now"),
        ({"old": PASSWORD, "new": "short", "again": "short"}, "Enter a password of at least 12 characters"),
        ({"old": PASSWORD, "new": NEW, "again": NEW + "s"}, "Enter the same password once more"),
    ],
)
def test_a_password_that_can_not_be_changed_says_why(
    site: Site, mere: Visitor, fields: dict[str, str], told: str
) -> None:
    response = mere.send("/staff/account", fields)
    assert response.status_code == 422
    assert response.text.count(told) == 2
    assert site.visitor().sign_in("mere", PASSWORD).status_code == 302


def test_guessing_the_old_password_is_slowed_down(mere: Visitor) -> None:
    for _ in range(5):
        mere.send("/staff/account", {"old": "wrong", "new": NEW, "again": NEW})
    response = mere.send("/staff/account", {"old": PASSWORD, "new": NEW, "again": NEW})
    assert "too many wrong tries" in words_of(response)


def test_half_an_hour_without_a_page_signs_an_officer_out(site: Site, mere: Visitor) -> None:
    for _ in range(3):
        site.clock.at += timedelta(minutes=29)
        assert mere.get("/staff/inbox").status_code == 200
    site.clock.at += timedelta(minutes=31)
    response = mere.get("/staff/inbox")
    assert response.headers["Location"].startswith("/staff/sign-in?next=/staff/inbox")
    assert mere.get("/staff/account").status_code == 302


def test_whoever_is_signed_out_can_read_what_is_public(site: Site, mere: Visitor) -> None:
    site.clock.at += timedelta(hours=1)
    assert mere.get("/").status_code == 200


def test_keys_are_told_and_can_be_switched_off_and_on(mere: Visitor) -> None:
    assert "data-shortcuts" in mere.get("/staff/inbox").text
    mere.send("/staff/keyboard", {"shortcuts": "off"})
    assert "data-shortcuts" not in mere.get("/staff/inbox").text
    assert "are off in this browser" in words_of(mere.get("/staff/keyboard"))
    mere.send("/staff/keyboard", {"shortcuts": "on"})
    assert "data-shortcuts" in mere.get("/staff/inbox").text


def test_a_case_page_has_a_key_for_taking_each_decision(site: Site, mere: Visitor) -> None:
    page = f"/staff/cases/{birth(site).reference}"
    assert 'data-key="c"' in mere.get(page).text
    mere.send(f"/staff/tasks/{step_of(site, 'review')}/claim", page=page)
    text = mere.get(page).text
    assert text.index('data-key="1"') < text.index('data-key="2"') < text.index('data-key="3"')


def test_a_decision_leads_to_the_next_task(site: Site, mere: Visitor, ravi: Visitor) -> None:
    first = birth(site)
    taken = birth(site, child_name="Eva", mother_name="Mere", notification_number="NOB-2026-000001")
    ravi.send(f"/staff/tasks/{step_of(site, 'review')}/claim", page=f"/staff/cases/{taken.reference}")
    free = birth(site, child_name="Vuki", mother_name="Salote", notification_number="NOB-2026-000002")
    step = step_of_case(site, first.reference)
    response = mere.send(f"/staff/tasks/{step}/decide/ask", {"question": "Who?"})
    page = mere.get(response.headers["Location"]).text
    assert f'href="/staff/cases/{free.reference}" data-key="n"' in page


def test_when_nothing_is_left_no_next_task_is_offered(site: Site, mere: Visitor) -> None:
    reference = birth(site).reference
    decide(site, mere, "review", "refuse", {"reason": ["other"], "text-other": "No."})
    page = mere.get(f"/staff/cases/{reference}?told=decided")
    assert "Your decision is taken" in words_of(page)
    assert 'data-key="n"' not in page.text


def step_of_case(site: Site, reference: str) -> int:
    """Return the open task of a case."""
    statement = select(JournalEntry.id).join(Case, Case.id == JournalEntry.case_id)
    with site.db.read() as connection:
        found = connection.execute(
            statement.where(Case.reference == reference, JournalEntry.status == "open")
        )
        return int(found.scalar_one())


@pytest.mark.parametrize("role", list(load_roles()))
def test_everybody_finds_their_pages(site: Site, role: str) -> None:
    browser = employ(site, "somebody", role, office="cwm-hospital" if role == "facility-officer" else None)
    page = browser.get(browser.get("/staff").headers["Location"])
    navigation = page.text.split('aria-label="Your pages"')[1].split("</nav>")[0]
    for address in [part.split('"')[0] for part in navigation.split('href="')[1:]]:
        assert browser.get(address).status_code == 200, address
