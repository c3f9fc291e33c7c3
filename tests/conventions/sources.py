"""The project's own files, for tests that read the code itself."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ("config", "forms", "cases", "tasks", "flows", "web", "cli", "migrations")


@cache
def committed() -> tuple[str, ...]:
    """Return every file of the repository, as paths from its root; outside a clone, what is in place."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode:
        return tuple(str(path.relative_to(ROOT)) for path in _in_place())
    return tuple(name for name in listed.stdout.splitlines() if (ROOT / name).is_file())


def _in_place() -> Iterator[Path]:
    for folder in (*PACKAGES, "tests", "docs", "templates", "translations", "benchmarks"):
        yield from (path for path in (ROOT / folder).rglob("*") if path.is_file())


def python_files(*folders: str) -> list[Path]:
    """Return the Python files below these folders of the repository."""
    return [ROOT / name for name in committed() if name.endswith(".py") and name.split("/")[0] in folders]


@cache
def tree(path: Path) -> ast.Module:
    """Return a file's syntax tree."""
    return ast.parse(path.read_text(), str(path))


def short(path: Path) -> str:
    """Return a path as people name it, from the repository's root."""
    return path.relative_to(ROOT).as_posix()
