"""A payment order is in one batch, and is paid once whatever becomes of its case."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from cases import audit
from cases.confirming import confirm_batch
from cases.db import Database
from cases.errors import AlreadyDecided, CaseError, NotAllowed, NotFound, ReasonMissing
from cases.exports import batch, close_batch
from cases.models import ExportBatch
from cases.permissions import Actor
from cases.revisions import reopen, rewind, withdraw
from cases.transaction import carry_out
from cases.vocabulary import ExportStatus
from tasks.payment import order_payment
from tests.births import family
from tests.conftest import NOW
from tests.database.racing import at_once, of_kind
from tests.engine.toys import decide_step, journal, look, settle, step, toy
from tests.paying import CASHIER, close, confirm, ordered, orders, pays, standings

NO_ACCOUNT = "There is no such account."
MAY_BE_PAID = (ExportStatus.EXPORTED, ExportStatus.CONFIRMED)


def go_back(db: Database, case_id: int, to_key: str = "payment") -> None:
    named: dict[str, Any] = {"to_key": to_key, "reason": "Another account.", "actor": CASHIER, "now": NOW}
    carry_out(db, rewind, case_id=case_id, **named)
    settle(db, pays())


def batched(db: Database) -> tuple[int, int, int]:
    """A case whose order is in a batch: its id, the batch's number and the row's."""
    case_id = ordered(db)
    made = close(db)
    assert made is not None
    return case_id, made.number, made.lines[0].id


# -- ordered, paid, returned -----------------------------------------------------------------------


def test_an_order_is_a_row_of_its_list_and_the_case_waits(db: Database) -> None:
    case_id = ordered(db)
    (row,) = orders(db, case_id)
    assert (row.list, row.status, row.facts["amount"]) == ("payments", "pending", 10)
    assert journal(db, case_id)["payment"] == "open"


def test_a_confirmed_batch_ends_the_wait_as_paid(db: Database) -> None:
    case_id, number, _ = batched(db)
    confirm(db, number)
    assert standings(db, case_id) == ["confirmed"]
    assert look(db, case_id).events[-1].kind == "export-confirmed"
    settle(db, pays())
    entry = step(db, case_id, "payment")
    assert entry.result == {"outcome": "paid", "batch": number, "at": NOW.isoformat()}
    assert entry.done_by == CASHIER.name
    assert step(db, case_id, "look").shows["paid"]["batch"] == number


def test_a_returned_order_ends_as_returned_with_the_reason_and_can_be_made_again(db: Database) -> None:
    case_id, number, row = batched(db)
    confirm(db, number, {row: f" {NO_ACCOUNT}\n"})
    assert look(db, case_id).events[-1].kind == "export-returned"
    settle(db, pays())
    result = step(db, case_id, "payment").result
    assert (result["outcome"], result["reason"]) == ("returned", NO_ACCOUNT)
    assert standings(db, case_id) == ["returned", "pending"]
    assert journal(db, case_id)["payment#2"] == "open"


def test_of_a_batch_some_are_paid_and_some_come_back(db: Database) -> None:
    ids = [ordered(db, token) for token in ("one", "two", "three")]
    made = close(db)
    assert made is not None
    found = confirm(db, made.number, {made.lines[1].id: NO_ACCOUNT})
    assert [line.status for line in found.lines] == ["confirmed", "returned", "confirmed"]
    assert [standings(db, case_id) for case_id in ids] == [["confirmed"], ["returned"], ["confirmed"]]
    assert [line.id for line in found.returned] == [made.lines[1].id]


def test_a_batch_is_confirmed_once(db: Database) -> None:
    case_id, number, row = batched(db)
    confirm(db, number)
    with pytest.raises(AlreadyDecided) as refused:
        confirm(db, number, {row: NO_ACCOUNT})
    assert refused.value.by == CASHIER.name
    assert standings(db, case_id) == ["confirmed"]


def test_of_two_who_confirm_a_batch_at_once_one_is_refused(db: Database) -> None:
    case_id, number, row = batched(db)
    results = at_once(lambda: confirm(db, number), lambda: confirm(db, number, {row: NO_ACCOUNT}))
    assert len(of_kind(results, AlreadyDecided)) == 1
    assert standings(db, case_id) in (["confirmed"], ["returned"])
    assert [event.kind for event in look(db, case_id).events if "export-" in event.kind] != []


@pytest.mark.parametrize(
    ("returned", "error"), [({999_999: "No account."}, NotFound), ({0: " \n"}, ReasonMissing)]
)
def test_a_wrong_return_changes_nothing(
    db: Database, returned: dict[int, str], error: type[CaseError]
) -> None:
    case_id, number, row = batched(db)
    with pytest.raises(error):
        confirm(db, number, {row if key == 0 else key: reason for key, reason in returned.items()})
    assert standings(db, case_id) == ["exported"]
    with db.read() as connection:
        assert connection.execute(select(ExportBatch.confirmed_at)).scalar_one() is None


def test_a_batch_that_there_is_not_is_not_found(db: Database) -> None:
    with pytest.raises(NotFound):
        confirm(db, 77)


def test_a_list_is_closed_and_confirmed_only_by_a_role_that_keeps_it(db: Database, registrar: Actor) -> None:
    ordered(db)
    with db.write() as connection, pytest.raises(NotAllowed):
        close_batch(connection, "payments", actor=registrar, now=NOW)
    made = close(db)
    assert made is not None
    with db.write() as connection, pytest.raises(NotAllowed):
        confirm_batch(connection, made.number, returned={}, actor=registrar, now=NOW)


# -- cases taken back ------------------------------------------------------------------------------


def test_a_pending_order_of_a_case_taken_back_is_cancelled_and_made_anew(db: Database) -> None:
    case_id = ordered(db)
    go_back(db, case_id)
    assert standings(db, case_id) == ["cancelled", "pending"]


def test_an_order_in_a_batch_is_taken_over_by_the_step_that_is_asked_again(db: Database) -> None:
    case_id, number, _ = batched(db)
    go_back(db, case_id)
    assert standings(db, case_id) == ["exported"]
    assert close(db) is None
    confirm(db, number)
    settle(db, pays())
    assert journal(db, case_id) == {"amount": "done", "payment": "done", "look": "open"}


def test_an_order_that_was_paid_is_not_paid_again_after_the_case_is_taken_back(db: Database) -> None:
    case_id, number, _ = batched(db)
    confirm(db, number)
    settle(db, pays())
    go_back(db, case_id)
    assert standings(db, case_id) == ["confirmed"]
    assert journal(db, case_id) == {"amount": "done", "payment": "done", "look": "open"}
    assert step(db, case_id, "payment").result["batch"] == number


def test_what_was_paid_of_a_withdrawn_case_is_kept_as_a_note_and_counts_when_it_is_opened_again(
    db: Database,
) -> None:
    case_id, number, row = batched(db)
    carry_out(db, withdraw, case_id=case_id, actor=CASHIER, now=NOW, reason="They moved away.")
    confirm(db, number)
    assert look(db, case_id).notes[-1].body == f"Done in batch {number} of the list payments"
    assert not look(db, case_id).case.ready
    named: dict[str, Any] = {"reason": "They came back.", "actor": CASHIER, "now": NOW}
    carry_out(db, reopen, case_id=case_id, to_key="payment", **named)
    settle(db, pays())
    assert [each.id for each in orders(db, case_id)] == [row]
    assert journal(db, case_id)["payment"] == "done"


def test_what_came_back_of_a_withdrawn_case_is_kept_as_a_note(db: Database) -> None:
    case_id, number, row = batched(db)
    carry_out(db, withdraw, case_id=case_id, actor=CASHIER, now=NOW)
    confirm(db, number, {row: NO_ACCOUNT})
    assert NO_ACCOUNT in look(db, case_id).notes[-1].body


def test_the_facts_that_were_paid_are_told_when_the_order_would_be_another_now(db: Database) -> None:
    case_id, number, _ = batched(db)
    go_back_named: dict[str, Any] = {"to_key": "amount", "reason": "It is 20.", "actor": CASHIER, "now": NOW}
    carry_out(db, rewind, case_id=case_id, **go_back_named)

    def dearer(case: Any) -> str:
        paid = order_payment(case, "payment", to="payments", facts={"amount": 20})
        return "paid-less" if paid.facts["amount"] == 10 else "paid"  # type: ignore[union-attr]

    confirm(db, number)
    settle(db, toy(dearer))
    assert look(db, case_id).case.outcome == "paid-less"
    assert family("one")["mother_name"] == step(db, case_id, "payment").result["facts"]["payee"]


# -- whatever the sequence -------------------------------------------------------------------------


def _confirm_newest(db: Database, *, back: bool) -> None:
    with db.read() as connection:
        number = connection.execute(select(ExportBatch.id).order_by(ExportBatch.id.desc())).scalars().first()
    if number is None:
        return
    with db.write() as connection:
        lines = batch(connection, number, actor=CASHIER, now=NOW).lines
    confirm(db, number, {line.id: NO_ACCOUNT for line in lines} if back else {})


def _back(db: Database, case_id: int, verb: Callable[..., Any], key: str) -> None:
    named: dict[str, Any] = {"to_key": key, "reason": "Again.", "actor": CASHIER, "now": NOW}
    carry_out(db, verb, case_id=case_id, **named)


DEEDS: dict[str, Callable[[Database, int], Any]] = {
    "close": lambda db, _case: close(db),
    "close twice": lambda db, _case: at_once(lambda: close(db), lambda: close(db)),
    "confirm": lambda db, _case: _confirm_newest(db, back=False),
    "return": lambda db, _case: _confirm_newest(db, back=True),
    "rewind": lambda db, case_id: _back(db, case_id, rewind, "payment"),
    "rewind to the start": lambda db, case_id: _back(db, case_id, rewind, "amount"),
    "withdraw": lambda db, case_id: carry_out(db, withdraw, case_id=case_id, actor=CASHIER, now=NOW),
    "reopen": lambda db, case_id: _back(db, case_id, reopen, "payment"),
    "end": lambda db, case_id: decide_step(db, case_id, "look", "end"),
}


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(deeds=st.lists(st.sampled_from(sorted(DEEDS)), max_size=16))
@example(deeds=["close", "rewind", "close", "confirm"])
@example(deeds=["close", "withdraw", "confirm", "reopen", "close"])
def test_no_order_is_paid_twice_whatever_is_done_in_whatever_order(
    db: Database, deeds: Sequence[str]
) -> None:
    case_id = ordered(db)
    for deed in deeds:
        with suppress(CaseError, StopIteration):
            DEEDS[deed](db, case_id)
        settle(db, pays())
        assert sum(status in MAY_BE_PAID for status in standings(db, case_id)) <= 1, deed
    _bring_to_an_end(db, case_id)
    assert standings(db, case_id).count("confirmed") == 1
    with db.read() as connection:
        assert all(isinstance(each, int) for each in audit.verify(connection))


def _bring_to_an_end(db: Database, case_id: int) -> None:
    """Pay what is still to be paid."""
    for deed in ("reopen", "close", "confirm"):
        with suppress(CaseError):
            DEEDS[deed](db, case_id)
        settle(db, pays())
