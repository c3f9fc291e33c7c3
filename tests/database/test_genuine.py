"""What is said of a file: genuine, replaced, taken back, altered, not on record, or not ours."""

from __future__ import annotations

import io
import re
import zlib
from datetime import datetime, timedelta
from functools import cache
from hashlib import sha256
from pathlib import Path
from random import Random
from tempfile import TemporaryFile

import pikepdf
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, update

from cases.db import Database
from cases.errors import Busy
from cases.genuine import Standing, judge
from cases.letters import IssuedFile, claim_letters, finish_letter
from cases.models import JournalEntry, Letter, LetterFile
from cases.permissions import SYSTEM
from cases.revisions import rewind
from cases.transaction import carry_out
from cases.uploads import OF_LETTERS, letter_evidence
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
NEWER = "https://births.example.org/verify/8KD9XM2P7QRTZWVB"


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


def finish(db: Database, letter: RenderedLetter) -> None:
    """Issue the letter that waits as the queue does, with these files."""
    with db.write() as connection:
        [work] = claim_letters(connection, holder="x", now=NOW, limit=9, hold_for=timedelta(minutes=1))
        files = {
            variant: IssuedFile(sha256(file.content).hexdigest(), len(file.content), file.pages)
            for variant, file in letter.files.items()
        }
        finish_letter(connection, work, files=files, now=NOW)


def said(db: Database, content: bytes, signing: SigningFiles | None) -> Standing:
    return judge(db, content, certificates_alone(signing)).standing


@pytest.fixture(params=["signed", "unsigned"])
def used(request: pytest.FixtureRequest, signing: SigningFiles) -> SigningFiles | None:
    """With what the office signs its letters, or that it doesn't."""
    return signing if request.param == "signed" else None


@pytest.fixture
def letter(db: Database, used: SigningFiles | None) -> RenderedLetter:
    """An issued letter."""
    issue(db, submit_birth(db).case_id, made(used))
    return made(used)


def changed(content: bytes, at: int, by: int = 1) -> bytes:
    """The content with one byte changed."""
    return content[:at] + bytes([content[at] ^ by]) + content[at + 1 :]


# -- ours ------------------------------------------------------------------------------------------


def test_every_file_of_a_letter_is_genuine(db: Database, signing: SigningFiles) -> None:
    issue(db, submit_birth(db).case_id, made(signing))
    for variant, file in made(signing).files.items():
        verdict = judge(db, file.content, b"")
        assert verdict.standing == Standing.GENUINE, variant
        assert verdict.letter is not None and verdict.letter.code == CODE


def test_a_replaced_letter_is_called_that(db: Database, letter: RenderedLetter) -> None:
    with db.write() as connection:
        connection.execute(update(Letter).values(status=LetterStatus.SUPERSEDED))
    assert said(db, letter.pdf, None) == Standing.SUPERSEDED


def test_a_letter_that_was_corrected_is_replaced_and_the_new_one_genuine(db: Database) -> None:
    """The decision is taken back and taken again: that the first one doesn't hold matters less than where
    to find what does."""
    case = submit_birth(db).case_id
    first, second = made(None), made(None, NEWER)
    issue(db, case, first)
    carry_out(db, rewind, case_id=case, to_key="certificate", reason="Typo", actor=SYSTEM, now=NOW)
    assert said(db, first.pdf, None) == Standing.TAKEN_BACK
    ask_letter(db, case, code=NEWER.rpartition("/")[2])
    finish(db, second)
    assert said(db, first.pdf, None) == Standing.SUPERSEDED
    assert said(db, second.pdf, None) == Standing.GENUINE


def test_a_letter_whose_decision_was_taken_back_is_called_that(db: Database, letter: RenderedLetter) -> None:
    with db.write() as connection:
        connection.execute(update(JournalEntry).values(cut_by=1))
    assert said(db, letter.pdf, None) == Standing.TAKEN_BACK


# -- altered ---------------------------------------------------------------------------------------


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(part=st.floats(0, 1, exclude_max=True), other=st.integers(1, 255))
def test_one_byte_changed_anywhere_makes_it_altered(
    db: Database, letter: RenderedLetter, used: SigningFiles | None, part: float, other: int
) -> None:
    at = int(part * len(letter.pdf))
    assert said(db, changed(letter.pdf, at, other), used) == Standing.ALTERED


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(part=st.floats(0, 1), byte=st.binary(min_size=1, max_size=1))
def test_one_byte_more_or_less_makes_it_altered(
    db: Database, letter: RenderedLetter, used: SigningFiles | None, part: float, byte: bytes
) -> None:
    at = int(part * (len(letter.pdf) - 1))
    assert said(db, letter.pdf[:at] + byte + letter.pdf[at:], used) == Standing.ALTERED
    assert said(db, letter.pdf[:at] + letter.pdf[at + 1 :], used) == Standing.ALTERED


@pytest.mark.parametrize("place", ["%PDF-", "/Type", "stream\n", "xref", "startxref", "%%EOF", "last"])
def test_one_byte_changed_in_any_part_of_the_file_makes_it_altered(
    db: Database, letter: RenderedLetter, used: SigningFiles | None, place: str
) -> None:
    at = len(letter.pdf) - 1 if place == "last" else letter.pdf.rindex(place.encode())
    assert said(db, changed(letter.pdf, at), used) == Standing.ALTERED


@pytest.mark.parametrize("variant", LetterVariant)
def test_one_byte_changed_makes_any_form_altered(
    db: Database, letter: RenderedLetter, used: SigningFiles | None, variant: LetterVariant
) -> None:
    content = letter.files[variant].content
    places = Random(7).sample(range(len(content)), 20)
    outside = [at for at in places if not within_the_code(content, at)]
    assert {said(db, changed(content, at), used) for at in outside} == {Standing.ALTERED}


