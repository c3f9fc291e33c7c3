"""The words of what criteria are judged on: what a fact is called, what its values mean, its unit.

[facts.category]
en = "Kind of case"
[facts.category.values.family]      # a value that is a key itself
en = "Family law"

[facts.income]
en = "Income a year"
unit = "FJD"                        # as rates have
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from config.rates import Unit
from config.reading import Table
from config.words import Words, read_words


@dataclass(frozen=True, slots=True)
class FactWords:
    """What a fact is called, what those of its values mean that are keys, and its unit where it has one."""

    label: Words
    values: Mapping[str, Words]
    unit: Unit | None

    def said(self, value: object) -> list[Words] | None:
        """A key among the values, or a list of keys, in words; None for what says itself what it is."""
        keys = value if isinstance(value, list) else [value]
        words = [self.values[key] for key in keys if isinstance(key, str) and key in self.values]
        return words if words and len(words) == len(keys) else None


def read_facts(top: Table, languages: Collection[str]) -> Mapping[str, FactWords]:
    """The table `facts` of a service file by name. Raises ConfigError."""
    return {name: _fact(top, name, table, languages) for name, table in top.tables("facts").items()}


def _fact(top: Table, name: str, table: Table, languages: Collection[str]) -> FactWords:
    table.only(*languages, "values", "unit")
    label = {key: words for key, words in table.values.items() if key in languages}
    values = table.table("values") if table.has("values") else None
    return FactWords(
        label=read_words(Table(top.file, "facts", {name: label}), name, languages),
        values={key: read_words(values, key, languages) for key in values.values} if values else {},
        unit=table.choice("unit", Unit) if table.has("unit") else None,
    )
