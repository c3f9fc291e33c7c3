"""Deciding a task: one page for each outcome, with what it needs. What was typed survives a conflict, a claim
that ran out, and a browser that crashed (cases/decision_drafts.py)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Blueprint, jsonify, redirect, render_template, request, url_for
from flask_login import current_user
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from cases import actions, decision_drafts
from cases.assignments import Load, load_of
from cases.case_rows import Done
from cases.errors import (
    AlreadyDecided,
    CaseError,
    Conflict,
    DetailsMissing,
    HeldByAnother,
    NotFound,
    NotGrounded,
    Refused,
    SeenSomethingElse,
    TookPart,
)
from cases.grounds import WITH_CRITERIA, criteria_shown
from cases.permissions import Action, may
from cases.reading import step_with_case
from cases.transaction import carry_out
from cases.vocabulary import StepStatus
from config.services import ServiceConfig
from forms.model import FieldError
from web.access import keeps_words, permit
from web.errors import tell
from web.fields import summary_of
from web.kept_forms import keeps_typed
from web.languages import say_moment
from web.platform import now, platform
from web.staff.criteria_form import fields_of
from web.staff.decision_form import (
    WITH_REASONS,
    Filled,
    Offered,
    Trouble,
    draw_form,
    inputs_of,
    nothing_yet,
    read,
    troubles_with,
    words_in,
)
from web.staff.evidence import evidence
from web.staff.reading import read_case_of_step, read_task, reads_cases, words_of
from web.staff.sign_in import actor
from web.staff.tasks import after, words_of_choice
from web.words_of_people import typed_block

blueprint = Blueprint("deciding", __name__, url_prefix="/staff/tasks/<int:step_id>")


@dataclass(frozen=True)
class Subject:
    """What is decided about: the task and its case's reference; case (its row) and pages (the answers) only
    for an officer who may see them."""

    step: Any
    reference: str
    case: Any | None = None
    pages: Sequence[Any] = ()


@blueprint.get("/decide/<outcome>")
@permit(Action.DECIDE)
def decide(step_id: int, outcome: str) -> str:
    """Show what deciding so needs, with the words that were kept."""
    subject = _subject(step_id)
    config, offered = _offered(subject.step, outcome)
    with platform().database.read() as connection:
        kept = decision_drafts.kept_words(connection, step_id=step_id, outcome=outcome, actor=actor())
    if kept is None:
        filled = nothing_yet(config, offered, now())
    else:
        filled = read(config, offered, inputs_of(kept.words), now())
        filled.errors = []  # half written isn't wrong
    is_open = subject.step.status == StepStatus.OPEN and subject.step.cut_by is None
    troubles = _obstacles(subject.step, is_open)
    return _page(config, subject, offered, filled, troubles, kept_at=kept.at if kept else None)


def _typed_again(step_id: int, outcome: str) -> tuple[str, int] | None:
    """Show the page with what was typed, when the officer has signed in anew in another tab meanwhile.

    Nothing is kept: who sends a form without a token may be somebody else."""
    if not current_user.is_authenticated or not may(actor(), Action.DECIDE):
        return None
    config, offered = _offered(_subject(step_id).step, outcome)
    filled = read(config, offered, request.form, now())
    filled.errors = []
    told = "You have signed in anew since you opened this page. Nothing is lost: send it once more."
    return _again(step_id, outcome, filled, [Trouble(told)], keep=False), 400


@blueprint.post("/decide/<outcome>")
@permit(Action.DECIDE)
@keeps_typed(_typed_again)
def decided(step_id: int, outcome: str) -> Response | tuple[str, int]:
    """Take the decision; when that can't be, say why and keep every word."""
    with platform().database.read() as connection:
        step = step_with_case(connection, step_id)
    config, offered = _offered(step, outcome)
    filled = read(config, offered, request.form, now())
    troubles = troubles_with(config, offered, filled)
    if troubles or filled.errors:
        return _again(step_id, outcome, filled, troubles), 422
    try:
        done = carry_out(
            platform().database,
            _decide_and_forget,
            step_id=step_id,
            outcome=outcome,
            reasons=filled.reasons,
            grounds=_cleaned(filled.on_criteria.given(offered.needs, offered.criteria)),
            overrides=_cleaned(filled.on_criteria.overrides),
            question=typed_block(filled.question)[1] or None,
            note=typed_block(filled.note)[1] or None,
            details=filled.checked,
            seen=request.form.get("seen"),
        )
    except (Conflict, Refused, TookPart) as error:
        return _again(step_id, outcome, filled, [_explained(error)]), tell(error).status
    if reads_cases(actor()):
        return redirect(url_for("case.show", reference=done.reference, told="decided"))
    return redirect(url_for("inbox.inbox", told="decided"))


