"""What runs short is on a page of those whom a rung told, and of nobody else."""

from __future__ import annotations

from datetime import timedelta

import pytest

from flows.platform.deadlines import climb_ladders
from tests.conftest import NOW
from tests.engine.toys import births
from tests.web.officers import birth, decide
from tests.web.site import Site, Visitor, words_of

PAGE = "/staff/running-short"
NOTHING = "There is nothing of which you would have to be reminded."


@pytest.fixture
def reference(site: Site) -> str:
    """A birth that has waited for the registrar for a month."""
    return birth(site, received_at=NOW - timedelta(days=30)).reference


def test_nothing_runs_short_before_a_rung_is_climbed(reference: str, mere: Visitor) -> None:
    assert NOTHING in words_of(mere.get(PAGE))


def test_officers_and_supervisors_find_what_runs_short(
    site: Site, reference: str, mere: Visitor, sela: Visitor
) -> None:
    climb_ladders(site.db, births().standards, now=NOW)
    for visitor in (mere, sela):
        page = visitor.get(PAGE)
        assert reference in words_of(page)
        assert "Overdue" in words_of(page)
        assert f'href="{PAGE}"' in page.text


def test_a_task_that_was_decided_runs_short_no_more(site: Site, reference: str, mere: Visitor) -> None:
    climb_ladders(site.db, births().standards, now=NOW)
    decide(site, mere, "review", "refuse", {"reason": ["other"], "text-other": "No."})
    assert NOTHING in words_of(mere.get(PAGE))


def test_what_a_rung_did_is_told_on_the_case(site: Site, reference: str, sela: Visitor) -> None:
    climb_ladders(site.db, births().standards, now=NOW)
    words = words_of(sela.get(f"/staff/cases/{reference}"))
    assert "the family was told that we are late with: Check the application and decide" in words
