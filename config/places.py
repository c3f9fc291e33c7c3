"""The divisions, provinces and offices of a country, from config/places/<place>.toml."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from config.reading import ROOT, Table, read_toml

PLACES_FOLDER = ROOT / "places"


@dataclass(frozen=True, slots=True)
class Division:
    """A division of the country; `seat` is the town it is run from."""

    key: str
    name: str
    seat: str


@dataclass(frozen=True, slots=True)
class Province:
    """A province, its division's key, and its people in the census of 2017."""

    name: str
    division: str
    population_2017: int


@dataclass(frozen=True, slots=True)
class Office:
    """An office: `name` as in a list of offices, `code` as in registration numbers (three capitals).

    `calendar_kind` names its working hours in the calendar file; `phone` is None where none is known.
    """

    key: str
    code: str
    name: str
    province: str
    division: str
    calendar_kind: str
    phone: str | None


@dataclass(frozen=True, slots=True)
class Facility:
    """A hospital or health centre that notifies births. `names`: as people write it, the proper one first."""

    key: str
    names: tuple[str, ...]
    province: str

    @property
    def name(self) -> str:
        """The proper name."""
        return self.names[0]


@dataclass(frozen=True, slots=True)
class Places:
    """Divisions, offices and facilities by key, provinces by name; `file` is where they were read.

    A member of staff belongs to an office or to a facility: their keys differ.
    """

    file: str
    divisions: Mapping[str, Division]
    provinces: Mapping[str, Province]
    offices: Mapping[str, Office]
    facilities: Mapping[str, Facility]

    def facility_named(self, name: str | None) -> Facility | None:
        """Return the facility that people call so, however they space and capitalise it, or None."""
        wanted = _plain(name or "")
        for facility in self.facilities.values():
            if any(_plain(known) == wanted for known in facility.names):
                return facility
        return None


def _plain(name: str) -> str:
    return "".join(sign for sign in name.casefold() if sign.isalnum())


def load_places(place: str = "fiji", *, folder: Path = PLACES_FOLDER) -> Places:
    """Read <folder>/<place>.toml. Raises ConfigError with file, key and what was expected.

    That every office's `calendar_kind` exists is checked by `load_calendar`, which knows the kinds.
    """
    top, _version = read_toml(folder / f"{place}.toml")
    top.only("divisions", "provinces", "offices", "facilities")
    divisions = {key: _division(key, table) for key, table in top.tables("divisions").items()}
    provinces = _provinces(top, divisions)
    offices = _offices(top, provinces)
    return Places(top.file, divisions, provinces, offices, _facilities(top, provinces, offices))


def _facilities(
    top: Table, provinces: Mapping[str, Province], offices: Mapping[str, Office]
) -> dict[str, Facility]:
    facilities: dict[str, Facility] = {}
    known: dict[str, str] = {}
    for key, table in top.tables("facilities").items():
        table.only("names", "province")
        if key in offices:
            raise top.wrong("facilities", "keys that no office has", repr(key))
        if table.text("province") not in provinces:
            raise table.wrong("province", "one of " + ", ".join(provinces))
        if not table.texts("names"):
            raise table.wrong("names", "at least one name", "none")
        facilities[key] = Facility(key, table.texts("names"), table.text("province"))
        for name in facilities[key].names:
            if known.setdefault(_plain(name), key) != key:
                raise table.wrong("names", "names that no other facility has", repr(name))
    return facilities


def _division(key: str, table: Table) -> Division:
    table.only("name", "seat")
    return Division(key, table.text("name"), table.text("seat"))


def _provinces(top: Table, divisions: Mapping[str, Division]) -> dict[str, Province]:
    provinces: dict[str, Province] = {}
    for row in top.rows("provinces"):
        row.only("name", "division", "population_2017")
        name, division = row.text("name"), row.word("division")
        if name in provinces:
            raise row.wrong("name", "each province once", f"{name!r} again")
        if division not in divisions:
            raise row.wrong("division", "one of " + ", ".join(divisions))
        provinces[name] = Province(name, division, row.whole_number("population_2017"))
    return provinces


def _offices(top: Table, provinces: Mapping[str, Province]) -> dict[str, Office]:
    offices: dict[str, Office] = {}
    codes: dict[str, str] = {}
    for key, table in top.tables("offices").items():
        office = _office(key, table, provinces)
        if office.code in codes:
            raise table.wrong(
                "code", "a code of its own", f"{office.code!r}, the code of {codes[office.code]}"
            )
        codes[office.code] = key
        offices[key] = office
    if not offices:
        raise top.wrong("offices", "at least one office")
    return offices


def _office(key: str, table: Table, provinces: Mapping[str, Province]) -> Office:
    table.only("name", "code", "province", "calendar", "phone")
    code, province = table.text("code"), table.text("province")
    if not re.fullmatch(r"[A-Z]{3}", code):
        raise table.wrong("code", "three capital letters")
    if province not in provinces:
        raise table.wrong("province", "one of " + ", ".join(provinces))
    return Office(
        key=key,
        code=code,
        name=table.text("name"),
        province=province,
        division=provinces[province].division,
        calendar_kind=table.word("calendar"),
        phone=table.text("phone") if table.has("phone") else None,
    )
