"""Submissions, advances and decisions in process, in turns with the limit: rounds of all, and medians.

The machine may be busy with other things, so every round measures the product and the limit one right
after the other, changes their order from round to round, and the ratio is the median of the rounds'.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from statistics import median
from typing import Any

from benchmarks import jobs
from benchmarks.clients import Job, Team, Timing
from benchmarks.limit import core_decision, core_submission
from benchmarks.shifts import OneShift
from cases.db import Database


@dataclass(frozen=True, slots=True)
class Duel:
    """The same work by the product and by the limit, in one round."""

    product: Timing
    limit: Timing


@dataclass(frozen=True, slots=True)
class Round:
    """What one round measured. Advances as (cases, wall seconds, CPU seconds)."""

    submissions: Duel
    to_first_approval: tuple[int, float, float]
    decisions: Duel
    after_decision: tuple[int, float, float]


def rounds(db: Database, team: Team, shift: OneShift, *, cases: int, count: int, first: int) -> list[Round]:
    """Do `count` rounds, each with `cases` by the product and as many by the limit.

    first: number of the first application, so that several calls make different ones.
    """
    return [
        _round(db, team, shift, cases=cases, number=number, first=first + number * 2 * cases)
        for number in range(count)
    ]


def _round(db: Database, team: Team, shift: OneShift, *, cases: int, number: int, first: int) -> Round:
    now = datetime.now(UTC)
    ours = jobs.applications(cases, first)
    theirs = [core_submission(item, now) for item in jobs.applications(cases, first + cases)]
    submissions = _duel(team, number, (jobs.submit_by_verb, ours), (jobs.submit_limit, theirs))
    to_first_approval = shift.work_all()
    tasks = list(jobs.open_tasks(db))
    random.Random(number).shuffle(tasks)
    mine = [jobs.Decision(task.step_id, jobs.REGISTER, task.digest) for task in tasks[:cases]]
    others = [core_decision(task, jobs.REGISTER, now) for task in tasks[cases:]]
    decisions = _duel(team, number, (jobs.decide_by_verb, mine), (jobs.decide_limit, others))
    return Round(submissions, to_first_approval, decisions, shift.work_all())


def _duel(team: Team, number: int, product: tuple[Job, Any], limit: tuple[Job, Any]) -> Duel:
    if number % 2:
        first = team.run(*limit)
        return Duel(team.run(*product), first)
    first = team.run(*product)
    return Duel(first, team.run(*limit))


def summary(done: Sequence[Round]) -> dict[str, Any]:
    """Return the medians of the rounds."""
    return {
        "submissions": _duels(done, lambda one: one.submissions),
        "decisions": _duels(done, lambda one: one.decisions),
        "advances_to_first_approval": _advances([one.to_first_approval for one in done]),
        "advances_after_decision": _advances([one.after_decision for one in done]),
    }


def _duels(done: Sequence[Round], of: Callable[[Round], Duel]) -> dict[str, Any]:
    duels = [of(one) for one in done]
    ratios = sorted(duel.product.rate / duel.limit.rate for duel in duels)
    return {
        "per_second": round(median(duel.product.rate for duel in duels), 1),
        "limit_per_second": round(median(duel.limit.rate for duel in duels), 1),
        "ratio_to_limit": round(median(ratios), 3),
        "ratios_of_rounds": [round(ratio, 3) for ratio in ratios],
        "client_cpu_ms_each": _cpu_ms([duel.product for duel in duels]),
        "limit_client_cpu_ms_each": _cpu_ms([duel.limit for duel in duels]),
        "ms": percentiles([seconds for duel in duels for seconds in duel.product.each]),
        "limit_ms": percentiles([seconds for duel in duels for seconds in duel.limit.each]),
    }


def _cpu_ms(timings: Sequence[Timing]) -> float:
    return round(median(timing.cpu_seconds / timing.items for timing in timings) * 1000, 3)


def _advances(measured: Sequence[tuple[int, float, float]]) -> dict[str, Any]:
    rates = sorted(done / seconds for done, seconds, _ in measured)
    return {
        "advances_per_round": measured[0][0],
        "per_second": round(median(rates), 1),
        "of_rounds": [round(rate) for rate in rates],
        "cpu_ms_each": round(median(cpu / done for done, _, cpu in measured) * 1000, 3),
    }


def percentiles(seconds: Sequence[float]) -> dict[str, float]:
    """Return p50, p95 and the longest of durations, in milliseconds."""
    ordered = sorted(seconds)
    at = {"p50": 0.5, "p95": 0.95, "max": 1.0}
    return {
        name: round(ordered[min(len(ordered) - 1, int(len(ordered) * part))] * 1000, 2)
        for name, part in at.items()
    }
