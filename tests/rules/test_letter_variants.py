"""The variants of a letter: one template, four forms that say the same, and PDFs that read aloud in order."""

from __future__ import annotations

import io
import json
import re
import unicodedata
from html.parser import HTMLParser

import pikepdf
import pytest

from cases.vocabulary import LetterVariant
from config.languages import LANGUAGES
from flows.platform.letter_text import plain_text
from tests.letters import ADDRESS, FACTS, certificate, render

EVERY_LETTER = pytest.mark.parametrize("template", sorted(FACTS))
EVERY_LANGUAGE = pytest.mark.parametrize("language", sorted(LANGUAGES))
EVERY_PDF = pytest.mark.parametrize("variant", [LetterVariant.PDF, LetterVariant.LARGE])
REFUSAL = "birth_registration/refusal"


def letters_of(words: str) -> str:
    """The letters, signs of vowels and digits alone, to be compared however they are set."""
    return "".join(sign for sign in words if unicodedata.category(sign)[0] in "LMN")


def made(template: str, variant: LetterVariant, language: str = "en") -> bytes:
    return render(template, language, variant=variant).files[variant].content


def text_of(template: str, language: str = "en") -> str:
    return made(template, LetterVariant.TEXT, language).decode()


# -- PDFs ------------------------------------------------------------------------------------------


@EVERY_PDF
def test_a_pdf_carries_its_facts_for_programs(variant: LetterVariant) -> None:
    with pikepdf.open(io.BytesIO(made(REFUSAL, variant))) as pdf:
        attached = pdf.attachments["letter.json"]
        assert attached.obj.AFRelationship == "/Data"
        told = json.loads(attached.get_file().read_bytes())
    assert told["facts"] == FACTS[REFUSAL]
    assert (told["service"], told["letter"], told["language"]) == ("birth-registration", "refusal", "en")
    assert told["verify"] == ADDRESS


# -- the page --------------------------------------------------------------------------------------


class _Outline(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]


@EVERY_LANGUAGE
@EVERY_LETTER
def test_the_page_stands_by_itself_and_runs_and_loads_nothing(template: str, language: str) -> None:
    outline = _Outline(made(template, LetterVariant.HTML, language).decode())
    assert not {"script", "link", "img", "iframe", "object", "form"} & set(outline.tags)
    assert {(name, value) for _, name, value in outline.attributes if name in ("src", "href")} == {
        ("href", ADDRESS)
    }
    assert not [name for _, name, _ in outline.attributes if name.startswith("on") or name == "style"]


@EVERY_LANGUAGE
@EVERY_LETTER
def test_the_page_has_a_language_a_title_one_main_heading_and_one_main_part(
    template: str, language: str
) -> None:
    html = made(template, LetterVariant.HTML, language).decode()
    outline = _Outline(html)
    assert ("html", "lang", LANGUAGES[language].tag) in outline.attributes
    assert outline.tags.count("main") == outline.tags.count("h1") == outline.tags.count("title") == 1
    assert re.search(rf"<title>[^<]+ – {FACTS[template]['reference']}</title>", html)
    assert ("meta", "name", "viewport") in outline.attributes


def test_the_code_on_the_page_has_words() -> None:
    html = made(REFUSAL, LetterVariant.HTML).decode()
    assert f'<svg role="img" aria-label="QR code that opens {ADDRESS}"' in html


@EVERY_LETTER
def test_facts_cannot_become_markup_of_the_page(template: str) -> None:
    hostile = "</main><script>alert(1)</script>"
    letter = render(template, variant=LetterVariant.HTML, child_name=hostile)
    html = letter.files[LetterVariant.HTML].content.decode()
    assert "<script" not in html and html.count("</main>") == 1


# -- the text --------------------------------------------------------------------------------------


@EVERY_LANGUAGE
@EVERY_LETTER
def test_the_text_says_what_the_page_says(template: str, language: str) -> None:
    page = made(template, LetterVariant.HTML, language).decode()
    scan = letters_of(plain_text(page)), letters_of(text_of(template, language))
    assert scan[0][:200] == scan[1][:200]
    assert abs(len(scan[0]) - len(scan[1])) < 80  # only the sentence about the code to scan differs


def test_the_text_has_a_line_for_each_paragraph_item_and_row() -> None:
    lines = text_of(REFUSAL).splitlines()
    for expected in (
        "We have not registered the birth of Losalini Tikoisuva",
        "3. No paper shows where the child was born.",
        "What would change this: A Notification of Birth.",
        "4. The photo shows another person.",
        "Date of birth: 20 April 2026.",
        "Papers given: Photo identity card of the informant; VKB (Vola ni Kawa Bula) certificate.",
        "Open this address:",
        ADDRESS,
    ):
        assert expected in lines
    assert lines[0] == "Registry of Births, Deaths and Marriages"


def test_the_text_has_no_code_to_scan_no_markup_and_no_double_empty_lines() -> None:
    for template in FACTS:
        words = text_of(template)
        assert "QR code" not in words and "Scan" not in words
        assert not re.search(r"<[a-z/]|&[a-z]+;|\n\n\n", words)
        assert words.endswith("\n") and not words.startswith("\n")


def test_a_table_with_column_headers_reads_each_cell_with_its_header() -> None:
    table = "<tr><th>Item</th><th>Amount</th></tr><tr><td>Food</td><td>35</td></tr>"
    assert plain_text(f"<main><table>{table}</table></main>") == "Item: Food; Amount: 35.\n"


@pytest.mark.parametrize(
    ("language", "value", "read"),
    [
        ("en", "Suva", "Where: Suva."),
        ("en", "Is it?", "Where: Is it?"),
        ("en", "A.<br>B", "Where: A.; B."),
        ("en", "https://births.example.org/a", "Where: https://births.example.org/a"),
        ("hif", "सुवा", "Where: सुवा।"),
    ],
)
def test_a_row_of_a_table_is_a_sentence(language: str, value: str, read: str) -> None:
    row = f'<tr><th scope="row">Where</th><td>{value}</td></tr>'
    html = f'<html lang="{language}"><main><table>{row}</table></main></html>'
    assert plain_text(html) == f"{read}\n"


def test_what_people_write_stays_one_line_of_the_text() -> None:
    letter = render(REFUSAL, variant=LetterVariant.TEXT, child_name="Ana\nPage 2 <b>&amp;")
    assert "the birth of Ana Page 2 <b>&amp;" in letter.files[LetterVariant.TEXT].content.decode()


def test_all_variants_are_the_same_bytes_each_time() -> None:
    for variant in LetterVariant:
        again = certificate("hif", variant=variant).files[variant].content
        assert again == certificate("hif", variant=variant).files[variant].content
