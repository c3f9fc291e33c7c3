"""Officers who decide over HTTP: each client signs in once, and then sends the form of each decision."""

from __future__ import annotations

import http.client
import re
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from urllib.parse import urlencode

from benchmarks.running import PASSWORD, USERNAME
from cases.db import Database

TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@dataclass(frozen=True, slots=True)
class Sent:
    """A decision to be sent to the web at `host`."""

    host: str
    step_id: int
    outcome: str
    digest: str


_free: SimpleQueue[Officer] = SimpleQueue()  # signed in, and not sending just now


def decide_over_http(_db: Database, item: Sent) -> None:
    """Send a decision and wait for its acknowledgement. Raises RuntimeError when it isn't taken."""
    try:
        officer = _free.get_nowait()
    except Empty:
        officer = Officer(item.host)
    path = f"/staff/tasks/{item.step_id}/decide/{item.outcome}"
    status, words = officer.send(path, {"seen": item.digest})
    if status != http.client.FOUND:
        raise RuntimeError(f"the web answered {status} to a decision: {words[:300]}")
    _free.put(officer)


class Officer:
    """A browser without pages: a connection that is kept, cookies, and the token that forms need."""

    def __init__(self, host: str) -> None:
        self._connection = http.client.HTTPConnection(host, timeout=30)
        self._cookies: dict[str, str] = {}
        self._token = ""
        self._refresh_token("/staff/sign-in")
        status, words = self.send("/staff/sign-in", {"username": USERNAME, "password": PASSWORD})
        if status != http.client.FOUND:
            raise RuntimeError(f"the web answered {status} to a sign-in: {words[:300]}")
        self._refresh_token("/staff/inbox")

    def send(self, path: str, fields: dict[str, str]) -> tuple[int, str]:
        """Send a form; return status and page."""
        return self._ask("POST", path, urlencode(fields | {"csrf_token": self._token}))

    def _refresh_token(self, path: str) -> None:
        status, page = self._ask("GET", path, None)
        found = TOKEN.search(page)
        if status != http.client.OK or not found:
            raise RuntimeError(f"{path}: status {status}, token {'found' if found else 'missing'}")
        self._token = found[1]

    def _ask(self, method: str, path: str, body: str | None, tries: int = 2) -> tuple[int, str]:
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self._cookies.items())}
        try:
            self._connection.request(method, path, body, headers | (FORM if body else {}))
            response = self._connection.getresponse()
        except (http.client.RemoteDisconnected, ConnectionError):  # the server ends idle connections
            self._connection.close()
            if tries == 1:
                raise
            return self._ask(method, path, body, tries - 1)
        page = response.read().decode()
        for cookie in response.headers.get_all("Set-Cookie") or ():
            name, _, value = cookie.partition(";")[0].partition("=")
            self._cookies[name] = value
        return response.status, page
