"""Families add photos and PDFs: on a page of the form, to an answer, to an open case. Officers see them."""

from __future__ import annotations

import re
from io import BytesIO
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import select
from werkzeug.test import TestResponse

from cases.documents import of_case
from cases.models import AccessLogEntry, Case, Document, Draft
from cases.vocabulary import EventKind, Role
from config.uploads import LIMITS
from tests.database.rows import look, open_question
from tests.papers import add_scripts, pdf, photo
from tests.web.conftest import employ
from tests.web.site import APPLY, Site, Visitor, words_of

PAPERS = f"{APPLY}/questions/papers"
JPEG = b"\xff\xd8\xff"


def choose(*files: tuple[bytes, str], **fields: Any) -> dict[str, Any]:
    return {"papers": [(BytesIO(content), name) for content, name in files], **fields}


def add(family: Visitor, *files: tuple[bytes, str], **fields: Any) -> TestResponse:
    return family.send(PAPERS, choose(*files, **{"add-files": "papers", **fields}))


def fill_in(family: Visitor, *files: tuple[bytes, str]) -> None:
    """Fill in an application with these files."""
    family.fill_in()
    assert add(family, *files).status_code == 302


def apply_with(family: Visitor, *files: tuple[bytes, str]) -> tuple[str, str]:
    """Apply with these files; return reference and PIN."""
    fill_in(family, *files)
    assert family.send(f"{APPLY}/check").status_code == 302
    found = re.findall(r'<dd class="s2f-code">([^<]+)</dd>', family.get(f"{APPLY}/sent").text)
    return found[0], found[1]


def file_names(page: str) -> list[str]:
    return re.findall(r'<span class="s2f-files__name">([^<]+)<br>', page)


def documents(site: Site) -> list[Any]:
    with site.db.read() as connection:
        case_id = connection.execute(select(Case.id)).scalar_one()
        return list(of_case(connection, case_id))


PHOTO = (photo(), "IMG_1.jpg")
LETTER = (pdf(2), "letter.pdf")


# -- on a page of the form -------------------------------------------------------------------------


def test_files_are_added_one_after_another_and_shown_with_a_small_picture(family: Visitor) -> None:
    family.fill_in()
    assert add(family, PHOTO).headers["Location"] == f"{PAPERS}#papers"
    add(family, LETTER, (photo(text="B"), "IMG_2.HEIC"))
    page = family.get(PAPERS).text
    assert file_names(page) == ["IMG_1.jpg", "letter.pdf", "IMG_2.HEIC"]
    for address in re.findall(r'<img src="([^"]+)"', page):
        picture = family.get(address)
        assert picture.data.startswith(JPEG)
        assert picture.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
        assert picture.headers["X-Content-Type-Options"] == "nosniff"


def test_a_file_that_was_chosen_but_not_added_goes_along_with_continue(family: Visitor) -> None:
    family.fill_in()
    response = family.send(PAPERS, choose(PHOTO))
    assert response.headers["Location"] == f"{APPLY}/questions/informant"
    assert file_names(family.get(PAPERS).text) == ["IMG_1.jpg"]


def test_the_page_asks_for_files_and_says_what_it_takes(family: Visitor) -> None:
    family.fill_in()
    page = family.get(PAPERS).text
    assert 'enctype="multipart/form-data"' in page
    assert 'accept="image/*,application/pdf"' in page
    assert page.index("aria-hidden") < page.index("add-files"), "Enter must not press a button of the files"
    assert 'enctype="multipart/form-data"' not in family.get(f"{APPLY}/questions/child-name").text


def test_a_file_is_removed_and_the_others_stay(family: Visitor) -> None:
    fill_in(family, PHOTO, LETTER)
    number = re.findall(r'name="remove-file" value="(\d+)"', family.get(PAPERS).text)[0]
    for _ in range(2):
        assert family.send(PAPERS, {"remove-file": number}).status_code == 302
    assert file_names(family.get(PAPERS).text) == ["letter.pdf"]


def test_what_was_typed_beside_the_files_is_not_lost_by_adding_one(family: Visitor) -> None:
    family.fill_in()
    add(family, PHOTO, notification_number="NOB-20", documents=["vkb"])
    page = family.get(PAPERS).text
    assert 'value="NOB-20"' in page
    assert re.search(r'value="vkb"\s+checked', page)


