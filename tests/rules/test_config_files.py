"""Places and calendars: what the shipped files hold, and how a mistake in one is told."""

import re
from collections import Counter
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from config.calendar_file import CALENDARS_FOLDER, CalendarFile, load_calendar
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
            "ofices: expected one of the keys divisions, provinces, offices, facilities, found this",
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


CLOSURE = """
[[closures]]
division = "western"
first = 2026-02-12
last = 2026-02-13
name = "Cyclone"
source = "test"
confirmed = true
"""


@pytest.fixture()
def with_calendar(tmp_path: Path) -> Callable[..., CalendarFile]:
    """Load the shipped calendar and a closure, with passages replaced by others."""

    def load(passage: str, replacement: str, *more: tuple[str, str]) -> CalendarFile:
        text = (CALENDARS_FOLDER / "fiji.toml").read_text(encoding="utf-8") + CLOSURE
        for old, new in ((passage, replacement), *more):
            assert old in text
            text = text.replace(old, new, 1)
        (tmp_path / "fiji.toml").write_text(text, encoding="utf-8")
        return load_calendar(folder=tmp_path)

    return load


def test_the_registries_work_an_hour_less_on_fridays() -> None:
    days = load_calendar().hours["registry"].days
    assert [sum(stretch.end - stretch.start for stretch in day) for day in days] == [480] * 4 + [420, 0, 0]


def test_gazetted_holidays_are_confirmed_and_derived_ones_are_not() -> None:
    holidays = load_calendar().holidays
    assert Counter(day.date.year for day in holidays if day.confirmed) == {2024: 11, 2025: 11}
    assert {day.date.year for day in holidays if not day.confirmed} == {2026, 2027}
    assert {day.source for day in holidays if not day.confirmed} == {"derived, not gazetted"}


def test_the_version_of_a_calendar_changes_with_its_file(
    with_calendar: Callable[[str, str], CalendarFile],
) -> None:
    assert with_calendar("Cyclone", "Cyclone").version != with_calendar("Cyclone", "Storm").version


def test_a_closure_holds_from_its_first_day_through_its_last(
    with_calendar: Callable[[str, str], CalendarFile],
) -> None:
    (closure,) = with_calendar("Cyclone", "Cyclone").closures
    assert [day.date for day in closure.days] == [date(2026, 2, 12), date(2026, 2, 13)]


@pytest.mark.parametrize(
    ("passage", "replacement", "message"),
    [
        ("Pacific/Fiji", "Pacific/Fidji", "zone: expected a time zone such as Pacific/Fiji, found "),
        ("Pacific/Fiji", "../etc/passwd", "zone: expected a time zone such as Pacific/Fiji"),
        ('zone = "Pacific/Fiji"', "", "zone: expected a text in quotes, found nothing"),
        ("monday =", "munday =", "hours.civil_service.munday: expected one of the keys monday, "),
        ('"08:00-16:30"', '"08:00-24:00"', "monday: expected hours such as 08:00-16:30, found '08:00-24:00'"),
        ('"08:00-16:30"', '"8-16:30"', "hours.civil_service.monday: expected hours such as 08:00-16:30"),
        ('"08:00-16:30"', '"16:30-08:00"', "monday: expected hours that end after they start, found"),
        ('"08:00-16:30"', '"08:00-08:00"', "monday: expected hours that end after they start"),
        ('"08:00-16:30"', '"08:00-12:00", "11:59-16:00"', "monday: expected hours in order that don't"),
        ('["08:00-16:30"]', '"08:00-16:30"', "hours.civil_service.monday: expected a list of texts"),
        ("[hours.registry]", "[hours.Registry]", "hours.Registry: expected a key in small letters"),
        ('date = 2025-04-19, name = "Easter Saturday"', 'date = 2025-04-18, name = "Easter Saturday"',
         "holidays.2025.days[3].date: expected each holiday once, found 2025-04-18 again (Good Friday)"),
        ("date = 2025-04-19", "date = 2026-04-19", "holidays.2025.days[3].date: expected a day of 2025"),
        ("date = 2025-04-19", 'date = "2025-04-19"', "holidays.2025.days[3].date: expected a date such as"),
        ("date = 2025-04-19", "day = 2025-04-19", "holidays.2025.days[3].day: expected one of the keys "),
        ('derived, not gazetted"\nconfirmed = false', 'x"', "holidays.2026.confirmed: expected true or"),
        ("[holidays.2027]", "[holidays.2026]", "expected valid TOML, found Cannot declare "),
        ('"western"\nfirst', '"westren"\nfirst', "closures[1].division: expected one of central, western, "),
        ("last = 2026-02-13", "last = 2026-02-11", "closures[1].last: expected a day from 2026-02-12"),
        ("last = 2026-02-13", "last = 2206-02-13", "closures[1].last: expected a day from 2026-02-12"),
        ("last = 2026-02-13", "through = 2026-02-13", "closures[1].through: expected one of the keys "),
        ("last = 2026-02-13", "last = 2026-02-13\nfrom = 12", "closures[1].from: expected a time such as"),
        ("last = 2026-02-13", 'last = 2026-02-13\nuntil = "noon"', "closures[1].until: expected a time such"),
        ("last = 2026-02-13", 'last = 2026-02-12\nfrom = "12:00"\nuntil = "11:00"',
         "closures[1].until: expected a time after that of `from`, found '11:00'"),
        ("date = 2025-04-19,", 'date = 2025-04-19, until = "24:00",',
         "holidays.2025.days[3].until: expected a time such as 12:00"),
        ("date = 2025-04-19,", 'date = 2025-04-19, to = "12:00",',
         "holidays.2025.days[3].to: expected one of the keys date, name, from, until"),
        ("date = 2024-12-26", "date = 2025-02-29", "expected valid TOML, found"),
    ],
)  # fmt: skip
def test_a_mistake_in_a_calendar_is_told_with_file_and_key(
    with_calendar: Callable[[str, str], CalendarFile],
    tmp_path: Path,
    passage: str,
    replacement: str,
    message: str,
) -> None:
    with pytest.raises(ConfigError) as refused:
        with_calendar(passage, replacement)
    assert str(refused.value).startswith(f"{tmp_path}/fiji.toml: ")
    assert message in str(refused.value)


