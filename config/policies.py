"""How the times of a service are watched: config/policies/<key with underscores>.toml, one file a service.

    service = "birth-registration"
    version = 1                          # raised by hand with every change that clocks shall know of

    tells = ["phone", "email"]           # fields of the form: the first that is filled is written to

    [pauses.hospital-asked]              # the reasons for which a clock may stand still
    evidence = true                      # whether a pause must say what shows it
    words.en = "We wait for the hospital"

    [extensions]                         # by how much in all and how often a clock may be extended
    working_days = 10
    times = 1

    [quiet]                              # when nobody is written to
    from = "18:00"
    until = "08:00"

    [case.service-standard]              # a clock of the whole case since it was received; or `statutory`
    working_days = 20                    # and source, standing, confirmed, as for a step
    ladder = [{ late_working_days = 1, act = "tell-citizen" }]

    [steps.review]                       # a step that has a promised time in the service file
    warnings = [80]                      # per cent of that time
    excepted = ["rotuma"]                # offices whose tasks climb no ladder
    ladder = [
        { at_percent = 80, act = "remind-officer" },
        { late_working_hours = 0, act = "notify-supervisor" },
        { late_working_days = 2, act = "raise-to-manager" },
    ]

A service without a file has times and clocks, and no ladder. No rung decides anything.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from config.budget import working_days, working_hours
from config.calendar_file import CLOCK
from config.errors import ConfigError
from config.reading import ROOT, Table, read_toml
from config.services import ServiceConfig
from config.steps import NO_ANSWER, Basis, Sla, StepConfig, read_sla
from config.words import Words, read_words

POLICIES_FOLDER = ROOT / "policies"
NO_POLICY = "none"
WATCHING = ("warnings", "excepted", "ladder")


class Act(StrEnum):
    """What a rung of a ladder does. None of them decides anything."""

    REMIND_OFFICER = "remind-officer"
    NOTIFY_SUPERVISOR = "notify-supervisor"
    MOVE_TO_POOL = "move-to-pool"
    """Take the task from whoever holds it and give it back to all of its role."""
    RAISE_TO_MANAGER = "raise-to-manager"
    TELL_CITIZEN = "tell-citizen"
    """We are late, because, and the new date."""


FOR_TASKS = frozenset({Act.REMIND_OFFICER, Act.MOVE_TO_POOL})
"""Acts that need somebody whose task it is."""


@dataclass(frozen=True, slots=True)
class Rung:
    """One step of a ladder: what is done when so many working minutes have counted.

    percent: of the budget; None for a rung that comes `late` working minutes after the budget ran out.
    """

    act: Act
    percent: int | None
    late: int

    def minutes(self, budget: int) -> int:
        """The working minutes that must have counted, of a clock with this budget (rounded up)."""
        return budget + self.late if self.percent is None else -(-budget * self.percent // 100)


@dataclass(frozen=True, slots=True)
class Quiet:
    """When nobody is written to, in minutes since midnight; over midnight when `start` is after `end`."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Pause:
    """A reason for which a clock may stand still, and whether it must say what shows it."""

    key: str
    words: Words
    evidence: bool


@dataclass(frozen=True, slots=True)
class StepPolicy:
    """How one clock is watched: warnings in per cent of its budget, and its ladder in the order of time.

    sla: the budget and what it rests on. excepted: the offices in which it climbs no ladder.
    """

    sla: Sla
    warnings: tuple[int, ...] = ()
    ladder: tuple[Rung, ...] = ()
    excepted: frozenset[str] = frozenset()

    def ladder_in(self, office: str) -> tuple[Rung, ...]:
        """The rungs that a clock of this office climbs."""
        return () if office in self.excepted else self.ladder


