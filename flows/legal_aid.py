"""Legal aid: from the application to the lawyer's last word in the matter.

First, whether the Commission can act at all: is the other side a client? Then a lawyer looks at the merits,
and the Director decides on every criterion, in writing. Whoever is in custody or soon before a court goes
before all others, at every desk. A grant is done only when the practitioner says that the matter is over.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cases.journal import CaseFile
from config.budget import working_days
from flows.engine.service_flow import service_flow
from flows.legal_aid_criteria import CRITERIA, Evidence
from flows.legal_aid_shared import (
    address,
    conflicts_of,
    decision_facts,
    grant,
    matter_facts,
    overridden,
    papers_known,
    tell_of_question,
    titles_of_met,
    urgency_of,
)
from tasks.approval import Choice, Decision, approval
from tasks.assessment import assess
from tasks.citizen import ask_citizen
from tasks.criteria import Assessed, assess_criteria, decided_criteria, shortfalls
from tasks.letter import letter
from tasks.message import message
from tasks.reasons import reasons_in_words

LAWYER, DIRECTOR = "legal-aid-lawyer", "legal-aid-director"

NO_CONFLICT = Choice("no-conflict", form="no-conflict")
REFER = Choice("refer", needs="reasons", form="referral")
ADVISE = Choice("advise", form="merit")
ADVISE_CIVIL = Choice("advise", form="merit-civil")
GRANT = Choice("grant", needs="criteria")
REFUSE = Choice("refuse", needs="grounds")
ASK = Choice("ask", needs="question")

REFERRED = ("referred_name", "referred_address", "referred_phone")


@service_flow("legal-aid", version=1)
def legal_aid(case: CaseFile) -> str:
    """Return how the case ends: completed, refused or referred."""
    urgency = assess(case, "urgency", lambda case: urgency_of(case, case.answers))
    conflicts = conflicts_of(case)
    cleared = _clear(case, urgency, conflicts) if conflicts else None
    if cleared is not None and cleared.chose(REFER):
        return refer(case, cleared)
    asked: list[dict[str, Any]] = []
    merit = _merit_review(case, urgency, asked)
    criteria = assess_criteria(case, "criteria", CRITERIA, Evidence(case, merit, cleared))
    shows = {"urgency": urgency, "merit_review": merit.shown}
    took_part = [merit.by, *([cleared.by] if cleared else [])]
    decision = _decide(case, shows, criteria, asked, not_by=took_part)
    if decision.chose(REFUSE):
        return refuse(case, decision, criteria, asked, [merit])
    facts = decision_facts(case, decision) | matter_facts(case.answers)
    facts |= {"criteria": overridden(case, criteria, decision)}
    return grant(case, facts, shows={"urgency": urgency}, urgent=urgency["why"])


def _clear(case: CaseFile, urgency: Mapping[str, Any], conflicts: Sequence[Any]) -> Decision:
    """Have a lawyer look at the people found: is it a conflict of interest?"""
    return approval(
        case,
        "conflict-check",
        by=LAWYER,
        outcomes=(NO_CONFLICT, REFER),
        shows={"urgency": urgency, "conflicts": conflicts},
        urgent=urgency["why"],
    )


def _merit_review(case: CaseFile, urgency: Mapping[str, Any], asked: list[dict[str, Any]]) -> Decision:
    """Have a lawyer look at the merits and the papers, asking the applicant as often as needed."""
    advise = ADVISE_CIVIL if case.answers.category == "civil" else ADVISE
    while True:
        merit = approval(
            case,
            "merit-review",
            by=LAWYER,
            outcomes=(advise, ASK),
            shows={"urgency": urgency, "asked": asked},
            urgent=urgency["why"],
        )
        if not merit.chose(ASK):
            return merit
        tell_of_question(case, urgency["why"])
        within = working_days(2 if urgency["why"] else 10)
        answer = ask_citizen(case, "merit-question", merit.question or "", within=within)
        asked.append({"question": merit.question, **answer.shown})


def _decide(
    case: CaseFile,
    shows: Mapping[str, Any],
    criteria: Sequence[Assessed],
    asked: list[dict[str, Any]],
    *,
    not_by: Sequence[str],
) -> Decision:
    """Have the Director decide on every criterion; nobody who took part before does."""
    urgent = shows["urgency"]["why"]
    while True:
        decision = approval(
            case,
            "decision",
            by=DIRECTOR,
            outcomes=(GRANT, REFUSE, ASK),
            shows={**shows, "asked": asked},
            criteria=criteria,
            not_by=not_by,
            urgent=urgent,
        )
        if not decision.chose(ASK):
            return decision
        tell_of_question(case, urgent)
        within = working_days(2 if urgent else 10)
        answer = ask_citizen(case, "decision-question", decision.question or "", within=within)
        asked.append({"question": decision.question, **answer.shown})


def refuse(
    case: CaseFile,
    decision: Decision,
    criteria: Sequence[Assessed],
    asked: Sequence[Mapping[str, Any]],
    seen_by: Sequence[Decision],
) -> str:
    """Tell the applicant in writing why legal aid is refused, on each criterion, and what would change it."""
    facts = decision_facts(case, decision) | matter_facts(case.answers)
    facts |= {
        "criteria": shortfalls(case, criteria, decision),
        "met": titles_of_met(case, decided_criteria(criteria, decision)),
        "reasons": reasons_in_words(case, decision),
        "asked": asked,
        "papers": papers_known(case.answers, seen_by),
    }
    letter(case, "refusal", facts)
    message(case, "refusal-message", to=address(case))
    return "refused"


def refer(case: CaseFile, decision: Decision) -> str:
    """Tell the applicant that the Commission can't act, and who can; nothing of who else is a client."""
    facts = decision_facts(case, decision) | matter_facts(case.answers)
    facts |= {
        "reasons": reasons_in_words(case, decision),
        **{name: decision.details.get(name) for name in REFERRED},
    }
    letter(case, "referral", facts)
    message(case, "referral-message", to=address(case))
    return "referred"
