"""What is promised for each public service: words, steps, milestones, times, numbers, rates.

One file a service, config/services/<key with underscores>.toml, read strictly into a ServiceConfig.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

from config.criteria import CriterionWords, read_criteria
from config.errors import ConfigError
from config.facts import FactWords, read_facts
from config.likeness import Likeness, read_likeness
from config.parties import Parties, read_holding, read_parties
from config.rates import Rates, read_rates
from config.reading import ROOT, Table, read_toml
from config.review import Review, read_review
from config.roles import load_roles
from config.series import Series, read_series
from config.shown import ShownWords, read_shown
from config.steps import StepConfig, read_step
from config.words import ENGLISH, Words, read_words
from config.words import text as text  # whoever reads a service's words needs it

SERVICES_FOLDER = ROOT / "services"


class Shown(StrEnum):
    """Whether a milestone stands in the citizen's list from the start, or only once it is reached."""

    ALWAYS = "always"
    REACHED = "reached"


@dataclass(frozen=True, slots=True)
class CaseOutcome:
    """One way a case can end: a short title, and what it means for the citizen."""

    key: str
    title: Words
    about: Words


@dataclass(frozen=True, slots=True)
class Milestone:
    """A stage a citizen sees: its title, what it means while it is the latest one, and what it is called
    as long as it lies `ahead`.

    `brings` are stages, else shown only once they are reached, which will come when this one is reached;
    those that it `includes` are reached with it. `not_after` are the case outcomes after which it can no
    longer come. The first milestone of a service is reached by applying; the others by steps and their
    outcomes.
    """

    key: str
    title: Words
    about: Words
    ahead: Words
    shown: Shown
    brings: tuple[str, ...]
    includes: tuple[str, ...]
    not_after: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reason:
    """A reason for refusing: `title` for the officer's list; to the family `found` (what was found or
    missing), `rule` (the rule applied, or None) and `remedy` (what would change the outcome).

    With `needs_text` the officer must add words of their own.
    """

    key: str
    title: Words
    found: Words
    rule: Words | None
    remedy: Words
    needs_text: bool


@dataclass(frozen=True, slots=True)
class ServiceConfig:
    """Everything promised for one service. Mappings keep the order of the file.

    `version` is raised by hand when a promise changes; `digest` changes with every byte. `drafts` are the
    languages whose words no native speaker has confirmed. `needs` is what to have at hand, by document
    kind; `phrases` are other words for pages and letters: in both, {a rate} stands for its value on the
    day and {a step} for the working days it may take. `series` are by the step that draws a number.
    `facts` are what criteria are judged on, by name; `shown` is what else a task shows an officer, by its
    name, or by that after the name of what holds it (`route_name`). `matching` names the fields that
    together find other cases of the same thing. `parties` says where the form names
    people, by their role; `holding` after which outcomes a closed case still counts when cases with the same
    people are looked for. `criteria_of` is the service whose criteria, facts and rates these are, for a
    review of its decisions; None for a service's own.
    `review`: by which service a decision can be reviewed, or None. `follows`: the service that must have come
    to something before anybody needs this one, or None; lists show it after that.
    """

    file: str
    key: str
    version: int
    digest: str
    languages: tuple[str, ...]
    drafts: tuple[str, ...]
    title: Words
    description: Words
    department: Words
    needs: Mapping[str, Words]
    phrases: Mapping[str, Words]
    milestones: tuple[Milestone, ...]
    steps: Mapping[str, StepConfig]
    outcomes: Mapping[str, CaseOutcome]
    reasons: Mapping[str, Reason]
    criteria: Mapping[str, CriterionWords]
    facts: Mapping[str, FactWords]
    shown: Mapping[str, ShownWords]
    series: Mapping[str, Series]
    rates: Rates
    matching: Mapping[str, tuple[str, ...]]
    likeness: Likeness | None
    parties: Parties
    holding: tuple[str, ...]
    criteria_of: str | None
    review: Review | None
    follows: str | None

    def budget(self, step: str) -> int | None:
        """The working minutes a step may take, or None when none are promised. KeyError: no such step."""
        sla = self.steps[step].sla
        return None if sla is None else sla.minutes

    def match_keys(self, answers: Mapping[str, object]) -> dict[str, str]:
        """The normalised values that find other cases, by name; one with an empty field is left out."""
        found = {}
        for name, fields in self.matching.items():
            values = [answers.get(field) for field in fields]
            if all(value not in (None, "") for value in values):
                found[name] = " | ".join(str(value).casefold() for value in values)[:200]
        return found

    def milestones_shown(self, reached: Collection[str], outcome: str | None) -> tuple[Milestone, ...]:
        """The milestones for a citizen's list, in order: those reached and those that may still come.

        `outcome` is the case's, or None while it is open.
        """
        brought = {
            key for milestone in self.milestones if milestone.key in reached for key in milestone.brings
        }
        return tuple(
            milestone
            for milestone in self.milestones
            if milestone.key in reached
            or (
                (milestone.shown is Shown.ALWAYS or milestone.key in brought)
                and outcome not in milestone.not_after
            )
        )


