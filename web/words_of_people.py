"""Free text that people type into a page: cleaned, measured, and refused with words when it can't be kept."""

from __future__ import annotations

from forms.text import clean_block, has_control_characters
from web.languages import say


def typed_block(raw: str) -> tuple[str, str]:
    """Return text as typed (to show again) and as it is kept: NFC, trimmed, without invisible marks."""
    typed = raw.replace("\r\n", "\n")
    return typed, clean_block(typed)


def trouble_with(typed: str, longest: int, missing: str) -> str | None:
    """Return what is wrong with a text in words for the page, or None.

    missing: what to say when it is empty.
    """
    if has_control_characters(typed.replace("\r", "")):
        return say("Delete this and type it again: there are signs in it that can’t be read")
    if not clean_block(typed):
        return missing
    if len(clean_block(typed)) > longest:
        return say("Shorten this to %(most)s characters or fewer", most=f"{longest:,}")
    return None
