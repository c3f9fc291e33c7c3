"""Letters have sample facts beside them; a template or translation that doesn't fit is told with its line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cases.vocabulary import StepKind
from config.errors import ConfigError
from config.languages import read_catalogue
from flows.engine.play import play
from flows.engine.scene_file import read_scene
from flows.platform.letter_html import TEMPLATES
from flows.platform.letter_samples import check_letters, letter_templates, sample_facts
from tests.services.test_golden_cases import GOLDEN_CASES, services

GIVEN_BY_THE_PLATFORM = {"reference", "office_name", "demo"}
HEAD = '{% extends "base.html" %}\n{% block body %}\n'
SAMPLE = {"reference": "BR-1", "office_name": "Suva", "child_name": "Ana"}


def letter(folder: Path, body: str, sample: str = json.dumps(SAMPLE)) -> Path:
    """A folder with one letter whose own words begin in line 3."""
    (folder / "boat_licence").mkdir()
    (folder / "boat_licence" / "licence.html").write_text(f"{HEAD}{body}\n{{% endblock %}}\n")
    (folder / "boat_licence" / "licence.sample.json").write_text(sample)
    return folder


def test_every_letter_can_be_filled_in_with_its_sample() -> None:
    check_letters()


def test_no_sample_is_idle() -> None:
    samples = {
        path.relative_to(TEMPLATES).as_posix().removesuffix(".sample.json")
        for path in TEMPLATES.rglob("*.json")
    }
    assert samples == set(letter_templates())


def test_samples_have_the_facts_that_the_procedures_give() -> None:
    for path in GOLDEN_CASES:
        runtime, form = services()[path.parent.name.replace("_", "-")]
        for step in play(read_scene(path, runtime, form).scene, runtime).of_kind(StepKind.LETTER):
            assert step.payload is not None
            given = set(step.payload["facts"]) | GIVEN_BY_THE_PLATFORM
            assert given == set(sample_facts(step.payload["template"])), step.payload["template"]


def test_a_letter_that_fits_its_sample_passes(tmp_path: Path) -> None:
    check_letters(letter(tmp_path, "<h1>{{ facts.child_name }}</h1>"))


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ("<h1>A</h1>\n{{ facts.father }}", r"boat_licence/licence\.html:4: facts\.father"),
        ("{% if facts.child_name == 'Eve' %}{{ facts.father }}{% endif %}", r"html:3: facts\.father"),
        ("{% for x in [facts] %}\n{{ x.father }}{% endfor %}", r"licence\.html:4: .*'father'"),
        ("{{ date(facts.child_name) }}", r"licence\.html:3: .*date"),
        ("<h1>{{ facts.child_name }</h1>", r"licence\.html:3: expected a Jinja template"),
        ("\n\n{{ nobody }}", r"licence\.html:5: .*'nobody'"),
        ("\n{{ facts['father'] }}", r"licence\.html:4: .*'father'"),
        (
            '{% import "words.html" as words with context %}{{ words.birth_place(facts) }}',
            r"templates/letters/words\.html:\d+: .*'birth_facility'",
        ),
        ('{% import "wrods.html" as words %}', "there is no letter template wrods.html"),
    ],
)
def test_a_template_that_does_not_fit_is_named_with_its_line(tmp_path: Path, body: str, place: str) -> None:
    with pytest.raises(ConfigError, match=place):
        check_letters(letter(tmp_path, body))


@pytest.mark.parametrize(("sample", "words"), [("{", "JSON"), ("[]", "an object of facts, found list")])
def test_a_sample_that_cannot_be_read_is_named(tmp_path: Path, sample: str, words: str) -> None:
    with pytest.raises(ConfigError, match=rf"licence\.sample\.json: expected {words}"):
        check_letters(letter(tmp_path, "", sample))


def test_a_letter_without_a_sample_is_named(tmp_path: Path) -> None:
    folder = letter(tmp_path, "")
    (folder / "boat_licence" / "licence.sample.json").unlink()
    with pytest.raises(ConfigError, match=r"licence\.sample\.json: .*no such file"):
        check_letters(folder)


def catalogue(folder: Path, *messages: str) -> Path:
    path = folder / "letters.po"
    head = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n'
    path.write_text("\n".join([head, *messages]) + "\n")
    return path


@pytest.mark.parametrize(
    "translation", ["Naba", "Naba %(ref)s", "Naba %(reference)", "%(reference)s %(office)s"]
)
def test_a_translation_without_its_placeholder_is_named_with_its_line(
    tmp_path: Path, translation: str
) -> None:
    message = f'msgid "Reference %(reference)s"\nmsgstr "{translation}"\n'
    with pytest.raises(ConfigError, match=r"letters\.po:7: expected a translation with %\(reference\)s"):
        read_catalogue(catalogue(tmp_path, 'msgid "Page"\nmsgstr "Tabana"\n', message))


def test_placeholders_may_come_in_another_order_and_a_plural_has_its_own(tmp_path: Path) -> None:
    turned = 'msgid "%(a)s of %(b)s"\nmsgstr "%(b)s ni %(a)s"\n'
    plural = 'msgid "one day"\nmsgid_plural "%(n)s days"\nmsgstr[0] "dua"\nmsgstr[1] "siga e %(n)s"\n'
    read = read_catalogue(catalogue(tmp_path, turned, plural))
    assert read.gettext("%(a)s of %(b)s") == "%(b)s ni %(a)s"
