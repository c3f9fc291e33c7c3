"""Procedures keep the rules of replay that can be read off their source."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from flows.engine.service_flow import own_sources
from tests.conventions.procedure_rules import broken_rules, endings, procedure, step_calls
from tests.conventions.sources import ROOT, tree

PROCEDURES = sorted(path for path in (ROOT / "flows").glob("*.py") if path.name != "__init__.py")

HEAD = """
from datetime import datetime
from tasks.approval import Choice, approval
from tasks.letter import letter
"""
BROKEN = {
    "from pathlib import Path": "may not use pathlib",
    "import datetime": "from ... import",
    "from cases.db import Database": "may not use cases.db",
    "from flows.birth_registration import register": "may not use flows.birth_registration",
    "from flows.boat_criteria import CRITERIA": "may not use flows.boat_criteria",
    "def ask(case): return datetime.now()": "may not call now()",
    "def ask(case): return open('x').read()": "may not call open()",
    "def ask(case, key): approval(case, key, by='r', outcomes=())": "must be a plain text",
    "def ask(case):\n  letter(case, 'a', {})\n  letter(case, 'a', {})": "two call sites",
    "def ask(case):\n  while case.answers: pass": "while True",
    "def ask(case):\n  for _ in range(3): letter(case, 'a', {})": "no steps in a loop that counts",
    "def ask(case): return [letter(case, 'a', {}) for _ in (1, 2)]": "no steps in a loop that counts",
    "def refuse(case): return 'no'\ndef ask(case):\n  refuse(case)\n  return 'yes'": "return refuse(...)",
    "def ask(case):\n  try: pass\n  except Exception: pass": "no try",
}


@pytest.mark.parametrize("path", PROCEDURES, ids=lambda path: path.stem)
def test_a_procedure_comes_to_the_same_steps_each_time(path: Path) -> None:
    assert broken_rules(tree(path), path.stem) == []


@pytest.mark.parametrize(("source", "told"), BROKEN.items())
def test_what_breaks_replay_is_found(source: str, told: str) -> None:
    (broken,) = broken_rules(ast.parse(HEAD + source))
    assert told in broken


SERVICE = """
from flows.engine.service_flow import service_flow
from flows.boat_grant import grant
from tasks.letter import letter

@service_flow("boat-licence", version=1)
def boat_licence(case):
"""
PART = """
from tasks.letter import letter

def owners_of(case) -> list[str]:
    return case.answers.owners

def grant(case):
    if owners_of(case):
        letter(case, "licence", {})
    return "granted"
"""


@pytest.fixture
def boats(tmp_path: Path) -> Path:
    """A folder of procedures of its own, with a part that two services may share."""
    (tmp_path / "boat_grant.py").write_text(PART)
    (tmp_path / "boat_licence.py").write_text(SERVICE + "    return grant(case)")
    return tmp_path


def test_steps_and_endings_of_a_part_are_those_of_the_service(boats: Path) -> None:
    whole = procedure("boat_licence", boats)
    assert [ast.literal_eval(key) for _, _, key in step_calls(whole)] == ["licence"]
    assert endings(whole) == {"granted"}
    assert broken_rules(tree(boats / "boat_licence.py"), "boat_licence", boats) == []


@pytest.mark.parametrize(
    ("source", "told"),
    {
        '    letter(case, "licence", {})\n    return grant(case)': "two call sites",
        '    grant(case)\n    return "granted"': "return grant(...)",
    }.items(),
)
def test_what_breaks_replay_is_found_across_a_part(boats: Path, source: str, told: str) -> None:
    (broken,) = broken_rules(ast.parse(SERVICE + source), "boat_licence", boats)
    assert told in broken


def test_a_service_may_not_take_steps_from_another_service(boats: Path) -> None:
    (broken,) = broken_rules(ast.parse("from flows.boat_licence import boat_licence"), "boat_review", boats)
    assert "may not use flows.boat_licence" in broken


def test_what_a_case_replays_on_is_the_procedure_and_all_it_takes_from_flows() -> None:
    named = own_sources("flows.birth_registration")
    assert set(named) == {"flows.birth_registration", "flows.birth_registration_criteria"}