def test_hours_in_which_the_zone_changes_its_clocks_are_refused(
    with_calendar: Callable[..., CalendarFile],
) -> None:
    sundays = '[hours.registry]\nsunday = ["01:00-02:00", "02:30-03:30"]'
    expected = (
        "hours.registry.sunday: expected hours outside 02:00-03:00, when the clocks of Europe/Berlin change, "
        "found hours that they change in on 29 March 2020"
    )
    with pytest.raises(ConfigError, match=re.escape(expected)):
        with_calendar("[hours.registry]", sundays, ('zone = "Pacific/Fiji"', 'zone = "Europe/Berlin"'))


def test_hours_that_end_when_the_clocks_change_are_kept(
    with_calendar: Callable[..., CalendarFile],
) -> None:
    sundays = '[hours.registry]\nsunday = ["01:00-02:00", "03:00-04:00"]'
    assert (
        with_calendar("[hours.registry]", sundays, ('zone = "Pacific/Fiji"', 'zone = "Europe/Berlin"'))
        .hours["registry"]
        .days[6]
    )


def test_a_half_day_and_a_closure_by_the_hour_are_read(
    with_calendar: Callable[[str, str], CalendarFile],
) -> None:
    file = with_calendar("date = 2025-04-19,", 'date = 2025-04-19, from = "12:30",')
    half = next(day for day in file.holidays if day.date == date(2025, 4, 19))
    assert (half.start, half.end, half.whole) == (750, 1440, False)
    (closure,) = with_calendar(
        "last = 2026-02-13", 'last = 2026-02-13\nfrom = "12:00"\nuntil = "10:00"'
    ).closures
    assert [(day.start, day.end) for day in closure.days] == [(720, 1440), (0, 600)]


def test_a_calendar_with_no_working_day_is_refused(with_calendar: Callable[[str, str], CalendarFile]) -> None:
    week_off = '[hours.ghost]\nsource = "test"\nstanding = "reported"\nconfirmed = false\n\n[hours.registry]'
    with pytest.raises(ConfigError, match=r"hours\.ghost: expected at least one working day, found none"):
        with_calendar("[hours.registry]", week_off)


def test_an_office_with_hours_that_no_calendar_has_is_told_of_in_the_places(with_place: Spoil) -> None:
    places = with_place('calendar = "registry"', 'calendar = "post_office"')
    with pytest.raises(
        ConfigError,
        match=r"offices\.suva\.calendar: expected one of civil_service, registry, found 'post_office'",
    ) as refused:
        load_calendar(places=places)
    assert refused.value.file == places.file
