"""What people tried and what was acknowledged to them, kept outside the database.

One file a process, one JSON line an entry, on disk before the process goes on: so a killed process leaves
behind exactly what its people would remember.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

FOLDER = "ledger"


@dataclass(frozen=True, slots=True)
class Line:
    """Something that was meant, or (`sure`) acknowledged.

    what: submit, decide, answer, or another verb. token: the client key of a submission or its id in an
    import; for a decision or an answer the words that no other has. reference, step, outcome: as far as
    they are known.
    """

    what: str
    token: str
    sure: bool
    reference: str | None = None
    step: str | None = None
    outcome: str | None = None


class Pen:
    """Writes the lines of one process; a process of the same name that is started again goes on."""

    def __init__(self, home: Path, name: str) -> None:
        folder = home / FOLDER
        folder.mkdir(parents=True, exist_ok=True)
        self._file = os.open(folder / f"{name}.jsonl", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def write(self, line: Line) -> None:
        """Return when the line is on disk."""
        os.write(self._file, json.dumps(asdict(line)).encode() + b"\n")
        os.fsync(self._file)


def read(home: Path, name: str = "*") -> list[Line]:
    """Return the lines of the process `name`, or of all."""
    files = sorted((home / FOLDER).glob(f"{name}.jsonl"))
    return [Line(**json.loads(line)) for file in files for line in file.read_text().splitlines()]
