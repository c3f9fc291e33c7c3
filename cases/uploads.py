"""Checking what people upload, in a process of its own with bounds on memory and time.

Decoders of pictures and PDFs are where hostile files do harm, so no file is opened in the web's process:
`cases/file_checker.py` does it, without settings, secrets or database, and whatever it dies of is a refusal.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from cases.errors import Busy
from config.uploads import LIMITS, Refusal

ROOT = Path(__file__).resolve().parents[1]
_START = (
    f"import sys; sys.path.insert(0, {str(ROOT)!r}); from cases.file_checker import main; main(sys.argv[1:])"
)
_PROGRAM = (sys.executable, "-I", "-X", "utf8", "-c", _START)
_START_SECONDS = 10


class Turns:
    """How many processes may open files at once, and how many seconds others wait for their turn."""

    def __init__(self, at_once: int, patience: float) -> None:
        self._free = threading.BoundedSemaphore(at_once)
        self._patience = patience

    @contextmanager
    def one(self) -> Iterator[bool]:
        """Yield whether there is a turn; it is taken until the end of the block."""
        got = self._free.acquire(timeout=self._patience)
        try:
            yield got
        finally:
            if got:
                self._free.release()


OF_PAPERS = Turns(LIMITS.checks_at_once, patience=20)
OF_LETTERS = Turns(LIMITS.letters_at_once, patience=2)
"""Apart from the others: anybody at all may have a letter checked, and mustn't keep families waiting."""


@dataclass(frozen=True, slots=True)
class CheckedFile:
    """A file as it is kept: a JPEG or a PDF made anew from what was sent, and a small picture of it."""

    content: bytes
    media_type: str
    pages: int
    thumbnail: bytes


def check_files(
    files: Sequence[IO[bytes]], *, seconds: int = LIMITS.check_seconds
) -> list[CheckedFile | Refusal]:
    """Return what is kept of each file, or why it can't be taken. Reads each from where it stands.

    seconds: of processor time for each, and twice as long on the clock.
    """
    with ExitStack() as stack:
        copies = [stack.enter_context(tempfile.TemporaryFile()) for _ in files]
        found: dict[int, CheckedFile | Refusal] = {}
        for number, (file, copy) in enumerate(zip(files, copies, strict=True)):
            shutil.copyfileobj(file, copy)
            if copy.tell() > LIMITS.file_bytes:
                found[number] = Refusal.TOO_LARGE
            copy.seek(0)
        while waiting := [number for number in range(len(files)) if number not in found]:
            told = _run("check", seconds, [copies[number] for number in waiting])
            found.update(zip(waiting, told, strict=False))
            if len(told) < len(waiting):  # it died at this one; the others have another try
                found[waiting[len(told)]] = Refusal.TOO_MUCH_WORK
                for number in waiting[len(told) + 1 :]:
                    copies[number].seek(0)
    return [found[number] for number in range(len(files))]


def render_page(pdf: IO[bytes], page: int) -> bytes | None:
    """Return a page of a kept PDF (the first is 0) as JPEG; None if it can't be drawn within the limits."""
    told = _run("page", LIMITS.check_seconds, [pdf], str(page))
    return told[0].content if told and isinstance(told[0], CheckedFile) else None


def letter_evidence(
    file: IO[bytes], certificates: IO[bytes], *, seconds: int = LIMITS.letter_seconds
) -> dict[str, Any]:
    """Return what a file says of where it comes from, as `cases.letter_evidence.evidence` does.

    seconds: of processor time, and ten more than twice as long on the clock.
    A file that is too much work says nothing. Raises Busy when too many are looked at already.
    """
    said = _output("letter", seconds, [file, certificates], turns=OF_LETTERS)
    if said is None:
        raise Busy("too many files are looked at already")
    try:
        told: dict[str, Any] = json.loads(said)
    except ValueError:
        return {"codes": [], "signature": None}
    return told


def _run(command: str, seconds: int, files: Sequence[IO[bytes]], *more: str) -> list[CheckedFile | Refusal]:
    """Return what the program said of the files, in their order, up to the one at which it died."""
    said = _output(command, seconds, files, *more)
    return [Refusal.BUSY] * len(files) if said is None else _read(said)


def _output(
    command: str, seconds: int, files: Sequence[IO[bytes]], *more: str, turns: Turns = OF_PAPERS
) -> bytes | None:
    """Return what the program said until it ended or its time was up; None when there is no turn for it."""
    numbers = [file.fileno() for file in files]
    with turns.one() as got:
        if not got:
            return None
        with subprocess.Popen(
            [*_PROGRAM, command, *map(str, (seconds, *numbers)), *more],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd="/",
            env={},  # nothing of the web's settings
            pass_fds=numbers,
        ) as process:
            try:
                said, _ = process.communicate(timeout=_START_SECONDS + 2 * seconds * len(files))
            except subprocess.TimeoutExpired:
                process.kill()
                said, _ = process.communicate()
    return said


def _read(said: bytes) -> list[CheckedFile | Refusal]:
    """Return the records of the program's output that are there in full."""
    found: list[CheckedFile | Refusal] = []
    while said:
        line, _, rest = said.partition(b"\n")
        try:
            told: dict[str, Any] = json.loads(line)
        except ValueError:
            break
        end = told["content"] + told["thumbnail"]
        if len(rest) < end:
            break
        if "refused" in told:
            found.append(Refusal(told["refused"]))
        else:
            content, thumbnail = rest[: told["content"]], rest[told["content"] : end]
            found.append(CheckedFile(content, told["media_type"], told["pages"], thumbnail))
        said = rest[end:]
    return found
