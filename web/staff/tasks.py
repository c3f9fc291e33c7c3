"""Open tasks: who holds them, what they offer, taking them and giving them back; and the page of a task
for officers who see no cases."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Blueprint, redirect, render_template, url_for
from werkzeug.wrappers import Response

from cases import actions
from cases.permissions import Action, may
from cases.reading import WholeCase, step_with_case
from cases.transaction import carry_out
from cases.vocabulary import StepStatus
from config.services import ServiceConfig
from web.access import permit
from web.platform import now, platform
from web.public.tracking import base_key
from web.staff.evidence import Block, evidence
from web.staff.reading import read_task, reads_cases, title_of, urgency, words_of
from web.staff.sign_in import actor

blueprint = Blueprint("tasks", __name__, url_prefix="/staff/tasks/<int:step_id>")


@dataclass(frozen=True)
class Task:
    """An open task for the signed-in officer.

    choices: (outcome, words on its button). shows: what the task shows beside the application. holder: who
    has taken it, None if nobody has. mine: that is this officer. may_claim, may_release: what they may do.
    took_part: they can't decide it, since they took part in the case. urgent: why it goes before all others.
    """

    row: Any
    title: str
    choices: Sequence[tuple[str, str]]
    shows: Sequence[Block]
    holder: str | None
    mine: bool
    may_claim: bool
    may_release: bool
    overdue: bool
    took_part: bool
    urgent: str | None


def tasks_of(config: ServiceConfig, whole: WholeCase, instant: datetime) -> list[Task]:
    """Return the case's open tasks, those for this officer's role first."""
    rows = [entry for entry in whole.in_force if entry.status == StepStatus.OPEN and entry.role is not None]
    rows.sort(key=lambda row: row.role != actor().role)
    return [task_of(config, row, whole.case.office, instant) for row in rows]


def task_of(config: ServiceConfig, row: Any, case_office: str, instant: datetime) -> Task:
    """Return an open task as the signed-in officer meets it."""
    officer = actor()
    held = row.claimed_until is not None and row.claimed_until > instant
    holder = row.claimed_by if held else None
    mine = holder == officer.name
    its_role = officer.role == row.role and may(officer, Action.CLAIM, office=row.office or case_office)
    took_part = its_role and officer.name in (row.not_by or ())
    return Task(
        row=row,
        title=title_of(config, row.key),
        choices=_choices(config, row),
        shows=evidence(row.shows, words_of(config)),
        holder=holder,
        mine=mine,
        may_claim=its_role and holder is None and not took_part,
        may_release=mine
        or (holder is not None and may(officer, Action.RELEASE_OF_OTHERS, office=case_office)),
        overdue=row.due_at is not None and row.due_at < instant,
        took_part=took_part,
        urgent=urgency(config, row.urgent),
    )


def _choices(config: ServiceConfig, row: Any) -> list[tuple[str, str]]:
    return [
        (offered["key"], words_of_choice(config, row.key, offered["key"])) for offered in row.outcomes or ()
    ]


def words_of_choice(config: ServiceConfig, key: str, outcome: str) -> str:
    """Return the words with which an officer chooses an outcome of a step; its key where it has none."""
    step = config.steps.get(base_key(key))
    known = step.outcomes.get(outcome) if step else None
    return known.choose["en"] if known and known.choose else outcome


@blueprint.get("")
@permit(Action.CLAIM)
def show(step_id: int) -> str | Response:
    """Show a task to an officer who sees what is asked and nothing else; others are led to its case."""
    if reads_cases(actor()):
        return redirect(_place_of(step_id))
    row = read_task(step_id)
    config = platform().services[row.service]
    return render_template(
        "staff/task.html",
        service=config,
        row=row,
        shows=evidence(row.shows, words_of(config)),
        task=_open_task(config, row),
    )


def _open_task(config: ServiceConfig, row: Any) -> Task | None:
    is_open = row.status == StepStatus.OPEN and row.cut_by is None
    return task_of(config, row, row.office, now()) if is_open else None


@blueprint.post("/claim")
@permit(Action.CLAIM)
def claim(step_id: int) -> Response:
    """Take a task. Refusals are explained by the error page."""
    done = carry_out(platform().database, actions.claim, step_id=step_id, actor=actor(), now=now())
    return redirect(after(done.reference, step_id, anchor="task"))


@blueprint.post("/release")
@permit(Action.CLAIM)
def release(step_id: int) -> Response:
    """Give a task back; a supervisor may give back another's."""
    done = carry_out(platform().database, actions.release, step_id=step_id, actor=actor(), now=now())
    if reads_cases(actor()):
        return redirect(url_for("case.show", reference=done.reference, told="released"))
    return redirect(url_for("inbox.inbox", told="released"))


def after(reference: str, step_id: int, *, anchor: str | None = None, told: str | None = None) -> str:
    """Return the page on which an officer goes on with a case: its own, or that of the task."""
    if reads_cases(actor()):
        return url_for("case.show", reference=reference, told=told, _anchor=anchor)
    return url_for("tasks.show", step_id=step_id, told=told, _anchor=anchor)


def _place_of(step_id: int) -> str:
    with platform().database.read() as connection:
        reference = step_with_case(connection, step_id).reference
    return url_for("case.show", reference=reference, _anchor="task")
