"""Migrations stand in one line, numbered in order."""

from __future__ import annotations

import ast
import re

from tests.conventions.sources import ROOT, tree

VERSIONS = sorted((ROOT / "migrations" / "versions").glob("[0-9]*.py"))


def _constants(number: int) -> dict[str, object]:
    return {
        target.id: node.value.value
        for node in tree(VERSIONS[number]).body
        if isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(node.value, ast.Constant)
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
        if isinstance(target, ast.Name)
    }


def test_migrations_are_numbered_without_gaps_and_named_for_what_they_do() -> None:
    assert VERSIONS
    for number, path in enumerate(VERSIONS, start=1):
        assert re.fullmatch(rf"{number:04d}_[a-z0-9_]+", path.stem)


def test_each_migration_follows_the_one_before() -> None:
    for number, path in enumerate(VERSIONS):
        constants = _constants(number)
        assert constants["revision"] == path.stem.partition("_")[0]
        assert constants["down_revision"] == (VERSIONS[number - 1].stem.partition("_")[0] if number else None)
