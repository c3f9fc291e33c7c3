"""A PDF as its tags tell it: every tagged piece of text in the order in which a screen reader meets it."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pikepdf


@dataclass(frozen=True)
class Piece:
    """What a structure element itself holds: its tag, the tags around it, words, their sizes in points, and
    their language if it isn't the document's."""

    tag: str
    around: tuple[str, ...]
    words: str
    sizes: frozenset[float]
    language: str | None = None


def read_aloud(pdf: bytes) -> list[Piece]:
    """Return the pieces of a PDF in the order of its structure tree."""
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        marked = {page.objgen: shown_on(page) for page in opened.pages}
        return list(_pieces(opened.Root.StructTreeRoot.K, (), marked))


@dataclass(frozen=True)
class Shown:
    """A piece of marked content of a page."""

    words: str
    sizes: frozenset[float] = frozenset()
    language: str | None = None


Marked = dict[tuple[int, int], dict[int, Shown]]


def _pieces(kids: Any, around: tuple[str, ...], marked: Marked, page: Any = None) -> Iterator[Piece]:
    for kid in kids if isinstance(kids, pikepdf.Array) else [kids]:
        if isinstance(kid, pikepdf.Dictionary) and "/S" in kid:
            inner = kid.get("/K", pikepdf.Array())
            yield from _pieces(inner, (*around, str(kid.S)), marked, kid.get("/Pg", page))
        elif isinstance(kid, int) or (isinstance(kid, pikepdf.Dictionary) and "/MCID" in kid):
            number = kid if isinstance(kid, int) else int(kid.MCID)
            on = page if isinstance(kid, int) else kid.get("/Pg", page)
            shown = marked[on.objgen].get(number, Shown(""))
            yield Piece(around[-1], around[:-1], shown.words, shown.sizes, shown.language)


def shown_on(page: pikepdf.Page) -> dict[int, Shown]:
    """Return each piece of marked content of a page by its number; words outside of any under -1."""
    fonts = {name: _to_unicode(font) for name, font in page.Resources.get("/Font", {}).items()}
    words: dict[int, str] = {}
    said: dict[int, str] = {}  # what stands beside the glyphs, where these can't tell it
    languages: dict[int, str] = {}
    sizes: dict[int, set[float]] = {}
    stack: list[int | None] = []
    font, size, scale = "", 0.0, 1.0
    for operands, operator in pikepdf.parse_content_stream(page):
        name = str(operator)
        if name in ("BDC", "BMC"):
            properties = operands[1] if len(operands) > 1 else {}
            stack.append(int(properties.MCID) if "/MCID" in properties else None)
            if "/ActualText" in properties:
                said[int(properties.MCID)] = str(properties.ActualText)
            if "/Lang" in properties:
                languages[int(properties.MCID)] = str(properties.Lang)
        elif name == "EMC":
            stack.pop()
        elif name == "Tf":
            font, size = str(operands[0]), float(operands[1])
        elif name == "Tm":
            scale = abs(float(operands[3]))
        elif name in ("Tj", "TJ"):
            number = next((each for each in reversed(stack) if each is not None), -1)
            words[number] = words.get(number, "") + _text(operands[0], fonts[font])
            sizes.setdefault(number, set()).add(round(size * scale * 0.75, 1))
    return {
        number: Shown(said.get(number, text), frozenset(sizes[number]), languages.get(number))
        for number, text in words.items()
    }


def _text(shown: Any, signs: dict[int, str]) -> str:
    parts = shown if isinstance(shown, pikepdf.Array) else [shown]
    raw = b"".join(bytes(part) for part in parts if isinstance(part, pikepdf.String))
    return "".join(signs.get(int.from_bytes(raw[at : at + 2]), "") for at in range(0, len(raw), 2))


def _to_unicode(font: Any) -> dict[int, str]:
    """The signs of a font by the number of the glyph, from its table for copying text."""
    table = font.ToUnicode.read_bytes().decode("latin-1")
    found: dict[int, str] = {}
    for block in re.findall(r"beginbfchar(.*?)endbfchar", table, re.DOTALL):
        for glyph, sign in re.findall(r"<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>", block):
            found[int(glyph, 16)] = bytes.fromhex(sign).decode("utf-16-be")
    return found
