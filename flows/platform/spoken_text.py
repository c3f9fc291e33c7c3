"""Words that a screen reader can read from a PDF: those in Devanagari, and those in another language.

A shaped sign belongs to several letters, in another order than they are written; WeasyPrint's table from
glyphs to letters then loses some ("नियम" is read as "नयम"). PDF has a remedy, /ActualText: the words
themselves, beside the glyphs. And words in another language than the letter's are to be read in that one:
/Lang says so. WeasyPrint (70) writes neither, so its method that marks content is replaced.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pydyf
from weasyprint.pdf.stream import Stream

_SHAPED = re.compile("[\u0900-\u097f]")


def write_spoken_text() -> None:
    """From now on, mark text in Devanagari with what it says, and text in another language than its
    document's with that language, in every PDF of this process."""
    Stream.marked = _marked


@contextmanager
def _marked(self: Any, box: Any, tag: str) -> Iterator[None]:
    """As WeasyPrint's method, with /ActualText and /Lang in the properties of what is marked."""
    if self._tags is None:
        yield
        return
    number = len(self._tags)
    self._tags[box] = {"tag": tag, "mcid": number}
    properties = pydyf.Dictionary({"MCID": number})
    text = getattr(box, "text", "")
    if _SHAPED.search(text):
        properties["ActualText"] = pydyf.String(text)
    language = box.style["lang"] if text else None
    if language and language != box.style.root_style["lang"]:
        properties["Lang"] = pydyf.String(language)
    self.begin_marked_content(tag, properties)
    try:
        yield
    finally:
        self.end_marked_content()
