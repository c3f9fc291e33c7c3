"""Why a date is what it is, for officers; and pausing, resuming and extending the clock of a task or case."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from cases.clock_explanation import Explanation, explain
from cases.clock_rows import StoredClock, clock_by_id, clocks_of_case, with_reasons
from cases.clock_verbs import extend_clock, pause_clock, resume_clock
from cases.clock_words import amount_in_words, day_in_words, line_in_words
from cases.errors import ClockRefused, NotFound, ReasonMissing
from cases.permissions import Action, may
from cases.reading import WholeCase
from cases.standards import WHOLE_CASE
from cases.transaction import carry_out
from cases.vocabulary import ClockKind
from config.budget import working_days
from web.access import permit
from web.platform import now, platform
from web.staff.reading import read_case, title_of
from web.staff.sign_in import actor

blueprint = Blueprint("clocks", __name__, url_prefix="/staff/cases/<reference>/clocks")
Reply = str | Response | tuple[str, int]
KINDS = {
    ClockKind.STATUTORY: "The whole application, by law",
    ClockKind.STANDARD: "The whole application, by our own standard",
}


@dataclass(frozen=True)
class Shown:
    """A clock on the page. days: (date, sentence, counted so far); lines: what happened to it, in words.
    may_pause, may_resume, may_extend: what this officer may do."""

    row: Any
    title: str
    told: Explanation
    budget: str
    days: list[tuple[Any, str, str]]
    lines: list[str]
    unconfirmed: list[str]
    may_pause: bool
    may_resume: bool
    may_extend: bool


@blueprint.get("")
@permit(Action.READ_CASE)
def show(reference: str) -> str:
    """Explain each date of a case day by day."""
    return _page(read_case(reference, "read-case"), {})


@blueprint.post("/<int:clock_id>/pause")
@permit(Action.PAUSE_CLOCK)
def pause(reference: str, clock_id: int) -> Reply:
    """Let a clock stand still."""
    named = {"reason": request.form.get("reason", ""), "evidence": request.form.get("evidence", "")}
    return _act(reference, clock_id, pause_clock, named)


@blueprint.post("/<int:clock_id>/resume")
@permit(Action.PAUSE_CLOCK)
def resume(reference: str, clock_id: int) -> Reply:
    """Let a paused clock run again."""
    return _act(reference, clock_id, resume_clock, {})


@blueprint.post("/<int:clock_id>/extend")
@permit(Action.EXTEND_CLOCK)
def extend(reference: str, clock_id: int) -> Reply:
    """Give a clock more time."""
    days = request.form.get("days", "").strip()
    minutes = working_days(int(days)).minutes if days.isascii() and days.isdigit() and len(days) < 5 else 0
    return _act(
        reference, clock_id, extend_clock, {"minutes": minutes, "reason": request.form.get("why", "")}
    )


def _act(reference: str, clock_id: int, verb: Any, named: dict[str, Any]) -> Reply:
    whole = read_case(reference, "read-case")
    with platform().database.read() as connection:
        if clock_by_id(connection, clock_id).row.case_id != whole.case.id:
            raise NotFound(f"{reference} has no clock {clock_id}")
    common = {"clock_id": clock_id, "standards": platform().standards, "actor": actor(), "now": now()}
    try:
        carry_out(platform().database, verb, **common, **named)
    except ReasonMissing:
        wrong = "Choose a reason, and write what shows it" if verb is pause_clock else "Write why"
    except ClockRefused as refused:
        wrong = f"{str(refused)[:1].upper()}{str(refused)[1:]}"
    else:
        return redirect(url_for("clocks.show", reference=reference))
    return _page(whole, {clock_id: wrong}), 422


def _page(whole: WholeCase, errors: dict[int, str]) -> str:
    policy = platform().standards.policies[whole.case.service]
    with platform().database.read() as connection:
        stored = clocks_of_case(connection, whole.case.id)
    return render_template(
        "staff/clocks.html",
        case=whole.case,
        clocks=list(_shown(whole, stored)),
        reasons=[(key, reason.words["en"], reason.evidence) for key, reason in policy.pauses.items()],
        errors=errors,
    )


def _shown(whole: WholeCase, clocks: list[StoredClock]) -> Iterator[Shown]:
    """Yield the clocks, those that run first."""
    config = platform().services[whole.case.service]
    policy = platform().standards.policies[whole.case.service]
    words = {key: reason.words["en"] for key, reason in policy.pauses.items()}
    for stored in sorted(clocks, key=lambda one: (not one.running, one.row.key == WHOLE_CASE)):
        calendar = platform().standards.calendar(stored.row.office)
        told = explain(with_reasons(stored.clock, words), calendar, now=now())
        office = whole.case.office
        supervises = may(actor(), Action.EXTEND_CLOCK, office=office)
        its_own = stored.kind is ClockKind.TASK and stored.row.role == actor().role
        pauses = (
            stored.running and (supervises or its_own) and may(actor(), Action.PAUSE_CLOCK, office=office)
        )
        ends_by_itself = stored.row.expires_at is not None
        yield Shown(
            row=stored.row,
            title=KINDS.get(stored.kind) or title_of(config, stored.row.key),
            told=told,
            budget=amount_in_words(told.clock.budget),
            days=[
                (day.date, day_in_words(day, calendar.zone), amount_in_words(day.total)) for day in told.days
            ],
            lines=[line_in_words(line, calendar.zone) for line in told.clock.lines],
            unconfirmed=sorted({part.name for part in told.unconfirmed}),
            may_pause=pauses and not told.earliest and not ends_by_itself and bool(policy.pauses),
            may_resume=pauses and told.earliest,
            may_extend=stored.running and supervises and bool(policy.extension[1]),
        )
