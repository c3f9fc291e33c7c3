"""An outcome may come with a form of its own: a receipt, a notification, the other application meant."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from cases.models import JournalEntry
from cases.vocabulary import Role
from config.errors import ConfigError
from tests.web.conftest import employ
from tests.web.officers import NO_NOTIFICATION, VERY_LATE, birth, decide, decide_at, step_of
from tests.web.site import SERVICE, Site, Visitor, words_of
from web.platform import EXTENSION
from web.staff.decision_form import check_names

UNDECLARED = {"ground-declaration": "We have none.", "ground-late-evidence": "We have none."}
RECEIPT = {
    "receipt_number": "R-1099",
    "amount": "23.00",
    "paid_on-day": "4",
    "paid_on-month": "5",
    "paid_on-year": "2026",
}


@pytest.fixture
def luisa(site: Site) -> Visitor:
    """Luisa, a clerk in Suva, signed in."""
    return employ(site, "luisa", Role.CLERK)


def result_of(site: Site, key: str) -> Any:
    """Return what the newest step with this key came to."""
    with site.db.read() as connection:
        statement = select(JournalEntry.result).where(JournalEntry.id == step_of(site, key))
        return connection.execute(statement).scalar_one()


def test_a_clerk_notes_a_receipt_with_the_decision(site: Site, luisa: Visitor) -> None:
    birth(site, **VERY_LATE)
    page = luisa.get(decide_at(site, "late-fee", "paid")).text
    assert "What is the number of the receipt?" in page
    assert decide(site, luisa, "late-fee", "paid", RECEIPT).status_code == 302
    result = result_of(site, "late-fee")
    assert result["details"] == {"receipt_number": "R-1099", "amount": "23.00", "paid_on": "2026-05-04"}
    assert result["form_version"] == 1


def test_a_form_with_mistakes_is_shown_again_with_what_to_do_at_the_field(site: Site, luisa: Visitor) -> None:
    birth(site, **VERY_LATE)
    response = decide(site, luisa, "late-fee", "paid", RECEIPT | {"receipt_number": " ", "note": "By card."})
    assert response.status_code == 422
    assert response.text.count("Enter the number of the receipt") == 2
    assert 'href="#receipt_number"' in response.text
    assert 'value="23.00"' in response.text
    assert "By card." in response.text
    assert result_of(site, "late-fee") is None


def test_a_note_and_a_form_are_kept_with_one_decision(site: Site, luisa: Visitor) -> None:
    birth(site, **VERY_LATE)
    decide(site, luisa, "late-fee", "waived", {"reason": "The family lost its house.", "note": "Seen."})
    result = result_of(site, "late-fee")
    assert result["details"] == {"reason": "The family lost its house."}
    assert result["note"] == "Seen."


def test_what_a_form_was_given_is_read_on_the_case_ever_after(site: Site, luisa: Visitor) -> None:
    submitted = birth(site, **VERY_LATE)
    decide(site, luisa, "late-fee", "waived", {"reason": "The family lost its house.", "note": "Seen."})
    words = words_of(luisa.get(f"/staff/cases/{submitted.reference}"))
    assert (
        "Decided: Waive the fee, with the reason Reason for waiving the fee: The family lost its house. Seen."
        in words
    )


def test_the_application_meant_is_picked_from_those_found(site: Site, mere: Visitor) -> None:
    first, second = birth(site), birth(site, child_name="Losalini Tiko")
    page = mere.get(decide_at(site, "review", "duplicate")).text
    assert f'value="{first.reference}"' in page
    decide(site, mere, "review", "duplicate", {"picked": first.reference})
    assert result_of(site, "review")["details"] == {"reference": first.reference}
    words = words_of(mere.get(f"/staff/cases/{second.reference}"))
    assert f"About the same as {first.reference}" in words
    words = words_of(mere.get(f"/staff/cases/{first.reference}"))
    assert f"The same was applied for again in {second.reference}" in words


def test_another_application_is_named_however_its_reference_is_typed(site: Site, mere: Visitor) -> None:
    first = birth(site, office="labasa", child_name="Ana", mother_name="Eva", notification_number=None)
    birth(site)
    typed = {"picked": "another", "reference": first.reference.replace("-", "").lower()}
    assert decide(site, mere, "review", "duplicate", typed).status_code == 302
    assert result_of(site, "review")["details"] == {"reference": first.reference}


def test_a_reference_that_nobody_has_is_told_at_its_field(site: Site, mere: Visitor) -> None:
    birth(site)
    response = decide(site, mere, "review", "duplicate", {"reference": "BR-222-222-222"})
    assert response.status_code == 422
    assert response.text.count("there is no other application with it") == 2
    assert 'href="#reference"' in response.text
    assert 'value="BR-222-222-222"' in response.text


def test_a_facility_officer_answers_what_is_asked_and_sees_nothing_else(site: Site) -> None:
    asha = employ(site, "asha", Role.FACILITY_OFFICER, office="cwm-hospital")
    submitted = birth(site, **NO_NOTIFICATION)
    step = step_of(site, "notification")
    assert f'href="/staff/tasks/{step}"' in asha.get("/staff/inbox").text
    asha.send(f"/staff/tasks/{step}/claim", page=f"/staff/tasks/{step}")
    words = words_of(asha.get(f"/staff/tasks/{step}"))
    assert "Ana Tikoisuva" in words
    assert "Mother’s name" in words
    assert "+679" not in words
    page = asha.get(decide_at(site, "notification", "found"))
    assert "+679" not in page.text
    assert "What was applied for" not in page.text
    response = decide(site, asha, "notification", "found", {"notification_number": "nob 2026 777888"})
    assert response.headers["Location"] == "/staff/inbox?told=decided"
    assert result_of(site, "notification")["details"]["notification_number"] == "NOB-2026-777888"
    assert asha.get(f"/staff/cases/{submitted.reference}").status_code == 403
    assert "This task is settled" in words_of(asha.get(f"/staff/tasks/{step}"))


def test_a_facility_officer_of_another_hospital_sees_nothing_at_all(site: Site) -> None:
    birth(site, **NO_NOTIFICATION)
    other = employ(site, "ben", Role.FACILITY_OFFICER, office="labasa-hospital")
    step = step_of(site, "notification")
    assert "There is nothing to do" in words_of(other.get("/staff/inbox"))
    for address in (f"/staff/tasks/{step}", f"/staff/tasks/{step}/decide/found"):
        assert other.get(address).status_code == 403


def test_the_office_s_supervisor_sees_the_tasks_of_all_roles(site: Site) -> None:
    jone = employ(site, "jone", Role.SUPERVISOR, office="suva")
    of_registrar, of_clerk = birth(site, child_name="Eva"), birth(site, **VERY_LATE)
    of_facility, elsewhere = birth(site, **NO_NOTIFICATION), birth(site, office="labasa")
    words = words_of(jone.get("/staff/inbox"))
    for mine in (of_registrar, of_clerk, of_facility):
        assert mine.reference in words
    assert elsewhere.reference not in words


def test_the_registrar_general_rules_with_reasons(site: Site, luisa: Visitor) -> None:
    vani = employ(site, "vani", "registrar-general", office=None)
    submitted = birth(site, **VERY_LATE)
    decide(site, luisa, "late-fee", "paid", RECEIPT)
    words = words_of(vani.get(f"/staff/cases/{submitted.reference}"))
    assert "Receipt number R-1099" in words or "R-1099" in words
    response = decide(
        site, vani, "late-ruling", "refuse", UNDECLARED | {"reason": ["other"], "text-other": "No proof."}
    )
    assert response.status_code == 302
    assert result_of(site, "late-ruling")["reasons"] == [{"key": "other", "text": "No proof."}]


def test_a_task_form_has_no_field_called_like_the_page_s_own(site: Site) -> None:
    forms = site.app.extensions[EXTENSION].task_forms
    check_names(forms)
    form = forms[SERVICE, "waiver"]
    clashing = replace(form, fields={"note": form.fields["reason"]})
    with pytest.raises(ConfigError, match=r"waiver\.yaml: fields\.note"):
        check_names({(SERVICE, "waiver"): clashing})
