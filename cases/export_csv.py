"""A batch as CSV, for whoever it is handed over to; and what they send back."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from typing import Any, TextIO

from cases.errors import Refused
from cases.exports import Batch

RISKY = ("=", "+", "-", "@", "\t", "\r")
"""A cell that begins so is a formula to a spreadsheet program, whoever wrote it into an application."""


def write_csv(batch: Batch, out: TextIO) -> None:
    """Write a batch with a line of column names; `row` is the number by which a row is returned."""
    writer = csv.DictWriter(out, ["batch", *batch.columns], lineterminator="\n")
    writer.writeheader()
    for row in batch.rows:
        writer.writerow({"batch": batch.number} | {key: _cell(value) for key, value in row.items()})


def read_returns(lines: Iterable[str]) -> dict[int, str]:
    """Return {number of the row: reason} from CSV with the columns `row` and `reason`; others are ignored.

    Raises Refused for columns that are missing, a row that isn't a number, or one that comes twice.
    """
    reader = csv.DictReader(lines)
    if not {"row", "reason"} <= set(reader.fieldnames or ()):
        raise Refused("the file of what was returned needs the columns row and reason")
    found: dict[int, str] = {}
    for line in reader:
        number = (line["row"] or "").strip()
        if not number.isdecimal():
            raise Refused(f"line {reader.line_num}: {number!r} is no number of a row")
        if int(number) in found:
            raise Refused(f"line {reader.line_num}: row {number} stands there twice")
        found[int(number)] = line["reason"] or ""
    return found


def _cell(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value.startswith(RISKY) else value
