"""What a service file names of forms is there: the fields of `[parties]`, the service that reviews."""

from __future__ import annotations

import dataclasses

import pytest

from config.errors import ConfigError
from config.parties import PartyRole
from config.review import Review
from config.services import load_services
from flows.engine.runtime import check_party_fields, check_review
from forms.compiler import load_form, load_forms

SERVICE = "birth-correction"
APPLICANT = PartyRole("applicant", "informant_name", "child_birth_date", "entry_number", None, None)


def check(role: PartyRole) -> None:
    config = dataclasses.replace(load_services()[SERVICE], parties={role.key: role})
    check_party_fields(config, load_form(SERVICE))


@pytest.mark.parametrize(
    "role", [APPLICANT, PartyRole("changed", "should_be", None, "as_it_stands", "corrections", None)]
)
def test_fields_of_the_form_or_of_its_group_are_taken(role: PartyRole) -> None:
    check(role)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"name": "nobody"}, "parties.applicant.name: expected a field of the form, found 'nobody'"),
        ({"number": "corrections"}, "parties.applicant.number: expected a field of the form"),
        ({"birth_date": "child_name"}, "parties.applicant.birth_date: expected a field of type date"),
        ({"group": "child_name"}, "parties.applicant.group: expected a repeating group of the form"),
        ({"group": "corrections"}, "parties.applicant.name: expected a field of the form"),
    ],
)
def test_a_field_that_does_not_fit_is_told_with_file_and_key(changes: dict[str, str], told: str) -> None:
    with pytest.raises(ConfigError) as refused:
        check(dataclasses.replace(APPLICANT, **changes))
    assert str(refused.value).startswith("config/services/birth_correction.toml: ")
    assert told in str(refused.value)


@pytest.mark.parametrize("service", ["house-review", "birth-registration"])
def test_a_review_by_a_service_that_cannot_name_the_first_case_is_told_with_file_and_key(
    service: str,
) -> None:
    config = dataclasses.replace(load_services()[SERVICE], review=Review(service, ("refused",)))
    with pytest.raises(ConfigError, match=r"birth_correction.toml: review.service: expected .* service"):
        check_review(config, load_forms())
