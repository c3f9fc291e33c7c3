"""The steps of a service as its file describes them: titles, roles, times, outcomes, milestones."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum

from config.budget import Budget, working_days, working_hours
from config.errors import ConfigError
from config.reading import Provenance, Table, read_provenance
from config.roles import require_role
from config.words import Words, read_words

NO_ANSWER = "no-answer"
"""The outcome of a step whose time ran out: nobody chooses it."""


class Basis(StrEnum):
    """What a promised time rests on."""

    STATUTORY = "statutory"
    SERVICE_STANDARD = "service-standard"


class Asks(StrEnum):
    """What an officer has to add to an outcome."""

    NOTHING = "nothing"
    REASONS = "reasons"
    QUESTION = "question"
    GROUNDS = "grounds"
    """A ground for every criterion that isn't met."""
    CRITERIA = "criteria"
    """Nothing, but every criterion has to be met."""


class Turn(StrEnum):
    """Who has to do something next while a step is open."""

    OFFICE = "office"
    APPLICANT = "applicant"
    """An officer only notes what the applicant did, such as paying at the counter."""


class MilestoneAt(StrEnum):
    """Whether a step's milestone is reached when the step opens or when it is done."""

    OPENED = "opened"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Sla:
    """How much working time a step may take, and what that promise rests on."""

    budget: Budget
    basis: Basis
    provenance: Provenance

    @property
    def minutes(self) -> int:
        return self.budget.minutes


@dataclass(frozen=True, slots=True)
class StepOutcome:
    """One way a step can end: `choose` is the button's words (None when nobody presses one), `done` tells
    the citizen what happened, `asks` is what must be added, `milestone` what is reached by it (or None)."""

    key: str
    choose: Words | None
    done: Words
    asks: Asks
    milestone: str | None


@dataclass(frozen=True, slots=True)
class StepConfig:
    """One step: its title in inbox and note sheet, the role that acts (None: no member of staff), its time
    (None: none promised), whose turn it is, the milestone it reaches and when, and its outcomes by key."""

    key: str
    title: Words
    role: str | None
    sla: Sla | None
    turn: Turn
    milestone: str | None
    milestone_at: MilestoneAt
    outcomes: Mapping[str, StepOutcome]

    def milestones_reached(self, *, done: bool, outcome: str | None = None) -> tuple[str, ...]:
        """The milestones that this step has reached by being open, or by being done with this outcome."""
        own = self.milestone if done or self.milestone_at is MilestoneAt.OPENED else None
        ended = self.outcomes.get(outcome) if outcome is not None else None
        by_outcome = ended.milestone if ended is not None else None
        return tuple(key for key in (own, by_outcome) if key is not None)


def read_step(
    key: str,
    table: Table,
    languages: Collection[str],
    milestones: Collection[str],
    roles: Collection[str],
) -> StepConfig:
    """One step of a service file, which may reach these milestones and be a task of these roles.

    Raises ConfigError.
    """
    table.only("title", "role", "sla", "turn", "milestone", "milestone_at", "outcomes")
    role = require_role(table, "role", roles) if table.has("role") else None
    if role is not None and not table.has("outcomes"):
        raise table.wrong("outcomes", f"outcomes for the role {role} to choose from")
    if table.has("milestone_at") and not table.has("milestone"):
        raise table.wrong("milestone", "the milestone that milestone_at is about")
    return StepConfig(
        key=key,
        title=read_words(table, "title", languages),
        role=role,
        sla=read_sla(table.table("sla")) if table.has("sla") else None,
        turn=table.choice("turn", Turn) if table.has("turn") else Turn.OFFICE,
        milestone=_milestone_key(table, milestones),
        milestone_at=(
            table.choice("milestone_at", MilestoneAt) if table.has("milestone_at") else MilestoneAt.OPENED
        ),
        outcomes={
            name: _step_outcome(
                name, outcome, languages, milestones, chosen=role is not None and name != NO_ANSWER
            )
            for name, outcome in table.tables("outcomes").items()
        },
    )


def _step_outcome(
    key: str, table: Table, languages: Collection[str], milestones: Collection[str], *, chosen: bool
) -> StepOutcome:
    table.only("choose", "done", "asks", "milestone")
    return StepOutcome(
        key=key,
        choose=read_words(table, "choose", languages) if chosen or table.has("choose") else None,
        done=read_words(table, "done", languages),
        asks=table.choice("asks", Asks) if table.has("asks") else Asks.NOTHING,
        milestone=_milestone_key(table, milestones),
    )


def _milestone_key(table: Table, milestones: Collection[str]) -> str | None:
    if not table.has("milestone"):
        return None
    if table.word("milestone") not in milestones:
        raise table.wrong("milestone", "one of the milestones " + ", ".join(milestones))
    return table.word("milestone")


def read_sla(table: Table) -> Sla:
    """How much time is promised, in one unit, and what the promise rests on. Raises ConfigError."""
    units: dict[str, Callable[[int], Budget]] = {
        "working_days": working_days,
        "working_hours": working_hours,
        "working_minutes": Budget,
    }
    table.only(*units, "basis", "source", "standing", "confirmed")
    given = [unit for unit in units if table.has(unit)]
    if len(given) != 1:
        raise ConfigError(table.file, table.key, "one of " + ", ".join(units), f"{len(given)} of them")
    basis, provenance = table.choice("basis", Basis), read_provenance(table)
    if basis is Basis.STATUTORY and not provenance.confirmed:
        raise table.wrong("basis", "service-standard, as long as no law is confirmed for it")
    return Sla(units[given[0]](table.whole_number(given[0])), basis, provenance)
