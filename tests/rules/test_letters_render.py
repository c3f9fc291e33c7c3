"""Letters as PDF: what they say, how they are tagged, and what must never get into or out of them."""

from __future__ import annotations

import io
import logging
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po
from weasyprint import CSS, HTML

from config.errors import ConfigError
from config.languages import CATALOGUES, LANGUAGES
from flows.platform import rendering
from flows.platform.letter_html import TEMPLATES, LetterFailed, letter_html
from flows.platform.rendering import RenderedLetter, render_letter
from tests.letters import ADDRESS, CERTIFICATE, FACTS, ISSUED_ON, certificate, refusal, render

EVERY_LETTER = pytest.mark.parametrize("template", sorted(FACTS))
EVERY_LANGUAGE = pytest.mark.parametrize("language", sorted(LANGUAGES))
HEADINGS = ("/H1", "/H2", "/H3", "/H4", "/H5", "/H6")


def text_of(letter: RenderedLetter) -> str:
    """The words of the PDF in one line, as a reader's program gets them out."""
    done = subprocess.run(["pdftotext", "-raw", "-", "-"], input=letter.pdf, capture_output=True, check=True)
    return " ".join(done.stdout.decode().split())


def opened(letter: RenderedLetter) -> pikepdf.Pdf:
    return _opened(letter.pdf)


@lru_cache(maxsize=8)  # kept, because the objects of a PDF end with it
def _opened(pdf: bytes) -> pikepdf.Pdf:
    return pikepdf.open(io.BytesIO(pdf))


def tags_of(letter: RenderedLetter, *kinds: str) -> list[Any]:
    """The structure elements of these kinds (all without kinds), in reading order."""
    return [tag for tag in _walk(opened(letter).Root.StructTreeRoot.K) if not kinds or tag.S in kinds]


def _walk(kids: Any) -> Iterator[Any]:
    for kid in kids if isinstance(kids, pikepdf.Array) else [kids]:
        if isinstance(kid, pikepdf.Dictionary) and "/S" in kid:
            yield kid
            yield from _walk(kid.get("/K", pikepdf.Array()))


def fonts_of(letter: RenderedLetter) -> set[str]:
    return {
        str(font.BaseFont).split("+")[-1]
        for page in opened(letter).pages
        for font in page.Resources.Font.values()
    }


# -- what they say ---------------------------------------------------------------------------------


def test_the_certificate_says_what_the_register_says() -> None:
    words = text_of(certificate())
    for expected in (
        "Registry of Births, Deaths and Marriages",
        "Certificate of birth registration",
        "2026/SUV/000123",
        "Losalini Tikoisuva",
        "Female",
        "20 April 2026",
        "Colonial War Memorial Hospital, Naitasiri",
        "Single birth",
        "Mother Ana Tikoisuva",
        "Father Josaia Tikoisuva",
        "Ana Tikoisuva (mother)",
        "12 May 2026",
        "Mere Tukana, Registrar, Suva",
        ADDRESS,
        "BR-7K3-M94-QX2",
        "Page 1 of 1",
    ):
        assert expected in words


def test_a_father_who_was_not_entered_has_no_line() -> None:
    assert "Father" not in text_of(certificate(father_name=None))


def test_a_birth_at_home_has_a_place() -> None:
    letter = certificate(birth_place_kind="home", birth_facility=None)
    assert "Place of birth At home, Naitasiri" in text_of(letter)


def test_the_refusal_gives_every_reason_and_what_would_change_it() -> None:
    words = text_of(refusal())
    for expected in (
        "We have not registered the birth of Losalini Tikoisuva",
        "5 May 2026",
        "No paper shows where the child was born.",
        "What would change this: A Notification of Birth.",
        "The photo shows another person.",
        "Notification of Birth None was given",
        "Photo identity card",
        "Talk to the office that made this decision: Suva",
        "Mere Tukana",
        "फ़िजी हिंदी",
    ):
        assert expected in words


