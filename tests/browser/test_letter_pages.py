"""Letters read as pages, and checked by whoever holds one. On a web of its own, without shifts."""

from __future__ import annotations

import io
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pikepdf
import pytest
from playwright.sync_api import Browser
from sqlalchemy import select
from werkzeug.serving import make_server

from cases.actions import Submitted, decide
from cases.db import Database
from cases.files import FileKind, FileStore
from cases.models import JournalEntry, Letter
from cases.permissions import SYSTEM, Actor
from cases.pins import replace_pin
from cases.revisions import rewind
from cases.transaction import carry_out
from cases.vocabulary import Role
from config.settings import Settings, secret_key
from config.signing import SigningFiles, self_signed
from flows.platform.signing import LetterSigner
from tests.births import family, submit_birth
from tests.browser.people import Codes, follow
from tests.browser.person import DESK, NARROWEST, TABLET, Person
from tests.papers import pdf
from tests.web.backstage import advance_all, make_real_letters
from tests.web.conftest import PASSWORD, employ
from tests.web.site import Hands, Site
from web.app import create_app

pytestmark = [pytest.mark.browser]
MERE = Actor("mere", role="registrar", office="suva", full_name="Mere Tukana")
LITIA = Actor("litia", role=Role.CLERK, office="suva", full_name="Litia Vuki")
REASON = {"key": "evidence-missing", "text": "The hospital has no record of this birth."}


@dataclass
class House:
    """A web with its database, and what happens behind it."""

    site: Site
    address: str
    sign: LetterSigner

    @property
    def db(self) -> Database:
        """Its database."""
        return self.site.db

    @property
    def now(self) -> datetime:
        """What its clock says."""
        return self.site.clock()

    def work(self) -> None:
        """Advance every case, and issue every letter, signed."""
        advance_all(self.db, self.now)
        with ThreadPoolExecutor(1) as elsewhere:  # signing wants an event loop; this thread has the browser's
            elsewhere.submit(make_real_letters, self.db, self.site.settings, self.now, self.sign).result()

    def decided(self, language: str, outcome: str) -> Submitted:
        """A family that applied in a language, and whose application was decided so."""
        born = (self.now - timedelta(days=20)).date().isoformat()
        case = submit_birth(
            self.db,
            received_at=self.now,
            language=language,
            **family(f"pages {language}"),
            child_birth_date=born,
        )
        self.work()
        self.decide(case.case_id, outcome)
        return case

    def decide(self, case_id: int, outcome: str) -> None:
        """Let the registrar decide the open review."""
        mine = (JournalEntry.case_id == case_id) & (JournalEntry.status == "open")
        with self.db.read() as connection:
            step = connection.execute(
                select(JournalEntry).with_only_columns(JournalEntry.id, JournalEntry.digest).where(mine)
            ).one()
        carry_out(
            self.db,
            decide,
            step_id=step.id,
            outcome=outcome,
            reasons=[REASON] if outcome == "refuse" else [],
            actor=MERE,
            now=self.now,
            seen=step.digest,
        )
        self.work()

    def pin(self, case_id: int) -> str:
        """A new PIN for the family, as the counter gives it."""
        done = carry_out(
            self.db,
            replace_pin,
            case_id=case_id,
            actor=LITIA,
            now=self.now,
            identity="voter card",
            secret=secret_key(self.site.settings),
        )
        return done.pin

    def letters(self, case_id: int) -> list[int]:
        """The ids of a case's letters."""
        with self.db.read() as connection:
            return list(connection.execute(select(Letter.id).where(Letter.case_id == case_id)).scalars())

    def file(self, letter_id: int) -> bytes:
        """The PDF of a letter."""
        with self.db.read() as connection:
            digest = connection.execute(select(Letter.sha256).where(Letter.id == letter_id)).scalar_one()
        with FileStore(self.site.settings.home).open(FileKind.LETTER, digest or "") as file:
            return file.read()


