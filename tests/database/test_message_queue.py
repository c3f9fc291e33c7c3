"""Messages composed, handed to a gateway, and noted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from jinja2 import UndefinedError
from sqlalchemy import func, select

from cases.db import Database
from cases.messages import MessageWork
from cases.models import MailboxItem
from config.errors import ConfigError
from flows.engine.leases import LeaseHandle, LeaseLost, request, take
from flows.engine.queues import BatchReport
from flows.platform.gateways import Apprise, Gateway, GatewayRefused, Mailbox, Text
from flows.platform.messages import MessageQueue, compose
from tests.births import submit_birth
from tests.database.rows import ask_message, look

TRACK = "https://births.example.org/track"
FACTS = {"reference": "BR-7K3-F9M-2QX", "office_name": "Suva", "demo": False, "number": "2026/SUV/000001"}


class Told:
    """A gateway that remembers what it was given, and does what the test says with each."""

    def __init__(self, does: Callable[[MessageWork], None] = lambda work: None) -> None:
        self.does = does
        self.given: list[tuple[str, Text]] = []

    def send(self, work: MessageWork, text: Text) -> None:
        """Remember the message, then do what the test says."""
        self.given.append((work.recipient, text))
        self.does(work)


def _lease(db: Database, slot: int = 0) -> LeaseHandle:
    asked = request(db, "messages", slot, "test")
    assert asked is not None
    lease = take(db, asked, holder="test", flow_run_id=None)
    assert lease is not None
    return lease


def _work(db: Database, gateway: Gateway, slot: int = 0) -> BatchReport:
    return MessageQueue(db, gateway, TRACK).work_once(_lease(db, slot))


def _ask(db: Database, **columns: object) -> int:
    case_id = submit_birth(db).case_id
    ask_message(db, case_id, template="birth_registration/certificate", **{"facts": FACTS, **columns})
    return case_id


def _message(db: Database, case_id: int) -> Any:
    (message,) = look(db, case_id).messages
    return message


def _refuse(_work: MessageWork) -> None:
    raise GatewayRefused("the gateway refused the message")


@pytest.mark.parametrize("language", ["en", "fj", "hif"])
@pytest.mark.parametrize(
    "template", ["certificate", "duplicate", "fee", "question", "receipt_reminder", "refusal"]
)
def test_each_message_has_a_subject_and_a_body_in_each_language(template: str, language: str) -> None:
    text = compose(f"birth_registration/{template}", FACTS, language, TRACK)
    assert text.subject and FACTS["reference"] in text.body and TRACK in text.body
    assert len(text.body) < 480  # three short messages of a telephone


def test_a_message_with_a_fact_missing_is_not_composed() -> None:
    with pytest.raises(UndefinedError):
        compose("birth_registration/certificate", {}, "en", TRACK)


def test_a_message_is_sent_and_noted(db: Database) -> None:
    case_id, gateway = _ask(db), Told()
    report = _work(db, gateway)
    ((recipient, text),) = gateway.given
    assert (recipient, FACTS["reference"] in text.body) == ("+6799012345", True)
    assert _message(db, case_id).status == "sent"
    assert (report.done, report.counts, report.more) == (1, {"sent": 1}, True)


def test_a_queue_without_messages_does_nothing(db: Database) -> None:
    report = _work(db, Told())
    assert (report.done, report.more) == (0, False)


def test_what_is_being_sent_is_committed_before_the_gateway_is_called(db: Database) -> None:
    case_id = _ask(db)
    seen = []
    _work(db, Told(lambda work: seen.append(_message(db, case_id).status)))
    assert seen == ["sending"]


def test_a_refused_message_rests_and_the_others_are_sent(db: Database) -> None:
    refused, sent = _ask(db, recipient="+6790000000"), _ask(db)
    report = _work(db, Told(lambda work: _refuse(work) if work.recipient == "+6790000000" else None))
    assert (_message(db, refused).status, _message(db, refused).held_until is None) == ("pending", False)
    assert _message(db, sent).status == "sent"
    assert report.counts == {"sent": 1, "failed": 1}


def test_a_message_that_cannot_be_composed_fails_without_its_facts(db: Database) -> None:
    case_id = _ask(db, facts={"child_name": "Losalini"})
    gateway = Told()
    _work(db, gateway)
    assert (gateway.given, _message(db, case_id).failure) == ([], "UndefinedError")


def test_a_gateway_that_raises_leaves_its_message_unknown_and_the_others_are_sent(db: Database) -> None:
    def stumble(work: MessageWork) -> None:
        if work.case_id == first:
            raise ConnectionResetError("+6799012345")

    first, second = _ask(db, repeatable=False), _ask(db, repeatable=False)
    report = _work(db, Told(stumble))
    assert (_message(db, first).status, _message(db, second).status) == ("sending", "sent")
    assert report.counts == {"sent": 1, "unknown": 1}


def test_a_shift_whose_lease_was_taken_over_sends_nothing(db: Database) -> None:
    case_id, gateway, lease = _ask(db), Told(), _lease(db)
    lease.release()
    with pytest.raises(LeaseLost):
        MessageQueue(db, gateway, TRACK).work_once(lease)
    assert (gateway.given, _message(db, case_id).status) == ([], "pending")


def test_the_backlog_counts_no_further_than_asked(db: Database) -> None:
    for _ in range(3):
        _ask(db)
    with db.read() as connection:
        queue = MessageQueue(db, Told(), TRACK)
        assert (queue.backlog(connection, 10), queue.backlog(connection, 2)) == (3, 2)


def test_the_mailbox_keeps_each_delivery(db: Database) -> None:
    _ask(db)
    _work(db, Mailbox(db))
    with db.read() as connection:
        item = connection.execute(select(MailboxItem.__table__)).one()
        assert connection.execute(select(func.count(MailboxItem.id))).scalar_one() == 1
    assert (item.recipient, FACTS["reference"] in item.body) == ("+6799012345", True)


def test_an_apprise_address_without_a_place_for_the_recipient_is_refused() -> None:
    with pytest.raises(ConfigError, match="S2F_MESSAGES_URL"):
        Apprise("mailto://user:password@example.org")


@pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")  # Apprise imports it
def test_an_apprise_address_that_cannot_be_used_refuses_the_message() -> None:
    work = MessageWork(1, 1, "BR-1", "s", "a", 1, "t", "en", {}, "+6799012345")
    with pytest.raises(GatewayRefused, match="can't be used"):
        Apprise("no-such-service://{recipient}").send(work, Text("s", "b"))
