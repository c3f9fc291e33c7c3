"""Withdrawing, rewinding and re-opening: what is set aside, and what stays."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from cases.actions import decide
from cases.case_rows import Done
from cases.db import Database
from cases.errors import CaseClosed, NotAllowed, NotFound, ReasonMissing, Refused
from cases.letters import claim_letters, finish_letter
from cases.messages import claim_messages, finish_message, recover_abandoned
from cases.numbers import NumberRequest, allot
from cases.permissions import SYSTEM, Actor
from cases.revisions import reopen, rewind, withdraw
from cases.transaction import carry_out
from cases.vocabulary import StepKind
from tests.conftest import NOW
from tests.database.racing import at_once, of_kind
from tests.database.rows import (
    A_FILE,
    ask_letter,
    ask_message,
    look,
    open_question,
    open_step,
    open_task,
    write_step,
)


def _withdraw(db: Database, case_id: int, actor: Actor = SYSTEM) -> Done:
    return carry_out(db, withdraw, case_id=case_id, actor=actor, now=NOW)


def _rewind(db: Database, case_id: int, to_key: str, actor: Actor = SYSTEM, reason: str = "Typo") -> Done:
    return carry_out(db, rewind, case_id=case_id, to_key=to_key, reason=reason, actor=actor, now=NOW)


def _reopen(db: Database, case_id: int, to_key: str, actor: Actor = SYSTEM, reason: str = "Appeal") -> Done:
    return carry_out(db, reopen, case_id=case_id, to_key=to_key, reason=reason, actor=actor, now=NOW)


def _in_force(db: Database, case_id: int) -> dict[str, str]:
    return {entry.key: entry.status for entry in look(db, case_id).in_force}


def _issue_letter(db: Database) -> None:
    with db.write() as connection:
        (work,) = claim_letters(connection, holder="press", now=NOW, limit=9, hold_for=timedelta(minutes=5))
        finish_letter(connection, work, files=A_FILE, now=NOW)


# -- withdrawing -----------------------------------------------------------------------------------


def test_a_withdrawn_case_is_closed_and_not_ready(db: Database, birth: int, applicant: Actor) -> None:
    _withdraw(db, birth, applicant)
    case = look(db, birth).case
    assert (case.status, case.outcome, case.closed_at) == ("closed", "withdrawn", NOW)
    assert (case.ready, case.generation) == (False, 1)


def test_withdrawing_cancels_open_waits_and_keeps_what_was_done(db: Database, birth: int, task: int) -> None:
    write_step(db, birth, "duplicates", StepKind.QUERY)
    open_question(db, birth)
    _withdraw(db, birth)
    statuses = {entry.key: (entry.status, entry.cut_by) for entry in look(db, birth).journal}
    assert statuses["review"] == statuses["evidence"] == ("cancelled", 1)
    assert statuses["duplicates"] == ("done", None)


def test_withdrawing_cancels_unsent_letters_and_messages(db: Database, birth: int) -> None:
    ask_letter(db, birth)
    ask_message(db, birth)
    _withdraw(db, birth)
    whole = look(db, birth)
    assert (whole.letters[0].status, whole.messages[0].status) == ("cancelled", "cancelled")


def test_what_was_sent_before_a_withdrawal_stays(db: Database, birth: int) -> None:
    ask_letter(db, birth)
    _issue_letter(db)
    ask_message(db, birth, status="sent")
    _withdraw(db, birth)
    whole = look(db, birth)
    assert (whole.letters[0].status, whole.messages[0].status) == ("issued", "sent")


def test_a_supervisor_withdraws_for_the_applicant(db: Database, birth: int, supervisor: Actor) -> None:
    _withdraw(db, birth, supervisor)
    assert '"actor":"sela"' in look(db, birth).events[-1].body


def test_a_case_is_withdrawn_once(db: Database, birth: int, applicant: Actor) -> None:
    results = at_once(*[lambda: _withdraw(db, birth, applicant)] * 2)
    assert len(of_kind(results, CaseClosed)) == 1
    assert look(db, birth).case.generation == 1


def test_of_a_withdrawal_and_a_decision_at_once_the_case_has_one_story(
    db: Database, birth: int, task: int, registrar: Actor
) -> None:
    at_once(
        lambda: _withdraw(db, birth),
        lambda: carry_out(db, decide, step_id=task, outcome="register", actor=registrar, now=NOW),
    )
    kinds = [event.kind for event in look(db, birth).events]
    assert kinds in (["submitted", "withdrawn"], ["submitted", "decided", "withdrawn"])


# -- rewinding -------------------------------------------------------------------------------------


def test_a_rewind_sets_aside_the_step_and_all_after_it(db: Database, birth: int, task: int) -> None:
    write_step(db, birth, "question-message", StepKind.MESSAGE)
    open_question(db, birth)
    _rewind(db, birth, "question-message")
    assert _in_force(db, birth) == {}
    assert {entry.cut_by for entry in look(db, birth).journal} == {1}


def test_a_rewind_keeps_the_entries_before_its_target(db: Database, birth: int) -> None:
    write_step(db, birth, "duplicates", StepKind.QUERY)
    open_task(db, birth)
    _rewind(db, birth, "review")
    assert _in_force(db, birth) == {"duplicates": "done"}


def test_a_rewound_case_is_ready_for_whatever_code_is_active(db: Database, birth: int, task: int) -> None:
    _rewind(db, birth, "review")
    case = look(db, birth).case
    assert (case.status, case.ready, case.generation, case.code) == ("open", True, 1, None)


def test_a_step_set_aside_can_be_asked_anew(db: Database, birth: int, task: int) -> None:
    _rewind(db, birth, "review")
    again = open_task(db, birth)
    assert again != task
    assert _in_force(db, birth) == {"review": "open"}


def test_a_rewind_to_a_later_visit_keeps_the_earlier_one(db: Database, birth: int) -> None:
    write_step(db, birth, "review", StepKind.APPROVAL)
    write_step(db, birth, "evidence", StepKind.QUESTION)
    open_task(db, birth, "review#2")
    _rewind(db, birth, "review#2")
    assert _in_force(db, birth) == {"review": "done", "evidence": "done"}


def test_a_second_rewind_goes_by_the_steps_in_force(db: Database, birth: int, task: int) -> None:
    _rewind(db, birth, "review")
    write_step(db, birth, "review", StepKind.APPROVAL)
    open_question(db, birth)
    _rewind(db, birth, "evidence")
    assert _in_force(db, birth) == {"review": "done"}


@pytest.mark.parametrize("status", ["pending", "rendering", "failed"])
def test_a_rewind_cancels_a_letter_not_issued_of_a_step_set_aside(
    db: Database, birth: int, status: str
) -> None:
    write_step(db, birth, "review", StepKind.APPROVAL)
    ask_letter(db, birth, status=status)
    _rewind(db, birth, "review")
    assert look(db, birth).letters[0].status == "cancelled"


def test_a_rewind_cancels_an_unsent_message_of_a_step_set_aside(db: Database, birth: int) -> None:
    ask_message(db, birth)
    _rewind(db, birth, "certificate-message")
    assert look(db, birth).messages[0].status == "cancelled"


def test_a_letter_and_a_message_whose_steps_stand_are_still_sent(db: Database, birth: int) -> None:
    ask_letter(db, birth, "acknowledgement")
    ask_message(db, birth, "question-message")
    open_question(db, birth)
    _rewind(db, birth, "evidence")
    whole = look(db, birth)
    assert (whole.letters[0].status, whole.messages[0].status) == ("pending", "pending")


def test_a_letter_made_again_supersedes_the_issued_one(db: Database, birth: int) -> None:
    first = ask_letter(db, birth)
    _issue_letter(db)
    _rewind(db, birth, "certificate")
    second = ask_letter(db, birth)
    _issue_letter(db)
    letters = {letter.id: (letter.status, letter.superseded_by) for letter in look(db, birth).letters}
    assert letters == {first: ("superseded", second), second: ("issued", None)}


def test_a_number_is_kept_through_a_rewind(db: Database, birth: int) -> None:
    wanted = [NumberRequest(birth, "registration-number", "series", "{number}")]
    with db.write() as connection:
        allot(connection, wanted, now=NOW)
    write_step(db, birth, "registration-number", StepKind.NUMBER)
    _rewind(db, birth, "registration-number")
    with db.write() as connection:
        assert allot(connection, wanted, now=NOW) == {birth: "1"}
    assert len(look(db, birth).numbers) == 1


def test_a_message_under_way_that_fails_after_its_step_was_set_aside_is_not_sent_again(
    db: Database, birth: int
) -> None:
    ask_message(db, birth)
    with db.write() as connection:
        (work,) = claim_messages(connection, now=NOW, limit=1)
    _rewind(db, birth, "certificate-message")
    with db.write() as connection:
        finish_message(connection, work, failure="no signal", now=NOW)
    assert look(db, birth).messages[0].status == "failed"


def test_a_message_left_behind_by_a_crash_is_not_sent_again_after_a_withdrawal(
    db: Database, birth: int
) -> None:
    ask_message(db, birth)
    with db.write() as connection:
        claim_messages(connection, now=NOW, limit=1)
    _withdraw(db, birth)
    with db.write() as connection:
        recover_abandoned(connection, now=NOW + timedelta(hours=1))
    assert look(db, birth).messages[0].status == "unknown"


def test_the_reason_of_a_rewind_is_kept_as_a_note(
    db: Database, birth: int, task: int, supervisor: Actor
) -> None:
    _rewind(db, birth, "review", supervisor, reason=" Wrong child ")
    (note,) = look(db, birth).notes
    assert (note.actor, note.about, note.body) == ("sela", "review", "Wrong child")


def test_the_trail_tells_a_rewind_without_its_reason(
    db: Database, birth: int, task: int, supervisor: Actor
) -> None:
    _rewind(db, birth, "review", supervisor, reason="Losalini Tikoisuva is somebody else")
    event = look(db, birth).events[-1]
    assert (event.kind, '"to":"review"' in event.body) == ("rewound", True)
    assert "Losalini" not in event.body


def test_a_rewind_without_a_reason_is_refused(db: Database, birth: int, task: int) -> None:
    with pytest.raises(ReasonMissing):
        _rewind(db, birth, "review", reason=" ")


def test_a_rewind_to_a_step_never_taken_finds_nothing(db: Database, birth: int, task: int) -> None:
    with pytest.raises(NotFound, match="never came to step certificate"):
        _rewind(db, birth, "certificate")
    assert look(db, birth).case.generation == 0


def test_a_registrar_does_not_rewind(db: Database, birth: int, task: int, registrar: Actor) -> None:
    with pytest.raises(NotAllowed):
        _rewind(db, birth, "review", registrar)


# -- re-opening ------------------------------------------------------------------------------------


def test_a_withdrawn_case_opens_again_at_its_step(db: Database, birth: int, task: int) -> None:
    _withdraw(db, birth)
    _reopen(db, birth, "review")
    case: Any = look(db, birth).case
    assert (case.status, case.outcome, case.closed_at) == ("open", None, None)
    assert (case.ready, case.generation) == (True, 2)


def test_what_a_withdrawal_cancelled_is_sent_when_the_case_opens_again_behind_it(
    db: Database, birth: int
) -> None:
    ask_letter(db, birth, "acknowledgement")
    ask_message(db, birth, "question-message")
    open_question(db, birth)
    _withdraw(db, birth)
    _reopen(db, birth, "evidence")
    whole = look(db, birth)
    assert (whole.letters[0].status, whole.messages[0].status) == ("pending", "pending")


def test_what_a_withdrawal_cancelled_stays_so_when_the_case_opens_again_before_it(
    db: Database, birth: int
) -> None:
    write_step(db, birth, "review", StepKind.APPROVAL)
    ask_letter(db, birth)
    _withdraw(db, birth)
    _reopen(db, birth, "review")
    assert look(db, birth).letters[0].status == "cancelled"


def test_an_open_case_is_not_reopened(db: Database, birth: int, task: int) -> None:
    with pytest.raises(Refused, match="rewind it instead"):
        _reopen(db, birth, "review")


def test_a_closed_case_is_not_rewound(db: Database, birth: int, task: int) -> None:
    _withdraw(db, birth)
    with pytest.raises(CaseClosed):
        _rewind(db, birth, "review")


def test_the_applicant_does_not_reopen(db: Database, birth: int, task: int, applicant: Actor) -> None:
    _withdraw(db, birth)
    with pytest.raises(NotAllowed):
        _reopen(db, birth, "review", applicant)


def test_a_decided_case_that_waits_only_for_its_receipt_is_not_withdrawn(
    db: Database, birth: int, applicant: Actor
) -> None:
    open_step(db, birth, "receipt", StepKind.CONFIRMATION, shows={"letter": "certificate"})
    with pytest.raises(CaseClosed):
        carry_out(db, withdraw, case_id=birth, actor=applicant, now=NOW)
    assert look(db, birth).case.status == "open"
