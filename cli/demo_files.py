"""Made-up applications in files, which a service brings with it: config/demo/<service>.jsonl.

Each line is one of an import file (`s2f import`), without `service` and with `received_days_ago` in place of
`received_at`, so that a demonstration is always as old as it should be. So are dates among the answers that
are written as {"days_from_now": 4}.

    {"external_id": "DEMO-BL-001", "received_days_ago": 3.5, "channel": "counter", "office": "suva",
     "answers": {"boat_name": "Adi Litia", "sails_on": {"days_from_now": 12}}}

(Here broken into two lines; a file has one line for each application.)
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from cli.import_lines import Line
from config.errors import ConfigError
from config.reading import ROOT, file_name
from forms.compiler import FIJI

DEMO_FOLDER = ROOT / "demo"
FIELDS = ("external_id", "received_days_ago", "channel", "office", "answers")


def file_lines(
    *, now: datetime, first: int = 1, folder: Path = DEMO_FOLDER, zone: ZoneInfo = FIJI
) -> Iterator[Line]:
    """Yield the lines of all files as an import takes them, numbered from `first`.

    Raises ConfigError, with file and line, for one that isn't an object with the fields above.
    """
    number = first
    for path in sorted(folder.glob("*.jsonl")):
        service = path.stem.replace("_", "-")
        for place, content in enumerate(path.read_text("utf-8").splitlines(), start=1):
            row = _read(path, place, content)
            received_at = now - timedelta(days=row.pop("received_days_ago"))
            row |= {"service": service, "received_at": f"{received_at:%Y-%m-%dT%H:%M:%SZ}"}
            row["answers"] = _dated(row["answers"], now.astimezone(zone))
            yield Line(number, json.dumps(row).encode())
            number += 1


def _read(path: Path, place: int, content: str) -> dict[str, Any]:
    line = f"line {place}"
    try:
        row = json.loads(content)
    except ValueError as error:
        raise ConfigError(file_name(path), line, "a JSON object", str(error)) from None
    if not isinstance(row, dict) or set(row) != set(FIELDS):
        found = ", ".join(sorted(row)) if isinstance(row, dict) else type(row).__name__
        raise ConfigError(file_name(path), line, "an object with " + ", ".join(FIELDS), found)
    ago = row["received_days_ago"]
    if isinstance(ago, bool) or not isinstance(ago, int | float) or not 0 <= ago <= 3650:
        raise ConfigError(
            file_name(path), f"{line}.received_days_ago", "a number of days, up to 3650", repr(ago)
        )
    return row


def _dated(value: Any, today: datetime) -> Any:
    """Return answers with the dates that were written as so many days from now."""
    if isinstance(value, Mapping):
        if set(value) == {"days_from_now"}:
            return (today + timedelta(days=value["days_from_now"])).date().isoformat()
        return {name: _dated(each, today) for name, each in value.items()}
    return [_dated(each, today) for each in value] if isinstance(value, list) else value