def load_services(folder: Path = SERVICES_FOLDER) -> dict[str, ServiceConfig]:
    """Every service in the folder by key. Raises ConfigError at the first mistake."""
    found = [load_service(path) for path in sorted(folder.glob("*.toml"))]
    services = {service.key: service for service in found}
    whole = {key: _with_criteria(service, services) for key, service in services.items()}
    for service in found:
        if service.follows is not None and service.follows not in services:
            raise ConfigError(service.file, "follows", "the key of a service", repr(service.follows))
    return whole


def _with_criteria(service: ServiceConfig, services: Mapping[str, ServiceConfig]) -> ServiceConfig:
    """The service with the criteria, facts and rates of the one that it takes them from."""
    if service.criteria_of is None:
        return service
    other = services.get(service.criteria_of)
    if other is None or other.criteria_of is not None:
        expected = "a service with criteria of its own"
        raise ConfigError(service.file, "criteria_of", expected, repr(service.criteria_of))
    return replace(service, criteria=other.criteria, facts=other.facts, rates=other.rates)


def load_service(path: Path) -> ServiceConfig:
    """One service file. Raises ConfigError with file, key and what was expected."""
    top, digest = read_toml(path)
    top.only(
        *("key", "version", "languages", "drafts", "title", "description", "department", "needs"),
        *("phrases", "milestones", "steps", "outcomes", "reasons", "criteria", "facts", "shown"),
        *("series", "rates", "matching", "likeness", "parties", "holding"),
        *("criteria_of", "review", "follows"),
    )
    key, languages = _key(top, path), _languages(top)
    outcomes, matching = _case_outcomes(top, languages), _matching(top)
    milestones = _milestones(top, languages, outcomes)
    steps = _steps(top, languages, [milestone.key for milestone in milestones])
    rates, series = read_rates(top), _series(top, key, steps)
    fillers = sorted({*rates, *(step.key for step in steps.values() if step.sla)})
    return ServiceConfig(
        file=top.file,
        key=key,
        version=top.whole_number("version"),
        digest=digest,
        languages=languages,
        drafts=_drafts(top, languages),
        title=read_words(top, "title", languages),
        description=read_words(top, "description", languages),
        department=read_words(top, "department", languages),
        needs=_words_by_key(top, "needs", languages, fillers),
        phrases=_words_by_key(top, "phrases", languages, fillers),
        milestones=milestones,
        steps=steps,
        outcomes=outcomes,
        reasons=_reasons(top, languages),
        criteria=read_criteria(top, languages),
        facts=read_facts(top, languages),
        shown=read_shown(top, languages),
        series=series,
        rates=rates,
        matching=matching,
        likeness=read_likeness(top, matching=matching, outcomes=outcomes, series=series),
        parties=read_parties(top, languages),
        holding=read_holding(top, outcomes),
        criteria_of=_criteria_of(top),
        review=read_review(top, outcomes),
        follows=_follows(top),
    )


def _follows(top: Table) -> str | None:
    return top.word("follows") if top.has("follows") else _criteria_of(top)


def _steps(top: Table, languages: tuple[str, ...], milestones: Collection[str]) -> dict[str, StepConfig]:
    return {
        name: read_step(name, table, languages, milestones, load_roles())
        for name, table in _some(top, "steps").items()
    }


def _criteria_of(top: Table) -> str | None:
    if not top.has("criteria_of"):
        return None
    for own in ("criteria", "facts", "rates"):
        if top.has(own):
            raise top.wrong(own, "nothing, since they are those of the service in criteria_of")
    return top.word("criteria_of")


