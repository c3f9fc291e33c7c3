"""Every word of a citizen's pages is in every catalogue, and nothing else is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from config.languages import CATALOGUES, LANGUAGES
from config.places import load_places
from tests.conventions.sources import ROOT
from tests.web.site import APPLY, TYPED, Visitor, words_of

METHODS = [
    ("web/staff/**.py", "ignore"),
    ("web/**.py", "python"),
    ("templates/web/*.html", "jinja2"),
    ("templates/web/public/*.html", "jinja2"),
]
KEYWORDS = {"_": None, "plain": None, "say": None, "ngettext": (1, 2)}
NAMES = {"Start to Finish"}
FOR_STAFF = {
    "Your account doesn’t permit this.",
    "Somebody else has this task",
    "Another officer has taken the task. Nothing was changed by your try.",
    "The application has changed",
    "There is something new on this application since you opened the page. Read it, then try again.",
}
"""Errors that no citizen can meet; they stay English, as all pages of staff are."""
TRANSLATED = [key for key in LANGUAGES if key != "en"]


@cache
def used() -> frozenset[str]:
    """Return every text of ours in the pages that citizens see; of those with a number, the first."""
    found = [
        message
        for folder in ("web", "templates/web")
        for _, _, message, _, _ in extract_from_dir(
            ROOT / folder,
            [(pattern.removeprefix(f"{folder}/"), method) for pattern, method in METHODS],
            keywords=KEYWORDS,  # type: ignore[arg-type]
        )
    ]
    return frozenset(message if isinstance(message, str) else message[0] for message in found)


def _said(language: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    with (CATALOGUES / language / "LC_MESSAGES" / "s2f.po").open("rb") as file:
        for message in read_po(file, abort_invalid=True):
            if message.id:
                plural = not isinstance(message.id, str)
                yield (
                    message.id[0] if plural else message.id,  # type: ignore[misc]
                    tuple(message.string) if plural else (str(message.string),),
                )


@cache
def catalogue(language: str) -> dict[str, tuple[str, ...]]:
    """Return what a catalogue says for each text."""
    return dict(_said(language))


def test_the_pages_are_read() -> None:
    assert {"Start now", "Choose an office", "%(n)s day", "Page not found"} <= used()


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_catalogue_has_every_text_of_the_pages_and_no_other(language: str) -> None:
    known = set(catalogue(language))
    assert sorted(used() - known) == [], "missing"
    assert sorted(known - used()) == [], "used nowhere"


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_text_that_a_citizen_can_meet_is_translated(language: str) -> None:
    empty = {text for text, said in catalogue(language).items() if not all(said)}
    assert sorted(empty - NAMES - FOR_STAFF) == []


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_translation_keeps_the_placeholders_and_is_in_its_own_script(language: str) -> None:
    for text, said in catalogue(language).items():
        for each in filter(None, said):
            assert sorted(re.findall(r"%\(\w+\)s", each)) == sorted(re.findall(r"%\(\w+\)s", text)), text
            if language == "hif" and text not in {"PIN"}:
                assert re.search(r"[\u0900-\u097f]", each), text


WITHOUT_ANOTHER_NAME = {"PIN", *load_places("fiji").provinces}
PAGES = [
    *("/", "/services/birth-registration", "/come-back", "/track", "/track/lost-pin", "/track/lost-pin/sent"),
    *("/verify", "/verify/NONE", "/nothing", APPLY, *(f"{APPLY}/questions/{page}" for page in TYPED)),
    *(f"{APPLY}/office", f"{APPLY}/check", f"{APPLY}/saved", f"{APPLY}/sent"),
]


def test_no_page_of_an_application_in_fiji_hindi_falls_back_to_english(family: Visitor) -> None:
    family.get("/language/hif")
    family.fill_in()
    family.send(f"{APPLY}/save", page=f"{APPLY}/check")
    left: dict[str, set[str]] = {}
    for address in PAGES:
        if address.endswith("/sent") and "apply" in address:
            family.send(f"{APPLY}/check")
        response = family.get(address)
        assert response.status_code in (200, 404), (address, words_of(response))
        main = response.text.partition("<main")[2].partition("</main>")[0]
        english = set(re.findall(r'lang="en">([^<]*)<', main)) - WITHOUT_ANOTHER_NAME
        if english:
            left[address] = english
    assert left == {}
