"""Adding a service adds files and edits none: whichever file or word is missing is named here."""

from __future__ import annotations

import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from config.services import ServiceConfig, load_services
from tests.conventions.procedure_rules import choices, endings, step_calls
from tests.conventions.sources import ROOT, tree

FILES = (
    "config/services/{}.toml",
    "forms/{}.yaml",
    "flows/{}.py",
    "templates/letters/{}",
    "templates/messages/{}",
    "tests/services/{}",
)
BY_THE_WEB = "withdrawn"


def _stems() -> list[str]:
    """Every service that has any of its files."""
    found = set()
    for pattern in FILES:
        path = ROOT / pattern
        for one in path.parent.glob(path.name.format("*")):
            found.add(one.stem)
    return sorted(
        found - {"__init__", "engine", "platform", "__pycache__", "base", "letters", "words", "test"}
    )


STEMS = [stem for stem in _stems() if not stem.startswith("test_")]


@cache
def config(stem: str) -> ServiceConfig:
    return load_services()[stem.replace("_", "-")]


@pytest.mark.parametrize("stem", STEMS)
@pytest.mark.parametrize("pattern", FILES)
def test_a_service_has_all_its_files(stem: str, pattern: str) -> None:
    path = ROOT / pattern.format(stem)
    assert path.exists(), f"{path.relative_to(ROOT)} is missing"


@pytest.mark.parametrize("stem", STEMS)
def test_every_step_of_the_procedure_has_words_and_no_words_are_idle(stem: str) -> None:
    keys = {key.value for _, _, key in step_calls(tree(ROOT / "flows" / f"{stem}.py"))}  # type: ignore[attr-defined]
    assert keys == set(config(stem).steps)


@pytest.mark.parametrize("stem", STEMS)
def test_every_outcome_that_is_offered_has_words(stem: str) -> None:
    offered = choices(tree(ROOT / "flows" / f"{stem}.py"))
    for_staff = [step for step in config(stem).steps.values() if step.role is not None]
    assert offered == {outcome for step in for_staff for outcome in step.outcomes}


@pytest.mark.parametrize("stem", STEMS)
def test_every_way_a_case_can_end_has_words(stem: str) -> None:
    assert endings(tree(ROOT / "flows" / f"{stem}.py")) | {BY_THE_WEB} == set(config(stem).outcomes)


@pytest.mark.parametrize("stem", STEMS)
@pytest.mark.parametrize(
    ("function", "pattern", "suffix"),
    [("letter", "templates/letters/{}/{}.html", ""), ("message", "templates/messages/{}/{}.txt", "-message")],
)
def test_every_letter_and_message_has_its_template_and_no_template_is_idle(
    stem: str, function: str, pattern: str, suffix: str
) -> None:
    called = [
        key.value.removesuffix(suffix).replace("-", "_")  # type: ignore[attr-defined]
        for _, name, key in step_calls(tree(ROOT / "flows" / f"{stem}.py"))
        if name == function
    ]
    folder = (ROOT / pattern.format(stem, "x")).parent
    assert sorted(called) == sorted(path.stem for path in folder.glob(f"*{Path(pattern).suffix}"))


def test_the_golden_cases_reach_every_branch_of_every_procedure(tmp_path: Path) -> None:
    data = tmp_path / "coverage"
    tests = [str(path) for path in sorted((ROOT / "tests" / "services").glob("test_*.py"))]
    command = [sys.executable, "-m", "coverage"]
    played = subprocess.run(
        [
            *command,
            "run",
            "--branch",
            f"--data-file={data}",
            "--include=flows/*.py",
            "-m",
            "pytest",
            "-q",
            *tests,
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert played.returncode == 0, played.stdout
    report = subprocess.run(
        [*command, "report", f"--data-file={data}", "--show-missing", "--fail-under=100"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert report.returncode == 0, report.stdout
