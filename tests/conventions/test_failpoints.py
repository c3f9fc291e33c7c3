"""Every failpoint stands somewhere in the code, so that a test which dies there has died."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from cases.failpoints import FAILPOINTS
from tests.conventions.sources import python_files, tree

CODE = [path for path in python_files("cases", "flows", "web", "cli") if path.name != "failpoints.py"]


def _names(path: Path) -> Iterator[str]:
    """Yield the names that a module passes to failpoint(), those put together from parts included."""
    texts = [node.value for node in ast.walk(tree(path)) if isinstance(node, ast.Constant)]
    parts = {text for text in texts if isinstance(text, str)} | _functions()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "").endswith("failpoint") and node.args:
            name = node.args[0]
            if isinstance(name, ast.Constant):
                yield str(name.value)
            elif isinstance(name, ast.JoinedStr):
                yield from _put_together(name, parts)


def _put_together(name: ast.JoinedStr, parts: set[str]) -> Iterator[str]:
    pattern = "".join(
        re.escape(str(part.value)) if isinstance(part, ast.Constant) else "(.+)" for part in name.values
    )
    for failpoint in FAILPOINTS:
        found = re.fullmatch(pattern, failpoint)
        if found and set(found.groups()) <= parts:
            yield failpoint


def _functions() -> set[str]:
    """The names of the verbs, from which `carry_out` makes the names of their failpoints."""
    return {
        node.name
        for path in python_files("cases")
        for node in tree(path).body
        if isinstance(node, ast.FunctionDef)
    }


def test_every_failpoint_is_used_and_every_one_used_is_listed() -> None:
    assert {name for path in CODE for name in _names(path)} == FAILPOINTS