@pytest.fixture
def house(sqlite_db: Database, tmp_path: Path) -> Iterator[House]:
    """A web that signs its letters."""
    pair = tmp_path / "pair.pem"
    pair.write_bytes(self_signed("Registry", now=datetime.now(UTC)))
    values = {"S2F_HOME": str(tmp_path / "home")}
    values |= {"S2F_SIGNING_KEY": str(pair), "S2F_SIGNING_CERTIFICATE": str(pair)}
    settings, hands = Settings.from_env(values), Hands(datetime.now(UTC))
    app = create_app(settings, sqlite_db)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    address = f"http://127.0.0.1:{server.server_port}"
    yield House(Site(app, sqlite_db, settings, hands), address, LetterSigner(SigningFiles(pair, pair)))
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def come(chromium: Browser, house: House, seen: Path) -> Iterator[Callable[[], Person]]:
    """Makes people with a browser each, who look closely at every page."""
    people: list[Person] = []

    def somebody() -> Person:
        people.append(Person(chromium, house.address, seen))
        return people[-1]

    yield somebody
    for each in people:
        each.leave()


@pytest.mark.parametrize(
    ("language", "outcome", "words"),
    [
        ("en", "register", "Certificate of birth registration"),
        ("fj", "register", "Ivola ni volai ni sucu"),
        ("hif", "refuse", "रजिस्टर नहीं करा"),
    ],
)
def test_a_letter_is_a_page_that_everybody_can_read(
    house: House, come: Callable[[], Person], language: str, outcome: str, words: str
) -> None:
    case = house.decided(language, outcome)
    reader = come()
    follow(reader, Codes(case.reference, house.pin(case.case_id)))
    [letter] = house.letters(case.case_id)
    reader.go(f"/track/letters/{letter}")
    assert words in reader.words()
    article = reader.page.locator("article.s2f-letter")
    assert article.get_attribute("lang") == language
    assert article.get_by_role("rowheader").count() == article.locator("tr").count() > 4
    assert article.get_by_role("img").get_attribute("aria-label")
    for width in (NARROWEST, TABLET, DESK):
        reader.page.set_viewport_size({"width": width, "height": 900})
        code = article.get_by_role("img").bounding_box()
        assert code and code["x"] >= 0 and code["x"] + code["width"] <= width and code["width"] > 90


def test_whoever_holds_a_letter_learns_whether_it_is_genuine_replaced_altered_or_not_ours(
    house: House, come: Callable[[], Person]
) -> None:
    case = house.decided("en", "register")
    [first] = house.letters(case.case_id)
    issued = house.file(first)
    stranger = come()

    def says(content: bytes, heading: str) -> None:
        stranger.go("/verify")
        stranger.page.set_input_files(
            "#letter", {"name": "letter.pdf", "mimeType": "application/pdf", "buffer": content}
        )
        stranger.press("Check the file")
        assert stranger.page.locator("h1").inner_text() == heading
        assert case.reference not in stranger.words() and "Losalini" not in stranger.words()

    stranger.go("/verify")
    stranger.press("Check the file")
    assert "Choose the file of the letter" in stranger.words()
    says(issued, "This letter is genuine")
    at = len(issued) // 2
    says(issued[:at] + bytes([issued[at] ^ 1]) + issued[at + 1 :], "This file is not as we issued it")
    says(pdf(), "This is not a letter of ours")

    carry_out(
        house.db,
        rewind,
        case_id=case.case_id,
        to_key="review",
        reason="A name is misspelt.",
        actor=SYSTEM,
        now=house.now,
    )
    says(issued, "This letter is no longer valid")
    house.work()
    house.decide(case.case_id, "register")
    [_, second] = house.letters(case.case_id)
    says(issued, "This letter has been replaced")
    says(house.file(second), "This letter is genuine")

    with pikepdf.open(io.BytesIO(house.file(second))) as opened:
        code = str(opened.docinfo["/Keywords"])
    stranger.go(f"/verify/{code}")
    assert stranger.page.locator("h1").inner_text() == "This letter is genuine"
    stranger.go("/verify/ABCDEFGHJKLM2345")
    assert "We did not issue a letter with this code" in stranger.words()


def test_whoever_writes_templates_sees_every_form_in_every_language_side_by_side(
    house: House, come: Callable[[], Person]
) -> None:
    employ(house.site, "adi", Role.ADMINISTRATOR, office=None)
    adi = come()
    adi.go("/staff")
    adi.fill_in({"username": "adi", "password": PASSWORD})
    adi.press("Sign in")
    adi.go("/staff/letter-templates")
    adi.page.locator('a[href$="/birth_registration/certificate"]').click()
    adi.look()
    pictures = adi.page.locator("main img")
    assert pictures.count() >= 3 * 3
    pictures.last.scroll_into_view_if_needed()
    assert pictures.last.evaluate("picture => picture.decode().then(() => picture.naturalWidth)") > 700
    assert adi.page.locator('main pre[lang="hif"]').inner_text().startswith("जनम")
