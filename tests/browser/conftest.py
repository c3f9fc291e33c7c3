"""A running platform, Chromium, and people who use them."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser.people import sign_in
from tests.browser.person import Person
from tests.browser.running import Running, running

SWITCHES = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
NewPerson = Callable[..., Person]


@pytest.fixture(scope="session")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A platform that was started on an empty home."""
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
def seen(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that knows the pages somebody has looked at, in whichever process of these tests."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "seen"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def signed_in() -> dict[tuple[str, bool], Any]:
    """The cookies of officers who have signed in once: nobody types a password for each test."""
    return {}


@pytest.fixture
def person(chromium: Browser, platform: Running, seen: Path) -> Iterator[NewPerson]:
    """Makes people with a browser each; at the end, nothing may have been amiss on any page they saw."""
    people: list[Person] = []

    def come(**named: Any) -> Person:
        people.append(Person(chromium, platform.address, seen, **named))
        return people[-1]

    yield come
    for each in people:
        each.leave()


@pytest.fixture
def officer(person: NewPerson, signed_in: dict[tuple[str, bool], Any]) -> NewPerson:
    """Makes officers of the demonstration who are signed in, by username."""

    def come(username: str, *, scripts: bool = True) -> Person:
        state = signed_in.get((username, scripts))
        somebody = person(scripts=scripts, state=state)
        if state is None:
            sign_in(somebody, username)
            signed_in[username, scripts] = somebody.context.storage_state()
        return somebody

    return come


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    """Where a downloaded letter is saved."""
    return tmp_path / "letter.pdf"