def within_the_code(content: bytes, at: int) -> bool:
    """Whether a byte is part of the code or next to it: the text has it only once."""
    return any(found.start() - 1 <= at <= found.end() for found in re.finditer(CODE.encode(), content))


def test_a_byte_changed_in_the_code_itself_makes_it_altered(
    db: Database, letter: RenderedLetter, used: SigningFiles | None
) -> None:
    """The code stands in several places, not all in the clear: opening the file finds the others."""
    places = [found.start() + 3 for found in re.finditer(CODE.encode(), letter.pdf)]
    assert places
    for at in places:
        assert said(db, changed(letter.pdf, at), used) == Standing.ALTERED


def test_something_added_at_the_end_makes_it_altered(
    db: Database, letter: RenderedLetter, used: SigningFiles | None
) -> None:
    assert said(db, letter.pdf + b"\n", used) == Standing.ALTERED
    assert said(db, letter.pdf[:-200], used) == Standing.ALTERED


def test_a_letter_saved_anew_with_all_that_told_of_it_in_the_clear_gone_is_altered(
    db: Database, letter: RenderedLetter, used: SigningFiles | None
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
    assert said(db, saved.getvalue(), used) == Standing.ALTERED


def test_a_signed_letter_of_which_nothing_is_on_record_but_that_was_changed_is_altered(
    db: Database, signing: SigningFiles
) -> None:
    at = made(signing).pdf.index(b"stream") + 40
    assert said(db, changed(made(signing).pdf, at), signing) == Standing.ALTERED


# -- not ours --------------------------------------------------------------------------------------


def test_our_whole_signature_on_what_is_not_on_record_is_told_apart(
    db: Database, signing: SigningFiles
) -> None:
    """As when the database was restored from a backup that is older than the letter."""
    assert said(db, made(signing).pdf, signing) == Standing.NOT_ON_RECORD


def test_the_same_letter_signed_by_somebody_else_is_not_ours(
    db: Database, signing: SigningFiles, tmp_path: Path
) -> None:
    assert said(db, made(a_signer(tmp_path, "Registry")).pdf, signing) == Standing.NOT_OURS


def test_a_letter_with_our_code_signed_by_somebody_else_is_altered(
    db: Database, letter: RenderedLetter, tmp_path: Path
) -> None:
    assert said(db, made(a_signer(tmp_path)).pdf, None) == Standing.ALTERED


def bomb(pdf: pikepdf.Pdf) -> None:
    """A page whose content takes 400 MB when it is unpacked, and says so."""
    pdf.pages[0].Contents = pikepdf.Stream(pdf, zlib.compress(bytes(400_000_000), 9))
    pdf.pages[0].Contents.Filter = pikepdf.Name.FlateDecode


def name_fields_endlessly(pdf: pikepdf.Pdf) -> None:
    """A form field with ten fields, each of which has ten, and so on: ten thousand million in 2 KB."""
    field = pdf.make_indirect(pikepdf.Dictionary(T="a", FT=pikepdf.Name.Tx))
    for _ in range(10):
        field = pdf.make_indirect(pikepdf.Dictionary(T="a", Kids=pikepdf.Array([field] * 10)))
    pdf.Root.AcroForm = pikepdf.Dictionary(Fields=pikepdf.Array([field]))


def tell_endless_codes(pdf: pikepdf.Pdf) -> None:
    """Codes without end, which take 3 MB when they are unpacked."""
    pdf.docinfo["/Keywords"] = "ABCDEFGH23456789 BCDEFGH23456789A " * 100_000


@pytest.mark.parametrize(
    "content",
    [
        papers.pdf(),
        papers.pdf(change=papers.add_scripts),
        papers.pdf(change=bomb),
        papers.pdf(change=tell_endless_codes, object_stream_mode=pikepdf.ObjectStreamMode.generate),
        papers.pdf(encryption=pikepdf.Encryption(owner="a", user="b")),
        papers.photo(),
        b"%PDF-1.7\n%%EOF\n",
        b"%PDF-" + bytes(range(256)) * 400,
        b"%PDF-1.7\n" + b"[" * 200_000,
        b"MZ",
        CODE.encode(),
    ],
    ids=["pdf", "scripts", "bomb", "codes", "locked", "photo", "empty", "noise", "nested", "program", "code"],
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


def test_a_file_that_takes_too_long_is_given_up_and_says_nothing() -> None:
    """Takes a second: that is how long the kernel lets a process run at least."""
    with TemporaryFile() as file, TemporaryFile() as certificates:
        file.write(papers.pdf(change=name_fields_endlessly))
        file.seek(0)
        assert letter_evidence(file, certificates, seconds=0) == {"codes": [], "signature": None}


def test_when_another_file_is_looked_at_for_long_whoever_comes_is_told_so(sqlite_db: Database) -> None:
    with OF_LETTERS.one() as got, pytest.raises(Busy):
        assert got
        judge(sqlite_db, papers.pdf(), b"")


def test_a_letter_on_record_is_known_however_many_others_are_looked_at(
    sqlite_db: Database, signing: SigningFiles
) -> None:
    issue(sqlite_db, submit_birth(sqlite_db).case_id, made(signing))
    with OF_LETTERS.one():
        assert said(sqlite_db, made(signing).pdf, signing) == Standing.GENUINE
        assert said(sqlite_db, changed(made(signing).pdf, 9000), signing) == Standing.ALTERED


def test_one_who_waits_for_a_turn_doesnt_keep_it() -> None:
    with OF_LETTERS.one() as got:
        assert got
    with OF_LETTERS.one() as again:
        assert again
