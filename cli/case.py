"""`s2f case`: one case whole, and the verbs that an operator may need on it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any
from zoneinfo import ZoneInfo

import click

from cases.audit import log_read
from cases.case_rows import Done
from cases.people import normalise_reference
from cases.reading import WholeCase, case_id_of, whole_case
from cases.revisions import reopen, retry, rewind, withdraw
from cases.transaction import carry_out
from cli.common import open_database, operator, utc_now
from cli.output import json_option, local_time, local_zone, print_json, say, say_table
from config.settings import Settings

SECRET = frozenset({"salt", "pin_digest", "client_key"})
PARTS = ("journal", "letters", "messages", "notes", "incidents", "numbers", "events")


class ShowByDefault(click.Group):
    """A group whose first argument may be a reference in place of a command: then the case is shown."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Take the first argument for a reference unless it is a command."""
        if args and args[0] not in self.commands:
            args = ["show", *args]
        return super().resolve_command(ctx, args)


@click.group(
    cls=ShowByDefault, options_metavar="", subcommand_metavar="REFERENCE | COMMAND REFERENCE [ARGS]..."
)
def case() -> None:
    """Print the case REFERENCE whole, or act on it."""


@case.command()
@click.argument("reference")
@json_option
def show(reference: str, as_json: bool) -> None:
    """Print the case whole. `s2f case REFERENCE` does the same. The read is logged."""
    settings = Settings.from_env()
    with open_database(settings) as db:
        with db.write() as connection:
            case_id = case_id_of(connection, normalise_reference(reference))
            actor, now = operator().name, utc_now()
            log_read(connection, actor=actor, action="read-case", now=now, case_id=case_id, detail="s2f case")
        with db.read() as connection:
            whole = whole_case(connection, case_id)
    if as_json:
        print_json(_as_data(whole))
    else:
        _say(whole, local_zone(settings.place))


@case.command("retry")
@click.argument("reference")
@json_option
def retry_(reference: str, as_json: bool) -> None:
    """Let a case with an incident go on, and make its failed letters again."""
    _act(retry, reference, "may go on", as_json)


@case.command("rewind")
@click.argument("reference")
@click.argument("step")
@click.option("--reason", required=True, help="Why; the audit trail keeps it.")
@json_option
def rewind_(reference: str, step: str, reason: str, as_json: bool) -> None:
    """Take an open case back to before STEP ("review#2" names a visit)."""
    _act(rewind, reference, f"goes on before {step}", as_json, to_key=step, reason=reason)


@case.command("reopen")
@click.argument("reference")
@click.argument("step")
@click.option("--reason", required=True, help="Why; the audit trail keeps it.")
@json_option
def reopen_(reference: str, step: str, reason: str, as_json: bool) -> None:
    """Open a closed case again at STEP."""
    _act(reopen, reference, f"is open again at {step}", as_json, to_key=step, reason=reason)


@case.command("withdraw")
@click.argument("reference")
@json_option
def withdraw_(reference: str, as_json: bool) -> None:
    """Close an open case at the applicant's wish."""
    _act(withdraw, reference, "is withdrawn", as_json)


def _act(verb: Callable[..., Done], reference: str, done: str, as_json: bool, **named: Any) -> None:
    with open_database() as db:
        with db.read() as connection:
            case_id = case_id_of(connection, normalise_reference(reference))
        result = carry_out(db, verb, case_id=case_id, actor=operator(), now=utc_now(), **named)
    if as_json:
        print_json({"reference": result.reference, "done": verb.__name__})
    else:
        click.echo(f"{result.reference} {done}.")


def _as_data(whole: WholeCase) -> dict[str, Any]:
    return {"case": _row(whole.case)} | {part: [_row(row) for row in getattr(whole, part)] for part in PARTS}


def _row(row: Any) -> dict[str, Any]:
    return {name: value for name, value in row._mapping.items() if name not in SECRET}


def _say(whole: WholeCase, zone: ZoneInfo) -> None:
    case = whole.case
    state = case.outcome or case.status
    flags = "".join((", ready" if case.ready else "", ", halted by an incident" if case.halted else ""))
    say(f"{case.reference}  {case.service}: {state}{flags}")
    say(f"Received {local_time(case.received_at, zone)} ({case.channel}), office {case.office}, ")
    say(f"generation {case.generation}, version {case.version}")
    _say_part("Answers", [(name, _shown(value)) for name, value in case.answers.items()])
    _say_part("Steps", [_step(entry, zone) for entry in whole.journal])
    _say_part("Grounds", [row for entry in whole.journal for row in _grounds(entry)])
    _say_part("Numbers", [(row.key, row.value) for row in whole.numbers])
    _say_part("Letters", [_effect(row, row.issued_at, row.code, zone) for row in whole.letters])
    _say_part("Messages", [_effect(row, row.sent_at, row.recipient, zone) for row in whole.messages])
    _say_part(
        "Notes", [(local_time(row.at, zone), row.actor, row.about or "", row.body) for row in whole.notes]
    )
    _say_part("Incidents", [_incident(row, zone) for row in whole.incidents])
    _say_part("Events", [(str(row.seq), local_time(row.at, zone), row.kind) for row in whole.events])


def _say_part(title: str, rows: Sequence[Sequence[str]]) -> None:
    if rows:
        say(f"\n{title}")
        say_table(rows)


def _step(entry: Any, zone: ZoneInfo) -> tuple[str, ...]:
    ended = f"done {local_time(entry.done_at, zone)}" if entry.done_at else ""
    late = f"due {local_time(entry.due_at, zone)}" if entry.due_at else ""
    result = entry.result if entry.status == "done" else None
    outcome = str(result.get("outcome", "")) if isinstance(result, dict) else ""
    set_aside = f"set aside by generation {entry.cut_by}" if entry.cut_by is not None else ""
    opened = local_time(entry.opened_at, zone)
    urgent = f"urgent: {entry.urgent}" if entry.urgent else ""
    not_by = f"not by {', '.join(entry.not_by)}" if entry.not_by else ""
    said = (outcome, entry.done_by or "", urgent, not_by, set_aside)
    return (entry.key, entry.kind, entry.status, opened, late, ended, *said)


def _grounds(entry: Any) -> list[tuple[str, ...]]:
    """Return what an officer said about the criteria of a decision, and the reasons beside them."""
    result = entry.result if isinstance(entry.result, dict) else {}
    overrides = result.get("overrides", ())
    return [
        *((entry.key, each["criterion"], f"overridden: {each['to']}", each["text"]) for each in overrides),
        *((entry.key, each["criterion"], "ground", each["text"]) for each in result.get("grounds", ())),
        *((entry.key, each["key"], "reason", each["text"]) for each in result.get("reasons", ())),
    ]


def _effect(row: Any, done_at: Any, about: str, zone: ZoneInfo) -> tuple[str, ...]:
    return (row.key, row.status, row.language, local_time(done_at, zone), about, row.failure or "")


def _incident(row: Any, zone: ZoneInfo) -> tuple[str, ...]:
    resolved = f"resolved by {row.resolved_by}" if row.resolved_at else "open"
    return (local_time(row.occurred_at, zone), row.cause, resolved, row.summary)


def _shown(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return "" if value is None else str(value)
