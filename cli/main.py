"""The command `s2f`. Each command lives in a module of its own, which is loaded when it is asked for."""

from __future__ import annotations

import importlib
from typing import Any

import click

from config.errors import ConfigError

COMMANDS = {
    "run": "cli.run:run",
    "prepare": "cli.prepare:prepare",
    "migrate": "cli.prepare:migrate",
    "worker": "cli.worker:worker",
    "staff": "cli.staff:staff",
    "import": "cli.import_file:import_file",
    "case": "cli.case:case",
    "clock": "cli.clock:clock",
    "incidents": "cli.incidents:incidents",
    "deadlines": "cli.deadlines:deadlines",
    "play": "cli.play:play_scene",
    "replay-check": "cli.replay_check:replay_check_command",
    "export": "cli.export:export",
    "batch": "cli.batch:batch",
    "letter": "cli.letter:letter",
    "audit": "cli.audit:audit",
}


class Failed(click.ClickException):
    """A command that can't go on; told plainly, without a trace. Status 1."""


class WrongConfiguration(click.ClickException):
    """A mistake in a setting or a configuration file. Status 2."""

    exit_code = 2


class Commands(click.Group):
    """Loads commands when they are asked for, and tells what goes wrong in plain words."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands, in the order people meet them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        """Return the command called `name`, or None."""
        if name not in COMMANDS:
            return None
        module, _, attribute = COMMANDS[name].partition(":")
        command: click.Command = getattr(importlib.import_module(module), attribute)
        return command

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command. A mistake in the configuration ends with status 2, what the domain or the
        database refuses with 1."""
        try:
            return super().invoke(ctx)
        except ConfigError as error:
            raise WrongConfiguration(str(error)) from error
        except Exception as error:
            raise _told(error) or error from error


def _told(error: Exception) -> click.ClickException | None:
    """Return the error in words, or None for one that nobody foresaw (whose trace is then needed)."""
    from sqlalchemy.exc import ArgumentError, DBAPIError

    from cases.db import ClockDiffers
    from cases.errors import CaseError

    if isinstance(error, CaseError | ClockDiffers):
        return Failed(str(error))
    if isinstance(error, ArgumentError):
        return WrongConfiguration("S2F_DATABASE_URL can't be read as the address of a database")
    if isinstance(error, DBAPIError):
        first_line = str(error.orig).strip().partition("\n")[0]
        return Failed(f"The database refuses or doesn't answer: {first_line}")
    return None


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """S2F: public services from start to finish. Settings come from the environment."""


if __name__ == "__main__":
    main()