def _cleaned(said: Sequence[Mapping[str, str]]) -> list[dict[str, str]]:
    return [{**each, "text": typed_block(each["text"])[1]} for each in said]


def _decide_and_forget(connection: Connection, *, step_id: int, **named: Any) -> Done:
    done = actions.decide(connection, step_id=step_id, actor=actor(), now=now(), **named)
    decision_drafts.forget_words(connection, step_id=step_id, actor=actor())
    return done


_decide_and_forget.__name__ = "decide"  # by which its failpoints are known


@blueprint.post("/words/<outcome>")
@permit(Action.DECIDE)
def words(step_id: int, outcome: str) -> Response:
    """Keep what has been written so far, or throw it away; a script asks `quietly`, while somebody types."""
    if request.form.get("do") == "forget":
        with platform().database.write() as connection:
            decision_drafts.forget_words(connection, step_id=step_id, actor=actor(), outcome=outcome)
        return redirect(url_for("deciding.decide", step_id=step_id, outcome=outcome))
    kept = _keep(step_id, outcome)
    if "quietly" in request.form:
        return jsonify({"told": f"Saved {say_moment(now())}" if kept else "Not saved: the task is settled."})
    return redirect(url_for("deciding.decide", step_id=step_id, outcome=outcome))


def _keep(step_id: int, outcome: str) -> bool:
    with platform().database.write() as connection:
        return decision_drafts.keep_words(
            connection,
            step_id=step_id,
            outcome=outcome,
            words=words_in(request.form),
            actor=actor(),
            now=now(),
        )


def _keep_if_possible(step_id: int, outcome: str) -> None:
    with suppress(CaseError):  # what came isn't words on a task of this officer
        _keep(step_id, outcome)


keeps_words(decided, _keep_if_possible)
keeps_words(words, _keep_if_possible)


def _again(
    step_id: int, outcome: str, filled: Filled, troubles: Sequence[Trouble], *, keep: bool = True
) -> str:
    """Return the page again, with the case as it is now and everything that was typed, which is kept."""
    if keep:
        _keep_if_possible(step_id, outcome)
    subject = _subject(step_id)
    config, offered = _offered(subject.step, outcome)
    return _page(config, subject, offered, filled, troubles)


def _subject(step_id: int) -> Subject:
    if not reads_cases(actor()):
        row = read_task(step_id)
        return Subject(row, row.reference)
    whole = read_case_of_step(step_id)
    step = next(entry for entry in whole.journal if entry.id == step_id)
    form = platform().forms[whole.case.service]
    pages = form.summary(whole.case.answers, "en", received_at=whole.case.received_at)
    return Subject(step, whole.case.reference, whole.case, pages)


def _offered(step: Any, outcome: str) -> tuple[ServiceConfig, Offered]:
    """Return the service and an outcome that a step offers. Raises NotFound for an unknown one."""
    config = platform().services[step.service]
    for row in step.outcomes or ():
        if row["key"] == outcome:
            form = platform().task_forms[step.service, row["form"]] if "form" in row else None
            refers_to = str(row.get("refers_to", ""))
            hits = _references(step.shows) if refers_to else ()
            criteria = criteria_shown(step.shows) if row["needs"] in WITH_CRITERIA else ()
            return config, Offered(outcome, str(row["needs"]), form, refers_to, hits, criteria)
    raise NotFound(f"step {step.key} doesn't offer {outcome!r}")


