"""A message's row, on its way to a gateway that can't be asked whether it already has it."""

from __future__ import annotations

from datetime import datetime, timedelta

from cases.case_rows import Done
from cases.db import Database
from cases.messages import (
    HOLD_FOR,
    MAX_ATTEMPTS,
    MessageWork,
    claim_messages,
    count_claimable,
    finish_message,
    recover_abandoned,
)
from tests.births import submit_birth
from tests.conftest import NOW
from tests.database.racing import at_once
from tests.database.rows import ask_message, look

CRASHED = NOW + HOLD_FOR + timedelta(seconds=1)


def _claim(db: Database, now: datetime = NOW, limit: int = 10) -> list[MessageWork]:
    with db.write() as connection:
        return claim_messages(connection, now=now, limit=limit)


def _finish(
    db: Database, work: MessageWork, *, failure: str | None = None, now: datetime = NOW
) -> Done | None:
    with db.write() as connection:
        return finish_message(connection, work, failure=failure, now=now)


def _recover(db: Database, now: datetime = CRASHED) -> int:
    with db.write() as connection:
        return recover_abandoned(connection, now=now)


def _claimable(db: Database, now: datetime) -> int:
    with db.read() as connection:
        return count_claimable(connection, now=now)


def test_a_claimed_message_is_marked_as_sending_under_an_attempt(db: Database, birth: int) -> None:
    ask_message(db, birth)
    (work,) = _claim(db)
    (message,) = look(db, birth).messages
    assert (message.status, message.attempt, message.attempt_id) == ("sending", 1, work.attempt_id)
    assert work.recipient == "+6799012345"


def test_a_message_in_hand_is_not_claimed_again(db: Database, birth: int) -> None:
    ask_message(db, birth)
    _claim(db)
    assert _claim(db, CRASHED) == []


def test_two_who_claim_at_once_get_different_messages(db: Database) -> None:
    messages = [ask_message(db, submit_birth(db).case_id) for _ in range(6)]
    claims = at_once(*[lambda: _claim(db, limit=3)] * 3)
    assert sorted(work.id for each in claims for work in each) == messages


def test_a_sent_message_is_in_the_trail_under_its_attempt(db: Database, birth: int) -> None:
    ask_message(db, birth)
    (work,) = _claim(db)
    _finish(db, work)
    whole = look(db, birth)
    assert (whole.messages[0].status, whole.messages[0].sent_at) == ("sent", NOW)
    assert whole.events[-1].kind == "message-sent"
    assert work.attempt_id in whole.events[-1].body


def test_a_message_is_finished_once(db: Database, birth: int) -> None:
    ask_message(db, birth)
    (work,) = _claim(db)
    assert at_once(*[lambda: _finish(db, work)] * 2).count(None) == 1


def test_a_message_that_failed_rests_before_it_is_tried_again(db: Database, birth: int) -> None:
    ask_message(db, birth)
    _finish(db, _claim(db)[0], failure="no signal")
    assert look(db, birth).messages[0].failure == "no signal"
    assert _claim(db, NOW + timedelta(seconds=119)) == []
    assert _claim(db, NOW + timedelta(seconds=120))[0].attempt == 2


def test_each_failure_makes_the_rest_longer_until_the_last_one_ends_it(db: Database, birth: int) -> None:
    ask_message(db, birth)
    now, rests = NOW, []
    for _ in range(MAX_ATTEMPTS):
        _finish(db, _claim(db, now)[0], failure="no signal", now=now)
        message = look(db, birth).messages[0]
        if message.held_until is not None:
            rests.append((message.held_until - now).total_seconds() / 60)
            now = message.held_until
    assert (rests, message.status) == ([2, 4, 8, 16], "failed")


def test_a_repeatable_message_found_in_sending_after_a_crash_is_sent_again_and_that_is_told(
    db: Database, birth: int
) -> None:
    ask_message(db, birth)
    _claim(db)
    assert _claimable(db, CRASHED) == 1
    assert _recover(db) == 1
    assert _claim(db, CRASHED)[0].attempt == 2
    event = look(db, birth).events[-1]
    assert (event.kind, '"repeated":true' in event.body) == ("message-unknown", True)


def test_a_message_that_must_not_be_repeated_stays_unknown(db: Database, birth: int) -> None:
    ask_message(db, birth, repeatable=False)
    _claim(db)
    _recover(db)
    assert look(db, birth).messages[0].status == "unknown"
    assert (_claim(db, CRASHED), _claimable(db, CRASHED)) == ([], 0)


def test_a_message_that_crashes_whoever_sends_it_is_given_up(db: Database, birth: int) -> None:
    ask_message(db, birth, attempt=MAX_ATTEMPTS - 1)
    _claim(db)
    _recover(db)
    assert look(db, birth).messages[0].status == "unknown"


def test_a_message_that_is_still_being_sent_is_not_recovered(db: Database, birth: int) -> None:
    ask_message(db, birth)
    _claim(db)
    assert _recover(db, NOW + HOLD_FOR) == 0


def test_a_crash_is_recovered_once(db: Database, birth: int) -> None:
    ask_message(db, birth)
    _claim(db)
    assert sorted(at_once(*[lambda: _recover(db)] * 2)) == [0, 1]


def test_a_sender_that_was_only_slow_may_still_say_that_it_was_sent(db: Database, birth: int) -> None:
    ask_message(db, birth, repeatable=False)
    (work,) = _claim(db)
    _recover(db)
    assert _finish(db, work) is not None
    assert look(db, birth).messages[0].status == "sent"


def test_a_sender_that_was_overtaken_by_another_attempt_says_nothing(db: Database, birth: int) -> None:
    ask_message(db, birth)
    (slow,) = _claim(db)
    _recover(db)
    _claim(db, CRASHED)
    assert _finish(db, slow) is None
