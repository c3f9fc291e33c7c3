"""The command `s2f` in this process, on an empty database of each kind."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from cli.main import main


@dataclass(frozen=True)
class Command:
    """Calls `s2f` in one installation. `home` is its folder."""

    home: Path
    database_url: str

    def __call__(self, *arguments: str | Path, given: str | bytes | None = None, **environ: str) -> Result:
        """Run the command; `given` is its standard input."""
        installation = {"S2F_HOME": str(self.home), "S2F_DATABASE_URL": self.database_url, "S2F_MODE": "live"}
        return CliRunner().invoke(
            main, [str(argument) for argument in arguments], input=given, env=installation | environ
        )

    def data(self, *arguments: str | Path, given: str | bytes | None = None, status: int = 0) -> Any:
        """Run the command with `--json` and return what it printed; it must end with `status`."""
        result = self(*arguments, "--json", given=given)
        assert result.exit_code == status, result.output
        return json.loads(result.stdout)


@pytest.fixture
def s2f(database_url: str, tmp_path: Path) -> Command:
    """The command on an empty, migrated database, once for each kind."""
    return Command(tmp_path / "home", database_url)


@pytest.fixture
def fresh(tmp_path: Path) -> Command:
    """The command in an installation that has nothing yet, on SQLite."""
    home = tmp_path / "fresh"
    return Command(home, f"sqlite:///{home / 's2f.db'}")


@pytest.fixture
def write_file(tmp_path: Path) -> Iterator[Callable[[list[bytes]], Path]]:
    """Write lines to an import file and return its path."""

    def write(lines: list[bytes]) -> Path:
        path = tmp_path / "applications.jsonl"
        path.write_bytes(b"\n".join(lines) + b"\n")
        return path

    yield write
