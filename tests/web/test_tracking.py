"""An applicant signs in with reference and PIN, sees how it is going, answers, downloads, withdraws."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from cases.expiry import sweep
from cases.models import AccessLogEntry, Case, JournalEntry, Note
from tests.web.backstage import SMALL_PDF
from tests.web.conftest import work
from tests.web.site import Site, Visitor, words_of

APPLICATION = "/track/application"
QUESTION = "Which hospital was it? Bring the paper if you can."


def open_step(site: Site) -> int:
    """Return the id of the newest step that is open."""
    with site.db.read() as connection:
        statement = (
            select(JournalEntry.id).where(JournalEntry.status == "open").order_by(JournalEntry.id.desc())
        )
        return int(connection.execute(statement).scalars().first() or 0)


def decide(site: Site, officer: Visitor, outcome: str, **fields: object) -> None:
    """Let an officer take the open task and decide it."""
    step = open_step(site)
    address = f"/staff/tasks/{step}/decide/{outcome}"
    response = officer.send(address, fields)
    assert response.status_code == 302, words_of(response)
    work(site)


def applied(site: Site, family: Visitor) -> None:
    """Let a family apply and sign in to follow its application."""
    reference, pin = family.apply()
    work(site)
    assert family.track(reference, pin).headers["Location"] == APPLICATION


def test_reference_and_pin_open_the_application(either_site: Site) -> None:
    family = either_site.visitor()
    reference, pin = family.apply()
    other = either_site.visitor()
    assert other.track(reference.lower().replace("-", " "), f"{pin[:3]} {pin[3:]}").status_code == 302
    assert reference in words_of(other.get(APPLICATION))


def test_an_unknown_reference_and_a_wrong_pin_look_the_same(family: Visitor, site: Site) -> None:
    reference, pin = family.apply()
    wrong = str((int(pin) + 1) % 1_000_000).zfill(6)
    visitor = site.visitor()
    one, other = visitor.track(reference, wrong), visitor.track("BR-222-222-222", pin)
    assert one.status_code == other.status_code == 422
    assert words_of(one) == words_of(other)


def test_wrong_pins_are_slowed_down_even_for_the_right_one(either_site: Site) -> None:
    reference, pin = either_site.visitor().apply()
    visitor = either_site.visitor()
    for _ in range(5):
        assert visitor.track(reference, "000000" if pin != "000000" else "111111").status_code == 422
    response = visitor.track(reference, pin)
    assert response.status_code == 429
    assert "too many wrong tries" in words_of(response)
    either_site.clock.at += timedelta(minutes=1)
    assert visitor.track(reference, pin).status_code == 302


def test_the_application_page_says_who_has_it_and_by_when(site: Site, family: Visitor) -> None:
    applied(site, family)
    words = words_of(family.get(APPLICATION))
    assert "Being checked" in words
    assert "Who has it: the registrar at the Suva office" in words
    assert "By when: 12 May 2026. That is our service standard, not a limit set by law." in words
    assert "Next: A registrar decides" in words


def test_an_application_nobody_has_met_yet_says_when_it_came_and_once(site: Site, family: Visitor) -> None:
    reference, pin = family.apply()
    family.track(reference, pin)
    words = words_of(family.get(APPLICATION))
    assert "Now: Application received 5 May 2026" in words
    assert words.count("5 May 2026") == 1


def test_a_refused_application_promises_no_certificate_even_before_its_letter(
    site: Site, family: Visitor, mere: Visitor
) -> None:
    applied(site, family)
    mere.send(f"/staff/tasks/{open_step(site)}/decide/refuse", {"reason": ["other"], "text-other": QUESTION})
    words = words_of(family.get(APPLICATION))
    assert "The registrar refused to register the birth" in words
    assert "Now: Decided" in words
    assert "Next:" not in words


def test_a_late_department_says_so(site: Site, family: Visitor) -> None:
    reference, pin = family.apply()
    work(site)
    with site.db.read() as connection:
        due = connection.execute(
            select(JournalEntry.due_at).where(JournalEntry.role.is_not(None))
        ).scalar_one()
    assert due
    site.clock.at = due + timedelta(minutes=1)
    family.track(reference, pin)
    assert "We are late: we meant to finish this by 12 May 2026" in words_of(family.get(APPLICATION))


def test_a_question_is_shown_and_its_answer_reaches_the_registrar(
    site: Site, family: Visitor, mere: Visitor
) -> None:
    applied(site, family)
    decide(site, mere, "ask", question=QUESTION)
    assert QUESTION in words_of(family.get(APPLICATION))
    answer = f"/track/answer/{open_step(site)}"
    assert family.send(answer, {"answer": "It was Vunidawa."}).headers["Location"].endswith("told=answered")
    work(site)
    assert "The registrar asked you a question" in words_of(family.get(APPLICATION))
    with site.db.read() as connection:
        reference = connection.execute(select(Case.reference)).scalar_one()
    assert "It was Vunidawa." in words_of(mere.get(f"/staff/cases/{reference}"))


def test_a_question_that_was_answered_is_no_longer_where_it_stands(
    site: Site, family: Visitor, mere: Visitor
) -> None:
    applied(site, family)
    decide(site, mere, "ask", question=QUESTION)
    family.send(f"/track/answer/{open_step(site)}", {"answer": "It was Vunidawa."})
    words = words_of(family.get(APPLICATION))  # before anybody has worked on it
    assert "Now: Being checked" in words
    assert "Please answer" not in words


def test_an_empty_answer_is_not_sent(site: Site, family: Visitor, mere: Visitor) -> None:
    applied(site, family)
    decide(site, mere, "ask", question=QUESTION)
    response = family.send(f"/track/answer/{open_step(site)}", {"answer": " \r\n "})
    assert response.status_code == 422
    assert "Write your answer" in words_of(response)


def test_an_answer_given_twice_keeps_its_words_and_says_why(
    site: Site, family: Visitor, mere: Visitor
) -> None:
    applied(site, family)
    decide(site, mere, "ask", question=QUESTION)
    answer = f"/track/answer/{open_step(site)}"
    token = family.token(answer)
    family.client.post(answer, data={"csrf_token": token, "answer": "Once"})
    response = family.client.post(answer, data={"csrf_token": token, "answer": "Twice"})
    assert response.status_code == 409
    assert "Twice" in response.text
    assert "Nothing was changed by your try" in words_of(response)


def test_an_answer_after_its_time_is_kept_as_a_note_and_says_so(
    site: Site, family: Visitor, mere: Visitor
) -> None:
    applied(site, family)
    decide(site, mere, "ask", question=QUESTION)
    answer = f"/track/answer/{open_step(site)}"
    token = family.token(answer)
    with site.db.write() as connection:
        assert sweep(connection, now=site.clock.at + timedelta(days=60)).count == 1
    response = family.client.post(answer, data={"csrf_token": token, "answer": "Sorry, late"})
    assert response.headers["Location"].endswith("told=late")
    with site.db.read() as connection:
        assert connection.execute(select(Note.body)).scalar_one() == "Sorry, late"


def test_a_registered_birth_offers_its_certificate(site: Site, family: Visitor, mere: Visitor) -> None:
    applied(site, family)
    decide(site, mere, "register")
    page = family.get(APPLICATION)
    assert "Certificate ready" in words_of(page)
    assert "/track/letters/1" in page.text
    with family.get("/track/letters/1") as pdf:
        assert pdf.data == SMALL_PDF
        assert pdf.mimetype == "application/pdf"
        assert pdf.headers["Cache-Control"] == "no-store"


def test_another_applicant_cannot_download_a_letter(site: Site, family: Visitor, mere: Visitor) -> None:
    applied(site, family)
    decide(site, mere, "register")
    stranger = site.visitor()
    applied(site, stranger)
    assert stranger.get("/track/letters/1").status_code == 404


def test_another_applicant_cannot_answer_a_question(site: Site, family: Visitor, mere: Visitor) -> None:
    applied(site, family)
    decide(site, mere, "ask", question=QUESTION)
    step = open_step(site)
    stranger = site.visitor()
    applied(site, stranger)
    token = stranger.token("/track/withdraw")
    response = stranger.client.post(f"/track/answer/{step}", data={"csrf_token": token, "answer": "Mine"})
    assert response.status_code == 403


def test_an_application_can_be_withdrawn_after_confirming(site: Site, family: Visitor) -> None:
    applied(site, family)
    assert "Withdraw this application?" in words_of(family.get("/track/withdraw"))
    assert family.send("/track/withdraw").headers["Location"].endswith("told=withdrawn")
    words = words_of(family.get(APPLICATION))
    assert "You withdrew this application" in words
    assert "Withdraw this application" not in words
    assert "Next:" not in words


def test_withdrawing_a_decided_application_changes_nothing_and_says_so(
    site: Site, family: Visitor, mere: Visitor
) -> None:
    applied(site, family)
    token = family.token("/track/withdraw")
    decide(site, mere, "register")
    response = family.client.post("/track/withdraw", data={"csrf_token": token})
    assert response.headers["Location"].endswith("told=closed")
    words = words_of(family.get(APPLICATION))
    assert "Certificate ready" in words
    assert "Withdraw this application" not in words


def test_signing_out_closes_the_application(site: Site, family: Visitor) -> None:
    applied(site, family)
    family.send("/track/sign-out", page=APPLICATION)
    assert family.get(APPLICATION).headers["Location"] == "/track"


def test_an_hour_without_a_page_closes_the_application(site: Site, family: Visitor) -> None:
    applied(site, family)
    site.clock.at += timedelta(minutes=61)
    assert family.get(APPLICATION).headers["Location"] == "/track"


def test_each_page_of_an_application_is_one_row_in_the_access_log(site: Site, family: Visitor) -> None:
    applied(site, family)
    family.get(APPLICATION)
    with site.db.read() as connection:
        rows = connection.execute(select(AccessLogEntry.actor, AccessLogEntry.action)).all()
    assert [tuple(row) for row in rows] == [("citizen", "sign-in"), ("citizen", "read-case")]
