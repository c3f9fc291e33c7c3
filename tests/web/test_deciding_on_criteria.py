"""Deciding on criteria in the page: a ground for each that isn't met, and deciding one otherwise."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select, update

from cases.models import JournalEntry
from tests.web.officers import birth, decide, decide_at, step_of
from tests.web.site import Site, Visitor, words_of

NO_PAPERS = {"documents": [], "notification_number": None, "birth_place_kind": "home", "birth_facility": None}
NO_PHOTO = "We have not seen your photo ID."
NO_NOTIFICATION = "We have no Notification of Birth."
GROUNDS = {"ground-birth-notified": NO_NOTIFICATION, "ground-informant-known": "The photo was another’s."}


@pytest.fixture
def refuse(site: Site) -> str:
    """The address at which a birth is refused of which two criteria aren't met."""
    birth(site, **NO_PAPERS)
    return decide_at(site, "review", "refuse")


@pytest.fixture
def award(site: Site) -> str:
    """The address of an outcome that needs every criterion of that birth to be met."""
    birth(site, **NO_PAPERS)
    with site.db.write() as connection:
        task = JournalEntry.id == step_of(site, "review")
        outcomes = connection.execute(select(JournalEntry.outcomes).where(task)).scalar_one()
        needed = [each | ({"needs": "criteria"} if each["key"] == "register" else {}) for each in outcomes]
        connection.execute(update(JournalEntry).where(task).values(outcomes=needed))
    return decide_at(site, "review", "register")


def _result(site: Site) -> Any:
    with site.db.read() as connection:
        return connection.execute(
            select(JournalEntry.result).where(JournalEntry.key == "review")
        ).scalar_one()


def test_what_is_not_met_has_its_ground_in_ready_made_words(mere: Visitor, refuse: str) -> None:
    text = mere.get(refuse).text
    assert f">{NO_NOTIFICATION}</textarea>" in text and f">{NO_PHOTO}</textarea>" in text


def test_grounds_reach_the_case_and_stand_in_what_happened(site: Site, mere: Visitor, refuse: str) -> None:
    response = decide(site, mere, "review", "refuse", GROUNDS)
    assert _result(site)["grounds"] == [
        {"criterion": "birth-notified", "text": NO_NOTIFICATION},
        {"criterion": "informant-known", "text": "The photo was another’s."},
    ]
    page = words_of(mere.get(response.headers["Location"]))
    assert "The person who applies is known: The photo was another’s." in page


def test_a_ground_left_empty_is_asked_for_at_its_field_and_nothing_is_lost(
    site: Site, mere: Visitor, refuse: str
) -> None:
    response = mere.send(refuse, GROUNDS | {"ground-birth-notified": " "})
    assert response.status_code == 422
    told = "Write the ground: why is “The birth is notified” not met?"
    assert response.text.count(told) == 2 and 'href="#ground-birth-notified"' in response.text
    assert ">The photo was another’s.</textarea>" in response.text


def test_a_criterion_decided_otherwise_needs_no_ground_and_says_why(
    site: Site, mere: Visitor, refuse: str
) -> None:
    otherwise = {"standing-informant-known": "met", "why-informant-known": "She is known to me."}
    decide(site, mere, "review", "refuse", GROUNDS | otherwise)
    result = _result(site)
    assert [each["criterion"] for each in result["grounds"]] == ["birth-notified"]
    assert result["overrides"] == [
        {"criterion": "informant-known", "to": "met", "text": "She is known to me."}
    ]


def test_deciding_otherwise_without_saying_why_is_refused_and_its_field_is_open(
    mere: Visitor, refuse: str
) -> None:
    response = mere.send(refuse, GROUNDS | {"standing-informant-known": "met"})
    assert response.text.count("Say why you decide “The person who applies is known” otherwise") == 2
    assert 'name="standing-informant-known" type="radio" value="met" checked' in response.text
    assert response.text.count('<details class="govuk-details s2f-close" open>') == 1


def test_a_met_criterion_may_be_decided_not_to_be_and_needs_a_ground_then(
    site: Site, mere: Visitor, refuse: str
) -> None:
    otherwise = {"standing-vkb": "not-met", "why-vkb": "The number is of another family.", "ground-vkb": ""}
    assert "“The family’s entry" not in mere.get(refuse).text
    response = mere.send(refuse, GROUNDS | otherwise)
    assert "Write the ground" in words_of(response)
    decide(site, mere, "review", "refuse", GROUNDS | otherwise | {"ground-vkb": "It isn’t yours."})
    assert {"criterion": "vkb", "text": "It isn’t yours."} in _result(site)["grounds"]


def test_where_every_criterion_is_decided_to_be_met_a_reason_is_needed(mere: Visitor, refuse: str) -> None:
    otherwise = {
        f"{name}-{key}": value
        for key in ("birth-notified", "informant-known")
        for name, value in (("standing", "met"), ("why", "Seen."))
    }
    response = mere.send(refuse, otherwise)
    assert "Choose at least one reason, since every criterion is met" in words_of(response)
    assert mere.send(refuse, otherwise | {"reason": ["other"], "text-other": "No."}).status_code == 302


def test_a_favourable_outcome_names_what_stands_in_its_way(mere: Visitor, award: str) -> None:
    response = mere.send(award)
    assert response.status_code == 422
    assert response.text.count("“The birth is notified” stands in the way") == 2
    assert "Ground for the letter" not in response.text


def test_a_favourable_outcome_may_be_reached_by_deciding_otherwise(
    site: Site, mere: Visitor, award: str
) -> None:
    said = {
        f"{name}-{key}": value
        for key in ("birth-notified", "informant-known")
        for name, value in (("standing", "met"), ("why", "Seen."))
    }
    assert mere.send(award, said).status_code == 302
    assert [each["to"] for each in _result(site)["overrides"]] == ["met", "met"]


def test_half_written_grounds_and_overrides_stand_there_again(site: Site, mere: Visitor, refuse: str) -> None:
    half = {"ground-birth-notified": "No pap", "standing-vkb": "not-met", "why-vkb": "The num"}
    mere.send(f"/staff/tasks/{step_of(site, 'review')}/words/refuse", half, page=refuse)
    text = mere.get(refuse).text
    assert ">No pap</textarea>" in text and ">The num</textarea>" in text
    assert 'value="not-met" checked' in text
    assert "There is a problem" not in text


def test_what_is_wrong_is_told_in_the_order_of_the_page(mere: Visitor, refuse: str) -> None:
    wrong = {"ground-birth-notified": "", "standing-informant-known": "met"}
    summary = mere.send(refuse, GROUNDS | wrong).text
    assert summary.index('"#ground-birth-notified"') < summary.index('"#why-informant-known"')


def test_nothing_is_decided_otherwise_at_first(mere: Visitor, refuse: str) -> None:
    text = mere.get(refuse).text
    assert text.count('type="radio" value="" checked') == text.count('type="radio" value=""') == 4


def test_a_standing_that_is_not_offered_is_none(mere: Visitor, refuse: str) -> None:
    response = mere.send(refuse, GROUNDS | {"standing-vkb": "met", "note": "?" * 5_001})
    assert response.status_code == 422
    assert "decide “" not in words_of(response)
    assert mere.send(refuse, GROUNDS | {"standing-vkb": "perhaps"}).status_code == 302


def test_the_trace_names_each_rule_what_it_rests_on_and_its_source(
    site: Site, mere: Visitor, refuse: str
) -> None:
    words = words_of(mere.get(refuse))
    assert "The hospital or health centre gives a Notification of Birth." in words
    assert "Practice of the department. Source: Official page of the registry: Notification of Birth" in words
