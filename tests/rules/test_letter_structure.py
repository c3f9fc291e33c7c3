"""Every letter's PDFs as their tags tell them: in every language, ordinary and in large print.

What is checked here is our own reading of PDF/UA-1 and no validator's; hence "tagged, made as PDF/UA-1".
"""

from __future__ import annotations

import io
import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from typing import Any
from xml.etree.ElementTree import Element

import pikepdf
import pytest
from weasyprint import HTML

from cases.vocabulary import LetterVariant
from config.languages import LANGUAGES, translations
from flows.platform.letter_html import letter_html
from flows.platform.letter_text import plain_text
from tests.letters import ADDRESS, FACTS, ISSUED_ON, render
from tests.pdf_reading import Piece, read_aloud, shown_on

PDFS = (LetterVariant.PDF, LetterVariant.LARGE)
EVERY = [(template, language, variant) for template in FACTS for language in LANGUAGES for variant in PDFS]
EVERY_PDF = pytest.mark.parametrize(("template", "language", "variant"), EVERY, ids=map(" ".join, EVERY))
HEADINGS = ("/H1", "/H2", "/H3", "/H4", "/H5", "/H6")
GROUPS = {"/Document", "/Part", "/Div", "/NonStruct"}
PARENTS = {
    "/Document": set(),
    "/LI": {"/L"},
    "/Lbl": {"/LI"},
    "/LBody": {"/LI"},
    "/Caption": {"/Table"},
    "/THead": {"/Table"},
    "/TBody": {"/Table"},
    "/TR": {"/Table", "/THead", "/TBody"},
    "/TH": {"/TR"},
    "/TD": {"/TR"},
    **dict.fromkeys(HEADINGS, GROUPS),
}
"""What an element may stand in, where PDF says so; and no others than these and the next are used."""
ANYWHERE = GROUPS | {"/P", "/L", "/Table", "/Span", "/Link", "/Figure"}
OPEN, SCAN = "Open this address:", "Scan the code with a phone, or open this address:"
REFUSAL = "birth_registration/refusal"


@cache
def made(template: str, language: str, variant: LetterVariant) -> bytes:
    return render(template, language, variant=variant).files[variant].content


@cache  # kept, because the objects of a PDF end with it
def opened(template: str, language: str, variant: LetterVariant) -> pikepdf.Pdf:
    return pikepdf.open(io.BytesIO(made(template, language, variant)))


def elements(pdf: pikepdf.Pdf, *kinds: str) -> list[Any]:
    """The structure elements of these kinds (all without kinds), in reading order."""
    return [each for each in _walk(pdf.Root.StructTreeRoot.K) if not kinds or str(each.S) in kinds]


def _walk(kids: Any) -> Iterator[Any]:
    for kid in kids if isinstance(kids, pikepdf.Array) else [kids]:
        if isinstance(kid, pikepdf.Dictionary) and "/S" in kid:
            yield kid
            yield from _walk(kid.get("/K", pikepdf.Array()))


def html_of(template: str, language: str, variant: LetterVariant) -> str:
    return letter_html(
        template,
        FACTS[template],
        language=language,
        verify_url=ADDRESS,
        issued_on=ISSUED_ON,
        variant=variant,
    )


def main_of(html: str) -> Element:
    root: Element = HTML(string=html).etree_element
    [main] = root.iter("main")
    return main


def letters_of(words: str) -> str:
    """The letters, signs of vowels and digits alone, to be compared however they are set."""
    return "".join(
        sign for sign in unicodedata.normalize("NFC", words) if unicodedata.category(sign)[0] in "LMN"
    )


def words_of(part: Element, *, sentences: bool = False) -> str:
    """The words of a part in the order of the page with the numbers of lists; as sentences: in tables with
    headed columns, before each value the header of its column."""
    words = part.text or ""
    for number, child in enumerate(part, start=1):
        if part.tag == "ol":
            words += f" {number} "
        columns = _columns(child) if sentences and child.tag == "table" else []
        words += _rows(child, columns) if columns else words_of(child, sentences=sentences)
        words += child.tail or ""
    return words


