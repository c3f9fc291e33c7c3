"""A lost PIN: a new one by message to whoever gives the reference and the phone number of the application."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from cases.messages import claim_messages
from cases.models import Message
from flows.platform.messages import compose
from tests.web.site import TYPED, Site, Visitor, words_of

LOST = "/track/lost-pin"
APPLICATION = "/track/application"
EMAIL = "ana@example.com"


def new_pin(site: Site) -> tuple[str, str]:
    """Return to whom the message goes and the PIN it says."""
    with site.db.write() as connection:
        (work,) = claim_messages(connection, now=site.clock.at, limit=5)
    text = compose(
        work.template, work.facts, work.language, "https://x.example/track", str(site.app.secret_key)
    )
    return work.recipient, text.body.split(" is ")[1][:6]


def messages(site: Site) -> int:
    """Return how many messages were asked for."""
    with site.db.read() as connection:
        return int(connection.execute(select(func.count(Message.id))).scalar_one())


@pytest.mark.parametrize("typed", ["901 2345", "+679 9012345", "6799012345"])
def test_a_new_pin_comes_to_the_phone_of_the_application_and_the_old_one_stops(
    either_site: Site, typed: str
) -> None:
    reference, pin = either_site.visitor().apply()
    visitor = either_site.visitor()
    response = visitor.send(LOST, {"reference": reference.lower(), "contact": typed})
    assert response.headers["Location"] == f"{LOST}/sent"
    recipient, new = new_pin(either_site)
    assert recipient == "+6799012345"
    assert visitor.track(reference, pin).status_code == 422
    assert visitor.track(reference, new).headers["Location"] == APPLICATION


def test_it_also_comes_by_e_mail(site: Site, family: Visitor) -> None:
    reference, _ = family.apply({"contact": TYPED["contact"] | {"informant_email": EMAIL}})
    family.send(LOST, {"reference": reference, "contact": EMAIL.upper()})
    assert new_pin(site)[0].lower() == EMAIL


@pytest.mark.parametrize("wrong", ["reference", "contact"])
def test_the_page_says_the_same_whether_they_belong_together_or_not(
    site: Site, family: Visitor, wrong: str
) -> None:
    reference, pin = family.apply()
    right = {"reference": reference, "contact": "901 2345"}
    visitor = site.visitor()
    other = {"reference": "BR-222-222-222", "contact": "901 9999"}
    response = visitor.send(LOST, right | {wrong: other[wrong]})
    assert (response.status_code, response.headers["Location"]) == (302, f"{LOST}/sent")
    assert messages(site) == 0
    assert visitor.track(reference, pin).status_code == 302


def test_empty_boxes_say_what_to_enter(family: Visitor) -> None:
    response = family.send(LOST, {"reference": "", "contact": " "})
    assert response.status_code == 422
    assert "Enter the reference of your application" in words_of(response)
    assert "Enter the phone number or e-mail address you gave" in words_of(response)


def test_guessing_and_flooding_are_slowed_down(site: Site, family: Visitor) -> None:
    reference, _ = family.apply()
    for number in range(5):
        family.send(LOST, {"reference": reference, "contact": f"901 999{number}"})
    response = family.send(LOST, {"reference": reference, "contact": "901 2345"})
    assert response.status_code == 429
    assert messages(site) == 0
    site.clock.at += timedelta(minutes=1)
    family.send(LOST, {"reference": reference, "contact": "901 2345"})
    assert messages(site) == 1


def test_a_double_click_replaces_it_once(site: Site, family: Visitor) -> None:
    reference, _ = family.apply()
    for _ in range(2):
        family.send(LOST, {"reference": reference, "contact": "901 2345"})
    assert messages(site) == 1
    assert family.track(reference, new_pin(site)[1]).status_code == 302


def test_whoever_had_come_in_with_the_old_pin_is_out(site: Site, family: Visitor) -> None:
    reference, pin = family.apply()
    stranger = site.visitor()
    stranger.track(reference, pin)
    assert stranger.get(APPLICATION).status_code == 200
    family.send(LOST, {"reference": reference, "contact": "901 2345"})
    assert stranger.get(APPLICATION).headers["Location"] == "/track"
