"""Reading a configuration file table by table, so that every mistake is told with its file and key.

A loader opens the file with `read_toml`, names the keys a table may have with `only`, and takes each value
with the method for its kind. Whatever is wrong becomes a ConfigError.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from hashlib import sha256
from pathlib import Path
from typing import TypeVar

from config.errors import ConfigError

ROOT = Path(__file__).resolve().parent
KEY_PATTERN = re.compile(r"[a-z][a-z0-9]*([-_][a-z0-9]+)*")

AnyEnum = TypeVar("AnyEnum", bound=StrEnum)


class Standing(StrEnum):
    """How well a fact of the domain is known."""

    CONFIRMED = "confirmed"
    """Read on an official page."""
    REPORTED = "reported"
    """From a newspaper or another secondary page."""
    DISPUTED = "disputed"
    """Sources disagree, or none was found."""


@dataclass(frozen=True, slots=True)
class Table:
    """One table of a configuration file: its values and where it stands."""

    file: str
    key: str
    values: Mapping[str, object]

    def only(self, *names: str) -> None:
        """Refuse any key but these: a misspelt key must not pass for one left out."""
        for name in self.values:
            if name not in names:
                raise ConfigError(self.file, self.at(name), "one of the keys " + ", ".join(names), "this key")

    def at(self, name: str) -> str:
        """The full key of `name` in this table."""
        return f"{self.key}.{name}" if self.key else name

    def wrong(self, name: str, expected: str, found: str | None = None) -> ConfigError:
        """The error to raise for the value of `name`; without `found`, the value itself is shown."""
        if found is None:
            found = shown(self.values[name]) if name in self.values else "nothing"
        return ConfigError(self.file, self.at(name), expected, found)

    def has(self, name: str) -> bool:
        return name in self.values

    def text(self, name: str, expected: str = "a text in quotes") -> str:
        value = self.values.get(name)
        if not isinstance(value, str) or not value.strip():
            raise self.wrong(name, expected)
        return value.strip()

    def word(self, name: str) -> str:
        """A key of ours: small letters and digits, joined by dashes or underscores."""
        value = self.text(name)
        if not KEY_PATTERN.fullmatch(value):
            raise self.wrong(name, "a key in small letters, digits and dashes")
        return value

    def choice(self, name: str, choices: type[AnyEnum]) -> AnyEnum:
        value = self.values.get(name)
        if not isinstance(value, str) or value not in list(choices):
            raise self.wrong(name, "one of " + ", ".join(choices))
        return choices(value)

    def flag(self, name: str) -> bool:
        value = self.values.get(name)
        if not isinstance(value, bool):
            raise self.wrong(name, "true or false")
        return value

    def whole_number(self, name: str, lowest: int = 1) -> int:
        value = self.values.get(name)
        if not isinstance(value, int) or isinstance(value, bool) or value < lowest:
            raise self.wrong(name, f"a whole number from {lowest}")
        return value

    def number(self, name: str) -> Decimal:
        value = self.values.get(name)
        number = Decimal(value) if type(value) is int else value
        if not isinstance(number, Decimal) or not number.is_finite() or number < 0:
            raise self.wrong(name, "a number from 0, not in quotes")
        return number

    def day(self, name: str) -> date:
        value = self.values.get(name)
        if not isinstance(value, date) or isinstance(value, datetime):
            raise self.wrong(name, "a date such as 2026-05-12, not in quotes")
        return value

    def texts(self, name: str) -> tuple[str, ...]:
        """A list of texts without repetition, possibly empty; left out means empty."""
        value = self.values.get(name, [])
        if not isinstance(value, list) or not all(isinstance(item, str) and item.strip() for item in value):
            raise self.wrong(name, "a list of texts in quotes")
        for place, item in enumerate(value):
            if item in value[:place]:
                raise self.wrong(name, "each entry once", f"{item!r} twice")
        return tuple(value)

    def table(self, name: str) -> "Table":
        value = self.values.get(name)
        if not isinstance(value, dict):
            raise self.wrong(name, "a table")
        return Table(self.file, self.at(name), value)

    def tables(self, name: str) -> dict[str, "Table"]:
        """The tables within the table `name`, by their keys; left out means none."""
        if name not in self.values:
            return {}
        outer = self.table(name)
        for key in outer.values:
            if not KEY_PATTERN.fullmatch(key) and not key.isdigit():
                raise ConfigError(
                    self.file, outer.at(key), "a key in small letters, digits and dashes", "this key"
                )
        return {key: outer.table(key) for key in outer.values}

    def rows(self, name: str) -> list["Table"]:
        """The rows of a list of tables, counted from 1 in messages; left out means none."""
        value = self.values.get(name, [])
        if not isinstance(value, list) or not all(isinstance(row, dict) for row in value):
            raise self.wrong(name, "a list of tables")
        return [Table(self.file, f"{self.at(name)}[{place}]", row) for place, row in enumerate(value, 1)]


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a fact comes from, how well it is known, and whether the department confirmed it for use."""

    source: str
    standing: Standing
    confirmed: bool


def read_provenance(table: Table) -> Provenance:
    """The keys source, standing and confirmed of a table; only what an official page says is confirmed."""
    standing, confirmed = table.choice("standing", Standing), table.flag("confirmed")
    if confirmed and standing is not Standing.CONFIRMED:
        raise table.wrong("confirmed", f"false, since the standing is {standing}")
    return Provenance(table.text("source"), standing, confirmed)


def read_toml(path: Path) -> tuple[Table, str]:
    """The whole file as a table, and its version: a short digest of what it holds.

    Raises ConfigError when the file is missing, isn't text, or isn't TOML (with the line).
    """
    file = file_name(path)
    try:
        content = path.read_bytes()
        values = tomllib.loads(content.decode("utf-8"), parse_float=Decimal)
    except OSError as error:
        raise ConfigError(
            file, "", "a file that can be read", error.strerror or type(error).__name__
        ) from error
    except UnicodeDecodeError as error:
        raise ConfigError(file, "", "text in UTF-8", f"another byte at position {error.start}") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(file, "", "valid TOML", str(error)) from error
    return Table(file, "", values), sha256(content).hexdigest()[:12]


def file_name(path: Path) -> str:
    """The path as people say it: from the project's folder where the file lies in it."""
    path = path.resolve()
    return str(path.relative_to(ROOT.parent)) if path.is_relative_to(ROOT.parent) else str(path)


def shown(value: object) -> str:
    """A value for an error message, shortened."""
    if isinstance(value, (dict, list)):
        return "a table" if isinstance(value, dict) else "a list"
    if isinstance(value, (date, Decimal)):
        return str(value)
    text = repr(value) if not isinstance(value, bool) else str(value).lower()
    return text if len(text) <= 60 else text[:57] + "..."
