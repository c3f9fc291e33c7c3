"""A running platform, Chromium, and people who use them."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser.person import Person
from tests.browser.running import running

SWITCHES = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
NewPerson = Callable[..., Person]


@pytest.fixture(scope="session")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a platform that was started on an empty home."""
    with running(tmp_path_factory.mktemp("home")) as found:
        yield found


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The machine's Chromium, or the one that Playwright installed."""
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=SWITCHES)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def seen() -> set[str]:
    """The pages that somebody has looked at."""
    return set()


@pytest.fixture
def person(chromium: Browser, address: str, seen: set[str]) -> Iterator[NewPerson]:
    """Makes people with a browser each; at the end, nothing may have been amiss on any page they saw."""
    people: list[Person] = []

    def come(**named: bool) -> Person:
        people.append(Person(chromium, address, seen, **named))
        return people[-1]

    yield come
    for each in people:
        each.leave()


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    """Where a downloaded letter is saved."""
    return tmp_path / "letter.pdf"
