"""What an officer fills in about the criteria that a decision rests on: a ground for each that isn't met, and
which of them they decide otherwise, with the reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from werkzeug.datastructures import MultiDict

from cases.grounds import WITH_CRITERIA, Criteria, Lack, Lacking, lacking, unmet
from cases.vocabulary import Needs, Standing
from config.services import ServiceConfig

STANDINGS = {Standing.MET: "Met", Standing.NOT_MET: "Not met", Standing.NOT_PROVEN: "Not proven"}


@dataclass(frozen=True)
class CriterionField:
    """A criterion on the page of a decision. ground: whether it has a field for its ground from the start;
    options: what it may be decided to, (value, words)."""

    key: str
    title: str
    status: str
    standing: str
    ground: bool
    options: Sequence[tuple[str, str]]


@dataclass
class OnCriteria:
    """What stands in the page's inputs, each by criterion: grounds, what it is decided to ("" as found), and
    why."""

    grounds: dict[str, str] = field(default_factory=dict)
    standings: dict[str, str] = field(default_factory=dict)
    whys: dict[str, str] = field(default_factory=dict)

    @property
    def overrides(self) -> list[dict[str, str]]:
        """What is decided otherwise, as the verb takes it."""
        return [
            {"criterion": key, "to": to, "text": self.whys[key]} for key, to in self.standings.items() if to
        ]

    def given(self, needs: str, criteria: Criteria) -> list[dict[str, str]]:
        """Return the grounds of a decision as the verb takes them: of what isn't met after the overrides."""
        if needs != Needs.GROUNDS:
            return []
        return [
            {"criterion": key, "text": self.grounds.get(key, "")} for key in unmet(criteria, self.overrides)
        ]


def fields_of(config: ServiceConfig, needs: str, criteria: Criteria) -> list[CriterionField]:
    """Return the criteria that the page of an outcome asks about: all of an adverse one, of a favourable one
    those in its way."""
    if needs not in WITH_CRITERIA:
        return []
    adverse = needs == Needs.GROUNDS
    return [
        CriterionField(
            key=each["key"],
            title=title_of(config, each["key"]),
            status=each["status"],
            standing=standing_of(each["status"]),
            ground=adverse and each["status"] != Standing.MET,
            options=_options(each["status"], adverse),
        )
        for each in criteria
        if adverse or each["status"] != Standing.MET
    ]


def standing_of(status: str) -> str:
    """Return a standing in words."""
    return STANDINGS[Standing(status)] if status in list(Standing) else status


def title_of(config: ServiceConfig, key: str) -> str:
    """Return what officers call a criterion; its key where the service no longer has it."""
    known = config.criteria.get(key)
    return known.title["en"] if known else key


def _options(status: str, adverse: bool) -> list[tuple[str, str]]:
    to = [Standing.MET, Standing.NOT_MET] if adverse else [Standing.MET]
    as_found = ("", f"As found: {standing_of(status).lower()}")
    return [as_found, *((each.value, STANDINGS[each]) for each in to if each != status)]


def nothing_yet(config: ServiceConfig, fields: Sequence[CriterionField]) -> OnCriteria:
    """Return a page nobody has filled in: grounds have the words of the service."""
    return OnCriteria(
        grounds={each.key: _ready_made(config, each) for each in fields},
        standings={each.key: "" for each in fields},
        whys={each.key: "" for each in fields},
    )


def _ready_made(config: ServiceConfig, each: CriterionField) -> str:
    known = config.criteria.get(each.key)
    found = known.found(each.status if each.ground else Standing.NOT_MET) if known else None
    return found["en"] if found else ""


def read(fields: Sequence[CriterionField], inputs: MultiDict[str, str]) -> OnCriteria:
    """Return what stands in a page's inputs."""
    chosen = {each.key: inputs.get(f"standing-{each.key}", "") for each in fields}
    offered = {each.key: [value for value, _ in each.options] for each in fields}
    return OnCriteria(
        grounds={each.key: inputs.get(f"ground-{each.key}", "") for each in fields},
        standings={key: to if to in offered[key] else "" for key, to in chosen.items()},
        whys={each.key: inputs.get(f"why-{each.key}", "") for each in fields},
    )


def troubles(
    config: ServiceConfig, needs: str, criteria: Criteria, said: OnCriteria, reasons: Sequence[object]
) -> list[tuple[str, str]]:
    """Return what is wrong with what was said, as (words, the input it is about)."""
    if needs not in WITH_CRITERIA:
        return []
    wrong = lacking(
        needs, criteria, grounds=said.given(needs, criteria), overrides=said.overrides, reasons=reasons
    )
    in_order = [each["key"] for each in criteria]
    wrong.sort(key=lambda each: in_order.index(each.criterion) if each.criterion in in_order else -1)
    return [_told(each, title_of(config, each.criterion or "")) for each in wrong]


def _told(wrong: Lacking, title: str) -> tuple[str, str]:
    words, anchor = _TOLD.get(wrong.what, _OTHERWISE)
    return words.format(title=title), anchor.format(key=wrong.criterion)


_OTHERWISE = ("Check what you decided about “{title}”", "standing-{key}")
_TOLD: Mapping[Lack, tuple[str, str]] = {
    Lack.NO_GROUND: ("Write the ground: why is “{title}” not met?", "ground-{key}"),
    Lack.NO_WHY: ("Say why you decide “{title}” otherwise", "why-{key}"),
    Lack.NOT_MET: (
        "“{title}” stands in the way. Decide it otherwise, with the reason, or choose another outcome",
        "standing-{key}",
    ),
    Lack.NO_REASON: ("Choose at least one reason, since every criterion is met", "reason"),
}
