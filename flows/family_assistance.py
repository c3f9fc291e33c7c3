"""Family Assistance: from the application of a household to the first payment in its hands.

The office sees the papers, an officer visits the home, and the application is judged on what was found,
criterion by criterion. The welfare officer recommends, the divisional head checks, and headquarters decides:
three people, of whom none decides on work of their own. Nobody's silence refuses anything.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cases.journal import CaseFile
from cases.vocabulary import LinkKind
from config.budget import working_days
from flows.engine.service_flow import service_flow
from flows.family_assistance_award import award, household_of
from flows.family_assistance_criteria import CRITERIA, Evidence
from tasks.approval import Choice, Decision, approval
from tasks.citizen import ask_citizen
from tasks.criteria import Assessed, all_criteria_in_words, assess_criteria, decided_criteria
from tasks.dates import local_date
from tasks.letter import letter
from tasks.link import link
from tasks.message import message
from tasks.parties import PartyHit, find_parties
from tasks.reasons import reasons_in_words

COMPLETE = Choice("complete", form="papers-seen")
SAME_HOUSEHOLD = Choice("same-household", form="same-household", refers_to="reference")
ASK = Choice("ask", needs="question")
VISITED, NOBODY_HOME = Choice("visited", form="home-visit"), Choice("nobody-home", form="nobody-home")
RECOMMEND = Choice("recommend-award", form="recommendation")
ADVISE_AGAINST = Choice("recommend-refusal", form="recommendation")
AGREE, SEND_BACK = Choice("agree"), Choice("send-back", form="sent-back")
APPROVE, REFUSE = Choice("approve", needs="criteria"), Choice("refuse", needs="grounds")

EVERYBODY = ("head", "member")
ALREADY_HELPED = {"family-assistance": EVERYBODY, "family-assistance-review": ("head",)}


@service_flow("family-assistance", version=1)
def family_assistance(case: CaseFile) -> str:
    """Return how the case ends: awarded, awarded-unconfirmed, refused or same-household."""
    asked: list[dict[str, Any]] = []
    papers, elsewhere = _completeness(case, asked)
    if papers.chose(SAME_HOUSEHOLD):
        return close_as_same_household(case, papers)
    visit, tried = _home_visit(case, papers)
    criteria = assess_criteria(case, "criteria", CRITERIA, Evidence(case, papers, visit, elsewhere))
    shows = {
        "elsewhere": elsewhere,
        "completeness": papers.shown,
        "home_visit": visit.shown,
        "tried": tried,
        "asked": asked,
    }
    recommended, checked = _recommendation(case, criteria, shows, assessor=visit.by)
    shows |= {"recommendation": recommended.shown, "check": checked.shown}
    decision = approval(
        case,
        "decision",
        by="family-assistance-approver",
        outcomes=(APPROVE, REFUSE),
        shows=shows,
        criteria=criteria,
        not_by=sorted({visit.by, recommended.by, checked.by}),
    )
    if decision.chose(REFUSE):
        return refuse(case, decision, criteria, asked)
    return award(
        case,
        household=household_of(case.answers),
        decision=decision,
        criteria=decided_criteria(criteria, decision),
    )


def _completeness(case: CaseFile, asked: list[dict[str, Any]]) -> tuple[Decision, list[PartyHit]]:
    """Have the office look at the papers, asking the family as often as needed; return what it found last,
    and the other cases with somebody of the household."""
    while True:
        elsewhere = find_parties(case, "overlap", mine=EVERYBODY, among=ALREADY_HELPED)
        papers = approval(
            case,
            "completeness",
            by="welfare-officer",
            outcomes=(COMPLETE, ASK, SAME_HOUSEHOLD) if elsewhere else (COMPLETE, ASK),
            shows={"elsewhere": elsewhere, "asked": asked},
        )
        if not papers.chose(ASK):
            return papers, elsewhere
        message(case, "question-message", to=_address(case))
        answer = ask_citizen(case, "missing-papers", papers.question or "", within=working_days(20))
        asked.append({"question": papers.question, **answer.shown})


def _home_visit(case: CaseFile, papers: Decision) -> tuple[Decision, list[dict[str, Any]]]:
    """Have the home visited, again while nobody is met; return what was found, and who came for nothing."""
    tried: list[dict[str, Any]] = []
    message(case, "visit-message", to=_address(case))
    while True:
        visit = approval(
            case,
            "home-visit",
            by="welfare-officer",
            outcomes=(VISITED, NOBODY_HOME),
            shows={"completeness": papers.shown, "tried": tried},
        )
        if visit.chose(VISITED):
            return visit, tried
        tried.append(visit.shown)
        message(case, "missed-visit-message", to=_address(case))


def _recommendation(
    case: CaseFile, criteria: Sequence[Assessed], shows: dict[str, Any], *, assessor: str
) -> tuple[Decision, Decision]:
    """Have the welfare officer recommend and the divisional head check it, until the two are one."""
    returned: list[dict[str, Any]] = []
    while True:
        recommended = approval(
            case,
            "recommendation",
            by="welfare-officer",
            outcomes=(RECOMMEND, ADVISE_AGAINST),
            shows={**shows, "criteria": criteria, "returned": returned},
        )
        checked = approval(
            case,
            "check",
            by="divisional-head",
            outcomes=(AGREE, SEND_BACK),
            shows={**shows, "criteria": criteria, "recommendation": recommended.shown, "returned": returned},
            not_by=sorted({assessor, recommended.by}),
        )
        if checked.chose(AGREE):
            return recommended, checked
        returned.append(checked.shown)


def refuse(
    case: CaseFile, decision: Decision, criteria: Sequence[Assessed], asked: Sequence[dict[str, Any]]
) -> str:
    """Tell the family why no assistance is paid, criterion by criterion, and what would change that."""
    told = all_criteria_in_words(case, criteria, decision)
    facts = _facts(case, decision) | {
        "reasons": reasons_in_words(case, decision),
        "criteria": [each for each in told if each["status"] != "met"],
        "met": [each["title"] for each in told if each["status"] == "met"],
        "asked": asked,
    }
    letter(case, "refusal", facts)
    message(case, "refusal-message", to=_address(case))
    return "refused"


def close_as_same_household(case: CaseFile, papers: Decision) -> str:
    """Link the case to the one about the same household, and tell the family which of them goes on."""
    other = papers.details["reference"]
    link(case, "same-household-link", to=other, kind=LinkKind.DUPLICATE_OF)
    letter(case, "same-household-letter", _facts(case, papers) | {"other_reference": other})
    message(case, "same-household-message", to=_address(case))
    return "same-household"


def _facts(case: CaseFile, decision: Decision) -> dict[str, Any]:
    return {
        "head_name": case.answers.head_name,
        "received_on": local_date(case, case.received_at).isoformat(),
        "decided_on": local_date(case, decision.at).isoformat(),
        "decided_by": {"name": decision.by_name, "role": decision.by_role},
    }


def _address(case: CaseFile) -> str | None:
    return household_of(case.answers).address
