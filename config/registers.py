"""Registers of people who take cases on, one file each: config/registers/<name>.toml.

    [title]
    en = "Practitioners"

    [[rows]]
    key = "nisha-chand"            # stays with cases: never change or reuse one
    name = "Nisha Chand"
    division = "central"           # or office = "suva", which is in a division
    areas = ["family", "criminal"] # what they take on, in keys of the service's own
    capacity = 12                  # how many cases at once

A procedure asks how full they are and gives a case to one (`tasks/assignment.py`); a field of a task form
with `options_from: <name>` offers them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from config.errors import ConfigError
from config.languages import LANGUAGES
from config.places import Places, load_places
from config.reading import KEY_PATTERN, ROOT, Table, file_name, read_toml
from config.words import Words, read_words

REGISTERS_FOLDER = ROOT / "registers"
LONGEST_KEY = 64  # as long as a database keeps


@dataclass(frozen=True, slots=True)
class Holder:
    """Somebody who takes cases on. division: its name, as people say it; capacity: how many at once."""

    key: str
    name: str
    division: str
    areas: tuple[str, ...]
    capacity: int


@dataclass(frozen=True, slots=True)
class Register:
    """A register: what it is called, and who is in it, by key, in the order of the file."""

    file: str
    key: str
    title: Words
    holders: Mapping[str, Holder]


Registers = Mapping[str, Register]


@cache
def load_registers(place: str = "fiji", folder: Path = REGISTERS_FOLDER) -> Registers:
    """Every register by name. Raises ConfigError with file, key and what was expected."""
    places = load_places(place)
    return {path.stem: _load(path, places) for path in sorted(folder.glob("*.toml"))}


def _load(path: Path, places: Places) -> Register:
    if not KEY_PATTERN.fullmatch(path.stem) or "_" in path.stem or len(path.stem) > LONGEST_KEY:
        raise ConfigError(file_name(path), "(file)", "a name in small letters and dashes", repr(path.stem))
    top, _ = read_toml(path)
    top.only("title", "rows")
    holders: dict[str, Holder] = {}
    for row in top.rows("rows"):
        holder = _holder(row, places)
        if holder.key in holders:
            raise row.wrong("key", "each key once", f"{holder.key!r} again")
        holders[holder.key] = holder
    if not holders:
        raise top.wrong("rows", "at least one row", "none")
    return Register(top.file, path.stem, read_words(top, "title", LANGUAGES), holders)


def _holder(row: Table, places: Places) -> Holder:
    row.only("key", "name", "office", "division", "areas", "capacity")
    if row.has("office") == row.has("division"):
        raise row.wrong("division", "either a division or an office")
    if row.has("office"):
        offices = places.offices
        if row.word("office") not in offices:
            raise row.wrong("office", "one of the offices " + ", ".join(offices))
        division = offices[row.word("office")].division
    else:
        division = row.word("division")
        if division not in places.divisions:
            raise row.wrong("division", "one of " + ", ".join(places.divisions))
    key = row.word("key")
    if len(key) > LONGEST_KEY:
        raise row.wrong("key", f"a key of at most {LONGEST_KEY} characters")
    name, capacity = row.text("name"), row.whole_number("capacity")
    return Holder(key, name, places.divisions[division].name, row.texts("areas"), capacity)
