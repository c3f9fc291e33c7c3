"""PDFs as officers get them: their pages and nothing else; and one page as a picture.

Runs in the process of `cases/file_checker.py`, never in that of the web: what it opens may be hostile.
"""

from __future__ import annotations

from contextlib import suppress
from io import BytesIO
from typing import Any, BinaryIO

import pikepdf
import pypdfium2
from PIL import Image

from cases.pictures import Picture, Refused, picture_of
from config.uploads import LIMITS, Refusal

# What makes up a page that is only looked at. Whatever else a file holds (scripts, actions, forms, attached
# files, data about its author) isn't reached from these, and so isn't written.
_ROOT_KEYS = frozenset({"/Type", "/Pages", "/Version", "/OCProperties"})
_PAGE_KEYS = frozenset(
    {
        *("/Type", "/Parent", "/Resources", "/Contents", "/Group", "/Rotate", "/UserUnit"),
        *("/MediaBox", "/CropBox", "/BleedBox", "/TrimBox", "/ArtBox"),
    }
)
_STREAM_KEYS = ("/F", "/FFilter", "/FDecodeParms", "/Ref", "/OPI", "/AF", "/Metadata", "/PieceInfo")
_KEPT_SEGMENTS = (0xE0, 0xEE)  # of a JPEG's application data: how its colours are meant


def clean_pdf(file: BinaryIO) -> tuple[bytes, int]:
    """Return a PDF with the pages of this one, as they look, and how many there are.

    Raises Refused; and pikepdf's errors for a file that is broken, MemoryError for one that needs too much.
    """
    try:
        pdf = pikepdf.open(file)
    except pikepdf.PasswordError:
        raise Refused(Refusal.LOCKED) from None
    with pdf:
        pages = len(pdf.pages)
        if pages > LIMITS.pdf_pages:
            raise Refused(Refusal.TOO_MANY_PAGES)
        if pages == 0:
            raise Refused(Refusal.BROKEN)
        _draw_annotations(pdf)
        for page in pdf.pages:
            _keep_only(page.obj, _PAGE_KEYS)
        _keep_only(pdf.Root, _ROOT_KEYS)
        for key in list(pdf.trailer.keys()):
            if key not in ("/Root", "/Size"):
                with suppress(KeyError, ValueError):
                    del pdf.trailer[key]
        _strip_streams(pdf)
        kept = BytesIO()
        pdf.save(kept, encryption=False, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    if kept.tell() > LIMITS.file_bytes:
        raise Refused(Refusal.TOO_LARGE)
    return kept.getvalue(), pages


def _draw_annotations(pdf: pikepdf.Pdf) -> None:
    """Make what was filled in, stamped or marked a part of the page; it would be lost otherwise."""
    with suppress(pikepdf.PdfError, ValueError, TypeError):
        pdf.generate_appearance_streams()
    with suppress(pikepdf.PdfError, ValueError, TypeError):
        pdf.flatten_annotations("all")


def _keep_only(dictionary: Any, keys: frozenset[str]) -> None:
    for key in list(dictionary.keys()):
        if key not in keys:
            del dictionary[key]


def _strip_streams(pdf: pikepdf.Pdf) -> None:
    for thing in pdf.objects:
        if not isinstance(thing, pikepdf.Stream):
            continue
        for key in _STREAM_KEYS:
            if key in thing:
                del thing[key]
        if thing.get("/Filter") == pikepdf.Name.DCTDecode:
            jpeg = thing.read_raw_bytes()
            bare = without_camera_data(jpeg)
            if bare != jpeg:
                thing.write(bare, filter=pikepdf.Name.DCTDecode)


def without_camera_data(jpeg: bytes) -> bytes:
    """Return a JPEG without what a camera wrote beside the picture (place, time, serial number)."""
    kept, at = bytearray(jpeg[:2]), 2
    while at + 4 <= len(jpeg) and jpeg[at] == 0xFF and jpeg[at + 1] != 0xDA:
        marker, end = jpeg[at + 1], at + 2 + int.from_bytes(jpeg[at + 2 : at + 4], "big")
        if not (0xE0 <= marker <= 0xEF or marker == 0xFE) or marker in _KEPT_SEGMENTS:
            kept += jpeg[at:end]
        at = end
    return bytes(kept + jpeg[at:])


def render(content: bytes, page: int, side: int) -> Image.Image:
    """Return a page (the first is 0) as a picture whose longer side is `side` pixels.

    Raises pypdfium2.PdfiumError for what can't be drawn, IndexError when there is no such page.
    """
    with pypdfium2.PdfDocument(content) as pdf:
        if not 0 <= page < len(pdf):
            raise IndexError(page)
        drawn = pdf[page]
        scale = side / max(*drawn.get_size(), 1.0)
        bitmap = drawn.render(scale=scale, may_draw_forms=False)
        picture: Image.Image = bitmap.to_pil()
        return picture.convert("RGB")


def page_picture(content: bytes, page: int) -> Picture:
    """Return a page as officers see it, with its small one. Raises as `render` does."""
    return picture_of(render(content, page, LIMITS.page_side))
