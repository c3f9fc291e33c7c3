"""What becomes of a file that somebody sends: a clean JPEG or PDF, or a refusal that says why."""

from __future__ import annotations

import zlib
from io import BytesIO
from tempfile import TemporaryFile

import pikepdf
import pytest
from PIL import Image

from cases.uploads import CheckedFile, check_files, render_page
from config.languages import LANGUAGES
from config.uploads import LIMITS, REFUSAL_WORDS, Refusal
from tests.heic import heic
from tests.papers import add_scripts, jpeg_of_size, pdf, photo, png_of_nothing


def checked(content: bytes) -> CheckedFile:
    [found] = check_files([BytesIO(content)])
    assert isinstance(found, CheckedFile), found
    return found


def refused(content: bytes) -> Refusal:
    [found] = check_files([BytesIO(content)])
    assert isinstance(found, Refusal)
    return found


def test_a_large_photo_is_kept_as_a_jpeg_of_at_most_2000_pixels_with_a_small_one() -> None:
    kept = checked(photo(4000, 3000))
    assert (kept.media_type, kept.pages) == ("image/jpeg", 1)
    with Image.open(BytesIO(kept.content)) as image:
        assert (image.format, image.size) == ("JPEG", (2000, 1500))
    with Image.open(BytesIO(kept.thumbnail)) as image:
        assert image.size == (160, 120)
    assert len(kept.content) <= LIMITS.photo_bytes


def test_a_small_photo_stays_as_small_as_it_is() -> None:
    with Image.open(BytesIO(checked(photo(800, 600)).content)) as image:
        assert image.size == (800, 600)


def test_neither_the_place_nor_the_camera_nor_a_comment_stays_in_a_photo() -> None:
    sent = photo()
    assert b"camera of somebody" in sent and b"somebody's words" in sent
    kept = checked(sent).content
    assert b"somebody" not in kept and b"Exif" not in kept
    with Image.open(BytesIO(kept)) as image:
        assert not image.getexif()


def test_a_photo_taken_sideways_is_turned_upright() -> None:
    with Image.open(BytesIO(checked(photo(800, 600, orientation=6)).content)) as image:
        assert image.size == (600, 800)


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "GIF"])
def test_other_pictures_become_jpeg(kind: str) -> None:
    assert checked(photo(300, 200, kind=kind)).content.startswith(b"\xff\xd8\xff")


def test_of_moving_pictures_the_first_is_kept_and_what_is_transparent_is_white() -> None:
    frames = [Image.new("RGBA", (40, 40), colour) for colour in ((0, 0, 0, 0), (255, 0, 0, 255))]
    file = BytesIO()
    frames[0].save(file, "WEBP", save_all=True, append_images=frames[1:], lossless=True)
    with Image.open(BytesIO(checked(file.getvalue()).content)) as image:
        assert image.getpixel((20, 20)) == (255, 255, 255)


def test_a_grey_picture_of_16_bits_keeps_its_shades() -> None:
    file = BytesIO()
    Image.new("I;16", (40, 40), 32768).save(file, "PNG")
    with Image.open(BytesIO(checked(file.getvalue()).content)) as image:
        assert image.convert("L").getpixel((20, 20)) == pytest.approx(128, abs=2)


def test_a_photo_of_an_iphone_is_taken() -> None:
    with Image.open(BytesIO(checked(heic(200)).content)) as image:
        assert image.size == (32, 32)
        assert image.getpixel((9, 9)) == pytest.approx((215, 215, 215), abs=3)


