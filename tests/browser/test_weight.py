"""What a citizen's pages weigh on the network, as Chromium counts it from the running server: headers and
body as they were sent, of the page and all that it loads."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.running import web_alone
from tests.web.site import TYPED

pytestmark = pytest.mark.browser

FIRST, LATER = 30_000, 5_000
START = "/services/birth-registration"


class Scale:
    """Weighs what a browser of its own, with an empty cache, loads."""

    def __init__(self, browser: Browser, address: str) -> None:
        self._address = address
        self._context = browser.new_context()
        self.page: Page = self._context.new_page()
        debugger = self._context.new_cdp_session(self.page)
        debugger.send("Network.enable")
        debugger.on("Network.loadingFinished", lambda event: self._add(event["encodedDataLength"]))
        self._bytes = 0.0

    def _add(self, length: float) -> None:
        self._bytes += length

    def weigh(self) -> int:
        """Return what was loaded since the last weighing."""
        self.page.wait_for_load_state("networkidle")
        weight, self._bytes = int(self._bytes), 0.0
        return weight

    def go(self, path: str) -> int:
        """Open a page; return its weight."""
        self.page.goto(self._address + path)
        return self.weigh()

    def send(self) -> int:
        """Press the main button of the page; return the weight of where it leads."""
        with self.page.expect_navigation():
            self.page.locator("main form .govuk-button:not(.govuk-button--secondary)").first.click()
        return self.weigh()

    def leave(self) -> None:
        """Close the browser."""
        self._context.close()


@pytest.fixture(scope="module")
def web(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the web on an empty database."""
    home = tmp_path_factory.mktemp("home")
    shutil.copy(sqlite_template, home / "s2f.db")
    with web_alone(home) as address:
        yield address


@pytest.fixture
def scale(chromium: Browser, web: str) -> Iterator[Scale]:
    """A browser that has never been here."""
    found = Scale(chromium, web)
    yield found
    found.leave()


@pytest.mark.parametrize("language", ["en", "fj", "hif"])
@pytest.mark.parametrize("path", ["/", START, "/track"])
def test_a_first_page_and_all_it_loads_weighs_at_most_30_kilobytes(
    scale: Scale, path: str, language: str
) -> None:
    scale.page.goto(scale._address + "/health")
    scale._context.add_cookies([{"name": "s2f-language", "value": language, "url": scale._address}])
    scale.weigh()
    assert 5_000 < scale.go(path) <= FIRST


@pytest.mark.parametrize("language", ["en", "hif"])
def test_every_later_page_weighs_at_most_5_kilobytes(scale: Scale, language: str) -> None:
    scale._context.add_cookies([{"name": "s2f-language", "value": language, "url": scale._address}])
    scale.go("/")
    weights = {START: scale.go(START), "begin": scale.go("/apply/birth-registration")}
    for page, fields in (TYPED | {"child-birth": TYPED["child-birth"] | born_lately()}).items():
        for name, value in fields.items():
            _fill(scale.page, name, value)
        weights[f"after {page}"] = scale.send()
    _fill(scale.page, "office", "suva")
    weights["check"] = scale.send()
    weights["sent"] = scale.send()
    for path in ("/track", "/track/lost-pin", "/come-back", "/verify"):
        weights[path] = scale.go(path)
    assert max(weights.values()) <= LATER, weights


def born_lately() -> dict[str, str]:
    """Return what a family types for a birth three weeks ago."""
    day = datetime.now(UTC).date() - timedelta(days=21)
    parts = {"day": day.day, "month": day.month, "year": day.year}
    return {f"child_birth_date-{part}": str(number) for part, number in parts.items()}


def _fill(page: Page, name: str, value: str | list[str]) -> None:
    for each in value if isinstance(value, list) else [value]:
        found = page.locator(f'[name="{name}"]')
        if found.first.get_attribute("type") in ("radio", "checkbox"):
            page.locator(f'[name="{name}"][value="{each}"]').check()
        elif found.first.evaluate("input => input.tagName") == "SELECT":
            found.select_option(each)
        else:
            found.fill(each)
