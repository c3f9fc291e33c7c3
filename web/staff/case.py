"""A case on an officer's screen: what was applied for, what happened, the open task, and deciding it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from cases import actions
from cases.audit import log_read
from cases.permissions import Action, may, require
from cases.reading import WholeCase, case_id_of, step_with_case, whole_case
from cases.transaction import carry_out
from cases.vocabulary import LetterStatus, Role, StepKind, StepStatus
from config.services import ServiceConfig
from web.access import allow
from web.downloads import send_letter
from web.platform import now, platform
from web.public.tracking import base_key
from web.staff.sign_in import actor
from web.staff.timeline import timeline

blueprint = Blueprint("case", __name__, url_prefix="/staff")


@dataclass(frozen=True)
class Task:
    """The open task of a case for the signed-in officer.

    holder: who has taken it, None if nobody has. mine: that is this officer. may_decide, may_claim,
    may_release: what this officer may do with it now.
    """

    row: Any
    title: str
    choices: list[tuple[str, str]]
    holder: str | None
    mine: bool
    may_claim: bool
    may_release: bool
    overdue: bool


@blueprint.get("/cases/<reference>")
@allow(Role.REGISTRAR, Role.SUPERVISOR)
def show(reference: str) -> str:
    """Show a case whole."""
    whole = read_case(reference, "read-case")
    config = platform().services[whole.case.service]
    form = platform().forms[whole.case.service]
    instant = now()
    return render_template(
        "staff/case.html",
        service=config,
        case=whole.case,
        office=platform().places.offices[whole.case.office],
        pages=form.summary(whole.case.answers, "en", received_at=whole.case.received_at),
        task=task_of(config, whole, instant),
        questions=[entry for entry in whole.in_force if entry.kind == StepKind.QUESTION],
        letters=[(letter, _title(config, letter.key)) for letter in whole.letters],
        messages=[(message, _title(config, message.key)) for message in whole.messages],
        notes=whole.notes,
        incidents=[incident for incident in whole.incidents if incident.resolved_at is None],
        numbers=whole.numbers,
        lines=timeline(config, whole),
        told=request.args.get("told"),
    )


def read_case(reference: str, action: str, detail: str | None = None) -> WholeCase:
    """Return a case, noting in the access log that this officer read it.

    Raises NotFound; NotAllowed for a case of an office that isn't the officer's.
    """
    with platform().database.write() as connection:
        return _read(connection, case_id_of(connection, reference), action, detail)


def _read(connection: Connection, case_id: int, action: str, detail: str | None) -> WholeCase:
    whole = whole_case(connection, case_id)
    require(actor(), Action.READ_CASE, office=whole.case.office)
    log_read(connection, actor=actor().name, action=action, now=now(), case_id=case_id, detail=detail)
    return whole


def task_of(config: ServiceConfig, whole: WholeCase, instant: datetime) -> Task | None:
    """Return the case's open task, or None if no officer is asked for anything."""
    row = next(
        (entry for entry in whole.in_force if entry.status == StepStatus.OPEN and entry.role is not None),
        None,
    )
    if row is None:
        return None
    officer = actor()
    held = row.claimed_until is not None and row.claimed_until > instant
    holder = row.claimed_by if held else None
    mine = holder == officer.name
    its_role = officer.role == row.role and may(officer, Action.CLAIM, office=whole.case.office)
    return Task(
        row=row,
        title=_title(config, row.key),
        choices=_choices(config, row),
        holder=holder,
        mine=mine,
        may_claim=its_role and holder is None,
        may_release=mine
        or (holder is not None and may(officer, Action.RELEASE_OF_OTHERS, office=whole.case.office)),
        overdue=row.due_at is not None and row.due_at < instant,
    )


def _choices(config: ServiceConfig, row: Any) -> list[tuple[str, str]]:
    step = config.steps.get(base_key(row.key))
    outcomes: Mapping[str, Any] = step.outcomes if step else {}
    found = []
    for offered in row.outcomes or ():
        known = outcomes.get(offered["key"])
        found.append((offered["key"], known.choose["en"] if known and known.choose else offered["key"]))
    return found


def _title(config: ServiceConfig, key: str) -> str:
    step = config.steps.get(base_key(key))
    return step.title["en"] if step else key


@blueprint.post("/tasks/<int:step_id>/claim")
@allow(Role.REGISTRAR, Role.SUPERVISOR)
def claim(step_id: int) -> Response:
    """Take a task. Refusals are explained by the error page."""
    done = carry_out(platform().database, actions.claim, step_id=step_id, actor=actor(), now=now())
    return redirect(url_for("case.show", reference=done.reference, _anchor="task"))


@blueprint.post("/tasks/<int:step_id>/release")
@allow(Role.REGISTRAR, Role.SUPERVISOR)
def release(step_id: int) -> Response:
    """Give a task back; a supervisor may give back another's."""
    done = carry_out(platform().database, actions.release, step_id=step_id, actor=actor(), now=now())
    return redirect(url_for("case.show", reference=done.reference, told="released"))


@blueprint.get("/cases/<reference>/letters/<int:letter_id>")
@allow(Role.REGISTRAR, Role.SUPERVISOR)
def letter(reference: str, letter_id: int) -> Response:
    """Download a letter of a case."""
    whole = read_case(reference, "read-letter", f"letter {letter_id}")
    found = next((each for each in whole.letters if each.id == letter_id), None)
    if found is None or found.status not in (LetterStatus.ISSUED, LetterStatus.SUPERSEDED):
        abort(404)
    return send_letter(found, whole.case.reference)


def read_case_of_step(step_id: int) -> WholeCase:
    """Return the case of a step as `read_case` does."""
    with platform().database.write() as connection:
        case_id = step_with_case(connection, step_id).case_id
        return _read(connection, case_id, "read-case", None)
