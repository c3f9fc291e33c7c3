"""The words for what a task shows an officer beside the application, by the names that procedures gave it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from config.reading import Table
from config.words import Words, read_words


@dataclass(frozen=True, slots=True)
class ShownWords:
    """What a name is called, and what those of its values mean that are keys themselves."""

    title: Words
    values: Mapping[str, Words]


def read_shown(top: Table, languages: Collection[str]) -> Mapping[str, ShownWords]:
    """The table `shown` of a service file by name. Raises ConfigError."""
    return {name: _shown(table, languages) for name, table in top.tables("shown").items()}


def _shown(table: Table, languages: Collection[str]) -> ShownWords:
    table.only("title", "values")
    values = table.table("values") if table.has("values") else None
    return ShownWords(
        title=read_words(table, "title", languages),
        values={key: read_words(values, key, languages) for key in values.values} if values else {},
    )
