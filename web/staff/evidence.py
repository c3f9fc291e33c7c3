"""What a task shows beside the application, made ready to be drawn by its shape alone.

A step's `shows`, and the results of rules and queries, are JSON that a procedure put together. What something
is, is told by its keys (see `_SHAPES`), and its words come from the service's files: no page knows a service.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from cases.parties import SameBy
from config.services import ServiceConfig
from config.shown import ShownWords
from forms.form import Form
from web.languages import say_date, say_moment

STANDINGS = {"met": "Met", "not-met": "Not met", "not-proven": "Not proven"}
SAME_BY = {
    SameBy.NUMBER: "Same number",
    SameBy.NAME_AND_BIRTH_DATE: "Same name and birth date",
    SameBy.NAME: "Same name; a birth date isn’t known",
}


@dataclass(frozen=True)
class Block:
    """One piece of evidence: how it is drawn (a macro of staff/shown.html), its title, and what it holds."""

    kind: str
    title: str
    value: Any


@dataclass(frozen=True)
class Row:
    """One named value, in words. source: where a fact comes from, "" where that isn't told."""

    label: str
    text: str
    source: str = ""


@dataclass(frozen=True)
class Compared:
    """One item beside the same item of other cases: `others` are (text, whether it differs)."""

    label: str
    own: str
    others: Sequence[tuple[str, bool]]


class Words:
    """Names and values of a service in words: those of its forms, its facts, what it shows, its steps.

    task_forms: what officers fill in with its decisions. A name of the service's own form goes first.
    services: all there are, for what is told of other cases.
    """

    def __init__(
        self,
        config: ServiceConfig,
        form: Form,
        task_forms: Iterable[Form] = (),
        services: Mapping[str, ServiceConfig] | None = None,
    ) -> None:
        self._config = config
        self._forms = {name: each for each in (*task_forms, form) for name in each.fields}
        self._services = services or {config.key: config}

    def named(self, name: str, within: str = "") -> str | None:
        """Return what something is called that `within` holds; None where no file of the service says so."""
        if shown := self._shown(name, within):
            return shown.title["en"]
        if name in self._forms:
            return self._forms[name].fields[name].short["en"]
        return self._config.facts[name]["en"] if name in self._config.facts else None

    def label(self, name: str, within: str = "") -> str:
        """Return what something is called; its key as words where no file says so."""
        return self.named(name, within) or plainly(name)

    def title(self, name: str) -> str:
        """Return what a piece of evidence is called: as the service says, else as its step."""
        step = self._config.steps.get(name.replace("_", "-"))
        return step.title["en"] if step and name not in self._config.shown else self.label(name)

    def value(self, name: str, value: Any, within: str = "") -> str:
        """Return a value in words: as the service says it, else by its type. "" stands for nothing."""
        shown = self._shown(name, within)
        if shown and isinstance(value, str) and value in shown.values:
            return shown.values[value]["en"]
        if name in self._forms:
            try:
                return self._forms[name].display(name, value, "en")
            except (TypeError, ValueError, KeyError, AttributeError):
                pass  # something else under the same name
        return _by_type(value)

    def ending(self, key: str, service: str | None = None) -> str:
        """Return in words how a case of this service or another ended, or that it is open."""
        config = self._services.get(service) if service else self._config
        known = config.outcomes.get(key) if config else None
        return known.title["en"] if known else plainly(key)

    def _shown(self, name: str, within: str) -> ShownWords | None:
        shown = self._config.shown
        return shown.get(f"{within}_{name}") or shown.get(name)

    def criterion(self, key: str) -> str:
        """Return the title of a criterion."""
        known = self._config.criteria.get(key)
        return known.title["en"] if known else plainly(key)

    def service(self, key: str) -> str:
        """Return the title of a service."""
        known = self._services.get(key)
        return known.title["en"] if known else plainly(key)

    def party(self, role: str, service: str | None = None) -> str:
        """Return what people in a role are called, in this service or another."""
        config = self._services.get(service) if service else self._config
        known = config.parties.get(role) if config else None
        return known.title["en"] if known and known.title else plainly(role)

    def outcome(self, name: str, key: str) -> str:
        """Return in words how a step was decided."""
        step = self._config.steps.get(name.replace("_", "-"))
        known = step.outcomes.get(key) if step else None
        return known.choose["en"] if known and known.choose else plainly(key)


def plainly(name: str) -> str:
    """Return a key as words: "late-fee" as "Late fee"."""
    words = name.replace("_", " ").replace("-", " ").strip()
    return words[:1].upper() + words[1:]


def evidence(shows: Mapping[str, Any] | None, words: Words) -> list[Block]:
    """Return what a task shows, piece by piece; single values together first, empty ones left out."""
    single, blocks = [], []
    for name, value in (shows or {}).items():
        if value in (None, "", [], {}):
            continue
        if isinstance(value, Mapping | list) and not _is_rate(value):
            blocks.append(_block(name, value, words))
        else:
            single.append(Row(words.label(name), words.value(name, value)))
    first = [Block("rows", "What is asked about", single)] if single else []
    return first + blocks


def findings(entries: Iterable[Any], words: Words) -> list[Block]:
    """Return what rules and queries of a case found that an officer should see: criteria, likely duplicates
    and people named elsewhere, each as it was found last. entries: journal rows in order."""
    latest: dict[str, Any] = {}
    for entry in entries:
        shape = _shape_of(entry.result)
        if shape in _FOUND and entry.role is None:
            latest[entry.key.partition("#")[0]] = entry.result
    return [_block(name, result, words) for name, result in latest.items()]


def _block(name: str, value: Any, words: Words) -> Block:
    shape = _shape_of(value) or "rows"
    return Block(shape, words.title(name), _MADE[shape](name, value, words))