@dataclass(frozen=True, slots=True)
class Policy:
    """How the times of one service are watched. `version` is kept with each clock.

    tells: the fields of the form with an address of the applicant, the first that is filled counts.
    steps: by step key, of all steps with a promised time. case: the clocks of a whole case.
    extension: (working minutes in all, how often).
    """

    file: str
    service: str
    version: str
    pauses: Mapping[str, Pause]
    extension: tuple[int, int]
    quiet: Quiet | None
    tells: tuple[str, ...]
    steps: Mapping[str, StepPolicy]
    case: Mapping[Basis, StepPolicy]


def load_policies(
    services: Mapping[str, ServiceConfig], offices: Collection[str], folder: Path = POLICIES_FOLDER
) -> dict[str, Policy]:
    """Every service's policy by service key. Raises ConfigError at the first mistake.

    offices: the keys of all offices.
    """
    policies = {key: without_policy(service) for key, service in services.items()}
    for path in sorted(folder.glob("*.toml")):
        policy = load_policy(path, services, offices)
        policies[policy.service] = policy
    return policies


def without_policy(service: ServiceConfig) -> Policy:
    """The policy of a service that has no file: its promised times and nothing more."""
    steps = {step.key: StepPolicy(step.sla) for step in service.steps.values() if step.sla}
    return Policy(service.file, service.key, NO_POLICY, {}, (0, 0), None, (), steps, {})


def load_policy(path: Path, services: Mapping[str, ServiceConfig], offices: Collection[str]) -> Policy:
    """One policy file. Raises ConfigError with file, key and what was expected."""
    top, _ = read_toml(path)
    top.only("service", "version", "pauses", "extensions", "quiet", "tells", "case", "steps")
    service = services.get(top.word("service"))
    if service is None:
        raise top.wrong("service", "one of " + ", ".join(services))
    if path.stem != service.key.replace("-", "_"):
        raise top.wrong("service", f"the service of this file's name ({path.stem})")
    plain = without_policy(service)
    written = {key: _step(table, service, offices) for key, table in top.tables("steps").items()}
    case = {_basis(key, table): _of_case(key, table, offices) for key, table in top.tables("case").items()}
    _require_an_address(top, [*written.values(), *case.values()])
    return Policy(
        top.file,
        service.key,
        str(top.whole_number("version")),
        {key: _pause(key, table, service) for key, table in top.tables("pauses").items()},
        _extension(top.table("extensions")) if top.has("extensions") else (0, 0),
        _quiet(top.table("quiet")) if top.has("quiet") else None,
        top.texts("tells"),
        {**plain.steps, **written},
        case,
    )


def _require_an_address(top: Table, watched: Collection[StepPolicy]) -> None:
    acts = {rung.act for one in watched for rung in one.ladder}
    if Act.TELL_CITIZEN in acts and not top.texts("tells"):
        raise top.wrong("tells", f"fields with an address, since a rung is to {Act.TELL_CITIZEN}")


def _pause(key: str, table: Table, service: ServiceConfig) -> Pause:
    table.only("evidence", "words")
    evidence = table.flag("evidence") if table.has("evidence") else False
    return Pause(key, read_words(table, "words", service.languages), evidence)


def _extension(table: Table) -> tuple[int, int]:
    table.only("working_days", "times")
    return working_days(table.whole_number("working_days")).minutes, table.whole_number("times")


def _quiet(table: Table) -> Quiet:
    table.only("from", "until")
    start, end = (_time_of_day(table, name) for name in ("from", "until"))
    if start == end:
        raise table.wrong("until", "another time than `from`: some hour must be left to write in")
    return Quiet(start, end)


def _time_of_day(table: Table, name: str) -> int:
    match = re.fullmatch(CLOCK, table.text(name, "a time such as 18:00, in quotes"))
    if match is None:
        raise table.wrong(name, "a time such as 18:00, in quotes")
    return int(match.group(1)) * 60 + int(match.group(2))


def _basis(key: str, table: Table) -> Basis:
    if key not in list(Basis):
        raise ConfigError(table.file, table.key, "one of the clocks " + ", ".join(Basis), "this key")
    return Basis(key)


