"""What legal aid is judged on: the matter, who else is concerned, means, merits, and the papers.

Pure functions on the application and on what the lawyer found. The words of each criterion, and how well its
rule is known, stand in config/services/legal_aid.toml.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from cases.journal import Answers, CaseFile
from tasks.approval import Decision
from tasks.criteria import Criterion, Fact, Finding, Source, met, not_met, not_proven
from tasks.dates import local_date
from tasks.rates import RateInForce, rate_in_force

TIMES_A_YEAR = {"week": 52, "fortnight": 26, "month": 12, "year": 1}


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the criteria are judged on.

    merit: what the lawyer found. cleared: a lawyer's word that people found in other cases are no conflict of
    interest; None where nobody was found.
    """

    case: CaseFile
    merit: Decision
    cleared: Decision | None

    @property
    def answers(self) -> Answers:
        """The application's answers."""
        return self.case.answers

    def rate(self, name: str) -> RateInForce:
        """The dated row in force on the day of receipt."""
        return rate_in_force(self.case, name, local_date(self.case, self.case.received_at))

    def paper(self, *kinds: str) -> Finding:
        """Whether the application names one of these papers, or the lawyer has seen one."""
        named, seen = self.answers.documents or [], self.merit.details.get("papers_seen") or []
        facts = (Fact("documents", named, Source.DOCUMENT), Fact("papers_seen", seen, Source.OFFICER))
        return met(*facts) if any(kind in (*named, *seen) for kind in kinds) else not_proven(*facts)


def _matter_is_covered(evidence: Evidence) -> Finding:
    answers = evidence.answers
    if answers.category != "civil":
        return met(Fact("category", answers.category))
    covered = evidence.merit.details["area_covered"]
    facts = (Fact("civil_area", answers.civil_area), Fact("area_covered", covered, Source.OFFICER))
    return met(*facts) if covered else not_met(*facts)


def _nobody_else_is_a_client(evidence: Evidence) -> Finding:
    """Met by the time it is judged; its facts say nothing of other clients, since letters may print them."""
    compared = Fact("clients_compared", True, Source.REGISTER)
    cleared = [Fact("conflict_cleared", True, Source.OFFICER)] if evidence.cleared else []
    return met(compared, *cleared)


def _income_is_low(evidence: Evidence) -> Finding:
    answers, limit = evidence.answers, evidence.rate("income-limit")
    yearly = answers.income_amount * TIMES_A_YEAR[answers.income_period]
    facts = (Fact("income_yearly", yearly, Source.COMPUTED), Fact("income_limit", limit, Source.RATE))
    if yearly > Decimal(limit["value"]):
        return not_met(*facts)
    papers = ("income_proof",) if yearly else ("income_proof", "income_declaration")
    shown = evidence.paper(*papers)
    return Finding(shown.status, (*facts, *shown.facts))


def _assets_are_low(evidence: Evidence) -> Finding:
    limit = evidence.rate("assets-limit")
    value = evidence.answers.assets_value
    facts = (Fact("assets_value", value), Fact("assets_limit", limit, Source.RATE))
    return not_met(*facts) if value > Decimal(limit["value"]) else met(*facts)


def _matter_has_merit(evidence: Evidence) -> Finding:
    prospects = evidence.merit.details["prospects"]
    fact = Fact("prospects", prospects, Source.OFFICER)
    return {"reasonable": met, "unclear": not_proven, "none": not_met}[prospects](fact)


def _applicant_is_known(evidence: Evidence) -> Finding:
    return evidence.paper("photo_id")


def _court_papers_are_there(evidence: Evidence) -> Finding | None:
    return evidence.paper("court_papers") if evidence.answers.has_hearing else None


CRITERIA = (
    Criterion("covered", _matter_is_covered),
    Criterion("no-conflict", _nobody_else_is_a_client),
    Criterion("income", _income_is_low),
    Criterion("assets", _assets_are_low),
    Criterion("merit", _matter_has_merit),
    Criterion("applicant-known", _applicant_is_known),
    Criterion("court-papers", _court_papers_are_there),
)
