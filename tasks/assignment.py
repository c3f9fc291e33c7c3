"""Giving a case to somebody of a register who takes cases on, as long as they have room."""

from __future__ import annotations

from cases.assignments import Load
from cases.journal import CaseFile
from cases.vocabulary import StepKind


def register_load(case: CaseFile, key: str, name: str) -> list[Load]:
    """Return everybody of the register `name` (config/registers) with how many cases they have open, in the
    order of its file. Shown to an officer, it is drawn as a table."""
    found: list[Load] = case.query(key, "register-load", {"register": name})
    return found


def assign(case: CaseFile, key: str, *, register: str, holder: str) -> bool:
    """Give the case to `holder`, a key of the register; return False, giving nothing, when they are full.

    It is decided under a lock, so that nobody gets more than they have room for. The place is theirs until
    `end_assignment`, or until the case ends or is taken back to before this step.
    """
    got: bool = case.assign(key, {"register": register, "holder": holder})
    return got


def end_assignment(case: CaseFile, key: str, *, of: str) -> None:
    """Note that whoever step `of` gave the case to has done with it, so that they have room again."""
    case.effect(key, StepKind.RELEASE, {"of": of})
