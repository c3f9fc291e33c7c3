"""Made-up applications in files: as old as a demonstration should be, and told of when they can't be read."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from cli.demo_files import file_lines
from config.errors import ConfigError

NOW = datetime(2026, 5, 11, 13, 0, tzinfo=UTC)  # 12 May in Fiji
LINE: dict[str, Any] = {
    "external_id": "DEMO-1",
    "received_days_ago": 1.5,
    "channel": "web",
    "office": "suva",
    "answers": {"name": "Ana", "trips": [{"sails_on": {"days_from_now": 4}}]},
}


def read(folder: Path, *lines: object) -> list[dict[str, Any]]:
    """Read a file with these lines."""
    text = "\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines)
    (folder / "boat_licence.jsonl").write_text(text)
    return [json.loads(line.content or b"") for line in file_lines(now=NOW, folder=folder)]


def test_a_line_is_of_the_service_that_its_file_is_named_after(tmp_path: Path) -> None:
    assert [row["service"] for row in read(tmp_path, LINE, LINE)] == ["boat-licence"] * 2


def test_a_line_was_received_so_many_days_ago(tmp_path: Path) -> None:
    assert read(tmp_path, LINE)[0]["received_at"] == "2026-05-10T01:00:00Z"


def test_a_date_in_days_from_now_is_counted_from_the_day_in_fiji(tmp_path: Path) -> None:
    assert read(tmp_path, LINE)[0]["answers"] == {"name": "Ana", "trips": [{"sails_on": "2026-05-16"}]}


def test_lines_are_numbered_on(tmp_path: Path) -> None:
    read(tmp_path, LINE, LINE)
    assert [line.number for line in file_lines(now=NOW, first=41, folder=tmp_path)] == [41, 42]


@pytest.mark.parametrize(
    "wrong",
    ["{", "[]", {"answers": {}}, {**LINE, "received_days_ago": "3"}, {**LINE, "received_days_ago": -1}],
)
def test_a_line_that_is_none_is_named(tmp_path: Path, wrong: object) -> None:
    with pytest.raises(ConfigError, match=r"boat_licence\.jsonl: line 2"):
        read(tmp_path, LINE, wrong)
