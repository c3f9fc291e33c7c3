"""Leases: who may work a queue, and what a death leaves behind."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest

from cases.db import Database
from flows.engine import leases
from flows.engine.leases import LeaseLost, Request
from tests.engine.slips import lease_row, let_expire, live_lease


def test_an_idle_lease_is_requested_by_one_of_many_relays(db: Database) -> None:
    with ThreadPoolExecutor(4) as relays:
        asked = list(relays.map(lambda n: leases.request(db, "slips", 0, f"relay-{n}"), range(8)))
    assert [request.epoch for request in asked if request] == [1]


def test_a_requested_lease_goes_live_once(db: Database) -> None:
    asked = leases.request(db, "slips", 0, "suva#1")
    assert asked is not None
    assert leases.take(db, asked, holder="suva#1", flow_run_id="a") is not None
    assert leases.take(db, asked, holder="nadi#2", flow_run_id="b") is None


def test_a_live_lease_is_not_requested_before_its_time_is_out(db: Database) -> None:
    live_lease(db)
    assert leases.request(db, "slips", 0, "nadi#2") is None


def test_an_expired_lease_is_requested_with_the_next_epoch_and_names_the_dead_run(db: Database) -> None:
    live_lease(db, run="run-1")
    let_expire(db)
    assert leases.request(db, "slips", 0, "nadi#2") == Request("slips", 0, 2, dead_run="run-1")


def test_a_request_that_nobody_took_up_expires_too(db: Database) -> None:
    first = leases.request(db, "slips", 0, "suva#1")
    let_expire(db)
    second = leases.request(db, "slips", 0, "nadi#2")
    assert first and second == Request("slips", 0, 2)
    assert leases.take(db, first, holder="suva#1", flow_run_id=None) is None


def test_an_old_holder_writes_nothing_after_a_takeover(db: Database) -> None:
    lease = live_lease(db)
    let_expire(db)
    leases.request(db, "slips", 0, "nadi#2")
    with pytest.raises(LeaseLost), db.write() as connection:
        lease.check(connection)
    for verb in (lease.keep, lease.release, lambda: lease.hold([1]), lambda: lease.acquit(1)):
        with pytest.raises(LeaseLost):
            verb()


def test_a_holder_that_overslept_keeps_a_lease_that_nobody_took(db: Database) -> None:
    lease = live_lease(db)
    let_expire(db)
    lease.keep()
    assert leases.request(db, "slips", 0, "nadi#2") is None


def test_a_takeover_waits_for_the_batch_that_is_being_written(db: Database) -> None:
    lease, checked = live_lease(db), Event()
    let_expire(db)

    def take_over() -> Request | None:
        checked.wait(10)
        return leases.request(db, "slips", 0, "nadi#2")

    with ThreadPoolExecutor(1) as other:
        with db.write() as connection:
            lease.check(connection)
            waiting = other.submit(take_over)
            checked.set()
        assert waiting.result(timeout=20) is None  # the check lengthened the lease


def test_what_was_in_hand_at_a_death_is_under_suspicion(db: Database) -> None:
    live_lease(db).hold([3, 4])
    let_expire(db)
    lease = live_lease(db)
    assert (lease.suspects, lease.deaths) == ([3, 4], {})


def test_a_case_alone_in_hand_at_a_death_is_counted(db: Database) -> None:
    for _ in range(2):
        live_lease(db).hold([3])
        let_expire(db)
    assert live_lease(db).deaths == {"3": 2}


def test_a_batch_that_was_written_is_not_under_suspicion(db: Database) -> None:
    lease = live_lease(db)
    lease.hold([3, 4])
    with db.write() as connection:
        lease.check(connection)
    let_expire(db)
    assert live_lease(db).suspects == []


def test_an_acquitted_case_is_no_longer_under_suspicion(db: Database) -> None:
    live_lease(db).hold([3, 4])
    let_expire(db)
    lease = live_lease(db)
    lease.acquit(3)
    lease.release()
    assert live_lease(db).suspects == [4]


def test_a_lease_knows_what_other_slots_have_in_hand_or_under_suspicion(db: Database) -> None:
    live_lease(db, slot=1).hold([1, 2])
    let_expire(db, slot=1)
    live_lease(db, slot=1).hold([5])
    own = live_lease(db, slot=0)
    own.hold([9])
    with db.read() as connection:
        assert own.elsewhere(connection) == {1, 2, 5}


def test_a_released_lease_is_idle_and_holds_nothing(db: Database) -> None:
    lease = live_lease(db)
    lease.hold([1])
    lease.release()
    row = lease_row(db)
    assert (row.state, row.case_ids) == ("idle", [])


def test_leases_of_a_dead_process_of_this_worker_run_out_at_once(db: Database) -> None:
    live_lease(db, holder="suva#999999999")
    leases.expire_leases_of_dead(db, "suva")
    assert leases.request(db, "slips", 0, "suva#1") is not None


def test_a_lease_under_this_process_number_is_an_earlier_ones_when_a_worker_starts(db: Database) -> None:
    live_lease(db, holder=f"suva#{os.getpid()}")
    leases.expire_leases_of_dead(db, "suva")
    assert leases.request(db, "slips", 0, f"suva#{os.getpid()}") is not None


def test_leases_of_a_process_of_this_worker_that_lives_are_left_alone(db: Database) -> None:
    live_lease(db, holder=f"suva#{os.getppid()}")
    leases.expire_leases_of_dead(db, "suva")
    assert leases.request(db, "slips", 0, "suva#1") is None


def test_leases_of_other_workers_are_left_to_run_out(db: Database) -> None:
    live_lease(db, holder="suva-2#999999999")
    leases.expire_leases_of_dead(db, "suva")
    assert leases.request(db, "slips", 0, "suva#1") is None
