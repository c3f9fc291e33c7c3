"""A letter's row, from asked for to issued: who may claim it and who may finish it."""

from __future__ import annotations

from datetime import datetime, timedelta

from cases.case_rows import Done
from cases.db import Database
from cases.letters import (
    IssuedFile,
    LetterWork,
    claim_letters,
    count_claimable,
    fail_letter,
    finish_letter,
    release_letter,
)
from cases.permissions import SYSTEM
from cases.reading import letter_by_code
from cases.revisions import rewind, withdraw
from cases.transaction import carry_out
from cases.vocabulary import LetterVariant
from tests.births import submit_birth
from tests.conftest import NOW
from tests.database.racing import at_once, meanwhile
from tests.database.rows import ask_letter, look

HOLD = timedelta(minutes=5)


def _claim(db: Database, now: datetime = NOW, limit: int = 10) -> list[LetterWork]:
    with db.write() as connection:
        return claim_letters(connection, holder="press", now=now, limit=limit, hold_for=HOLD)


def _finish(db: Database, work: LetterWork, sha256: str = "a" * 64) -> Done | None:
    with db.write() as connection:
        return finish_letter(
            connection, work, files={LetterVariant.PDF: IssuedFile(sha256, 1000, 1)}, now=NOW
        )


def _fail(db: Database, work: LetterWork) -> Done | None:
    with db.write() as connection:
        return fail_letter(connection, work, cause="cause", summary="LetterFailed at x.py:1", now=NOW)


def _claimable(db: Database, now: datetime = NOW) -> int:
    with db.read() as connection:
        return count_claimable(connection, now=now)


def test_a_claimed_letter_tells_what_to_render(db: Database, birth: int) -> None:
    letter = ask_letter(db, birth)
    (work,) = _claim(db)
    assert (work.id, work.case_id, work.attempt) == (letter, birth, 1)
    assert work.template == "birth_registration/certificate"
    assert work.facts == {"child_name": "Losalini"}


def test_a_letter_in_hand_is_not_claimed_again(db: Database, birth: int) -> None:
    ask_letter(db, birth)
    _claim(db)
    assert _claim(db, NOW + HOLD) == []
    assert _claimable(db, NOW + HOLD) == 0


def test_an_abandoned_letter_is_claimed_again_as_another_attempt(db: Database, birth: int) -> None:
    ask_letter(db, birth)
    _claim(db)
    later = NOW + HOLD + timedelta(seconds=1)
    assert _claimable(db, later) == 1
    assert _claim(db, later)[0].attempt == 2


def test_the_oldest_letters_go_first(db: Database) -> None:
    letters = [ask_letter(db, submit_birth(db).case_id) for _ in range(3)]
    assert [work.id for work in _claim(db, limit=2)] == letters[:2]


def test_two_who_claim_at_once_get_different_letters(db: Database) -> None:
    letters = [ask_letter(db, submit_birth(db).case_id) for _ in range(6)]
    claims = at_once(*[lambda: _claim(db, limit=3)] * 3)
    assert sorted(work.id for each in claims for work in each) == letters


def test_a_finished_letter_is_issued_and_in_the_trail(db: Database, birth: int) -> None:
    ask_letter(db, birth)
    (work,) = _claim(db)
    assert _finish(db, work) is not None
    (letter,) = look(db, birth).letters
    assert (letter.status, letter.sha256, letter.issued_at) == ("issued", "a" * 64, NOW)
    assert look(db, birth).events[-1].kind == "letter-issued"


def test_an_attempt_that_was_overtaken_finishes_nothing(db: Database, birth: int) -> None:
    ask_letter(db, birth)
    (slow,) = _claim(db)
    (quick,) = _claim(db, NOW + 2 * HOLD)
    assert _finish(db, slow, "b" * 64) is None
    assert _finish(db, quick) is not None
    assert look(db, birth).letters[0].sha256 == "a" * 64


def test_a_letter_is_finished_once(db: Database, birth: int) -> None:
    ask_letter(db, birth)
    (work,) = _claim(db)
    done = at_once(*[lambda: _finish(db, work)] * 2)
    assert done.count(None) == 1
    assert [event.kind for event in look(db, birth).events].count("letter-issued") == 1


def test_a_letter_cancelled_while_it_was_rendered_is_not_issued(db: Database, birth: int) -> None:
    ask_letter(db, birth)
    (work,) = _claim(db)
    carry_out(db, withdraw, case_id=birth, actor=SYSTEM, now=NOW)
    assert _finish(db, work) is None
    assert _fail(db, work) is None
    assert look(db, birth).letters[0].status == "cancelled"


def test_a_letter_that_waited_for_the_withdrawal_of_its_case_is_not_issued(db: Database, birth: int) -> None:
    ask_letter(db, birth)
    (work,) = _claim(db)
    result = meanwhile(
        db,
        lambda connection: withdraw(connection, case_id=birth, actor=SYSTEM, now=NOW),
        lambda: _finish(db, work),
    )
    assert result is None


def test_a_letter_that_fails_is_an_incident_that_does_not_halt_the_case(db: Database, birth: int) -> None:
    ask_letter(db, birth)
    _fail(db, _claim(db)[0])
    whole = look(db, birth)
    assert (whole.letters[0].status, whole.letters[0].failure) == ("failed", "LetterFailed at x.py:1")
    assert [incident.cause for incident in whole.incidents] == ["cause"]
    assert not whole.case.halted


def test_a_failed_letter_is_not_claimed(db: Database, birth: int) -> None:
    ask_letter(db, birth)
    _fail(db, _claim(db)[0])
    assert _claimable(db, NOW + 2 * HOLD) == 0


def test_a_letter_given_back_can_be_claimed_at_once(db: Database, birth: int) -> None:
    ask_letter(db, birth)
    (work,) = _claim(db)
    with db.write() as connection:
        release_letter(connection, work)
    assert _claim(db)[0].attempt == 2


def test_a_letter_is_found_by_its_code_once_it_is_issued(db: Database, birth: int) -> None:
    ask_letter(db, birth)
    (work,) = _claim(db)
    with db.read() as connection:
        assert letter_by_code(connection, work.code) is None
    _finish(db, work)
    with db.read() as connection:
        found = letter_by_code(connection, work.code)
        assert found is not None
        assert (found.reference, found.office, found.set_aside) == (work.reference, "suva", False)


def test_an_issued_letter_says_when_its_decision_was_taken_back(db: Database, birth: int) -> None:
    ask_letter(db, birth)
    (work,) = _claim(db)
    _finish(db, work)
    carry_out(db, rewind, case_id=birth, to_key="certificate", reason="Typo", actor=SYSTEM, now=NOW)
    with db.read() as connection:
        found = letter_by_code(connection, work.code)
        assert found is not None
        assert (found.status, found.set_aside) == ("issued", True)


def test_an_unknown_code_finds_no_letter(db: Database) -> None:
    with db.read() as connection:
        assert letter_by_code(connection, "NOSUCHCODE") is None
