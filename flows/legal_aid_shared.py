"""What legal aid and the review of its decisions do alike: how urgent it is, who else is concerned, granting.

Whoever grants, the matter goes to a practitioner with room for it, the applicant gets the decision in
writing, and the matter is followed until the practitioner says that it is completed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from cases.journal import CaseFile
from config.budget import working_days
from config.words import text
from tasks.approval import Choice, Decision, approval, approval_wait, as_decision
from tasks.assignment import assign, end_assignment, register_load
from tasks.criteria import Assessed, all_criteria_in_words
from tasks.dates import local_date, working_days_from
from tasks.letter import letter
from tasks.message import message
from tasks.parties import find_parties
from tasks.rates import rate_in_force
from tasks.receipt import receipt_wait
from tasks.together import together

COORDINATOR, PRACTITIONER = "legal-aid-coordinator", "legal-practitioner"
REGISTER = "practitioners"

ASSIGN = Choice("assign", form="assignment")
COMPLETED = Choice("completed", form="completion")
GOES_ON = Choice("goes-on", form="report")

CLIENTS = {"legal-aid": ("applicant",), "legal-aid-review": ("applicant",)}
OTHER_SIDES = {"legal-aid": ("other-party",), "legal-aid-review": ("other-party",)}


def urgency_of(case: CaseFile, answers: Mapping[str, Any]) -> dict[str, Any]:
    """Return why the matter of an application goes before others ("why": a phrase, or None), to be recorded.

    The days to the hearing are counted from the receipt of `case`, in the working days of its office.
    """
    received = local_date(case, case.received_at)
    limit = rate_in_force(case, "fast-lane", received)
    hearing = answers.get("hearing_date")
    days = working_days_from(case, received, date.fromisoformat(hearing)) if hearing else None
    soon = days is not None and 0 <= days <= int(limit["value"])
    why = "urgent-in-custody" if answers.get("in_custody") else "urgent-hearing" if soon else None
    return {
        "why": why,
        "hearing_date": hearing,
        "working_days_to_hearing": days,
        "fast_lane_days": limit,
    }


def conflicts_of(case: CaseFile) -> list[Mapping[str, Any]]:
    """Return people of other cases who may make it a conflict of interest to act in this one.

    Either the other side is a client already, or the one who applies was another client's other side.
    """
    clients = find_parties(case, "other-side-search", mine=["other-party"], among=CLIENTS)
    other_sides = find_parties(case, "applicant-search", mine=["applicant"], among=OTHER_SIDES)
    return [*clients, *other_sides]


def grant(
    case: CaseFile,
    facts: Mapping[str, Any],
    *,
    shows: Mapping[str, Any],
    urgent: str | None,
    supersedes: tuple[str, str] | None = None,
) -> str:
    """Give the matter to a practitioner, tell the applicant, and follow it until it is completed.

    facts: what the letter says of the decision. supersedes: the letter of another case that it replaces.
    """
    practitioner = _assign(case, shows, urgent)
    told = {name: practitioner[name] for name in ("name", "division")}
    letter(case, "grant", {**facts, "practitioner": told}, supersedes=supersedes)
    message(case, "grant-message", to=address(case))
    _follow(case, {**shows, "practitioner": practitioner["name"]}, urgent)
    end_assignment(case, "appointment-end", of="appointment")
    message(case, "completed-message", to=address(case))
    return "completed"


def _assign(case: CaseFile, shows: Mapping[str, Any], urgent: str | None) -> Mapping[str, Any]:
    """Have a practitioner chosen who has room for the matter.

    Another is asked for while the one chosen has become full, and once more where somebody was chosen who had
    not been in the register yet when the task was opened.
    """
    without_room: list[str] = []
    while True:
        load = register_load(case, "practitioners", REGISTER)
        chosen = approval(
            case,
            "assignment",
            by=COORDINATOR,
            outcomes=(ASSIGN,),
            shows={**shows, "practitioners": load, "without_room": without_room},
            urgent=urgent,
        )
        holder = chosen.details["practitioner"]
        practitioner = next((each for each in load if each["key"] == holder), None)
        if practitioner and assign(case, "appointment", register=REGISTER, holder=holder):
            return practitioner
        without_room.append(practitioner["name"] if practitioner else holder)


def _follow(case: CaseFile, shows: Mapping[str, Any], urgent: str | None) -> None:
    """Wait for the practitioner's word that the matter is completed; ask the applicant meanwhile, once,
    whether the letter arrived. Silence about that decides nothing."""
    asked_of_applicant = [receipt_wait("receipt", letter="grant", within=working_days(10))]
    reports: list[dict[str, Any]] = []
    while True:
        matter = approval_wait(
            "matter",
            by=PRACTITIONER,
            outcomes=(COMPLETED, GOES_ON),
            shows={**shows, "reports": reports},
            urgent=urgent,
        )
        told = as_decision(together(case, matter, *asked_of_applicant)[0])
        if told.chose(COMPLETED):
            return
        asked_of_applicant = []
        reports.append(told.shown)


# -- words ------------------------------------------------------------------------------------------


def decision_facts(case: CaseFile, decision: Decision) -> dict[str, Any]:
    """Return what every letter says: to whom, when it was asked for, when and by whom it was decided."""
    return {
        "applicant_name": case.answers.applicant_name,
        "received_on": local_date(case, case.received_at).isoformat(),
        "decided_on": local_date(case, decision.at).isoformat(),
        "decided_by": {"name": decision.by_name, "role": decision.by_role},
    }


def matter_facts(answers: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a letter says of the matter itself."""
    names = ("category", "hearing_date", "court_name", "court_number")
    return {name: answers.get(name) for name in names}


def tell_of_question(case: CaseFile, urgent: str | None) -> None:
    """Tell the applicant that a question waits; in an urgent matter the message says so."""
    message(case, "question-message", {"urgent": urgent is not None}, to=address(case))


def address(case: CaseFile) -> Any:
    """Return where short messages go: a phone number, else an e-mail address."""
    return case.answers.applicant_phone or case.answers.applicant_email


def titles_of_met(case: CaseFile, criteria: Sequence[Assessed]) -> list[str]:
    """Return in the applicant's language what the criteria that are met are called."""
    met = [case.config.criteria[each["key"]].title for each in criteria if each["status"] == "met"]
    return [text(title, case.language)[0] for title in met]


def overridden(case: CaseFile, criteria: Sequence[Assessed], decision: Decision) -> list[dict[str, Any]]:
    """Return in words the criteria that an officer decided otherwise than the rule, for the letter."""
    return [each for each in all_criteria_in_words(case, criteria, decision) if each["overridden"]]


def papers_known(answers: Mapping[str, Any], decisions: Sequence[Decision]) -> list[str]:
    """Return the papers that were named in the application or seen by officers, each once, in order."""
    seen = [key for decision in decisions for key in decision.details.get("papers_seen") or ()]
    return list(dict.fromkeys([*(answers.get("documents") or ()), *seen]))
