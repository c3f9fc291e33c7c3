"""Applicants' references and PINs, and the slowing down of wrong tries."""

from __future__ import annotations

import dataclasses
from datetime import timedelta

import pytest

from cases.actions import submit
from cases.db import Database
from cases.errors import TooManyAttempts
from cases.people import (
    FREE_TRIES,
    case_for_pin,
    check_tries,
    count_wrong_try,
    forget_old_tries,
    forget_tries,
    normalise_reference,
    pin_digest,
    pin_for,
    try_key,
)
from cases.permissions import SYSTEM
from cases.transaction import carry_out
from tests.births import application, submit_birth
from tests.conftest import NOW
from tests.database.racing import at_once

SECRET = "the installation's secret"
KEY = try_key("pin", "BR-222-222-222")


def _with_pin(db: Database, pin: str = "123456") -> tuple[int, str]:
    plain = application()
    whole = dataclasses.replace(plain, pin_digest=pin_digest(SECRET, plain.reference, pin))
    return carry_out(db, submit, whole, actor=SYSTEM, now=NOW).case_id, plain.reference


def _open(db: Database, reference: str, pin: str, secret: str = SECRET) -> int | None:
    with db.read() as connection:
        return case_for_pin(connection, secret=secret, reference=reference, pin=pin)


def test_a_reference_and_its_pin_open_the_case(db: Database) -> None:
    case_id, reference = _with_pin(db)
    assert _open(db, reference, "123456") == case_id


def test_a_wrong_pin_an_unknown_reference_and_a_case_without_a_pin_look_alike(db: Database) -> None:
    _, reference = _with_pin(db)
    assert _open(db, reference, "123457") is None
    assert _open(db, "BR-222-222-222", "123456") is None
    assert _open(db, submit_birth(db).reference, "123456") is None


def test_a_pin_of_another_case_does_not_open_this_one(db: Database) -> None:
    _with_pin(db, "111111")
    _, reference = _with_pin(db, "222222")
    assert _open(db, reference, "111111") is None


def test_a_pin_is_worth_nothing_under_another_secret(db: Database) -> None:
    _, reference = _with_pin(db)
    assert _open(db, reference, "123456", secret="a stolen database elsewhere") is None


def test_one_client_key_always_gives_the_same_pin_of_six_digits() -> None:
    pins = {pin_for(SECRET, f"key-{number}") for number in range(200)}
    assert all(len(pin) == 6 and pin.isdigit() for pin in pins)
    assert len(pins) > 190
    assert pin_for(SECRET, "key-1") == pin_for(SECRET, "key-1") != pin_for("another", "key-1")


@pytest.mark.parametrize(
    "typed", ["BR-7K3-F9M-2QX", "br7k3f9m2qx", " br 7k3 f9m 2qx ", "BR–7K3–F9M–2QX", "b.r.7k3f9m2qx"]
)
def test_a_reference_is_understood_however_it_is_typed(typed: str) -> None:
    assert normalise_reference(typed) == "BR-7K3-F9M-2QX"


@pytest.mark.parametrize("typed", ["", "-", "BR", "ब्र", "x" * 1000])
def test_rubbish_for_a_reference_does_no_harm(db: Database, typed: str) -> None:
    assert _open(db, normalise_reference(typed), "123456") is None


# -- slowing down ----------------------------------------------------------------------------------


def _wrong(db: Database, times: int = 1) -> None:
    for _ in range(times):
        with db.write() as connection:
            count_wrong_try(connection, KEY, now=NOW)


def _pause(db: Database) -> timedelta:
    try:
        with db.read() as connection:
            check_tries(connection, KEY, now=NOW)
    except TooManyAttempts as error:
        return error.until - NOW
    return timedelta(0)


def test_the_first_wrong_tries_are_free(db: Database) -> None:
    _wrong(db, FREE_TRIES - 1)
    assert _pause(db) == timedelta(0)


def test_the_pause_doubles_with_every_further_try_up_to_an_hour(db: Database) -> None:
    _wrong(db, FREE_TRIES - 1)
    pauses = []
    for _ in range(9):
        _wrong(db)
        pauses.append(_pause(db).total_seconds())
    assert pauses == [30, 60, 120, 240, 480, 960, 1920, 3600, 3600]


def test_after_the_pause_one_may_try_again(db: Database) -> None:
    _wrong(db, FREE_TRIES)
    with db.read() as connection:
        check_tries(connection, KEY, now=NOW + timedelta(seconds=30))


def test_a_right_try_forgets_the_wrong_ones(db: Database) -> None:
    _wrong(db, FREE_TRIES)
    with db.write() as connection:
        forget_tries(connection, KEY)
    _wrong(db)
    assert _pause(db) == timedelta(0)


def test_tries_of_others_do_not_count(db: Database) -> None:
    _wrong(db, FREE_TRIES)
    with db.read() as connection:
        check_tries(connection, try_key("pin", "BR-333-333-333"), now=NOW)
        check_tries(connection, try_key("password", "BR-222-222-222"), now=NOW)


def test_wrong_tries_at_once_are_all_counted(db: Database) -> None:
    at_once(*[lambda: _wrong(db)] * FREE_TRIES)
    assert _pause(db) == timedelta(seconds=30)


def test_wrong_tries_are_forgotten_after_a_day(db: Database) -> None:
    _wrong(db, FREE_TRIES)
    with db.write() as connection:
        assert forget_old_tries(connection, now=NOW + timedelta(days=1)) == 0
        assert forget_old_tries(connection, now=NOW + timedelta(days=1, seconds=1)) == 1
    assert _pause(db) == timedelta(0)


def test_what_was_tried_is_counted_under_a_digest() -> None:
    assert "BR-222" not in KEY and len(KEY) == 64
