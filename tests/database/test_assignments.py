"""Cases are given to people of a register, never more than each has room for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import HealthCheck, example, settings
from hypothesis import given as examples
from hypothesis import strategies as st

from cases.assignments import PlaceRequest, take_places
from cases.db import Database
from cases.errors import CaseError, Refused
from cases.permissions import SYSTEM
from cases.revisions import reopen, rewind, withdraw
from cases.transaction import carry_out
from flows.engine.advance import advance
from tests.assigning import ANA, JONE, ROOM, applied, assigns, given, load, taken
from tests.conftest import NOW
from tests.database.racing import at_once, meanwhile
from tests.engine.toys import decide_step, journal, look, settle, step


def back(db: Database, verb: Callable[..., Any], case_id: int, key: str) -> None:
    named: dict[str, Any] = {"to_key": key, "reason": "Again.", "actor": SYSTEM, "now": NOW}
    carry_out(db, verb, case_id=case_id, **named)
    settle(db, assigns())


def done(db: Database, case_id: int, key: str = "work", outcome: str = "done") -> None:
    decide_step(db, case_id, key, outcome)
    settle(db, assigns())


# -- taking and ending -----------------------------------------------------------------------------


def test_a_case_takes_a_place_and_the_next_one_is_told_that_there_is_none(db: Database) -> None:
    first = given(db, "one")
    second = given(db, "two")
    assert step(db, first, "taken").result is True
    assert step(db, second, "taken").result is False
    assert look(db, second).case.outcome == "no-room"
    assert load(db) == {ANA: 0, JONE: 1}


def test_officers_are_told_who_there_is_and_how_full_they_are(db: Database) -> None:
    given(db, "one", ANA)
    second = given(db, "two", ANA)
    assert step(db, second, "load").result == [
        {"key": key, "name": key.title(), "areas": ["family"], "division": "Central", "open": has}
        | {"capacity": ROOM[key]}
        for key, has in ((ANA, 1), (JONE, 0))
    ]


def test_a_place_is_free_again_when_the_assignment_ends(db: Database) -> None:
    first = given(db, "one")
    done(db, first)
    assert load(db)[JONE] == 0
    assert step(db, given(db, "two"), "taken").result is True


def test_of_several_cases_in_one_batch_as_many_get_a_place_as_there_are(db: Database) -> None:
    ids = [applied(db, str(number), ANA) for number in range(4)]
    settle(db, assigns())
    assert [step(db, case_id, "taken").result for case_id in ids] == [True, True, False, False]


def test_a_case_that_ends_or_is_withdrawn_has_its_place_no_more(db: Database) -> None:
    first = given(db, "one")
    carry_out(db, withdraw, case_id=first, actor=SYSTEM, now=NOW)
    assert load(db)[JONE] == 0


def test_a_holder_that_the_register_does_not_have_is_an_incident_of_its_case_alone(db: Database) -> None:
    wrong, right = applied(db, "one", "nobody"), applied(db, "two")
    assert settle(db, assigns())["incident"] == 1
    assert look(db, wrong).case.halted
    assert step(db, right, "taken").result is True


# -- going back ------------------------------------------------------------------------------------


def test_a_case_taken_back_to_before_its_assignment_sets_the_place_free_and_takes_it_anew(
    db: Database,
) -> None:
    case_id = given(db, "one")
    back(db, rewind, case_id, "begin")
    assert load(db)[JONE] == 1
    assert journal(db, case_id)["work"] == "open"


def test_a_case_taken_back_to_before_the_end_of_its_assignment_has_its_place_again(db: Database) -> None:
    case_id = given(db, "one")
    done(db, case_id)
    back(db, rewind, case_id, "work")
    assert load(db)[JONE] == 1
    done(db, case_id)
    assert load(db)[JONE] == 0


def test_going_back_is_refused_when_the_place_was_given_to_another_case(db: Database) -> None:
    case_id = given(db, "one")
    done(db, case_id)
    given(db, "two")
    with pytest.raises(Refused, match=f"{JONE} has no room for it any more; go back to before taken"):
        back(db, rewind, case_id, "work")
    assert load(db)[JONE] == 1
    assert journal(db, case_id)["look"] == "open"


def test_a_withdrawn_case_is_opened_again_with_its_place_or_not_at_all(db: Database) -> None:
    case_id = given(db, "one")
    carry_out(db, withdraw, case_id=case_id, actor=SYSTEM, now=NOW)
    other = given(db, "two")
    with pytest.raises(Refused):
        back(db, reopen, case_id, "work")
    assert look(db, case_id).case.status == "closed"
    done(db, other)
    back(db, reopen, case_id, "work")
    assert load(db)[JONE] == 1


# -- never above capacity --------------------------------------------------------------------------


def test_of_two_shifts_at_once_one_gets_the_last_place(db: Database) -> None:
    first, second = applied(db, "one"), applied(db, "two")
    at_once(*(lambda ids=[each]: advance(db, assigns(), ids, now=NOW) for each in (first, second)))
    settle(db, assigns())
    assert sorted(step(db, case_id, "taken").result for case_id in (first, second)) == [False, True]
    assert taken(db) == {JONE: 1}


@pytest.mark.parametrize("commits", [True, False])
def test_who_comes_second_waits_for_the_first_to_take_the_last_place_or_leave_it(
    db: Database, commits: bool
) -> None:
    first, second = applied(db, "one"), applied(db, "two")
    request = PlaceRequest(first, 0, "taken", "lawyers", JONE, 1)
    meanwhile(
        db,
        lambda connection: take_places(connection, [request], now=NOW),
        lambda: advance(db, assigns(), [second], now=NOW),
        commit=commits,
    )
    assert step(db, second, "taken").result is not commits


def test_a_case_that_is_opened_again_while_another_takes_the_last_place_takes_it_or_is_refused(
    db: Database,
) -> None:
    case_id = given(db, "one")
    carry_out(db, withdraw, case_id=case_id, actor=SYSTEM, now=NOW)
    other = applied(db, "two")
    named: dict[str, Any] = {"to_key": "work", "reason": "Again.", "actor": SYSTEM, "now": NOW}
    at_once(
        lambda: carry_out(db, reopen, case_id=case_id, **named),
        lambda: advance(db, assigns(), [other], now=NOW),
    )
    settle(db, assigns())
    assert taken(db) == {JONE: 1}


DEEDS: dict[str, Callable[[Database, int], Any]] = {
    "done": lambda db, case_id: done(db, case_id),
    "end": lambda db, case_id: done(db, case_id, "look", "end"),
    "back to the start": lambda db, case_id: back(db, rewind, case_id, "begin"),
    "back to work": lambda db, case_id: back(db, rewind, case_id, "work"),
    "open again at work": lambda db, case_id: back(db, reopen, case_id, "work"),
    "open again at the start": lambda db, case_id: back(db, reopen, case_id, "begin"),
    "withdraw": lambda db, case_id: carry_out(db, withdraw, case_id=case_id, actor=SYSTEM, now=NOW),
}


OVERTAKEN = [(0, "done"), (1, "open again at the start")]
"""The first case's place is given to the second."""


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@examples(
    deeds=st.lists(st.tuples(st.integers(0, 2), st.sampled_from(sorted(DEEDS))), min_size=4, max_size=14),
    holders=st.sampled_from([[JONE] * 3, [ANA] * 3, [ANA, JONE, JONE]]),
)
@example(deeds=[*OVERTAKEN, (0, "back to work")], holders=[JONE] * 3)
@example(
    deeds=[(0, "withdraw"), OVERTAKEN[1], (0, "open again at work"), (0, "open again at the start")],
    holders=[JONE] * 3,
)
def test_nobody_has_more_cases_than_they_have_room_for_whatever_is_done(
    db: Database, deeds: Sequence[tuple[int, str]], holders: Sequence[str]
) -> None:
    ids = [applied(db, f"{place}", holder) for place, holder in enumerate(holders)]
    settle(db, assigns())
    for place, deed in deeds:
        with suppress(CaseError, StopIteration):
            DEEDS[deed](db, ids[place])
        assert all(count <= ROOM[holder] for holder, count in taken(db).items()), deed
    for case_id in ids:  # so that the next example begins with all places free
        with suppress(CaseError):
            carry_out(db, withdraw, case_id=case_id, actor=SYSTEM, now=NOW)
    assert taken(db) == {}
