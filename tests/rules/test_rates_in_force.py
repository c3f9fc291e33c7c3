"""A case is judged by the row in force on its date: one for every day, another from its first day on."""

from __future__ import annotations

import dataclasses
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.journal import CaseFile
from config.rates import Rate, Rates, Unit, rate_on
from config.reading import Provenance, Standing
from config.services import load_services
from flows.engine.play import Scene, play
from flows.engine.runtime import Runtime
from tasks.criteria import Criterion, Fact, Finding, Source, assess_criteria, met, not_met
from tasks.dates import local_date
from tasks.rates import rate_in_force
from tests.engine.toys import births, toy

FIJI = ZoneInfo("Pacific/Fiji")
MADE_UP = Provenance("made up", Standing.REPORTED, confirmed=False)
MOMENT = timedelta(microseconds=1)


def _rows(starts: list[date]) -> Rates:
    """Rows that begin on these days, each holding until the next begins; the value is the row's number."""
    ends = [start - timedelta(days=1) for start in starts[1:]]
    rows = [
        Rate("limit", Decimal(number), Unit.FJD, start, end, MADE_UP, None)
        for number, (start, end) in enumerate(zip(starts, [*ends, None], strict=True))
    ]
    return {"limit": rows}


DAYS = st.dates(date(2000, 1, 1), date(2040, 12, 31))
STARTS = st.lists(DAYS, min_size=2, max_size=6, unique=True).map(sorted)


@given(STARTS, DAYS)
def test_every_day_has_the_row_that_began_last_before_it(starts: list[date], day: date) -> None:
    begun = [number for number, start in enumerate(starts) if start <= day]
    found = rate_on(_rows(starts), "limit", day)
    assert (found.value if found else None) == (begun[-1] if begun else None)


@given(STARTS)
def test_the_row_changes_on_the_first_day_of_the_next_and_on_no_other(starts: list[date]) -> None:
    rates = _rows(starts)
    for before, after in pairwise(starts):
        eve = after - timedelta(days=1)
        assert [
            row.value for row in (rate_on(rates, "limit", eve), rate_on(rates, "limit", after)) if row
        ] == [
            starts.index(before),
            starts.index(after),
        ]


def _income_is_low(case: CaseFile) -> Finding:
    limit = rate_in_force(case, "limit", local_date(case, case.received_at))
    facts = (Fact("notification_number", 1), Fact("documents", limit, Source.RATE))
    return met(*facts) if Decimal(1) <= Decimal(limit["value"]) else not_met(*facts)


def _procedure(case: CaseFile) -> str:
    found = assess_criteria(case, "criteria", (Criterion("birth-notified", _income_is_low),), case)
    return str(found[0]["status"])


def _with_rates(rates: Rates) -> Runtime:
    runtime = toy(_procedure)
    return dataclasses.replace(runtime, config=dataclasses.replace(runtime.config, rates=rates))


@given(DAYS)
def test_the_same_application_is_judged_by_the_other_row_from_midnight_in_fiji_on(day: date) -> None:
    runtime = _with_rates(_rows([date(1999, 1, 1), day]))
    midnight = datetime(day.year, day.month, day.day, tzinfo=FIJI).astimezone(UTC)
    outcomes = []
    for received_at in (midnight - MOMENT, midnight):
        played = play(Scene({}, received_at), runtime)
        outcomes.append(played.outcome)
        (trace,) = played.steps[0].result
        used = next(fact["value"] for fact in trace["facts"] if fact["source"] == "rate")
        assert (trace["status"] == "met") == (used["valid_from"] == day.isoformat())
    assert outcomes == ["not-met", "met"]


def test_a_day_before_the_first_row_is_a_gap_that_nobody_fills() -> None:
    with pytest.raises(LookupError, match="no limit in force"):
        play(Scene({}, datetime(1998, 1, 1, tzinfo=UTC)), _with_rates(_rows([date(1999, 1, 1)])))


def test_every_rate_of_every_service_has_a_row_today_and_on_any_later_day() -> None:
    for service in load_services().values():
        for key, rows in service.rates.items():
            for day in (rows[-1].valid_from, date(2100, 1, 1)):
                assert rate_on(service.rates, key, day) is rows[-1]
    assert births().config.rates
