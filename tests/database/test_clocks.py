"""Clocks of tasks and cases: armed with what they are for, moved by verbs with a line of the ledger."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, func, select

from cases import audit
from cases.actions import decide
from cases.case_rows import Done
from cases.clock_rows import StoredClock, clocks_of_case
from cases.clock_verbs import extend_clock, pause_clock, resume_clock
from cases.clocks import LineKind
from cases.db import Database
from cases.errors import AlreadyDecided, CaseClosed, ClockRefused, NotAllowed, NotFound, ReasonMissing
from cases.models import ClockLine, ClockRow, Message
from cases.permissions import SYSTEM, Actor
from cases.revisions import retry, rewind, withdraw
from cases.transaction import carry_out
from cases.vocabulary import ClockKind, EventKind
from tests.births import submit_birth
from tests.conftest import NOW
from tests.engine.toys import births, look, settle, step
from tests.rules.calendars import fiji

STANDARDS = births().standards
DUE = fiji("2026-05-12 10:00")  # the review of a birth received on Tuesday 5 May 2026 at 9:00
LATER = fiji("2026-05-06 09:00")


@pytest.fixture
def birth_in_review(db: Database) -> int:
    """The case id of a birth that waits for a registrar in Suva."""
    case_id = submit_birth(db).case_id
    settle(db, births())
    return case_id


def clocks(db: Database, case_id: int) -> dict[str, StoredClock]:
    with db.read() as connection:
        return {stored.row.key: stored for stored in clocks_of_case(connection, case_id)}


def carry(db: Database, verb: Any, case_id: int, key: str = "review", **named: Any) -> Done:
    named = {"standards": STANDARDS, "actor": SYSTEM, "now": LATER} | named
    return carry_out(db, verb, clock_id=clocks(db, case_id)[key].row.id, **named)


def paused(db: Database, case_id: int, **named: Any) -> Done:
    return carry(db, pause_clock, case_id, **{"reason": "family-asked-for-time", **named})


def extended(db: Database, case_id: int, **named: Any) -> Done:
    return carry(db, extend_clock, case_id, **{"minutes": 480, "reason": "Papers from abroad", **named})


# -- arming ----------------------------------------------------------------------------------------


def test_a_task_with_a_promised_time_opens_with_its_clock(db: Database, birth_in_review: int) -> None:
    stored = clocks(db, birth_in_review)["review"]
    assert (stored.kind, stored.row.deadline, stored.row.paused) == (ClockKind.TASK, DUE, False)
    assert stored.row.deadline == step(db, birth_in_review, "review").due_at
    assert stored.row.next_at == fiji("2026-05-11 10:00")  # 80 per cent of 40 hours
    assert stored.running


def test_a_case_has_the_clocks_that_its_policy_names_once(db: Database, birth_in_review: int) -> None:
    carry_out(db, retry, case_id=birth_in_review, actor=SYSTEM, now=NOW)  # it is replayed from nothing known
    carry_out(db, decide, step_id=step(db, birth_in_review, "review").id, outcome="ask", question="Who?",
              actor=Actor("mere", role="registrar", office="suva"), now=NOW)  # fmt: skip
    settle(db, births())
    with db.read() as connection:
        of_case = select(ClockRow.kind, ClockRow.since, ClockRow.minutes).where(ClockRow.key == "case")
        assert connection.execute(of_case).all() == [("service-standard", NOW, 30 * 480)]


def test_a_clock_of_a_case_counts_from_when_it_was_received(db: Database) -> None:
    long_ago = NOW - timedelta(days=60)
    case_id = submit_birth(db, received_at=long_ago, external_id="H-1").case_id
    settle(db, births())
    assert clocks(db, case_id)["case"].row.since == long_ago


def test_the_clocks_of_a_batch_are_written_in_one_statement(db: Database) -> None:
    for number in range(20):
        submit_birth(db, received_at=NOW + timedelta(minutes=number))
    statements: list[str] = []
    event.listen(db.engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
    settle(db, births())
    assert len([sql for sql in statements if sql.startswith("INSERT INTO clocks")]) == 2  # of tasks, of cases


def test_a_clock_stops_when_its_task_is_decided(db: Database, birth_in_review: int, registrar: Actor) -> None:
    review = step(db, birth_in_review, "review").id
    carry_out(db, decide, step_id=review, outcome="register", actor=registrar, now=LATER)
    stopped = clocks(db, birth_in_review)["review"].clock.stopped
    assert stopped is not None
    assert (stopped.at, stopped.by) == (LATER, "mere")


def test_the_first_rung_of_a_new_clock_is_that_of_its_ledger(db: Database, birth_in_review: int) -> None:
    for stored in clocks(db, birth_in_review).values():
        row = stored.row
        following = STANDARDS.next_rung_of(stored.clock, row.service, row.key, row.office, stored.kind, 0)
        assert following == row.next_at


def test_a_step_that_is_asked_again_has_a_clock_of_its_own(db: Database, birth_in_review: int) -> None:
    carry_out(db, rewind, case_id=birth_in_review, to_key="review", reason="Typo", actor=SYSTEM, now=LATER)
    settle(db, births(), LATER)
    assert clocks(db, birth_in_review)["review"].row.generation == 1


def test_the_clocks_of_a_case_stop_when_it_is_withdrawn(db: Database, birth_in_review: int) -> None:
    carry_out(db, withdraw, case_id=birth_in_review, actor=SYSTEM, now=LATER)
    assert {key: stored.running for key, stored in clocks(db, birth_in_review).items()} == {"case": False}
    with pytest.raises(CaseClosed):
        paused(db, birth_in_review, key="case")


# -- pausing and going on --------------------------------------------------------------------------


def test_a_pause_moves_the_date_by_the_working_time_it_lasts(db: Database, birth_in_review: int) -> None:
    paused(db, birth_in_review)
    assert clocks(db, birth_in_review)["review"].row.paused
    carry(db, resume_clock, birth_in_review, now=fiji("2026-05-07 12:00"))
    stored = clocks(db, birth_in_review)["review"]
    moved = fiji(
        "2026-05-13 13:00"
    )  # 7 hours of Wednesday and 4 of Thursday later: 3 on Tuesday are left of 11
    assert (stored.row.deadline, stored.row.paused) == (moved, False)
    assert step(db, birth_in_review, "review").due_at == moved
    assert [line.kind for line in stored.clock.lines] == [LineKind.PAUSE, LineKind.RESUME]


def test_each_move_of_a_deadline_is_a_line_that_says_from_when_to_when(
    db: Database, birth_in_review: int
) -> None:
    paused(db, birth_in_review)
    carry(db, resume_clock, birth_in_review, now=LATER + timedelta(hours=1))
    with db.read() as connection:
        lines = connection.execute(select(ClockLine.__table__).order_by(ClockLine.id)).all()
    assert [(line.kind, line.actor, line.reason) for line in lines] == [
        ("pause", "system", "family-asked-for-time"),
        ("resume", "system", None),
    ]
    assert [(line.before, line.after) for line in lines] == [(DUE, DUE), (DUE, DUE + timedelta(hours=1))]


def test_a_paused_clock_climbs_no_rung(db: Database, birth_in_review: int) -> None:
    paused(db, birth_in_review)
    assert clocks(db, birth_in_review)["review"].row.next_at is None
    carry(db, resume_clock, birth_in_review, now=LATER + timedelta(hours=1))
    assert clocks(db, birth_in_review)["review"].row.next_at == fiji("2026-05-11 11:00")


def test_a_clock_of_the_whole_case_can_be_paused_too(db: Database, birth_in_review: int) -> None:
    paused(db, birth_in_review, key="case")
    stored = clocks(db, birth_in_review)
    assert (stored["case"].row.paused, stored["review"].row.paused) == (True, False)
    assert step(db, birth_in_review, "review").due_at == DUE


def test_verbs_on_clocks_are_in_the_audit_trail_without_anybodys_words(
    db: Database, birth_in_review: int
) -> None:
    paused(db, birth_in_review, reason="hospital-asked", evidence="Letter of Dr Vuki")
    carry(db, resume_clock, birth_in_review)
    extended(db, birth_in_review)
    whole = look(db, birth_in_review)
    kinds = [EventKind.CLOCK_PAUSED, EventKind.CLOCK_RESUMED, EventKind.CLOCK_EXTENDED]
    assert [event.kind for event in whole.events][-3:] == kinds
    assert not any("Vuki" in event.body or "abroad" in event.body for event in whole.events)
    with db.read() as connection:
        assert list(audit.verify(connection)) == [1]


def test_a_pause_needs_a_reason_of_the_service_and_its_evidence(db: Database, birth_in_review: int) -> None:
    with pytest.raises(ReasonMissing, match="needs one of the reasons hospital-asked, family-asked-for-time"):
        paused(db, birth_in_review, reason="too-much-work")
    with pytest.raises(ReasonMissing, match="needs its evidence"):
        paused(db, birth_in_review, reason="hospital-asked", evidence="  ")


def test_what_was_refused_changed_nothing(db: Database, birth_in_review: int) -> None:
    with pytest.raises(ClockRefused, match="isn't paused"):
        carry(db, resume_clock, birth_in_review)
    paused(db, birth_in_review)
    with pytest.raises(ClockRefused, match="paused already"):
        paused(db, birth_in_review)
    with db.read() as connection:
        assert connection.execute(select(func.count(ClockLine.id))).scalar_one() == 1


def test_the_clock_of_a_decided_task_can_not_be_paused(
    db: Database, birth_in_review: int, registrar: Actor
) -> None:
    review = step(db, birth_in_review, "review").id
    carry_out(db, decide, step_id=review, outcome="register", actor=registrar, now=LATER)
    with pytest.raises(AlreadyDecided):
        paused(db, birth_in_review)


def test_a_clock_that_nobody_knows_is_not_found(db: Database) -> None:
    with pytest.raises(NotFound):
        carry_out(db, resume_clock, clock_id=77, standards=STANDARDS, actor=SYSTEM, now=NOW)


# -- extending -------------------------------------------------------------------------------------


def test_an_extension_moves_the_date_and_tells_the_family(db: Database, birth_in_review: int) -> None:
    extended(db, birth_in_review)
    moved = fiji("2026-05-13 10:00")
    assert clocks(db, birth_in_review)["review"].row.deadline == moved
    assert step(db, birth_in_review, "review").due_at == moved
    (message,) = look(db, birth_in_review).messages
    assert (message.template, message.recipient) == ("platform/extended", "+6799012345")


def test_extensions_are_capped_in_number_and_in_all(db: Database, birth_in_review: int) -> None:
    extended(db, birth_in_review)
    with pytest.raises(ClockRefused, match="4320 working minutes are left"):
        extended(db, birth_in_review, minutes=10 * 480)
    extended(db, birth_in_review)
    with pytest.raises(ClockRefused, match="extended 2 times, and the service allows 2"):
        extended(db, birth_in_review)


def test_an_extension_needs_a_reason(db: Database, birth_in_review: int) -> None:
    with pytest.raises(ReasonMissing):
        extended(db, birth_in_review, reason=" ")


def test_a_question_that_is_given_more_time_ends_later(
    db: Database, birth_in_review: int, registrar: Actor
) -> None:
    review = step(db, birth_in_review, "review").id
    carry_out(db, decide, step_id=review, outcome="ask", question="Who?", actor=registrar, now=NOW)
    settle(db, births())
    ended = step(db, birth_in_review, "evidence").expires_at
    with pytest.raises(ClockRefused, match="ends by itself"):
        paused(db, birth_in_review, key="evidence")
    extended(db, birth_in_review, key="evidence", minutes=8 * 60)
    asked = step(db, birth_in_review, "evidence")
    assert asked.expires_at > ended
    assert asked.expires_at == asked.due_at


def test_only_a_supervisor_extends_and_only_officers_of_the_office_pause(
    db: Database,
    birth_in_review: int,
    registrar: Actor,
    distant_registrar: Actor,
    supervisor: Actor,
    administrator: Actor,
    stranger: Actor,
) -> None:
    for actor in (registrar, administrator, stranger, Actor.citizen(birth_in_review)):
        with pytest.raises(NotAllowed):
            extended(db, birth_in_review, actor=actor)
    for actor in (distant_registrar, administrator, stranger, Actor.citizen(birth_in_review)):
        with pytest.raises(NotAllowed):
            paused(db, birth_in_review, actor=actor)
    clerk = Actor("luisa", role="clerk", office="suva")
    for actor, key in ((clerk, "review"), (registrar, "case")):
        with pytest.raises(NotAllowed, match="of tasks for their own role"):
            paused(db, birth_in_review, key=key, actor=actor)
    paused(db, birth_in_review, actor=registrar)
    extended(db, birth_in_review, actor=supervisor)


def test_an_application_without_an_address_is_extended_without_a_message(db: Database) -> None:
    case_id = submit_birth(db, informant_phone=None).case_id
    settle(db, births())
    extended(db, case_id)
    with db.read() as connection:
        assert connection.execute(select(func.count(Message.id))).scalar_one() == 0
