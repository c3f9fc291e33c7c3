"""What letter processes hand to the worker, which doesn't import what makes it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LetterFile:
    """One variant of a letter; pages: of a PDF."""

    content: bytes
    pages: int | None = None
