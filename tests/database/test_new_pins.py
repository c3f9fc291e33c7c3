"""A lost PIN is replaced: at a counter against an identity check, or by a message to an address given."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from cases.actions import submit
from cases.audit import verify
from cases.db import Database
from cases.errors import NotAllowed, ReasonMissing
from cases.messages import claim_messages, finish_message
from cases.people import FREE_TRIES, case_for_pin, check_tries, count_wrong_try, pin_digest, try_key
from cases.permissions import SYSTEM, Actor
from cases.pins import NOT_AGAIN_FOR, PinReplaced, replace_pin, send_new_pin
from cases.revisions import rewind
from cases.transaction import carry_out
from flows.platform.messages import compose
from tests.births import application
from tests.conftest import NOW
from tests.database.rows import look, open_task

SECRET = "the installation's secret"
PHONE = "+6799012345"


@pytest.fixture
def birth(db: Database) -> int:
    """The id of a birth whose PIN is 123456."""
    plain = application()
    whole = replace(plain, pin_digest=pin_digest(SECRET, plain.reference, "123456"))
    return carry_out(db, submit, whole, actor=SYSTEM, now=NOW).case_id


def _at_counter(db: Database, case_id: int, actor: Actor, identity: str = "Voter card 77") -> PinReplaced:
    named = {"case_id": case_id, "identity": identity, "secret": SECRET, "actor": actor, "now": NOW}
    return carry_out(db, replace_pin, **named)


def _by_message(db: Database, case_id: int, to: str = PHONE, after: timedelta = timedelta(0)) -> str | None:
    with db.write() as connection:
        done = send_new_pin(
            connection, case_id=case_id, to=to, facts={}, secret=SECRET, actor=SYSTEM, now=NOW + after
        )
    return done.pin if done else None


def _opens(db: Database, case_id: int, pin: str) -> bool:
    with db.read() as connection:
        reference = look(db, case_id).case.reference
        return case_for_pin(connection, secret=SECRET, reference=reference, pin=pin) == case_id


def test_a_new_pin_opens_the_case_and_the_old_one_stops_at_once(
    db: Database, birth: int, registrar: Actor
) -> None:
    done = _at_counter(db, birth, registrar)
    assert _opens(db, birth, done.pin)
    assert not _opens(db, birth, "123456")


def test_the_trail_says_who_replaced_it_and_hides_what_was_shown(
    db: Database, birth: int, registrar: Actor
) -> None:
    done = _at_counter(db, birth, registrar, "Passport F123")
    event = look(db, birth).events[-1]
    assert event.kind == "pin-replaced"
    assert "mere" in event.body and "counter" in event.body
    assert "F123" not in event.body and done.pin not in event.body
    with db.read() as connection:
        assert list(verify(connection)) == [1]


@pytest.mark.parametrize("who", ["distant_registrar", "administrator", "stranger"])
def test_only_officers_of_the_counter_replace_one(
    db: Database, birth: int, who: str, request: pytest.FixtureRequest
) -> None:
    with pytest.raises(NotAllowed):
        _at_counter(db, birth, request.getfixturevalue(who))
    assert _opens(db, birth, "123456")


def test_somebody_who_shows_nothing_gets_no_new_pin(db: Database, birth: int, registrar: Actor) -> None:
    with pytest.raises(ReasonMissing):
        _at_counter(db, birth, registrar, "  ")


def test_the_message_says_the_pin_that_opens_the_case_and_its_row_does_not(db: Database, birth: int) -> None:
    pin = _by_message(db, birth)
    assert pin and _opens(db, birth, pin)
    (message,) = look(db, birth).messages
    assert message.recipient == PHONE
    assert pin not in str(message.facts)
    text = compose(message.template, message.facts, "en", "https://x.example/track", SECRET)
    assert f"is {pin}." in text.body and len(text.body) < 480


def test_a_pin_goes_only_to_an_address_of_the_application(db: Database, birth: int) -> None:
    with pytest.raises(NotAllowed):
        _by_message(db, birth, "+6799999999")
    assert look(db, birth).messages == []


def test_two_asked_for_in_one_moment_are_one_and_a_later_one_is_another(db: Database, birth: int) -> None:
    first = _by_message(db, birth)
    assert _by_message(db, birth, after=timedelta(seconds=5)) is None
    third = _by_message(db, birth, after=NOT_AGAIN_FOR)
    assert third and not _opens(db, birth, first or "") and _opens(db, birth, third)
    assert [message.key for message in look(db, birth).messages] == ["new-pin", "new-pin#2"]


def test_wrong_tries_with_the_old_pin_do_not_keep_the_new_one_out(
    db: Database, birth: int, registrar: Actor
) -> None:
    key = try_key("pin", look(db, birth).case.reference)
    for _ in range(FREE_TRIES):
        with db.write() as connection:
            count_wrong_try(connection, key, now=NOW)
    _at_counter(db, birth, registrar)
    with db.read() as connection:
        check_tries(connection, key, now=NOW)


def test_a_message_that_no_step_asked_for_is_tried_again_and_survives_a_rewind(
    db: Database, birth: int, supervisor: Actor
) -> None:
    _by_message(db, birth)
    with db.write() as connection:
        (work,) = claim_messages(connection, now=NOW, limit=5)
        finish_message(connection, work, failure="no signal", now=NOW)
    open_task(db, birth)
    carry_out(db, rewind, case_id=birth, to_key="review", reason="Typo", actor=supervisor, now=NOW)
    assert look(db, birth).messages[0].status == "pending"
