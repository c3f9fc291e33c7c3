"""What is said of a file: genuine, replaced, taken back, altered, not on record, or not ours."""

from __future__ import annotations

import io
import re
import zlib
from datetime import datetime
from functools import cache
from hashlib import sha256
from pathlib import Path
from random import Random

import pikepdf
import pytest
from sqlalchemy import insert, update

from cases.db import Database
from cases.genuine import Standing, judge
from cases.models import JournalEntry, Letter, LetterFile
from cases.vocabulary import LetterStatus, LetterVariant
from config.signing import SigningFiles, certificates_alone, self_signed
from flows.platform.rendering import RenderedLetter, render_letter
from flows.platform.signing import LetterSigner
from tests import papers
from tests.births import submit_birth
from tests.conftest import NOW
from tests.database.rows import ask_letter
from tests.letters import CERTIFICATE, ISSUED_ON

CODE = "7KD9XM2P7QRTZWVB"
ADDRESS = f"https://births.example.org/verify/{CODE}"


def a_signer(folder: Path, name: str = "Registry") -> SigningFiles:
    path = folder / f"{name}.pem"
    path.write_bytes(self_signed(name, now=datetime.now(NOW.tzinfo)))
    return SigningFiles(path, path)


@pytest.fixture(scope="module")
def signing(tmp_path_factory: pytest.TempPathFactory) -> SigningFiles:
    return a_signer(tmp_path_factory.mktemp("keys"))


@cache
def made(signing: SigningFiles | None, address: str = ADDRESS) -> RenderedLetter:
    sign = LetterSigner(signing) if signing else None
    return render_letter(
        "birth_registration/certificate",
        CERTIFICATE,
        language="hif",
        verify_url=address,
        issued_on=ISSUED_ON,
        sign=sign,
    )


def issue(db: Database, case_id: int, letter: RenderedLetter) -> int:
    """Note a letter as issued with its files."""
    number = ask_letter(db, case_id, status=LetterStatus.ISSUED, issued_at=NOW, code=CODE)
    rows = [
        {
            "letter_id": number,
            "variant": variant,
            "sha256": sha256(file.content).hexdigest(),
            "size": len(file.content),
            "pages": file.pages,
        }
        for variant, file in letter.files.items()
    ]
    with db.write() as connection:
        connection.execute(insert(LetterFile), rows)
    return number


def said(db: Database, content: bytes, signing: SigningFiles | None) -> Standing:
    return judge(db, content, certificates_alone(signing)).standing


@pytest.fixture(params=["signed", "unsigned"])
def used(request: pytest.FixtureRequest, signing: SigningFiles) -> SigningFiles | None:
    """With what the office signs its letters, or that it doesn't."""
    return signing if request.param == "signed" else None


@pytest.fixture
def letter(sqlite_db: Database, used: SigningFiles | None) -> RenderedLetter:
    """An issued letter."""
    issue(sqlite_db, submit_birth(sqlite_db).case_id, made(used))
    return made(used)


def flipped(content: bytes, at: int) -> bytes:
    return content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]


# -- ours ------------------------------------------------------------------------------------------


def test_every_file_of_a_letter_is_genuine(db: Database, signing: SigningFiles) -> None:
    issue(db, submit_birth(db).case_id, made(signing))
    for variant, file in made(signing).files.items():
        verdict = judge(db, file.content, b"")
        assert verdict.standing == Standing.GENUINE, variant
        assert verdict.letter is not None and verdict.letter.code == CODE


def test_a_replaced_letter_is_called_that(sqlite_db: Database, letter: RenderedLetter) -> None:
    with sqlite_db.write() as connection:
        connection.execute(update(Letter).values(status=LetterStatus.SUPERSEDED))
    assert said(sqlite_db, letter.pdf, None) == Standing.SUPERSEDED


def test_a_letter_whose_decision_was_taken_back_is_called_that(
    sqlite_db: Database, letter: RenderedLetter
) -> None:
    with sqlite_db.write() as connection:
        connection.execute(update(JournalEntry).values(cut_by=1))
    assert said(sqlite_db, letter.pdf, None) == Standing.TAKEN_BACK


# -- altered ---------------------------------------------------------------------------------------


def test_one_byte_changed_anywhere_makes_it_altered(
    sqlite_db: Database, letter: RenderedLetter, used: SigningFiles | None
) -> None:
    places = Random(7).sample(range(len(letter.pdf) - 60), 150)
    assert {said(sqlite_db, flipped(letter.pdf, at), used) for at in places} == {Standing.ALTERED}


