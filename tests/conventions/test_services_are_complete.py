"""Adding a service adds files and edits none: whichever file or word is missing is named here."""

from __future__ import annotations

import ast
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from config.services import ServiceConfig, load_services
from config.steps import NO_ANSWER
from forms.compiler import load_forms, load_task_forms
from tests.conventions.procedure_rules import (
    choices,
    endings,
    first_words,
    forms_of_choices,
    is_part,
    needs_of_choices,
    procedure,
    rates_named,
    step_calls,
)
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
            if path.suffix or one.is_dir():
                found.add(one.stem.removesuffix("_criteria"))
    return sorted(found - {"__init__", "__pycache__", "platform"})


STEMS = [stem for stem in _stems() if not stem.startswith("test_") and not is_part(stem)]


@cache
def config(stem: str) -> ServiceConfig:
    return load_services()[stem.replace("_", "-")]


@pytest.mark.parametrize("stem", STEMS)
@pytest.mark.parametrize("pattern", FILES)
def test_a_service_has_all_its_files(stem: str, pattern: str) -> None:
    path = ROOT / pattern.format(stem)
    assert path.exists(), f"{path.relative_to(ROOT)} is missing"


@pytest.mark.parametrize("stem", STEMS)
def test_what_other_cases_are_found_by_and_shown_with_are_fields_of_the_form(stem: str) -> None:
    service, fields = config(stem), load_forms()[stem.replace("_", "-")].fields
    named = {name for names in service.matching.values() for name in names}
    if rules := service.likeness:
        named |= {rules.person, rules.date, rules.parent, rules.parent_date, rules.multiple, *rules.shows}
        named |= {rules.trait} if rules.trait else set()
        values = {option.value for option in fields[rules.multiple].options}
        assert set(rules.multiple_values) <= values
    assert named <= set(fields)


@pytest.mark.parametrize("stem", STEMS)
def test_every_step_of_the_procedure_has_words_and_no_words_are_idle(stem: str) -> None:
    keys = {key.value for _, _, key in step_calls(procedure(stem))}  # type: ignore[attr-defined]
    assert keys == set(config(stem).steps)


@pytest.mark.parametrize("stem", STEMS)
def test_every_outcome_that_is_offered_has_words(stem: str) -> None:
    offered = choices(procedure(stem))
    for_staff = [step for step in config(stem).steps.values() if step.role is not None]
    assert offered == {outcome for step in for_staff for outcome in step.outcomes} - {NO_ANSWER}


@pytest.mark.parametrize("stem", STEMS)
def test_what_an_outcome_asks_of_an_officer_is_what_the_procedure_needs(stem: str) -> None:
    needed = needs_of_choices(procedure(stem))
    for_staff = [step for step in config(stem).steps.values() if step.role is not None]
    offered = [outcome for step in for_staff for outcome in step.outcomes.values()]
    asked = {(outcome.key, outcome.asks) for outcome in offered if outcome.key != NO_ANSWER}
    assert needed == asked


@pytest.mark.parametrize("stem", STEMS)
def test_every_task_is_one_for_the_role_that_the_service_names(stem: str) -> None:
    asked = {
        (key.value, word.value.value)  # type: ignore[attr-defined]
        for call, _, key in step_calls(procedure(stem))
        for word in call.keywords
        if word.arg == "by" and isinstance(word.value, ast.Constant)
    }
    assert asked <= {(step.key, step.role) for step in config(stem).steps.values()}


@pytest.mark.parametrize("stem", STEMS)
def test_every_rate_that_a_procedure_names_is_in_its_service(stem: str) -> None:
    criteria = ROOT / "flows" / f"{stem}_criteria.py"
    trees = [procedure(stem), *([tree(criteria)] if criteria.exists() else [])]
    assert set().union(*map(rates_named, trees)) <= set(config(stem).rates)


@pytest.mark.parametrize("stem", STEMS)
def test_every_form_of_a_decision_exists_and_none_is_idle(stem: str) -> None:
    forms = {name: form for (service, name), form in load_task_forms().items() if service == config(stem).key}
    filled_in = forms_of_choices(procedure(stem))
    assert {name for name, _ in filled_in} == set(forms)
    for name, refers_to in filled_in:
        assert refers_to is None or refers_to in forms[name].fields, f"{name} has no field {refers_to}"


@pytest.mark.parametrize("stem", STEMS)
def test_every_criterion_and_every_fact_has_words_and_no_words_are_idle(stem: str) -> None:
    of = (config(stem).criteria_of or stem).replace("-", "_")  # a review has those of the first service
    criteria = ROOT / "flows" / f"{of}_criteria.py"
    used = tree(criteria) if criteria.exists() else procedure(of)
    assert first_words(used, "Criterion") == set(config(stem).criteria)
    assert first_words(used, "Fact") == set(config(stem).facts)


@pytest.mark.parametrize("stem", STEMS)
def test_every_way_a_case_can_end_has_words(stem: str) -> None:
    assert endings(procedure(stem)) | {BY_THE_WEB} == set(config(stem).outcomes)


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
        for _, name, key in step_calls(procedure(stem))
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
