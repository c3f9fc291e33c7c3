"""Half-written words outlive claims, conflicts and browsers, and go when the decision is taken."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from cases.actions import claim, decide
from cases.db import Database
from cases.decision_drafts import KEPT_AFTERWARDS, Kept, forget_words, keep_words, kept_words
from cases.errors import NotAllowed, NotFound, Refused
from cases.models import DecisionDraft
from cases.permissions import Actor
from cases.transaction import carry_out
from flows.platform.housekeeping import tidy
from tests.conftest import NOW
from tests.database.racing import at_once

WORDS = {"reason": ["other"], "text-other": ["The hospital has no"]}


def keep(
    db: Database, task: int, actor: Actor, outcome: str = "refuse", *, text: str = "", at: datetime = NOW
) -> bool:
    """Keep words on a task."""
    words = {"text-other": [text]} if text else WORDS
    with db.write() as connection:
        return keep_words(connection, step_id=task, outcome=outcome, words=words, actor=actor, now=at)


def kept(db: Database, task: int, actor: Actor, outcome: str = "refuse") -> Kept | None:
    """Return the words kept."""
    with db.read() as connection:
        return kept_words(connection, step_id=task, outcome=outcome, actor=actor)


def test_words_are_kept_by_task_officer_and_outcome(
    db: Database, task: int, registrar: Actor, other_registrar: Actor
) -> None:
    assert keep(db, task, registrar)
    assert kept(db, task, registrar) == Kept(WORDS, NOW)
    assert kept(db, task, registrar, "ask") is None
    assert kept(db, task, other_registrar) is None


def test_newer_words_take_the_place_of_older_ones(db: Database, task: int, registrar: Actor) -> None:
    keep(db, task, registrar)
    keep(db, task, registrar, text="Never mind", at=NOW + timedelta(minutes=1))
    assert kept(db, task, registrar) == Kept({"text-other": ["Never mind"]}, NOW + timedelta(minutes=1))


def test_two_pages_that_keep_words_at_once_both_succeed(db: Database, task: int, registrar: Actor) -> None:
    assert at_once(*[lambda: keep(db, task, registrar)] * 4) == [True] * 4


def test_words_outlive_the_claim(db: Database, task: int, registrar: Actor, other_registrar: Actor) -> None:
    carry_out(db, claim, step_id=task, actor=registrar, now=NOW)
    keep(db, task, registrar)
    later = NOW + timedelta(hours=2)
    carry_out(db, claim, step_id=task, actor=other_registrar, now=later)
    assert keep(db, task, registrar, text="More words", at=later)
    assert kept(db, task, registrar) is not None


def test_nothing_is_kept_on_a_task_that_is_settled(
    db: Database, task: int, registrar: Actor, other_registrar: Actor
) -> None:
    carry_out(db, decide, step_id=task, outcome="register", actor=other_registrar, now=NOW)
    assert not keep(db, task, registrar)
    assert kept(db, task, registrar) is None


def test_only_those_who_may_decide_the_task_keep_words_on_it(
    db: Database, task: int, supervisor: Actor, distant_registrar: Actor, administrator: Actor
) -> None:
    for actor in (supervisor, distant_registrar, administrator):
        with pytest.raises(NotAllowed):
            keep(db, task, actor)
    with pytest.raises(NotFound):
        keep(db, task + 1_000, supervisor)


def test_far_too_many_words_are_refused(db: Database, task: int, registrar: Actor) -> None:
    with pytest.raises(Refused):
        keep(db, task, registrar, text="x" * 100_001)


def test_words_are_forgotten_for_one_outcome_or_for_the_task(
    db: Database, task: int, registrar: Actor
) -> None:
    for outcome in ("refuse", "ask", "register"):
        keep(db, task, registrar, outcome)
    with db.write() as connection:
        forget_words(connection, step_id=task, actor=registrar, outcome="ask")
    assert kept(db, task, registrar, "ask") is None
    assert kept(db, task, registrar) is not None
    with db.write() as connection:
        forget_words(connection, step_id=task, actor=registrar)
        assert connection.execute(select(DecisionDraft.outcome)).all() == []


def test_words_on_a_task_that_another_settled_go_after_a_month(
    db: Database, task: int, registrar: Actor, other_registrar: Actor
) -> None:
    keep(db, task, registrar)
    later = NOW + KEPT_AFTERWARDS + timedelta(seconds=1)
    assert tidy(db, now=later)["words on settled tasks"] == 0
    carry_out(db, decide, step_id=task, outcome="register", actor=other_registrar, now=NOW)
    assert tidy(db, now=NOW)["words on settled tasks"] == 0
    assert tidy(db, now=later)["words on settled tasks"] == 1