def test_the_refusal_gives_what_was_not_shown_with_the_facts_and_where_they_come_from() -> None:
    words = text_of(refusal())
    for expected in (
        "The birth is notified: not proven. We have no Notification of Birth.",
        "What we went by: No answer by: 4 May 2026 (from the hospital or health centre)",
        "The rule: The hospital gives a Notification of Birth.",
        "What would change this: Bring the Notification of Birth.",
        "Papers: Photo identity card of the informant, VKB (Vola ni Kawa Bula) certificate "
        "(from your papers); Declared: No (from your application)",
        "Which ward? Your answer: Ward 3 [ward.jpg]",
        "Who helped? No answer had reached us.",
    ):
        assert expected in words


def test_figures_of_a_demonstration_are_called_made_up_and_sums_worked_out() -> None:
    row = {
        "value": "15",
        "unit": "points",
        "valid_from": "2018-01-01",
        "source": "made up",
        "confirmed": False,
    }
    facts = [
        {"name": "for_walls", "label": "For the walls", "value": row, "source": "rate"},
        {"name": "points", "label": "Together", "value": 15, "source": "computed"},
    ]
    need = {**FACTS["birth_registration/refusal"]["criteria"][0], "basis": "demonstration", "facts": facts}
    told = "What we went by: For the walls: 15 (made up); Together: 15 (worked out from these)"
    assert told in text_of(refusal(criteria=[need]))


RATE = {"value": "15000", "unit": "FJD", "valid_from": "2019-01-01", "source": "A page", "confirmed": True}
VALUES: list[tuple[dict[str, Any], str]] = [
    ({"value": 16_000.5, "unit": "FJD"}, "$16,000.50"),
    ({"value": 1, "unit": "months"}, "1 month"),
    ({"value": 3, "unit": "years"}, "3 years"),
    ({"value": 5, "unit": "persons"}, "5"),
    ({"value": 40, "unit": "percent"}, "40 %"),
    ({"value": RATE, "source": "rate"}, "$15,000.00, in force since 1 January 2019 (from the table of"),
    (
        {"value": {**RATE, "confirmed": False}, "source": "rate"},
        "$15,000.00, the figure we have worked with since 1 January 2019; no published rule sets it",
    ),
    ({"value": "family", "said": ["Family law"]}, "Family law"),
    ({"value": ["Ana", "Eva"]}, "Ana, Eva"),
    ({"value": []}, "None"),
    ({"value": None}, "Not known"),
    ({"value": "2026-04-20"}, "20 April 2026"),
    ({"value": True}, "Yes"),
    ({"value": "LA-222-222-222", "source": "register"}, "LA-222-222-222 (from our records)"),
]


@pytest.mark.parametrize(("fact", "told"), VALUES, ids=lambda each: str(each)[:40])
def test_a_fact_is_written_by_what_it_is(fact: dict[str, Any], told: str) -> None:
    whole = {"name": "x", "label": "Fact", "source": "answer", "said": None, "unit": None, **fact}
    criterion = {**FACTS["birth_registration/refusal"]["criteria"][0], "facts": [whole]}
    assert f"What we went by: Fact: {told}" in text_of(refusal(criteria=[criterion]))


def test_a_criterion_is_told_with_the_officers_own_ground_and_who_decided_it_otherwise() -> None:
    overridden = {"by_name": "Ravi Prasad", "by_role": "registrar", "text": "It is forged.", "was": "met"}
    changes = {"ground": "The number is another child’s.", "overridden": overridden, "status": "not-met"}
    words = text_of(refusal(criteria=[{**FACTS["birth_registration/refusal"]["criteria"][0], **changes}]))
    assert "The birth is notified: not met. The number is another child’s. What we went by" in words
    assert "otherwise than the rule alone does: It is forged. (Ravi Prasad, Registrar)" in words


def test_a_rule_of_a_demonstration_is_called_made_up() -> None:
    criterion = {**FACTS["birth_registration/refusal"]["criteria"][0], "basis": "demonstration"}
    words = text_of(refusal(criteria=[criterion]))
    assert "The rule, made up for this demonstration: The hospital gives a Notification of Birth." in words


