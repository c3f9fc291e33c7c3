"""Each verb by each member of the cast: the table of who gets through, on a case of Suva."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from cases.actions import answer, claim, decide, release
from cases.case_rows import Done
from cases.db import Database
from cases.errors import NotAllowed
from cases.inbox import open_tasks
from cases.permissions import SYSTEM, Actor
from cases.revisions import reopen, retry, rewind, withdraw
from cases.transaction import carry_out
from tests.births import submit_birth
from tests.conftest import NOW
from tests.database.rows import look, open_question, open_task

CAST = (
    "applicant",
    "registrar",
    "other_registrar",
    "distant_registrar",
    "supervisor",
    "administrator",
    "stranger",
)


@pytest.fixture
def db(sqlite_db: Database) -> Database:
    """One kind of database: permissions are decided in Python."""
    return sqlite_db


def _own(db: Database, actor: Actor, verb: Callable[..., Done], **named: Any) -> None:
    carry_out(db, verb, actor=actor, now=NOW, **named)


def _claimed_by_mere(db: Database, case_id: int) -> int:
    mere = Actor("mere", role="registrar", office="suva")  # type: ignore[arg-type]
    task = open_task(db, case_id)
    carry_out(db, claim, step_id=task, actor=mere, now=NOW)
    return task


def _rewind(db: Database, actor: Actor, case_id: int) -> None:
    open_task(db, case_id)
    _own(db, actor, rewind, case_id=case_id, to_key="review", reason="Typo")


def _reopen(db: Database, actor: Actor, case_id: int) -> None:
    open_task(db, case_id)
    carry_out(db, withdraw, case_id=case_id, actor=SYSTEM, now=NOW)
    _own(db, actor, reopen, case_id=case_id, to_key="review", reason="Appeal")


def _read_inbox(db: Database, actor: Actor, case_id: int) -> None:
    with db.read() as connection:
        open_tasks(connection, actor)


VERBS: dict[str, Callable[[Database, Actor, int], None]] = {
    "claim": lambda db, actor, case_id: _own(db, actor, claim, step_id=open_task(db, case_id)),
    "decide": lambda db, actor, case_id: _own(
        db, actor, decide, step_id=open_task(db, case_id), outcome="register"
    ),
    "release another's": lambda db, actor, case_id: _own(
        db, actor, release, step_id=_claimed_by_mere(db, case_id)
    ),
    "answer": lambda db, actor, case_id: _own(
        db, actor, answer, step_id=open_question(db, case_id), text="Yes"
    ),
    "withdraw": lambda db, actor, case_id: _own(db, actor, withdraw, case_id=case_id),
    "rewind": _rewind,
    "reopen": _reopen,
    "retry": lambda db, actor, case_id: _own(db, actor, retry, case_id=case_id),
    "read the inbox": _read_inbox,
}
ALLOWED = {
    "claim": {"registrar", "other_registrar"},
    "decide": {"registrar", "other_registrar"},
    "release another's": {"registrar", "supervisor"},  # the registrar is the one who holds it
    "answer": {"applicant"},
    "withdraw": {"applicant", "supervisor"},
    "rewind": {"supervisor"},
    "reopen": {"supervisor"},
    "retry": {"administrator"},
    "read the inbox": {"registrar", "other_registrar", "distant_registrar", "supervisor"},
}


@pytest.mark.parametrize("who", CAST)
@pytest.mark.parametrize("verb", VERBS)
def test_the_table_says_who_gets_through_and_nobody_else_changes_anything(
    db: Database, verb: str, who: str, request: pytest.FixtureRequest
) -> None:
    case_id = submit_birth(db).case_id
    actor = Actor.citizen(case_id) if who == "applicant" else request.getfixturevalue(who)
    if who in ALLOWED[verb]:
        VERBS[verb](db, actor, case_id)
        return
    with pytest.raises(NotAllowed):
        VERBS[verb](db, actor, case_id)
    assert actor.name not in {event.body for event in look(db, case_id).events}
