"""Random procedures played through the database, with stops, come to what one uninterrupted play comes to."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cases import audit
from cases.actions import answer, decide
from cases.db import Database
from cases.expiry import sweep
from cases.permissions import Actor
from cases.transaction import carry_out
from cases.vocabulary import StepKind
from flows.engine.advance import advance
from flows.engine.runtime import Runtime
from tests.births import submit_birth
from tests.engine.programs import (
    RECEIVED,
    Oracle,
    Rates,
    Reply,
    Step,
    procedure_of,
    programs,
    replies,
    reply_number,
)
from tests.engine.toys import Stopped, first_open, look, stop_here, stopped_before_commit, toy

PACE = timedelta(days=7)  # longer than the questions wait, so that silence can be swept up
SHIFT_LATER = timedelta(minutes=3)
M = Actor("m", role="registrar", office="suva", full_name="M")

# Each stop is (at the commit and not at the first write, the rate meanwhile).
stops = st.lists(st.tuples(st.booleans(), st.integers(0, 9)), max_size=3)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(program=programs(), script=replies(), stops=stops)
def test_a_play_through_the_database_with_stops_keeps_the_journal_of_an_uninterrupted_one(
    db: Database, program: Sequence[Step], script: Sequence[Reply], stops: Sequence[tuple[bool, int]]
) -> None:
    rates = {"rate": 5}
    oracle = Oracle(script, rates, pace=PACE)
    assert procedure_of(program, rates)(oracle) == "finished"

    rates = {"rate": 5}
    case_id = submit_birth(db, received_at=RECEIVED, notification_number=None).case_id
    _play(db, toy(procedure_of(program, rates)), case_id, rates, script, stops)
    assert _journal(db, case_id) == oracle.journal
    assert _effects(db, case_id) == {key for key, entry in oracle.journal.items() if entry[0] in EFFECTS}


EFFECTS = (StepKind.LETTER, StepKind.MESSAGE)


def _play(
    db: Database,
    runtime: Runtime,
    case_id: int,
    rates: Rates,
    script: Sequence[Reply],
    stops: Sequence[tuple[bool, int]],
) -> None:
    clock, dealt_with = RECEIVED, 0
    while True:
        _advance_with_stops(db, runtime, case_id, rates, stops, clock + SHIFT_LATER)
        case = look(db, case_id).case
        assert not case.halted
        if case.outcome is not None:
            assert case.outcome == "finished"
            return
        if not case.ready:
            reply = reply_number(script, dealt_with)
            dealt_with, clock, rates["rate"] = dealt_with + 1, clock + PACE, reply.rate
            _deal_with(db, case_id, reply, clock)


def _advance_with_stops(
    db: Database,
    runtime: Runtime,
    case_id: int,
    rates: Rates,
    stops: Sequence[tuple[bool, int]],
    now: datetime,
) -> None:
    in_force = rates["rate"]
    for at_commit, rate in stops:
        rates["rate"] = rate
        with suppress(Stopped):
            if at_commit:
                with stopped_before_commit(db):
                    advance(db, runtime, [case_id], now=now)
            else:
                advance(db, runtime, [case_id], now=now, check_lease=stop_here)
            raise AssertionError("the advance wasn't stopped")
    rates["rate"] = in_force
    advance(db, runtime, [case_id], now=now)


def _deal_with(db: Database, case_id: int, reply: Reply, now: datetime) -> None:
    step = first_open(db, case_id)
    assert step is not None
    if step.kind == StepKind.APPROVAL:
        carry_out(db, decide, step_id=step.id, outcome=reply.outcome, actor=M, now=now)
    elif reply.text is not None:
        citizen = Actor.citizen(case_id)
        carry_out(db, answer, step_id=step.id, text=reply.text, actor=citizen, now=now)
    else:
        with db.write() as connection:
            assert sweep(connection, now=now).count == 1


def _journal(db: Database, case_id: int) -> dict[str, tuple[str, str, Any]]:
    """The journal as the oracle has it; which number it was depends on the examples before."""
    entries = {entry.key: entry for entry in look(db, case_id).journal}
    return {key: (entry.kind, entry.status, _plain(entry)) for key, entry in entries.items()}


def _plain(entry: Any) -> Any:
    if entry.kind == StepKind.NUMBER:
        return re.sub(r"\d{6}$", "000001", entry.result)
    return entry.result


def _effects(db: Database, case_id: int) -> set[str]:
    """The letters and messages, each of which there is once; and the chain is whole."""
    whole = look(db, case_id)
    keys = [row.key for row in (*whole.letters, *whole.messages)]
    assert len(keys) == len(set(keys)) and len(whole.numbers) == 1
    with db.read() as connection:
        assert not [found for found in audit.verify(connection) if isinstance(found, audit.BrokenChain)]
    return set(keys)
