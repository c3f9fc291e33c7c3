"""What an administrator sees: stopped applications, messages of the local mailbox, accounts."""

from __future__ import annotations

from sqlalchemy import insert, select

from cases.models import Case, MailboxItem, Message, Note
from cases.revisions import record_incident
from tests.births import submit_birth
from tests.conftest import NOW
from tests.web.conftest import work
from tests.web.site import Site, Visitor, words_of

INCIDENTS = "/staff/incidents"


def stop(site: Site, cause: str) -> str:
    """Let an application stop with an error; return its reference."""
    submitted = submit_birth(site.db)
    with site.db.write() as connection:
        record_incident(
            connection,
            case_id=submitted.case_id,
            cause=cause,
            summary=f"{cause} in review",
            halt=True,
            now=NOW,
        )
    return submitted.reference


def halted(site: Site) -> dict[str, bool]:
    """Return by reference whether a case is halted."""
    with site.db.read() as connection:
        return {row.reference: row.halted for row in connection.execute(select(Case.reference, Case.halted))}


def test_incidents_of_one_cause_stand_together(site: Site, adi: Visitor) -> None:
    references = [stop(site, "ValueError"), stop(site, "ValueError"), stop(site, "KeyError")]
    words = words_of(adi.get(INCIDENTS))
    assert all(reference in words for reference in references)
    assert words.count("Start all of them again") == 2


def test_an_application_is_started_again_alone(site: Site, adi: Visitor) -> None:
    one, other = stop(site, "ValueError"), stop(site, "ValueError")
    adi.send(f"{INCIDENTS}/retry", {"cause": "ValueError", "case": one}, page=INCIDENTS)
    assert halted(site) == {one: False, other: True}


def test_all_applications_of_a_cause_are_started_again(site: Site, adi: Visitor) -> None:
    one, other, third = stop(site, "ValueError"), stop(site, "ValueError"), stop(site, "KeyError")
    response = adi.send(f"{INCIDENTS}/retry", {"cause": "ValueError"}, page=INCIDENTS)
    assert halted(site) == {one: False, other: False, third: True}
    assert "2 applications are started again" in words_of(adi.get(response.headers["Location"]))


def test_an_officer_is_told_that_processing_has_stopped(site: Site, mere: Visitor) -> None:
    reference = stop(site, "ValueError")
    assert "Processing of this application has stopped" in words_of(mere.get(f"/staff/cases/{reference}"))


def test_the_mailbox_shows_what_was_sent(site: Site, adi: Visitor) -> None:
    assert "The mailbox is empty" in words_of(adi.get("/staff/mailbox"))
    with site.db.write() as connection:
        connection.execute(
            insert(MailboxItem).values(
                message_id=1,
                attempt_id="1",
                recipient="+6799012345",
                subject="A question",
                body="Please look",
                delivered_at=NOW,
            )
        )
    words = words_of(adi.get("/staff/mailbox"))
    assert "A question To +6799012345, 5 May 2026, 9:00 am Please look" in words


def test_a_case_page_shows_messages_and_notes(site: Site, mere: Visitor) -> None:
    submitted = submit_birth(site.db)
    work(site)
    with site.db.write() as connection:
        note = {"case_id": submitted.case_id, "at": NOW, "actor": "citizen", "body": "Came too late"}
        connection.execute(insert(Note).values(note))
        connection.execute(
            insert(Message).values(
                case_id=submitted.case_id,
                generation=0,
                key="question-message",
                template="birth_registration/question",
                language="en",
                facts={},
                recipient="+6799012345",
                status="pending",
                repeatable=True,
                created_at=NOW,
            )
        )
    words = words_of(mere.get(f"/staff/cases/{submitted.reference}"))
    assert "Came too late" in words
    assert "to +6799012345: pending" in words