def test_the_same_file_sent_again_is_one_file(family: Visitor) -> None:
    family.fill_in()
    token = family.token(PAPERS)
    for _ in range(2):  # a second click, the back button, a page loaded again
        files = choose(PHOTO, PHOTO, csrf_token=token, **{"add-files": "papers"})
        family.client.post(PAPERS, data=files)
    assert file_names(family.get(PAPERS).text) == ["IMG_1.jpg"]


def test_files_of_two_tabs_are_all_kept(family: Visitor) -> None:
    family.fill_in()
    first, second = family.token(PAPERS), family.token(PAPERS)
    for token, file in ((first, PHOTO), (second, LETTER)):
        family.client.post(PAPERS, data=choose(file, csrf_token=token))
    assert file_names(family.get(PAPERS).text) == ["IMG_1.jpg", "letter.pdf"]


def test_a_file_that_cant_be_taken_says_why_and_the_others_are_kept(family: Visitor) -> None:
    family.fill_in()
    response = add(family, PHOTO, (b"MZ a program", "photo.jpg"), LETTER)
    assert response.status_code == 422
    said = "photo.jpg: This file is not a photo or a PDF. Take a photo of the paper and choose it here."
    assert words_of(response).count(said) == 2
    assert 'href="#papers"' in response.text and 'id="papers"' in response.text
    assert file_names(response.text) == file_names(family.get(PAPERS).text) == ["IMG_1.jpg", "letter.pdf"]


def test_nobody_goes_on_past_a_file_that_cant_be_taken(family: Visitor) -> None:
    family.fill_in()
    assert family.send(PAPERS, choose((b"", "empty.jpg"))).status_code == 422


@pytest.mark.parametrize(("language", "word"), [("fj", "E lala na faile oqo"), ("hif", "ई फ़ाइल खाली है")])
def test_a_refusal_is_in_the_language_of_the_page(family: Visitor, language: str, word: str) -> None:
    family.fill_in()
    family.client.set_cookie("s2f-language", language)
    assert word in add(family, (b"", "a.jpg")).text


def test_more_files_than_the_page_takes_are_told(family: Visitor) -> None:
    family.fill_in()
    response = add(family, *[(photo(60, 40, text=str(n)), f"{n}.png") for n in range(9)])
    assert response.status_code == 422
    assert "8.png: There are too many files." in words_of(response)
    page = family.get(PAPERS).text
    assert len(file_names(page)) == 8
    assert 'type="file"' not in page


def test_names_come_clean_and_harmless(family: Visitor) -> None:
    family.fill_in()
    add(family, (PHOTO[0], "../../<script>alert(1)<\u202e"))
    page = family.get(PAPERS).text
    assert "&lt;script&gt;alert(1)&lt;<br>" in page
    assert "<script>alert" not in page


def test_nobody_sees_or_removes_the_files_of_another_browser(family: Visitor, site: Site) -> None:
    fill_in(family, PHOTO)
    address = re.findall(r'<img src="([^"]+)"', family.get(PAPERS).text)[0]
    stranger = site.visitor()
    assert stranger.get(address).status_code == 404
    stranger.fill_in()
    assert stranger.get(address).status_code == 404
    stranger.send(PAPERS, {"remove-file": address.rpartition("/")[2]})
    assert family.get(address).status_code == 200


def test_files_are_named_where_all_answers_are_checked(family: Visitor) -> None:
    fill_in(family, PHOTO, LETTER)
    assert "IMG_1.jpg, letter.pdf" in words_of(family.get(f"{APPLY}/check"))


def test_files_come_back_with_the_code_of_a_saved_application(family: Visitor, site: Site) -> None:
    family.fill_in()
    assert family.send(PAPERS, choose(PHOTO, then="save")).headers["Location"] == f"{APPLY}/saved"
    code = re.search(r"[0-9]{4}(?:[ \u00a0]?[0-9]+)+", words_of(family.get(f"{APPLY}/saved")))
    assert code
    elsewhere = site.visitor()
    assert elsewhere.send("/come-back", {"code": code[0]}).status_code == 302
    assert file_names(elsewhere.get(PAPERS).text) == ["IMG_1.jpg"]


# -- sending ---------------------------------------------------------------------------------------


