"""Procedures keep the rules of replay that can be read off their source."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.conventions.procedure_rules import broken_rules
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
