"""Those whose role keeps a list close its batches and confirm them; nobody else sees any."""

from __future__ import annotations

import csv
import io

import pytest
from sqlalchemy import insert, select

from cases.exports import PAGE as SIZE
from cases.exports import batch
from cases.models import AccessLogEntry, ExportBatch, JournalEntry, table_of
from cases.reading import case_id_of
from cases.vocabulary import StepKind, StepStatus
from tests.conftest import NOW
from tests.database.rows import open_step, write_step
from tests.paying import CASHIER, PAYMENTS, close, confirm, ordered, standings
from tests.web.conftest import employ
from tests.web.site import Site, Visitor, words_of

LISTS = "/staff/lists"
PAGE = f"{LISTS}/{PAYMENTS}"


@pytest.fixture
def kesa(site: Site) -> Visitor:
    """Kesa, who keeps the list of payments, signed in."""
    return employ(site, "kesa", "payments-officer", office=None)


def closed(site: Site) -> int:
    """Close a batch of what waits; return its number."""
    made = close(site.db)
    assert made is not None
    return made.number


def row_of(site: Site, number: int, place: int = 0) -> int:
    """The number of a row of a batch."""
    with site.db.write() as connection:
        return batch(connection, number, actor=CASHIER, now=NOW).lines[place].id


def test_the_lists_of_a_role_are_in_its_navigation_with_what_waits(site: Site, kesa: Visitor) -> None:
    ordered(site.db)
    assert f'href="{LISTS}"' in kesa.get("/staff/inbox").text
    assert "Payments 1" in words_of(kesa.get(LISTS))
    assert "1 row waits." in words_of(kesa.get(PAGE))


def test_a_batch_is_closed_once_and_saved_as_a_file(site: Site, kesa: Visitor) -> None:
    case_id = ordered(site.db)
    address = kesa.send(PAGE).headers["Location"]
    assert standings(site.db, case_id) == ["exported"]
    rows = list(csv.DictReader(io.StringIO(kesa.get(f"{address}/csv").data.decode("utf-8-sig"))))
    assert [(row["amount"], row["row"]) for row in rows] == [("10", str(row_of(site, int(rows[0]["batch"]))))]
    assert "To confirm" in words_of(kesa.get(PAGE))


def test_closing_when_nothing_waits_makes_no_batch_and_says_so(site: Site, kesa: Visitor) -> None:
    ordered(site.db)
    token = kesa.token(PAGE)
    closed(site)
    response = kesa.client.post(PAGE, data={"csrf_token": token}, follow_redirects=True)
    assert "Nothing waits on this list" in words_of(response)


def test_a_batch_is_confirmed_after_the_page_has_asked_once_more(site: Site, kesa: Visitor) -> None:
    paid, back = ordered(site.db, "one"), ordered(site.db, "two")
    number = closed(site)
    address, field = f"{PAGE}/{number}", f"returned-{row_of(site, number, 1)}"
    asked = kesa.send(address, {field: "Account closed", "do": "ask"})
    assert "1 of 2 were done, 1 came back" in words_of(asked)
    assert standings(site.db, back) == ["exported"]
    response = kesa.send(address, {field: "Account closed", "do": "confirm"})
    assert response.headers["Location"].endswith("told=confirmed")
    assert [standings(site.db, case_id) for case_id in (paid, back)] == [["confirmed"], ["returned"]]
    words = words_of(kesa.get(address))
    assert "Account closed" in words
    assert "can’t be changed any more" in words
    assert "1 returned" in words_of(kesa.get(PAGE))


def test_what_was_typed_stands_there_again_when_something_is_to_be_changed(site: Site, kesa: Visitor) -> None:
    ordered(site.db)
    number = closed(site)
    field = f"returned-{row_of(site, number)}"
    response = kesa.send(f"{PAGE}/{number}", {field: "Account closed", "do": "change"})
    assert 'value="Account closed"' in response.text
    assert "Is this right?" not in words_of(response)


