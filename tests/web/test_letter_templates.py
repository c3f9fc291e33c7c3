"""Letters in every form and language, side by side, for those who write templates."""

from __future__ import annotations

import re

import pytest

from tests.web.site import Site, Visitor, words_of

REFUSAL = "/staff/letter-templates/birth_registration/refusal"


def test_every_letter_is_on_the_list(adi: Visitor) -> None:
    page = adi.get("/staff/letter-templates")
    assert f'href="{REFUSAL}"' in page.text and "duplicate letter" in words_of(page)


def test_a_letter_is_shown_in_every_form_and_language(site: Site, adi: Visitor) -> None:
    """Takes 2 seconds: a program of its own lays out the letter's six PDFs."""
    page = adi.get(REFUSAL)
    words = words_of(page)
    for heading in ("Page", "Text", "PDF", "Large print"):
        assert f"{heading} English" in words, heading
    assert words.count("Demonstration: not a legal document") == 2  # on the page and in the text
    assert '<pre lang="fj">Valenivolavola ni Sucu' in page.text
    assert '<div class="s2f-letter" lang="hif">' in page.text
    pictures = re.findall(r'<img src="([^"]+)" alt="([^"]+)"', page.text)
    assert len(pictures) >= 3 * (2 + 4)
    assert "Large print in English, page 4" in [words for _, words in pictures]
    for address in (pictures[0][0], f"{REFUSAL}/fj.large.pdf", f"{REFUSAL}/hif.html", f"{REFUSAL}/en.txt"):
        with adi.get(address) as file:
            assert file.status_code == 200 and len(file.data) > 500, address
    kept = list((site.settings.home / "previews").glob("*/*/*"))
    adi.get(REFUSAL)
    assert [folder.name for folder in kept] == ["refusal"]
    assert list((site.settings.home / "previews").glob("*/*/*")) == kept


@pytest.mark.parametrize(
    "address",
    [
        "/staff/letter-templates/birth_registration/summons",
        "/staff/letter-templates/../base",
        "/staff/letter-templates/birth_registration/..",
    ],
)
def test_a_letter_that_there_is_not_is_not_found(adi: Visitor, address: str) -> None:
    assert adi.get(address).status_code == 404
