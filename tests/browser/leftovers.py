"""English words on a page in another language that aren't marked as English, as a screen reader needs them.

In Fiji Hindi the script tells: what is in Latin letters is English, but for names, codes and what was typed,
which stands in the tables of letters too.
In iTaukei, which is written in Latin letters too, the English texts of our catalogue tell.
"""

from __future__ import annotations

import re
from functools import cache

from playwright.sync_api import Page

from config.demo import accounts
from config.languages import LANGUAGES
from config.places import load_places
from config.words import ENGLISH
from tests.web.test_translations import catalogue

_TEXTS = """() => {
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const found = [];
    while (walker.nextNode()) {
        const around = walker.currentNode.parentElement;
        const text = walker.currentNode.textContent.replace(/\\s+/g, " ").trim();
        const typed = around.closest("script, style, textarea, dd, .s2f-said, .s2f-code, .s2f-files__name,"
            + " .s2f-letter :is(td, .child, .recipient)");
        if (text && !typed) found.push([around.closest("[lang]").lang, text]);
    }
    return found;
}"""
_NOT_ENGLISH = re.compile(
    r"https?://\S+|Vola ni Kawa Bula|iTaukei|de facto|solemn declaration|Start to Finish|Fiji Hindi"
)


def unmarked(page: Page, language: str) -> list[str]:
    """Return what of a page in `language` is English and doesn't say so; nothing for a page in English."""
    if language == ENGLISH or page.locator("html").get_attribute("lang") == ENGLISH:
        return []
    tag = LANGUAGES[language].tag
    is_english = _is_english_in_hindi if language == "hif" else english_texts(language).__contains__
    texts = [text for spoken, text in page.evaluate(_TEXTS) if spoken == tag and is_english(text)]
    return [f"{page.url}: English on a page in {language}: {text!r}" for text in texts]


def _is_english_in_hindi(text: str) -> bool:
    if text in _names():
        return False
    text = _NOT_ENGLISH.sub("", text)
    if re.search("[\u0900-\u097f]", text):  # within a Hindi sentence, a capital letter begins a name
        text = re.sub(r"\b[A-Z][A-Za-z’-]*", "", text)
    return bool(re.search("[A-Za-z]{4,}", text))


@cache
def _names() -> frozenset[str]:
    places = load_places("fiji")
    named = (*places.offices.values(), *places.facilities.values(), *accounts())
    return frozenset([each.name for each in named]) | set(places.provinces)


@cache
def english_texts(language: str) -> frozenset[str]:
    """Return the English texts of our pages that read otherwise in `language`."""
    return frozenset(text for text, said in catalogue(language).items() if text not in said)
