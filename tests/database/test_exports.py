"""A list for another office is handed over in batches, and each row is in exactly one."""

from __future__ import annotations

import io
from typing import Any

import pytest
from sqlalchemy import func, insert, select

from cases.db import Database
from cases.errors import NotFound
from cases.export_csv import write_csv
from cases.exports import Batch, batch, close_batch, count_pending
from cases.models import AccessLogEntry, ExportBatch, ExportRow
from cases.permissions import Actor
from cases.revisions import rewind
from cases.vocabulary import ExportStatus, StepKind
from tests.births import submit_birth
from tests.conftest import NOW
from tests.database.racing import at_once, meanwhile
from tests.database.rows import look, write_step

LIST = "lands-commission"
OPERATOR = Actor.operator("root")


def put_on_list(db: Database, **facts: Any) -> int:
    """Submit a birth with a row of the list; return the case's id."""
    case_id = submit_birth(db).case_id
    write_step(db, case_id, "lands-notice", StepKind.EXPORT)
    row = {"case_id": case_id, "generation": 0, "key": "lands-notice", "list": LIST, "created_at": NOW}
    row |= {"facts": {"child_name": "Losalini", **facts}, "status": ExportStatus.PENDING}
    with db.write() as connection:
        connection.execute(insert(ExportRow).values(row))
    return case_id


def close(db: Database, limit: int = 500) -> Batch | None:
    """Close a batch of the list."""
    with db.write() as connection:
        return close_batch(connection, LIST, actor=OPERATOR, now=NOW, limit=limit)


def test_a_batch_has_the_rows_that_wait_and_the_next_one_only_new_ones(db: Database) -> None:
    put_on_list(db)
    put_on_list(db)
    first = close(db)
    third = put_on_list(db)
    second = close(db)
    assert first is not None
    assert len(first.rows) == 2
    assert second is not None
    assert [row["reference"] for row in second.rows] == [look(db, third).case.reference]
    assert close(db) is None


def test_a_batch_can_be_printed_again(db: Database) -> None:
    put_on_list(db)
    made = close(db)
    assert made is not None
    with db.write() as connection:
        assert batch(connection, made.number, actor=OPERATOR, now=NOW, of=LIST) == made
        with pytest.raises(NotFound):
            batch(connection, made.number, actor=OPERATOR, now=NOW, of="bank")


def test_nothing_that_waits_makes_no_batch(db: Database) -> None:
    assert close(db) is None
    with db.read() as connection:
        assert connection.execute(select(func.count(ExportBatch.id))).scalar_one() == 0


def test_a_row_handed_over_is_an_event_of_its_case_and_reading_it_is_logged(db: Database) -> None:
    case_id = put_on_list(db)
    close(db)
    assert look(db, case_id).events[-1].kind == "exported"
    with db.read() as connection:
        logged = connection.execute(select(AccessLogEntry.action, AccessLogEntry.detail)).one()
    assert logged.action == "export"
    assert logged.detail.startswith(LIST)


def test_a_batch_takes_no_more_than_its_limit(db: Database) -> None:
    for _ in range(3):
        put_on_list(db)
    made = close(db, limit=2)
    assert made is not None
    assert len(made.rows) == 2
    with db.read() as connection:
        assert count_pending(connection, LIST) == 1


def test_of_two_who_close_at_once_each_row_is_in_one_batch(db: Database) -> None:
    for _ in range(4):
        put_on_list(db)
    batches = [made for made in at_once(lambda: close(db), lambda: close(db)) if made]
    references = [row["reference"] for made in batches for row in made.rows]
    assert len(references) == len(set(references)) == 4


def test_who_waits_for_another_s_batch_takes_none_of_its_rows(db: Database) -> None:
    put_on_list(db)
    second = meanwhile(
        db, lambda connection: close_batch(connection, LIST, actor=OPERATOR, now=NOW), lambda: close(db)
    )
    assert second is None
    with db.read() as connection:
        assert connection.execute(select(ExportBatch.count)).scalars().all() == [1]


def test_a_row_whose_case_is_rewound_meanwhile_goes_nowhere(db: Database) -> None:
    case_id = put_on_list(db)

    def go_back(connection: Any) -> None:
        named = {"to_key": "lands-notice", "reason": "Not iTaukei.", "actor": OPERATOR, "now": NOW}
        rewind(connection, case_id=case_id, **named)

    assert meanwhile(db, go_back, lambda: close(db)) is None


def test_a_row_whose_batch_died_with_its_transaction_waits_again(db: Database) -> None:
    put_on_list(db)
    second = meanwhile(
        db,
        lambda connection: close_batch(connection, LIST, actor=OPERATOR, now=NOW),
        lambda: close(db),
        commit=False,
    )
    assert second is not None
    assert len(second.rows) == 1


def test_csv_has_a_column_for_each_fact_of_any_row_and_no_formula(db: Database) -> None:
    put_on_list(db, vkb_number="VKB-1")
    put_on_list(db, phone="=HYPERLINK(1)")
    made, out = close(db), io.StringIO()
    assert made is not None
    write_csv(made, out)
    head, first, second = out.getvalue().splitlines()
    assert head == "batch,row,reference,child_name,vkb_number,phone"
    assert first.endswith("Losalini,VKB-1,")
    assert second.endswith("Losalini,,'=HYPERLINK(1)")
