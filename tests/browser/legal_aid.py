"""What people who ask for legal aid and the officers who deal with them do on the pages."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from zlib import crc32

from config.services import load_services
from tests.browser.people import Codes, Pages, codes_on, day, decide, take, text_of
from tests.browser.person import Person

SERVICE = "legal-aid"
REVIEW = "legal-aid-review"
BORN = "applicant_birth_date"
MERIT = {"prospects": "reasonable", "advice": "The court is likely to make the order."}


def matter(name: str, **changes: Mapping[str, Any]) -> Pages:
    """Return by page what somebody in a family matter types, with little money and all papers.

    changes: by page, with underscores for dashes. Birth dates follow from the name, so that nobody is taken
    for somebody else.
    """
    pages: dict[str, Mapping[str, Any]] = {
        "applicant": {"for_whom": "self", "applicant_name": name, **day(BORN, born(name))},
        "helper": {"helper_name": f"Tuakai {name}", "helper_relationship": "family"},
        "matter": {"category": "family", "matter": "I want the court to say where the children live."},
        "other-side": {"has_other_party": "yes"},
        "other-party": {"other_party_name": f"Wati {name}"},
        "custody": {"in_custody": "no"},
        "custody-place": {"custody_place": "Nadera Police Station"},
        "court": {"has_hearing": "no"},
        "hearing": {"court_name": "Suva Family Court"},
        "income": {"income_amount": "180", "income_period": "week", "dependants": "3"},
        "assets": {"assets_value": "1200"},
        "papers": {"documents": ["photo_id", "income_proof", "court_papers"]},
        "contact": {"applicant_phone": "901 2345", "language": "en"},
    }
    changed = {page.replace("_", "-"): fields for page, fields in changes.items()}
    return pages | {page: {**pages.get(page, {}), **fields} for page, fields in changed.items()}


def born(name: str) -> date:
    """Return the birth date of the person of this name."""
    number = crc32(name.encode())
    return date(1950 + number % 50, 1 + number % 12, 1 + number % 28)


def hearing_on(days_from_now: int) -> dict[str, str]:
    """Return what is typed for a hearing so many days from now (before it, for a negative number)."""
    return day("hearing_date", datetime.now(UTC).date() + timedelta(days=days_from_now))


def begin(applicant: Person, service: str) -> None:
    """Go from the first page to the first question of a service."""
    applicant.go("/")
    title = load_services()[service].title[applicant.language]
    applicant.page.get_by_role("link", name=title, exact=True).click()
    applicant.look()
    applicant.press("Start now")


def fill_in_until(applicant: Person, pages: Pages, page: str) -> None:
    """Fill in page after page up to this one, which is left open."""
    while not applicant.page.url.endswith(f"/questions/{page}"):
        name = applicant.page.url.partition("?")[0].rpartition("/")[2]
        applicant.fill_in(pages[name])
        applicant.press("Continue")


def applied_for(applicant: Person, pages: Pages, *, service: str = SERVICE) -> Codes:
    """Let somebody have applied: the forms are sent, but no page is drawn before the last."""
    requests, site = applicant.context.request, f"{applicant.address}/apply/{service}"
    url = f"{site}/questions/{next(iter(pages))}"
    found = re.search(r'name="csrf_token" value="([^"]+)"', requests.get(url).text())
    assert found, "a page without a form"

    def send(address: str, fields: Mapping[str, Any]) -> str:
        body = urlencode({"csrf_token": found[1], **fields}, doseq=True)
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        response = requests.post(address, data=body, headers=headers)
        assert response.ok, f"{address}: {response.text()}"
        return response.url

    while "/questions/" in url:
        url = send(url, pages[url.rpartition("/")[2]])
    send(f"{site}/office", {"office": "suva"})
    applicant.go(f"/apply/{service}/check")
    applicant.press("Confirm and send")
    return codes_on(applicant)


def advised(litia: Person, reference: str, **details: Any) -> None:
    """Let the lawyer look at the merits."""
    take(litia, reference)
    decide(litia, "Give advice to the Director", {**MERIT, **details})


def assigned(manoa: Person, reference: str, practitioner: str) -> None:
    """Let the coordinator assign a practitioner."""
    take(manoa, reference)
    decide(manoa, "Assign this practitioner", {"practitioner": practitioner})


def letter(applicant: Person, title: str, saved: Path) -> str:
    """Return the text of a letter's PDF as soon as it is on the page that is open."""
    link = applicant.page.get_by_role("link", name=re.compile(rf"^PDF\s*:\s*{re.escape(title)}"))
    applicant.wait_until(lambda: bool(link.count()), f"offers the letter {title!r}")
    with applicant.page.expect_download() as download:
        link.click()
    download.value.save_as(saved)
    return text_of(saved)
