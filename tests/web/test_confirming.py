"""The end of an application as its applicant sees it: confirmation, letter, and the word that it is there."""

from __future__ import annotations

import re
from datetime import timedelta

from sqlalchemy import insert, select, update

from cases.models import Case, CaseLink, JournalEntry, Letter
from cases.permissions import SYSTEM
from cases.pins import replace_pin
from cases.transaction import carry_out
from cases.vocabulary import StepKind
from tests.births import submit_birth
from tests.database.rows import open_question, open_step, open_task, write_step
from tests.web.backstage import make_letters
from tests.web.site import APPLY, Site, Visitor, words_of

APPLICATION = "/track/application"


def applied(site: Site, family: Visitor) -> int:
    """Let a family apply and sign in; return the case, before anybody works on it."""
    reference, pin = family.apply()
    assert family.track(reference, pin).headers["Location"] == APPLICATION
    with site.db.read() as connection:
        return int(connection.execute(select(Case.id).where(Case.reference == reference)).scalar_one())


def test_the_confirmation_says_what_to_keep_who_has_it_and_how_to_follow_it(family: Visitor) -> None:
    reference, pin = family.apply()
    page = family.get(f"{APPLY}/sent")
    words = words_of(page)
    for said in (
        reference,
        pin,
        "Registry of Births, Deaths and Marriages, Suva",
        "/track",
        "5 working days",
    ):
        assert said in words
    assert "Sent on 5 May 2026" in words
    assert "data-print" in page.text


def test_the_confirmation_no_longer_shows_a_pin_that_was_replaced(family: Visitor, site: Site) -> None:
    reference, pin = family.apply()
    with site.db.read() as connection:
        case_id = connection.execute(select(Case.id)).scalar_one()
    carry_out(
        site.db,
        replace_pin,
        case_id=case_id,
        identity="Voter card",
        secret=str(site.app.secret_key),
        actor=SYSTEM,
        now=site.clock.at,
    )
    words = words_of(family.get(f"{APPLY}/sent"))
    assert reference in words and pin not in words
    assert "Your PIN has been replaced since" in words


# -- it has arrived --------------------------------------------------------------------------------


def test_an_applicant_says_that_it_has_arrived_and_is_thanked_once(site: Site, family: Visitor) -> None:
    case_id = applied(site, family)
    step = open_step(site.db, case_id, "receipt", StepKind.CONFIRMATION, shows={"letter": "certificate"})
    assert "Has it arrived?" not in words_of(family.get(APPLICATION))  # the letter is not made yet
    a_letter(site, case_id)
    words = words_of(family.get(APPLICATION))
    assert "Has it arrived?" in words
    assert "Please tell us above when you have it" in words
    token = family.token(APPLICATION)
    for _ in range(2):  # a double click
        response = family.client.post(f"/track/received/{step}", data={"csrf_token": token})
        assert response.headers["Location"].endswith("told=received")
    words = words_of(family.get(f"{APPLICATION}?told=received"))
    assert "Thank you" in words
    assert "Has it arrived?" not in words
    with site.db.read() as connection:
        row = connection.execute(select(JournalEntry.result).where(JournalEntry.id == step)).scalar_one()
    assert row["by"] == "citizen"


def test_another_applicant_cannot_say_so(site: Site, family: Visitor) -> None:
    case_id = applied(site, family)
    step = open_step(site.db, case_id, "receipt", StepKind.CONFIRMATION, shows={"letter": "certificate"})
    stranger = site.visitor()
    applied(site, stranger)
    token = stranger.token(APPLICATION)
    assert stranger.client.post(f"/track/received/{step}", data={"csrf_token": token}).status_code == 403


def a_letter(site: Site, case_id: int) -> int:
    """Have a certificate issued, and return the letter's id."""
    write_step(site.db, case_id, "certificate", StepKind.LETTER)
    row = {"template": "birth_registration/certificate", "status": "pending", "language": "en"}
    row |= {"case_id": case_id, "generation": 0, "key": "certificate", "code": "X", "facts": {}, "attempt": 0}
    with site.db.write() as connection:
        statement = insert(Letter).values(row | {"created_at": site.clock.at}).returning(Letter.id)
        letter = int(connection.execute(statement).scalar_one())
    make_letters(site.db, site.settings, site.clock.at)
    return letter


def test_a_download_is_noted_once(site: Site, family: Visitor) -> None:
    letter = a_letter(site, applied(site, family))
    for _ in range(2):
        with family.get(f"/track/letters/{letter}") as pdf:
            assert pdf.mimetype == "application/pdf"
    with site.db.read() as connection:
        assert connection.execute(select(Letter.delivery)).scalar_one() == "downloaded"