def test_a_letter_can_list_everything_that_was_checked(tmp_path: Path) -> None:
    folder = tmp_path / "boat_licence"
    folder.mkdir()
    (folder / "licence.html").write_text(
        '{% extends "base.html" %}{% import "decision.html" as decision with context %}'
        "{% block body %}<h1>A</h1>{{ decision.criteria(facts.criteria) }}{% endblock %}"
    )
    met = {
        **FACTS["birth_registration/refusal"]["criteria"][0],
        "status": "met",
        "found": None,
        "change": None,
    }
    facts = {"reference": "BL-1", "office_name": "Suva", "demo": False, "criteria": [met]}
    page = letter_html(
        "boat_licence/licence", facts, language="en", verify_url=ADDRESS, issued_on=ISSUED_ON, folder=tmp_path
    )
    assert "What we checked" in page and "The birth is notified: met." in page
    assert "What would change this" not in page


def test_the_letter_about_a_duplicate_names_the_other_application() -> None:
    words = text_of(render("birth_registration/duplicate_letter"))
    assert "we found that the application BR-ABC-DEF-GHJ is about the same birth" in words
    assert "Mere Tukana" in words


def test_the_letter_about_a_correction_says_what_stood_there_and_what_stands_there_now() -> None:
    words = text_of(render("birth_correction/correction"))
    for expected in (
        "we corrected the entry 2026/SUV/000123",
        "Part of the entry What the entry said What it says now",
        "Date of birth 20 April 2026 21 April 2026",
        "Sex Female Male",
        "Place of birth Suva Nausori",
        "Father Nothing Josaia Tikoisuva",
        "On the hospital's letter.",
    ):
        assert expected in words


def test_the_letter_about_a_refused_correction_says_what_was_told_and_not_what_the_entry_says() -> None:
    words = text_of(render("birth_correction/refusal"))
    for expected in (
        "Date: 20 April 2026 (from your application)",
        "Who: guardian",
        "Papers: Paper from school or church, Court order (from your papers)",
        "Child’s name Losalini Vuki",
    ):
        assert expected in words


def test_the_refusal_speaks_of_no_right_that_expires() -> None:
    assert not re.search(r"appeal|within \d+|deadline|no later|right to", text_of(refusal()), re.IGNORECASE)


@EVERY_LETTER
def test_a_demonstration_says_that_it_is_not_a_legal_document(template: str) -> None:
    warning = "Demonstration: not a legal document"
    assert warning in text_of(render(template, demo=True))
    assert warning not in text_of(render(template, demo=False))


@EVERY_LETTER
@EVERY_LANGUAGE
def test_every_letter_renders_in_every_language_without_a_warning(template: str, language: str) -> None:
    assert render(template, language).pages >= 1


@EVERY_LANGUAGE
def test_an_ordinary_certificate_fits_on_one_page(language: str) -> None:
    assert certificate(language, demo=True).pages == 1


@EVERY_LANGUAGE
def test_the_letter_about_another_application_fits_on_one_page(language: str) -> None:
    assert render("birth_registration/duplicate_letter", language).pages == 1


def test_a_letter_in_a_draft_language_says_so_in_english_too() -> None:
    assert "Draft translation" in text_of(certificate("fj"))
    assert "Draft translation" not in text_of(certificate("en"))


def test_an_unknown_language_gets_english() -> None:
    assert "Certificate of birth registration" in text_of(certificate("xx"))


@EVERY_LANGUAGE
def test_the_catalogue_has_every_word_of_the_letters_and_no_other(language: str) -> None:
    methods = [("**.html", "jinja2.ext.babel_extract")]
    keywords = {"_": None, "text": None}
    used = {
        message
        for _, _, message, _, _ in extract_from_dir(TEMPLATES, methods, keywords=keywords)  # type: ignore[arg-type]
    }
    assert len(used) > 50
    if language != "en":
        with (CATALOGUES / language / "LC_MESSAGES" / "letters.po").open("rb") as file:
            catalogue = {str(message.id) for message in read_po(file) if message.id and message.string}
        assert catalogue == used


