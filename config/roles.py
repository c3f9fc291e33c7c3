"""The roles that staff may have, one file each: config/roles/<key>.toml.

    description = "Registrar: checks and decides applications"   # for whoever gives somebody an account
    counter = true            # also takes in applications and hands over letters at the counter
    central = true            # one place for the whole country: pages don't name an office
    lists = ["payments"]      # the lists for other offices that this role hands over and confirms

    [title]                   # as it stands within a sentence
    en = "registrar"

    [[demo]]                  # accounts of a demonstration; no other installation gets them
    username = "mere"
    name = "Mere Tukana"
    office = "suva"           # left out: every office

What each role may do is said in `cases/permissions.py`: the platform's own roles are listed there, and every
other works at a desk. A service brings the roles it needs as files of its own.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from config.errors import ConfigError
from config.languages import LANGUAGES
from config.reading import KEY_PATTERN, ROOT, Table, file_name, read_toml
from config.words import Words, read_words

ROLES_FOLDER = ROOT / "roles"
LONGEST_KEY = 32  # as long as a database keeps
_USERNAME = re.compile(r"[a-z][a-z0-9._-]{1,62}")


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """Somebody of a demonstration. office: None for every office; a facility officer's is a facility."""

    username: str
    name: str
    role: str
    office: str | None


@dataclass(frozen=True, slots=True)
class RoleConfig:
    """A role: its title within a sentence, what it does (in English, for administrators), whether it works
    at the counter too, whether it has one place for the whole country, which lists for other offices it
    hands over, and who has it in a demonstration."""

    file: str
    key: str
    title: Words
    description: str
    counter: bool
    central: bool
    lists: tuple[str, ...]
    demo: tuple[DemoAccount, ...]


Roles = Mapping[str, RoleConfig]


@cache
def load_roles(folder: Path = ROLES_FOLDER) -> Roles:
    """Every role in the folder by key. Raises ConfigError at the first mistake; an account that two roles
    name is one."""
    roles = [_load_role(path) for path in sorted(folder.glob("*.toml"))]
    seen: dict[str, str] = {}
    for role in roles:
        for place, account in enumerate(role.demo, 1):
            if account.username in seen:
                expected = f"a username that {seen[account.username]} doesn't have"
                raise ConfigError(role.file, f"demo[{place}].username", expected, repr(account.username))
            seen[account.username] = role.file
    return {role.key: role for role in roles}


def check_demo_offices(roles: Roles, offices: Collection[str], facilities: Collection[str]) -> None:
    """Raise ConfigError for an account of a demonstration at an office or facility there isn't."""
    for role in roles.values():
        for place, account in enumerate(role.demo, 1):
            if account.office is not None and account.office not in {*offices, *facilities}:
                expected = "one of the offices " + ", ".join(offices)
                raise ConfigError(role.file, f"demo[{place}].office", expected, repr(account.office))


def require_role(table: Table, name: str, roles: Collection[str]) -> str:
    """The role under `name` of a configuration table. Raises ConfigError unless it is one of `roles`."""
    role = table.word(name)
    if role not in roles:
        raise table.wrong(name, "one of the roles " + ", ".join(sorted(roles)))
    return role


def _load_role(path: Path) -> RoleConfig:
    if not KEY_PATTERN.fullmatch(path.stem) or "_" in path.stem or len(path.stem) > LONGEST_KEY:
        expected = f"a name in small letters and dashes, of at most {LONGEST_KEY} characters"
        raise ConfigError(file_name(path), "(file)", expected, repr(path.stem))
    top, _ = read_toml(path)
    top.only("title", "description", "counter", "central", "lists", "demo")
    return RoleConfig(
        file=top.file,
        key=path.stem,
        title=read_words(top, "title", LANGUAGES),
        description=top.text("description"),
        counter=top.flag("counter") if top.has("counter") else False,
        central=top.flag("central") if top.has("central") else False,
        lists=top.texts("lists"),
        demo=tuple(_account(path.stem, row) for row in top.rows("demo")),
    )


def _account(role: str, row: Table) -> DemoAccount:
    row.only("username", "name", "office")
    username = row.text("username")
    if not _USERNAME.fullmatch(username):
        raise row.wrong("username", "2 to 63 small letters, digits, dots and dashes, a letter first")
    return DemoAccount(username, row.text("name"), role, row.word("office") if row.has("office") else None)
