"""Scenes in files: a case to be played, what happens to it, and what should come of it.

    about: The registrar refuses, and the family gets the reasons.
    based_on: registered_at_once.yaml       # optional: everything not said here is taken from there
    received_at: 2026-05-05T09:00:00+12:00
    office: suva
    channel: counter
    answers:                                # by field of the form, as in an import; the changes to `based_on`
      child_name: Losalini Tikoisuva
    queries:                                # optional: what a query step finds
      duplicates: []                        # by the step's key; `duplicates#2` for its second visit alone
      appointment: false                    # an assignment: whether there was room; there is, unless it says
    acts:
      - {step: review, at: 2026-05-06T10:00:00+12:00, by: Mere Tukana, outcome: ask, question: Which village?}
      - {step: evidence, at: 2026-05-07T10:00:00+12:00, answer: Vunidawa, documents: [house.jpg]}
      - {step: late-fee, at: ..., by: Jone Vuki, outcome: waived, details: {reason: ...}}    # the task form
      - {step: receipt, at: ..., confirmed: citizen}                        # or: officer, at the counter
      - {step: first-payment, at: ..., paid: true}      # its batch is confirmed; or `returned: No account`
      - step: review#2
        at: 2026-05-08T10:00:00+12:00
        by: Mere Tukana
        outcome: refuse
        reasons: [{key: evidence-missing}]  # `text`: the officer's own words; else those of the service file
        grounds: [{criterion: birth-notified}]          # likewise, for each criterion that isn't met
        overrides: [{criterion: informant-known, to: met, text: She is known to me.}]
    expect:                                 # optional; what is left out isn't compared
      outcome: refused                      # null while it waits
      waiting_for: []
      steps: [route, criteria, duplicates, review, ...]
      letters: {refusal: {child_name: Losalini Tikoisuva}}     # each letter, with some or all of its facts
      messages: [question-message, refusal-message]
      results: {route: {name: on-time}}     # what rules recorded, with some or all of it
      supersedes: {award: {reference: BR-ABC-DEF-GHJ, key: refusal}}    # letters that replace another case's
      links: {duplicate-link: {reference: BR-ABC-DEF-GHJ}}
      exports: {lands-notice: {child_name: Losalini Tikoisuva}}
      payments: {first-payment: {amount: 100}}                # what is ordered
      assignments: {appointment: {holder: nisha-chand}}       # to whom the case was to be given
      deadlines: {review: 2026-05-12T09:00:00+12:00}
      expires: {evidence: 2026-06-04T10:00:00+12:00}
      urgent: {review: in-custody}        # why a task goes before all others; null where it doesn't
      not_by: {approval: [Mere Tukana]}   # who may not decide it

An answer that never comes is `{step: evidence, no_answer: true}`, and `{step: KEY, passed: true}` lets the
instant come that a step waits for. Instants have their offset from UTC.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from cases.payments import PAID, RETURNED
from cases.vocabulary import Channel, Standing, StepKind
from config.errors import ConfigError
from config.reading import Table
from config.steps import Asks
from flows.engine.play import Act, Played, Scene
from flows.engine.runtime import Runtime
from forms.form import Form
from forms.reading import read_yaml

SCENE_KEYS = ("about", "based_on", "received_at", "office", "channel", "answers", "queries", "acts", "expect")
ACT_KEYS = (
    *("step", "at", "by", "outcome", "reasons", "question", "note", "grounds", "overrides"),
    *("answer", "documents", "no_answer", "passed", "confirmed", "details", "paid", "returned"),
)
EXPECT_KEYS = (
    *("outcome", "waiting_for", "steps", "results", "offered", "letters", "supersedes", "messages"),
    *("links", "exports", "payments", "assignments", "deadlines", "expires", "urgent", "not_by"),
)


@dataclass(frozen=True)
class SceneFile:
    """A scene, what it is about in one sentence, and what should come of it (by the keys of `expect`)."""

    about: str
    scene: Scene
    expect: Mapping[str, Any]


def read_scene(path: Path, runtime: Runtime, form: Form) -> SceneFile:
    """Read and check a scene for a service.

    Raises ConfigError, with file, key and what was expected, for anything that doesn't fit.
    """
    top = _with_base(path)
    received_at = _instant(top, "received_at")
    answers = _answers(top, form, received_at)
    scene = Scene(
        answers=answers,
        received_at=received_at,
        acts=[_act(row, runtime) for row in top.rows("acts")],
        office=_one_of(top, "office", runtime.offices),
        language=answers.get("language") or "en",
        channel=top.choice("channel", Channel),
        queries=_plain(top.table("queries").values) if top.has("queries") else {},
    )
    expect = top.table("expect") if top.has("expect") else Table(top.file, "expect", {})
    expect.only(*EXPECT_KEYS)
    return SceneFile(top.text("about"), scene, _plain(expect.values))


def differences(expect: Mapping[str, Any], played: Played) -> list[str]:
    """Return a sentence for each thing in which what was played isn't what was expected."""
    return [
        f"{name}: expected {expect[name]!r}, found {found!r}"
        for name, look in _FOUND.items()
        if name in expect and (found := look(played, expect[name])) != expect[name]
    ]


