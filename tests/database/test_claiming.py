"""Taking a task and giving it back."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import update

from cases.actions import CLAIM_LASTS, claim, decide, release
from cases.db import Database
from cases.errors import AlreadyDecided, CaseClosed, HeldByAnother, NotAllowed, NotFound
from cases.models import Case
from cases.permissions import Actor
from cases.transaction import carry_out
from cases.vocabulary import Role
from tests.births import submit_birth
from tests.database.racing import at_once, meanwhile, of_kind
from tests.database.rows import look, look_at_step, open_question, open_task


def test_a_claimed_task_is_held_for_an_hour(db: Database, task: int, registrar: Actor, now: datetime) -> None:
    carry_out(db, claim, step_id=task, actor=registrar, now=now)
    step = look_at_step(db, task)
    assert (step.claimed_by, step.claimed_until) == ("mere", now + CLAIM_LASTS)


def test_claiming_again_starts_the_hour_anew(
    db: Database, task: int, registrar: Actor, now: datetime
) -> None:
    later = now + timedelta(minutes=50)
    carry_out(db, claim, step_id=task, actor=registrar, now=now)
    carry_out(db, claim, step_id=task, actor=registrar, now=later)
    assert look_at_step(db, task).claimed_until == later + CLAIM_LASTS


def test_a_task_that_is_held_cannot_be_claimed_by_another(
    db: Database, task: int, registrar: Actor, other_registrar: Actor, now: datetime
) -> None:
    carry_out(db, claim, step_id=task, actor=registrar, now=now)
    with pytest.raises(HeldByAnother) as caught:
        carry_out(db, claim, step_id=task, actor=other_registrar, now=now + timedelta(minutes=59))
    assert caught.value.by == "mere"


def test_a_claim_that_ran_out_leaves_the_task_to_anybody(
    db: Database, task: int, registrar: Actor, other_registrar: Actor, now: datetime
) -> None:
    carry_out(db, claim, step_id=task, actor=registrar, now=now)
    carry_out(db, claim, step_id=task, actor=other_registrar, now=now + CLAIM_LASTS)
    assert look_at_step(db, task).claimed_by == "ravi"


def test_of_two_who_claim_at_once_one_gets_the_task(
    db: Database, task: int, registrar: Actor, other_registrar: Actor, now: datetime
) -> None:
    results = at_once(
        lambda: carry_out(db, claim, step_id=task, actor=registrar, now=now),
        lambda: carry_out(db, claim, step_id=task, actor=other_registrar, now=now),
    )
    (refused,) = of_kind(results, HeldByAnother)
    assert refused.by == look_at_step(db, task).claimed_by


def test_a_claim_that_waited_for_another_claim_sees_it(
    db: Database, task: int, registrar: Actor, other_registrar: Actor, now: datetime
) -> None:
    result = meanwhile(
        db,
        lambda connection: claim(connection, step_id=task, actor=registrar, now=now),
        lambda: carry_out(db, claim, step_id=task, actor=other_registrar, now=now),
    )
    assert isinstance(result, HeldByAnother)
    assert look_at_step(db, task).claimed_by == "mere"


def test_a_claim_that_waited_for_a_decision_sees_it(
    db: Database, task: int, registrar: Actor, other_registrar: Actor, now: datetime
) -> None:
    result = meanwhile(
        db,
        lambda connection: decide(connection, step_id=task, outcome="register", actor=registrar, now=now),
        lambda: carry_out(db, claim, step_id=task, actor=other_registrar, now=now),
    )
    assert isinstance(result, AlreadyDecided)
    assert (result.by, result.outcome) == ("mere", "register")


def test_claiming_does_not_wake_the_procedure(
    db: Database, birth: int, task: int, registrar: Actor, now: datetime
) -> None:
    before = look(db, birth).case
    carry_out(db, claim, step_id=task, actor=registrar, now=now)
    after = look(db, birth).case
    assert (after.ready, after.version) == (False, before.version + 1)


def test_a_task_of_another_office_cannot_be_claimed(
    db: Database, task: int, distant_registrar: Actor, now: datetime
) -> None:
    with pytest.raises(NotAllowed):
        carry_out(db, claim, step_id=task, actor=distant_registrar, now=now)


def test_a_task_of_another_role_cannot_be_claimed(
    db: Database, birth: int, registrar: Actor, now: datetime
) -> None:
    task = open_task(db, birth, "late-registration", role=Role.SUPERVISOR)
    with pytest.raises(NotAllowed, match="a task for supervisor"):
        carry_out(db, claim, step_id=task, actor=registrar, now=now)


def test_a_question_to_the_citizen_is_no_task(
    db: Database, birth: int, registrar: Actor, now: datetime
) -> None:
    with pytest.raises(NotAllowed):
        carry_out(db, claim, step_id=open_question(db, birth), actor=registrar, now=now)


def test_claiming_a_decided_task_says_who_decided_how(
    db: Database, task: int, registrar: Actor, other_registrar: Actor, now: datetime
) -> None:
    carry_out(db, decide, step_id=task, outcome="register", actor=registrar, now=now)
    with pytest.raises(AlreadyDecided) as caught:
        carry_out(db, claim, step_id=task, actor=other_registrar, now=now)
    assert (caught.value.by, caught.value.outcome) == ("mere", "register")


def test_claiming_an_unknown_task_finds_nothing(db: Database, registrar: Actor, now: datetime) -> None:
    with pytest.raises(NotFound):
        carry_out(db, claim, step_id=999, actor=registrar, now=now)


def test_a_released_task_can_be_claimed_by_another(
    db: Database, task: int, registrar: Actor, other_registrar: Actor, now: datetime
) -> None:
    carry_out(db, claim, step_id=task, actor=registrar, now=now)
    carry_out(db, release, step_id=task, actor=registrar, now=now)
    carry_out(db, claim, step_id=task, actor=other_registrar, now=now)
    assert look_at_step(db, task).claimed_by == "ravi"


def test_a_registrar_does_not_release_what_another_holds(
    db: Database, task: int, registrar: Actor, other_registrar: Actor, now: datetime
) -> None:
    carry_out(db, claim, step_id=task, actor=registrar, now=now)
    with pytest.raises(NotAllowed, match="release-of-others"):
        carry_out(db, release, step_id=task, actor=other_registrar, now=now)


def test_a_supervisor_releases_what_another_holds_and_the_trail_says_whose(
    db: Database, birth: int, task: int, registrar: Actor, supervisor: Actor, now: datetime
) -> None:
    carry_out(db, claim, step_id=task, actor=registrar, now=now)
    carry_out(db, release, step_id=task, actor=supervisor, now=now)
    assert look_at_step(db, task).claimed_by is None
    assert '"held_by":"mere"' in look(db, birth).events[-1].body


def test_a_release_that_waited_for_a_claim_sees_it(
    db: Database, task: int, registrar: Actor, other_registrar: Actor, now: datetime
) -> None:
    result = meanwhile(
        db,
        lambda connection: claim(connection, step_id=task, actor=registrar, now=now),
        lambda: carry_out(db, release, step_id=task, actor=other_registrar, now=now),
    )
    assert isinstance(result, NotAllowed)


def test_a_task_of_a_closed_case_cannot_be_claimed(db: Database, registrar: Actor, now: datetime) -> None:
    case_id = submit_birth(db).case_id
    task = open_task(db, case_id)
    with db.write() as connection:
        connection.execute(update(Case).values(status="closed", outcome="registered"))
    with pytest.raises(CaseClosed, match="is registered"):
        carry_out(db, claim, step_id=task, actor=registrar, now=now)