def _columns(table: Element) -> list[str]:
    first = next(table.iter("tr"))
    return [] if first.find("td") is not None else ["".join(cell.itertext()) for cell in first]


def _rows(table: Element, columns: list[str]) -> str:
    caption = "".join("".join(each.itertext()) for each in table.iter("caption"))
    _, *rows = table.iter("tr")
    named = [pair for row in rows for pair in zip(columns, row, strict=True)]
    return caption + "".join(f"{name} {''.join(cell.itertext())} " for name, cell in named)


# -- reading order ---------------------------------------------------------------------------------


@EVERY_PDF
def test_a_pdf_is_read_aloud_in_the_order_and_the_words_of_the_letter(
    template: str, language: str, variant: LetterVariant
) -> None:
    heard = " ".join(piece.words for piece in read_aloud(made(template, language, variant)))
    written = words_of(main_of(html_of(template, language, LetterVariant.PDF)))
    assert letters_of(heard) == letters_of(written)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("template", FACTS)
def test_the_text_is_read_in_that_order_too_and_only_the_code_to_scan_is_not_spoken_of(
    template: str, language: str
) -> None:
    html = html_of(template, language, LetterVariant.TEXT)
    on_paper = words_of(main_of(html_of(template, language, LetterVariant.PDF)), sentences=True)
    say = translations(language, "letters").gettext
    assert say(SCAN) in on_paper
    assert letters_of(plain_text(html)) == letters_of(on_paper.replace(say(SCAN), say(OPEN)))


@EVERY_PDF
def test_every_word_on_a_page_is_in_the_tags_but_for_the_line_at_its_foot(
    template: str, language: str, variant: LetterVariant
) -> None:
    pdf = opened(template, language, variant)
    tagged: dict[tuple[int, int], list[int]] = {}
    for element in elements(pdf):
        for kid in element.get("/K", []):
            if isinstance(kid, int):
                tagged.setdefault(element.Pg.objgen, []).append(kid)
    for number, page in enumerate(pdf.pages, start=1):
        here, shown = tagged[page.objgen], shown_on(page)
        assert len(here) == len(set(here)), "a piece is read twice"
        assert -1 not in shown, "words outside of all marks"
        foot = " ".join(shown[piece].words for piece in sorted(set(shown) - set(here)))
        assert letters_of(FACTS[template]["reference"]) in letters_of(foot)
        assert re.search(rf"\b{number}\b.*\b{len(pdf.pages)}$", foot.strip())
        assert len(foot) < 80


@EVERY_PDF
def test_words_in_another_language_are_marked_with_it(
    template: str, language: str, variant: LetterVariant
) -> None:
    heard: dict[str, str] = {}
    for piece in read_aloud(made(template, language, variant)):
        if piece.language:
            heard[piece.language] = heard.get(piece.language, "") + letters_of(piece.words)
    written: dict[str, str] = {}
    for part in main_of(html_of(template, language, LetterVariant.PDF)).iter():
        if part.get("lang", language) != language:
            written[part.attrib["lang"]] = written.get(part.attrib["lang"], "") + letters_of(
                "".join(part.itertext())
            )
    assert heard == written


def test_a_letter_in_a_draft_language_has_words_in_english_that_are_marked() -> None:
    pieces = read_aloud(made(REFUSAL, "fj", LetterVariant.PDF))
    [english] = [piece for piece in pieces if piece.words.startswith("Draft translation")]
    assert english.language == "en"


# -- tags ------------------------------------------------------------------------------------------


