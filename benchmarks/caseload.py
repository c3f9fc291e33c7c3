"""How fast cases move: `python -m benchmarks.caseload --database URL --cases N --clients C --json`.

Three parts, each on the same new database: with clients that are processes, with clients that are threads
of one process, and with everything running (`s2f run` and its Prefect server). See benchmarks/README.md.
"""

from __future__ import annotations

import json
import os
import platform
from datetime import UTC, datetime
from typing import Any

import click
from sqlalchemy import make_url

from benchmarks import in_process, whole
from benchmarks.clients import Team
from benchmarks.databases import own_database
from benchmarks.shifts import OneShift
from cases.db import Database

SERVER = "postgresql://postgres@127.0.0.1:5432/postgres"
WARM_UP = 64
MOST_CASES = 20_000


@click.command()
@click.option("--database", default=SERVER, show_default=True, help="A server, or sqlite:// for a new file.")
@click.option("--cases", default=2_000, show_default=True, type=click.IntRange(100, MOST_CASES))
@click.option("--clients", default=8, show_default=True, type=click.IntRange(1, 64))
@click.option("--rounds", default=5, show_default=True, type=click.IntRange(1, 50))
@click.option("--part", "parts", multiple=True, type=click.Choice(["processes", "threads", "whole"]))
@click.option("--warm", default=100, show_default=True, help="How many latencies with a live shift.")
@click.option("--cold", default=10, show_default=True, help="How many latencies without one (5 s each).")
@click.option("--json", "as_json", is_flag=True, help="On one line.")
def main(
    database: str,
    cases: int,
    clients: int,
    rounds: int,
    parts: tuple[str, ...],
    warm: int,
    cold: int,
    as_json: bool,
) -> None:
    """Measure submissions, advances, decisions and whole cases; print JSON.

    CASES are taken by the product, and as many by the limit, divided over the rounds. Without --part all
    parts are measured.
    """
    parts = parts or ("processes", "threads", "whole")
    figures = _about(database, cases, clients)
    with own_database(database) as url:
        for part, processes, threads in (("processes", clients, 1), ("threads", 1, clients)):
            if part in parts:
                with Team(url, processes=processes, threads=threads) as team:
                    figures[f"clients_are_{part}"] = _rounds(url, team, cases, rounds, part == "threads")
        if "whole" in parts:
            with Team(url, processes=1, threads=clients) as team:  # as the web: one process, its threads
                figures["everything_running"] = whole.measure(
                    url, team, cases=cases, warm=warm, cold=cold, http=cases // 2
                )
    figures["load_average_after"] = os.getloadavg()[0]
    click.echo(json.dumps(figures, indent=None if as_json else 2))


def _about(database: str, cases: int, clients: int) -> dict[str, Any]:
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "database": make_url(database).get_backend_name(),
        "processors": os.cpu_count(),
        "python": platform.python_version(),
        "cases": cases,
        "clients": clients,
        "load_average_before": os.getloadavg()[0],
    }


def _rounds(url: str, team: Team, cases: int, count: int, again: bool) -> dict[str, Any]:
    first = 500_000 if again else 0
    db = Database.connect(url)
    shift = OneShift(db)
    try:
        in_process.rounds(db, team, shift, cases=WARM_UP, count=1, first=first)
        done = in_process.rounds(
            db, team, shift, cases=max(1, cases // count), count=count, first=first + 2 * WARM_UP
        )
    finally:
        shift.end()
        db.dispose()
    return in_process.summary(done)


if __name__ == "__main__":
    main()
