"""What households that ask for Family Assistance and the officers who deal with them do on the pages."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from zlib import crc32

from config.services import load_services
from tests.browser.people import Codes, Pages, codes_on, day, decide, take, text_of
from tests.browser.person import Person

SERVICE = "family-assistance"
REVIEW = "family-assistance-review"
BORN = "head_birth_date"


def household(head: str, **changes: Mapping[str, Any]) -> Pages:
    """Return by page what a poor household with all its papers types. changes: by page, with underscores for
    dashes. Birth dates follow from the name of the head, so that nobody is taken for somebody else."""
    pages = {
        "head": {"head_name": head, **day(BORN, born(head))},
        "home-place": {"home_province": "Rewa", "home_village": "Waila settlement"},
        "household": {"lives_alone": "no"},
        "members": member(1, f"Asenaca {head}", date(2012, 11, 30)),
        "income": {"income_work": "60", "income_other": "0", "superannuation": "no"},
        "home": {"walls": "iron", "water": "shared"},
        "endorsement": {"endorsed_by": "turaga_ni_koro", "endorser_name": "Ilaitia Bolatagane"},
        "papers": {"documents": ["photo_id", "endorsement"]},
        "payee": {"payee_kind": "bank"},
        "bank": {"bank_name": "Bank of the South Pacific", "account_number": "8123456"},
        "declarations": {"declares_training": "yes", "declares_truth": "yes"},
        "contact": {"head_phone": "901 2345", "language": "en"},
    }
    changed = {page.replace("_", "-"): fields for page, fields in changes.items()}
    return pages | {page: {**pages.get(page, {}), **fields} for page, fields in changed.items()}


def born(head: str) -> date:
    """Return the birth date of the head of this name."""
    number = crc32(head.encode())
    return date(1945 + number % 40, 1 + number % 12, 1 + number % 28)


def member(number: int, name: str, birth_date: date) -> dict[str, str]:
    """Return what is typed for another person of the household."""
    return {
        f"members-{number}-member_name": name,
        **day(f"members-{number}-member_birth_date", birth_date),
        f"members-{number}-member_relation": "child",
    }


def begin(family: Person, service: str) -> None:
    """Go from the first page to the first question of a service."""
    family.go("/")
    title = load_services()[service].title[family.language]
    family.page.get_by_role("link", name=title, exact=True).click()
    family.look()
    family.press("Start now")


def letter(family: Person, title: str, saved: Path) -> str:
    """Return the text of a letter's PDF as soon as it is on the page that is open."""
    link = family.page.get_by_role("link", name=re.compile(rf"^PDF\s*:\s*{re.escape(title)}"))
    family.wait_until(lambda: bool(link.count()), f"offers the letter {title!r}")
    with family.page.expect_download() as download:
        link.click()
    download.value.save_as(saved)
    return text_of(saved)


def applied_for(family: Person, pages: Pages, *, service: str = SERVICE, office: str = "suva") -> Codes:
    """Let a household have applied: the forms are sent, but no page is drawn before the last."""
    requests, site = family.context.request, f"{family.address}/apply/{service}"
    first = f"{site}/questions/{next(iter(pages))}"
    found = re.search(r'name="csrf_token" value="([^"]+)"', requests.get(first).text())
    assert found, "a page without a form"

    def send(address: str, fields: Mapping[str, Any]) -> str:
        body = urlencode({"csrf_token": found[1], **fields}, doseq=True)
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        response = requests.post(address, data=body, headers=headers)
        assert response.ok, f"{address}: {response.text()}"
        return response.url

    url = first
    while "/questions/" in url:
        name = url.rpartition("/")[2]
        more = {"members": "1"} if name == "members" else {}
        url = send(url, {**more, **pages[name]})
    send(f"{site}/office", {"office": office})
    family.go(f"/apply/{service}/check")
    family.press("Confirm and send")
    return codes_on(family)


# -- what officers do ------------------------------------------------------------------------------

PAPERS = {"seen_papers": ["photo_id", "endorsement"]}


def visited(**changes: Any) -> dict[str, Any]:
    """Return what the welfare officer types at the home of such a household."""
    found = {
        **day("visited_on", datetime.now(UTC).date()),
        "spoken_with": "The head of the household",
        "lives_there": "yes",
        "people_found": "2",
        "income_found": "60",
        "walls_found": "iron",
        "water_found": "shared",
        "able_to_work": "yes",
        "visit_observations": "Two rooms by the river. She sells at the market when she can.",
        "read_back": "yes",
    }
    return {**found, **changes}


def assessed(losana: Person, tomasi: Person, reference: str, *, against: bool = False, **found: Any) -> None:
    """Let the district and the division do their part: papers, visit, recommendation and check."""
    take(losana, reference)
    decide(losana, "The application is complete", PAPERS)
    take(losana, reference)
    decide(losana, "Write down what you found", visited(**found))
    take(losana, reference)
    choice = "Recommend that it is refused" if against else "Recommend that it is awarded"
    decide(losana, choice, {"because": "What I saw is what they told us."})
    take(tomasi, reference)
    decide(tomasi, "Agree, and send it to headquarters", {})


def paid(nirmala: Person, reference: str, *, returned: str = "") -> None:
    """Close a batch with the payment of this case and confirm it. returned: why the payment came back."""
    nirmala.go("/staff/lists/payments")
    offered = nirmala.page.get_by_role("button", name="Close a batch")
    nirmala.wait_until(lambda: bool(offered.count()), "has an order")
    nirmala.press("Close a batch")
    assert reference in nirmala.words()
    if returned:
        row = nirmala.page.get_by_label(re.compile(rf"of {reference} came back"))
        row.fill(returned)
    nirmala.press("Continue")
    nirmala.press("Confirm the batch")
    assert "The batch is confirmed" in nirmala.words()
