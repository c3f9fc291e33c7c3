"""A browser without a browser: pages fetched and forms sent through Flask's test client."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from html import unescape
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from cases.db import Database
from config.settings import Settings

SERVICE = "birth-registration"
APPLY = f"/apply/{SERVICE}"
TYPED: dict[str, dict[str, Any]] = {
    "child-name": {"child_name": "Losalini Tikoisuva"},
    "child-birth": {
        "child_birth_date-day": "20",
        "child_birth_date-month": "4",
        "child_birth_date-year": "2026",
        "child_sex": "female",
        "birth_type": "single",
    },
    "birth-place": {"birth_place_kind": "hospital", "birth_province": "Naitasiri"},
    "birth-details": {"birth_facility": "Vunidawa Hospital", "attendant": "midwife"},
    "mother": {
        "mother_name": "Ana Tikoisuva",
        "mother_birth_date-day": "11",
        "mother_birth_date-month": "2",
        "mother_birth_date-year": "1996",
        "mother_nationality": "FJ",
    },
    "mother-home": {"mother_province": "Naitasiri", "mother_village": "Vunidawa"},
    "mother-more": {"mother_marital_status": "married", "mother_previous_births": "1"},
    "father": {"father_known": "no"},
    "itaukei": {"itaukei": "no"},
    "papers": {"notification_number": "NOB-2026-123456", "documents": ["photo_id", "notification"]},
    "informant": {"informant_relationship": "mother"},
    "contact": {"informant_phone": "901 2345", "language": "en"},
}
"""What a family types, page by page."""


@dataclass
class Hands:
    """The hands of a clock that a test moves."""

    at: datetime

    def __call__(self) -> datetime:
        return self.at


class Visitor:
    """One browser: its cookies, and a way to send forms as a person would."""

    def __init__(self, app: Flask) -> None:
        self.client: FlaskClient = app.test_client()

    def get(self, address: str, **named: Any) -> TestResponse:
        """Fetch a page."""
        return self.client.get(address, **named)

    def send(
        self, address: str, fields: Mapping[str, Any] | None = None, *, page: str | None = None
    ) -> TestResponse:
        """Send a form to `address`, with the token of the page it stands on (`page`, else the same)."""
        token = self.token(page or address)
        return self.client.post(address, data={"csrf_token": token, **(fields or {})})

    def token(self, page: str) -> str:
        """Return the token against forged forms that a page carries."""
        found = re.search(r'name="csrf_token" value="([^"]+)"', self.get(page).text)
        assert found, f"{page} has no form"
        return found[1]

    def fill_in(
        self, changes: Mapping[str, Mapping[str, Any]] | None = None, *, office: str = "suva"
    ) -> None:
        """Fill in a whole application, up to the page with all answers."""
        token = self.token(f"{APPLY}/questions/child-name")
        for page, fields in (TYPED | dict(changes or {})).items():
            response = self.client.post(f"{APPLY}/questions/{page}", data={"csrf_token": token, **fields})
            assert response.status_code == 302, (page, words_of(response))
        assert self.send(f"{APPLY}/office", {"office": office}).status_code == 302

    def apply(
        self, changes: Mapping[str, Mapping[str, Any]] | None = None, *, office: str = "suva"
    ) -> tuple[str, str]:
        """Apply, and return reference and PIN as the last page shows them."""
        self.fill_in(changes, office=office)
        assert self.send(f"{APPLY}/check").status_code == 302
        codes = re.findall(r'<dd class="s2f-code">([^<]+)</dd>', self.get(f"{APPLY}/sent").text)
        assert len(codes) == 2
        return codes[0], codes[1]

    def track(self, reference: str, pin: str) -> TestResponse:
        """Sign in with a reference and a PIN."""
        return self.send("/track", {"reference": reference, "pin": pin})

    def sign_in(self, username: str, password: str) -> TestResponse:
        """Sign in as a member of staff."""
        return self.send("/staff/sign-in", {"username": username, "password": password})


def words_of(response: TestResponse) -> str:
    """Return the words of a page's main part, without tags."""
    html = response.text
    main = re.search(r"<main.*?</main>", html, re.DOTALL)
    text = re.sub(r"<[^>]+>", " ", main[0] if main else html)
    return unescape(re.sub(r"\s+", " ", text)).strip()


@dataclass
class Site:
    """A running application on a database, with the hands of its clock."""

    app: Flask
    db: Database
    settings: Settings
    clock: Hands

    def visitor(self) -> Visitor:
        """Return a new browser."""
        return Visitor(self.app)
