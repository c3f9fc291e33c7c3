"""The shape of the source: what may import what, sizes, words, and how tests are written."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conventions.sources import PACKAGES, ROOT, committed, python_files, short, tree

LONGEST_FUNCTION = 50
LONGEST_MODULE = 400
DECLARATIONS = {"cases/models.py"}  # one class a table, and nothing to follow
OURS = python_files(*PACKAGES, "benchmarks")
Function = ast.FunctionDef | ast.AsyncFunctionDef


def functions(path: Path) -> Iterator[Function]:
    return (node for node in ast.walk(tree(path)) if isinstance(node, Function))


def test_imports_point_down() -> None:
    command = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([command], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_no_function_is_too_long_to_be_seen_at_once() -> None:
    long = [
        f"{short(path)}: {function.name}"
        for path in [*OURS, *python_files("tests")]
        for function in functions(path)
        if (function.end_lineno or 0) - function.lineno >= LONGEST_FUNCTION
        and not short(path).startswith("migrations/versions/")
    ]
    assert long == []


def test_no_module_is_too_long_to_be_known() -> None:
    long = [
        short(path)
        for path in OURS
        if len(path.read_text().splitlines()) > LONGEST_MODULE
        and short(path) not in DECLARATIONS
        and not short(path).startswith("migrations/versions/")
    ]
    assert long == []


def test_every_module_and_every_public_function_of_a_module_says_what_it_is_for() -> None:
    silent = [
        f"{short(path)}: {getattr(node, 'name', 'the module')}"
        for path in OURS
        if path.read_text().strip()
        for node in [tree(path), *tree(path).body]
        if isinstance(node, ast.Module | ast.ClassDef | Function)
        and not getattr(node, "name", "").startswith("_")
        and not ast.get_docstring(node)
        and not short(path).startswith("migrations/versions/")
    ]
    assert silent == [], "these need a docstring"


def test_time_is_an_argument_of_the_domain_and_never_read_in_it() -> None:
    reading = [
        f"{short(path)}: line {node.lineno}"
        for path in python_files("cases", "forms", "tasks")
        if short(path) != "cases/db.py"  # the database's own clock
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in ("now", "utcnow", "today")
        and not (isinstance(node.func.value, ast.Name) and node.func.value.id in ("db", "func", "database"))
    ]
    assert reading == []


def test_prefect_is_imported_in_flows_engine_and_flows_platform_only() -> None:
    elsewhere = [
        short(path)
        for path in OURS
        if not short(path).startswith(("flows/engine/", "flows/platform/", "benchmarks/"))
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Import | ast.ImportFrom)
        and any(name.split(".")[0] == "prefect" for name in _imported(node))
    ]
    assert elsewhere == []


def _imported(node: ast.Import | ast.ImportFrom) -> list[str]:
    return [node.module or ""] if isinstance(node, ast.ImportFrom) else [alias.name for alias in node.names]


@pytest.mark.parametrize("path", python_files("tests"), ids=short)
def test_tests_wait_for_what_they_want_to_see_and_patch_nothing_of_ours(path: Path) -> None:
    text = path.read_text()
    if path.name.startswith(("test_", "conftest")):
        assert not re.search(r"\bsleep\(", text) or path.name == Path(__file__).name
    assert "unittest.mock" not in text or path.name == Path(__file__).name
    assert not re.search(rf"monkeypatch\.setattr\(\s*[\"']?({'|'.join(PACKAGES)})\b", text)


def test_no_file_names_the_place_where_it_was_made() -> None:
    """Addresses of package mirrors, home folders and checkouts don't belong in a repository."""
    private = re.compile(r"/(root|home/[a-z]+|work)/[A-Za-z.]")
    naming = [name for name in _texts() if private.search((ROOT / name).read_text(errors="replace"))]
    assert naming == []


def _texts() -> list[str]:
    return [
        name for name in committed() if not name.endswith((".png", ".pdf")) and name != short(Path(__file__))
    ]


def test_nothing_of_others_is_committed() -> None:
    """Packages are installed from the lock files; fonts and styles come with them."""
    foreign = (".woff", ".woff2", ".ttf", ".otf", ".whl", ".min.js", ".min.css", ".map", ".tgz")
    assert [name for name in committed() if name.endswith(foreign) or "node_modules/" in name] == []
