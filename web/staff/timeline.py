"""What happened on a case, in sentences for officers, from its audit events and the words of its steps."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cases.reading import WholeCase
from cases.vocabulary import Delivery, EventKind
from config.services import ServiceConfig
from web.public.tracking import base_key
from web.staff.criteria_form import title_of
from web.staff.evidence import Words


@dataclass(frozen=True)
class Line:
    """One line: when, who did it, what, and the words that were said."""

    at: datetime
    who: str
    what: str
    words: Sequence[str]


def timeline(config: ServiceConfig, whole: WholeCase, words: Words) -> list[Line]:
    """Return the lines of a case, the newest first. words: those of its service."""
    return [_line(config, whole, event, words) for event in reversed(whole.events)]


def _line(config: ServiceConfig, whole: WholeCase, event: Any, words: Words) -> Line:
    body = json.loads(event.body)
    data = body["data"]
    describe = _SENTENCES.get(EventKind(event.kind), _plainly)
    result = _result(whole, data.get("step"), event.at) if event.kind in _WITH_WORDS else {}
    said = _said(config, result, words)
    return Line(event.at, body["actor"], describe(config, data, event.kind), said)


_WITH_WORDS = (EventKind.DECIDED, EventKind.ANSWERED)
Describe = Callable[[ServiceConfig, Mapping[str, Any], str], str]


def _plainly(_config: ServiceConfig, _data: Mapping[str, Any], kind: str) -> str:
    return _PLAIN.get(EventKind(kind), kind)


_PLAIN = {
    EventKind.SUBMITTED: "Application sent",
    EventKind.IMPORTED: "Application brought in from another system",
    EventKind.ANSWERED: "The family answered",
    EventKind.ANSWERED_TOO_LATE: "An answer came after its time and was kept as a note",
    EventKind.EXPIRED: "No answer came in time",
    EventKind.CLOCK_PAUSED: "A clock was paused",
    EventKind.CLOCK_RESUMED: "A paused clock went on",
    EventKind.CLOCK_EXTENDED: "A clock was extended",
    EventKind.CLOCKS_REDATED: "The working calendar changed, and dates with it",
    EventKind.WITHDRAWN: "Application withdrawn",
    EventKind.INCIDENT: "Processing stopped with an error; an administrator was told",
    EventKind.RETRIED: "Processing was started again after an error",
    EventKind.LETTER_FAILED: "A letter could not be made",
    EventKind.MESSAGE_SENT: "Message sent to the family",
    EventKind.MESSAGE_FAILED: "A message could not be sent",
    EventKind.MESSAGE_UNKNOWN: "It is not known whether a message arrived",
    EventKind.DOCUMENT_ADDED: "The family added a document",
    EventKind.PIN_REPLACED: "A lost PIN was replaced",
}


def _step(config: ServiceConfig, key: str) -> str:
    step = config.steps.get(base_key(key))
    return step.title["en"] if step else key


def _advanced(config: ServiceConfig, data: Mapping[str, Any], _kind: str) -> str:
    keys = [*data.get("recorded", ()), *data.get("opened", ())]
    ended = config.outcomes.get(data.get("outcome", ""))
    done = [_step(config, key) for key in keys] + ([f"closed: {ended.title['en']}"] if ended else [])
    return "; ".join(done) or "Looked at, nothing to do"


def _decided(config: ServiceConfig, data: Mapping[str, Any], _kind: str) -> str:
    step = config.steps.get(base_key(data["step"]))
    outcome = step.outcomes.get(data["outcome"]) if step else None
    return f"Decided: {outcome.choose['en'] if outcome and outcome.choose else data['outcome']}"


ACTS = {
    "remind-officer": "the officer was reminded of",
    "notify-supervisor": "the supervisor was told of",
    "move-to-pool": "anybody of the role may take",
    "raise-to-manager": "the manager was told of",
    "tell-citizen": "the family was told that we are late with",
}


def _escalated(config: ServiceConfig, data: Mapping[str, Any], _kind: str) -> str:
    told = [f"{ACTS.get(rung['act'], rung['act'])}: {_step(config, rung['step'])}" for rung in data["rungs"]]
    return f"Time runs short; {'; '.join(told)}"


def _about_step(sentence: str) -> Describe:
    return lambda config, data, _kind: f"{sentence}: {_step(config, data['step'])}"


def _gone_back(sentence: str) -> Describe:
    return lambda config, data, _kind: f"{sentence}: {_step(config, data['to'])}"


def _letter(config: ServiceConfig, data: Mapping[str, Any], _kind: str) -> str:
    return f"Letter made: {_step(config, data['letter'])}"


def _handed_over(config: ServiceConfig, data: Mapping[str, Any], _kind: str) -> str:
    told = {
        Delivery.READY: "Printed, ready to collect",
        Delivery.COLLECTED: "Collected",
        Delivery.POSTED: "Posted",
        Delivery.DOWNLOADED: "Downloaded by the family",
    }
    return f"{told[Delivery(data['how'])]}: {_step(config, data['letter'])}"


def _confirmed(_config: ServiceConfig, data: Mapping[str, Any], _kind: str) -> str:
    who = "The family" if data["by"] == "citizen" else "An officer, for the family,"
    return f"{who} confirmed the receipt"


def _exported(_config: ServiceConfig, data: Mapping[str, Any], _kind: str) -> str:
    return f"Handed over in batch {data['batch']} of the list {data['list']}"


def _about_row(sentence: str) -> Describe:
    return lambda config, data, _kind: f"{sentence}, batch {data['batch']}: {_step(config, data['step'])}"


def _replaced(config: ServiceConfig, data: Mapping[str, Any], _kind: str) -> str:
    letters = ", ".join(_step(config, key) for key in data["letters"])
    return f"Replaced by a letter of {data['by']}: {letters}"


_SENTENCES: Mapping[EventKind, Describe] = {
    EventKind.ESCALATED: _escalated,
    EventKind.HANDED_OVER: _handed_over,
    EventKind.CONFIRMED: _confirmed,
    EventKind.EXPORTED: _exported,
    EventKind.EXPORT_CONFIRMED: _about_row("Done by the other office"),
    EventKind.EXPORT_RETURNED: _about_row("Returned by the other office"),
    EventKind.LETTER_SUPERSEDED: _replaced,
    EventKind.ADVANCED: _advanced,
    EventKind.CLAIMED: _about_step("Took the task"),
    EventKind.RELEASED: _about_step("Gave the task back"),
    EventKind.DECIDED: _decided,
    EventKind.REWOUND: _gone_back("Taken back to"),
    EventKind.REOPENED: _gone_back("Opened again at"),
    EventKind.LETTER_ISSUED: _letter,
}


def _result(whole: WholeCase, key: str | None, at: datetime) -> Mapping[str, Any]:
    """Return what a step came to at an instant: after a rewind, one has been decided more than once."""
    visits = [
        entry
        for entry in whole.journal
        if entry.key == key and isinstance(entry.result, dict) and entry.done_at and entry.done_at <= at
    ]
    return visits[-1].result if visits else {}


def _said(config: ServiceConfig, result: Mapping[str, Any], words: Words) -> list[str]:
    """Return what was said at a step: on criteria, reasons, question, answer, what a form was given, note."""
    said = [
        f"{title_of(config, each['criterion'])} is {each['to'].replace('-', ' ')}: {each['text']}"
        for each in result.get("overrides", ())
    ]
    said += [f"{title_of(config, each['criterion'])}: {each['text']}" for each in result.get("grounds", ())]
    said += [reason["text"] for reason in result.get("reasons", ())]
    said += [result[name] for name in ("question", "text") if result.get(name)]
    said += [
        f"{words.label(name)}: {words.value(name, value)}"
        for name, value in (result.get("details") or {}).items()
        if value not in (None, "")
    ]
    return said + ([result["note"]] if result.get("note") else [])
