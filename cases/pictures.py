"""Photos as officers see them: upright, at most 2,000 pixels wide or high, silent about place and camera.

Runs in the process of `cases/file_checker.py`, never in that of the web: what it opens may be hostile.
"""

from __future__ import annotations

from io import BytesIO
from typing import BinaryIO, NamedTuple

from PIL import Image, ImageOps

from config.uploads import LIMITS, Refusal

QUALITIES = (82, 74, 66, 58, 50, 40, 30)
THUMBNAIL_QUALITY = 60
_MAGIC = (
    (b"\xff\xd8\xff", "JPEG"),
    (b"\x89PNG\r\n\x1a\n", "PNG"),
    (b"GIF87a", "GIF"),
    (b"GIF89a", "GIF"),
)
_HEIC_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")

Image.MAX_IMAGE_PIXELS = None  # pixels are counted below, by what a format costs


class Refused(Exception):
    """The file can't be taken; `reason` says why."""

    def __init__(self, reason: Refusal) -> None:
        super().__init__(reason)
        self.reason = reason


class Picture(NamedTuple):
    """A photo as it is kept, and a small one for lists. Both JPEG."""

    jpeg: bytes
    thumbnail: bytes


def picture_format(head: bytes) -> str | None:
    """Return the format of a picture by its first bytes (12 are enough), None if it is no picture we take."""
    for magic, name in _MAGIC:
        if head.startswith(magic):
            return name
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "WEBP"
    return "HEIF" if head[4:8] == b"ftyp" and head[8:12] in _HEIC_BRANDS else None


def shrink(file: BinaryIO, format_name: str) -> Picture:
    """Return a photo (of an animation its first frame) as it is kept.

    Nothing of the file but its pixels gets into the result. Raises Refused; and OSError, ValueError and the
    like for a file that is broken, MemoryError for one that would need too much.
    """
    if format_name == "HEIF":
        import pi_heif  # only here: most photos are JPEG, and it takes 20 ms

        pi_heif.register_heif_opener(thumbnails=False)
    with Image.open(file, formats=[format_name]) as image:
        width, height = image.size
        most = LIMITS.jpeg_pixels if format_name == "JPEG" else LIMITS.other_pixels
        if image.info.get("progressive"):  # decoded whole, before it is made smaller
            most = LIMITS.other_pixels
        if width * height > most:
            raise Refused(Refusal.TOO_MANY_PIXELS)
        if format_name == "JPEG":  # decode no more than is needed: at half, a quarter or an eighth
            image.draft("RGB", _fit(width, height))
        small = _upright(_small(image))
    return picture_of(small)


def picture_of(image: Image.Image) -> Picture:
    """Return an RGB or grey picture of the right size as JPEG, with its small one."""
    image.info.clear()  # Pillow would write a comment found there
    thumbnail = image.copy()
    thumbnail.thumbnail((LIMITS.thumbnail_side, LIMITS.thumbnail_side), reducing_gap=2.0)
    return Picture(_fitting_jpeg(image), as_jpeg(thumbnail, THUMBNAIL_QUALITY))


def _fit(width: int, height: int) -> tuple[int, int]:
    longer = max(width, height, LIMITS.photo_side)
    return max(1, width * LIMITS.photo_side // longer), max(1, height * LIMITS.photo_side // longer)


def _small(image: Image.Image) -> Image.Image:
    """Return the picture at its final size, in RGB or grey."""
    if image.mode == "P" or (image.mode == "1"):
        image = image.convert("RGBA" if "transparency" in image.info else "RGB")
    elif image.mode.startswith(("I", "F")):  # 16 bits of grey
        image = image.point(lambda value: value * (1 / 256), "L")
    image.thumbnail((LIMITS.photo_side, LIMITS.photo_side), reducing_gap=2.0)
    return image


def _upright(image: Image.Image) -> Image.Image:
    """Return the picture turned as its camera said, on white where it was transparent."""
    image = ImageOps.exif_transpose(image)
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        image = image.convert("RGBA")
        white = Image.new("RGB", image.size, "white")
        white.paste(image, mask=image.getchannel("A"))
        return white
    return image if image.mode == "L" else image.convert("RGB")


def _fitting_jpeg(image: Image.Image) -> bytes:
    jpeg = b""
    for quality in QUALITIES:
        jpeg = as_jpeg(image, quality)
        if len(jpeg) <= LIMITS.photo_bytes:
            break
    return jpeg


def as_jpeg(image: Image.Image, quality: int) -> bytes:
    """Return a picture as JPEG of this quality."""
    file = BytesIO()
    image.save(file, "JPEG", quality=quality)
    return file.getvalue()
