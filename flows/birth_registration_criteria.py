"""What the registration of a birth is judged on: the child's age, whom to ask, and the criteria.

Pure functions on the application and on what others said. The words of each criterion, and how well its rule
is known, stand in config/services/birth_registration.toml.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from cases.journal import Answers, CaseFile
from tasks.approval import Decision
from tasks.citizen import Answer, NoAnswer
from tasks.criteria import Criterion, Fact, Finding, Source, met, not_met, not_proven
from tasks.dates import last_day, local_date
from tasks.rates import rate_in_force

ON_TIME, LATE, VERY_LATE = "on-time", "late", "very-late"


def way_by_age(case: CaseFile) -> dict[str, Any]:
    """Find the way by the child's age on the day of receipt.

    The limits and the fee are those in force on that day, not on the day of birth: they say what an office
    asks of somebody who applies, and they must exist for people born before there were any.
    """
    received = local_date(case, case.received_at)
    born = date.fromisoformat(case.answers.child_birth_date)
    normal = rate_in_force(case, "normal-limit", received)
    free = rate_in_force(case, "free-until", received)
    normal_until, free_until = last_day(born, int(normal["value"])), last_day(born, int(free["value"]))
    name = ON_TIME if received <= normal_until else LATE if received <= free_until else VERY_LATE
    return {
        "name": name,
        "limit_months": int(normal["value"]),
        "free_months": int(free["value"]),
        "received_on": received.isoformat(),
        "on_time_until": normal_until.isoformat(),
        "free_until": free_until.isoformat(),
        "fee": rate_in_force(case, "late-fee", received) if name == VERY_LATE else None,
    }


def facility_of_birth(case: CaseFile) -> dict[str, str | None]:
    """Find whom to ask for the notification: nobody for a birth at home, or a facility that we don't know."""
    named = case.answers.birth_facility
    facility = case.places.facility_named(named)
    return {"key": facility.key if facility else None, "named": named}


def father_is_on_no_paper(answers: Answers) -> bool:
    """Whether a father is named whom neither the notification nor a declaration of his own shows."""
    return bool(
        answers.father_name and not answers.father_on_notification and not answers.paternity_declaration
    )


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the criteria are judged on: the application, the way by age, and what others said."""

    case: CaseFile
    route: str
    notification: Decision | NoAnswer | None
    paternity: Answer | NoAnswer | None

    @property
    def answers(self) -> Answers:
        """The application's answers."""
        return self.case.answers

    def paper(self, *kinds: str) -> Finding:
        """Whether the application comes with one of these papers."""
        has = self.answers.documents or []
        fact = Fact("documents", has, Source.DOCUMENT)
        return met(fact) if any(kind in has for kind in kinds) else not_proven(fact)


def _birth_is_notified(evidence: Evidence) -> Finding:
    answers, said = evidence.answers, evidence.notification
    if answers.notification_number:
        return met(Fact("notification_number", answers.notification_number))
    if isinstance(said, NoAnswer):
        silent_until = local_date(evidence.case, said.at)
        return not_proven(Fact("facility_silent_until", silent_until.isoformat(), Source.FACILITY))
    if said is None:
        return not_proven(Fact("birth_place", answers.birth_facility or answers.birth_place_kind))
    if said.outcome == "not-found":
        return not_met(Fact("facility_has_no_record", answers.birth_facility, Source.FACILITY))
    return met(Fact("notification_number", said.details.get("notification_number"), Source.FACILITY))


def _informant_is_known(evidence: Evidence) -> Finding:
    return evidence.paper("photo_id")


def _family_is_in_the_vkb(evidence: Evidence) -> Finding | None:
    if not evidence.answers.itaukei:
        return None
    if evidence.answers.vkb_number:
        return met(Fact("vkb_number", evidence.answers.vkb_number))
    return evidence.paper("vkb")


def _parents_from_abroad_are_known(evidence: Evidence) -> Finding | None:
    return None if evidence.answers.mother_nationality == "FJ" else evidence.paper("passport")


def _delay_is_declared(evidence: Evidence) -> Finding | None:
    return None if evidence.route == ON_TIME else evidence.paper("declaration")


def _long_delay_is_evidenced(evidence: Evidence) -> Finding | None:
    return None if evidence.route != VERY_LATE else evidence.paper("school_confirmation")


def _paternity_stands(evidence: Evidence) -> Finding | None:
    answers, said, family = evidence.answers, evidence.notification, evidence.paternity
    if not answers.father_name:
        return None
    if answers.father_on_notification:
        return met(Fact("father_on_notification", True))
    if answers.paternity_declaration:
        return met(Fact("paternity_declaration", True))
    if isinstance(said, Decision) and said.details.get("father_named"):
        return met(Fact("father_on_notification", True, Source.FACILITY))
    if isinstance(family, Answer):
        return not_proven(Fact("family_says", family.text))
    return not_proven(Fact("paternity_declaration", False))


CRITERIA = (
    Criterion("birth-notified", _birth_is_notified),
    Criterion("informant-known", _informant_is_known),
    Criterion("vkb", _family_is_in_the_vkb),
    Criterion("parents-from-abroad", _parents_from_abroad_are_known),
    Criterion("declaration", _delay_is_declared),
    Criterion("late-evidence", _long_delay_is_evidenced),
    Criterion("paternity", _paternity_stands),
)