def _effects(kind: StepKind, told: str | None = None) -> Callable[[Played, Any], Any]:
    """Return how to look at all effects of a kind: their payloads, or the part of it with this name."""

    def look(played: Played, expected: Any) -> Any:
        found = {step.key: step.payload or {} for step in played.of_kind(kind)}
        return {
            key: _told(payload[told] if told else payload, (expected or {}).get(key, {}))
            for key, payload in found.items()
        }

    return look


def _replaced(played: Played, _expected: Any) -> Any:
    letters = {step.key: step.payload or {} for step in played.of_kind(StepKind.LETTER)}
    return {key: payload["supersedes"] for key, payload in letters.items() if "supersedes" in payload}


def _results(played: Played, expected: Any) -> Any:
    return {step.key: _told(step.result, expected[step.key]) for step in played.steps if step.key in expected}


def _offered(played: Played, expected: Any) -> Any:
    return {
        step.key: [choice["key"] for choice in step.outcomes or ()]
        for step in played.steps
        if step.key in expected
    }


def _told(found: Any, expected: Any) -> Any:
    """Return of what was found the part that is expected: of mappings the keys that are named there."""
    if isinstance(found, Mapping) and isinstance(expected, Mapping):
        return {key: _told(found.get(key), expected[key]) for key in expected}
    if isinstance(found, list) and isinstance(expected, list) and len(found) == len(expected):
        return [_told(one, other) for one, other in zip(found, expected, strict=True)]
    return found


def _attributes(attribute: str) -> Callable[[Played, Any], dict[str, Any]]:
    def look(played: Played, expected: Any) -> dict[str, Any]:
        return {step.key: getattr(step, attribute) for step in played.steps if step.key in expected}

    return look


_FOUND: Mapping[str, Callable[[Played, Any], Any]] = {
    "outcome": lambda played, _: played.outcome,
    "waiting_for": lambda played, _: played.waiting_for,
    "steps": lambda played, _: [step.key for step in played.steps],
    "results": _results,
    "offered": _offered,
    "letters": _effects(StepKind.LETTER, "facts"),
    "supersedes": _replaced,
    "messages": lambda played, _: [step.key for step in played.of_kind(StepKind.MESSAGE)],
    "links": _effects(StepKind.LINK),
    "exports": _effects(StepKind.EXPORT, "facts"),
    "payments": _effects(StepKind.PAYMENT, "facts"),
    "assignments": _effects(StepKind.ASSIGNMENT),
    "deadlines": _attributes("due_at"),
    "expires": _attributes("expires_at"),
    "urgent": _attributes("urgent"),
    "not_by": lambda played, expected: {
        step.key: list(step.not_by) for step in played.steps if step.key in expected
    },
}


def _with_base(path: Path) -> Table:
    top, _ = read_yaml(path)
    top.only(*SCENE_KEYS)
    if not top.has("based_on"):
        return top
    base, _ = read_yaml(path.parent / top.text("based_on"))
    base.only(*SCENE_KEYS)
    if base.has("based_on"):
        raise top.wrong("based_on", "a scene that stands for itself")
    answers = {**base.table("answers").values}
    if top.has("answers"):
        answers |= top.table("answers").values
    inherited = {name: value for name, value in base.values.items() if name not in ("expect", "acts")}
    return Table(top.file, "", {**inherited, **top.values, "answers": answers})


def _answers(top: Table, form: Form, received_at: datetime) -> dict[str, Any]:
    checked = form.validate(_iso_dates(top.table("answers").values), received_at=received_at)
    for error in checked.errors:
        key = f"answers.{error.field}" if error.field else "answers"
        raise ConfigError(top.file, key, "an answer that the form takes", error.message["en"])
    return checked.answers


def _iso_dates(value: object) -> object:
    """Return answers with their dates as text, those in the items of groups too."""
    if isinstance(value, Mapping):
        return {name: _iso_dates(answer) for name, answer in value.items()}
    if isinstance(value, list):
        return [_iso_dates(item) for item in value]
    return value.isoformat() if isinstance(value, date) and not isinstance(value, datetime) else value


