"""Officers work an inbox: they take tasks, decide them, and lose no word when somebody was quicker."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from cases.models import AccessLogEntry, AllottedNumber, Case, JournalEntry
from tests.births import submit_birth
from tests.conftest import NOW
from tests.web.conftest import PASSWORD, employ, make_site, work
from tests.web.officers import birth, decide_at
from tests.web.site import Site, Visitor, words_of
from tests.web.test_tracking import open_step

LONG_REASON = "The notification names another hospital than the application does."


@pytest.fixture
def reference(site: Site) -> str:
    """The reference of a birth in Suva that waits for the registrar."""
    submitted = submit_birth(site.db)
    work(site)
    return submitted.reference


@pytest.fixture
def case_page(reference: str) -> str:
    """The address of that case."""
    return f"/staff/cases/{reference}"


def refuse_address(site: Site) -> str:
    """Return the address at which the open task is refused."""
    return f"/staff/tasks/{open_step(site)}/decide/refuse"


def test_the_inbox_shows_the_most_urgent_first_and_says_overdue_in_words(site: Site, mere: Visitor) -> None:
    late = submit_birth(site.db, received_at=NOW - timedelta(days=30))
    soon = submit_birth(site.db, received_at=NOW)
    work(site)
    words = words_of(mere.get("/staff/inbox"))
    assert words.index(late.reference) < words.index(soon.reference)
    assert words.count("Overdue") == 1
    assert "2 open tasks, 1 overdue" in words


def test_the_inbox_goes_on_page_by_page_without_a_gap(site: Site, mere: Visitor) -> None:
    references = {
        submit_birth(site.db, received_at=NOW - timedelta(hours=hour)).reference for hour in range(27)
    }
    work(site)
    first = mere.get("/staff/inbox").text
    following = first.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")
    second = mere.get(following).text
    seen = [reference for page in (first, second) for reference in references if reference in page]
    assert sorted(seen) == sorted(references)


def test_an_urgent_task_says_so_in_words_before_all_others(site: Site, mere: Visitor) -> None:
    plain, urgent = birth(site), birth(site, child_name="Vuki", notification_number="NOB-2026-000002")
    _change_task(site, urgent.reference, urgent="late-fee")
    listed = mere.get("/staff/inbox")
    assert listed.text.index(urgent.reference) < listed.text.index(plain.reference)
    assert "Urgent Registering a child older than" in words_of(listed)
    assert "Urgent Registering a child older than" in words_of(mere.get(case_address(urgent.reference)))


def test_who_took_part_is_told_that_another_decides(site: Site, mere: Visitor, ravi: Visitor) -> None:
    page = case_address(birth(site).reference)
    _change_task(site, page.rpartition("/")[2], not_by=["mere"])
    assert "Not for you: you took part" in words_of(mere.get("/staff/inbox"))
    assert "Another officer has to decide this" in words_of(mere.get(page))
    assert "Take this task" not in mere.get(page).text
    address = decide_at(site, "review", "register")
    assert "You took part in this application earlier" in words_of(mere.get(address))
    response = mere.send(address, page=page)
    assert response.status_code == 403
    assert "You took part in this application earlier" in words_of(response)
    assert "Not for you" not in words_of(ravi.get("/staff/inbox"))
    assert ravi.send(address).status_code == 302


def case_address(reference: str) -> str:
    return f"/staff/cases/{reference}"


def _change_task(site: Site, reference: str, **columns: Any) -> None:
    of_case = select(Case.id).where(Case.reference == reference).scalar_subquery()
    with site.db.write() as connection:
        connection.execute(
            update(JournalEntry)
            .where(JournalEntry.case_id == of_case, JournalEntry.key == "review")
            .values(columns)
        )


@pytest.mark.parametrize("after", ["", "x", "~", "2026-05-05~1", "2026-05-05T00:00:00+00:00~x"])
def test_a_mangled_place_in_the_inbox_is_its_beginning(mere: Visitor, after: str) -> None:
    assert mere.get("/staff/inbox", query_string={"after": after}).status_code == 200


def test_the_inbox_names_no_child(site: Site, mere: Visitor, reference: str) -> None:
    assert "Tikoisuva" not in mere.get("/staff/inbox").text


def test_an_officer_sees_only_the_office_s_own(site: Site, mere: Visitor, case_page: str) -> None:
    ana = employ(site, "ana", "registrar", office="labasa")
    assert case_page not in ana.get("/staff/inbox").text
    assert ana.get(case_page).status_code == 403


def test_a_case_page_shows_answers_task_and_what_happened(mere: Visitor, case_page: str) -> None:
    words = words_of(mere.get(case_page))
    assert "Losalini Tikoisuva" in words
    assert "Check the application and decide" in words
    assert "Nobody has this task" in words


def test_reading_a_case_is_noted(site: Site, mere: Visitor, case_page: str) -> None:
    mere.get(case_page)
    with site.db.read() as connection:
        rows = connection.execute(select(AccessLogEntry.actor, AccessLogEntry.action, AccessLogEntry.case_id))
        assert ("mere", "read-case", 1) in [tuple(row) for row in rows]


def test_other_cases_with_the_same_notification_are_shown(site: Site, mere: Visitor, case_page: str) -> None:
    again = submit_birth(site.db, child_name="Losalini Tiko")
    work(site)
    assert case_page in mere.get(f"/staff/cases/{again.reference}").text


def test_taking_a_task_offers_the_decisions(site: Site, mere: Visitor, case_page: str) -> None:
    assert "Register the birth" not in words_of(mere.get(case_page))
    mere.send(f"/staff/tasks/{open_step(site)}/claim", page=case_page)
    words = words_of(mere.get(case_page))
    for choice in ("Register the birth", "Refuse, with reasons", "Ask the family a question"):
        assert choice in words
    assert "Losalini" not in words_of(mere.get("/staff/mine"))
    assert case_page in mere.get("/staff/mine").text


def test_a_task_held_by_another_is_explained(
    site: Site, mere: Visitor, ravi: Visitor, case_page: str
) -> None:
    step = open_step(site)
    token = ravi.token(case_page)
    mere.send(f"/staff/tasks/{step}/claim", page=case_page)
    assert "mere has this task until" in words_of(ravi.get(case_page))
    response = ravi.client.post(f"/staff/tasks/{step}/claim", data={"csrf_token": token})
    assert response.status_code == 409
    assert "Somebody else has this task" in words_of(response)


def test_a_supervisor_gives_back_what_another_holds(
    site: Site, mere: Visitor, sela: Visitor, case_page: str
) -> None:
    step = open_step(site)
    mere.send(f"/staff/tasks/{step}/claim", page=case_page)
    assert "mere" in words_of(sela.get("/staff/inbox"))
    assert "Take it from mere" in words_of(sela.get(case_page))
    assert sela.send(f"/staff/tasks/{step}/release", page=case_page).status_code == 302
    assert "Nobody has this task" in words_of(mere.get(case_page))


def test_an_officer_cannot_give_back_what_another_holds(
    site: Site, mere: Visitor, ravi: Visitor, case_page: str
) -> None:
    step = open_step(site)
    mere.send(f"/staff/tasks/{step}/claim", page=case_page)
    response = ravi.send(f"/staff/tasks/{step}/release", page="/staff/inbox")
    assert response.status_code == 403


def test_refusing_needs_a_reason_and_its_words(site: Site, mere: Visitor, reference: str) -> None:
    address = refuse_address(site)
    assert "Choose at least one reason" in words_of(mere.send(address))
    response = mere.send(address, {"reason": ["other"], "text-other": " "})
    assert response.status_code == 422
    assert "Write the words of the reason “Another reason”" in words_of(response)


def test_ready_made_words_can_be_changed_and_reach_the_case(
    site: Site, mere: Visitor, case_page: str
) -> None:
    address = refuse_address(site)
    assert "because papers that show who was born" in mere.get(address).text
    fields = {
        "reason": ["evidence-missing", "other"],
        "text-evidence-missing": LONG_REASON,
        "text-other": "Two.",
    }
    assert mere.send(address, fields).headers["Location"].startswith(case_page)
    work(site)
    words = words_of(mere.get(case_page))
    assert LONG_REASON in words
    assert "Not registered" in words
    with site.db.read() as connection:
        result = connection.execute(
            select(JournalEntry.result).where(JournalEntry.key == "review")
        ).scalar_one()
    assert [reason["key"] for reason in result["reasons"]] == ["evidence-missing", "other"]


def test_a_decision_that_came_second_is_refused_and_its_words_are_kept(
    site: Site, mere: Visitor, ravi: Visitor, case_page: str
) -> None:
    address = refuse_address(site)
    token = ravi.token(address)
    mere.send(address.replace("refuse", "register"))
    fields = {"csrf_token": token, "reason": ["other"], "text-other": LONG_REASON}
    response = ravi.client.post(address, data=fields)
    assert response.status_code == 409
    assert "This task was settled by mere (register) before you" in words_of(response)
    assert LONG_REASON in response.text


def test_a_decision_on_a_task_another_holds_is_refused_and_its_words_are_kept(
    site: Site, mere: Visitor, ravi: Visitor, case_page: str
) -> None:
    mere.send(f"/staff/tasks/{open_step(site)}/claim", page=case_page)
    response = ravi.send(refuse_address(site), {"reason": ["other"], "text-other": LONG_REASON})
    assert response.status_code == 409
    assert "mere has taken this task" in words_of(response)
    assert LONG_REASON in response.text


def test_a_decision_on_evidence_that_was_not_seen_is_refused(
    site: Site, mere: Visitor, reference: str
) -> None:
    response = mere.send(refuse_address(site).replace("refuse", "register"), {"seen": "something older"})
    assert response.status_code == 409
    assert "There is something new on this application" in words_of(response)


def test_an_outcome_that_is_not_offered_is_no_page(site: Site, mere: Visitor, reference: str) -> None:
    address = refuse_address(site).replace("refuse", "burn")
    assert mere.get(address).status_code == 404


def test_a_double_click_on_register_decides_once(site: Site, mere: Visitor, case_page: str) -> None:
    address = refuse_address(site).replace("refuse", "register")
    token = mere.token(address)
    assert mere.client.post(address, data={"csrf_token": token}).status_code == 302
    assert mere.client.post(address, data={"csrf_token": token}).status_code == 409
    work(site)
    with site.db.read() as connection:
        assert len(connection.execute(select(AllottedNumber.value)).all()) == 1


def test_an_overlong_question_is_refused_and_kept(site: Site, mere: Visitor, reference: str) -> None:
    long = "Why? " * 2_000
    response = mere.send(refuse_address(site).replace("refuse", "ask"), {"question": long})
    assert response.status_code == 422
    assert "Shorten this to 5,000 characters" in words_of(response)
    assert long.strip() in response.text


def test_markup_in_a_reason_stays_text(site: Site, mere: Visitor, case_page: str) -> None:
    mere.send(refuse_address(site), {"reason": ["other"], "text-other": "<b>bold</b>"})
    work(site)
    assert "&lt;b&gt;bold&lt;/b&gt;" in mere.get(case_page).text


def test_a_wrong_password_and_an_unknown_name_look_the_same(site: Site, mere: Visitor) -> None:
    visitor = site.visitor()
    one, other = visitor.sign_in("mere", "wrong password here"), visitor.sign_in("nobody", PASSWORD)
    assert one.status_code == other.status_code == 422
    assert words_of(one) == words_of(other)


def test_wrong_passwords_are_slowed_down(site: Site, mere: Visitor) -> None:
    visitor = site.visitor()
    for _ in range(5):
        visitor.sign_in("mere", "wrong password here")
    assert visitor.sign_in("mere", PASSWORD).status_code == 429


def test_who_signs_in_comes_to_the_page_asked_for(site: Site, mere: Visitor, case_page: str) -> None:
    visitor = site.visitor()
    asked = visitor.get(case_page)
    assert asked.headers["Location"] == f"/staff/sign-in?next={case_page}"
    response = visitor.send(asked.headers["Location"], {"username": "mere", "password": PASSWORD})
    assert response.headers["Location"] == case_page


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example", "/\\evil.example"])
def test_signing_in_never_leads_to_another_site(site: Site, mere: Visitor, elsewhere: str) -> None:
    visitor = site.visitor()
    address = f"/staff/sign-in?next={elsewhere}"
    response = visitor.send(address, {"username": "mere", "password": PASSWORD})
    assert response.headers["Location"] == "/staff/inbox"


def test_a_closed_account_is_signed_out_at_once(site: Site, mere: Visitor, adi: Visitor) -> None:
    assert mere.get("/staff/inbox").status_code == 200
    adi.send("/staff/people/close", {"username": "mere"}, page="/staff/people")
    assert mere.get("/staff/inbox").status_code == 302


def test_an_administrator_adds_somebody_who_can_sign_in(site: Site, adi: Visitor) -> None:
    fields = {"username": "vani", "name": "Vani", "role": "registrar", "office": "suva", "password": PASSWORD}
    assert adi.send("/staff/people/add", fields).status_code == 302
    assert site.visitor().sign_in("vani", PASSWORD).status_code == 302
    response = adi.send("/staff/people/add", fields)
    assert response.status_code == 409
    assert "this one is taken" in words_of(response)


def test_demonstration_accounts_are_told_only_in_demo_mode(app: Flask, site: Site, tmp_path: Path) -> None:
    employ(site, "demo-mere", "registrar", demo=True)
    assert "demo-mere" not in site.visitor().get("/staff/sign-in").text
    demo = make_site(app, site.db, tmp_path, S2F_MODE="demo")
    assert "demo-mere" in demo.visitor().get("/staff/sign-in").text
    assert "Demonstration" in demo.visitor().get("/").text
