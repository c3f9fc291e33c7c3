"""Ladders are climbed rung by rung, each once, whoever else sweeps; and no rung decides anything."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import event, func, select

from cases import audit
from cases.actions import claim, decide
from cases.clock_rows import clocks_of_case
from cases.clock_verbs import extend_clock, pause_clock, resume_clock
from cases.db import Database
from cases.escalating import climb
from cases.models import ClockRow, Escalation
from cases.permissions import SYSTEM, Actor
from cases.revisions import rewind, withdraw
from cases.transaction import carry_out
from flows.platform.deadlines import climb_ladders
from tests.births import submit_birth
from tests.conftest import NOW
from tests.engine.toys import births, look, settle, step
from tests.rules.calendars import fiji

STANDARDS = births().standards
# The review of a birth received on Tuesday 5 May 2026 at 9:00 is due on Tuesday 12 May at 10:00.
REMINDED, LATE, GIVEN_BACK = fiji("2026-05-11 10:00"), fiji("2026-05-12 10:00"), fiji("2026-05-12 14:00")
TOLD, RAISED = fiji("2026-05-13 10:00"), fiji("2026-05-18 10:00")  # Friday 15 May is Girmit Day


@pytest.fixture
def case_id(db: Database) -> int:
    """A birth that waits for a registrar in Suva."""
    submitted = submit_birth(db).case_id
    settle(db, births())
    return submitted


def acts(db: Database) -> list[str]:
    with db.read() as connection:
        return list(connection.execute(select(Escalation.act).order_by(Escalation.id)).scalars())


def next_at(db: Database) -> datetime | None:
    with db.read() as connection:
        statement = select(ClockRow.next_at).where(ClockRow.key == "review")
        return connection.execute(statement.order_by(ClockRow.id.desc())).scalars().first()


def review_clock(db: Database, case_id: int) -> int:
    with db.read() as connection:
        return next(one.row.id for one in clocks_of_case(connection, case_id) if one.row.key == "review")


def test_each_rung_is_climbed_when_it_is_due_and_once(db: Database, case_id: int) -> None:
    ladder = ["remind-officer", "notify-supervisor", "move-to-pool", "tell-citizen", "raise-to-manager"]
    for number, due in enumerate((REMINDED, LATE, GIVEN_BACK, TOLD, RAISED), 1):
        assert next_at(db) == due
        assert climb_ladders(db, STANDARDS, now=due) == {ladder[number - 1]: 1}
        assert climb_ladders(db, STANDARDS, now=due) == {}
        assert acts(db) == ladder[:number]
    assert next_at(db) is None


def test_before_a_rung_is_due_nothing_happens(db: Database, case_id: int) -> None:
    version = look(db, case_id).case.version
    assert climb_ladders(db, STANDARDS, now=fiji("2026-05-11 09:59")) == {}
    assert (acts(db), look(db, case_id).case.version) == ([], version)


def test_after_a_silence_all_that_is_due_is_made_good_in_its_order(db: Database, case_id: int) -> None:
    climb_ladders(db, STANDARDS, now=RAISED)
    assert len(acts(db)) == 5
    (told,) = [one for one in look(db, case_id).events if one.kind == "escalated"]
    assert '"rung":4' in told.body
    with db.read() as connection:
        assert list(audit.verify(connection)) == [1]


def test_no_rung_decides_anything(db: Database, case_id: int) -> None:
    climb_ladders(db, STANDARDS, now=fiji("2027-05-11 10:00"))
    review = step(db, case_id, "review")
    assert (review.status, review.result, look(db, case_id).case.status) == ("open", None, "open")


def test_a_task_that_nobody_gets_on_with_is_given_back_to_all_of_its_role(
    db: Database, case_id: int, registrar: Actor
) -> None:
    carry_out(db, claim, step_id=step(db, case_id, "review").id, actor=registrar, now=LATE)
    climb_ladders(db, STANDARDS, now=LATE)
    assert step(db, case_id, "review").claimed_by == "mere"
    climb_ladders(db, STANDARDS, now=GIVEN_BACK)
    assert step(db, case_id, "review").claimed_by is None


def test_the_family_is_told_once_that_we_are_late(db: Database, case_id: int) -> None:
    climb_ladders(db, STANDARDS, now=TOLD)
    climb_ladders(db, STANDARDS, now=RAISED)
    (message,) = look(db, case_id).messages
    assert (message.template, message.recipient) == ("platform/late", "+6799012345")


def test_a_decided_task_climbs_no_more(db: Database, case_id: int, registrar: Actor) -> None:
    review = step(db, case_id, "review").id
    carry_out(db, decide, step_id=review, outcome="register", actor=registrar, now=REMINDED)
    assert climb_ladders(db, STANDARDS, now=RAISED) == {}
    assert (acts(db), next_at(db)) == ([], None)


@pytest.mark.parametrize("verb", [withdraw, rewind])
def test_what_was_set_aside_climbs_no_more(db: Database, case_id: int, verb: Any) -> None:
    named = {"to_key": "review", "reason": "Typo"} if verb is rewind else {}
    carry_out(db, verb, case_id=case_id, actor=SYSTEM, now=REMINDED, **named)
    assert climb_ladders(db, STANDARDS, now=RAISED) == {}
    assert acts(db) == []


def test_a_paused_clock_climbs_only_what_it_had_reached(db: Database, case_id: int) -> None:
    clock = review_clock(db, case_id)
    common = {"clock_id": clock, "standards": STANDARDS, "actor": SYSTEM}
    carry_out(db, pause_clock, reason="family-asked-for-time", now=REMINDED, **common)
    climb_ladders(db, STANDARDS, now=RAISED)
    assert acts(db) == ["remind-officer"]
    carry_out(db, resume_clock, now=RAISED, **common)
    assert next_at(db) == fiji("2026-05-19 10:00")  # eight hours after it went on


def test_an_extended_clock_does_not_climb_a_rung_again(db: Database, case_id: int) -> None:
    climb_ladders(db, STANDARDS, now=LATE)
    carry_out(db, extend_clock, clock_id=review_clock(db, case_id), minutes=480, reason="Papers",
              standards=STANDARDS, actor=SYSTEM, now=LATE)  # fmt: skip
    climb_ladders(db, STANDARDS, now=fiji("2026-05-13 13:59"))
    assert acts(db) == ["remind-officer", "notify-supervisor"]
    climb_ladders(db, STANDARDS, now=fiji("2026-05-13 14:00"))
    assert acts(db)[2:] == ["move-to-pool"]


def test_two_sweeps_at_once_climb_each_rung_once_though_one_dies(db: Database, case_id: int) -> None:
    if not db.is_postgresql:
        return  # a transaction that writes is the only one there
    with db.engine.connect() as dying:
        assert climb(dying, STANDARDS, now=LATE).acts.total() == 2
        assert climb_ladders(db, STANDARDS, now=LATE) == {}  # the other has it in hand
        dying.rollback()  # as the server does when whoever held it is killed
    assert climb_ladders(db, STANDARDS, now=LATE).total() == 2
    assert climb_ladders(db, STANDARDS, now=LATE) == {}
    assert acts(db) == ["remind-officer", "notify-supervisor"]


def test_a_sweep_costs_what_is_due_and_not_what_is_open(db: Database) -> None:
    for _ in range(5):
        submit_birth(db)
    settle(db, births())
    statements: list[str] = []
    event.listen(db.engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
    assert climb_ladders(db, STANDARDS, now=NOW) == {}
    assert len([sql for sql in statements if sql.startswith("SELECT")]) == 1


def test_a_sweep_works_through_all_that_is_due_in_batches(db: Database) -> None:
    for _ in range(5):
        submit_birth(db)
    settle(db, births())
    with db.write() as connection:
        assert climb(connection, STANDARDS, now=REMINDED, limit=2).looked_at == 2
    assert climb_ladders(db, STANDARDS, now=REMINDED).total() == 3
    with db.read() as connection:
        assert connection.execute(select(func.count(Escalation.id))).scalar_one() == 5
