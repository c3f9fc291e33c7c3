"""What families and officers do on the pages, step by step."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlencode
from zlib import crc32

from config.services import load_services
from tests.browser.person import Person
from tests.browser.running import Running
from tests.web.site import APPLY, SERVICE, TYPED

Pages = Mapping[str, Mapping[str, Any]]


class Codes(NamedTuple):
    """With which a family follows its application."""

    reference: str
    pin: str


# -- what a family types ---------------------------------------------------------------------------


def birth(name: str, *, days_ago: int = 21, **changes: Mapping[str, Any]) -> Pages:
    """Return by page what a family types for a child of this name, born so many days ago.

    changes: by page, with underscores for dashes, what is typed there otherwise. Mother and notification
    follow from the child's name, so that no child is taken for another one.
    """
    born = datetime.now(UTC).date() - timedelta(days=days_ago)
    number = crc32(name.encode())
    mother_born = date(1980 + number % 25, 1 + number % 12, 1 + number % 28)
    pages = {
        **TYPED,
        "child-name": {"child_name": name},
        "child-birth": TYPED["child-birth"] | day("child_birth_date", born),
        "mother": TYPED["mother"] | {"mother_name": mother_of(name)} | day("mother_birth_date", mother_born),
        "papers": TYPED["papers"] | {"notification_number": f"NOB-2026-{number % 10**6:06}"},
        "delay": {"reason_for_delay": "We live on an outer island, and the boat comes seldom."},
    }
    changed = {page.replace("_", "-"): fields for page, fields in changes.items()}
    return pages | {page: {**pages.get(page, {}), **fields} for page, fields in changed.items()}


def mother_of(name: str) -> str:
    """Return the name of the mother of the child of this name."""
    return f"Tinai {name}"


def day(field: str, value: date) -> dict[str, str]:
    """Return what is typed into the three inputs of a date."""
    return {
        f"{field}-day": str(value.day),
        f"{field}-month": str(value.month),
        f"{field}-year": str(value.year),
    }


def of_hospital(name: str) -> dict[str, dict[str, Any]]:
    """Return what somebody types who has no notification of a birth in this hospital."""
    return {"birth_details": {"birth_facility": name}, "papers": {"notification_number": ""}}


# -- what a family does ----------------------------------------------------------------------------


def start(family: Person, service: str = SERVICE) -> None:
    """Go from the first page to the first question."""
    family.go("/")
    family.page.get_by_role("link", name=_title(service, family.language), exact=True).click()
    family.look()
    family.press("Start now")


def _title(service: str, language: str) -> str:
    return load_services()[service].title[language]


def fill_in_pages(family: Person, pages: Pages) -> None:
    """Fill in page after page of an application, from the one that is open to the one with all answers."""
    while "/questions/" in family.page.url:
        name = family.page.url.partition("?")[0].rpartition("/")[2]
        family.fill_in(pages.get(name, {}))
        family.press("Continue")
    if family.page.url.endswith("/office"):
        family.fill_in({"office": "suva"})
        family.press("Continue")


def apply(family: Person, pages: Pages) -> Codes:
    """Let a family apply, page by page, with a mistake at first; return reference and PIN."""
    start(family)
    family.press("Continue")
    assert family.page.locator(".govuk-error-summary").count() == 1
    fill_in_pages(family, pages)
    assert pages["child-name"]["child_name"] in family.words()
    family.press("Confirm and send")
    return codes_on(family)


def codes_on(somebody: Person) -> Codes:
    """Return reference and PIN as the page shows them."""
    reference, pin = somebody.page.locator("dd.s2f-code").all_inner_texts()
    return Codes(reference, pin)


def applied(family: Person, pages: Pages, *, office: str = "suva") -> Codes:
    """Let a family have applied: the forms are sent as by `apply`, but no page is drawn before the last."""
    filled_in(family, pages, office=office)
    family.go(f"{APPLY}/check")
    family.press("Confirm and send")
    return codes_on(family)


def filled_in(family: Person, pages: Pages, *, office: str = "suva") -> None:
    """Let a family have filled in all pages up to the one with all answers, as `applied` does."""
    requests, site = family.context.request, family.address + APPLY
    token = _token(requests.get(f"{site}/questions/child-name").text())

    def send(address: str, fields: Mapping[str, Any]) -> str:
        body = urlencode({"csrf_token": token, **fields}, doseq=True)
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        response = requests.post(address, data=body, headers=headers)
        assert response.ok, f"{address}: {response.text()}"
        return response.url

    url = f"{site}/questions/child-name"
    while "/questions/" in url:
        url = send(url, pages[url.rpartition("/")[2]])
    send(f"{site}/office", {"office": office})


def _token(html: str) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', html)
    assert found, "a page without a form"
    return found[1]


def follow(family: Person, codes: Codes) -> None:
    """Sign in to follow an application."""
    family.go("/track")
    family.fill_in({"reference": codes.reference, "pin": codes.pin})
    family.press("Continue")


def answer(family: Person, question: str, words: str, **more: str) -> None:
    """Answer a question as soon as it is asked. more: what else is filled in."""
    family.wait_for(question)
    family.press("Answer")
    family.fill_in({"answer": words, **more})
    family.press("Send your answer")


# -- what officers do ------------------------------------------------------------------------------


def sign_in(officer: Person, username: str) -> None:
    """Sign in as one of the demonstration's accounts."""
    officer.go("/staff")
    officer.fill_in({"username": username, "password": f"demo-only-{username}"})
    officer.press("Sign in")