def _references(shows: Any) -> list[str]:
    """Return the references of other cases that a task shows, each once."""
    lists = [value for value in (shows or {}).values() if isinstance(value, list)]
    found = (row.get("reference") for rows in lists for row in rows if isinstance(row, dict))
    return list(dict.fromkeys(reference for reference in found if isinstance(reference, str)))


def _obstacles(step: Any, is_open: bool) -> list[Trouble]:
    """Return why this officer can't take the decision at all."""
    if not is_open:
        return [_settled(step)]
    return [_explained(TookPart("took part"))] if actor().name in (step.not_by or ()) else []


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
    if isinstance(error, NotGrounded):
        return Trouble("The decision does not follow from its criteria. Look at each of them again.")
    if isinstance(error, DetailsMissing) and error.field:
        return Trouble("Check the reference: there is no other application with it.", error.field)
    told = tell(error)
    return Trouble(f"{told.title}. {told.advice}", final=isinstance(error, Conflict | TookPart))


def _settled(step: Any) -> Trouble:
    return _explained(AlreadyDecided("settled", by=step.done_by, outcome=(step.result or {}).get("outcome")))


def _page(
    config: ServiceConfig,
    subject: Subject,
    offered: Offered,
    filled: Filled,
    troubles: Sequence[Trouble],
    *,
    kept_at: datetime | None = None,
) -> str:
    step = subject.step
    errors = filled.errors + _at_fields(offered, troubles)
    own = [trouble for trouble in troubles if not any(error.field == trouble.anchor for error in errors)]
    return render_template(
        "staff/decide.html",
        service=config,
        subject=subject,
        case=subject.case,
        step=step,
        title=words_of_choice(config, step.key, offered.key),
        offered=offered,
        reasons=config.reasons.values() if offered.needs in WITH_REASONS else (),
        criteria=fields_of(config, offered.needs, offered.criteria),
        remedies={key: reason.remedy["en"] for key, reason in config.reasons.items()},
        typed=filled,
        fields=draw_form(offered, filled, errors, now(), _loads(offered)),
        problems=_problems(own, errors),
        wrong={trouble.anchor: trouble.text for trouble in own if trouble.anchor},
        final=any(trouble.final for trouble in troubles),
        kept_at=kept_at,
        shows=evidence(step.shows, words_of(config)),
        back=after(subject.reference, step.id),
    )


def _loads(offered: Offered) -> dict[str, list[Load]]:
    """Return how full everybody is in the registers that the task form offers people from."""
    asked = {field.options_from for field in offered.form.fields.values()} if offered.form else set()
    registers = [register for name, register in platform().registers.items() if name in asked]
    if not registers:
        return {}
    with platform().database.read() as connection:
        return {register.key: load_of(connection, register) for register in registers}


def _at_fields(offered: Offered, troubles: Sequence[Trouble]) -> list[FieldError]:
    """Return the troubles that belong to a field of the task form, as its errors."""
    fields = offered.form.fields if offered.form else {}
    return [
        FieldError(trouble.anchor, {"en": trouble.text}, "rule", trouble.anchor)
        for trouble in troubles
        if trouble.anchor is not None and trouble.anchor in fields
    ]


def _problems(troubles: Sequence[Trouble], errors: Sequence[FieldError]) -> list[dict[str, Any]]:
    """Return everything that is wrong, for the summary at the top of the page."""
    own = [
        {"text": trouble.text, "href": f"#{trouble.anchor}" if trouble.anchor else None}
        for trouble in troubles
    ]
    return own + summary_of(errors)
