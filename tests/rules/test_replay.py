"""Replaying a procedure from its journal comes to what one uninterrupted play comes to."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.journal import (
    MAX_STEPS,
    Answers,
    Cancelled,
    CaseFile,
    Entry,
    Opened,
    Recorded,
    Replay,
    ReplayMismatch,
    Waiting,
    replay,
)
from cases.vocabulary import StepKind, StepStatus
from config.budget import working_days
from tasks.approval import Choice, approval, approval_wait
from tasks.assessment import assess
from tasks.citizen import NoAnswer, ask_citizen
from tasks.letter import letter
from tasks.together import together
from tests.engine.programs import (
    RECEIVED,
    Oracle,
    Reply,
    Step,
    outcome_of,
    procedure_of,
    programs,
    replies,
    reply_number,
)

YES, NO = Choice("yes"), Choice("no")
OFFERED = ({"key": "yes", "needs": ""}, {"key": "no", "needs": ""})


class Notebook:
    """A journal in memory, written the way the engine writes it."""

    def __init__(self) -> None:
        self.entries: dict[str, Entry] = {}

    def file(self) -> CaseFile:
        return CaseFile(
            reference="TEST",
            service="birth-registration",
            answers=Answers({"child_name": "Ana"}),
            language="en",
            office="suva",
            channel="web",
            received_at=RECEIVED,
            entries=self.entries.values(),
            query_answers={f"query-{number}{visit}": [] for number in range(40) for visit in VISITS},
        )

    def write(self, result: Replay) -> None:
        for write in result.writes:
            if isinstance(write, Opened):
                wait = write.wait
                self.entries[write.key] = Entry(
                    write.key, wait.kind, StepStatus.OPEN, role=wait.role, outcomes=wait.outcomes
                )
            elif isinstance(write, Recorded):
                value = "2026/SUV/000001" if write.kind is StepKind.NUMBER else write.result
                self.entries[write.key] = Entry(write.key, write.kind, StepStatus.DONE, write.at, value)
            elif isinstance(write, Cancelled):
                self.close(write.key, StepStatus.CANCELLED, None, None)

    def close(self, key: str, status: StepStatus, result: Any, at: datetime | None) -> None:
        self.entries[key] = dataclasses.replace(self.entries[key], status=status, result=result, done_at=at)

    def first_open(self) -> Entry:
        return next(entry for entry in self.entries.values() if entry.status is StepStatus.OPEN)


VISITS = ("", *(f"#{visit}" for visit in range(2, 12)))


@given(programs(), replies(), st.lists(st.integers(0, 9), max_size=6))
def test_a_play_stopped_and_replayed_anywhere_keeps_the_journal_of_an_uninterrupted_one(
    program: Sequence[Step], script: Sequence[Reply], junk: Sequence[int]
) -> None:
    rates = {"rate": 5}
    oracle = Oracle(script, rates)
    assert procedure_of(program, rates)(oracle) == "finished"

    rates = {"rate": 5}
    notebook = _play_with_stops(procedure_of(program, rates), rates, script, junk)
    written = {key: (entry.kind, entry.status, entry.result) for key, entry in notebook.entries.items()}
    assert written == oracle.journal


def _play_with_stops(
    procedure: Callable[[CaseFile], str], rates: dict[str, int], script: Sequence[Reply], junk: Sequence[int]
) -> Notebook:
    notebook, clock, dealt_with = Notebook(), RECEIVED, 0
    while True:
        in_force = rates["rate"]
        for rate in junk:  # replays whose result is lost, under rates that were edited meanwhile
            rates["rate"] = rate
            replay(procedure, notebook.file())
        rates["rate"] = in_force
        result = replay(procedure, notebook.file())
        notebook.write(result)
        if result.outcome is not None:
            return notebook
        if result.in_writing is None:
            reply = reply_number(script, dealt_with)
            dealt_with, clock, rates["rate"] = dealt_with + 1, clock + timedelta(minutes=1), reply.rate
            entry = notebook.first_open()
            notebook.close(entry.key, *outcome_of(entry.kind, reply), clock)


@given(programs(), replies())
def test_replaying_a_finished_journal_writes_nothing(
    program: Sequence[Step], script: Sequence[Reply]
) -> None:
    rates = {"rate": 5}
    notebook = _play_with_stops(procedure_of(program, rates), rates, script, [])
    rates["rate"] = 99
    assert replay(procedure_of(program, rates), notebook.file()).writes == []


# -- what differs is an incident, never a guess ----------------------------------------------------


def _decided(key: str, role: str = "registrar", outcome: str = "yes") -> Entry:
    result = {"outcome": outcome, "by_name": "Mere", "by_role": role}
    at = RECEIVED + timedelta(hours=1)
    return Entry(key, StepKind.APPROVAL, StepStatus.DONE, at, result, role, done_by="mere")


def _replay_on(procedure: Callable[[CaseFile], str], *entries: Entry) -> Replay:
    notebook = Notebook()
    notebook.entries = {entry.key: entry for entry in entries}
    return replay(procedure, notebook.file())


def test_a_step_whose_role_changed_does_not_take_the_decision_of_another_role() -> None:
    def procedure(case: CaseFile) -> str:
        return approval(case, "review", by="supervisor", outcomes=(YES, NO)).outcome

    with pytest.raises(ReplayMismatch, match="asked of supervisor, the journal asked registrar"):
        _replay_on(procedure, _decided("review"))


def test_a_step_whose_kind_changed_is_a_mismatch() -> None:
    def procedure(case: CaseFile) -> str:
        return str(assess(case, "review", lambda case: "met"))

    with pytest.raises(ReplayMismatch, match="review is a rule, the journal has a approval"):
        _replay_on(procedure, _decided("review"))


def test_an_outcome_that_is_no_longer_offered_is_a_mismatch() -> None:
    def procedure(case: CaseFile) -> str:
        return approval(case, "review", by="registrar", outcomes=(NO,)).outcome

    with pytest.raises(ReplayMismatch, match="no longer offers the recorded outcome yes"):
        _replay_on(procedure, _decided("review"))


def test_an_open_step_whose_outcomes_changed_is_a_mismatch() -> None:
    def procedure(case: CaseFile) -> str:
        return approval(case, "review", by="registrar", outcomes=(YES, NO)).outcome

    asked = Entry(
        "review",
        StepKind.APPROVAL,
        StepStatus.OPEN,
        role="registrar",
        outcomes=({"key": "yes", "needs": ""},),
    )
    with pytest.raises(ReplayMismatch, match="the open one offers"):
        _replay_on(procedure, asked)


def test_an_approval_inserted_ahead_of_a_finished_one_is_a_mismatch() -> None:
    def procedure(case: CaseFile) -> str:
        approval(case, "check", by="supervisor", outcomes=(YES,))
        return approval(case, "review", by="registrar", outcomes=(YES, NO)).outcome

    with pytest.raises(ReplayMismatch, match="no longer comes to these steps of the journal: review"):
        _replay_on(procedure, _decided("review"))


def test_a_step_that_was_taken_out_is_a_mismatch() -> None:
    with pytest.raises(ReplayMismatch, match="review"):
        _replay_on(lambda case: "done", _decided("review"))


def test_an_effect_inserted_ahead_of_finished_steps_happens() -> None:
    def procedure(case: CaseFile) -> str:
        letter(case, "welcome", {})
        return approval(case, "review", by="registrar", outcomes=(YES, NO)).outcome

    result = _replay_on(procedure, _decided("review"))
    assert result.outcome == "yes"
    assert [write.key for write in result.writes] == ["welcome"]  # type: ignore[union-attr]


def test_a_procedure_that_returns_nothing_is_a_mismatch() -> None:
    with pytest.raises(ReplayMismatch, match="returned no outcome"):
        _replay_on(lambda case: None)  # type: ignore[arg-type, return-value]


def test_an_endless_loop_is_stopped() -> None:
    def procedure(case: CaseFile) -> str:
        while True:
            assess(case, "rule", lambda case: 1)

    with pytest.raises(ReplayMismatch, match=str(MAX_STEPS)):
        _replay_on(procedure)


def test_no_except_clause_of_a_procedure_swallows_the_signal_to_wait() -> None:
    def procedure(case: CaseFile) -> str:
        try:
            approval(case, "review", by="registrar", outcomes=(YES,))
        except Exception:
            return "swallowed"
        return "decided"

    assert not issubclass(Waiting, Exception)
    assert _replay_on(procedure).outcome is None


# -- the parts -------------------------------------------------------------------------------------


def test_visits_of_a_loop_are_numbered_per_key() -> None:
    def procedure(case: CaseFile) -> str:
        while approval(case, "review", by="registrar", outcomes=(YES, NO)).chose(NO):
            pass
        return "yes"

    result = _replay_on(procedure, _decided("review", outcome="no"), _decided("review#2", outcome="no"))
    assert [write.key for write in result.writes] == ["review#3"]  # type: ignore[union-attr]


def test_now_is_the_instant_of_the_latest_entry_met() -> None:
    seen = []

    def procedure(case: CaseFile) -> str:
        seen.append(case.now)
        approval(case, "review", by="registrar", outcomes=(YES, NO))
        seen.append(case.now)
        return "done"

    _replay_on(procedure, _decided("review"))
    assert seen == [RECEIVED, RECEIVED + timedelta(hours=1)]


def test_silence_comes_back_as_no_answer_and_decides_nothing() -> None:
    def procedure(case: CaseFile) -> str:
        answer = ask_citizen(case, "evidence", "Why?", within=working_days(20))
        return "silent" if isinstance(answer, NoAnswer) else "answered"

    ran_out = Entry("evidence", StepKind.QUESTION, StepStatus.NO_ANSWER, RECEIVED + timedelta(days=30))
    assert _replay_on(procedure, ran_out).outcome == "silent"


def test_waits_together_open_at_once_and_are_matched_by_key_whatever_their_order() -> None:
    def both(*keys: str) -> Callable[[CaseFile], str]:
        def procedure(case: CaseFile) -> str:
            waits = [approval_wait(key, by="registrar", outcomes=(YES, NO)) for key in keys]
            return "-".join(str(entry.result["outcome"]) for entry in together(case, *waits))

        return procedure

    opened = _replay_on(both("a", "b"))
    assert [write.key for write in opened.writes] == ["a", "b"]  # type: ignore[union-attr]
    decided = (_decided("a", outcome="yes"), _decided("b", outcome="no"))
    assert _replay_on(both("a", "b"), *decided).outcome == "yes-no"
    assert _replay_on(both("b", "a"), *decided).outcome == "no-yes"


def test_two_waits_of_one_together_may_not_share_a_key() -> None:
    wait = approval_wait("a", by="registrar", outcomes=(YES,))
    with pytest.raises(ReplayMismatch, match="same key"):
        _replay_on(lambda case: str(together(case, wait, wait)))


def test_answers_of_a_field_that_nobody_filled_in_are_none_and_unknown_fields_raise() -> None:
    answers = Answers({"child_name": "Ana"}, fields=["child_name", "father_name"])
    assert answers.father_name is None
    with pytest.raises(AttributeError, match="favourite_colour"):
        _ = answers.favourite_colour


def test_a_wait_that_was_cancelled_does_not_move_the_time_of_the_case() -> None:
    seen = []

    def procedure(case: CaseFile) -> str:
        waits = [approval_wait(key, by="registrar", outcomes=(YES, NO)) for key in ("a", "b")]
        together(case, *waits, enough=lambda done: bool(done))
        seen.append(case.now)
        return "done"

    when_a_shift_ran = RECEIVED + timedelta(hours=5)
    cancelled = Entry(
        "b", StepKind.APPROVAL, StepStatus.CANCELLED, when_a_shift_ran, role="registrar", outcomes=OFFERED
    )
    _replay_on(procedure, _decided("a"), dataclasses.replace(cancelled, status=StepStatus.OPEN, done_at=None))
    _replay_on(procedure, _decided("a"), cancelled)
    assert seen == [RECEIVED + timedelta(hours=1)] * 2