def test_files_go_with_the_application(either_site: Site) -> None:
    apply_with(either_site.visitor(), PHOTO, LETTER)
    sent = documents(either_site)
    assert [(document.name, document.field, document.pages) for document in sent] == [
        ("IMG_1.jpg", "papers", 1),
        ("letter.pdf", "papers", 2),
    ]
    with either_site.db.read() as connection:
        answers = connection.execute(select(Case.answers)).scalar_one()
        assert "IMG_1" not in str(connection.execute(select(Draft.answers)).scalar_one())
    assert answers["papers"] == [{"id": document.id, "name": document.name} for document in sent]


def test_a_file_that_comes_after_the_application_was_sent_changes_nothing(
    family: Visitor, site: Site
) -> None:
    fill_in(family, PHOTO)
    token = family.token(PAPERS)
    family.send(f"{APPLY}/check")
    response = family.client.post(PAPERS, data=choose(LETTER, csrf_token=token))
    assert response.headers["Location"] == f"{APPLY}/sent"
    assert len(documents(site)) == 1


# -- answering -------------------------------------------------------------------------------------


def asked(site: Site, family: Visitor) -> str:
    """Ask the family a question; return the address of its page."""
    reference, pin = family.apply()
    with site.db.read() as connection:
        case_id = connection.execute(select(Case.id)).scalar_one()
    step_id = open_question(site.db, case_id)
    family.track(reference, pin)
    return f"/track/answer/{step_id}"


def test_photos_go_with_an_answer(family: Visitor, site: Site) -> None:
    address = asked(site, family)
    chosen = {"files": [(BytesIO(PHOTO[0]), "midwife.jpg")], "answer": "Here she", "add-files": "files"}
    page = family.send(address, chosen)
    assert file_names(page.text) == ["midwife.jpg"]
    assert "Here she" in page.text
    response = family.send(address, {"answer": "Here she is", "files": [(BytesIO(LETTER[0]), "letter.pdf")]})
    assert response.headers["Location"] == "/track/application?told=answered"
    assert [document.name for document in documents(site)] == ["midwife.jpg", "letter.pdf"]
    case = look(site.db, documents(site)[0].case_id)
    result = next(entry.result for entry in case.journal if entry.key == "evidence")
    assert [file["name"] for file in result["documents"]] == ["midwife.jpg", "letter.pdf"]


def test_a_photo_is_taken_out_of_an_answer(family: Visitor, site: Site) -> None:
    address = asked(site, family)
    chosen = {"files": [(BytesIO(PHOTO[0]), "wrong.jpg")], "add-files": "files"}
    number = re.findall(r'name="remove-file" value="(\d+)"', family.send(address, chosen).text)[0]
    assert file_names(family.send(address, {"remove-file": number, "answer": "No"}).text) == []
    family.send(address, {"answer": "None"})
    assert documents(site) == []


def test_a_second_click_on_an_answer_with_a_photo_doubles_nothing(family: Visitor, site: Site) -> None:
    address = asked(site, family)
    token = family.token(address)
    for _ in range(2):
        files = {"csrf_token": token, "answer": "Here", "files": [(BytesIO(PHOTO[0]), "midwife.jpg")]}
        response = family.client.post(address, data=files)
        assert response.headers["Location"] == "/track/application?told=answered"
    with site.db.read() as connection:
        assert len(connection.execute(select(Document.id)).all()) == 1


def test_a_bad_file_of_an_answer_is_told_and_the_words_stay(family: Visitor, site: Site) -> None:
    address = asked(site, family)
    response = family.send(address, {"answer": "See here", "files": [(BytesIO(b"text"), "a.txt")]})
    assert response.status_code == 422
    assert "a.txt: This file is not a photo or a PDF." in words_of(response)
    assert "See here" in response.text


# -- an open case ----------------------------------------------------------------------------------


def test_a_family_adds_a_document_to_its_application(family: Visitor, site: Site) -> None:
    family.track(*family.apply())
    assert 'href="/track/documents"' in family.get("/track/application").text
    sent = {"files": [(BytesIO(PHOTO[0]), "vkb.jpg")], "kind": "VKB certificate"}
    response = family.send("/track/documents", sent)
    assert response.headers["Location"] == "/track/application?told=document-added"
    [document] = documents(site)
    assert (document.kind, document.name) == ("VKB certificate", "vkb.jpg")
    assert look(site.db, document.case_id).events[-1].kind == EventKind.DOCUMENT_ADDED
    assert "VKB certificate" in words_of(family.get("/track/documents"))
    assert family.get(f"/track/files/{document.id}").data.startswith(JPEG)


