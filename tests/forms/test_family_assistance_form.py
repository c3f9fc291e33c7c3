"""The form of Family Assistance: a message at the field for a household or an income that can't be."""

from typing import Any

import pytest

from forms.compiler import load_form
from forms.form import Form
from tests.forms.applications import RECEIVED

MEMBER = {
    "member_name": "Asenaca Tuvakari",
    "member_birth_date": "2012-11-30",
    "member_relation": "child",
    "member_allowances": [],
}
GOOD: dict[str, Any] = {
    "head_name": "Sereana Tuvakari",
    "head_birth_date": "1971-08-14",
    "home_province": "Rewa",
    "home_village": "Waila settlement",
    "lives_alone": False,
    "members": [MEMBER],
    "income_work": 60,
    "income_other": 0,
    "superannuation": False,
    "walls": "iron",
    "water": "shared",
    "endorsed_by": "turaga_ni_koro",
    "endorser_name": "Ilaitia Bolatagane",
    "payee_kind": "bank",
    "bank_name": "Bank of the South Pacific",
    "account_number": "8123456",
    "declares_training": True,
    "declares_truth": True,
    "head_phone": "869 9201",
    "language": "en",
}


@pytest.fixture(scope="module")
def form() -> Form:
    return load_form("family-assistance")


def test_an_application_is_taken(form: Form) -> None:
    checked = form.validate(GOOD, received_at=RECEIVED)
    assert checked.errors == []
    assert form.validate(checked.answers, received_at=RECEIVED) == checked


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"members": []}, ["members"]),
        ({"members": [MEMBER] * 19}, []),
        ({"members": [MEMBER] * 20}, ["members"]),
        ({"members": [MEMBER] * 60}, ["members"]),
        (
            {"members": [MEMBER, {**MEMBER, "member_birth_date": "2030-01-01"}]},
            ["members[2].member_birth_date"],
        ),
        ({"lives_alone": True, "members": []}, []),
        ({"lives_alone": True}, ["members"]),
        ({"income_work": -5}, ["income_work"]),
        ({"income_work": None}, ["income_work"]),
        ({"income_other": 100_001}, ["income_other"]),
        ({"head_birth_date": "2030-01-01"}, ["head_birth_date"]),
        ({"endorsed_by": "nobody", "endorser_name": None}, []),
        ({"endorser_name": None}, ["endorser_name"]),
        ({"account_number": None}, ["account_number"]),
        ({"payee_kind": "wallet", "bank_name": None, "account_number": None}, ["wallet_phone"]),
        ({"wallet_phone": "701 2345"}, ["wallet_phone"]),
        ({"declares_truth": False}, ["declares_truth"]),
        ({"declares_training": False}, []),
        ({"head_phone": None}, ["head_phone"]),
    ],
)
def test_one_mistake_gives_one_error_at_its_field(
    form: Form, changes: dict[str, Any], fields: list[str]
) -> None:
    found = form.validate({**GOOD, **changes}, received_at=RECEIVED).errors
    assert [error.field for error in found] == fields


def test_a_negative_income_is_told_what_not_to_subtract(form: Form) -> None:
    [error] = form.validate({**GOOD, "income_work": -5}, received_at=RECEIVED).errors
    assert error.message["en"] == "Enter 0 or more. What the household owes or spends is not subtracted"


def test_a_household_of_sixty_is_told_what_to_do(form: Form) -> None:
    [error] = form.validate({**GOOD, "members": [MEMBER] * 60}, received_at=RECEIVED).errors
    assert error.message["en"].startswith("Name no more than 19 other people.")
