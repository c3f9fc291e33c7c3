"""Deciding a task: one page for each outcome, with the words it needs. What was typed survives a conflict."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from cases import actions
from cases.errors import (
    AlreadyDecided,
    CaseError,
    Conflict,
    HeldByAnother,
    NotFound,
    Refused,
    SeenSomethingElse,
)
from cases.reading import WholeCase, step_with_case
from cases.transaction import carry_out
from cases.vocabulary import Role, StepStatus
from config.services import ServiceConfig
from web.access import allow
from web.errors import tell
from web.platform import now, platform
from web.public.tracking import base_key
from web.staff.case import read_case_of_step
from web.staff.sign_in import actor
from web.words_of_people import trouble_with, typed_block

blueprint = Blueprint("deciding", __name__, url_prefix="/staff/tasks/<int:step_id>")
LONGEST = 5_000
OWN_WORDS = "own-words"


@dataclass
class Typed:
    """What an officer has filled in: chosen reasons with their texts, a question, a note."""

    chosen: list[str] = field(default_factory=list)
    texts: dict[str, str] = field(default_factory=dict)
    question: str = ""
    note: str = ""


@dataclass(frozen=True)
class Trouble:
    """Why a decision wasn't taken. `final`: trying again can't help."""

    text: str
    anchor: str | None = None
    final: bool = False


@blueprint.get("/decide/<outcome>")
@allow(Role.REGISTRAR, Role.SUPERVISOR)
def decide(step_id: int, outcome: str) -> str:
    """Show what deciding so needs."""
    whole = read_case_of_step(step_id)
    config = platform().services[whole.case.service]
    step = _step(whole, step_id)
    typed = Typed(texts={key: _prefilled(reason) for key, reason in config.reasons.items()})
    troubles = [] if step.status == StepStatus.OPEN and step.cut_by is None else [_settled(step)]
    return _page(config, whole, step, outcome, typed, troubles)


@blueprint.post("/decide/<outcome>")
@allow(Role.REGISTRAR, Role.SUPERVISOR)
def decided(step_id: int, outcome: str) -> Response | tuple[str, int]:
    """Take the decision; when that can't be, say why and keep every word."""
    with platform().database.read() as connection:
        step = step_with_case(connection, step_id)
    config = platform().services[step.service]
    typed = _typed(config)
    troubles = _troubles(config, _needs(step, outcome), typed)
    if troubles:
        return _again(step_id, outcome, typed, troubles), 422
    try:
        done = carry_out(
            platform().database,
            actions.decide,
            step_id=step_id,
            outcome=outcome,
            actor=actor(),
            now=now(),
            reasons=[{"key": key, "text": typed_block(typed.texts[key])[1]} for key in typed.chosen],
            question=typed_block(typed.question)[1] or None,
            note=typed_block(typed.note)[1] or None,
            seen=request.form.get("seen"),
        )
    except (Conflict, Refused) as error:
        return _again(step_id, outcome, typed, [_explained(error)]), tell(error).status
    return redirect(url_for("case.show", reference=done.reference, told="decided"))


def _again(step_id: int, outcome: str, typed: Typed, troubles: Sequence[Trouble]) -> str:
    """Return the page again, with the case as it is now and everything that was typed."""
    whole = read_case_of_step(step_id)
    config = platform().services[whole.case.service]
    return _page(config, whole, _step(whole, step_id), outcome, typed, troubles)


def _step(whole: WholeCase, step_id: int) -> Any:
    return next(entry for entry in whole.journal if entry.id == step_id)


def _needs(step: Any, outcome: str) -> str:
    """Return what an outcome of a step needs: "reasons", "question" or "". An unknown one is no page."""
    for offered in step.outcomes or ():
        if offered["key"] == outcome:
            return str(offered["needs"])
    raise NotFound(f"step {step.key} doesn't offer {outcome!r}")


def _prefilled(reason: Any) -> str:
    return "" if reason.needs_text else str(reason.found["en"])


def _typed(config: ServiceConfig) -> Typed:
    chosen = request.form.getlist("reason")
    return Typed(
        chosen=[key for key in config.reasons if key in chosen],
        texts={key: request.form.get(f"text-{key}", "") for key in config.reasons},
        question=request.form.get("question", ""),
        note=request.form.get("note", ""),
    )


def _troubles(config: ServiceConfig, needs: str, typed: Typed) -> list[Trouble]:
    found: list[Trouble] = []
    if needs == "reasons":
        if not typed.chosen:
            found.append(Trouble("Choose at least one reason", "reason"))
        for key in typed.chosen:
            title = config.reasons[key].title["en"]
            missing = f"Write the words of the reason “{title}”"
            found += _trouble(typed.texts[key], missing, f"text-{key}")
    if needs == "question":
        found += _trouble(typed.question, "Write the question", "question")
    if typed.note.strip():
        found += _trouble(typed.note, "", "note")
    return found


def _trouble(text: str, missing: str, anchor: str) -> list[Trouble]:
    trouble = trouble_with(text, LONGEST, missing)
    return [Trouble(trouble, anchor)] if trouble else []


def _explained(error: CaseError) -> Trouble:
    """Say to the officer why somebody or something was quicker."""
    if isinstance(error, AlreadyDecided):
        how = f" ({error.outcome})" if error.outcome else ""
        return Trouble(f"This task was settled by {error.by or 'somebody else'}{how} before you.", final=True)
    if isinstance(error, HeldByAnother):
        return Trouble(f"{error.by} has taken this task. Ask them, or a supervisor, to give it back.")
    if isinstance(error, SeenSomethingElse):
        return Trouble(
            "There is something new on this application since you opened it. Read it; then send again."
        )
    told = tell(error)
    return Trouble(f"{told.title}. {told.advice}", final=isinstance(error, Conflict))


def _settled(step: Any) -> Trouble:
    return _explained(AlreadyDecided("settled", by=step.done_by, outcome=(step.result or {}).get("outcome")))


def _page(
    config: ServiceConfig,
    whole: WholeCase,
    step: Any,
    outcome: str,
    typed: Typed,
    troubles: Sequence[Trouble],
) -> str:
    needs = _needs(step, outcome)
    known = config.steps[base_key(step.key)].outcomes.get(outcome)
    form = platform().forms[whole.case.service]
    return render_template(
        "staff/decide.html",
        service=config,
        case=whole.case,
        step=step,
        title=known.choose["en"] if known and known.choose else outcome,
        needs=needs,
        reasons=config.reasons.values() if needs == "reasons" else (),
        typed=typed,
        troubles=troubles,
        wrong={trouble.anchor: trouble.text for trouble in troubles if trouble.anchor},
        final=any(trouble.final for trouble in troubles),
        pages=form.summary(whole.case.answers, "en", received_at=whole.case.received_at),
        words_of=_words_of(config),
    )


def _words_of(config: ServiceConfig) -> Mapping[str, str]:
    return {key: reason.remedy["en"] for key, reason in config.reasons.items()}
