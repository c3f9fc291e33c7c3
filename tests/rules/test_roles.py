"""Roles are files: who there is, what they may do, and how a mistake in a file is told."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from cases.permissions import Action, Actor, may, permitted
from cases.vocabulary import Role
from config.demo import accounts
from config.errors import ConfigError
from config.places import load_places
from config.roles import check_demo_offices, load_roles
from config.services import load_service, load_services

Write = Callable[..., Path]
LAWYER = """
description = "Lawyer: looks at the merits"
title.en = "lawyer"
"""


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write role files by key into a folder, and return the folder."""

    def written(**files: str) -> Path:
        for name, content in files.items():
            (tmp_path / f"{name.replace('_', '-')}.toml").write_text(content)
        return tmp_path

    return written


def test_every_role_of_the_platform_has_a_file() -> None:
    assert set(Role) <= set(load_roles())


def test_a_role_of_a_file_works_at_a_desk() -> None:
    at_a_desk = {Action.READ_INBOX, Action.READ_CASE, Action.CLAIM, Action.DECIDE, Action.PAUSE_CLOCK}
    assert permitted("registrar-general") == at_a_desk


def test_a_role_with_counter_works_at_the_counter_too() -> None:
    at_the_counter = {Action.ENTER_APPLICATION, Action.HAND_OVER, Action.REPLACE_PIN}
    assert permitted("registrar") - permitted("registrar-general") == at_the_counter


def test_a_role_without_a_file_may_nothing() -> None:
    assert not any(may(Actor("ghost", role="ghost"), action) for action in Action)


def test_the_accounts_of_a_demonstration_work_where_there_is_something() -> None:
    places = load_places("fiji")
    check_demo_offices(load_roles(), places.offices, places.facilities)
    assert {account.role for account in accounts()} == set(load_roles())


def test_every_task_of_a_service_is_one_of_a_role() -> None:
    named = {
        step.role for service in load_services().values() for step in service.steps.values() if step.role
    }
    assert named <= set(load_roles())


def test_a_service_that_names_an_unknown_role_is_told_with_file_and_key(tmp_path: Path) -> None:
    path = Path(load_services()["birth-correction"].file).resolve()
    wrong = tmp_path / "birth_correction.toml"
    wrong.write_text(path.read_text().replace('role = "registrar"', 'role = "registra"'))
    with pytest.raises(ConfigError, match=r"birth_correction.toml: steps.review.role: expected one of the"):
        load_service(wrong)


def test_a_role_of_a_file_has_its_words_and_its_demonstration(write: Write) -> None:
    account = '\n[[demo]]\nusername = "litia"\nname = "Litia Bola"\noffice = "suva"\n'
    folder = write(legal_officer=LAWYER + account)
    role = load_roles(folder)["legal-officer"]
    assert (role.title["en"], role.counter, role.central, role.lists) == ("lawyer", False, False, ())
    assert [(one.username, one.role, one.office) for one in role.demo] == [("litia", "legal-officer", "suva")]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ('title.en = "lawyer"', "description: expected a text"),
        ('description = "Lawyer"', "title: expected a table"),
        (LAWYER + 'counter = "yes"', "counter: expected true or false"),
        (LAWYER + "conter = true", "conter: expected one of the keys"),
        (LAWYER + "[[demo]]\nusername = 'A b'\nname = 'A'", "demo[1].username: expected 2 to 63"),
        (LAWYER + "[[demo]]\nusername = 'ab'", "demo[1].name: expected a text"),
    ],
)
def test_a_mistake_in_a_role_is_told_with_file_and_key(write: Write, content: str, told: str) -> None:
    with pytest.raises(ConfigError, match=re.escape(f"lawyer.toml: {told}")):
        load_roles(write(lawyer=content))


def test_a_role_whose_file_has_a_bad_name_is_told(tmp_path: Path) -> None:
    (tmp_path / "legal_officer.toml").write_text(LAWYER)
    with pytest.raises(ConfigError, match="a name in small letters and dashes"):
        load_roles(tmp_path)


def test_one_account_has_one_role(write: Write) -> None:
    account = '\n[[demo]]\nusername = "litia"\nname = "Litia Bola"\n'
    folder = write(lawyer=LAWYER + account, legal_officer=LAWYER + account)
    with pytest.raises(ConfigError, match=r"legal-officer.toml: demo\[1\].username|lawyer.toml: demo\[1\]"):
        load_roles(folder)


def test_an_account_at_no_office_is_told(write: Write) -> None:
    roles = load_roles(write(lawyer=LAWYER + '\n[[demo]]\nusername = "li"\nname = "Li"\noffice = "moon"\n'))
    with pytest.raises(ConfigError, match=r"demo\[1\].office: expected one of the offices suva"):
        check_demo_offices(roles, ["suva"], [])
