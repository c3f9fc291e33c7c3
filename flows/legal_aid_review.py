"""The review of a refusal of legal aid: the whole first case before somebody who did not decide it.

Who asks must be the one who was refused; where the application doesn't show that, an officer finds out. The
Commission then decides on the criteria once more. A reversal grants legal aid here, and its letter replaces
the refusal; on refusing the review, the Commission says briefly in writing why.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from cases.journal import CaseFile
from cases.vocabulary import LinkKind
from config.budget import working_days
from flows.engine.service_flow import service_flow
from flows.legal_aid_shared import (
    COORDINATOR,
    address,
    conflicts_of,
    decision_facts,
    grant,
    matter_facts,
    overridden,
    tell_of_question,
    titles_of_met,
    urgency_of,
)
from tasks.approval import Choice, Decision, approval
from tasks.assessment import assess
from tasks.bundle import find_bundle
from tasks.citizen import ask_citizen
from tasks.criteria import decided_criteria, shortfalls
from tasks.dates import local_date
from tasks.letter import letter
from tasks.link import link
from tasks.message import message
from tasks.reasons import reasons_in_words

COMMISSION = "legal-aid-commission"

FOUND = Choice("found", form="first-case", refers_to="reference")
NO_DECISION = Choice("no-decision", needs="reasons")
REVERSE = Choice("reverse", needs="criteria", form="reversal")
UPHOLD = Choice("uphold", needs="grounds")
ASK = Choice("ask", needs="question")


@service_flow("legal-aid-review", version=1)
def legal_aid_review(case: CaseFile) -> str:
    """Return how the case ends: completed (reversed and carried out), upheld or no-decision."""
    first = _first_case(case)
    if isinstance(first, Decision):
        return close(case, first)
    link(case, "review-link", to=first["reference"], kind=LinkKind.REVIEW_OF)
    urgency = assess(case, "urgency", lambda case: urgency_of(case, first["answers"]))
    asked: list[dict[str, Any]] = []
    review = _review(case, first, urgency, asked)
    if review.chose(UPHOLD):
        return uphold(case, review, first, asked)
    facts = _facts(case, review, first) | {
        "reversed_because": review.details["reversed_because"],
        "criteria": overridden(case, first["criteria"], review),
    }
    replaced = (first["reference"], "refusal")
    return grant(case, facts, shows={"urgency": urgency}, urgent=urgency["why"], supersedes=replaced)


def _first_case(case: CaseFile) -> Mapping[str, Any] | Decision:
    """Return the refused case of whoever asks; or the officer's word that there is none."""
    reference, known = case.answers.first_reference, False
    while True:
        first = find_bundle(case, "first-case", service="legal-aid", reference=reference)
        if first and first["outcome"] == "refused" and (known or _is_same_person(case, first["answers"])):
            return first
        found = approval(
            case,
            "first-case-search",
            by=COORDINATOR,
            outcomes=(FOUND, NO_DECISION),
            shows={"named": reference, "was_found": first is not None},
        )
        if found.chose(NO_DECISION):
            return found
        reference, known = found.details["reference"], True


def _is_same_person(case: CaseFile, first: Mapping[str, Any]) -> bool:
    asks = case.answers
    same_name = _plain(asks.applicant_name) == _plain(first["applicant_name"])
    return same_name and asks.applicant_birth_date == first["applicant_birth_date"]


def _plain(name: str) -> str:
    return " ".join(name.split()).casefold()


def _review(
    case: CaseFile, first: Mapping[str, Any], urgency: Mapping[str, Any], asked: list[dict[str, Any]]
) -> Decision:
    """Have the Commission decide, asking the applicant as often as needed; nobody who decided before does."""
    conflicts = conflicts_of(case)
    while True:
        review = approval(
            case,
            "review",
            by=COMMISSION,
            outcomes=(REVERSE, UPHOLD, ASK),
            shows={"urgency": urgency, "conflicts": conflicts, "first": first, "asked": asked},
            criteria=first["criteria"],
            not_by=first["decided_by"],
            urgent=urgency["why"],
        )
        if not review.chose(ASK):
            return review
        tell_of_question(case, urgency["why"])
        within = working_days(2 if urgency["why"] else 10)
        answer = ask_citizen(case, "review-question", review.question or "", within=within)
        asked.append({"question": review.question, **answer.shown})


def uphold(
    case: CaseFile, review: Decision, first: Mapping[str, Any], asked: Sequence[Mapping[str, Any]]
) -> str:
    """Tell the applicant, briefly and in writing, why the first decision stands."""
    facts = _facts(case, review, first) | {
        "criteria": shortfalls(case, first["criteria"], review),
        "met": titles_of_met(case, decided_criteria(first["criteria"], review)),
        "reasons": reasons_in_words(case, review),
        "asked": asked,
    }
    letter(case, "refusal", facts)
    message(case, "refusal-message", to=address(case))
    return "upheld"


def close(case: CaseFile, found: Decision) -> str:
    """Tell whoever asked that there is no decision of theirs to review; nothing of anybody else's."""
    facts = decision_facts(case, found) | {"reasons": reasons_in_words(case, found)}
    letter(case, "no-decision", facts | {"named": case.answers.first_reference})
    message(case, "no-decision-message", to=address(case))
    return "no-decision"


def _facts(case: CaseFile, review: Decision, first: Mapping[str, Any]) -> dict[str, Any]:
    """Return what both letters say of the review, the matter, and the decision that was reviewed."""
    refusal = [each for each in first["decisions"] if each["outcome"] == "refuse"][-1]
    facts = decision_facts(case, review) | matter_facts(first["answers"])
    return facts | {
        "first_reference": first["reference"],
        "first_decided_on": local_date(case, datetime.fromisoformat(refusal["at"])).isoformat(),
        "first_decided_by": {"name": refusal["by_name"], "role": refusal["by_role"]},
    }