def _key(top: Table, path: Path) -> str:
    expected = path.stem.replace("_", "-")
    if top.word("key") != expected:
        raise top.wrong("key", f"{expected!r}, as the file is called")
    return expected


def _languages(top: Table) -> tuple[str, ...]:
    languages = top.texts("languages")
    if ENGLISH not in languages or not all(
        re.fullmatch(r"[a-z]{2,3}(-[A-Z][a-z]{3})?", code) for code in languages
    ):
        raise top.wrong(
            "languages", 'a list of language codes with "en" among them', ", ".join(languages) or "none"
        )
    return languages


def _drafts(top: Table, languages: tuple[str, ...]) -> tuple[str, ...]:
    drafts = top.texts("drafts")
    for code in drafts:
        if code == ENGLISH or code not in languages:
            raise top.wrong("drafts", "some of the languages, and never en", repr(code))
    return drafts


def _words_by_key(
    top: Table, name: str, languages: tuple[str, ...], placeholders: Collection[str] = ()
) -> dict[str, Words]:
    if not top.has(name):
        return {}
    section = top.table(name)
    return {key: read_words(section, key, languages, placeholders) for key in top.tables(name)}


def _some(top: Table, name: str) -> dict[str, Table]:
    tables = top.tables(name)
    if not tables:
        raise top.wrong(name, "at least one table")
    return tables


def _case_outcomes(top: Table, languages: tuple[str, ...]) -> dict[str, CaseOutcome]:
    outcomes = {}
    for key, table in _some(top, "outcomes").items():
        table.only("title", "about")
        title, about = read_words(table, "title", languages), read_words(table, "about", languages)
        outcomes[key] = CaseOutcome(key, title, about)
    return outcomes


def _milestones(
    top: Table, languages: tuple[str, ...], outcomes: Mapping[str, CaseOutcome]
) -> tuple[Milestone, ...]:
    tables = _some(top, "milestones")
    return tuple(_milestone(key, table, languages, outcomes, tables) for key, table in tables.items())


def _milestone(
    key: str,
    table: Table,
    languages: tuple[str, ...],
    outcomes: Mapping[str, CaseOutcome],
    milestones: Collection[str],
) -> Milestone:
    table.only("title", "about", "ahead", "shown", "brings", "includes", "not_after")
    for name, what, known in (
        ("not_after", "outcomes", outcomes),
        ("brings", "milestones", milestones),
        ("includes", "milestones", milestones),
    ):
        for one in table.texts(name):
            if one not in known:
                raise table.wrong(name, f"some of the {what} " + ", ".join(known), repr(one))
    title = read_words(table, "title", languages)
    return Milestone(
        key=key,
        title=title,
        about=read_words(table, "about", languages),
        ahead=read_words(table, "ahead", languages) if table.has("ahead") else title,
        shown=table.choice("shown", Shown) if table.has("shown") else Shown.ALWAYS,
        brings=table.texts("brings"),
        includes=table.texts("includes"),
        not_after=table.texts("not_after"),
    )


def _reasons(top: Table, languages: tuple[str, ...]) -> dict[str, Reason]:
    return {key: _reason(key, table, languages) for key, table in top.tables("reasons").items()}


def _reason(key: str, table: Table, languages: tuple[str, ...]) -> Reason:
    table.only("title", "found", "rule", "remedy", "needs_text")
    return Reason(
        key=key,
        title=read_words(table, "title", languages),
        found=read_words(table, "found", languages),
        rule=read_words(table, "rule", languages) if table.has("rule") else None,
        remedy=read_words(table, "remedy", languages),
        needs_text=table.flag("needs_text") if table.has("needs_text") else False,
    )


def _matching(top: Table) -> dict[str, tuple[str, ...]]:
    if not top.has("matching"):
        return {}
    section = top.table("matching")
    for name in section.values:
        if not section.texts(name):
            raise section.wrong(name, "at least one field of the form", "none")
    return {name: section.texts(name) for name in section.values}


def _series(top: Table, service: str, steps: Mapping[str, StepConfig]) -> dict[str, Series]:
    tables = top.tables("series")
    for key in tables:
        if key not in steps:
            raise ConfigError(top.file, f"series.{key}", "one of the steps " + ", ".join(steps), "this key")
    return {key: read_series(service, key, table) for key, table in tables.items()}
