"""Somebody at a browser who also looks: every page is checked for access, width and errors of scripts."""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, ConsoleMessage, Page

AXE = Path(__file__).resolve().parents[2] / "node_modules" / "axe-core" / "axe.min.js"
WIDTHS = (360, 1280)
EFFECT_WITHIN = 60.0
SCREENSHOTS = os.environ.get("S2F_TEST_SCREENSHOTS")
_FINDINGS = "axe.run().then(r => JSON.stringify(r.violations.map(v => [v.id, v.nodes.map(n => n.html)])))"
_SIDEWAYS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


class Person:
    """One person with a browser of their own. With `scripts=False` their browser runs none."""

    def __init__(self, browser: Browser, address: str, seen: set[str], *, scripts: bool = True) -> None:
        """seen: which pages anybody has looked at before; those are not looked at again."""
        self._address = address
        self._seen = seen
        self._context = browser.new_context(java_script_enabled=scripts, accept_downloads=True)
        self._scripts = scripts
        self.page: Page = self._context.new_page()
        self.page.set_default_timeout(20_000)
        self.complaints: list[str] = []
        self.looked_at: list[str] = []
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _hear(self, message: ConsoleMessage) -> None:
        # The browser itself notes a 4xx answer, which a page with a mistake in it is.
        if message.type == "error" and "status of 4" not in message.text:
            self.complaints.append(message.text)

    def go(self, path: str) -> None:
        """Open a page and look at it."""
        self.page.goto(self._address + path)
        self.look()

    def press(self, name: str) -> None:
        """Press the button or follow the link of this name, and look at the page it leads to."""
        target = self.page.locator("main").get_by_role("button", name=name, exact=True)
        if not target.count():
            target = self.page.get_by_role("link", name=name, exact=True)
        with self.page.expect_navigation():
            target.first.click()
        self.look()

    def fill_in(self, fields: Mapping[str, str | list[str]]) -> None:
        """Fill in inputs by name: text, an option, one or several boxes."""
        for name, value in fields.items():
            for each in value if isinstance(value, list) else [value]:
                self._fill(name, each)

    def _fill(self, name: str, value: str) -> None:
        found = self.page.locator(f'[name="{name}"]')
        kind = found.first.get_attribute("type")
        if kind in ("radio", "checkbox"):
            self.page.locator(f'[name="{name}"][value="{value}"]').check()
        elif found.first.evaluate("input => input.tagName") == "SELECT":
            found.select_option(value)
        else:
            found.fill(value)

    def words(self) -> str:
        """Return the words of the page's main part."""
        return re.sub(r"\s+", " ", self.page.locator("main").inner_text())

    def wait_for(self, words: str) -> None:
        """Load the page again until it says `words`: what was sent has had its effect."""
        until = time.monotonic() + EFFECT_WITHIN
        while words not in self.words():
            assert time.monotonic() < until, f"{self.page.url} doesn't say {words!r}:\n{self.words()}"
            self.page.wait_for_timeout(250)
            self.page.reload()
        self.look()

    def download(self, name: str, to: Path) -> Path:
        """Follow a link that is a file, and return where it was saved."""
        with self.page.expect_download() as download:
            self.page.get_by_role("link", name=re.compile(name)).first.click()
        download.value.save_as(to)
        return to

    def look(self) -> None:
        """Look at the page on a phone and on a desk; note what somebody would stumble on."""
        self.page.wait_for_load_state("load")
        kind = f"{self.page.url} {self.page.title()} {self.words()}"
        kind = re.sub(r"[A-Z]{2}(-[A-Z0-9]{3}){3}|[0-9]+", "", kind)  # the same but for a reference or a date
        self.looked_at.append(self.page.url)
        if kind in self._seen:
            return
        if self._scripts:  # without scripts there is no axe: somebody else has yet to look
            self._seen.add(kind)
        for width in WIDTHS:
            self.page.set_viewport_size({"width": width, "height": 900})
            where = f"{self.page.url} at {width} px"
            if self._scripts:
                self._check(where)
            if SCREENSHOTS:
                name = re.sub(r"\W+", "-", self.page.url.partition("//")[2].partition("/")[2]) or "home"
                file = f"{len(self._seen):03}-{name[:60]}-{width}.png"
                self.page.screenshot(path=Path(SCREENSHOTS) / file, full_page=True)

    def _check(self, where: str) -> None:
        """Run axe through the debugger, which the page's own policy doesn't bind."""
        debugger = self._context.new_cdp_session(self.page)
        try:
            debugger.send("Runtime.evaluate", {"expression": AXE.read_text()})
            findings = self._value(debugger, _FINDINGS)
            sideways = self._value(debugger, _SIDEWAYS)
        finally:
            debugger.detach()
        for rule, nodes in json.loads(findings):
            self.complaints.append(f"{where}: {rule}: {nodes[:2]}")
        if sideways > 0:
            self.complaints.append(f"{where}: {sideways} px wider than the screen")

    @staticmethod
    def _value(debugger: Any, expression: str) -> Any:
        asked = {"expression": expression, "awaitPromise": True, "returnByValue": True}
        return debugger.send("Runtime.evaluate", asked)["result"]["value"]

    def leave(self) -> None:
        """Close the browser; fail if anything was amiss on any page."""
        self._context.close()
        assert self.looked_at, "this person saw no page"
        assert not self.complaints, "\n".join(self.complaints)
