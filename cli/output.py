"""How commands speak: JSON for programs, lined-up columns and local time for people."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import click

from config.calendar_file import load_calendar

CommandT = TypeVar("CommandT", bound=Callable[..., Any])


def json_option(command: CommandT) -> CommandT:
    """Give a command the option `--json`."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")(command)


def print_json(value: Any) -> None:
    """Print `value` as JSON on one line, instants in ISO form. Only ASCII, so that it prints anywhere."""
    click.echo(json.dumps(value, default=_plain))


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return dict(value)
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


@cache
def local_zone(place: str) -> ZoneInfo:
    """Return the time zone of a place."""
    return load_calendar(place).zone


def local_time(instant: datetime | None, zone: ZoneInfo) -> str:
    """Return an instant as a person of the place reads it, "2026-05-05 09:00"; "" for None."""
    return "" if instant is None else f"{instant.astimezone(zone):%Y-%m-%d %H:%M}"


def say(text: str) -> None:
    """Print a line of text that may hold anything, half characters of hostile files included."""
    click.echo(text.encode(errors="backslashreplace").decode())


def say_table(rows: Iterable[Sequence[str]]) -> None:
    """Print rows with their columns lined up."""
    rows = list(rows)
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        say(("  " + "  ".join(cells)).rstrip())
