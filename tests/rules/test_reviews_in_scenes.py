"""A golden case can script what a review finds, and say which letter is replaced."""

from __future__ import annotations

from typing import Any

from cases.journal import CaseFile
from flows.engine.play import Scene, play
from flows.engine.scene_file import differences
from tasks.bundle import find_bundle
from tasks.letter import letter
from tests.births import ANSWERS
from tests.conftest import NOW
from tests.engine.toys import toy

FIRST = "FA-222-222-222"


def procedure(case: CaseFile) -> str:
    first = find_bundle(case, "first", service="family-assistance", reference=FIRST)
    if first is None:
        return "unknown"
    letter(case, "award", {"name": first["reference"]}, supersedes=(first["reference"], "refusal"))
    letter(case, "notice", {})
    return "reversed"


def played(**queries: Any) -> Any:
    return play(Scene(ANSWERS, NOW, queries=queries), toy(procedure))


def test_the_first_case_is_scripted_and_the_replaced_letter_expected() -> None:
    found = played(first={"reference": FIRST})
    replaced = {"award": {"reference": FIRST, "key": "refusal"}}
    assert differences({"outcome": "reversed", "supersedes": replaced}, found) == []
    assert differences({"supersedes": {}}, found) == [f"supersedes: expected {{}}, found {replaced}"]


def test_without_a_script_no_such_case_is_found() -> None:
    assert played().outcome == "unknown"
