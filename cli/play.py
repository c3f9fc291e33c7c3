"""`s2f play`: what a procedure would do with given answers, decisions and times."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click

from cases.vocabulary import StepKind
from cli.output import json_option, local_time, local_zone, print_json, say_table
from config.settings import Settings
from flows.engine.play import Played, PlayedStep, SceneError, play
from flows.engine.runtime import load_runtimes
from flows.engine.scene_file import differences, read_scene
from forms.compiler import load_form


@click.command("play")
@click.argument("service")
@click.argument("script", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@json_option
@click.pass_context
def play_scene(ctx: click.Context, service: str, script: Path, as_json: bool) -> None:
    """Play SERVICE's procedure on the answers, decisions and times in SCRIPT, a YAML file.

    Nothing is written: there is no database and no Prefect. If the script says what to expect, the
    status is 1 when something else came of it. docs/adding-a-service.md describes the file.
    """
    place = Settings.from_env().place
    runtimes = load_runtimes(place=place)
    if service not in runtimes:
        raise click.BadParameter(f"There is no {service}; there are {', '.join(runtimes)}.")
    scene_file = read_scene(script, runtimes[service], load_form(service))
    try:
        played = play(scene_file.scene, runtimes[service])
    except SceneError as error:
        raise click.ClickException(f"{script}: {error}") from error
    different = differences(scene_file.expect, played)
    if as_json:
        print_json(_as_data(service, played) | {"differences": different})
    else:
        _say(played, scene_file.about, local_zone(place))
        for difference in different:
            click.echo(f"Not as expected: {difference}")
    ctx.exit(1 if different else 0)


def _as_data(service: str, played: Played) -> dict[str, Any]:
    deadlines = [step for step in played.steps if step.due_at or step.expires_at]
    return {
        "service": service,
        "outcome": played.outcome,
        "waiting_for": played.waiting_for,
        "steps": [
            {
                "key": step.key,
                "kind": step.kind,
                "status": step.status,
                "opened_at": step.opened_at,
                "done_at": step.done_at,
                "by": step.by,
                "role": step.role,
                "result": step.result,
            }
            for step in played.steps
        ],
        "letters": _effects(played, StepKind.LETTER),
        "messages": _effects(played, StepKind.MESSAGE),
        "deadlines": [
            {"step": step.key, "due_at": step.due_at, "expires_at": step.expires_at} for step in deadlines
        ],
    }


def _effects(played: Played, kind: StepKind) -> list[dict[str, Any]]:
    return [{"key": step.key, **(step.payload or {})} for step in played.of_kind(kind)]


def _say(played: Played, about: str, zone: ZoneInfo) -> None:
    click.echo(about)
    click.echo("\nSteps (local time)")
    say_table([_step_row(step, zone) for step in played.steps])
    deadlines = [
        (step.key, local_time(step.due_at, zone), local_time(step.expires_at, zone))
        for step in played.steps
        if step.due_at or step.expires_at
    ]
    if deadlines:
        click.echo("\nDeadlines")
        say_table([("step", "late after", "no answer after"), *deadlines])
    for step in played.of_kind(StepKind.LETTER):
        payload = step.payload or {}
        click.echo(f"\nLetter {step.key} ({payload['language']})")
        say_table([(name, _fact(value)) for name, value in payload["facts"].items()])
    for step in played.of_kind(StepKind.MESSAGE):
        payload = step.payload or {}
        click.echo(f"\nMessage {step.key} to {payload['recipient'] or 'nobody: no address is known'}")
    ended = (
        f"Outcome: {played.outcome}" if played.outcome else f"Waiting for: {', '.join(played.waiting_for)}"
    )
    click.echo(f"\n{ended}")


def _step_row(step: PlayedStep, zone: ZoneInfo) -> tuple[str, ...]:
    return (
        local_time(step.done_at or step.opened_at, zone),
        step.key,
        step.kind,
        step.status,
        _result(step),
    )


def _result(step: PlayedStep) -> str:
    result = step.result
    if not isinstance(result, dict):
        return "" if result in (None, []) else _fact(result)
    words = [str(result[name]) for name in ("outcome", "question", "text") if name in result]
    words += [f"({reason['key']})" for reason in result.get("reasons", ())]
    words += [f"({ground['criterion']}: {ground['text']})" for ground in result.get("grounds", ())]
    words += [
        f"({override['criterion']} is {override['to']}: {override['text']})"
        for override in result.get("overrides", ())
    ]
    return " ".join([*words, f"by {step.by}"])


def _fact(value: Any) -> str:
    if isinstance(value, list):
        return "; ".join(map(_fact, value))
    if isinstance(value, dict):
        return ", ".join(str(part) for part in value.values() if part)
    return "" if value is None else str(value)