def test_the_same_letter_has_the_same_bytes_in_another_process() -> None:
    program = (
        "import hashlib; from tests.letters import certificate;"
        "print(hashlib.sha256(certificate('hif').pdf).hexdigest())"
    )
    runs = [subprocess.run([sys.executable, "-c", program], capture_output=True, check=True) for _ in "12"]
    assert runs[0].stdout == runs[1].stdout != b""


# -- how they are tagged ---------------------------------------------------------------------------


def test_reasons_criteria_and_questions_are_lists() -> None:
    assert len(tags_of(refusal(), "/LI")) == 2 + 2 + 2
    assert len(tags_of(refusal(criteria=[], asked=[]), "/LI")) == 2


# -- writing systems -------------------------------------------------------------------------------


def test_hindi_letters_are_set_in_the_bundled_devanagari() -> None:
    assert {"Letter-Noto-Sans-Devanagari", "Letter-Noto-Sans"} <= fonts_of(certificate("hif"))


def test_only_bundled_fonts_are_used() -> None:
    assert all(
        font.startswith("Letter-Noto-Sans") for font in fonts_of(certificate(child_name="Zoë Ādi Ŧĕst"))
    )


def test_devanagari_is_shaped_into_conjuncts() -> None:
    """क्ष is three code points and one sign; unshaped it would be as wide as three."""
    assert _width_of("क्षक्षक्ष") < _width_of("क" * 9) * 0.6


def _width_of(name: str) -> float:
    boxes = subprocess.run(
        ["pdftotext", "-bbox", "-", "-"], input=certificate(child_name=name).pdf, capture_output=True
    )
    [found, *_] = re.findall(rf'xMin="([\d.]+)".*?xMax="([\d.]+)".*?>{name}<', boxes.stdout.decode())
    return float(found[1]) - float(found[0])


def test_a_name_in_two_writing_systems_is_printed_whole() -> None:
    assert "अनीता Goundar" in text_of(refusal(informant_name="अनीता Goundar"))


# -- hostile facts ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "hostile", ["<script>alert(1)</script>", "{{ facts }}", "{% raw %}", "</table><h1>", "%(x)s"]
)
def test_markup_in_a_fact_is_only_text(hostile: str) -> None:
    letter = certificate(child_name=hostile)
    assert hostile in text_of(letter)
    assert len(tags_of(letter, "/H1")) == 1


def test_markup_in_a_translated_sentence_is_only_text() -> None:
    assert "<b>x</b>" in text_of(refusal("fj", child_name="<b>x</b>"))


def test_a_picture_in_a_fact_is_not_fetched() -> None:
    assert len(tags_of(certificate(mother_name='<img src="file:///etc/passwd" alt="x">'), "/Figure")) == 1


def test_a_name_of_two_hundred_letters_stays_on_the_page() -> None:
    letter = certificate(child_name="W" * 200)
    boxes = subprocess.run(
        ["pdftotext", "-bbox", "-", "-"], input=letter.pdf, capture_output=True, check=True
    )
    edges = [float(edge) for edge in re.findall(r'xMax="([\d.]+)"', boxes.stdout.decode())]
    assert max(edges) < 595 and text_of(letter).replace(" ", "").count("W") >= 400


def test_marks_that_turn_the_direction_are_left_out() -> None:
    letter = certificate(child_name="Ana\u202egnorw\u200f Tui\u2066")
    assert "Anagnorw Tui" in text_of(letter)
    assert not re.search("[\u202e\u200f\u2066]", letter.html)


def test_control_characters_become_spaces() -> None:
    assert "Ana Tui" in text_of(certificate(child_name="Ana\x00\x1bTui"))


def test_the_joiners_that_devanagari_needs_stay() -> None:
    assert "क्\u200dष" in certificate(child_name="क्\u200dष").html


# -- what fails a letter ---------------------------------------------------------------------------


@EVERY_LETTER
def test_a_missing_fact_fails_the_letter_and_names_the_fact_alone(template: str) -> None:
    facts = {name: value for name, value in FACTS[template].items() if name != "decided_by"}
    with pytest.raises(LetterFailed, match="decided_by") as caught:
        render_letter(template, facts, language="en", verify_url=ADDRESS, issued_on=ISSUED_ON)
    assert "Tikoisuva" not in str(caught.value)


