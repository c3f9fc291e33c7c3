"""Why this date: officers and families read it; officers pause, let go on and give more time."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from cases.models import ClockRow, JournalEntry, Message
from tests.web.conftest import work
from tests.web.officers import birth, decide, step_of
from tests.web.site import Site, Visitor, words_of

WHY = "/track/why"


@pytest.fixture
def page(site: Site) -> str:
    """The page about the dates of a birth that waits for the registrar."""
    return f"/staff/cases/{birth(site).reference}/clocks"


def clock_of(site: Site, key: str) -> int:
    """Return the id of the clock of a step."""
    with site.db.read() as connection:
        return connection.execute(select(ClockRow.id).where(ClockRow.key == key)).scalar_one()


def due(site: Site) -> object:
    """Return by when the review is due."""
    with site.db.read() as connection:
        statement = select(JournalEntry.due_at).where(JournalEntry.id == step_of(site, "review"))
        return connection.execute(statement).scalar_one()


def test_an_officer_reads_day_by_day_why_a_date_is_what_it_is(page: str, mere: Visitor) -> None:
    case_page = mere.get(page.removesuffix("/clocks"))
    assert f'href="{page}"' in case_page.text
    words = words_of(mere.get(page))
    assert "40 h 0 min of working time since" in words
    assert "8 h 0 min counted (08:00 to 16:00)." in words
    assert "Nothing counted. The office does not work on this day of the week." in words
    assert "The whole application, by our own standard" in words


def test_an_officer_pauses_a_clock_with_a_reason_and_lets_it_go_on(
    site: Site, page: str, mere: Visitor
) -> None:
    review = f"{page}/{clock_of(site, 'review')}"
    response = mere.send(
        f"{review}/pause", {"reason": "hospital-asked", "evidence": "Call with Dr Vuki"}, page=page
    )
    assert response.status_code == 302
    words = words_of(mere.get(page))
    assert "Paused If it went on now" in words
    assert "paused: we wait for papers from the hospital (Call with Dr Vuki), by mere" in words
    assert mere.send(f"{review}/resume", {}, page=page).status_code == 302
    assert "went on, by mere" in words_of(mere.get(page))


def test_a_pause_without_what_shows_it_is_refused_and_changes_nothing(
    site: Site, page: str, mere: Visitor
) -> None:
    review = f"{page}/{clock_of(site, 'review')}"
    for typed in ({}, {"reason": "tired"}, {"reason": "hospital-asked"}):
        response = mere.send(f"{review}/pause", typed, page=page)
        assert response.status_code == 422
        assert "Choose a reason, and write what shows it" in words_of(response)
    assert "Paused" not in words_of(mere.get(page))


def test_only_supervisors_give_more_time_and_the_family_is_told(
    site: Site, page: str, mere: Visitor, sela: Visitor
) -> None:
    review = f"{page}/{clock_of(site, 'review')}"
    before = due(site)
    more = {"days": "2", "why": "Papers come from abroad."}
    assert "Give it more time" not in words_of(mere.get(page))
    assert mere.send(f"{review}/extend", more, page=page).status_code == 403
    assert sela.send(f"{review}/extend", more, page=page).status_code == 302
    assert due(site) > before  # type: ignore[operator]
    with site.db.read() as connection:
        assert connection.execute(select(Message.template)).scalars().all() == ["platform/extended"]


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({"days": "2", "why": " "}, "Write why"),
        ({"days": "two", "why": "x"}, "A clock can't be extended by 0 working minutes"),
        ({"days": "-2", "why": "x"}, "A clock can't be extended by 0 working minutes"),
        ({"days": "11", "why": "x"}, "4800 working minutes are left"),
    ],
)
def test_more_time_than_is_allowed_is_refused(
    site: Site, page: str, sela: Visitor, typed: dict[str, str], told: str
) -> None:
    response = sela.send(f"{page}/{clock_of(site, 'review')}/extend", typed, page=page)
    assert response.status_code == 422
    assert told in words_of(response)


def test_a_clock_of_another_case_is_not_found(site: Site, page: str, mere: Visitor) -> None:
    other = f"/staff/cases/{birth(site, child_name='Other Child').reference}/clocks"
    assert mere.send(f"{other}/{clock_of_first(site)}/resume", {}, page=page).status_code == 404


def clock_of_first(site: Site) -> int:
    """Return the id of the clock that was armed first."""
    with site.db.read() as connection:
        return connection.execute(select(ClockRow.id).order_by(ClockRow.id)).scalars().first() or 0


def test_a_family_reads_why_the_date_is_what_it_is(site: Site, family: Visitor) -> None:
    reference, pin = family.apply()
    work(site)
    family.track(reference, pin)
    assert f'href="{WHY}"' in family.get("/track/application").text
    words = words_of(family.get(WHY))
    assert "We have 5 working days of 8 hours for this step." in words
    assert "does not count: the office is not open on this day of the week" in words


def test_a_family_reads_what_moved_the_date_in_its_language(
    site: Site, family: Visitor, sela: Visitor
) -> None:
    reference, pin = family.apply()
    work(site)
    page = f"/staff/cases/{reference}/clocks"
    review = f"{page}/{clock_of(site, 'review')}"
    sela.send(f"{review}/extend", {"days": "1", "why": "Papers come from abroad."}, page=page)
    sela.send(f"{review}/pause", {"reason": "family-asked-for-time"}, page=page)
    family.track(reference, pin)
    words = words_of(family.get(WHY))
    assert "The time stands still now." in words
    assert "We gave ourselves more time. Papers come from abroad." in words
    assert "the family asked for more time" in words
    family.get("/language/fj")
    assert "era kerea na matavuvale e so tale na gauna" in words_of(family.get(WHY))


def test_there_is_no_date_to_explain_once_it_is_decided(site: Site, family: Visitor, mere: Visitor) -> None:
    reference, pin = family.apply()
    work(site)
    decide(site, mere, "review", "refuse", {"reason": ["other"], "text-other": "No."})
    family.track(reference, pin)
    assert WHY not in family.get("/track/application").text
    assert family.get(WHY).headers["Location"] == "/track/application"