def test_without_a_file_there_is_nothing_to_add(family: Visitor, site: Site) -> None:
    family.track(*family.apply())
    response = family.send("/track/documents", {"kind": "nothing"})
    assert response.status_code == 422
    assert words_of(response).count("Choose a photo or a PDF") == 2


def test_nothing_is_added_to_a_closed_application(family: Visitor, site: Site) -> None:
    family.track(*family.apply())
    token = family.token("/track/documents")
    family.send("/track/withdraw")
    assert "/track/documents" not in family.get("/track/application").text
    files = {"csrf_token": token, "files": [(BytesIO(PHOTO[0]), "late.jpg")]}
    assert family.client.post("/track/documents", data=files).headers["Location"] == "/track/application"
    assert documents(site) == []


def test_a_family_sees_the_documents_of_its_own_case_only(family: Visitor, site: Site) -> None:
    apply_with(family, PHOTO)
    [document] = documents(site)
    other = site.visitor()
    assert other.get(f"/track/files/{document.id}").status_code == 302
    other.track(*other.apply())
    assert other.get(f"/track/files/{document.id}").status_code == 404


# -- officers --------------------------------------------------------------------------------------


def test_an_officer_sees_documents_as_pictures_and_each_look_is_noted(
    family: Visitor, site: Site, mere: Visitor
) -> None:
    reference, _ = apply_with(family, PHOTO, (pdf(2, add_scripts), "letter.pdf"))
    page = mere.get(f"/staff/cases/{reference}").text
    assert "Documents (2)" in page and "PDF, 2 pages" in page
    pictures = dict.fromkeys(re.findall(rf'/staff/cases/{reference}/documents/\d+/[^"]+', page))
    assert len(pictures) == 5
    for address in pictures:
        response = mere.get(address)
        assert response.mimetype == "image/jpeg"
        assert response.data.startswith(JPEG)
        assert response.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert response.headers["Cache-Control"] == "no-store"
    with site.db.read() as connection:
        looks = select(AccessLogEntry.detail).where(AccessLogEntry.action == "read-document")
        noted = list(connection.execute(looks).scalars())
    first, second = documents(site)
    assert noted == [
        f"document {first.id}, page 1",
        f"document {second.id}, page 1",
        f"document {second.id}, page 2",
    ]


def test_a_page_that_was_drawn_once_is_kept(family: Visitor, site: Site, mere: Visitor) -> None:
    reference, _ = apply_with(family, LETTER)
    [document] = documents(site)
    address = f"/staff/cases/{reference}/documents/{document.id}/pages/2"
    first = mere.get(address).data
    [kept] = (site.settings.home / "pages").iterdir()
    written = kept.stat().st_mtime_ns
    assert mere.get(address).data == first
    assert kept.stat().st_mtime_ns == written
    with Image.open(BytesIO(first)) as image:
        assert max(image.size) == LIMITS.page_side


def test_an_officer_saves_the_checked_file(family: Visitor, site: Site, mere: Visitor) -> None:
    reference, _ = apply_with(family, (pdf(1, add_scripts), "birth/no\\tice “1”.PDF"))
    [document] = documents(site)
    with mere.get(f"/staff/cases/{reference}/documents/{document.id}") as response:
        assert response.mimetype == "application/pdf"
        assert response.headers["Content-Disposition"].startswith("attachment;")
        assert f"{reference}-{document.id}-" in response.headers["Content-Disposition"]
        assert b"JavaScript" not in response.data
    with site.db.read() as connection:
        saved = select(AccessLogEntry.actor).where(AccessLogEntry.action == "save-document")
        assert connection.execute(saved).scalar_one() == "mere"


