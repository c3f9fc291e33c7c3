"""Words in several languages: English always, others where there is at least a draft."""

import string
from collections.abc import Collection, Mapping

from config.errors import ConfigError
from config.reading import Table

ENGLISH = "en"

Words = Mapping[str, str]
"""The same text by language code; `en` is always there."""


def text(words: Words, language: str) -> tuple[str, str]:
    """The text in this language and that language, or the English text and `en` where there is none.

    A page or letter needs the second to mark a fallback with its true language.
    """
    if language in words:
        return words[language], language
    return words[ENGLISH], ENGLISH


def read_words(
    table: Table, name: str, languages: Collection[str], placeholders: Collection[str] = ()
) -> Words:
    """The words under `name`: English and any of `languages`, with no {placeholder} but those given.

    Every translation must have the placeholders of the English text. Raises ConfigError.
    """
    section = table.table(name)
    for language in section.values:
        if language not in languages:
            raise ConfigError(
                table.file, section.at(language), "one of the languages " + ", ".join(languages)
            )
    words = {language: section.text(language) for language in (ENGLISH, *section.values)}
    wanted = _placeholders(section, ENGLISH, words[ENGLISH])
    if not wanted <= set(placeholders):
        raise section.wrong(ENGLISH, _allowed(placeholders), _braces(wanted - set(placeholders)))
    for language, content in words.items():
        if _placeholders(section, language, content) != wanted:
            raise section.wrong(
                language, f"the placeholders of the English text ({_braces(wanted) or 'none'})"
            )
    return words


def _placeholders(section: Table, language: str, content: str) -> set[str]:
    try:
        return {name for _, name, _, _ in string.Formatter().parse(content) if name is not None}
    except ValueError as error:
        raise section.wrong(language, "a text whose curly brackets are pairs", str(error)) from error


def _allowed(placeholders: Collection[str]) -> str:
    return f"no placeholder but {_braces(placeholders)}" if placeholders else "no placeholder"


def _braces(names: Collection[str]) -> str:
    return ", ".join(f"{{{name}}}" for name in sorted(names))
