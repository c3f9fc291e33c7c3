"""Who may do what: one table, every action by every member of the cast."""

from __future__ import annotations

import pytest

from cases.errors import NotAllowed
from cases.permissions import (
    SYSTEM,
    Action,
    Actor,
    may,
    require,
    require_list,
    require_own_case,
    require_reads,
)
from cases.vocabulary import Role

CAST = {
    "registrar": Actor("mere", role="registrar", office="suva"),
    "distant_registrar": Actor("ana", role="registrar", office="labasa"),
    "registrar_general": Actor("vani", role="registrar-general"),
    "clerk": Actor("luisa", role=Role.CLERK, office="suva"),
    "facility_officer": Actor("asha", role=Role.FACILITY_OFFICER, office="cwm-hospital"),
    "supervisor": Actor("sela", role=Role.SUPERVISOR),
    "office_supervisor": Actor("jone", role=Role.SUPERVISOR, office="suva"),
    "distant_supervisor": Actor("luisa", role=Role.SUPERVISOR, office="labasa"),
    "administrator": Actor("adi", role=Role.ADMINISTRATOR),
    "manager": Actor("tevita", role=Role.MANAGER),
    "payments_officer": Actor("kesa", role="payments-officer"),
    "applicant": Actor.citizen(1),
    "stranger": Actor("stranger"),
    "operator": Actor.operator("root"),
    "system": SYSTEM,
}
AT_THE_COUNTER = {"registrar", "clerk", "supervisor", "office_supervisor"}
OFFICERS = AT_THE_COUNTER | {"registrar_general", "payments_officer"}
SUPERVISORS = {"supervisor", "office_supervisor"}
ADMINISTRATORS = {"administrator"}
IN_SUVA: dict[Action, set[str]] = {
    Action.READ_INBOX: OFFICERS,
    Action.READ_CASE: OFFICERS,
    Action.CLAIM: OFFICERS,
    Action.DECIDE: OFFICERS,
    Action.RELEASE_OF_OTHERS: SUPERVISORS,
    Action.WITHDRAW: SUPERVISORS,
    Action.REWIND: SUPERVISORS,
    Action.REOPEN: SUPERVISORS,
    Action.READ_INCIDENTS: ADMINISTRATORS,
    Action.RETRY: ADMINISTRATORS,
    Action.MANAGE_STAFF: ADMINISTRATORS,
    Action.READ_MAILBOX: ADMINISTRATORS,
    Action.ENTER_APPLICATION: AT_THE_COUNTER,
    Action.HAND_OVER: AT_THE_COUNTER,
    Action.REPLACE_PIN: AT_THE_COUNTER,
    Action.SEE_LETTER_TEMPLATES: SUPERVISORS | ADMINISTRATORS,
    Action.SEE_OVERVIEW: SUPERVISORS | {"manager"},
    Action.PAUSE_CLOCK: OFFICERS,
    Action.EXTEND_CLOCK: SUPERVISORS,
    Action.KEEP_LISTS: {"payments_officer"},
}
TRUSTED = {"operator", "system"}


@pytest.mark.parametrize("who", CAST)
@pytest.mark.parametrize("action", Action)
def test_on_a_case_of_suva_the_table_says_who_may(action: Action, who: str) -> None:
    assert may(CAST[who], action, office="suva") == (who in IN_SUVA[action] | TRUSTED)


@pytest.mark.parametrize("action", Action)
def test_those_of_another_office_may_nothing_in_suva(action: Action) -> None:
    for who in ("distant_registrar", "distant_supervisor"):
        with pytest.raises(NotAllowed, match=f"may not {action}"):
            require(CAST[who], action, office="suva")


def test_a_list_is_kept_by_the_roles_that_name_it_alone() -> None:
    for who, actor in CAST.items():
        if who in TRUSTED | {"payments_officer"}:
            require_list(actor, "payments")
        else:
            with pytest.raises(NotAllowed, match="doesn't keep the list payments"):
                require_list(actor, "payments")
    with pytest.raises(NotAllowed):
        require_list(CAST["payments_officer"], "lands-commission")


def test_a_facility_officer_answers_for_their_own_facility_and_reads_no_case() -> None:
    officer = CAST["facility_officer"]
    for action in Action:
        allowed = action in (Action.READ_INBOX, Action.CLAIM, Action.DECIDE)
        assert may(officer, action, office="cwm-hospital") == allowed
        assert not may(officer, action, office="labasa-hospital")


@pytest.mark.parametrize("who", ["registrar", "registrar_general", "clerk", "supervisor", "operator"])
def test_officers_read_cases_of_services_in_which_they_have_something_to_do(who: str) -> None:
    require_reads(CAST[who], office="suva", roles={"registrar", "registrar-general"})


def test_a_role_without_a_step_in_a_service_reads_none_of_its_cases() -> None:
    with pytest.raises(NotAllowed, match="nothing to do with this service"):
        require_reads(CAST["registrar"], office="suva", roles={"lawyer"})
    require_reads(CAST["clerk"], office="suva", roles={"lawyer"})  # the counter serves everybody


def test_what_belongs_to_no_office_is_permitted_by_the_role_alone() -> None:
    assert may(CAST["distant_registrar"], Action.READ_INBOX)
    assert not may(CAST["distant_registrar"], Action.RETRY)


@pytest.mark.parametrize("who", sorted(CAST.keys() - TRUSTED - {"applicant"}))
def test_only_the_applicant_acts_for_the_applicant(who: str) -> None:
    require_own_case(CAST["applicant"], 1)
    with pytest.raises(NotAllowed):
        require_own_case(CAST[who], 1)


def test_an_applicant_has_one_case_only() -> None:
    with pytest.raises(NotAllowed):
        require_own_case(CAST["applicant"], 2)