def take(officer: Person, reference: str) -> None:
    """Take the task of an application as soon as there is one for this officer."""
    officer.go(f"/staff/cases/{reference}")
    take_here(officer)


def take_here(officer: Person) -> None:
    """Take the task of the page that is open, as soon as there is one."""
    button = officer.page.get_by_role("button", name="Take this task")
    officer.wait_until(lambda: bool(button.count()), "offers a task")
    officer.press("Take this task")


def decide(officer: Person, choice: str, fields: Mapping[str, Any], *, error: str = "") -> None:
    """Decide the task on the page that is open; with an `error`, first without filling in anything."""
    officer.press(choice)
    if error:
        officer.press(choice)
        assert error in officer.words()
    officer.fill_in(fields)
    officer.press(choice)
    assert "There is a problem" not in officer.words()


def register(mere: Person, reference: str) -> None:
    """Let the registrar register a birth."""
    take(mere, reference)
    decide(mere, "Register the birth", {})


def registered(mere: Person, family: Person, pages: Pages) -> Codes:
    """Have a family's birth registered, so that there is a certificate on the page they follow it on."""
    codes = applied(family, pages)
    register(mere, codes.reference)
    follow(family, codes)
    return codes


# -- time ------------------------------------------------------------------------------------------


def run_out(platform: Running, reference: str) -> None:
    """Let the time of what an application waits for be over, and have the sweep notice it."""
    past = (datetime.now(UTC) - timedelta(minutes=1)).strftime("%Y-%m-%d %H:%M:%S.%f")
    platform.sql(
        "UPDATE journal SET expires_at = ? WHERE status = 'open' AND expires_at IS NOT NULL"
        " AND case_id = (SELECT id FROM cases WHERE reference = ?)",
        past,
        reference,
    )
    platform.command("deadlines", "--confirm")


# -- letters ---------------------------------------------------------------------------------------


def letter(family: Person, title: str, saved: Path) -> str:
    """Return the text of a letter's PDF as soon as it is on the page that is open, where it is saved to."""
    link = family.page.get_by_role("link", name=re.compile(rf"^PDF\s*:\s*{re.escape(title)}"))
    family.wait_until(lambda: bool(link.count()), f"offers the letter {title!r}")
    with family.page.expect_download() as download:
        link.click()
    download.value.save_as(saved)
    return text_of(saved)


def text_of(letter: Path) -> str:
    """Return the text of a PDF, in one line."""
    done = subprocess.run(["pdftotext", "-raw", str(letter), "-"], capture_output=True, check=True)
    return re.sub(r"\s+", " ", done.stdout.decode())
