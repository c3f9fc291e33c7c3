"""Register a birth: from the application to the certificate in the family's hands.

The child's age decides the way. Up to two months, the registrar decides on the application and its papers;
later, a solemn declaration is needed too; after twelve months there is also a fee, and the registrar-general
rules first. Who can help is asked at once: the hospital for a notification that is missing, the family about
a father whom no paper names. Nobody's silence decides anything: it is a fact for the registrar.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cases.journal import CaseFile
from cases.vocabulary import LinkKind
from config.budget import working_days
from config.words import text
from flows.birth_registration_criteria import (
    CRITERIA,
    VERY_LATE,
    Evidence,
    facility_of_birth,
    father_is_on_no_paper,
    way_by_age,
)
from flows.engine.service_flow import service_flow
from tasks.approval import Choice, Decision, approval
from tasks.assessment import assess
from tasks.citizen import Answer, NoAnswer, as_answer, ask_citizen, question_wait
from tasks.criteria import Assessed, assess_criteria, is_met, shortfalls
from tasks.dates import local_date
from tasks.duplicates import find_duplicates, recheck_duplicates
from tasks.export import export
from tasks.facility import as_facility_answer, facility_wait
from tasks.letter import letter
from tasks.link import link
from tasks.message import message
from tasks.number import allot_number
from tasks.reasons import reasons_in_words
from tasks.receipt import Received, confirm_receipt
from tasks.together import together

REMINDERS = 2

FOUND = Choice("found", form="notification")
NOT_FOUND = Choice("not-found")
PAID, WAIVED = Choice("paid", form="receipt"), Choice("waived", form="waiver")
ALLOW = Choice("allow")
REGISTER = Choice("register")
WITHOUT_FATHER = Choice("register-without-father")
REGISTER_ANYWAY = Choice("register", form="not-a-duplicate")
WITHOUT_FATHER_ANYWAY = Choice("register-without-father", form="not-a-duplicate")
DUPLICATE = Choice("duplicate", form="duplicate-of", refers_to="reference")
REFUSE = Choice("refuse", needs="grounds")
ASK = Choice("ask", needs="question")

ASKED_OF_FACILITY = ("child_name", "child_sex", "child_birth_date", "birth_type", "attendant", "mother_name")
CERTIFIED = (
    *("child_name", "child_sex", "child_birth_date", "birth_type", "birth_place_kind", "birth_facility"),
    *("birth_province", "mother_name", "father_name", "informant_name", "informant_relationship"),
)
GIVEN = (
    *("child_name", "child_birth_date", "birth_place_kind", "birth_facility", "birth_province"),
    *("mother_name", "informant_name", "notification_number", "documents"),
)
FOR_THE_LANDS_COMMISSION = (
    *("child_name", "child_sex", "child_birth_date", "birth_province"),
    *("mother_name", "mother_village", "mother_province", "vkb_number"),
)


# -- the procedure ----------------------------------------------------------------------------------


@service_flow("birth-registration", version=2)
def birth_registration(case: CaseFile) -> str:
    """Return how the case ends: registered, registered-unconfirmed, refused or duplicate."""
    route = assess(case, "route", way_by_age)
    notification, paternity = _ask_who_can_help(case)
    evidence = Evidence(case, route["name"], notification, paternity)
    criteria = assess_criteria(case, "criteria", CRITERIA, evidence)
    shows = {
        "route": route,
        "notification": notification.shown if notification else None,
        "paternity": paternity.shown if paternity else None,
        "criteria": criteria,
    }
    asked: list[dict[str, Any]] = []
    if route["name"] == VERY_LATE:
        ruling, shows = _late_registration(case, shows, asked)
        if ruling.chose(REFUSE):
            return refuse(case, ruling, criteria, asked)
    review = _review(case, shows, asked)
    if review.chose(REFUSE):
        return refuse(case, review, criteria, asked)
    if review.chose(DUPLICATE):
        return close_as_duplicate(case, review)
    return register(case, review)


def _ask_who_can_help(case: CaseFile) -> tuple[Decision | NoAnswer | None, Answer | NoAnswer | None]:
    """Ask the hospital for the notification and the family about the father, both at once, where needed."""
    waits = []
    if not case.answers.notification_number:
        facility = assess(case, "facility", facility_of_birth)
        if facility["key"]:
            shows = {name: getattr(case.answers, name) for name in ASKED_OF_FACILITY}
            outcomes, within = (FOUND, NOT_FOUND), working_days(10)
            waits.append(
                facility_wait(
                    "notification", facility=facility["key"], outcomes=outcomes, within=within, shows=shows
                )
            )
    if father_is_on_no_paper(case.answers):
        _tell_of_question(case)
        question = text(case.config.phrases["paternity-question"], case.language)[0]
        waits.append(question_wait("paternity", question, within=working_days(20)))
    finished = {entry.key: entry for entry in together(case, *waits)}
    notification, paternity = finished.get("notification"), finished.get("paternity")
    return (
        as_facility_answer(notification) if notification else None,
        as_answer(paternity) if paternity else None,
    )


def _late_registration(
    case: CaseFile, shows: Mapping[str, Any], asked: list[dict[str, Any]]
) -> tuple[Decision, dict[str, Any]]:
    """Have the late fee paid or waived, then a ruling; return it, and what the registrar is shown."""
    message(case, "fee-message", to=_address(case))
    fee = approval(
        case, "late-fee", by="clerk", outcomes=(PAID, WAIVED), shows={"fee": shows["route"]["fee"]}
    )
    shows = {**shows, "late_fee": fee.shown}
    while True:
        ruling = approval(
            case,
            "late-ruling",
            by="registrar-general",
            outcomes=(ALLOW, REFUSE, ASK),
            shows={**shows, "asked": asked},
        )
        if not ruling.chose(ASK):
            return ruling, {**shows, "late_ruling": ruling.shown}
        _tell_of_question(case)
        answer = ask_citizen(case, "late-evidence", ruling.question or "", within=working_days(20))
        asked.append({"question": ruling.question, **answer.shown})


def _review(case: CaseFile, shows: Mapping[str, Any], asked: list[dict[str, Any]]) -> Decision:
    """Have the registrar decide, asking the family as often as needed.

    What is to be registered is compared with all other births once more under a lock: one that came meanwhile
    goes back to the registrar.
    """
    came_meanwhile: Sequence[Any] = ()
    seen: list[str] = []
    while True:
        duplicates = find_duplicates(case, "duplicates")
        review = approval(
            case,
            "review",
            by="registrar",
            outcomes=_ways_to_decide(shows["criteria"], duplicates),
            shows={**shows, "duplicates": duplicates, "came_meanwhile": came_meanwhile, "asked": asked},
        )
        if review.chose(ASK):
            _tell_of_question(case)
            answer = ask_citizen(case, "evidence", review.question or "", within=working_days(20))
            asked.append({"question": review.question, **answer.shown})
        elif review.chose(REGISTER, WITHOUT_FATHER):
            seen += [hit["reference"] for hit in (*duplicates, *came_meanwhile)]
            came_meanwhile = recheck_duplicates(case, "entry-check", seen=seen)
            if not came_meanwhile:
                return review
        else:
            return review


def _ways_to_decide(criteria: Sequence[Assessed], duplicates: Sequence[Any]) -> tuple[Choice, ...]:
    """Registering in spite of likely duplicates needs a reason; leaving out a father, that none is shown."""
    register, without_father = (
        (REGISTER_ANYWAY, WITHOUT_FATHER_ANYWAY) if duplicates else (REGISTER, WITHOUT_FATHER)
    )
    if is_met(criteria, "paternity"):
        return (register, REFUSE, DUPLICATE, ASK)
    return (register, without_father, REFUSE, DUPLICATE, ASK)


def register(case: CaseFile, review: Decision) -> str:
    """Give the birth its number and the family its certificate."""
    registered_on = local_date(case, review.at)
    number = allot_number(case, "registration-number", year=registered_on.year)
    facts = _facts(case, CERTIFIED, review) | {"registration_number": number}
    if review.chose(WITHOUT_FATHER):
        facts |= {"father_name": None}
    letter(case, "certificate", facts)
    message(case, "certificate-message", {"number": number}, to=_address(case))
    if case.answers.itaukei:
        row = {name: getattr(case.answers, name) for name in FOR_THE_LANDS_COMMISSION}
        row |= {"father_name": facts["father_name"], "registration_number": number}
        export(
            case, "lands-notice", row | {"registered_on": registered_on.isoformat()}, to="lands-commission"
        )
    return until_received(case)


def until_received(case: CaseFile) -> str:
    """Wait for the family's word that the certificate is there, and remind them twice."""
    reminded = 0
    while True:
        receipt = confirm_receipt(case, "receipt", letter="certificate", within=working_days(10))
        if isinstance(receipt, Received):
            return "registered"
        if reminded == REMINDERS:
            return "registered-unconfirmed"
        message(case, "receipt-reminder", to=_address(case))
        reminded += 1


