"""Somebody at a browser who also looks: every page is checked for access, width and errors of scripts."""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Callable, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Locator, Page

from config.languages import translations
from tests.browser.leftovers import unmarked

AXE = (Path(__file__).resolve().parents[2] / "node_modules" / "axe-core" / "axe.min.js").read_text()
NARROWEST, PHONE, TABLET, DESK = 320, 360, 768, 1280
EFFECT_WITHIN = 60.0
SCREENSHOTS = os.environ.get("S2F_TEST_SCREENSHOTS")
_FINDINGS = "axe.run().then(r => JSON.stringify(r.violations.map(v => [v.id, v.nodes.map(n => n.html)])))"
_SIDEWAYS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
_BUILD = """[document.documentElement.lang, ...new Set([...document.body.querySelectorAll("*")].map(e =>
    e.parentElement.tagName + ">" + e.tagName + "." + e.className + (e.hidden ? "-" : "")))].join(" ")"""
_OF_ONE_CASE = r"\b[A-Z]{2}(-[A-Z0-9]{3}){3}\b|[0-9]+"


class Person:
    """One person with a browser of their own. With `scripts=False` their browser runs none."""

    def __init__(
        self, browser: Browser, address: str, seen: Path, *, scripts: bool = True, state: Any = None
    ) -> None:
        """seen: a folder that knows which pages anybody has looked at. state: cookies to begin with."""
        self.address = address
        self._seen = seen
        self.context: BrowserContext = browser.new_context(
            java_script_enabled=scripts, accept_downloads=True, storage_state=state
        )
        self.context.set_default_timeout(20_000)
        self._scripts = scripts
        self.language = "en"
        self.complaints: list[str] = []
        self.looked_at: list[str] = []
        self.page: Page = self.another_tab()

    def another_tab(self) -> Page:
        """Open a tab, which is listened to as well; `page` stays the one this person looks at."""
        tab = self.context.new_page()
        tab.on("console", self._hear)
        tab.on("pageerror", lambda error: self.complaints.append(str(error)))
        return tab

    def _hear(self, message: ConsoleMessage) -> None:
        # The browser itself notes a 4xx answer, which a page with a mistake in it is.
        if message.type == "error" and "status of 4" not in message.text:
            self.complaints.append(message.text)

    # -- doing -----------------------------------------------------------------------------------------

    def go(self, path: str) -> None:
        """Open a page and look at it."""
        self.page.goto(self.address + path)
        self.look()

    def speak(self, language: str, *, then: str) -> None:
        """Choose the language of the pages, and open one; from now on `press` knows it too."""
        self.language = language
        self.go(f"/language/{language}?next={then}")

    def press(self, name: str) -> None:
        """Press the button or follow the link of this (English) name, and look at the page it leads to."""
        with self.page.expect_navigation():
            self.target(name).click()
        self.look()

    def target(self, name: str) -> Locator:
        """Return the button or link of this name."""
        said = translations(self.language, "s2f").gettext(name)
        button = self.page.locator("main").get_by_role("button", name=said, exact=True)
        link = self.page.get_by_role("link", name=said, exact=True)
        return (button if button.count() else link).first

    def fill_in(self, fields: Mapping[str, str | list[str]]) -> None:
        """Fill in inputs by name: text, an option, one or several boxes, the path of a file."""
        for name, value in fields.items():
            for each in value if isinstance(value, list) else [value]:
                self._fill(name, each)

    def _fill(self, name: str, value: str) -> None:
        found = self.page.locator(f'[name="{name}"]')
        kind = found.first.get_attribute("type")
        if kind in ("radio", "checkbox"):
            self.page.locator(f'[name="{name}"][value="{value}"]').check()
        elif kind == "file":
            found.set_input_files(value)
        elif found.first.evaluate("input => input.tagName") == "SELECT":
            found.select_option(value)
        else:
            found.fill(value)

    # -- reading ---------------------------------------------------------------------------------------

    def words(self) -> str:
        """Return the words of the page's main part."""
        return re.sub(r"\s+", " ", self.page.locator("main").inner_text())

    def wait_for(self, words: str) -> None:
        """Load the page again until it says `words`: what was sent has had its effect."""
        self.wait_until(lambda: words in self.words(), f"says {words!r}")

    def wait_until(self, holds: Callable[[], bool], what: str) -> None:
        """Load the page again until something holds of it. what: in words, for the failure."""
        until = time.monotonic() + EFFECT_WITHIN
        while not holds():
            assert time.monotonic() < until, f"{self.page.url} never {what}:\n{self.words()}"
            self.page.wait_for_timeout(250)
            self.page.reload()
        self.look()

    # -- looking ---------------------------------------------------------------------------------------

    def look(self) -> None:
        """Look at the page on a phone and on a desk; note what somebody would stumble on."""
        self.page.wait_for_load_state("load")
        self.looked_at.append(self.page.url)
        self._check_width(NARROWEST)
        self.complaints += unmarked(self.page, self.language)
        if self._is_new():
            self._look_closely()
        self.page.set_viewport_size({"width": DESK, "height": 900})

    def _is_new(self) -> bool:
        """Whether nobody has seen a page that is built like this one; from now on somebody has."""
        place = re.sub(_OF_ONE_CASE, "", self.page.url.partition("?")[0].removeprefix(self.address))
        build = f"{place} {self._scripts} {self.page.evaluate(_BUILD)}"
        try:
            (self._seen / sha256(build.encode()).hexdigest()).touch(exist_ok=False)
        except FileExistsError:
            return False
        return True

    def _look_closely(self) -> None:
        if self._scripts:
            self._check_access()
        if SCREENSHOTS:
            name = re.sub(r"\W+", "-", self.page.url.partition("//")[2].partition("/")[2]) or "home"
            number = sum(1 for _ in self._seen.iterdir())
            for width in (NARROWEST, TABLET, DESK):
                self.page.set_viewport_size({"width": width, "height": 900})
                file = f"{number:03}-{os.getpid()}-{name[:60]}-{width}.png"
                self.page.screenshot(path=Path(SCREENSHOTS) / file, full_page=True)

    def _check_width(self, width: int) -> None:
        self.page.set_viewport_size({"width": width, "height": 900})
        sideways = self.page.evaluate(_SIDEWAYS)
        if sideways > 0:
            self.complaints.append(f"{self.page.url} at {width} px: {sideways} px wider than the screen")

    def _check_access(self) -> None:
        """Run axe through the debugger, which the page's own policy doesn't bind."""
        debugger = self.context.new_cdp_session(self.page)
        try:
            debugger.send("Runtime.evaluate", {"expression": AXE})
            for width in (PHONE, DESK):
                self._check_width(width)
                for rule, nodes in json.loads(self._value(debugger, _FINDINGS)):
                    self.complaints.append(f"{self.page.url} at {width} px: {rule}: {nodes[:2]}")
        finally:
            debugger.detach()

    @staticmethod
    def _value(debugger: Any, expression: str) -> Any:
        asked = {"expression": expression, "awaitPromise": True, "returnByValue": True}
        return debugger.send("Runtime.evaluate", asked)["result"]["value"]

    def leave(self) -> None:
        """Close the browser; fail if anything was amiss on any page."""
        self.context.close()
        assert self.looked_at, "this person saw no page"
        assert not self.complaints, "\n".join(self.complaints)
