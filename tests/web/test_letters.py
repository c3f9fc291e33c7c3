"""Anybody may ask whether a letter is genuine, and learns no more than that."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from cases.genuine import MOST_BYTES
from cases.models import Letter
from cases.uploads import OF_LETTERS
from config.signing import SigningFiles, certificates_alone, self_signed
from tests.web.backstage import SMALL_PDF, advance_all, make_real_letters
from tests.web.site import Site, Visitor, words_of
from tests.web.test_tracking import applied, decide, open_step
from web.platform import EXTENSION


@pytest.fixture
def code(site: Site, family: Visitor, mere: Visitor) -> str:
    """The code on the certificate of a registered birth."""
    applied(site, family)
    decide(site, mere, "register")
    with site.db.read() as connection:
        return str(connection.execute(select(Letter.code)).scalar_one())


def test_a_genuine_letter_is_known_by_its_code(site: Site, code: str) -> None:
    response = site.visitor().get(f"/verify/{code}")
    words = words_of(response)
    assert response.status_code == 200
    assert "This letter is genuine" in words
    assert "Birth certificate" in words
    assert "Suva" in words
    assert "5 May 2026" in words


def test_the_page_about_a_letter_tells_nobody_s_name_and_half_a_reference(site: Site, code: str) -> None:
    words = words_of(site.visitor().get(f"/verify/{code}"))
    assert "Tikoisuva" not in words
    assert "BR-•••-•••-" in words


def test_a_code_is_found_however_it_is_typed(site: Site, code: str) -> None:
    typed = f" {code[:4].lower()}-{code[4:].lower()} "
    response = site.visitor().get("/verify", query_string={"code": typed})
    assert response.headers["Location"] == f"/verify/{code}"


def test_an_unknown_code_is_said_not_to_be_ours(site: Site) -> None:
    response = site.visitor().get("/verify/ABCDEFGHJKLM")
    assert response.status_code == 404
    assert "We did not issue a letter with this code" in words_of(response)


def test_a_letter_that_was_never_issued_is_not_genuine(site: Site, code: str) -> None:
    with site.db.write() as connection:
        connection.execute(update(Letter).values(issued_at=None, status="pending"))
    assert site.visitor().get(f"/verify/{code}").status_code == 404


# -- by its file -----------------------------------------------------------------------------------


def check_file(visitor: Visitor, content: bytes) -> TestResponse:
    """Send a file; as one piece, since the test client leaves large ones open."""
    head = '--x\r\nContent-Disposition: form-data; name="{}"{}\r\n\r\n'
    token = head.format("csrf_token", "") + visitor.token("/verify") + "\r\n"
    file = head.format("letter", '; filename="letter.pdf"').encode() + content + b"\r\n--x--\r\n"
    return visitor.client.post(
        "/verify/file", data=token.encode() + file, content_type="multipart/form-data; boundary=x"
    )


def test_the_file_as_it_was_issued_is_genuine(site: Site, code: str) -> None:
    words = words_of(check_file(site.visitor(), SMALL_PDF))
    assert "This letter is genuine" in words and "Nothing in it was changed" in words
    assert "BR-•••-•••-" in words and "Tikoisuva" not in words


def test_a_file_that_was_replaced_is_called_that(site: Site, code: str) -> None:
    with site.db.write() as connection:
        connection.execute(update(Letter).values(status="superseded"))
    assert "This letter has been replaced" in words_of(check_file(site.visitor(), SMALL_PDF))


def test_a_file_with_a_code_of_ours_and_other_bytes_is_not_as_we_issued_it(site: Site, code: str) -> None:
    words = words_of(check_file(site.visitor(), SMALL_PDF + b"%" + code.encode()))
    assert "This file is not as we issued it" in words and "Birth certificate" in words


def test_a_file_of_somebody_else_is_not_ours(site: Site, code: str) -> None:
    assert "This is not a letter of ours" in words_of(check_file(site.visitor(), b"%PDF-1.4 something"))


def test_with_too_many_files_to_look_at_the_page_says_to_come_again_in_a_minute(
    site: Site, code: str
) -> None:
    with OF_LETTERS.one():
        response = check_file(site.visitor(), b"%PDF-1.4 something")
    assert response.status_code == 503
    assert "Choose the file again in a minute" in words_of(response)


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"", "Choose the file of the letter"), (bytes(MOST_BYTES + 1), "too large to be a letter of ours")],
)
def test_without_a_file_or_with_too_large_a_one_the_page_says_what_to_do(
    site: Site, content: bytes, words: str
) -> None:
    response = check_file(site.visitor(), content)
    assert response.status_code == 422 and words in words_of(response)


def test_an_office_that_does_not_sign_has_no_certificate_to_give(site: Site) -> None:
    assert site.visitor().get("/verify/certificate").status_code == 404
    assert "our PDFs are signed" not in words_of(site.visitor().get("/verify"))


def test_the_certificate_is_given_without_the_key_that_stands_in_the_same_file(
    site: Site, tmp_path: Path
) -> None:
    pair = tmp_path / "pair.pem"
    pair.write_bytes(self_signed("Registry", now=datetime.now(UTC)))
    certificates = certificates_alone(SigningFiles(pair, pair))
    site.app.extensions[EXTENSION] = replace(site.app.extensions[EXTENSION], certificates=certificates)
    with site.visitor().get("/verify/certificate") as response:
        assert response.data == certificates
    assert b"PRIVATE" not in certificates and b"CERTIFICATE" in certificates
    assert "our PDFs are signed" in words_of(site.visitor().get("/verify"))
    site.app.extensions[EXTENSION] = replace(site.app.extensions[EXTENSION], certificates=b"")


# -- as a page -------------------------------------------------------------------------------------


@pytest.fixture
def letters(site: Site, family: Visitor, mere: Visitor) -> Visitor:
    """A family whose certificate was issued in every form, as it really is."""
    applied(site, family)
    mere.send(f"/staff/tasks/{open_step(site)}/decide/register")
    advance_all(site.db, site.clock())
    make_real_letters(site.db, site.settings, site.clock())
    return family


def test_a_letter_is_shown_as_a_page_with_links_to_its_other_forms(letters: Visitor) -> None:
    page = letters.get("/track/letters/1")
    words = words_of(page)
    assert "Certificate of birth registration" in words and "Losalini Tikoisuva" in words
    for form in ("PDF, to print", "PDF in large print", "This page, to keep", "Text alone"):
        assert form in words
    assert page.text.count("<h1") == 1 and page.text.count("<main") == 1
    assert '<article class="s2f-letter" lang="en">' in page.text
    assert "2 pages" in words and "1 page," in words


def test_the_style_of_a_letter_is_run_by_the_nonce_of_its_page_alone(letters: Visitor) -> None:
    page = letters.get("/track/letters/1")
    nonce = re.search(r"style-src 'nonce-([^']+)'", page.headers["Content-Security-Policy"])
    assert nonce and f'<style nonce="{nonce[1]}">' in page.text
    assert not re.search(r"<style(?! nonce)", page.text)


@pytest.mark.parametrize(
    ("form", "kind", "name"),
    [
        ("pdf", "application/pdf", "-certificate.pdf"),
        ("large", "application/pdf", "-certificate-large-print.pdf"),
        ("html", "text/html; charset=utf-8", "-certificate.html"),
        ("text", "text/plain; charset=utf-8", "-certificate.txt"),
    ],
)
def test_each_form_of_a_letter_can_be_had(letters: Visitor, form: str, kind: str, name: str) -> None:
    with letters.get(f"/track/letters/1/{form}") as response:
        assert response.headers["Content-Type"] == kind
        disposition = response.headers["Content-Disposition"]
        assert disposition.endswith(name) and disposition.startswith(
            "inline" if form == "text" else "attachment"
        )
        assert response.headers["Cache-Control"] == "no-store"
        assert len(response.data) > 500


def test_a_form_that_there_is_not_is_not_found(letters: Visitor) -> None:
    assert letters.get("/track/letters/1/audio").status_code == 404
    assert letters.get("/track/letters/2/pdf").status_code == 404


def test_reading_a_letter_as_a_page_counts_as_having_it(site: Site, letters: Visitor) -> None:
    letters.get("/track/letters/1")
    with site.db.read() as connection:
        assert connection.execute(select(Letter.delivery)).scalar_one() == "downloaded"


@pytest.mark.parametrize("address", ["/track/letters/1", "/track/letters/1/large"])
def test_nobody_else_reads_a_letter(site: Site, letters: Visitor, address: str) -> None:
    assert site.visitor().get(address).status_code == 302
    stranger = site.visitor()
    stranger.track(*stranger.apply())
    assert stranger.get(address).status_code == 404
