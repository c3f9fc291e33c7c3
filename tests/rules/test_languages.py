"""Catalogues and dates in the languages there are."""

from __future__ import annotations

from datetime import date

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from config.languages import CATALOGUES, LANGUAGES, format_date, translations

MESSAGES = CATALOGUES.parent / "templates" / "messages"


@pytest.mark.parametrize(
    ("language", "expected"),
    [("en", "12 May 2026"), ("fj", "12 May 2026"), ("hif", "12 मई 2026"), ("xx", "12 May 2026")],
)
def test_dates_are_written_as_people_write_them(language: str, expected: str) -> None:
    assert format_date(date(2026, 5, 12), language) == expected


def test_a_catalogue_is_read_without_having_been_compiled() -> None:
    assert translations("hif", "letters").gettext("Mother") == "माता"


@pytest.mark.parametrize("language", ["en", "xx", "../fj"])
def test_a_language_without_a_catalogue_leaves_texts_as_they_are(language: str) -> None:
    assert translations(language, "letters").gettext("Mother") == "Mother"


def test_languages_that_no_native_speaker_has_read_are_drafts() -> None:
    assert {key for key, language in LANGUAGES.items() if language.draft} == {"fj", "hif"}


@pytest.mark.parametrize("language", ["fj", "hif"])
def test_the_catalogue_has_every_word_of_short_messages_and_no_other(language: str) -> None:
    methods, keywords = [("**.txt", "jinja2.ext.babel_extract")], {"_": None}
    found = extract_from_dir(MESSAGES, methods, keywords=keywords)  # type: ignore[arg-type]
    used = {message for _, _, message, _, _ in found}
    with (CATALOGUES / language / "LC_MESSAGES" / "messages.po").open("rb") as file:
        catalogue = {str(message.id) for message in read_po(file) if message.id and message.string}
    assert catalogue == used
