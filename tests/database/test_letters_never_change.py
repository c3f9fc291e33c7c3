"""What a letter says is fixed when it is asked for, and its files when it is issued, whatever comes after."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, select

from cases.db import Database
from cases.errors import CaseError
from cases.handing_over import hand_over, mark_posted, mark_printed, note_download
from cases.letters import IssuedFile, claim_letters, fail_letter, files_of, finish_letter, release_letter
from cases.models import Letter
from cases.permissions import SYSTEM, Actor
from cases.revisions import reopen, retry, rewind, withdraw
from cases.transaction import carry_out
from cases.vocabulary import LetterStatus, LetterVariant, Role
from tests.births import submit_birth
from tests.conftest import NOW
from tests.database.rows import ask_letter, look

CLERK = Actor("litia", role=Role.CLERK, office="suva", full_name="Litia Vuki")
SETTLED = ("case_id", "generation", "key", "template", "language", "facts", "code", "created_at")
ISSUED = ("sha256", "size", "pages", "issued_at")
Verb = Callable[[Database, int, int], object]


def newest_letter(db: Database) -> int:
    with db.read() as connection:
        return connection.execute(select(Letter.id).order_by(Letter.id.desc())).scalars().first() or 0


def ask(db: Database, case: int, turn: int) -> None:
    """As an advance does, which asks for a letter once a generation."""
    generation = look(db, case).case.generation
    if not any(letter.generation == generation for letter in look(db, case).letters):
        ask_letter(db, case, code=f"{case}-{turn}", facts={"child_name": f"Losalini {turn}"})


def press(db: Database, turn: int, then: Callable[[Connection, Any], object]) -> None:
    """Claim what waits, and do something with it, twice: the second time comes too late."""
    with db.write() as connection:
        claimed = claim_letters(
            connection, holder="press", now=later(turn), limit=9, hold_for=timedelta(minutes=1)
        )
        for work in [*claimed, *claimed]:
            then(connection, work)


def issue(db: Database, case: int, turn: int) -> None:
    files = {
        variant: IssuedFile(sha256(f"{variant} {turn}".encode()).hexdigest(), turn, 1)
        for variant in LetterVariant
    }
    press(db, turn, lambda connection, work: finish_letter(connection, work, files=files, now=later(turn)))


def fail(db: Database, case: int, turn: int) -> None:
    press(
        db,
        turn,
        lambda connection, work: fail_letter(connection, work, cause="x", summary="x", now=later(turn)),
    )


def later(turn: int) -> datetime:
    return NOW + timedelta(hours=turn)


def of_case(verb: Callable[..., Any], **named: Any) -> Verb:
    return lambda db, case, turn: carry_out(
        db, verb, case_id=case, now=later(turn), **{"actor": SYSTEM, **named}
    )


def of_letter(verb: Callable[..., Any], **named: Any) -> Verb:
    return lambda db, case, turn: carry_out(
        db, verb, letter_id=newest_letter(db), actor=CLERK, now=later(turn), **named
    )


def download(db: Database, case: int, turn: int) -> None:
    with db.write() as connection:
        note_download(connection, letter_id=newest_letter(db), actor=Actor.citizen(case), now=later(turn))


VERBS: Mapping[str, Verb] = {
    "ask": ask,
    "issue": issue,
    "fail": fail,
    "give back": lambda db, case, turn: press(db, turn, release_letter),
    "rewind": of_case(rewind, to_key="certificate", reason="Typo"),
    "re-open": of_case(reopen, to_key="certificate", reason="Appeal"),
    "withdraw": of_case(withdraw),
    "retry": of_case(retry),
    "print": of_letter(mark_printed),
    "post": of_letter(mark_posted, to="PO Box 1, Suva"),
    "hand over": of_letter(hand_over, to="Ana, voter card"),
    "download": download,
}


def settled(db: Database, case: int) -> dict[int, dict[str, Any]]:
    """What may never change of each letter, by its id."""
    found: dict[int, dict[str, Any]] = {}
    for letter in look(db, case).letters:
        of_it: Sequence[str] = SETTLED if letter.issued_at is None else SETTLED + ISSUED
        found[letter.id] = {name: getattr(letter, name) for name in of_it}
        with db.read() as connection:
            found[letter.id] |= {"files": files_of(connection, letter.id)} if letter.issued_at else {}
    return found


def statuses(db: Database, case: int) -> list[str]:
    return [letter.status for letter in look(db, case).letters]


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(verbs=st.lists(st.sampled_from(sorted(VERBS)), min_size=4, max_size=12))
def test_whatever_is_done_no_letter_changes_and_none_goes_away(db: Database, verbs: list[str]) -> None:
    case = submit_birth(db).case_id
    before: dict[int, dict[str, Any]] = {}
    for turn, verb in enumerate(["ask", "issue", *verbs], start=1):
        with suppress(CaseError):  # not possible now
            VERBS[verb](db, case, turn)
        now = settled(db, case)
        for number, said in before.items():
            assert now[number] | said == now[number], verb
        assert statuses(db, case).count(LetterStatus.ISSUED) <= 1, "one letter stands"
        before = now


def test_a_correction_is_a_new_letter_with_facts_and_files_of_its_own(db: Database) -> None:
    case = submit_birth(db).case_id
    for turn, verb in enumerate(["ask", "issue", "rewind", "ask", "issue"], start=1):
        VERBS[verb](db, case, turn)
    first, second = look(db, case).letters
    assert (first.status, second.status) == (LetterStatus.SUPERSEDED, LetterStatus.ISSUED)
    assert first.superseded_by == second.id
    assert (first.facts, second.facts) == ({"child_name": "Losalini 1"}, {"child_name": "Losalini 4"})
    assert first.code != second.code and first.sha256 != second.sha256


@pytest.mark.parametrize("then", ["retry", "give back"])
def test_a_letter_made_later_says_what_was_settled_when_it_was_asked_for(db: Database, then: str) -> None:
    case = submit_birth(db).case_id
    for turn, verb in enumerate(["ask", "fail" if then == "retry" else "give back", then, "issue"], start=1):
        VERBS[verb](db, case, turn)
    [letter] = look(db, case).letters
    assert (letter.status, letter.facts) == (LetterStatus.ISSUED, {"child_name": "Losalini 1"})
