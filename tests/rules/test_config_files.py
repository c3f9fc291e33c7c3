"""Places and calendars: what the shipped files hold, and how a mistake in one is told."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from config.errors import ConfigError
from config.places import PLACES_FOLDER, Places, load_places

Spoil = Callable[[str, str], Places]


@pytest.fixture()
def with_place(tmp_path: Path) -> Spoil:
    """Load the shipped places with one passage replaced by another."""

    def load(passage: str, replacement: str) -> Places:
        text = (PLACES_FOLDER / "fiji.toml").read_text(encoding="utf-8")
        assert passage in text
        (tmp_path / "fiji.toml").write_text(text.replace(passage, replacement, 1), encoding="utf-8")
        return load_places(folder=tmp_path)

    return load


def test_the_provinces_sum_to_the_census_of_2017() -> None:
    assert sum(province.population_2017 for province in load_places().provinces.values()) == 884_887


def test_an_office_lies_in_the_division_of_its_province() -> None:
    office = load_places().offices["sigatoka"]
    assert (office.code, office.name, office.province) == ("SIG", "Sigatoka", "Nadroga-Navosa")
    assert (office.division, office.calendar_kind, office.phone) == ("western", "registry", None)


def test_there_are_twelve_offices_each_with_a_code_of_its_own() -> None:
    offices = load_places().offices.values()
    assert len({office.code for office in offices}) == len(offices) == 12


@pytest.mark.parametrize(
    ("passage", "replacement", "message"),
    [
        ('code = "SUV", ', "", "offices.suva.code: expected a text in quotes, found nothing"),
        ('"SUV"', '"Suv"', "offices.suva.code: expected three capital letters, found 'Suv'"),
        ('"KOR"', '"SUV"', "offices.korovou.code: expected a code of its own, found 'SUV', the code of suva"),
        (
            'province = "Rewa"',
            'province = "Reva"',
            "offices.suva.province: expected one of Naitasiri, Namosi, ",
        ),
        ('code = "SUV"', 'kode = "SUV"', "offices.suva.kode: expected one of the keys name, code, "),
        ('seat = "Suva"', "seat = 5", "divisions.central.seat: expected a text in quotes, found 5"),
        (" = 7871", " = true", "provinces[2].population_2017: expected a whole number from 1, found true"),
        (" = 7871", " = '7'", "provinces[2].population_2017: expected a whole number from 1, found '7'"),
        (" = 7871", " = 0", "provinces[2].population_2017: expected a whole number from 1, found 0"),
        (
            '{ name = "Namosi", division = "central"',
            '{ name = "Namosi", division = "south"',
            "provinces[2].division: expected one of central, western, northern, eastern, rotuma",
        ),
        (
            '"Namosi"',
            '"Naitasiri"',
            "provinces[2].name: expected each province once, found 'Naitasiri' again",
        ),
        (
            "[offices]",
            "[ofices]",
            "ofices: expected one of the keys divisions, provinces, offices, found this",
        ),
        ("suva = {", "Suva = {", "offices.Suva: expected a key in small letters"),
        ("[divisions]", "[divisions", "expected valid TOML, found "),
    ],
)
def test_a_mistake_among_the_places_is_told_with_file_and_key(
    with_place: Spoil, tmp_path: Path, passage: str, replacement: str, message: str
) -> None:
    with pytest.raises(ConfigError, match=re.escape(f"{tmp_path}/fiji.toml: {message}")):
        with_place(passage, replacement)


def test_places_without_an_office_are_refused(tmp_path: Path) -> None:
    (tmp_path / "fiji.toml").write_text('divisions.a = { name = "A", seat = "A" }')
    with pytest.raises(ConfigError, match="offices: expected at least one office, found nothing"):
        load_places(folder=tmp_path)


def test_a_place_without_a_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(
        ConfigError, match=r"tonga\.toml: expected a file that can be read, found No such file"
    ):
        load_places("tonga", folder=tmp_path)


def test_a_file_that_is_not_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "fiji.toml").write_bytes(b'name = "\xff"')
    with pytest.raises(ConfigError, match="expected text in UTF-8, found another byte at position 8"):
        load_places(folder=tmp_path)


def test_a_file_of_the_project_is_named_from_its_folder() -> None:
    assert load_places().file == "config/places/fiji.toml"