def test_a_photo_of_30000_pixels_is_decoded_at_an_eighth() -> None:
    file = BytesIO()
    Image.new("L", (30_000, 3_000), 200).save(file, "JPEG")
    with Image.open(BytesIO(checked(file.getvalue()).content)) as image:
        assert image.size == (2000, 200)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", Refusal.EMPTY),
        (b"Dear registrar, this is a text.", Refusal.NOT_A_PAPER),
        (b"MZ\x90\x00" + bytes(2000), Refusal.NOT_A_PAPER),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", Refusal.NOT_A_PAPER),
        (b"<!DOCTYPE html><script>alert(1)</script>", Refusal.NOT_A_PAPER),
        (b"\xff\xd8\xff", Refusal.BROKEN),
        (b"\x89PNG\r\n\x1a\n", Refusal.BROKEN),
        (b"GIF89a", Refusal.BROKEN),
        (b"RIFF\x00\x00\x00\x00WEBP", Refusal.BROKEN),
        (b"\x00\x00\x00\x18ftypheic" + bytes(40), Refusal.BROKEN),
        (b"%PDF-1.7\n%%EOF", Refusal.BROKEN),
        (b"%PDF-1.7\nnothing of a PDF" * 90, Refusal.BROKEN),
        (photo()[: len(photo()) // 2], Refusal.BROKEN),
        (jpeg_of_size(60_000, 60_000), Refusal.TOO_MANY_PIXELS),
        (png_of_nothing(30_000, 3_000), Refusal.TOO_MANY_PIXELS),
        (pdf(encryption=pikepdf.Encryption(owner="o", user="u")), Refusal.LOCKED),
        (pdf(LIMITS.pdf_pages + 1), Refusal.TOO_MANY_PAGES),
        (bytes(LIMITS.file_bytes + 1), Refusal.TOO_LARGE),
    ],
)
def test_what_is_no_paper_is_refused_with_a_reason(content: bytes, why: Refusal) -> None:
    assert refused(content) is why


def test_every_reason_has_words_in_every_language() -> None:
    assert set(REFUSAL_WORDS) == set(Refusal)
    assert all(set(words) == set(LANGUAGES) for words in REFUSAL_WORDS.values())


def test_a_pdf_keeps_its_pages_and_loses_scripts_actions_and_attached_files() -> None:
    kept = checked(pdf(2, add_scripts))
    assert (kept.media_type, kept.pages) == ("application/pdf", 2)
    traces = (b"JavaScript", b"Launch", b"OpenAction", b"/AA", b"EmbeddedFile", b"somebody", b"a program")
    assert [trace for trace in traces if trace in unpacked(kept.content)] == []


def unpacked(content: bytes) -> bytes:
    file = BytesIO()
    with pikepdf.open(BytesIO(content)) as opened:
        opened.save(
            file,
            compress_streams=False,
            stream_decode_level=pikepdf.StreamDecodeLevel.all,
            object_stream_mode=pikepdf.ObjectStreamMode.disable,
        )
    return file.getvalue()


def test_a_pdf_that_only_forbids_changes_is_taken() -> None:
    assert checked(pdf(encryption=pikepdf.Encryption(owner="o", user=""))).pages == 1


def test_what_was_typed_into_the_fields_of_a_pdf_stays_to_be_seen() -> None:
    def fill_in(made: pikepdf.Pdf) -> None:
        drawn = made.make_stream(b"0 0 1 rg 0 0 50 50 re f", BBox=[0, 0, 50, 50], Subtype=pikepdf.Name.Form)
        stamp = pikepdf.Dictionary(Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Stamp)
        stamp.Rect, stamp.AP = pikepdf.Array([400, 700, 450, 750]), pikepdf.Dictionary(N=drawn)
        made.pages[0].obj.Annots = pikepdf.Array([made.make_indirect(stamp)])

    page = render_page_of(checked(pdf(1, fill_in)).content)
    place = round(425 * page.width / 595), round((842 - 725) * page.height / 842)
    assert page.getpixel(place) == pytest.approx((0, 0, 255), abs=30)


def render_page_of(content: bytes, page: int = 0) -> Image.Image:
    with TemporaryFile() as file:
        file.write(content)
        file.seek(0)
        drawn = render_page(file, page)
    assert drawn is not None
    return Image.open(BytesIO(drawn))


