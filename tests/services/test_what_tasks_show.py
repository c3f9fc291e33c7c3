"""Whatever a task shows an officer has words, and no words are idle: in all golden cases."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import pytest

from config.services import load_services
from flows.engine.play import play
from flows.engine.runtime import load_runtimes
from flows.engine.scene_file import read_scene
from forms.compiler import load_forms, load_task_forms
from tests.services.tracking import FOLDER
from web.staff.evidence import Words

SERVICES = sorted(load_services())
DRAWN_BY_SHAPE = ({"outcome"}, {"answer"}, {"no_answer"}, {"value", "unit"})


@cache
def words(service: str) -> Words:
    forms = [form for (of, _), form in load_task_forms().items() if of == service]
    return Words(load_services()[service], load_forms()[service], forms)


@cache
def shown(service: str) -> frozenset[tuple[str, str, str]]:
    """Return what tasks show in the golden cases: (what holds it, its name, its value if that is a text)."""
    runtime, form = load_runtimes()[service], load_forms()[service]
    found: set[tuple[str, str, str]] = set()
    for path in FOLDER.glob(f"{service.replace('-', '_')}/*.yaml"):
        for step in play(read_scene(path, runtime, form).scene, runtime).steps:
            if step.role is not None and isinstance(step.payload, Mapping):
                found |= set(named_in("", step.payload))
    return frozenset(found)


def named_in(within: str, values: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    for name, value in values.items():
        holds_rows = isinstance(value, Mapping) and not any(keys <= value.keys() for keys in DRAWN_BY_SHAPE)
        if not (within and holds_rows):
            yield within, name, value if isinstance(value, str) else ""
        if holds_rows:
            yield from named_in(name, value)
        elif isinstance(value, Mapping) and "outcome" in value:
            yield from named_in(name, value.get("details") or {})


@pytest.mark.parametrize("service", SERVICES)
def test_everything_that_a_task_shows_has_words(service: str) -> None:
    known, steps = words(service), load_services()[service].steps
    assert not [
        f"{within}_{name}".strip("_")
        for within, name, _ in sorted(shown(service))
        if known.named(name, within) is None and not (within == "" and name.replace("_", "-") in steps)
    ]


@pytest.mark.parametrize("service", SERVICES)
def test_no_words_for_what_tasks_show_are_idle(service: str) -> None:
    met = {name for _, name, _ in shown(service)} | {f"{within}_{name}" for within, name, _ in shown(service)}
    assert set(load_services()[service].shown) <= met


@pytest.mark.parametrize("service", SERVICES)
def test_a_key_among_the_values_shown_has_words(service: str) -> None:
    config = load_services()[service]
    for within, name, value in shown(service):
        told = config.shown.get(f"{within}_{name}") or config.shown.get(name)
        if told and told.values and value:
            assert value in told.values, f"{name} = {value}"
