"""A registrar works without leaving the keyboard, and loses no word. On a web of its own, without shifts."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from werkzeug.serving import make_server

from cases.db import Database
from config.settings import Settings
from tests.births import family, submit_birth
from tests.web.backstage import advance_all
from tests.web.conftest import PASSWORD, employ
from tests.web.site import Hands, Site
from web.app import create_app

pytestmark = [pytest.mark.browser]
QUESTION = "Which hospital was it? Say j, k or 1."


@dataclass
class Desk:
    """A registrar's screen, and where the site is."""

    page: Page
    address: str

    def press(self, *keys: str) -> None:
        """Press keys one after another."""
        for key in keys:
            self.page.keyboard.press(key)

    def go_by(self, key: str) -> None:
        """Press a key that leads to another page."""
        with self.page.expect_navigation():
            self.page.keyboard.press(key)

    def focused(self) -> str:
        """Return the words of what has the focus."""
        words: str = self.page.locator(":focus").inner_text()
        return words


@pytest.fixture
def site(sqlite_db: Database, tmp_path: Path) -> Iterator[tuple[Site, str]]:
    """A site with three births that wait for the registrar, and its address."""
    settings = Settings.from_env({"S2F_HOME": str(tmp_path / "home")})
    hands = Hands(datetime.now(UTC))
    site = Site(create_app(settings, sqlite_db), sqlite_db, settings, hands)
    born = {"child_birth_date": (hands.at - timedelta(days=20)).date().isoformat()}
    for number in range(3):
        submit_birth(sqlite_db, received_at=hands.at, **family(f"keys {number}"), **born)
    advance_all(sqlite_db, hands.at)
    employ(site, "mere", "registrar")
    server = make_server("127.0.0.1", 0, site.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield site, f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def desk(chromium: Browser, site: tuple[Site, str]) -> Iterator[Desk]:
    """Mere's screen, showing her inbox."""
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    context.set_default_timeout(20_000)
    page, complaints = context.new_page(), []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    page.goto(f"{site[1]}/staff/sign-in")
    page.fill("#username", "mere")
    page.fill("#password", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/staff/inbox")
    yield Desk(page, site[1])
    context.close()
    assert complaints == []


def ask(desk: Desk) -> None:
    """Open the first task, take it, and choose to ask the family."""
    desk.press("j")
    desk.go_by("Enter")
    desk.go_by("c")
    key = desk.page.get_by_role("button", name="Ask the family a question").get_attribute("data-key")
    assert key
    desk.go_by(key)
    desk.press("w")


def test_from_the_inbox_to_a_decision_and_the_next_task_with_keys_alone(desk: Desk) -> None:
    expect(desk.page.locator("[data-row]")).to_have_count(3)
    references = desk.page.locator("[data-row]").all_inner_texts()
    desk.press("j", "j")
    assert desk.focused() == references[1]
    desk.press("k")
    assert desk.focused() == references[0]
    ask(desk)
    desk.page.keyboard.type(QUESTION)
    assert desk.page.locator("#question").input_value() == QUESTION
    desk.go_by("Control+Enter")
    assert "Your decision is taken" in desk.page.locator("main").inner_text()
    desk.go_by("n")
    assert desk.page.locator("h1").inner_text() == references[0]


def test_words_are_kept_while_typing_and_stand_there_again(desk: Desk) -> None:
    ask(desk)
    desk.page.keyboard.type(QUESTION)
    expect(desk.page.locator("[data-kept]")).to_contain_text("Saved")
    desk.page.reload()
    assert desk.page.locator("#question").input_value() == QUESTION


def test_words_are_kept_when_the_page_is_left_at_once(desk: Desk) -> None:
    ask(desk)
    desk.page.keyboard.type(QUESTION)
    back = desk.page.url
    desk.page.goto(f"{desk.address}/staff/inbox")
    expect(desk.page.locator("h1")).to_have_text("Inbox")
    desk.page.wait_for_load_state("networkidle")
    desk.page.goto(back)
    assert desk.page.locator("#question").input_value() == QUESTION


def test_escape_leaves_a_field_so_that_keys_count_again(desk: Desk) -> None:
    ask(desk)
    desk.press("i")
    assert desk.page.locator("#question").input_value() == "i"
    desk.press("Escape")
    desk.go_by("i")
    assert desk.page.url.endswith("/staff/inbox")


def test_keys_that_are_switched_off_do_nothing(desk: Desk) -> None:
    desk.go_by("?")
    with desk.page.expect_navigation():
        desk.page.get_by_role("button", name="Switch them off").click()
    desk.page.goto(f"{desk.address}/staff/inbox")
    desk.press("j", "i", "?")
    assert desk.page.locator("[data-row]:focus").count() == 0
    assert desk.page.url.endswith("/staff/inbox")


def test_the_first_tab_leads_past_the_navigation_and_on_a_case_to_its_task(desk: Desk) -> None:
    desk.press("j")
    desk.go_by("Enter")
    desk.press("Tab")
    assert desk.focused() == "Skip to main content"
    desk.press("Tab")
    assert desk.focused() == "Skip to the task"
    desk.press("Enter", "Tab")
    assert desk.focused() == "Why this date?"  # the date by which it is due
    desk.press("Tab")
    assert desk.focused() == "Take this task"