def test_the_photo_in_a_pdf_loses_its_place() -> None:
    sent = photo(60, 40)

    def draw(made: pikepdf.Pdf) -> None:
        made.pages[0].Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(P=picture_in(made, sent)))
        made.pages[0].Contents = made.make_stream(b"300 0 0 200 100 500 cm /P Do")

    kept = checked(pdf(1, draw)).content
    assert b"camera of somebody" in pdf(1, draw)
    assert b"somebody" not in kept
    grey = render_page_of(kept).getpixel((640, 500))
    assert grey != (255, 255, 255)


def picture_in(made: pikepdf.Pdf, jpeg: bytes) -> pikepdf.Stream:
    stream = made.make_stream(jpeg, Subtype=pikepdf.Name.Image, Width=60, Height=40, BitsPerComponent=8)
    stream.ColorSpace, stream.Filter = pikepdf.Name.DeviceRGB, pikepdf.Name.DCTDecode
    return stream


def test_a_picture_that_is_also_something_else_is_kept_as_the_picture_alone() -> None:
    kept = checked(photo() + pdf(1, add_scripts) + b"PK\x03\x04<script>alert(1)</script>")
    assert kept.media_type == "image/jpeg"
    assert b"%PDF" not in kept.content and b"script" not in kept.content


def test_a_pdf_behind_other_bytes_is_kept_as_a_pdf_from_its_first_byte() -> None:
    kept = checked(b"GIF or <script>alert(1)</script>\n" + pdf())
    assert kept.content.startswith(b"%PDF-")
    assert b"<script>" not in kept.content


def test_a_pdf_that_is_cut_off_is_mended_or_refused() -> None:
    [found] = check_files([BytesIO(pdf(3)[:-300])])
    assert isinstance(found, CheckedFile) or found is Refusal.BROKEN


def test_a_file_that_takes_too_long_is_refused_and_doesnt_spoil_the_others() -> None:
    """Takes a second: that is how long the kernel lets a process run at least."""
    endless = pdf(1, draw_endlessly)
    found = check_files([BytesIO(content) for content in (photo(), endless, b"text", pdf())], seconds=0)
    assert isinstance(found[0], CheckedFile) and isinstance(found[3], CheckedFile)
    assert found[1:3] == [Refusal.TOO_MUCH_WORK, Refusal.NOT_A_PAPER]


def draw_endlessly(made: pikepdf.Pdf) -> None:
    """Let a page draw a form, which draws another ten times, and so on: ten thousand million squares."""
    drawn = made.make_stream(b"0 0 1 1 re f", BBox=[0, 0, 9, 9], Subtype=pikepdf.Name.Form)
    for _ in range(10):
        forms = pikepdf.Dictionary(XObject=pikepdf.Dictionary(P=drawn))
        drawn = made.make_stream(
            b"/P Do " * 10, BBox=[0, 0, 9, 9], Subtype=pikepdf.Name.Form, Resources=forms
        )
    made.pages[0].obj.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(P=drawn))
    made.pages[0].Contents = made.make_stream(b"/P Do")


def test_a_picture_that_would_fill_the_memory_is_not_drawn() -> None:
    """Takes a second, in which PDFium looks for the gigabyte."""
    found = checked(pdf(1, unpack_to_a_gigabyte))
    assert len(found.content) < 100_000


def unpack_to_a_gigabyte(made: pikepdf.Pdf) -> None:
    """Put a picture into a PDF that needs more memory than there is for it."""
    tenth = zlib.compress(bytes(10**7), 1)
    stream = made.make_stream(zlib.compress(tenth), Subtype=pikepdf.Name.Image, BitsPerComponent=8)
    stream.Width, stream.Height, stream.ColorSpace = 30_000, 33_000, pikepdf.Name.DeviceGray
    stream.Filter = pikepdf.Array([pikepdf.Name.FlateDecode, pikepdf.Name.FlateDecode])
    made.pages[0].obj.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(P=stream))
    made.pages[0].Contents = made.make_stream(b"500 0 0 700 0 0 cm /P Do")


def test_a_page_there_isnt_can_not_be_drawn() -> None:
    with TemporaryFile() as file:
        file.write(pdf())
        file.seek(0)
        assert render_page(file, 1) is None
