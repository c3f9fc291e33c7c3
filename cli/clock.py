"""`s2f clock`: why a date is what it is, and the verbs that an operator may need on clocks."""

from __future__ import annotations

from typing import Any

import click

from cases.audit import log_read
from cases.clock_explanation import explain
from cases.clock_rows import StoredClock, clocks_of_case, with_reasons
from cases.clock_upkeep import keep_up
from cases.clock_verbs import extend_clock, pause_clock, resume_clock
from cases.clock_words import as_data, in_words
from cases.db import Database
from cases.people import normalise_reference
from cases.reading import case_id_of
from cases.standards import Standards, load_standards
from cases.transaction import carry_out
from cli.common import open_database, operator, utc_now
from cli.output import json_option, print_json, say
from config.budget import working_days
from config.services import load_services
from config.settings import Settings


@click.group()
def clock() -> None:
    """Say why a date is what it is, or act on a clock."""


@clock.command("explain")
@click.argument("reference")
@json_option
def explain_(reference: str, as_json: bool) -> None:
    """Explain each date of the case REFERENCE day by day: what counted, what did not, and why.

    The read is logged.
    """
    settings, now = Settings.from_env(), utc_now()
    standards = _standards(settings)
    with open_database(settings) as db:
        with db.write() as connection:
            case_id = case_id_of(connection, normalise_reference(reference))
            log_read(
                connection,
                actor=operator().name,
                action="read-case",
                now=now,
                case_id=case_id,
                detail="s2f clock",
            )
        clocks = _clocks(db, reference)
    told = [_told(standards, stored, now) for stored in clocks]
    if as_json:
        zone = [standards.calendar(stored.row.office).zone for stored in clocks]
        print_json(
            {
                "reference": normalise_reference(reference),
                "clocks": [
                    _about(stored) | as_data(explained, where)
                    for stored, explained, where in zip(clocks, told, zone, strict=True)
                ],
            }
        )
        return
    for stored, explained in zip(clocks, told, strict=True):
        say(f"{stored.row.key} ({stored.kind})")
        for line in in_words(explained, standards.calendar(stored.row.office).zone):
            say(f"  {line}")
        say("")


def _told(standards: Standards, stored: StoredClock, now: Any) -> Any:
    reasons = standards.policies[stored.row.service].pauses
    clock_ = with_reasons(stored.clock, {key: reason.words["en"] for key, reason in reasons.items()})
    return explain(clock_, standards.calendar(stored.row.office), now=now)


def _about(stored: StoredClock) -> dict[str, Any]:
    return {"step": stored.row.key, "kind": stored.kind, "office": stored.row.office}


@clock.command("pause")
@click.argument("reference")
@click.argument("step")
@click.option("--reason", required=True, help="The key of one of the service's reasons for a pause.")
@click.option("--evidence", default="", help="What shows it; some reasons need it.")
@json_option
def pause_(reference: str, step: str, reason: str, evidence: str, as_json: bool) -> None:
    """Let the clock of STEP stand still; "case" is the clock of the whole case."""
    _act(pause_clock, reference, step, "is paused", as_json, reason=reason, evidence=evidence)


@clock.command("resume")
@click.argument("reference")
@click.argument("step")
@json_option
def resume_(reference: str, step: str, as_json: bool) -> None:
    """Let a paused clock run again."""
    _act(resume_clock, reference, step, "goes on", as_json)


@clock.command("extend")
@click.argument("reference")
@click.argument("step")
@click.option("--days", type=click.IntRange(1, 1000), required=True, help="By how many working days.")
@click.option("--reason", required=True, help="Why; the applicant is shown it.")
@json_option
def extend_(reference: str, step: str, days: int, reason: str, as_json: bool) -> None:
    """Give a clock more time, within what the service allows; the applicant is told."""
    minutes = working_days(days).minutes
    _act(extend_clock, reference, step, "has more time", as_json, minutes=minutes, reason=reason)


@clock.command("redate")
@json_option
def redate(as_json: bool) -> None:
    """Date all open clocks by the calendar as it is now, after holidays, closures or hours were changed.

    `s2f prepare` and `s2f run` do this by themselves.
    """
    settings = Settings.from_env()
    with open_database(settings) as db:
        armed, moved = keep_all(db, _standards(settings))
    if as_json:
        print_json({"armed": armed, "redated": moved})
    else:
        click.echo(f"{moved} dates moved, {armed} missing clocks armed.")


def keep_all(db: Database, standards: Standards) -> tuple[int, int]:
    """Look after the clocks of all open cases; return how many were armed and how many re-dated."""
    armed = moved = 0
    after: int | None = 0
    while after is not None:
        with db.write() as connection:
            done = keep_up(connection, standards, after=after, now=utc_now())
        armed, moved, after = armed + done.armed, moved + done.redated, done.last_id
    return armed, moved


def _standards(settings: Settings) -> Standards:
    return load_standards(load_services(), settings.place)[0]


def _clocks(db: Database, reference: str) -> list[StoredClock]:
    with db.read() as connection:
        return clocks_of_case(connection, case_id_of(connection, normalise_reference(reference)))


def _act(verb: Any, reference: str, step: str, done: str, as_json: bool, **named: Any) -> None:
    settings = Settings.from_env()
    with open_database(settings) as db:
        found = [stored for stored in _clocks(db, reference) if stored.row.key == step]
        if not found:
            raise click.ClickException(f"{normalise_reference(reference)} has no clock called {step}.")
        result = carry_out(
            db,
            verb,
            clock_id=found[-1].row.id,
            standards=_standards(settings),
            actor=operator(),
            now=utc_now(),
            **named,
        )
        deadline = next(stored for stored in _clocks(db, reference) if stored.row.id == found[-1].row.id)
    if as_json:
        print_json({"reference": result.reference, "step": step, "deadline": deadline.row.deadline})
    else:
        click.echo(f"The clock of {step} in {result.reference} {done}.")
