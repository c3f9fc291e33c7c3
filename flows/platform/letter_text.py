"""A letter as plain text in reading order: for screen readers, for reading aloud, for the smallest phone."""

from __future__ import annotations

import re
import unicodedata
from html.parser import HTMLParser

_BLOCKS = frozenset(
    {"main", "div", "p", "h1", "h2", "h3", "ol", "ul", "li", "table", "thead", "tbody", "tr", "caption"}
)
_DANDA = frozenset({"hif", "hi"})  # their sentences end with one
_APART = frozenset({"h1", "h2", "h3", "p", "ol", "ul", "table"})  # an empty line stands before these


def plain_text(html: str) -> str:
    """Return the words of a letter's HTML, a line for each paragraph, item and row of a table.

    A row is a sentence, so that a voice stops after it: `header: value.`; under column headers each cell has
    its own, `header: value; header: value.`
    """
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return unicodedata.normalize("NFC", reader.text())


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._lines: list[str] = []
        self._line = ""
        self._open = False  # within <main>
        self._stop = "."
        self._lists: list[int | None] = []  # the number of the latest item, None in lists without numbers
        self._columns: list[str] = []
        self._cells: list[tuple[bool, str]] = []  # whether it is a header, and its words
        self._in_cell = False

    def text(self) -> str:
        """What was read, with single empty lines, and one newline at the end."""
        return re.sub(r"\n{3,}", "\n\n", "\n".join(self._lines)).strip() + "\n"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._open = self._open or tag == "main"
        if tag == "html" and dict(attrs).get("lang") in _DANDA:
            self._stop = "।"
        if tag in _BLOCKS:
            self._end_line()
            if tag in _APART and not self._lists:
                self._lines.append("")
        if tag in ("ol", "ul"):
            self._lists.append(0 if tag == "ol" else None)
        elif tag == "li":
            self._begin_item()
        elif tag == "table":
            self._columns = []
        elif tag in ("th", "td"):
            self._line, self._in_cell = "", True
        elif tag == "br" and self._in_cell:
            self._line += "; "
        elif tag == "br":
            self._end_line()

    def handle_endtag(self, tag: str) -> None:
        if tag in ("th", "td"):
            self._cells.append((tag == "th", _one_line(self._line)))
            self._line, self._in_cell = "", False
        elif tag == "tr":
            self._end_row()
        elif tag in _BLOCKS:
            self._end_line()
        if tag in ("ol", "ul"):
            self._lists.pop()
        self._open = self._open and tag != "main"

    def handle_data(self, data: str) -> None:
        if self._open:
            self._line += data

    def _begin_item(self) -> None:
        number = self._lists[-1] if self._lists else None
        if number is not None:
            self._lists[-1] = number = number + 1
        self._line = "- " if number is None else f"{number}. "

    def _end_line(self) -> None:
        words = _one_line(self._line)
        if self._in_cell or words in ("", "-") or re.fullmatch(r"\d+\.", words):
            return  # the mark of an item waits for its first words
        self._lines.append(words)
        self._line = ""

    def _end_row(self) -> None:
        cells, self._cells = self._cells, []
        headers = [words for is_header, words in cells if is_header]
        values = [words for is_header, words in cells if not is_header]
        if not values:
            self._columns = headers
        elif self._columns:
            named = zip(self._columns, [words for _, words in cells], strict=False)
            self._end_sentence("; ".join(f"{name}: {words}" for name, words in named if words))
        else:
            self._end_sentence(f"{', '.join(headers)}: {', '.join(values)}" if headers else ", ".join(values))

    def _end_sentence(self, words: str) -> None:
        ended = words.endswith((".", "!", "?", "।")) or "://" in words  # an address stays as it is
        self._lines.append(words if ended else words + self._stop)


def _one_line(words: str) -> str:
    return " ".join(words.split())
