"""`s2f replay-check`: what the present code would do differently with the open cases."""

from __future__ import annotations

from dataclasses import asdict

import click

from cli.common import open_database
from cli.output import json_option, print_json, say
from config.settings import Settings
from flows.engine.replay_check import Checked, replay_check
from flows.engine.runtime import load_runtimes


@click.command("replay-check")
@json_option
@click.pass_context
def replay_check_command(ctx: click.Context, as_json: bool) -> None:
    """Replay all open cases on the present code and list what would differ. Nothing is written.

    Status 1 if any case would be held: no worker claims it until the code or the case is put right.
    """
    settings = Settings.from_env()
    runtimes = load_runtimes(place=settings.place)
    with open_database(settings) as db:
        results = [replay_check(db, runtime) for runtime in runtimes.values()]
    if as_json:
        print_json([asdict(checked) | {"held": checked.held} for checked in results])
    else:
        for checked in results:
            _say(checked)
    ctx.exit(1 if any(checked.held for checked in results) else 0)


def _say(checked: Checked) -> None:
    others = len(checked.differences) - checked.held
    say(f"{checked.service}: {checked.cases} open cases replayed, {checked.held} held, {others} do more")
    for difference in checked.differences:
        say(f"  {difference.reference}  {'held' if difference.holds else 'passes'}: {difference.what}")
