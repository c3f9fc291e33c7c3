"""Sample facts of letters, which stand beside the templates, and what a start checks with them.

A template that uses a fact which its sample hasn't got, or that can't be filled in with it in some language,
stops the start with its file and line.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from jinja2 import TemplateSyntaxError, nodes

from cases.vocabulary import LetterVariant
from config.errors import ConfigError
from config.languages import LANGUAGES
from flows.platform.letter_html import TEMPLATES, LetterFailed, letter_html, templates

SAMPLE_ADDRESS = "https://example.org/verify/SAMPLE00SAMPLE00"
SAMPLE_DAY = date(2026, 5, 12)
_IN_HTML = (LetterVariant.PDF, LetterVariant.HTML, LetterVariant.TEXT)  # large print has the PDF's


def letter_templates(folder: Path = TEMPLATES) -> list[str]:
    """Return every letter template as `<service>/<letter>`."""
    return sorted(path.relative_to(folder).with_suffix("").as_posix() for path in folder.glob("*/*.html"))


def sample_facts(template: str, folder: Path = TEMPLATES) -> dict[str, Any]:
    """Return the sample facts of a letter, always of a demonstration. Raises ConfigError."""
    place = f"templates/letters/{template}.sample.json"
    try:
        facts = json.loads((folder / f"{template}.sample.json").read_text("utf-8"))
    except FileNotFoundError:
        raise ConfigError(place, "", "sample facts of the letter", "no such file") from None
    except ValueError as error:
        raise ConfigError(place, "", "JSON", str(error)) from None
    if not isinstance(facts, dict):
        raise ConfigError(place, "", "an object of facts", type(facts).__name__)
    return facts | {"demo": True}


def check_letters(folder: Path = TEMPLATES) -> None:
    """Raise ConfigError, with file and line, for the first template that doesn't fit its sample facts."""
    for template in letter_templates(folder):
        known = sample_facts(template, folder)
        for line, name in _facts_used(template, folder):
            if name not in known:
                place = f"templates/letters/{template}.html:{line}"
                expected = f"a fact that {template.partition('/')[2]}.sample.json has"
                raise ConfigError(place, f"facts.{name}", expected)
        for language in LANGUAGES:
            for variant in _IN_HTML:
                _fill_in(template, known, language, variant, folder)


def _facts_used(template: str, folder: Path) -> Iterator[tuple[int, str]]:
    """Every `facts.name` of a template with its line, also where the sample doesn't lead."""
    source = (folder / f"{template}.html").read_text("utf-8")
    try:
        parsed = templates(folder).parse(source)
    except TemplateSyntaxError as error:
        place = f"templates/letters/{template}.html:{error.lineno}"
        raise ConfigError(place, "", "a Jinja template", error.message) from None
    for node in parsed.find_all(nodes.Getattr):
        if isinstance(node.node, nodes.Name) and node.node.name == "facts" and node.attr != "get":
            yield node.lineno, node.attr


def _fill_in(
    template: str, facts: dict[str, Any], language: str, variant: LetterVariant, folder: Path
) -> None:
    try:
        letter_html(
            template,
            facts,
            language=language,
            verify_url=SAMPLE_ADDRESS,
            issued_on=SAMPLE_DAY,
            variant=variant,
            folder=folder,
        )
    except LetterFailed as error:
        place, _, words = str(error).partition(": ")
        raise ConfigError(place, "", f"a letter in {language} from the sample facts", words) from None
