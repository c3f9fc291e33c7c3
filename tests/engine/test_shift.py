"""Shifts: what they work, when they end, and that nothing is done twice."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Event, Thread

import pytest
from sqlalchemy.exc import OperationalError

from cases.db import Database
from flows.engine import leases
from flows.engine.leases import LeaseHandle
from flows.engine.shift import ERRORS_IN_A_ROW, Bells, End, Shift, Standing
from tests.engine.slips import Slips, lease_row, let_expire, live_lease


def brief() -> Standing:
    """Return the standing of a worker whose shifts end soon after nothing is left."""
    return Standing(reachable=True, linger=0.2)


def a_shift(
    db: Database, slips: Slips, standing: Standing | None = None, *, lease: LeaseHandle | None = None
) -> Shift:
    """Return a shift of the slips on a live lease, with a bell that rings all the time."""
    bell = Event()
    bell.set()
    return Shift(db, slips, lease or live_lease(db), standing or brief(), bell, "run-1")


def test_a_shift_works_until_nothing_is_left_and_gives_its_lease_back(db: Database) -> None:
    slips = Slips(db, 12)
    shift = a_shift(db, slips)
    assert shift.run() is End.IDLE
    assert slips.done() == dict.fromkeys(range(1, 13), 1)
    assert (shift.report.done, shift.report.counts["slips"]) == (12, 12)
    assert lease_row(db).state == "idle"


@pytest.mark.parametrize(
    ("standing", "end"),
    [
        (Standing(reachable=True, paused=frozenset({"slips"})), End.PAUSED),
        (Standing(reachable=True, cancelled=frozenset({"run-1"})), End.CANCELLED),
        (Standing(reachable=True, longest=-1.0), End.TIME),
    ],
)
def test_a_shift_that_is_called_off_begins_no_batch(
    sqlite_db: Database, standing: Standing, end: End
) -> None:
    slips = Slips(sqlite_db, 5)
    assert a_shift(sqlite_db, slips, standing).run() is end
    assert slips.done() == {}
    assert lease_row(sqlite_db).state == "idle"


def test_a_pause_during_a_batch_ends_the_shift_after_it(sqlite_db: Database) -> None:
    slips, standing = Slips(sqlite_db, 20), Standing(reachable=True)
    slips.during = lambda ids: setattr(standing, "paused", frozenset({"slips"}))
    assert a_shift(sqlite_db, slips, standing).run() is End.PAUSED
    assert sorted(slips.done()) == [1, 2, 3, 4, 5]


def test_a_worker_that_is_told_to_stop_finishes_its_batch(sqlite_db: Database) -> None:
    slips, standing = Slips(sqlite_db, 20), Standing()
    slips.during = lambda ids: standing.stopping.set()
    assert a_shift(sqlite_db, slips, standing).run() is End.STOPPING
    assert sorted(slips.done()) == [1, 2, 3, 4, 5]
    assert lease_row(sqlite_db).state == "idle"


def test_code_that_is_no_longer_active_claims_nothing_more(sqlite_db: Database) -> None:
    slips = Slips(sqlite_db, 20)
    slips.during = lambda ids: setattr(slips, "active", False)
    assert a_shift(sqlite_db, slips).run() is End.OLD_CODE
    assert len(slips.done()) == 5


def test_while_prefect_is_away_a_shift_stays_on(sqlite_db: Database) -> None:
    slips, standing = Slips(sqlite_db, 20), Standing(reachable=False, longest=-1.0, linger=-1.0)
    slips.during = lambda ids: setattr(standing, "reachable", 20 in ids)
    assert a_shift(sqlite_db, slips, standing).run() is End.TIME
    assert len(slips.done()) == 20


def test_the_bell_wakes_a_lingering_shift(sqlite_db: Database) -> None:
    slips, standing, bells = Slips(sqlite_db), Standing(), Bells(["slips"])
    shift = Shift(sqlite_db, slips, live_lease(sqlite_db), standing, bells.of["slips"])
    slips.during = lambda ids: standing.stopping.set()
    thread = Thread(target=shift.run)
    thread.start()
    slips.todo.append(1)
    bells.ring("slips")
    thread.join(timeout=20)
    assert slips.done() == {1: 1}


def test_a_database_error_costs_nothing_but_time(db: Database) -> None:
    slips, failures = Slips(db, 5), iter(["once", "twice"])

    def fail_twice(ids: list[int]) -> None:
        if next(failures, None):
            raise OperationalError("the connection was lost", None, Exception())

    slips.during = fail_twice
    shift = a_shift(db, slips, Standing(reachable=True, linger=1.0))
    assert shift.run() is End.IDLE
    assert slips.done() == dict.fromkeys(range(1, 6), 1)
    assert shift.report.counts["error OperationalError"] == 2


def test_too_many_errors_in_a_row_leave_the_lease_to_run_out(sqlite_db: Database) -> None:
    slips = Slips(sqlite_db, 5)

    def fail(ids: list[int]) -> None:
        raise ValueError("always")

    slips.during = fail
    shift = a_shift(sqlite_db, slips)
    shift.errors = ERRORS_IN_A_ROW - 1
    assert shift.run() is End.ERRORS
    assert (lease_row(sqlite_db).state, lease_row(sqlite_db).case_ids) == ("live", [1, 2, 3, 4, 5])


def test_what_was_in_hand_at_a_death_is_run_alone_first(db: Database) -> None:
    slips = Slips(db, 7)
    live_lease(db).hold([2, 3])
    let_expire(db)
    a_shift(db, slips).run()
    assert slips.alone == [2, 3]
    assert slips.done() == dict.fromkeys(range(1, 8), 1)


def test_a_case_alone_at_two_deaths_is_given_up_and_the_others_go_on(db: Database) -> None:
    slips = Slips(db, 3)
    live_lease(db).hold([1, 2])
    for _ in range(2):
        let_expire(db)
        live_lease(db).hold([2])  # the shift dies with only this one in hand
    let_expire(db)
    a_shift(db, slips).run()
    assert (slips.given_up, slips.alone) == ([2], [1])
    assert slips.done() == {1: 1, 3: 1}


def test_a_shift_that_was_paused_and_revived_writes_nothing(db: Database) -> None:
    slips, revived = Slips(db, 5), Slips(db, 5)

    def stand_still(ids: list[int]) -> None:
        let_expire(db)
        a_shift(db, slips).run()  # another takes over and does it

    revived.during = stand_still
    shift = a_shift(db, revived)
    assert shift.run() is End.LOST
    assert slips.done() == dict.fromkeys(range(1, 6), 1)
    assert lease_row(db).state == "idle"


def test_two_shifts_leave_nothing_undone(db: Database) -> None:
    first, second = Slips(db, 60), Slips(db, 60)
    shifts = [
        a_shift(db, slips, Standing(reachable=True, linger=0.5), lease=live_lease(db, slot=slot))
        for slot, slips in enumerate((first, second))
    ]
    with ThreadPoolExecutor(2) as workers:
        ends = list(workers.map(Shift.run, shifts))
    assert ends == [End.IDLE, End.IDLE]
    assert set(first.done()) == set(range(1, 61))


def test_a_lingering_shift_keeps_its_lease(sqlite_db: Database) -> None:
    slips, standing = Slips(sqlite_db), Standing(reachable=True, linger=0.3)
    shift = a_shift(sqlite_db, slips, standing)
    shift.kept -= leases.LIVE_FOR.total_seconds()
    let_expire(sqlite_db)
    assert shift.run() is End.IDLE
    assert lease_row(sqlite_db).expires_at is not None
    with sqlite_db.read() as connection:
        assert not leases.has_expired(lease_row(sqlite_db), sqlite_db.now(connection))
