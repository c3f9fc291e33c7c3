"""The manager's overview: its numbers lead to their cases, and only those who may see it do."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

import pytest

from cases.vocabulary import Role
from tests.births import submit_birth
from tests.conftest import NOW
from tests.database.rows import open_task
from tests.web.conftest import employ
from tests.web.site import Site, Visitor, words_of
from web.manager.overview import long_of


@pytest.fixture
def tevita(site: Site) -> Visitor:
    """A manager of the whole country."""
    return employ(site, "tevita", Role.MANAGER, office=None)


def late(site: Site, office: str = "suva") -> str:
    """Open a task that is late; return the case's reference."""
    submitted = submit_birth(site.db, office=office)
    open_task(site.db, submitted.case_id, due_at=NOW - timedelta(hours=1))
    return submitted.reference


def test_a_manager_starts_with_the_overview(tevita: Visitor) -> None:
    assert tevita.get("/staff").headers["Location"] == "/staff/overview"
    words = words_of(tevita.get("/staff/overview"))
    assert "Nothing is late" in words and "Nothing is waited for" in words


def test_every_number_leads_to_exactly_its_cases(site: Site, tevita: Visitor) -> None:
    references = {late(site), late(site)}
    page = tevita.get("/staff/overview")
    assert "2 tasks are late" in words_of(page)
    links = re.findall(r'<a class="govuk-link" href="(/staff/overview/cases\?[^"]*)">([\d,]+)</a>', page.text)
    assert len(links) >= 5
    for address, number in links:
        listed = tevita.get(unescape(address))
        found = set(re.findall(r"\b[A-Z]{2}(?:-[A-Z0-9]{3}){3}\b", words_of(listed)))
        assert found == references and int(number) == 2, address


def test_a_manager_sees_references_but_opens_no_papers(site: Site, tevita: Visitor) -> None:
    reference = late(site)
    assert f"/staff/cases/{reference}" not in tevita.get("/staff/overview").text
    assert tevita.get(f"/staff/cases/{reference}").status_code == 403
    sela = employ(site, "sela", Role.SUPERVISOR, office=None)
    assert f"/staff/cases/{reference}" in sela.get("/staff/overview").text


def test_a_place_and_a_service_narrow_what_is_counted(site: Site, tevita: Visitor) -> None:
    late(site)
    late(site, "lautoka")
    for place, count in (("lautoka", 1), ("western", 1), ("central", 1), ("", 2), ("nowhere", 2)):
        words = words_of(tevita.get(f"/staff/overview?place={place}&service=birth-registration"))
        assert f"{count} tasks are late" in words, place
    assert "0 tasks are late" in words_of(tevita.get("/staff/overview?service=birth-correction"))


def test_a_manager_of_an_office_sees_that_office_whatever_the_address_says(site: Site) -> None:
    late(site)
    here = employ(site, "rosi", Role.MANAGER, office="lautoka")
    for address in ("/staff/overview", "/staff/overview?place=suva"):
        assert "0 tasks are late" in words_of(here.get(address))


@pytest.mark.parametrize("role", ["registrar", Role.CLERK, Role.ADMINISTRATOR, Role.FACILITY_OFFICER])
def test_others_have_no_overview(site: Site, role: str) -> None:
    assert employ(site, "some", role).get("/staff/overview").status_code == 403


def test_an_address_that_asks_for_nonsense_is_no_error_of_ours(tevita: Visitor) -> None:
    assert tevita.get("/staff/overview/cases?show=rubbish").status_code == 404
    assert tevita.get("/staff/overview/cases?show=late&after=-1&from=x&to=9999-99-99").status_code == 200


@pytest.mark.parametrize(
    ("hours", "words"),
    [(0, "0 minutes"), (1 / 60, "1 minute"), (5, "5 hours"), (60, "2.5 days"), (24 * 40, "40 days")],
)
def test_a_duration_is_told_in_the_unit_that_suits_it(hours: float, words: str) -> None:
    assert long_of(timedelta(hours=hours)) == words
