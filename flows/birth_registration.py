"""Register a birth: from the application to the certificate in the family's hands.

The registrar sees the application and other cases with the same notification of birth, and registers,
refuses with reasons, or asks the family, as often as needed.
"""

from __future__ import annotations

from typing import Any

from cases.journal import CaseFile
from config.budget import working_days
from config.words import text
from flows.engine.service_flow import service_flow
from tasks.approval import Choice, Decision, approval
from tasks.citizen import Answer, NoAnswer, ask_citizen
from tasks.dates import local_date
from tasks.duplicates import find_same
from tasks.letter import letter
from tasks.message import message
from tasks.number import allot_number

REGISTER = Choice("register")
REFUSE = Choice("refuse", needs="reasons")
ASK = Choice("ask", needs="question")

CERTIFIED = (
    "child_name",
    "child_sex",
    "child_birth_date",
    "birth_type",
    "birth_place_kind",
    "birth_facility",
    "birth_province",
    "mother_name",
    "father_name",
    "informant_name",
    "informant_relationship",
)
GIVEN = (
    "child_name",
    "child_birth_date",
    "birth_place_kind",
    "birth_facility",
    "birth_province",
    "mother_name",
    "informant_name",
    "notification_number",
    "documents",
)


@service_flow("birth-registration", version=1)
def birth_registration(case: CaseFile) -> str:
    """Return how the case ends: "registered" or "refused"."""
    evidence: Answer | NoAnswer | None = None
    while True:
        others = find_same(case, "same-notification", match="notification")
        review = approval(
            case,
            "review",
            by="registrar",
            outcomes=(REGISTER, REFUSE, ASK),
            shows={"same_notification": others, "evidence": evidence.shown if evidence else None},
        )
        if not review.chose(ASK):
            break
        message(case, "question-message", to=_address(case))
        evidence = ask_citizen(case, "evidence", review.question or "", within=working_days(20))
    if review.chose(REFUSE):
        return refuse(case, review)
    return register(case, review)


def register(case: CaseFile, review: Decision) -> str:
    """Give the birth its number and the family its certificate."""
    decided_on = local_date(review.at)
    number = allot_number(case, "registration-number", year=decided_on.year)
    letter(
        case,
        "certificate",
        _facts(case, CERTIFIED, review) | {"registration_number": number},
    )
    message(case, "certificate-message", {"number": number}, to=_address(case))
    return "registered"


def refuse(case: CaseFile, review: Decision) -> str:
    """Tell the family why the birth isn't registered, and what would change that."""
    reasons = [_reason(case, reason["key"], reason["text"]) for reason in review.reasons]
    letter(
        case,
        "refusal",
        _facts(case, GIVEN, review)
        | {"reasons": reasons, "received_on": local_date(case.received_at).isoformat()},
    )
    message(case, "refusal-message", to=_address(case))
    return "refused"


def _facts(case: CaseFile, names: tuple[str, ...], review: Decision) -> dict[str, Any]:
    facts = {name: getattr(case.answers, name) for name in names}
    return facts | {
        "decided_on": local_date(review.at).isoformat(),
        "decided_by": {"name": review.by_name, "role": review.by_role},
    }


def _reason(case: CaseFile, key: str, words: str) -> dict[str, str | None]:
    """Return a reason as the letter prints it. A snippet the officer left as it was is printed in the
    family's language; words of the officer's own are printed as written."""
    snippet = case.config.reasons.get(key)
    if snippet is None:
        return {"text": words, "rule": None, "change": None}
    if words in snippet.found.values():
        words = text(snippet.found, case.language)[0]
    return {
        "text": words,
        "rule": text(snippet.rule, case.language)[0] if snippet.rule else None,
        "change": text(snippet.remedy, case.language)[0],
    }


def _address(case: CaseFile) -> str | None:
    phone: str | None = case.answers.informant_phone
    return phone or case.answers.informant_email
