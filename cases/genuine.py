"""Whether a file is a letter of ours: genuine, replaced, taken back, altered, or not ours at all.

What settles it is the hash: every file of every letter was noted when it was issued, and one that differs in
a single bit isn't it. Only then it matters whether it at least pretends to be: it carries the code of a
letter, or a signature of ours. A file is searched for codes as plain bytes first; only what has none is
opened, in the bounded process that opens all that strangers send.
"""

from __future__ import annotations

import re
import tempfile
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection

from cases.db import Database
from cases.reading import letter_by_code, letter_by_file
from cases.uploads import letter_evidence
from cases.vocabulary import LetterStatus

MOST_BYTES = 5 * 1024 * 1024
_MOST_CODES = 10
_CODE = re.compile(rb"(?<![0-9A-Za-z])[2-9A-HJKMNP-Z]{16}(?![0-9A-Za-z])")


class Standing(StrEnum):
    """What is said of a file."""

    GENUINE = "genuine"
    SUPERSEDED = "superseded"
    TAKEN_BACK = "taken-back"
    ALTERED = "altered"
    NOT_ON_RECORD = "not-on-record"  # our signature is whole, but we know of no such letter
    NOT_OURS = "not-ours"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is said of a file, and the letter it is or pretends to be (as `letter_by_code`), if any."""

    standing: Standing
    letter: Any | None = None


def standing_of(letter: Any) -> Standing:
    """Return the standing of an issued letter (a row of `letter_by_code`)."""
    if letter.status == LetterStatus.SUPERSEDED:
        return Standing.SUPERSEDED  # also when its decision was taken back: the newer letter says what holds
    if letter.set_aside:
        return Standing.TAKEN_BACK
    return Standing.GENUINE


def judge(database: Database, content: bytes, certificates: bytes) -> Verdict:
    """Return what a file is. certificates: those that sign letters, as PEM; none: b"".

    Raises Busy when too many files are looked at already.
    """
    with database.read() as connection:
        letter = letter_by_file(connection, sha256(content).hexdigest())
        if letter is not None:
            return Verdict(standing_of(letter), letter)
        letter = _first_letter(connection, [code.decode() for code in _CODE.findall(content)])
    if letter is not None:
        return Verdict(Standing.ALTERED, letter)
    told = _opened(content, certificates)
    with database.read() as connection:
        letter = _first_letter(connection, told["codes"])
    if letter is not None:
        return Verdict(Standing.ALTERED, letter)
    if told["signature"] is not None:
        whole = told["signature"] == "whole"
        return Verdict(Standing.NOT_ON_RECORD if whole else Standing.ALTERED)
    return Verdict(Standing.NOT_OURS)


def _first_letter(connection: Connection, codes: list[str]) -> Any | None:
    different = list(dict.fromkeys(codes))[:_MOST_CODES]
    found = (letter_by_code(connection, code) for code in different)
    return next((letter for letter in found if letter is not None), None)


def _opened(content: bytes, certificates: bytes) -> dict[str, Any]:
    with tempfile.TemporaryFile() as file, tempfile.TemporaryFile() as ours:
        file.write(content)
        ours.write(certificates)
        for each in (file, ours):
            each.seek(0)
        return letter_evidence(file, ours)