def refuse(
    case: CaseFile, decision: Decision, criteria: Sequence[Assessed], asked: Sequence[Mapping[str, Any]]
) -> str:
    """Tell the family why the birth isn't registered, criterion by criterion, and what would change that."""
    facts = _facts(case, GIVEN, decision) | {
        "reasons": reasons_in_words(case, decision),
        "criteria": shortfalls(case, criteria, decision),
        "asked": asked,
        "received_on": local_date(case, case.received_at).isoformat(),
    }
    letter(case, "refusal", facts)
    message(case, "refusal-message", to=_address(case))
    return "refused"


def close_as_duplicate(case: CaseFile, review: Decision) -> str:
    """Link the case to the one about the same birth, and tell the family."""
    other = review.details["reference"]
    link(case, "duplicate-link", to=other, kind=LinkKind.DUPLICATE_OF)
    facts = _facts(case, GIVEN, review) | {"other_reference": other}
    letter(case, "duplicate-letter", facts | {"received_on": local_date(case, case.received_at).isoformat()})
    message(case, "duplicate-message", to=_address(case))
    return "duplicate"


# -- words ------------------------------------------------------------------------------------------


def _facts(case: CaseFile, names: Sequence[str], decision: Decision) -> dict[str, Any]:
    return {name: getattr(case.answers, name) for name in names} | {
        "decided_on": local_date(case, decision.at).isoformat(),
        "decided_by": {"name": decision.by_name, "role": decision.by_role},
    }


def _tell_of_question(case: CaseFile) -> None:
    message(case, "question-message", to=_address(case))


def _address(case: CaseFile) -> str | None:
    address: str | None = case.answers.informant_phone or case.answers.informant_email
    return address