def _act(row: Table, runtime: Runtime) -> Act:
    row.only(*ACT_KEYS)
    key = row.text("step")
    at = _instant(row, "at") if row.has("at") else None
    ways = ("outcome", "answer", "no_answer", "passed", "confirmed", "paid", "returned")
    given = [name for name in ways if row.has(name)]
    if len(given) != 1:
        raise row.wrong("step", f"one of {', '.join(ways)} beside it", ", ".join(given))
    if given[0] in ("no_answer", "passed"):
        if not row.flag(given[0]):
            raise row.wrong(given[0], "true, or leave it out")
        return Act(key, at, None, by="system")
    if at is None:
        raise row.wrong("at", "when it happens")
    if given[0] == "answer":
        return Act(key, at, {"text": row.text("answer")} | _documents(row), by="citizen")
    if given[0] == "confirmed":
        by = _one_of(row, "confirmed", {"citizen": 1, "officer": 1})
        return Act(key, at, {"by": by, "by_name": by}, by=by)
    if given[0] in ("paid", "returned"):
        return Act(key, at, _settled(row, at), by="cashier")
    by = row.text("by")
    return Act(key, at, _decision(row, key, by, runtime), by=by)


def _settled(row: Table, at: datetime) -> dict[str, Any]:
    """Return what becomes of a payment order when its batch is confirmed."""
    settled = {"batch": 1, "at": at.isoformat()}
    if row.has("returned"):
        return {"outcome": RETURNED, **settled, "reason": row.text("returned")}
    if not row.flag("paid"):
        raise row.wrong("paid", "true, or `returned` with the reason")
    return {"outcome": PAID, **settled}


def _documents(row: Table) -> dict[str, Any]:
    names = row.texts("documents")
    return (
        {"documents": [{"id": number, "name": name} for number, name in enumerate(names, 1)]} if names else {}
    )


def _decision(row: Table, key: str, by: str, runtime: Runtime) -> dict[str, Any]:
    """Return a decision as the verb `decide` would store it."""
    base = key.partition("#")[0]
    if base not in runtime.config.steps:
        raise row.wrong("step", "one of the steps " + ", ".join(runtime.config.steps))
    step = runtime.config.steps[base]
    outcome = step.outcomes[_one_of(row, "outcome", step.outcomes)]
    result: dict[str, Any] = {"outcome": outcome.key, "by_name": by, "by_role": step.role}
    if outcome.asks is Asks.REASONS and not row.rows("reasons"):
        raise row.wrong("reasons", "at least one reason")
    if row.rows("reasons"):
        result["reasons"] = [_reason(reason, runtime) for reason in row.rows("reasons")]
    if row.rows("grounds"):
        result["grounds"] = [_ground(ground, runtime) for ground in row.rows("grounds")]
    if row.rows("overrides"):
        result["overrides"] = [_override(override, runtime) for override in row.rows("overrides")]
    if outcome.asks is Asks.QUESTION:
        result["question"] = row.text("question")
    if row.has("note"):
        result["note"] = row.text("note")
    if row.has("details"):
        result |= {"details": _plain(row.table("details").values), "form_version": 1}
    return result


def _reason(row: Table, runtime: Runtime) -> dict[str, str]:
    row.only("key", "text")
    reason = runtime.config.reasons[_one_of(row, "key", runtime.config.reasons)]
    if reason.needs_text or row.has("text"):
        return {"key": reason.key, "text": row.text("text")}
    return {"key": reason.key, "text": reason.found["en"]}


def _ground(row: Table, runtime: Runtime) -> dict[str, str]:
    row.only("criterion", "text")
    criterion = _one_of(row, "criterion", runtime.config.criteria)
    return {"criterion": criterion} | ({"text": row.text("text")} if row.has("text") else {})


def _override(row: Table, runtime: Runtime) -> dict[str, str]:
    row.only("criterion", "to", "text")
    criterion = _one_of(row, "criterion", runtime.config.criteria)
    return {"criterion": criterion, "to": row.choice("to", Standing), "text": row.text("text")}


def _one_of(table: Table, name: str, known: Mapping[str, object]) -> str:
    if table.values.get(name) not in known:
        raise table.wrong(name, "one of " + ", ".join(known))
    return table.text(name)


def _instant(table: Table, name: str) -> datetime:
    value = table.values.get(name)
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            value = None
    if not isinstance(value, datetime) or value.tzinfo is None:
        raise table.wrong(name, "an instant with its offset, such as 2026-05-05T09:00:00+12:00")
    return value.astimezone(UTC)


def _plain(value: Any) -> Any:
    """Return what YAML made of a value with instants in UTC and dates as text."""
    if isinstance(value, Mapping):
        return {name: _plain(child) for name, child in value.items()}
    if isinstance(value, list):
        return [_plain(child) for child in value]
    if isinstance(value, datetime):
        return value.astimezone(UTC) if value.tzinfo else value
    return value.isoformat() if isinstance(value, date) else value