@pytest.mark.parametrize("what", ["", "/thumbnail", "/pages/1"])
def test_documents_are_for_officers_of_the_case(family: Visitor, site: Site, what: str) -> None:
    reference, _ = apply_with(family, PHOTO)
    [document] = documents(site)
    address = f"/staff/cases/{reference}/documents/{document.id}{what}"
    assert employ(site, "ana", "registrar", "labasa").get(address).status_code == 403
    assert employ(site, "adi", Role.ADMINISTRATOR, None).get(address).status_code == 403
    midwife = employ(site, "midwife", Role.FACILITY_OFFICER, "cwm")
    assert midwife.get(address).status_code == 403
    assert family.get(address).status_code == 302


def test_a_document_of_another_case_or_a_page_there_isnt_is_no_page(
    family: Visitor, site: Site, mere: Visitor
) -> None:
    reference, _ = apply_with(family, PHOTO)
    [document] = documents(site)
    other_reference, _ = site.visitor().apply()
    assert mere.get(f"/staff/cases/{other_reference}/documents/{document.id}").status_code == 404
    assert mere.get(f"/staff/cases/{reference}/documents/{document.id}/pages/2").status_code == 404
    assert mere.get(f"/staff/cases/{reference}/documents/99999").status_code == 404


def test_an_officer_sees_which_answer_a_document_belongs_to(
    family: Visitor, site: Site, mere: Visitor
) -> None:
    address = asked(site, family)
    family.send(address, {"answer": "Here", "files": [(BytesIO(PHOTO[0]), "midwife.jpg")]})
    with site.db.read() as connection:
        reference = connection.execute(select(Case.reference)).scalar_one()
    assert "Answer to:" in words_of(mere.get(f"/staff/cases/{reference}"))


# -- too much --------------------------------------------------------------------------------------


def send_parts(family: Visitor, address: str, *parts: tuple[str, bytes], said: int = 0) -> TestResponse:
    """Send a form in parts made here: the test client leaves files open in which it puts larger ones.

    said: how long the browser says it is, if not as long as it is.
    """
    body = b"".join(
        b"--edge\r\nContent-Disposition: form-data; name=" + name.encode() + b"\r\n\r\n" + content + b"\r\n"
        for name, content in parts
    )
    kind = "multipart/form-data; boundary=edge"
    length = {"CONTENT_LENGTH": str(said)} if said else {}
    body += b"--edge--\r\n"
    return family.client.post(address, data=body, content_type=kind, environ_overrides=length)


def test_too_large_a_request_gets_a_page_that_says_what_to_do(family: Visitor) -> None:
    family.fill_in()
    response = send_parts(family, PAPERS, ("x", b"x"), said=LIMITS.request_bytes + 1)
    assert response.status_code == 413
    assert "fewer or smaller files at a time" in words_of(response)


def test_what_is_too_much_is_read_to_its_end_so_that_the_browser_shows_the_page(family: Visitor) -> None:
    sent = BytesIO(bytes(700_000))
    kind = "multipart/form-data; boundary=edge"
    response = family.client.post("/track", input_stream=sent, content_length=700_000, content_type=kind)
    assert (response.status_code, sent.tell()) == (413, 700_000)


def test_pages_without_files_take_only_as_much_as_text_needs(family: Visitor) -> None:
    family.fill_in()
    page = f"{APPLY}/office"
    assert send_parts(family, page, ("x", b"x"), said=600_000).status_code == 413
    assert send_parts(family, PAPERS, ("x", b"x"), said=600_000).status_code != 413


def test_hundreds_of_inputs_are_refused(family: Visitor) -> None:
    assert send_parts(family, PAPERS, *[("n", b"x")] * 501).status_code == 413


def test_a_file_larger_than_allowed_is_told_and_the_others_are_kept(family: Visitor) -> None:
    family.fill_in()
    token = family.token(PAPERS).encode()
    film = ("papers; filename=film.jpg", bytes(LIMITS.file_bytes + 1))
    response = send_parts(family, PAPERS, ("csrf_token", token), film, ("papers; filename=a.jpg", PHOTO[0]))
    assert "film.jpg: This file is larger than 20 MB." in words_of(response)
    assert file_names(response.text) == ["a.jpg"]


def test_files_of_an_application_that_is_thrown_away_belong_to_nothing(family: Visitor, site: Site) -> None:
    fill_in(family, PHOTO)
    with site.db.read() as connection:
        assert connection.execute(select(Document.draft)).scalar_one() is not None
    family.send(APPLY, {"what": "new"})
    with site.db.read() as connection:
        assert connection.execute(select(Document.draft)).scalar_one() is None
