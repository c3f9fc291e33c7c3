"""Photos and PDFs to upload, good and bad ones, all made here: nothing of the kind is committed."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from functools import cache
from io import BytesIO
from typing import Any

import pikepdf
from PIL import Image, ImageDraw

PLACE = {1: "S", 2: (18.0, 8.0, 30.0), 3: "E", 4: (178.0, 26.0, 30.0)}


@cache
def photo(width: int = 800, height: int = 600, *, kind: str = "JPEG", text: str = "A", **named: Any) -> bytes:
    """Return a photo of a paper, with the place and camera a phone writes into it."""
    image = Image.linear_gradient("L").resize((width, height)).convert("RGB")
    ImageDraw.Draw(image).text((width // 8, height // 8), text, fill="black", font_size=max(height // 8, 8))
    data = Image.Exif()
    data[0x0110] = "a camera of somebody"
    data.get_ifd(0x8825).update(PLACE)
    data[0x0112] = named.pop("orientation", 1)
    file = BytesIO()
    image.save(file, kind, exif=data, **({"comment": b"somebody's words"} if kind == "JPEG" else {}), **named)
    return file.getvalue()


def pdf(pages: int = 1, change: Callable[[pikepdf.Pdf], None] = lambda _: None, **named: Any) -> bytes:
    """Return a PDF with a black square on each page, changed by `change`."""
    file = BytesIO()
    with pikepdf.new() as made:
        for _ in range(pages):
            made.add_blank_page(page_size=(595, 842))
            made.pages[-1].Contents = made.make_stream(b"0 0 0 rg 100 100 200 200 re f")
        made.docinfo["/Author"] = "somebody"
        change(made)
        made.save(file, **named)
    return file.getvalue()


def add_scripts(made: pikepdf.Pdf) -> None:
    """Give a PDF all that a page to look at has no need of."""
    script = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="app.alert('hello')")
    launch = pikepdf.Dictionary(S=pikepdf.Name.Launch, F="/bin/sh")
    made.Root.OpenAction = made.make_indirect(script)
    made.Root.AA = pikepdf.Dictionary(WC=made.make_indirect(launch))
    made.Root.Names = pikepdf.Dictionary(
        JavaScript=pikepdf.Dictionary(Names=pikepdf.Array(["go", made.make_indirect(script)]))
    )
    made.attachments["letter.exe"] = b"MZ a program"
    link = pikepdf.Dictionary(Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Link, A=launch)
    link.Rect = pikepdf.Array([0, 0, 99, 99])
    made.pages[0].obj.Annots = pikepdf.Array([made.make_indirect(link)])
    made.pages[0].obj.AA = pikepdf.Dictionary(O=script)


def png_of_nothing(width: int, height: int) -> bytes:
    """Return a small PNG that says it is very large, and is: all zeros, which compress a thousandfold."""
    packer = zlib.compressobj(9)
    row = bytes(1 + width * 3)
    packed = b"".join(packer.compress(row) for _ in range(height)) + packer.flush()
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"IDAT", packed), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        for name, body in chunks
    )


def jpeg_of_size(width: int, height: int, content: bytes | None = None) -> bytes:
    """Return a photo whose header says another size than its content has."""
    bytes_ = bytearray(content or photo())
    at = bytes_.index(b"\xff\xc0")
    bytes_[at + 5 : at + 9] = struct.pack(">HH", height, width)
    return bytes(bytes_)