def _shape_of(value: Any) -> str | None:
    """Return which of `_SHAPES` a value has."""
    several = isinstance(value, list)
    probe = value[0] if several and value else value
    if not isinstance(probe, Mapping):
        return None
    return next((shape for shape, many, keys in _SHAPES if many == several and keys & probe.keys()), None)


_FOUND = ("criteria", "duplicates", "people")
_SHAPES: tuple[tuple[str, bool, frozenset[str]], ...] = (
    ("duplicates", True, frozenset({"compared"})),
    ("people", True, frozenset({"mine_name"})),
    ("cases", True, frozenset({"reference"})),
    ("criteria", True, frozenset({"status"})),
    ("exchange", True, frozenset({"question"})),
    ("decision", False, frozenset({"outcome"})),
    ("answer", False, frozenset({"answer", "no_answer"})),
)
"""Shape, whether it is a list, and the keys of which one gives it away. The first that fits counts."""


def _duplicates(_name: str, hits: Sequence[Mapping[str, Any]], words: Words) -> dict[str, Any]:
    fields = dict.fromkeys(each["field"] for hit in hits for each in hit["compared"])
    by_hit = [{each["field"]: each for each in hit["compared"]} for hit in hits]
    return {
        "hits": [_case(hit, words) for hit in hits],
        "rows": [_compared(field, by_hit, words) for field in fields],
    }


def _case(hit: Mapping[str, Any], words: Words) -> dict[str, Any]:
    stands = str(hit.get("outcome") or hit.get("status") or "")
    return {**hit, "stands": words.ending(stands), "rule": plainly(str(hit.get("rule") or "")).lower()}


def _cases(_name: str, found: Sequence[Mapping[str, Any]], words: Words) -> list[dict[str, Any]]:
    return [_case(each, words) for each in found]


def _compared(field: str, by_hit: Sequence[Mapping[str, Any]], words: Words) -> Compared:
    own = next(each[field]["own"] for each in by_hit if field in each)
    others = [
        (words.value(field, each[field]["other"]), bool(each[field]["differs"]))
        if field in each
        else ("", False)
        for each in by_hit
    ]
    return Compared(words.label(field), words.value(field, own), others)


def _people(_name: str, hits: Sequence[Mapping[str, Any]], words: Words) -> list[dict[str, str]]:
    return [
        {
            "name": hit["mine_name"],
            "role": words.party(hit["mine_role"]),
            "other_name": hit["name"],
            "other_role": words.party(hit["role"], hit["service"]),
            "reference": hit["reference"],
            "service": words.service(hit["service"]),
            "standing": words.ending(hit["outcome"] or hit["status"], hit["service"]),
            "by": SAME_BY.get(hit["by"], plainly(hit["by"])),
        }
        for hit in hits
    ]


def _criteria(_name: str, found: Sequence[Mapping[str, Any]], words: Words) -> list[dict[str, Any]]:
    return [
        {
            "title": words.criterion(each["key"]),
            "status": each["status"],
            "standing": STANDINGS.get(each["status"], plainly(each["status"])),
            "facts": [
                Row(
                    words.label(fact["name"]),
                    words.value(fact["name"], fact["value"]) or "Not known",
                    plainly(str(fact.get("source") or "")).lower(),
                )
                for fact in each.get("facts", ())
            ],
        }
        for each in found
    ]


def _decision(name: str, value: Mapping[str, Any], words: Words) -> dict[str, Any]:
    return {
        "outcome": words.outcome(name, value["outcome"]),
        "by": value.get("by_name") or value.get("by") or "",
        "at": _by_type(value.get("at")),
        "rows": _rows(name, value.get("details") or {}, words),
        "note": value.get("note"),
    }


def _rows(within: str, value: Any, words: Words) -> list[Row]:
    """Return named values as rows; those of a mapping in it stand among them."""
    if isinstance(value, list):
        return [Row("", _by_type(each)) for each in value]
    rows: list[Row] = []
    for name, each in value.items():
        if isinstance(each, Mapping) and not _is_rate(each):
            rows += _rows(name, each, words)
        elif each is not None:
            rows.append(Row(words.label(name, within), words.value(name, each, within)))
    return rows


def _as_it_is(_name: str, value: Any, _words: Words) -> Any:
    return [value] if isinstance(value, Mapping) else value


_MADE: Mapping[str, Callable[[str, Any, Words], Any]] = {
    "duplicates": _duplicates,
    "people": _people,
    "cases": _cases,
    "criteria": _criteria,
    "exchange": _as_it_is,
    "answer": _as_it_is,
    "decision": _decision,
    "rows": _rows,
}


def _by_type(value: Any) -> str:
    """Return a value of JSON in words. ISO dates and instants are written as people do."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, list):
        return ", ".join(_by_type(each) for each in value)
    if _is_rate(value):
        return _rate(value)
    if isinstance(value, Mapping):
        return "; ".join(
            f"{plainly(name)}: {_by_type(each)}" for name, each in value.items() if each is not None
        )
    return _when(value) if isinstance(value, str) else str(value)


def _is_rate(value: Any) -> bool:
    return isinstance(value, Mapping) and {"value", "unit", "valid_from", "source"} <= value.keys()


def _rate(rate: Mapping[str, Any]) -> str:
    """Return a dated row in words, with how well it is known: who decides must see that it isn't certain."""
    known = "confirmed" if rate.get("confirmed") else "not confirmed"
    return f"{rate['value']} {rate['unit']}, since {_when(rate['valid_from'])} ({known}: {rate['source']})"


def _when(text: str) -> str:
    try:
        return (
            say_date(date.fromisoformat(text))
            if len(text) == 10
            else say_moment(datetime.fromisoformat(text))
        )
    except ValueError:
        return text
