"""What an application for Family Assistance is judged on: the household's need, and the scheme's conditions.

Pure functions on the application, on what other cases say, and on what officers saw. The words of each
criterion, and how well its rule is known, stand in config/services/family_assistance.toml; so do the points
of the scoring table, as dated rows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from cases.journal import Answers, CaseFile
from tasks.approval import Decision
from tasks.criteria import Criterion, Fact, Finding, Source, met, not_met, not_proven
from tasks.dates import last_day, local_date
from tasks.parties import PartyHit
from tasks.rates import RateInForce, rate_in_force

BANDS = ("lowest", "low", "middle")
"""The bands of income by person, the poorest first; above the last there are no points."""
BY_NAME_ALONE = "name"


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the criteria are judged on: the application, the papers an officer saw, the visit to the home, and
    other cases in which somebody of the household is named."""

    case: CaseFile
    papers: Decision
    visit: Decision
    elsewhere: Sequence[PartyHit]

    @property
    def answers(self) -> Answers:
        """The application's answers."""
        return self.case.answers

    @property
    def found(self) -> Mapping[str, Any]:
        """What was found at the home."""
        return self.visit.details

    @property
    def day(self) -> date:
        """The day by whose rows the application is judged: that of its receipt."""
        return local_date(self.case, self.case.received_at)

    def rate(self, name: str) -> RateInForce:
        """Return the row in force on that day."""
        return rate_in_force(self.case, name, self.day)

    def has_seen(self, paper: str) -> bool:
        """Whether an officer saw a paper of this kind."""
        return paper in (self.papers.details.get("seen_papers") or [])


def _head_is_known(evidence: Evidence) -> Finding:
    fact = Fact("seen_papers", evidence.papers.details.get("seen_papers") or [], Source.DOCUMENT)
    return met(fact) if evidence.has_seen("photo_id") else not_proven(fact)


def _household_lives_in_fiji(evidence: Evidence) -> Finding:
    facts = (
        Fact("home_province", evidence.answers.home_province),
        Fact("lives_there", evidence.found.get("lives_there"), Source.OFFICER),
    )
    return met(*facts) if evidence.found.get("lives_there") else not_met(*facts)


def _household_is_poor(evidence: Evidence) -> Finding:
    """Add up the points of the scoring table, item by item, so that the trace shows where each came from."""
    found, people = evidence.found, int(evidence.found["people_found"])
    income = round(int(found["income_found"]) / people)
    dependants = count_dependants(evidence)
    assets = found.get("assets_found") or []
    by_income = evidence.rate(_points_by_income(evidence, income))
    by_walls = evidence.rate(f"points-walls-{found['walls_found']}")
    by_water = evidence.rate(f"points-water-{found['water_found']}")
    by_dependants = evidence.rate("points-dependants" if dependants * 2 >= people else "points-no-dependants")
    by_asset = evidence.rate("points-off-each-asset")
    needed = evidence.rate("points-needed")
    given = (by_income, by_walls, by_water, by_dependants)
    points = sum(int(row["value"]) for row in given) - len(assets) * int(by_asset["value"])
    facts = (
        Fact("income_per_person", income, Source.OFFICER),
        Fact("points_for_income", by_income, Source.RATE),
        Fact("walls_found", found["walls_found"], Source.OFFICER),
        Fact("points_for_walls", by_walls, Source.RATE),
        Fact("water_found", found["water_found"], Source.OFFICER),
        Fact("points_for_water", by_water, Source.RATE),
        Fact("dependants", dependants),
        Fact("points_for_dependants", by_dependants, Source.RATE),
        Fact("assets_found", assets, Source.OFFICER),
        Fact("points_off_each_asset", by_asset, Source.RATE),
        Fact("points", points, Source.COMPUTED),
        Fact("points_needed", needed, Source.RATE),
    )
    return met(*facts) if points >= int(needed["value"]) else not_met(*facts)


def _points_by_income(evidence: Evidence, income: int) -> str:
    """Return the name of the row for an income per person and month."""
    for band in BANDS:
        if income <= int(evidence.rate(f"income-{band}")["value"]):
            return f"points-income-{band}"
    return "points-income-above"


def count_dependants(evidence: Evidence) -> int:
    """Return how many of the household are children or old on the day by whose rows it is judged."""
    child, old = (int(evidence.rate(name)["value"]) for name in ("child-until", "old-from"))
    born = [evidence.answers.head_birth_date]
    born += [member["member_birth_date"] for member in evidence.answers.members or []]
    return sum(is_dependant(date.fromisoformat(each), evidence.day, child, old) for each in born)


def is_dependant(born: date, day: date, child_until: int, old_from: int) -> bool:
    """Whether somebody is younger than `child_until` years on `day`, or has reached `old_from`."""
    return day < last_day(born, 12 * child_until) or last_day(born, 12 * old_from) <= day


def _help_does_not_overlap(evidence: Evidence) -> Finding:
    """Judge whether the head gets other help, or the household is already in another case.

    How many cases were found is a fact; which, only officers are shown: a reference in a letter could tell
    somebody where a person who left them has gone.
    """
    allowances = evidence.answers.head_allowances or []
    certain = [hit for hit in evidence.elsewhere if hit["by"] != BY_NAME_ALONE]
    facts = (
        Fact("head_allowances", allowances),
        Fact("cases_of_the_same_people", len({hit["reference"] for hit in certain}), Source.REGISTER),
        Fact(
            "cases_of_the_same_names",
            len({hit["reference"] for hit in evidence.elsewhere if hit["by"] == BY_NAME_ALONE}),
            Source.REGISTER,
        ),
    )
    if allowances or certain:
        return not_met(*facts)
    return not_proven(*facts) if evidence.elsewhere else met(*facts)


def _household_has_no_superannuation(evidence: Evidence) -> Finding:
    fact = Fact("superannuation", evidence.answers.superannuation)
    return not_met(fact) if evidence.answers.superannuation else met(fact)


def _somebody_endorses_it(evidence: Evidence) -> Finding:
    facts = (
        Fact("endorsed_by", evidence.answers.endorsed_by),
        Fact("endorsement_seen", evidence.has_seen("endorsement"), Source.DOCUMENT),
    )
    return met(*facts) if evidence.has_seen("endorsement") else not_proven(*facts)


def _training_is_declared(evidence: Evidence) -> Finding | None:
    if not evidence.found.get("able_to_work"):
        return None
    fact = Fact("declares_training", evidence.answers.declares_training)
    return met(fact) if evidence.answers.declares_training else not_met(fact)


CRITERIA = (
    Criterion("head-known", _head_is_known),
    Criterion("residence", _household_lives_in_fiji),
    Criterion("need", _household_is_poor),
    Criterion("overlap", _help_does_not_overlap),
    Criterion("superannuation", _household_has_no_superannuation),
    Criterion("endorsement", _somebody_endorses_it),
    Criterion("training", _training_is_declared),
)