@EVERY_PDF
def test_a_pdf_is_a4_tagged_titled_has_a_language_and_says_what_it_is_made_as(
    template: str, language: str, variant: LetterVariant
) -> None:
    pdf = opened(template, language, variant)
    assert pdf.Root.MarkInfo.Marked
    assert pdf.Root.ViewerPreferences.DisplayDocTitle
    assert str(pdf.Root.Lang) == LANGUAGES[language].tag
    assert str(pdf.docinfo["/CreationDate"]).startswith("D:20260512")
    for page in pdf.pages:
        assert [round(float(edge)) for edge in page.MediaBox] == [0, 0, 595, 842]
        assert page.Tabs == "/S", "the order of the tab key is that of the tags"
    with pdf.open_metadata() as metadata:
        assert metadata["pdfuaid:part"] == "1"
        assert metadata["dc:title"] == str(pdf.docinfo["/Title"])


@EVERY_PDF
def test_the_title_has_the_reference_and_names_no_person(
    template: str, language: str, variant: LetterVariant
) -> None:
    title = str(opened(template, language, variant).docinfo["/Title"])
    assert title.endswith(f" – {FACTS[template]['reference']}")
    people = {
        value for key, value in FACTS[template].items() if key.endswith("_name") and key != "office_name"
    }
    assert people and not [name for name in people if name and name in title]


@EVERY_PDF
def test_elements_are_those_of_pdf_and_stand_where_they_may(
    template: str, language: str, variant: LetterVariant
) -> None:
    for element in elements(opened(template, language, variant)):
        kind = str(element.S)
        assert kind in ANYWHERE | PARENTS.keys()
        if kind in PARENTS and kind != "/Document":
            assert str(element.P.S) in PARENTS[kind], f"{kind} in {element.P.S}"


@EVERY_PDF
def test_every_element_knows_what_it_stands_in(template: str, language: str, variant: LetterVariant) -> None:
    for element in elements(opened(template, language, variant)):
        for kid in element.get("/K", []):
            if isinstance(kid, pikepdf.Dictionary) and "/S" in kid:
                assert kid.P.objgen == element.objgen


@EVERY_PDF
def test_headings_begin_with_one_of_the_first_level_and_skip_none(
    template: str, language: str, variant: LetterVariant
) -> None:
    found = elements(opened(template, language, variant), *HEADINGS)
    levels = [HEADINGS.index(str(each.S)) + 1 for each in found]
    assert levels.count(1) == 1 and levels[0] == 1
    assert all(level <= before + 1 for before, level in pairwise(levels))


@EVERY_PDF
def test_every_header_of_a_table_has_a_scope_and_every_cell_a_header(
    template: str, language: str, variant: LetterVariant
) -> None:
    pdf = opened(template, language, variant)
    headers = {str(each.ID): each for each in elements(pdf, "/TH")}
    assert bool(headers) == bool(elements(pdf, "/Table"))
    assert all(each.A.Scope in ("/Row", "/Column") for each in headers.values())
    for row in elements(pdf, "/TR"):
        for cell in row.K:
            if cell.S == "/TD":
                named = [headers[str(name)] for name in cell.A.Headers]
                assert named, "a cell without a header"
                in_row = [each for each in named if each.P.objgen == row.objgen]
                assert all((each.A.Scope == "/Row") == (each in in_row) for each in named)


@EVERY_PDF
def test_a_table_begins_with_its_caption(template: str, language: str, variant: LetterVariant) -> None:
    for table in elements(opened(template, language, variant), "/Table"):
        kinds = [str(kid.S) for kid in table.K]
        assert "/Caption" not in kinds[1:]


def test_a_certificate_has_a_table_so_that_tables_are_looked_at() -> None:
    assert elements(opened("birth_registration/certificate", "en", LetterVariant.PDF), "/Table")


@EVERY_PDF
def test_the_only_picture_is_the_code_with_words_for_it_and_where_it_stands(
    template: str, language: str, variant: LetterVariant
) -> None:
    pdf = opened(template, language, variant)
    [figure] = elements(pdf, "/Figure")
    assert str(figure.Alt) == translations(language, "letters").gettext("QR code that opens %(address)s") % {
        "address": ADDRESS
    }
    [page] = [page for page in pdf.pages if page.objgen == figure.Pg.objgen]
    assert [round(float(edge)) for edge in figure.A.BBox] == _picture_on(page)


