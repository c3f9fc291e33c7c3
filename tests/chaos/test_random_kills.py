"""Kills at random moments: a small version of `python -m tests.chaos.kills`, without Prefect and web."""

from __future__ import annotations

import random
from collections.abc import Iterable

import pytest

from tests.chaos.conftest import DATABASES, Runs
from tests.chaos.scene import Running, Scene, until

pytestmark = pytest.mark.chaos

PLANS = ("register", "refuse", "ask+answer+register", "register+reopen+register", "ask+rewind+refuse")
CASES, KILLS = 30, 3
EVENTS_A_CASE = 8  # about; kills are spread over that many


def play(scene: Scene, seed: str) -> None:
    """Kill the worker three times, and one counter each time, somewhere in the midst of thirty cases."""
    chance = random.Random(seed)
    tills = {name: [chance.choice(PLANS) for _ in range(CASES // 2)] for name in ("left", "right")}
    office = scene.office()
    counters = {name: scene.counter(*plans, name=name) for name, plans in tills.items()}
    for moment in sorted(chance.sample(range(5, CASES * EVENTS_A_CASE), KILLS)):
        _until_events(scene, moment, counters.values())
        victim = chance.choice(sorted(counters))
        office.kill()
        counters[victim].kill()
        office = scene.office()
        counters[victim] = scene.counter(*tills[victim], name=victim)
    for counter in counters.values():
        assert counter.end() == 0, scene.logs()
    scene.settle()
    assert scene.faults() == [], scene.logs()


def _until_events(scene: Scene, count: int, counters: Iterable[Running]) -> None:
    """Return when so much has happened, or when no counter has anything more to do."""

    def come() -> bool:
        happened: int = scene.sql("SELECT count(*) AS n FROM events")[0]["n"]
        return happened >= count or not any(counter.is_alive() for counter in counters)

    until(come, scene.logs)


@pytest.mark.parametrize("database", DATABASES)
@pytest.mark.parametrize("what", ["seed 1"])
def test_random_kills_of_worker_and_counters_lose_and_double_nothing(
    what: str, database: str, runs: Runs
) -> None:
    runs[what, database].result()
