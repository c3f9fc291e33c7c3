"""What people can say to the system is written down: commands, settings, events; and what is written
down exists."""

from __future__ import annotations

import re

import click
import pytest

from cases.vocabulary import EventKind
from cli.main import COMMANDS, main
from config.settings import SETTINGS
from tests.conventions.sources import ROOT, committed

OPERATING = (ROOT / "docs" / "operating.md").read_text()
PAGES = ["README.md", "CHANGELOG.md", *(name for name in committed() if re.fullmatch(r"docs/.*\.md", name))]


def _commands(command: click.Command, name: str) -> list[str]:
    if not isinstance(command, click.Group):
        return [name]
    context = click.Context(command)
    children = [(child, command.get_command(context, child)) for child in command.list_commands(context)]
    return [full for child, found in children if found for full in _commands(found, f"{name} {child}")]


ALL_COMMANDS = _commands(main, "s2f")


@pytest.mark.parametrize("name", ALL_COMMANDS)
def test_every_command_is_documented(name: str) -> None:
    assert f"`{name}" in OPERATING.replace("`s2f case REFERENCE", "`s2f case show"), (
        f"docs/operating.md: {name}"
    )


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.name)
def test_every_setting_is_documented_with_its_default_and_meaning(setting: object) -> None:
    row = f"| `{setting.name}` | {setting.default} | {setting.meaning} |"  # type: ignore[attr-defined]
    assert row in OPERATING, f"docs/operating.md lacks: {row}"


@pytest.mark.parametrize("kind", EventKind)
def test_every_event_of_the_audit_trail_is_documented(kind: EventKind) -> None:
    assert f"| `{kind}` |" in OPERATING


@pytest.mark.parametrize("page", PAGES)
def test_every_command_that_a_page_shows_exists(page: str) -> None:
    shown = re.findall(r"(?:^ {4}|`)s2f ([a-z-]+)", (ROOT / page).read_text(), re.MULTILINE)
    assert set(shown) <= COMMANDS.keys()


@pytest.mark.parametrize("page", PAGES)
def test_every_make_target_that_a_page_shows_exists(page: str) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    shown = re.findall(r"(?:^ {4}|`)make ([a-z-]+)", (ROOT / page).read_text(), re.MULTILINE)
    assert set(shown) <= targets


@pytest.mark.parametrize("page", PAGES)
def test_every_file_that_a_page_links_to_exists(page: str) -> None:
    folder = (ROOT / page).parent
    for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", (ROOT / page).read_text()):
        if "://" not in target:
            assert (folder / target).exists(), f"{page} links to {target}"


def test_every_command_says_what_it_does_and_what_its_options_mean() -> None:
    for name in ALL_COMMANDS:
        command: click.Command = main
        for word in name.split()[1:]:
            assert isinstance(command, click.Group)
            command = command.get_command(click.Context(command), word) or command
        assert command.help, name
        options = [option for option in command.params if isinstance(option, click.Option)]
        assert all(option.help for option in options), name