def _picture_on(page: pikepdf.Page) -> list[int]:
    """Where the picture of a page is drawn: left, bottom, right, top in points."""
    matrix, stack = pikepdf.Matrix(), []
    for operands, operator in pikepdf.parse_content_stream(page):
        name = str(operator)
        if name == "q":
            stack.append(matrix)
        elif name == "Q":
            matrix = stack.pop()
        elif name == "cm":
            matrix = pikepdf.Matrix(*map(float, operands)) @ matrix
        elif name == "Do":
            corners = [matrix.transform(corner) for corner in ((0, 0), (1, 1))]
            across, up = zip(*corners, strict=True)
            return [round(float(edge)) for edge in (min(across), min(up), max(across), max(up))]
    raise AssertionError("no picture")


@EVERY_PDF
def test_the_address_is_a_link_with_words_to_the_page_that_checks_the_letter(
    template: str, language: str, variant: LetterVariant
) -> None:
    pdf = opened(template, language, variant)
    [note] = [note for page in pdf.pages for note in page.get("/Annots", [])]
    assert str(note.A.URI) == str(note.Contents) == ADDRESS
    links = [kid.Obj.objgen for each in elements(pdf, "/Link") for kid in each.K if not isinstance(kid, int)]
    assert links == [note.objgen]


@EVERY_PDF
def test_the_code_and_its_address_are_on_one_page(
    template: str, language: str, variant: LetterVariant
) -> None:
    [link], [figure] = (elements(opened(template, language, variant), kind) for kind in ("/Link", "/Figure"))
    assert link.Pg.objgen == figure.Pg.objgen


@EVERY_PDF
def test_every_font_is_embedded_and_one_of_ours(template: str, language: str, variant: LetterVariant) -> None:
    for page in opened(template, language, variant).pages:
        for font in page.Resources.Font.values():
            assert str(font.BaseFont).split("+")[-1].startswith("Letter-Noto-Sans")
            described = font.DescendantFonts[0].FontDescriptor
            assert "/FontFile2" in described or "/FontFile3" in described
            assert "/ToUnicode" in font


# -- what templates must say for that --------------------------------------------------------------


@pytest.mark.parametrize("template", FACTS)
def test_headers_of_tables_say_of_what_and_tables_have_captions(template: str) -> None:
    main = main_of(html_of(template, "en", LetterVariant.PDF))
    assert {header.get("scope") for header in main.iter("th")} <= {"row", "col"}
    assert all(table.find("caption") is not None for table in main.iter("table"))


# -- what a reader hears ---------------------------------------------------------------------------


def said_in(pieces: list[Piece], tag: str) -> list[str]:
    return [piece.words for piece in pieces if tag in piece.around]


@pytest.mark.parametrize("variant", PDFS)
def test_headings_lists_and_tables_are_heard_as_such(variant: LetterVariant) -> None:
    pieces = read_aloud(made(REFUSAL, "en", variant))
    assert "".join(said_in(pieces, "/H1")).startswith("We have not registered")
    assert "The reasons" in said_in(pieces, "/H2")
    assert any("No paper shows" in words for words in said_in(pieces, "/LBody"))
    assert said_in(pieces, "/Lbl")[:2] == ["1. ", "2. "]
    assert said_in(pieces, "/TH")[:2] == ["Child’s name", "Date of birth"]
    assert said_in(pieces, "/Caption") == ["As they stand in your application"]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("template", FACTS)
def test_large_print_has_nothing_smaller_than_eighteen_points(template: str, language: str) -> None:
    pdf = opened(template, language, LetterVariant.LARGE)
    sizes = {size for page in pdf.pages for shown in shown_on(page).values() for size in shown.sizes}
    assert min(sizes) >= 18
