"""What a task shows beside the application, made ready to be drawn by its shape alone.

A step's `shows`, and the results of rules and queries, are JSON that a procedure put together. What something
is, is told by its keys (see `_SHAPES`), and its words come from the service's files: no page knows a service.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cases.parties import SameBy
from web.staff.criteria_form import standing_of
from web.staff.service_words import Words as Words
from web.staff.service_words import by_type, is_rate, plainly

SAME_BY = {
    SameBy.NUMBER: "Same number",
    SameBy.NAME_AND_BIRTH_DATE: "Same name and birth date",
    SameBy.NAME: "Same name; a birth date isn’t known",
}


SOURCES = {
    "answer": "application",
    "document": "papers",
    "facility": "hospital or health centre",
    "officer": "officer",
    "register": "our records",
    "rate": "table of amounts and limits",
    "computed": "worked out from these",
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


def evidence(shows: Mapping[str, Any] | None, words: Words) -> list[Block]:
    """Return what a task shows, piece by piece; single values together first, empty ones left out."""
    single, blocks = [], []
    for name, value in (shows or {}).items():
        if value in (None, "", [], {}):
            continue
        if isinstance(value, Mapping | list) and not is_rate(value):
            blocks.append(_block(name, value, words))
        else:
            single.append(Row(words.label(name), words.value(name, value)))
    first = [Block("rows", "What is asked about", single)] if single else []
    return first + blocks


def findings(entries: Iterable[Any], words: Words) -> list[Block]:
    """Return what rules and queries of a case found that an officer should see: criteria, likely duplicates,
    people named elsewhere, a case under review, each as it was found last. entries: journal rows in order."""
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


_FOUND = ("criteria", "duplicates", "people", "bundle")
_SHAPES: tuple[tuple[str, bool, frozenset[str]], ...] = (
    ("duplicates", True, frozenset({"compared"})),
    ("people", True, frozenset({"mine_name"})),
    ("load", True, frozenset({"capacity"})),
    ("cases", True, frozenset({"reference"})),
    ("criteria", True, frozenset({"status"})),
    ("exchange", True, frozenset({"question"})),
    ("bundle", False, frozenset({"decided_by"})),
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
    return [_person(hit, words, words.of(hit["service"])) for hit in hits]


def _person(hit: Mapping[str, Any], words: Words, theirs: Words | None) -> dict[str, str]:
    stands = hit["outcome"] or hit["status"]
    return {
        "name": hit["mine_name"],
        "role": words.party(hit["mine_role"]),
        "other_name": hit["name"],
        "other_role": theirs.party(hit["role"]) if theirs else plainly(hit["role"]),
        "reference": hit["reference"],
        "service": theirs.service if theirs else plainly(hit["service"]),
        "stands": theirs.ending(stands) if theirs else plainly(stands),
        "by": SAME_BY.get(hit["by"], plainly(hit["by"])),
    }


def _load(_name: str, found: Sequence[Mapping[str, Any]], words: Words) -> list[dict[str, Any]]:
    return [
        {
            "name": each["name"],
            "division": each["division"],
            "areas": ", ".join(words.value("areas", area) for area in each["areas"]),
            "open": each["open"],
            "capacity": each["capacity"],
            "full": each["open"] >= each["capacity"],
        }
        for each in found
    ]


def _bundle(name: str, bundle: Mapping[str, Any], words: Words) -> dict[str, Any]:
    """Make another case ready, in the words of its own service; of one that is no more, in plain ones."""
    theirs = words.of(bundle["service"])
    said = theirs or words
    received_at = datetime.fromisoformat(bundle["received_at"])
    return {
        **{key: bundle[key] for key in ("reference", "documents")},
        "service": theirs.service if theirs else plainly(bundle["service"]),
        "stands": said.ending(bundle["outcome"] or "open"),
        "closed_at": by_type(bundle["closed_at"]),
        "decisions": [_told(decision, said) for decision in bundle["decisions"]],
        "criteria": _criteria(name, bundle["criteria"], said),
        "letters": [
            {"title": said.title(_base(letter["key"])), "at": by_type(letter["issued_at"])}
            for letter in bundle["letters"]
        ],
        "pages": theirs.answers(bundle["answers"], received_at) if theirs else [],
    }


_SAID = (("question", "Asked"), ("note", "Note"))


def _told(decision: Mapping[str, Any], words: Words) -> dict[str, Any]:
    """Return a decision of another case: who took it, and every word that was said with it."""
    key = _base(decision["key"])
    told = [(words.reason(each["key"]), each["text"]) for each in decision["reasons"]]
    told += [(words.criterion(each["criterion"]), each["text"]) for each in decision["grounds"]]
    for each in decision["overrides"]:
        standing = standing_of(each["to"]).lower()
        told.append((f"{words.criterion(each['criterion'])}: {standing} all the same", each["text"]))
    told += [(title, decision[name]) for name, title in _SAID if decision[name]]
    return {
        "title": words.title(key),
        "outcome": words.outcome(key, decision["outcome"]),
        "by": decision["by_name"],
        "at": by_type(decision["at"]),
        "rows": _rows(key, decision["details"], words),
        "told": told,
    }


def _base(key: str) -> str:
    """Return the key of a step without the number of its visit."""
    return key.partition("#")[0]


def _criteria(_name: str, found: Sequence[Mapping[str, Any]], words: Words) -> list[dict[str, Any]]:
    return [
        {
            "title": words.criterion(each["key"]),
            "status": each["status"],
            "standing": standing_of(each["status"]),
            "rule": words.rule(each["key"]),
            "overridden": _overridden(each.get("overridden")),
            "facts": [
                Row(
                    words.label(fact["name"]),
                    words.fact(fact["name"], fact["value"]) or "Not known",
                    SOURCES.get(str(fact.get("source") or ""), ""),
                )
                for fact in each.get("facts", ())
            ],
        }
        for each in found
    ]


def _overridden(said: Mapping[str, str] | None) -> str | None:
    """Return in words who decided a criterion otherwise, and why."""
    if said is None:
        return None
    was = standing_of(said["was"]).lower()
    return f"{said['by_name']} decided so; the rule found: {was}. {said['text']}"


def _decision(name: str, value: Mapping[str, Any], words: Words) -> dict[str, Any]:
    return {
        "outcome": words.outcome(name, value["outcome"]),
        "by": value.get("by_name") or value.get("by") or "",
        "at": by_type(value.get("at")),
        "rows": _rows(name, value.get("details") or {}, words) + _said_of_criteria(value, words),
        "note": value.get("note"),
    }


def _said_of_criteria(value: Mapping[str, Any], words: Words) -> list[Row]:
    """Return which criteria a decision overrode, and the ground it gave for others."""
    said = [
        (f"{words.criterion(each['criterion'])}: {standing_of(each['to']).lower()}", each["text"])
        for each in value.get("overrides", ())
    ]
    said += [(words.criterion(each["criterion"]), each["text"]) for each in value.get("grounds", ())]
    return [Row(label, text) for label, text in said]


def _rows(within: str, value: Any, words: Words) -> list[Row]:
    """Return named values as rows; those of a mapping in it stand among them."""
    if isinstance(value, list):
        return [Row("", by_type(each)) for each in value]
    rows: list[Row] = []
    for name, each in value.items():
        if isinstance(each, Mapping) and not is_rate(each):
            rows += _rows(name, each, words)
        elif each is not None:
            rows.append(Row(words.label(name, within), words.value(name, each, within)))
    return rows


def _as_it_is(_name: str, value: Any, _words: Words) -> Any:
    return [value] if isinstance(value, Mapping) else value


_MADE: Mapping[str, Callable[[str, Any, Words], Any]] = {
    "duplicates": _duplicates,
    "people": _people,
    "load": _load,
    "bundle": _bundle,
    "cases": _cases,
    "criteria": _criteria,
    "exchange": _as_it_is,
    "answer": _as_it_is,
    "decision": _decision,
    "rows": _rows,
}