def test_an_empty_fact_is_never_printed_as_none() -> None:
    with pytest.raises(LetterFailed, match="empty"):
        certificate(mother_name=None)
    with pytest.raises(LetterFailed, match="empty"):
        refusal(child_name=None)


def test_a_date_that_is_none_fails_the_letter() -> None:
    with pytest.raises(LetterFailed, match="date") as caught:
        certificate(child_birth_date="20th of April")
    assert "April" not in str(caught.value)


@pytest.mark.parametrize("name", ["birth_registration/unknown", "../letters/base", "base", "/etc/passwd", ""])
def test_a_template_that_is_none_fails_the_letter(name: str) -> None:
    with pytest.raises(LetterFailed, match="template"):
        render_letter(name, CERTIFICATE, language="en", verify_url=ADDRESS, issued_on=ISSUED_ON)


def test_a_sign_that_no_font_has_fails_the_letter_without_repeating_it() -> None:
    with pytest.raises(LetterFailed, match=r"unsupported by fonts.*U\+E000") as caught:
        certificate(child_name="Ana \ue000")
    assert "\ue000" not in str(caught.value)


def test_missing_fonts_are_named_with_the_command_that_installs_them(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"@fontsource/noto-sans: .*`npm ci`"):
        rendering.require_fonts(tmp_path)


@pytest.mark.parametrize("name", ["weasyprint", "fontTools.subset", "pydyf"])
def test_any_warning_of_the_layout_fails_the_letter(name: str) -> None:
    with pytest.raises(LetterFailed, match="something is wrong"), rendering.nothing_logged("a.html"):
        logging.getLogger(name).warning("something is wrong")


def test_notes_below_a_warning_fail_nothing() -> None:
    with rendering.nothing_logged("a.html"):
        logging.getLogger("weasyprint").info("step 1")


def test_the_words_of_a_warning_keep_our_own_css_and_drop_what_came_from_the_letter() -> None:
    with pytest.raises(LetterFailed) as caught, rendering.nothing_logged("a.html"):
        logging.getLogger("weasyprint").warning("Ignored `%s:%s` at %d", "table-layout", "Losalini", 7)
    assert str(caught.value) == "a.html: Ignored `table-layout:…` at 7"


def test_a_broken_style_sheet_is_named_with_its_line() -> None:
    with (
        pytest.raises(LetterFailed, match=r"^templates/letters/letters\.css:2: Ignored"),
        rendering.nothing_logged("templates/letters/letters.css"),
    ):
        CSS(string="p { color: red }\np { colour: red }")


def test_the_style_of_one_element_that_is_broken_is_named_with_its_template() -> None:
    with (
        pytest.raises(LetterFailed, match=r"^templates/letters/a/b\.html: Ignored"),
        rendering.nothing_logged("templates/letters/a/b.html"),
    ):
        HTML(string="<p style='colour: red'>x</p>").write_pdf()


def test_a_warning_while_a_letter_is_laid_out_names_its_template() -> None:
    with pytest.raises(LetterFailed, match=r"^templates/letters/birth_registration/certificate\.html: "):
        certificate(child_name="Ana \ue000")


@pytest.mark.parametrize(
    "address", ["file:///etc/passwd", "http://127.0.0.1/x.png", "data:image/png;base64,AAAA", "ftp://x/y"]
)
def test_nothing_but_our_own_files_and_images_is_opened(address: str) -> None:
    fetcher = rendering.Fetcher("data:image/png;base64,BBBB")
    with pytest.raises(ValueError, match="their own files"):
        fetcher.fetch(address)


def test_the_path_out_of_the_template_folder_is_closed() -> None:
    with pytest.raises(ValueError, match="their own files"):
        rendering.Fetcher().fetch(f"{TEMPLATES.as_uri()}/../../pyproject.toml")


def test_the_style_sheet_may_be_opened() -> None:
    assert rendering.Fetcher().fetch((TEMPLATES / "letters.css").as_uri()).read()
