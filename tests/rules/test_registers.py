"""Registers of people who take cases on: read strictly, offered by task forms, scripted in golden cases."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.errors import ConfigError
from config.registers import load_registers
from flows.engine.play import Played, Scene, play
from flows.engine.scene_file import differences
from forms.compiler import known_options
from tests.assigning import JONE, assigns
from tests.births import ANSWERS
from tests.conftest import NOW

LAWYERS = """
title.en = "Lawyers"
[[rows]]
key = "ana-vula"
name = "Ana Vula"
office = "suva"
areas = ["family"]
capacity = 3
[[rows]]
key = "panel"
name = "The panel"
division = "western"
capacity = 40
"""


def write(folder: Path, content: str, name: str = "lawyers") -> Path:
    (folder / f"{name}.toml").write_text(content)
    return folder


def test_a_register_says_who_is_where_and_how_much_room_they_have(tmp_path: Path) -> None:
    ana, panel = load_registers("fiji", write(tmp_path, LAWYERS))["lawyers"].holders.values()
    assert (ana.key, ana.name, ana.division, ana.areas) == ("ana-vula", "Ana Vula", "Central", ("family",))
    assert (panel.division, panel.areas, panel.capacity) == ("Western", (), 40)


@pytest.mark.parametrize(
    ("passage", "replacement", "told"),
    [
        ('key = "panel"', 'key = "ana-vula"', "rows[2].key: expected each key once, found 'ana-vula' again"),
        ('key = "panel"', "", "rows[2].key: expected a text in quotes"),
        ("capacity = 40", "capacity = 0", "rows[2].capacity: expected a whole number from 1, found 0"),
        ('"western"', '"atlantis"', "rows[2].division: expected one of central, western"),
        ('"suva"', '"atlantis"', "rows[1].office: expected one of the offices "),
        ('office = "suva"', 'office = "suva"\ndivision = "central"', "rows[1].division: expected either"),
        ('office = "suva"', "", "rows[1].division: expected either a division or an office"),
        ("capacity = 40", "capacity = 40\nroom = 1", "rows[2].room: expected one of the keys key, name"),
        ('title.en = "Lawyers"', "", "title: expected a table, found nothing"),
    ],
)
def test_a_mistake_in_a_register_is_told_with_file_and_key(
    tmp_path: Path, passage: str, replacement: str, told: str
) -> None:
    assert passage in LAWYERS
    with pytest.raises(ConfigError) as refused:
        load_registers("fiji", write(tmp_path, LAWYERS.replace(passage, replacement, 1)))
    assert str(refused.value).startswith(f"{tmp_path}/lawyers.toml: ")
    assert told in str(refused.value)


def test_a_register_without_anybody_and_one_with_a_bad_name_are_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="rows: expected at least one row"):
        load_registers("fiji", write(tmp_path, 'title.en = "Nobody"'))
    other = tmp_path / "other"
    other.mkdir()
    with pytest.raises(ConfigError, match="a name in small letters and dashes"):
        load_registers("fiji", write(other, LAWYERS, "the_lawyers"))


def test_every_register_is_a_list_of_options(tmp_path: Path) -> None:
    registers = load_registers()
    assert set(registers) < set(known_options()) | {"no register"}
    for name, register in registers.items():
        assert [option.value for option in known_options()[name]] == list(register.holders)


def played(**queries: object) -> Played:
    return play(Scene(ANSWERS | {"informant_name": JONE}, NOW, queries=queries), assigns())


def test_a_golden_case_says_when_there_is_no_room() -> None:
    expect = {"assignments": {"taken": {"holder": JONE}}}
    assert differences({"outcome": "no-room", **expect}, played(taken=False)) == []
    assert differences({"outcome": None, "waiting_for": ["work"], **expect}, played()) == []
