"""Words in Devanagari that a screen reader can read from a PDF.

A shaped sign belongs to several letters, in another order than they are written; WeasyPrint's table from
glyphs to letters then loses some ("नियम" is read as "नयम"). PDF has a remedy, /ActualText: the words
themselves, beside the glyphs. WeasyPrint (70) doesn't write it, so its method that marks content is replaced.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pydyf
from weasyprint.pdf.stream import Stream

_SHAPED = re.compile("[\u0900-\u097f]")


def write_actual_text() -> None:
    """From now on, mark text in Devanagari with what it says, in every PDF of this process."""
    Stream.marked = _marked


@contextmanager
def _marked(self: Any, box: Any, tag: str) -> Iterator[None]:
    """As WeasyPrint's method, with /ActualText in the properties of what is marked."""
    if self._tags is None:
        yield
        return
    number = len(self._tags)
    self._tags[box] = {"tag": tag, "mcid": number}
    properties = pydyf.Dictionary({"MCID": number})
    text = getattr(box, "text", "")
    if _SHAPED.search(text):
        properties["ActualText"] = pydyf.String(text)
    self.begin_marked_content(tag, properties)
    try:
        yield
    finally:
        self.end_marked_content()
