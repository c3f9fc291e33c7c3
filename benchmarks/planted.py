"""How well duplicates and twins are told in a file of applications whose ids say what they are.

`X-again` is X applied for once more; `X-twin` is its twin. The file is imported, every case is asked about,
and the pairs that are found are compared with those that the ids make.
"""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from itertools import combinations
from pathlib import Path
from typing import Any

from sqlalchemy import select

from cases.db import Database
from cases.duplicates import asked_of, find_likely
from cases.likeness import are_siblings, signs_of
from cases.models import Case, LikenessRow
from cases.permissions import SYSTEM
from cli.import_file import import_lines
from cli.import_lines import Checker, read_lines
from config.places import load_places
from config.services import load_services
from forms.compiler import load_forms
from tests.births import likeness

Pairs = dict[frozenset[str], str]
ASKED = asked_of(likeness())


def quality(db: Database, path: Path) -> dict[str, Any]:
    """Import a file into an empty database and judge what is found.

    `duplicates` as the registrar is shown them; `by_likeness_alone` without the notification numbers.
    """
    now = datetime.now(UTC)
    checker = Checker(load_services(), load_forms(), load_places().offices, now=now)
    with path.open("rb") as file:
        report = import_lines(db, checker, read_lines(file), actor=SYSTEM, now=now)
    with db.read() as connection:
        ids = {row.id: row.external_id for row in connection.execute(select(Case.id, Case.external_id))}
    pairs = [frozenset(pair) for pair in combinations(sorted(ids.values()), 2)]
    again = {pair for pair in pairs if _same_child(*sorted(pair))}
    twins = {pair for pair in pairs if _same_birth(*sorted(pair))} - again
    found = {
        "duplicates": _found(db, ids, ASKED),
        "by_likeness_alone": _found(db, ids, ASKED | {"matching": []}),
    }
    return {
        "imported": report.imported,
        "refused": len(report.errors),
        **{name: _judged(set(hits), again) | _by_rule(hits, again) for name, hits in found.items()},
        "twins": _judged(_siblings(db, ids), twins)
        | {"taken_for_duplicates": len(twins & set(found["duplicates"]))},
    }


def _child(external_id: str) -> tuple[str, bool]:
    """Return what the births have in common, and whether it is the twin that is meant."""
    return external_id.replace("-again", "").replace("-twin", ""), "-twin" in external_id


def _same_child(one: str, other: str) -> bool:
    return _child(one) == _child(other)


def _same_birth(one: str, other: str) -> bool:
    return _child(one)[0] == _child(other)[0]


def _found(db: Database, ids: dict[int, str], asked: dict[str, Any]) -> Pairs:
    with db.read() as connection:
        references = dict(connection.execute(select(Case.reference, Case.external_id)).all())
        hits_of = find_likely(connection, dict.fromkeys(ids, asked))
    return {
        frozenset((ids[case_id], references[hit["reference"]])): hit["rule"]
        for case_id, hits in hits_of.items()
        for hit in hits
    }


def _siblings(db: Database, ids: dict[int, str]) -> set[frozenset[str]]:
    with db.read() as connection:
        signs = {row.case_id: signs_of(row) for row in connection.execute(select(LikenessRow.__table__))}
    return {
        frozenset((ids[one], ids[other]))
        for one, other in combinations(signs, 2)
        if are_siblings(signs[one], signs[other], likeness().within)
    }


def _judged(found: set[frozenset[str]], right: set[frozenset[str]]) -> dict[str, Any]:
    both = len(found & right)
    return {
        "pairs": len(right),
        "found": len(found),
        "right": both,
        "precision": round(both / len(found), 4) if found else None,
        "recall": round(both / len(right), 4) if right else None,
    }


def _by_rule(found: Pairs, right: set[frozenset[str]]) -> dict[str, Any]:
    counts = Counter(found.values())
    hits = Counter(rule for pair, rule in found.items() if pair in right)
    return {"by_rule": {rule: {"found": n, "right": hits[rule]} for rule, n in counts.items()}}
