"""Golden cases: each file of tests/services/<service>/ is played, and comes out as it says."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from flows.engine.play import play
from flows.engine.runtime import Runtime, load_runtimes
from flows.engine.scene_file import differences, read_scene
from forms.compiler import load_forms, load_task_forms
from forms.form import Form

FOLDER = Path(__file__).parent
GOLDEN_CASES = sorted(FOLDER.glob("*/*.yaml"))


@cache
def services() -> dict[str, tuple[Runtime, Form]]:
    forms = load_forms()
    return {key: (runtime, forms[key]) for key, runtime in load_runtimes().items()}


@cache
def task_forms() -> dict[tuple[str, str], Form]:
    return load_task_forms()


@pytest.mark.parametrize("path", GOLDEN_CASES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_golden_case_comes_out_as_it_says(path: Path) -> None:
    runtime, form = services()[path.parent.name.replace("_", "-")]
    scene_file = read_scene(path, runtime, form)
    played = play(scene_file.scene, runtime)
    assert scene_file.expect, "a golden case says what to expect"
    assert differences(scene_file.expect, played) == []


@pytest.mark.parametrize("path", GOLDEN_CASES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_the_details_of_a_golden_case_are_what_the_task_form_takes(path: Path) -> None:
    service = path.parent.name.replace("_", "-")
    runtime, form = services()[service]
    scene = read_scene(path, runtime, form).scene
    for step in play(scene, runtime).steps:
        details = step.result.get("details") if isinstance(step.result, dict) else None
        if details:
            chosen = next(row for row in step.outcomes or () if row["key"] == step.result["outcome"])
            checked = task_forms()[service, chosen["form"]].validate(details, received_at=step.done_at)
            assert checked.errors == []
