"""The languages of pages, messages and letters: their names, catalogues and dates.

Babel knows neither `fj` nor `hif`, so it only reads the catalogues (straight from the `.po` files: no
build step) and spells Hindi months; everything else is the small table here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from functools import cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path

from babel.dates import format_date as babel_format_date
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileError, read_po

from config.errors import ConfigError

CATALOGUES = Path(__file__).resolve().parent.parent / "translations"


@dataclass(frozen=True, slots=True)
class LanguageInfo:
    """One language: its own name for itself, its tag for `lang=`, who spells its months, its standing."""

    key: str
    name: str
    tag: str
    dates: str  # the Babel locale that spells its dates
    draft: bool  # True until a native speaker has read its words


LANGUAGES = {
    language.key: language
    for language in (
        LanguageInfo("en", "English", "en", "en_AU", draft=False),
        LanguageInfo("fj", "Na Vosa Vakaviti", "fj", "en_AU", draft=True),  # month names stay English
        LanguageInfo("hif", "फ़िजी हिंदी", "hif", "hi", draft=True),
    )
}
"""Every language there is, English first: the one that has all words."""


@cache
def translations(language: str, domain: str) -> NullTranslations:
    """The catalogue `domain` (`s2f` for pages, `letters` for letters) of a language.

    A language without a catalogue, English among them, gets one that returns every text as it is.
    Raises ConfigError as `read_catalogue` does.
    """
    path = CATALOGUES / language / "LC_MESSAGES" / f"{domain}.po"
    if language not in LANGUAGES or not path.exists():
        return NullTranslations()
    return read_catalogue(path)


def read_catalogue(path: Path) -> GNUTranslations:
    """Return the translations of a `.po` file.

    Raises ConfigError, with the line, for a file that can't be read or a translation without a placeholder
    that the original has.
    """
    place = path.relative_to(CATALOGUES.parent).as_posix() if path.is_relative_to(CATALOGUES) else path.name
    try:
        with path.open("rb") as file:
            catalogue = read_po(file, abort_invalid=True)
    except (PoFileError, UnicodeDecodeError) as error:
        raise ConfigError(place, "", "a gettext catalogue in UTF-8", str(error)) from error
    _require_placeholders(catalogue, place)
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return GNUTranslations(compiled)


def _require_placeholders(catalogue: Catalog, place: str) -> None:
    for message in catalogue:
        if not message.id:
            continue
        originals = _forms(message.id)
        for number, form in enumerate(_forms(message.string)):
            wanted = _placeholders(originals[min(number, len(originals) - 1)])
            if form and _placeholders(form) != wanted:
                expected = f"a translation with {', '.join(sorted(wanted)) or 'no placeholder'}"
                raise ConfigError(f"{place}:{message.lineno}", "", expected, repr(form))


def _forms(text: str | list[str] | tuple[str, ...] | None) -> list[str]:
    return [text] if isinstance(text, str) else list(text or ())


def _placeholders(text: str) -> set[str]:
    """The `%(name)s` of a text, and each other `%` that formatting would stumble over."""
    return set(re.findall(r"%(?:%|\([a-z_]+\)s)?", text)) - {"%%"}


def format_date(day: date, language: str) -> str:
    """A calendar date as people write it: `12 May 2026`; an unknown language gets English."""
    info = LANGUAGES.get(language, LANGUAGES["en"])
    return babel_format_date(day, "d MMMM y", locale=info.dates)