def test_a_letter_at_the_counter_says_where_to_collect_it(site: Site, family: Visitor) -> None:
    letter = a_letter(site, applied(site, family))
    with site.db.write() as connection:
        connection.execute(update(Letter).where(Letter.id == letter).values(delivery="ready"))
    assert "It is ready to collect at the Suva office" in words_of(family.get(APPLICATION))


# -- who has it ------------------------------------------------------------------------------------


def test_while_a_hospital_is_asked_the_page_names_it_and_asks_nothing_of_the_family(
    site: Site, family: Visitor
) -> None:
    case_id = applied(site, family)
    named = {"role": "facility-officer", "office": "labasa-hospital"}
    open_step(site.db, case_id, "notification", StepKind.FACILITY, **named)
    words = words_of(family.get(APPLICATION))
    assert "Who has it: Labasa Hospital. You need not do anything." in words
    assert "Suva office" not in words


def test_the_registrar_general_has_no_office(site: Site, family: Visitor) -> None:
    open_task(site.db, applied(site, family), "late-ruling", role="registrar-general")  # type: ignore[arg-type]
    assert "Who has it: the registrar-general." in words_of(family.get(APPLICATION))


def test_what_the_family_does_at_the_counter_is_their_turn_and_nobody_is_late(
    site: Site, family: Visitor
) -> None:
    open_task(site.db, applied(site, family), "late-fee", role="clerk")  # type: ignore[arg-type]
    site.clock.at += timedelta(minutes=30)  # past the time by which the clerk meant to be done
    words = words_of(family.get(APPLICATION))
    assert "Who has it: you. If you need help, ask at the Suva office." in words
    assert "We are late" not in words


def test_a_linked_case_names_the_other_one(site: Site, family: Visitor) -> None:
    case_id, other = applied(site, family), submit_birth(site.db)
    write_step(site.db, case_id, "duplicate-link", StepKind.LINK)
    row = {"case_id": case_id, "generation": 0, "key": "duplicate-link", "kind": "duplicate-of"}
    with site.db.write() as connection:
        connection.execute(
            insert(CaseLink).values(row | {"other_reference": other.reference, "created_at": site.clock.at})
        )
    assert f"The same was applied for in application {other.reference}." in words_of(family.get(APPLICATION))


# -- nothing lost, nothing twice -------------------------------------------------------------------


def test_an_answer_that_comes_after_an_hour_survives_signing_in_again(site: Site, family: Visitor) -> None:
    reference, pin = family.apply()
    family.track(reference, pin)
    with site.db.read() as connection:
        case_id = int(connection.execute(select(Case.id)).scalar_one())
    step = open_question(site.db, case_id)
    answer = f"/track/answer/{step}"
    token = family.token(answer)
    site.clock.at += timedelta(minutes=61)
    response = family.client.post(answer, data={"csrf_token": token, "answer": "The midwife was Ana."})
    assert "Your answer isn’t lost" in words_of(response)
    kept = dict(re.findall(r'name="(kept-\w+)" value="([^"]*)"', response.text))
    (sent_to,) = re.findall(r'<form method="post" action="([^"]+)"', response.text)
    again = family.send(sent_to, {"reference": reference, "pin": pin, **kept}, page="/track")
    assert "The midwife was Ana.</textarea>" in again.text
    assert f'action="{answer}"' in again.text
    assert family.send(answer, {"answer": "The midwife was Ana."}).status_code == 302


def test_an_answer_sent_from_another_session_is_shown_again(site: Site, family: Visitor) -> None:
    step = open_question(site.db, applied(site, family))
    response = family.client.post(f"/track/answer/{step}", data={"csrf_token": "old", "answer": "Ana"})
    assert "Your answer isn’t lost" in words_of(response)
    assert "Ana</textarea>" in response.text


def test_a_double_click_on_an_answer_is_one_answer_and_no_error(site: Site, family: Visitor) -> None:
    answer = f"/track/answer/{open_question(site.db, applied(site, family))}"
    token = family.token(answer)
    for _ in range(2):
        response = family.client.post(answer, data={"csrf_token": token, "answer": "It was Ana."})
        assert response.headers["Location"].endswith("told=answered")


def test_a_double_click_on_withdrawing_says_that_it_is_withdrawn(site: Site, family: Visitor) -> None:
    applied(site, family)
    token = family.token("/track/withdraw")
    for _ in range(2):
        response = family.client.post("/track/withdraw", data={"csrf_token": token})
        assert response.headers["Location"].endswith("told=withdrawn")
