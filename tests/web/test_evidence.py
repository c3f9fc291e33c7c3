"""What a task shows is drawn by its shape, in the words of the service's own files."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from tests.web.site import SERVICE
from web.platform import EXTENSION
from web.staff.evidence import Block, Row, Words, evidence, findings
from web.staff.reading import words_of


@pytest.fixture
def words(app: Flask) -> Iterator[Words]:
    """The words of birth registration."""
    platform = app.extensions[EXTENSION]
    with app.test_request_context("/staff/inbox"):
        yield Words(platform.services[SERVICE], platform.forms[SERVICE])


def one(value: Any, words: Words, name: str = "something") -> Block:
    """Return the only piece of evidence."""
    (block,) = evidence({name: value}, words)
    return block


def test_nothing_shown_is_nothing_drawn(words: Words) -> None:
    assert evidence(None, words) == []
    assert evidence({"asked": [], "notification": None}, words) == []


def test_single_values_stand_together_named_as_the_form_names_them(words: Words) -> None:
    block = one("female", words, "child_sex")
    assert (block.kind, block.value) == ("rows", [Row("Sex", "Girl")])
    shown = evidence({"child_name": "Eva", "child_birth_date": "2026-04-20"}, words)
    assert [row.text for row in shown[0].value] == ["Eva", "20 April 2026"]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (True, "Yes"),
        (3, "3"),
        ("2026-04-20", "20 April 2026"),
        ("2026-04-20T00:00:00+00:00", "20 April 2026, 12:00 pm"),
        ("20 a week", "20 a week"),
        (["a", "b"], "a, b"),
        ([{"amount": 20, "unit": None}], "Amount: 20"),
    ],
)
def test_a_value_is_written_by_its_type(words: Words, value: Any, text: str) -> None:
    assert one({"limit": value}, words).value == [Row("Limit", text)]


def test_a_decision_is_told_in_the_words_of_its_step(words: Words) -> None:
    value = {
        "outcome": "paid",
        "by_name": "Luisa",
        "at": "2026-05-05T00:00:00+00:00",
        "details": {"amount": "23"},
    }
    block = one(value, words, "late_fee")
    assert block.kind == "decision"
    assert block.title == "The late fee at the counter"
    assert block.value["outcome"] == "The fee is paid"
    assert block.value["rows"] == [Row("Amount", "23")]


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ({"answer": "It was at home."}, "answer"),
        ({"no_answer": True}, "answer"),
        ([{"question": "Where?", "answer": "At home."}], "exchange"),
        ([{"reference": "BR-222-222-222"}], "cases"),
    ],
)
def test_answers_and_other_cases_are_known_by_their_keys(words: Words, value: Any, kind: str) -> None:
    assert one(value, words).kind == kind


def test_criteria_become_a_table_with_where_each_fact_comes_from(words: Words) -> None:
    facts = [{"name": "notification_number", "value": None, "source": "answer"}]
    found = one([{"key": "notification", "status": "not-proven", "facts": facts}], words, "criteria").value
    assert found[0]["standing"] == "Not proven"
    assert found[0]["facts"] == [Row("Notification of Birth", "Not known", "application")]


def test_likely_duplicates_stand_side_by_side_with_what_differs_marked(words: Words) -> None:
    def hit(reference: str, *compared: tuple[str, Any, Any, bool]) -> dict[str, Any]:
        named = [dict(zip(("field", "own", "other", "differs"), each, strict=True)) for each in compared]
        return {"reference": reference, "rule": "same-mother", "compared": named}

    value = [
        hit("BR-1", ("child_name", "Eva", "Ewa", True), ("child_sex", "female", "female", False)),
        hit("BR-2", ("child_name", "Eva", "Eva", False)),
    ]
    block = one(value, words, "duplicates")
    assert block.kind == "duplicates"
    names, sexes = block.value["rows"]
    assert (names.label, names.own, names.others) == ("Child’s name", "Eva", [("Ewa", True), ("Eva", False)])
    assert (sexes.own, sexes.others) == ("Girl", [("Girl", False), ("", False)])
    assert block.value["hits"][0]["rule"] == "same mother"


def test_people_of_other_cases_are_told_with_their_role_and_why_they_are_the_same(words: Words) -> None:
    hit = {
        "reference": "BR-1",
        "service": SERVICE,
        "status": "closed",
        "outcome": "registered",
        "role": "second-parent",
        "name": "Eva Lal",
        "mine_role": "applicant",
        "mine_name": "Lal Eva",
        "by": "name-and-birth-date",
    }
    block = one([hit], words, "overlap")
    assert block.kind == "people"
    (told,) = block.value
    assert (told["name"], told["role"], told["other_role"]) == ("Lal Eva", "Applicant", "Second parent")
    assert (told["service"], told["stands"]) == ("Register a birth", "Registered and received")
    assert told["by"] == "Same name and birth date"


def test_people_of_a_register_are_told_with_how_full_they_are(words: Words) -> None:
    one_of = {"key": "ana-vula", "name": "Ana Vula", "areas": ["family", "criminal"], "division": "Central"}
    block = one([{**one_of, "open": 3, "capacity": 3}], words, "lawyers")
    assert block.kind == "load"
    (told,) = block.value
    assert (told["name"], told["areas"], told["open"], told["full"]) == (
        "Ana Vula",
        "family, criminal",
        3,
        True,
    )


def test_a_case_shows_what_was_found_last(words: Words) -> None:
    class Entry:
        def __init__(self, key: str, result: Any, role: str | None = None) -> None:
            self.key, self.result, self.role = key, result, role

    first = [{"key": "notification", "status": "met", "facts": []}]
    last = [{"key": "notification", "status": "not-met", "facts": []}]
    entries = [
        Entry("criteria", first),
        Entry("review", {"outcome": "ask"}, "registrar"),
        Entry("criteria#2", last),
        Entry("route", {"name": "on-time"}),
    ]
    (block,) = findings(entries, words)
    assert [each["standing"] for each in block.value] == ["Not met"]


def test_what_a_rule_found_is_told_in_the_services_words_key_by_key(words: Words) -> None:
    rate = {"value": "20", "unit": "FJD", "valid_from": "1975-01-01", "source": "A page", "confirmed": False}
    block = one({"name": "very-late", "free_months": 12, "fee": rate}, words, "route")
    assert block.title == "The child's age, and what follows from it"
    assert block.value == [
        Row("How late", "Very late: with a declaration, a fee, evidence and a ruling"),
        Row("Free of charge, in months", "12"),
        Row("Late fee", "$20.00, since 1 January 1975 (not confirmed: A page)"),
    ]


def test_a_rate_shown_alone_is_one_row(words: Words) -> None:
    rate = {"value": "20", "unit": "FJD", "valid_from": "1975-01-01", "source": "A page", "confirmed": True}
    assert one(rate, words, "fee").value == [
        Row("Late fee", "$20.00, since 1 January 1975 (confirmed: A page)")
    ]


def test_what_lies_within_a_shown_thing_stands_among_its_rows(words: Words) -> None:
    block = one({"number": "7", "facts": {"child_name": "Eva"}}, words, "found")
    assert block.value == [Row("Number", "7"), Row("Child’s name", "Eva")]


def test_what_an_officer_filled_in_is_named_as_its_form_names_it(app: Flask) -> None:
    platform = app.extensions[EXTENSION]
    with app.test_request_context("/staff/inbox"):
        (block,) = evidence(
            {"late_fee": {"outcome": "paid", "details": {"amount": "23.00", "paid_on": "2026-05-08"}}},
            words_of(platform.services[SERVICE]),
        )
    assert block.value["rows"] == [Row("Amount (FJD)", "23.00"), Row("Paid on", "8 May 2026")]
