"""A golden case scripts what becomes of a payment order, and says what is ordered."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from cases.journal import CaseFile
from config.budget import working_days
from config.errors import ConfigError
from flows.engine.play import Scene, play
from flows.engine.runtime import Runtime
from flows.engine.scene_file import differences, read_scene
from forms.compiler import load_form
from tasks.payment import Paid, order_payment
from tasks.receipt import confirm_receipt
from tests.births import ANSWERS
from tests.conftest import NOW
from tests.engine.toys import toy

RETURNED = {"step": "payment", "at": "2026-05-06T10:00:00+12:00", "returned": "Account closed"}
PAID = {"step": "payment#2", "at": "2026-05-07T10:00:00+12:00", "paid": True}
ARRIVED = {"step": "receipt", "at": "2026-05-08T10:00:00+12:00", "confirmed": "citizen"}


def procedure(case: CaseFile) -> str:
    while True:
        settled = order_payment(case, "payment", to="payments", facts={"amount": 10})
        if isinstance(settled, Paid):
            break
    confirm_receipt(case, "receipt", payment="payment", within=working_days(10))
    return "finished"


@pytest.fixture
def runtime() -> Runtime:
    return toy(procedure)


def read(tmp_path: Path, runtime: Runtime, *acts: object, **expect: object) -> list[str]:
    """Play a scene with these acts; return in what it differs from what is expected."""
    scene = {"about": "Paid.", "received_at": "2026-05-05T09:00:00+12:00", "office": "suva"}
    scene |= {"channel": "counter", "answers": ANSWERS, "acts": list(acts), "expect": expect}
    (tmp_path / "scene.yaml").write_text(yaml.safe_dump(scene))
    file = read_scene(tmp_path / "scene.yaml", runtime, load_form("birth-registration"))
    return differences(file.expect, play(file.scene, runtime))


def test_an_order_is_returned_then_paid_and_has_arrived(tmp_path: Path, runtime: Runtime) -> None:
    expect = {
        "outcome": "finished",
        "payments": {"payment": {"amount": 10}, "payment#2": {"amount": 10}},
        "results": {"payment": {"outcome": "returned", "reason": "Account closed"}},
    }
    assert read(tmp_path, runtime, RETURNED, PAID, ARRIVED, **expect) == []


def test_an_order_waits_until_its_batch_is_confirmed(tmp_path: Path, runtime: Runtime) -> None:
    assert read(tmp_path, runtime, outcome=None, waiting_for=["payment"]) == []


def test_paid_is_true_or_left_out(tmp_path: Path, runtime: Runtime) -> None:
    with pytest.raises(ConfigError, match=r"acts\[1\].paid: expected true, or `returned` with the reason"):
        read(tmp_path, runtime, {**PAID, "step": "payment", "paid": False})


@pytest.mark.parametrize("about", [{}, {"letter": "award", "payment": "payment"}])
def test_a_receipt_is_about_one_thing(about: dict[str, str]) -> None:
    def asks(case: CaseFile) -> str:
        confirm_receipt(case, "receipt", within=working_days(10), **about)
        return "finished"

    with pytest.raises(ValueError, match="of a letter or of a payment"):
        play(Scene(ANSWERS, NOW), toy(asks))