def test_a_reason_that_is_too_long_is_told_where_it_stands(site: Site, kesa: Visitor) -> None:
    case_id = ordered(site.db)
    number = closed(site)
    field = f"returned-{row_of(site, number)}"
    response = kesa.send(f"{PAGE}/{number}", {field: "x" * 501, "do": "confirm"})
    assert response.status_code == 422
    assert "Shorten this to 500 characters" in words_of(response)
    assert standings(site.db, case_id) == ["exported"]


def test_who_confirms_second_is_shown_what_the_first_one_said(site: Site, kesa: Visitor) -> None:
    ordered(site.db)
    number = closed(site)
    token = kesa.token(f"{PAGE}/{number}")
    confirm(site.db, number)
    response = kesa.client.post(f"{PAGE}/{number}", data={"csrf_token": token, "do": "confirm"})
    assert response.status_code == 409
    assert "by operator:cashier" in words_of(response)


def test_reading_a_batch_is_logged(site: Site, kesa: Visitor) -> None:
    ordered(site.db)
    number = closed(site)
    kesa.get(f"{PAGE}/{number}")
    with site.db.read() as connection:
        found = select(AccessLogEntry.detail).where(AccessLogEntry.actor == "kesa")
        assert f"payments batch {number}" in connection.execute(found).scalars().all()


def test_a_list_of_another_role_is_not_there_and_other_roles_have_none(
    site: Site, kesa: Visitor, mere: Visitor
) -> None:
    ordered(site.db)
    number = closed(site)
    other = f"{LISTS}/lands-commission"
    for address in (other, f"{other}/{number}", f"{other}/{number}/csv", f"{PAGE}/{number + 1}"):
        assert kesa.get(address).status_code == 404
    token = kesa.token(f"{PAGE}/{number}")
    assert kesa.client.post(other, data={"csrf_token": token}).status_code == 404
    assert mere.get(LISTS).status_code == 403
    assert mere.get(f"{PAGE}/{number}").status_code == 403


def test_older_batches_are_on_the_next_page(site: Site, kesa: Visitor) -> None:
    rows = [{"list": PAYMENTS, "made_at": NOW, "made_by": "kesa", "count": 1} for _ in range(SIZE + 1)]
    with site.db.write() as connection:
        connection.execute(insert(table_of(ExportBatch)), rows)
    first = kesa.get(PAGE).text
    assert first.count("To confirm") == SIZE
    (older,) = [part.partition('"')[0] for part in first.split('rel="next" href="')[1:]]
    assert kesa.get(older).text.count("To confirm") == 1


# -- the applicant is asked whether the money came -------------------------------------------------


def test_the_applicant_is_asked_about_the_money_once_it_is_paid(site: Site, family: Visitor) -> None:
    reference, pin = family.apply()
    family.track(reference, pin)
    with site.db.read() as connection:
        case_id = case_id_of(connection, reference)
    payment = write_step(site.db, case_id, "payment", StepKind.PAYMENT, status=StepStatus.OPEN, done_at=None)
    about = {"shows": {"payment": "payment"}}
    receipt = open_step(site.db, case_id, "receipt", StepKind.CONFIRMATION, **about)
    assert "Has the money arrived?" not in words_of(family.get("/track/application"))
    paid = {"status": StepStatus.DONE, "done_at": NOW, "result": {"outcome": "paid"}}
    with site.db.write() as connection:
        connection.execute(table_of(JournalEntry).update().where(JournalEntry.id == payment).values(paid))
    assert "Has the money arrived?" in words_of(family.get("/track/application"))
    family.send(f"/track/received/{receipt}", page="/track/application")
    with site.db.read() as connection:
        entry = connection.execute(select(JournalEntry.result).where(JournalEntry.id == receipt)).scalar_one()
    assert entry["by"] == "citizen"


def test_nothing_is_taken_back_on_the_page_once_money_is_ordered(site: Site, family: Visitor) -> None:
    reference, pin = family.apply()
    family.track(reference, pin)
    assert "Withdraw this application" in words_of(family.get("/track/application"))
    with site.db.read() as connection:
        case_id = case_id_of(connection, reference)
    write_step(site.db, case_id, "payment", StepKind.PAYMENT, status=StepStatus.OPEN, done_at=None)
    assert "Withdraw this application" not in words_of(family.get("/track/application"))
