"""An applicant who was refused asks for a review, and the officer who reviews sees the first case whole."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import insert, select

from cases.bundle import find_bundle
from cases.models import Case, CaseLink, Draft
from cases.vocabulary import LinkKind, StepKind
from config.review import Review
from forms.compiler import FIJI, compile_form
from tests.births import submit_birth
from tests.conftest import NOW
from tests.database.rows import open_task, write_step
from tests.web.site import SERVICE, Site, Visitor, words_of
from tests.web.test_tracking import applied, decide
from web.platform import EXTENSION

APPLICATION = "/track/application"
REVIEWS = "house-review"
FIRST_PAGE = f"/apply/{REVIEWS}/questions/first"
FORM = """\
service: house-review
version: 1
title: {en: Review}
pages:
  - id: first
    title: {en: The decision}
    fields:
      - id: first_reference
        type: text
        required: true
        label: {en: Reference}
        purpose: {en: To find it}
        errors: {required: {en: Enter the reference}}
  - id: why
    title: {en: Why}
    fields:
      - id: why
        type: textarea
        label: {en: Your reasons}
        purpose: {en: To look at it}
"""
REFUSAL = {"reason": "evidence-missing", "text-evidence-missing": "The hospital has no record of it."}


@pytest.fixture
def site(site: Site, tmp_path: Path) -> Site:
    """A site on which refused births are reviewed by a service of its own."""
    (tmp_path / "house_review.yaml").write_text(FORM)
    form = compile_form(tmp_path / "house_review.yaml", {}, FIJI)
    platform = site.app.extensions[EXTENSION]
    births = replace(platform.services[SERVICE], review=Review(REVIEWS, ("refused",)))
    reviews = replace(births, key=REVIEWS, review=None)
    site.app.extensions[EXTENSION] = replace(
        platform,
        services={**platform.services, SERVICE: births, REVIEWS: reviews},
        forms={**platform.forms, REVIEWS: form},
    )
    return site


def reference_of(site: Site) -> str:
    with site.db.read() as connection:
        return str(connection.execute(select(Case.reference)).scalar_one())


def test_a_refused_applicant_is_offered_a_review_with_the_reference_filled_in(
    site: Site, family: Visitor, mere: Visitor
) -> None:
    applied(site, family)
    assert "Ask for a review" not in words_of(family.get(APPLICATION))
    decide(site, mere, "refuse", **REFUSAL)
    assert "Ask for a review" in words_of(family.get(APPLICATION))
    response = family.send("/track/review", page=APPLICATION)
    assert response.headers["Location"] == FIRST_PAGE
    assert f'value="{reference_of(site)}"' in family.get(FIRST_PAGE).text


def test_a_review_that_was_begun_goes_on_with_what_was_written(
    site: Site, family: Visitor, mere: Visitor
) -> None:
    applied(site, family)
    decide(site, mere, "refuse", **REFUSAL)
    family.send("/track/review", page=APPLICATION)
    family.send(f"/apply/{REVIEWS}/questions/why", {"why": "The ward was renamed."}, page=FIRST_PAGE)
    family.send("/track/review", page=APPLICATION)
    assert "The ward was renamed." in family.get(f"/apply/{REVIEWS}/questions/why").text


def test_nobody_is_offered_a_review_of_another_outcome(site: Site, family: Visitor, mere: Visitor) -> None:
    applied(site, family)
    decide(site, mere, "register")
    assert family.send("/track/review", page=APPLICATION).headers["Location"] == APPLICATION
    with site.db.read() as connection:
        services = connection.execute(select(Draft.service)).scalars().all()
    assert REVIEWS not in services


def test_the_officer_who_reviews_sees_the_first_case_whole(
    site: Site, family: Visitor, mere: Visitor, ravi: Visitor
) -> None:
    applied(site, family)
    decide(site, mere, "refuse", note="The ward was asked twice.", **REFUSAL)
    first = reference_of(site)
    review = submit_birth(site.db, received_at=NOW)
    with site.db.read() as connection:
        bundle = find_bundle(connection, service=SERVICE, reference=first)
    open_task(site.db, review.case_id, shows={"first": bundle}, digest="x")
    words = words_of(ravi.get(f"/staff/cases/{review.reference}"))
    for said in (
        first,
        "Not registered",
        "Mere",
        "The hospital has no record of it.",
        "The ward was asked twice.",
        "What had to be shown there",
        "Losalini Tikoisuva",
    ):
        assert said in words, said


def test_both_pages_tell_of_the_review(site: Site, family: Visitor, mere: Visitor) -> None:
    first = submit_birth(site.db, received_at=NOW)
    applied(site, family)
    with site.db.read() as connection:
        second = connection.execute(select(Case.id).order_by(Case.id.desc())).scalars().first()
    assert second is not None
    write_step(site.db, second, "review-link", StepKind.LINK)
    link = {"case_id": second, "generation": 0, "key": "review-link", "created_at": NOW}
    link |= {"kind": LinkKind.REVIEW_OF, "other_reference": first.reference}
    with site.db.write() as connection:
        connection.execute(insert(CaseLink).values(link))
    said = f"asks for a review of the decision on {first.reference}"
    assert said in words_of(family.get(APPLICATION))
    page = words_of(mere.get(f"/staff/cases/{first.reference}"))
    assert re.search(r"Reviewed in BR-", page)
