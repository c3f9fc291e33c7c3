"""Queries of our own database that procedures ask, answered for a whole batch at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection

from cases.assignments import load_of
from cases.bundle import find_bundle
from cases.duplicates import find_likely
from cases.entries import find_entry
from cases.journal import Query
from cases.parties import Holding, PartyQuestion, find_parties
from config.registers import Registers

Asked = Mapping[int, Query]


@dataclass(frozen=True, slots=True)
class Known:
    """What answering needs to know beside the database.

    holding: by service, the outcomes after which a closed case still counts. registers: of people who take
    cases on, by name.
    """

    holding: Holding = field(default_factory=dict)
    registers: Registers = field(default_factory=dict)


def answer_queries(
    connection: Connection, asked: Sequence[tuple[int, Query]], known: Known
) -> dict[int, dict[str, Any]]:
    """Return {case id: {step key: answer}} for all `asked` (case id, query) pairs, one a case.

    Raises KeyError for a query name that isn't in `ANSWERERS`.
    """
    by_name: dict[str, dict[int, Query]] = defaultdict(dict)
    for case_id, query in asked:
        by_name[query.name][case_id] = query
    return {
        case_id: {group[case_id].key: answer}
        for name, group in by_name.items()
        for case_id, answer in ANSWERERS[name](connection, group, known).items()
    }


def _likely_duplicates(connection: Connection, asked: Asked, _known: Known) -> dict[int, Any]:
    return dict(find_likely(connection, {case_id: query.params for case_id, query in asked.items()}))


def _entries(connection: Connection, asked: Asked, _known: Known) -> dict[int, Any]:
    return {case_id: find_entry(connection, query.params) for case_id, query in asked.items()}


def _bundles(connection: Connection, asked: Asked, _known: Known) -> dict[int, Any]:
    return {case_id: find_bundle(connection, **query.params) for case_id, query in asked.items()}


def _register_loads(connection: Connection, asked: Asked, known: Known) -> dict[int, Any]:
    """Answer each case; for a register that there isn't, with nobody."""
    names = {case_id: query.params["register"] for case_id, query in asked.items()}
    loads = {
        name: load_of(connection, known.registers[name])
        for name in sorted(set(names.values()))
        if name in known.registers
    }
    return {case_id: loads.get(name, []) for case_id, name in names.items()}


def _same_parties(connection: Connection, asked: Asked, known: Known) -> dict[int, Any]:
    wanted = {
        case_id: PartyQuestion(query.params["mine"], query.params["among"])
        for case_id, query in asked.items()
    }
    return dict(find_parties(connection, wanted, holding=known.holding))


ANSWERERS: Mapping[str, Callable[[Connection, Asked, Known], dict[int, Any]]] = {
    "likely-duplicates": _likely_duplicates,
    "entry-by-number": _entries,
    "same-parties": _same_parties,
    "register-load": _register_loads,
    "bundle": _bundles,
}
