"""Several at one thing: two workers, two clerks for one task, a worker that wakes up too late."""

from __future__ import annotations

import signal
import threading

import pytest

from cases.db import Database
from flows.engine import leases
from flows.engine.runtime import load_runtimes
from flows.engine.service_queue import ServiceQueue
from flows.engine.shift import Shift, Standing
from tests.chaos.conftest import DATABASES, NewScene, Runs
from tests.chaos.office import office_of
from tests.chaos.scene import PATIENCE, Running, Scene, until

pytestmark = pytest.mark.chaos

WHOLE = ("ask+answer+register", "register", "refuse")
CUT_OFF = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
)
LONG_AGO = "2020-01-01 00:00:00"


def _end(scene: Scene, *counters: Running) -> None:
    for counter in counters:
        assert counter.end() == 0, scene.logs()
    scene.settle()
    assert scene.faults() == [], scene.logs()


def test_two_workers_and_clerks_who_race_for_each_task_do_everything_once(scene: Scene) -> None:
    scene.office(name="one")
    scene.office(name="two")
    twins = [scene.counter(*WHOLE * 3, name="till", pen=pen) for pen in ("left", "right")]
    _end(scene, *twins)


def test_two_shifts_on_one_queue_do_everything_once(scene: Scene) -> None:
    assert scene.counter(*[""] * 30).end() == 0
    db = Database.connect(scene.url)
    office_of(db, scene.home)  # which makes its code the active one
    runtime = load_runtimes()["birth-registration"]
    threads = [
        threading.Thread(target=_work_slot, args=(db, slot, ServiceQueue(db, runtime, batch=5)))
        for slot in (0, 1)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    db.dispose()
    assert scene.unsettled() == {}
    assert scene.faults() == []
    assert scene.sql("SELECT count(*) AS n FROM journal WHERE kind = 'approval'")[0]["n"] == 30


def _work_slot(db: Database, slot: int, queue: ServiceQueue) -> None:
    request = leases.request(db, queue.name, slot, f"slot#{slot}")
    assert request is not None, "the slot is free"
    lease = leases.take(db, request, holder=f"slot#{slot}", flow_run_id=None)
    assert lease is not None, "the request is ours"
    Shift(db, queue, lease, Standing(reachable=True, linger=0.2), threading.Event()).run()


QUEUES = {"birth-registration", "letters", "messages"}
STOPS = {
    "lease.after-request-commit": "birth-registration",
    "lease.after-hold-commit": "birth-registration",
    "advance.after-commit": "birth-registration",
    "letter.after-claim-commit": "letters",
    "letter.after-store": "letters",
    "message.after-claim-commit": "messages",
    "message.after-send": "messages",
}
"""Where a worker stands still, and the one queue it works: on SQLite a process that stands still while it
writes keeps everybody from writing, so no other thread of it may be at that."""


def play(scene: Scene, failpoint: str) -> None:
    """Let a worker stand still at a failpoint, its lease run out, another take over, and the first wake."""
    queue = STOPS[failpoint]
    scene.office(name="helper", queues=",".join(QUEUES - {queue}))
    sleeper = scene.office(f"{failpoint}:1:stop", name="sleeper", queues=queue)
    counter = scene.counter(*WHOLE)
    until(sleeper.is_stopped, scene.logs)
    scene.sql(f"UPDATE leases SET expires_at = '{LONG_AGO}' WHERE queue = '{queue}'")
    other = scene.office(name="other", queues=queue)
    _end(scene, counter)
    sleeper.signal(signal.SIGCONT)
    assert other.stop() == 0, other.tail()
    _end(scene, scene.counter(*WHOLE, name="later"))
    assert sleeper.stop() == 0, sleeper.tail()


@pytest.mark.parametrize("database", DATABASES)
@pytest.mark.parametrize("what", STOPS)
def test_a_worker_that_stands_still_past_its_lease_does_no_harm_when_it_wakes(
    what: str, database: str, runs: Runs
) -> None:
    runs[what, database].result()


def test_postgresql_cuts_off_a_worker_that_stands_still_inside_a_transaction(new_scene: NewScene) -> None:
    with new_scene("postgresql") as scene:
        sleeper = scene.office("advance.before-commit:2:stop", name="sleeper")
        counter = scene.counter(*WHOLE)
        until(sleeper.is_stopped, scene.logs)
        scene.office(name="other")
        _end(scene, counter)
        sleeper.signal(signal.SIGCONT)
        _end(scene, scene.counter(*WHOLE, name="later"))
        assert sleeper.stop() == 0, sleeper.tail()


def test_connections_that_the_database_cuts_off_cost_nothing_but_time(new_scene: NewScene) -> None:
    with new_scene("postgresql") as scene:
        scene.office()
        counter = scene.counter(*WHOLE * 3)
        for events in range(5, 60, 9):
            until(lambda: scene.sql("SELECT count(*) AS n FROM events")[0]["n"] >= events, scene.logs)  # noqa: B023
            scene.sql(CUT_OFF)
        _end(scene, counter)


# -- without Prefect -------------------------------------------------------------------------------


def test_without_prefect_people_go_on_and_the_work_is_done_when_it_is_back(scene: Scene) -> None:
    db = Database.connect(scene.url)
    office = office_of(db, scene.home)
    thread = threading.Thread(target=office.run, name="office")
    office.prefect.off = True
    thread.start()
    counter = scene.counter(*WHOLE)
    until(lambda: scene.sql("SELECT count(*) AS n FROM cases WHERE ready")[0]["n"] == len(WHOLE), scene.logs)
    assert office.prefect.runs == {}
    office.prefect.off = False
    _end(scene, counter)
    office.stop()
    thread.join(PATIENCE)
    db.dispose()
