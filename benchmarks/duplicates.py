"""How fast likely duplicates are found among a million births, and how well in a file of applications.

    python -m benchmarks.duplicates --json [--rows 1000000] [--years 50] [--queries 1000]
    python -m benchmarks.duplicates --json --births FILE

The births are made up (`tests/families.py`): names as uneven as a country's, spread evenly over the
years; one in 200 is a recent one applied for again with two mistakes (`tests/mistakes.py`). With `--births`
nothing is timed, see `benchmarks/planted.py`.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from statistics import median
from typing import Any

import click
import psycopg
from sqlalchemy import Connection, make_url

from benchmarks import jobs
from benchmarks.databases import own_database
from benchmarks.in_process import percentiles
from benchmarks.planted import quality
from cases.actions import Application, submit
from cases.db import Database
from cases.duplicates import RecheckRequest, asked_of, find_likely, recheck
from cases.likeness import row_of
from cases.permissions import SYSTEM
from tests.births import ANSWERS, likeness
from tests.families import birth
from tests.mistakes import KINDS

SERVER = "postgresql://postgres@127.0.0.1:5432/postgres"
SERVICE = "birth-registration"
ASKED = asked_of(likeness())
LAST_DAY = date(2026, 6, 30)
AGAIN = 200
CHUNK = 20_000
BATCH = 250  # as a shift takes them
ROUNDS = 5

# -- a registry ------------------------------------------------------------------------------------


def births(rows: int, years: float, seed: int) -> Iterator[tuple[dict[str, Any], int | None]]:
    """Yield the answers of each birth, the oldest first, and the number of the one that it is again."""
    random, before = Random(seed), timedelta(days=int(years * 365.25))
    recent: list[dict[str, Any]] = []
    for number in range(rows):
        if number % AGAIN == AGAIN - 1:
            place = random.randrange(len(recent))
            yield _again(random, recent[place]), number - len(recent) + place
            recent.clear()
            continue
        recent.append(birth(random, LAST_DAY - before + before * (number / rows)))
        yield recent[-1], None


def _again(random: Random, answers: dict[str, Any]) -> dict[str, Any]:
    dates, others = [
        [kind for kind in KINDS if ("mother's date" in kind) is wanted] for wanted in (True, False)
    ]
    changed = KINDS[random.choice(others)](random, answers)
    number = f"NOB-{answers['child_birth_date'][:4]}-{random.randrange(10**9):09d}"
    return KINDS[random.choice([*others, *dates])](random, changed) | {"notification_number": number}


def fill(url: str, rows: int, years: float) -> dict[int, int]:
    """Copy births into an empty database; return {id: id of the case it is again}."""
    address = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    planted, chunk, number = {}, [], 0
    with psycopg.connect(address, autocommit=True) as connection:
        for number, (answers, again) in enumerate(births(rows, years, seed=1), start=1):
            chunk.append((number, answers))
            if again is not None:
                planted[number] = again + 1
            if len(chunk) == CHUNK:
                _copy(connection, chunk, rows)
                chunk = []
        _copy(connection, chunk, rows)
        connection.execute("SELECT setval(pg_get_serial_sequence('cases', 'id'), %s)", (number,))
        connection.execute("VACUUM ANALYZE")
    return planted


def _copy(
    connection: psycopg.Connection[Any], chunk: Sequence[tuple[int, dict[str, Any]]], rows: int
) -> None:
    made = [(number, answers, row_of(likeness(), answers)) for number, answers in chunk]
    cases = [_case(number, answers, rows) for number, answers in chunk]
    compared = [{"case_id": number, "service": SERVICE, **row} for number, _, row in made if row]
    keys = [
        {"case_id": number, "service": SERVICE, "name": "notification", "value": key.casefold()}
        for number, answers, _ in made
        if (key := answers["notification_number"])
    ]
    with connection.transaction(), connection.cursor() as cursor:
        for table, values in (("cases", cases), ("likeness", compared), ("match_keys", keys)):
            if values:
                with cursor.copy(f"COPY {table} ({', '.join(values[0])}) FROM STDIN") as copy:
                    for row in values:
                        copy.write_row(list(row.values()))


def _case(number: int, answers: dict[str, Any], rows: int) -> dict[str, Any]:
    is_open = number > rows - rows // 50
    received = datetime.fromisoformat(answers["child_birth_date"]).replace(tzinfo=UTC) + timedelta(days=20)
    return {
        "id": number,
        "reference": f"BR-{number:09d}",
        "service": SERVICE,
        "status": "open" if is_open else "closed",
        "outcome": None if is_open else "registered",
        "generation": 0,
        "version": 1,
        "ready": False,
        "halted": False,
        "answers": json.dumps(ANSWERS | answers),
        "form_version": 1,
        "language": "en",
        "channel": "counter",
        "office": "suva",
        "salt": "0" * 32,
        "received_at": received,
        "created_at": received,
        "audit_count": 0,
        "audit_head": "",
        "audit_at": received,
    }


# -- speed -----------------------------------------------------------------------------------------


def speed(db: Database, planted: dict[int, int], *, rows: int, queries: int) -> dict[str, Any]:
    """Measure queries of one case, of batches, rechecks and submissions; and what the queries find."""
    random = Random(2)
    ids = random.sample(range(1, rows + 1), queries)
    found, each = _one_by_one(db, ids)
    batches = [random.sample(range(1, rows + 1), BATCH) for _ in range(ROUNDS * 4)]
    return {
        "query_ms": percentiles(each),
        "in_bulk_per_second": _in_bulk(db, batches),
        "recheck_ms": percentiles(_rechecks(db, ids[: queries // 5])),
        "submission_ms": _submissions(db),
        **_findings(db, found, planted),
    }


def _one_by_one(db: Database, ids: Sequence[int]) -> tuple[dict[int, Any], list[float]]:
    found, each = {}, []
    with db.read() as connection:
        for case_id in ids:
            began = time.perf_counter()
            found |= find_likely(connection, {case_id: ASKED})
            each.append(time.perf_counter() - began)
    return found, each


def _in_bulk(db: Database, batches: Sequence[Sequence[int]]) -> dict[str, Any]:
    rates = []
    with db.read() as connection:
        for number in range(ROUNDS):
            some = batches[number * 4 : number * 4 + 4]
            began = time.perf_counter()
            for batch in some:
                find_likely(connection, dict.fromkeys(batch, ASKED))
            rates.append(BATCH * len(some) / (time.perf_counter() - began))
    return {"median": round(median(rates)), "of_rounds": sorted(round(rate) for rate in rates)}


def _rechecks(db: Database, ids: Sequence[int]) -> list[float]:
    each = []
    for case_id in ids:
        with db.write() as connection:
            request = RecheckRequest(case_id, SERVICE, {**ASKED, "seen": []})
            began = time.perf_counter()
            recheck(connection, [request], now=datetime.now(UTC))
            each.append(time.perf_counter() - began)
    return each


def _submissions(db: Database) -> dict[str, float]:
    """Submissions with and without the row that duplicates are found by, in turns."""
    times: dict[bool, list[float]] = {True: [], False: []}
    for number, item in enumerate(jobs.applications(600, 0)):
        has_row = number % 2 == 0
        began = time.perf_counter()
        with db.write() as connection:
            _submit(connection, item, has_row)
        times[has_row].append(time.perf_counter() - began)
    row_ms = _cost(lambda: row_of(likeness(), ANSWERS))
    return {
        "with_row_p50": round(median(times[True]) * 1000, 2),
        "without_p50": round(median(times[False]) * 1000, 2),
        "making_the_row": round(row_ms, 3),
    }


def _submit(connection: Connection, item: Application, has_row: bool) -> None:
    item = item if has_row else replace(item, likeness=None)
    submit(connection, item, actor=SYSTEM, now=datetime.now(UTC))


def _cost(work: Callable[[], object], times: int = 1_000) -> float:
    began = time.process_time()
    for _ in range(times):
        work()
    return (time.process_time() - began) * 1000 / times


def _findings(db: Database, found: dict[int, Any], planted: dict[int, int]) -> dict[str, Any]:
    """Return how many planted duplicates of those asked about were found, and how many strangers a rule
    takes for duplicates, by 1,000 cases."""
    partners = planted | {again: case_id for case_id, again in planted.items()}
    strangers: Counter[str] = Counter()
    for case_id, hits in found.items():
        own = f"BR-{partners.get(case_id, 0):09d}"
        strangers.update(hit["rule"] for hit in hits if hit["reference"] != own)
    again = Random(3).sample(sorted(planted), min(len(planted), 1_000))
    with db.read() as connection:
        hits_of = find_likely(connection, dict.fromkeys(again, ASKED))
    right = sum(
        any(hit["reference"] == f"BR-{planted[case_id]:09d}" for hit in hits)
        for case_id, hits in hits_of.items()
    )
    return {
        "planted": {"asked": len(again), "found": right},
        "strangers_per_1000_cases": {rule: round(n * 1000 / len(found), 2) for rule, n in strangers.items()},
    }


@click.command()
@click.option("--database", default=SERVER, show_default=True, help="A PostgreSQL server.")
@click.option("--rows", default=1_000_000, show_default=True, type=click.IntRange(2_000))
@click.option("--years", default=50.0, show_default=True, help="Over how many the births are spread.")
@click.option("--queries", default=1_000, show_default=True, type=click.IntRange(20))
@click.option("--births", type=click.Path(path_type=Path, exists=True), help="Judge this file instead.")
@click.option("--json", "as_json", is_flag=True, help="On one line.")
def main(database: str, rows: int, years: float, queries: int, births: Path | None, as_json: bool) -> None:
    """Measure how fast and how well likely duplicates are found; print JSON."""
    with own_database("sqlite://" if births else database) as url:
        db = Database.connect(url)
        if births:
            figures = quality(db, births)
        else:
            began = time.perf_counter()
            planted = fill(url, rows, years)
            made = {"rows": rows, "years": years, "filled_in_s": round(time.perf_counter() - began)}
            figures = made | speed(db, planted, rows=rows, queries=queries)
        db.dispose()
    click.echo(json.dumps(figures, indent=None if as_json else 2))


if __name__ == "__main__":
    main()