def _of_case(key: str, table: Table, offices: Collection[str]) -> StepPolicy:
    table.only("working_days", "working_hours", "source", "standing", "confirmed", *WATCHING)
    promised = {name: value for name, value in table.values.items() if name not in WATCHING}
    sla = read_sla(Table(table.file, table.key, promised | {"basis": key}))
    return StepPolicy(sla, _warnings(table), _ladder(table, sla, None), _excepted(table, offices))


def _step(table: Table, service: ServiceConfig, offices: Collection[str]) -> StepPolicy:
    table.only(*WATCHING)
    step = service.steps.get(table.key.rpartition(".")[2])
    if step is None or step.sla is None:
        timed = ", ".join(known.key for known in service.steps.values() if known.sla)
        raise ConfigError(table.file, table.key, f"a step with a promised time: {timed}", "this key")
    return StepPolicy(step.sla, _warnings(table), _ladder(table, step.sla, step), _excepted(table, offices))


def _excepted(table: Table, offices: Collection[str]) -> frozenset[str]:
    for office in table.texts("excepted"):
        if office not in offices:
            raise table.wrong("excepted", "offices, of " + ", ".join(offices), repr(office))
    if table.has("excepted") and not table.has("ladder"):
        raise table.wrong("excepted", "a ladder from which they are excepted")
    return frozenset(table.texts("excepted"))


def _warnings(table: Table) -> tuple[int, ...]:
    value = table.values.get("warnings", [])
    expected = "per cents from 1 to 100, each once and in order"
    if not isinstance(value, list) or not all(type(item) is int and 1 <= item <= 100 for item in value):
        raise table.wrong("warnings", expected)
    if value != sorted(set(value)):
        raise table.wrong("warnings", expected, str(value))
    return tuple(value)


def _ladder(table: Table, sla: Sla, step: StepConfig | None) -> tuple[Rung, ...]:
    rungs: list[Rung] = []
    for row in table.rows("ladder"):
        rung = _rung(row, step)
        if rungs and rung.minutes(sla.minutes) < rungs[-1].minutes(sla.minutes):
            raise ConfigError(row.file, row.key, "a rung no earlier than the one before", "an earlier one")
        same_time = [known.act for known in rungs if known.minutes(sla.minutes) == rung.minutes(sla.minutes)]
        if rung.act in same_time:
            raise row.wrong("act", "each act once at the same time")
        rungs.append(rung)
    return tuple(rungs)


def _rung(row: Table, step: StepConfig | None) -> Rung:
    units = ("at_percent", "late_working_hours", "late_working_days")
    row.only("act", *units)
    given = [unit for unit in units if row.has(unit)]
    if len(given) != 1:
        raise ConfigError(row.file, row.key, "one of " + ", ".join(units), f"{len(given)} of them")
    act, unit = row.choice("act", Act), given[0]
    amount = row.whole_number(unit, 1 if unit == "at_percent" else 0)
    if unit == "at_percent" and amount > 100:
        raise row.wrong(unit, "a per cent from 1 to 100; what comes later is late_working_hours or _days")
    if act is Act.TELL_CITIZEN and unit == "at_percent":
        raise row.wrong(unit, "late_working_hours or late_working_days: before, nothing is late")
    _require_it_can_fire(row, act, unit, step)
    if unit == "at_percent":
        return Rung(act, amount, 0)
    late = working_hours(amount) if unit == "late_working_hours" else working_days(amount)
    return Rung(act, None, late.minutes)


def _require_it_can_fire(row: Table, act: Act, unit: str, step: StepConfig | None) -> None:
    """Refuse a rung that nothing could ever bring about."""
    if act in FOR_TASKS and (step is None or step.role is None):
        raise row.wrong("act", "an act for what is nobody's task; this rung can't fire")
    if unit != "at_percent" and step is not None and NO_ANSWER in step.outcomes:
        expected = f"at_percent, since {step.key} ends by itself when its time is over; this rung can't fire"
        raise row.wrong(unit, expected)
