"""Review of a refusal of Family Assistance: somebody who had no part in it looks at the whole file again.

The refusal is found by its reference, and only for those who are named in it. The reviewer has the
application, its criteria with their facts, and every decision with its reasons before them. They uphold it
with a written statement, or reverse it and award the assistance there and then.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, cast

from cases.journal import Answers, CaseFile
from cases.vocabulary import LinkKind
from config.budget import working_days
from flows.engine.service_flow import service_flow
from flows.family_assistance_award import OF_A_HOUSEHOLD, award, household_of
from tasks.approval import Choice, Decision, approval
from tasks.bundle import Bundle, find_bundle
from tasks.citizen import ask_citizen
from tasks.criteria import Assessed, decided_criteria, shortfalls
from tasks.dates import local_date
from tasks.letter import letter
from tasks.link import link
from tasks.message import message
from tasks.reasons import reasons_in_words

FIRST = "family-assistance"
FOUND = Choice("found", form="first-case", refers_to="reference")
NOTHING_TO_REVIEW = Choice("nothing-to-review", needs="reasons")
ASK = Choice("ask", needs="question")
REVERSE = Choice("reverse", needs="criteria")
UPHOLD = Choice("uphold", needs="grounds", form="statement")


@service_flow("family-assistance-review", version=1)
def family_assistance_review(case: CaseFile) -> str:
    """Return how the case ends: awarded, awarded-unconfirmed, upheld or nothing-to-review."""
    asked: list[dict[str, Any]] = []
    first = _first_case(case, asked)
    if isinstance(first, Decision):
        return close_without_review(case, first)
    link(case, "review-link", to=first["reference"], kind=LinkKind.REVIEW_OF)
    review = _review(case, first, asked)
    if review.chose(UPHOLD):
        return uphold(case, first, review, asked)
    household = household_of(Answers(first["answers"], OF_A_HOUSEHOLD))
    return award(
        case,
        household=replace(household, address=_address(case)),
        decision=review,
        criteria=decided_criteria(_criteria_of(first), review),
        supersedes=(first["reference"], "refusal"),
    )


def _first_case(case: CaseFile, asked: list[dict[str, Any]]) -> Bundle | Decision:
    """Find the refusal, by an officer's hand where its reference or the names aren't those of one; return
    it, or the officer's word that there is none to review."""
    reference, found = _plain(case.answers.first_reference), None
    while True:
        first = find_bundle(case, "first-case", service=FIRST, reference=reference)
        if first and first["outcome"] == "refused" and (found or _is_theirs(first, case.answers)):
            return first
        found = approval(
            case,
            "find-case",
            by="welfare-officer",
            outcomes=(FOUND, ASK, NOTHING_TO_REVIEW),
            shows={"problem": _problem(first), "asked": asked},
        )
        if found.chose(NOTHING_TO_REVIEW):
            return found
        if found.chose(FOUND):
            reference = _plain(found.details["reference"])
        else:
            message(case, "reference-message", to=_address(case))
            answer = ask_citizen(case, "which-case", found.question or "", within=working_days(20))
            asked.append({"question": found.question, **answer.shown})
            found = None


def _problem(first: Bundle | None) -> str:
    if first is None:
        return "no-such-case"
    return "not-refused" if first["outcome"] != "refused" else "other-people"


def _is_theirs(first: Bundle, answers: Answers) -> bool:
    """Whether the head of the household is the one named in the review: else its letters might go to
    anybody who has read a reference somewhere."""
    theirs: Mapping[str, Any] = first["answers"]
    same_name = _folded(theirs["head_name"]) == _folded(answers.head_name)
    return same_name and theirs["head_birth_date"] == answers.head_birth_date


def _review(case: CaseFile, first: Bundle, asked: list[dict[str, Any]]) -> Decision:
    """Have somebody who had no part in the refusal decide, asking the family as often as needed."""
    while True:
        review = approval(
            case,
            "review",
            by="family-assistance-approver",
            outcomes=(REVERSE, UPHOLD, ASK),
            shows={"first": first, "asked": asked},
            criteria=_criteria_of(first),
            not_by=first["decided_by"],
        )
        if not review.chose(ASK):
            return review
        message(case, "question-message", to=_address(case))
        answer = ask_citizen(case, "evidence", review.question or "", within=working_days(20))
        asked.append({"question": review.question, **answer.shown})


def uphold(case: CaseFile, first: Bundle, review: Decision, asked: Sequence[Mapping[str, Any]]) -> str:
    """Tell the family in writing why the refusal stands, and what would change that."""
    facts = _facts(case, review) | {
        "first_reference": first["reference"],
        "statement": review.details["statement"],
        "reasons": reasons_in_words(case, review),
        "criteria": shortfalls(case, _criteria_of(first), review),
        "asked": asked,
    }
    letter(case, "upheld", facts)
    message(case, "upheld-message", to=_address(case))
    return "upheld"


def close_without_review(case: CaseFile, closed: Decision) -> str:
    """Tell whoever asked why there is nothing to review; nothing of what any case says."""
    facts = _facts(case, closed) | {
        "first_reference": case.answers.first_reference,
        "reasons": reasons_in_words(case, closed),
    }
    letter(case, "nothing-to-review-letter", facts)
    message(case, "nothing-to-review-message", to=_address(case))
    return "nothing-to-review"


def _facts(case: CaseFile, decision: Decision) -> dict[str, Any]:
    return {
        "head_name": case.answers.head_name,
        "received_on": local_date(case, case.received_at).isoformat(),
        "decided_on": local_date(case, decision.at).isoformat(),
        "decided_by": {"name": decision.by_name, "role": decision.by_role},
    }


def _criteria_of(first: Bundle) -> Sequence[Assessed]:
    """Return the criteria of the refusal as they were decided."""
    return cast("Sequence[Assessed]", first["criteria"])


def _plain(reference: str) -> str:
    return "".join(reference.split()).upper()


def _folded(name: str) -> str:
    return " ".join(name.split()).casefold()


def _address(case: CaseFile) -> str | None:
    address: str | None = case.answers.asker_phone or case.answers.asker_email
    return address