def test_a_byte_changed_in_the_code_itself_makes_it_altered(
    sqlite_db: Database, letter: RenderedLetter, used: SigningFiles | None
) -> None:
    """The code stands in several places, not all in the clear: opening the file finds the others."""
    places = [found.start() + 3 for found in re.finditer(CODE.encode(), letter.pdf)]
    assert places
    for at in places:
        assert said(sqlite_db, flipped(letter.pdf, at), used) == Standing.ALTERED


@pytest.mark.parametrize("variant", [LetterVariant.HTML, LetterVariant.TEXT, LetterVariant.LARGE])
def test_the_other_forms_are_called_altered_too(
    sqlite_db: Database, letter: RenderedLetter, variant: LetterVariant
) -> None:
    content = letter.files[variant].content
    assert said(sqlite_db, flipped(content, len(content) // 2), None) == Standing.ALTERED


def test_something_added_at_the_end_makes_it_altered(
    sqlite_db: Database, letter: RenderedLetter, used: SigningFiles | None
) -> None:
    assert said(sqlite_db, letter.pdf + b"\n", used) == Standing.ALTERED
    assert said(sqlite_db, letter.pdf[:-200], used) == Standing.ALTERED


def test_a_letter_saved_anew_with_all_that_told_of_it_in_the_clear_gone_is_altered(
    sqlite_db: Database, letter: RenderedLetter, used: SigningFiles | None
) -> None:
    saved = io.BytesIO()
    with pikepdf.open(io.BytesIO(letter.pdf)) as pdf:
        for key in ("/AcroForm", "/Metadata"):
            if key in pdf.Root:
                del pdf.Root[key]
        del pdf.docinfo["/Keywords"]
        for page in pdf.pages:
            page.obj.Annots = pikepdf.Array([each for each in page.Annots if each.Subtype == "/Link"])
        pdf.save(saved, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    assert CODE.encode() not in saved.getvalue()
    assert said(sqlite_db, saved.getvalue(), used) == Standing.ALTERED


def test_a_signed_letter_of_which_nothing_is_on_record_but_that_was_changed_is_altered(
    sqlite_db: Database, signing: SigningFiles
) -> None:
    at = made(signing).pdf.index(b"stream") + 40
    assert said(sqlite_db, flipped(made(signing).pdf, at), signing) == Standing.ALTERED


# -- not ours --------------------------------------------------------------------------------------


def test_our_whole_signature_on_what_is_not_on_record_is_told_apart(
    sqlite_db: Database, signing: SigningFiles
) -> None:
    """As when the database was restored from a backup that is older than the letter."""
    assert said(sqlite_db, made(signing).pdf, signing) == Standing.NOT_ON_RECORD


def test_the_same_letter_signed_by_somebody_else_is_not_ours(
    sqlite_db: Database, signing: SigningFiles, tmp_path: Path
) -> None:
    assert said(sqlite_db, made(a_signer(tmp_path, "Registry")).pdf, signing) == Standing.NOT_OURS


def test_a_letter_with_our_code_signed_by_somebody_else_is_altered(
    sqlite_db: Database, letter: RenderedLetter, tmp_path: Path
) -> None:
    assert said(sqlite_db, made(a_signer(tmp_path)).pdf, None) == Standing.ALTERED


def bomb(pdf: pikepdf.Pdf) -> None:
    """A page whose content takes 400 MB when it is unpacked, and says so."""
    pdf.pages[0].Contents = pikepdf.Stream(pdf, zlib.compress(bytes(400_000_000), 9))
    pdf.pages[0].Contents.Filter = pikepdf.Name.FlateDecode


@pytest.mark.parametrize(
    "content",
    [
        papers.pdf(),
        papers.pdf(change=papers.add_scripts),
        papers.pdf(change=bomb),
        papers.pdf(encryption=pikepdf.Encryption(owner="a", user="b")),
        papers.photo(),
        b"%PDF-1.7\n%%EOF\n",
        b"%PDF-" + bytes(range(256)) * 400,
        b"%PDF-1.7\n" + b"[" * 200_000,
        b"MZ",
        CODE.encode(),
    ],
    ids=["pdf", "scripts", "bomb", "locked", "photo", "empty", "noise", "nested", "program", "code"],
)
def test_what_somebody_else_made_is_not_ours(
    sqlite_db: Database, signing: SigningFiles, content: bytes
) -> None:
    assert said(sqlite_db, content, signing) == Standing.NOT_OURS


def test_codes_of_letters_that_were_never_issued_count_for_nothing(
    sqlite_db: Database, letter: RenderedLetter
) -> None:
    with sqlite_db.write() as connection:
        connection.execute(update(Letter).values(issued_at=None, status=LetterStatus.CANCELLED))
    assert said(sqlite_db, letter.pdf, None) == Standing.NOT_OURS
