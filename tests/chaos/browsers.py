"""People at browsers while the web is killed: families who apply, an officer who decides, all over HTTP.

A request that fails is sent again, as people do. What was acknowledged goes into the ledger.
"""

from __future__ import annotations

import re
import threading
import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from tests.births import family
from tests.chaos.ledger import Line, Pen
from tests.chaos.records import execute
from tests.web.site import APPLY, TYPED

TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
CODE = re.compile(r'<dd class="s2f-code">([^<]+)</dd>')
PAUSE = 0.2
OPEN = (
    "SELECT j.id, j.key, j.digest, c.reference FROM journal j JOIN cases c ON c.id = j.case_id"
    " WHERE j.status = 'open' AND j.kind = 'approval' AND c.channel = 'web' AND c.reference IN ({})"
)


class Browser:
    """A browser that tries again while nobody answers, until `stop` is set."""

    def __init__(self, address: str, stop: threading.Event) -> None:
        self._client = httpx.Client(base_url=address, timeout=20)
        self._stop = stop

    def ask(self, method: str, path: str, fields: dict[str, Any] | None = None) -> httpx.Response:
        """Return the answer to a request, sending it again when the connection broke or the web was ill."""
        while True:
            try:
                response = self._client.request(method, path, data=fields)
                if response.status_code < 500:
                    return response
            except httpx.TransportError:
                pass
            if self._stop.wait(PAUSE):
                raise TimeoutError(path)

    def send(self, path: str, fields: dict[str, Any], page: str | None = None) -> httpx.Response:
        """Send a form with the token of its page."""
        found = TOKEN.search(self.ask("GET", page or path).text)
        assert found, f"{page or path} has no form"
        return self.ask("POST", path, {"csrf_token": found[1], **fields})


def apply(address: str, number: int, stop: threading.Event) -> str:
    """Apply as one family, sending twice what may not have arrived; return the reference."""
    browser = Browser(address, stop)
    names = family(f"family {number}")
    own = {
        "child-name": {"child_name": names["child_name"]},
        "mother": TYPED["mother"] | {"mother_name": names["mother_name"]},
        "papers": {
            "notification_number": names["notification_number"],
            "documents": ["photo_id", "notification"],
        },
    }
    born = (datetime.now(UTC) - timedelta(days=20)).date()  # a late registration would be asked more
    day = {"child_birth_date-day": born.day, "child_birth_date-month": born.month}
    child = TYPED["child-birth"] | day | {"child_birth_date-year": born.year}
    for page, fields in (TYPED | own | {"child-birth": child}).items():
        response = browser.send(f"{APPLY}/questions/{page}", dict(fields))
        assert response.status_code == httpx.codes.FOUND, (page, response.text[-2000:])
    browser.send(f"{APPLY}/office", {"office": "suva"})
    while True:
        token = TOKEN.search(browser.ask("GET", f"{APPLY}/check").text)
        if token:  # else an earlier try arrived after all
            browser.ask("POST", f"{APPLY}/check", {"csrf_token": token[1]})
        codes = CODE.findall(browser.ask("GET", f"{APPLY}/sent").text)
        if codes:
            return str(codes[0])


class Street:
    """Families who apply one after the other, and the officer who decides what they sent."""

    def __init__(self, url: str, home: Path, address: str, families: int) -> None:
        self.url, self.home, self.address, self.families = url, home, address, families
        self.references: list[str] = []
        self.failures: list[str] = []
        self.decided: set[str] = set()
        self._stop = threading.Event()
        self._threads = [
            threading.Thread(target=self._guard, args=(work,)) for work in (self._apply, self._decide)
        ]

    def __enter__(self) -> Street:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def is_done(self) -> bool:
        """Whether every family's application is decided."""
        return len(self.decided) == self.families or bool(self.failures)

    def _guard(self, work: Any) -> None:
        try:
            work()
        except Exception as error:
            if not self._stop.is_set():
                self.failures.append(f"{type(error).__name__}: {error}")

    def _apply(self) -> None:
        pen = Pen(self.home, "families")
        for number in range(self.families):
            reference = apply(self.address, number, self._stop)
            (case,) = execute(self.url, f"SELECT client_key FROM cases WHERE reference = '{reference}'")
            pen.write(Line("submit", case["client_key"], sure=True, reference=reference))
            self.references.append(reference)

    def _decide(self) -> None:
        pen, browser = Pen(self.home, "officer"), Browser(self.address, self._stop)
        browser.send("/staff/sign-in", {"username": "bench", "password": "a registrar at a browser"})
        while len(self.decided) < self.families and not self._stop.wait(PAUSE):
            waiting = [reference for reference in self.references if reference not in self.decided]
            if waiting:
                listed = ", ".join(f"'{reference}'" for reference in waiting)
                for task in execute(self.url, OPEN.format(listed)):
                    self._decide_one(pen, browser, task)

    def _decide_one(self, pen: Pen, browser: Browser, task: Any) -> None:
        line = Line("decide", uuid.uuid4().hex, False, task["reference"], task["key"], "register")
        pen.write(line)
        path = f"/staff/tasks/{task['id']}/decide/register"
        answer = browser.send(path, {"seen": task["digest"], "note": line.token}, page="/staff/inbox")
        if answer.status_code == httpx.codes.FOUND:
            pen.write(replace(line, sure=True))
        if answer.status_code in (httpx.codes.FOUND, httpx.codes.CONFLICT):
            self.decided.add(task["reference"])  # by this click, or by the one whose answer was lost
