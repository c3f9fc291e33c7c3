"""Other cases about the same event: found for a procedure, and asked for once more under a lock.

Each case of a service with a `[likeness]` has one row in `likeness`, written when it is submitted. Three
keys find those that may be about the same event (the parent's birth date, the parent's name and the child's
name as they sound, each within its days), the matching keys the rest; `cases/likeness.py` then judges each.
A duplicate is missed when none of these has stayed.

A hit carries personal data of the other case into this one's journal, as answers stand in a case: whoever may
read the case may read it, and it is erased with the journal.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, TypedDict

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Select,
    and_,
    bindparam,
    func,
    select,
    text,
    union,
)
from sqlalchemy.orm import aliased

from cases.db import among, take_turns
from cases.likeness import VERSION, Signs, are_siblings, judge, row_of, signs_of
from cases.models import AllottedNumber, Case, JournalEntry, LikenessRow, MatchKey, table_of
from cases.vocabulary import CaseStatus, StepKind
from config.likeness import Likeness, Within

AT_MOST = 20
CANDIDATES = 200
"""Cases looked at for one, the nearest in time first: so that a key which thousands share (a number typed as
"none") costs no more than that."""


class Compared(TypedDict):
    """One field side by side."""

    field: str
    own: Any
    other: Any
    differs: bool


class Hit(TypedDict):
    """A case that may be about the same event. `received_at` is an ISO instant in UTC; `number` its
    registration number, if it has one."""

    reference: str
    status: str
    outcome: str | None
    received_at: str
    rule: str
    number: str | None
    compared: list[Compared]


@dataclass(frozen=True, slots=True)
class RecheckRequest:
    """A recheck wanted for a case. `params` is what `asked_of` returned, with "seen": references an officer
    has been shown."""

    case_id: int
    service: str
    params: Mapping[str, Any]


def asked_of(rules: Likeness) -> dict[str, Any]:
    """Return what a search needs to know of a service's `[likeness]`, as JSON."""
    return {
        "matching": list(rules.matching),
        "counts": list(rules.counts),
        "number": rules.number,
        "shows": list(rules.shows),
        "within": asdict(rules.within),
    }


# -- finding ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Pair:
    """Two cases that meet a rule; the lesser `rank`, the better."""

    other_id: int
    rule: str
    rank: tuple[int, ...]


def find_likely(connection: Connection, wanted: Mapping[int, Mapping[str, Any]]) -> dict[int, list[Hit]]:
    """Return {case id: hits}, at most 20 each and the best first, for all `wanted` {case id: params}.

    params: what `asked_of` returned. Cases that are open, or closed with an outcome that counts, are hits.
    """
    pairs = _pairs(connection, wanted)
    cases = _cases(connection, pairs)
    numbers = _numbers(connection, pairs)
    found = {}
    for case_id, params in wanted.items():
        counted = [pair for pair in pairs[case_id] if _counts(cases[pair.other_id], params)][:AT_MOST]
        found[case_id] = [_hit(cases, numbers, case_id, pair, params) for pair in counted]
    return found


def recheck(
    connection: Connection, wanted: Sequence[RecheckRequest], *, now: datetime
) -> dict[int, list[Hit]]:
    """Return {case id: hits that were not seen}, one request a case, under the service's lock.

    Hits are cases that have *entered*: their own recheck, which is still in force, found nothing, or they
    are closed with an outcome that counts. A case for which this returns no hit enters by its journal's
    entry, which the caller writes in the same transaction; so of two equal cases at once only one does, and
    setting the entry aside (a rewind) takes it back. Call it when the case rows are locked; it locks nothing
    else but the service, until the caller commits.
    """
    for service in sorted({request.service for request in wanted}):
        take_turns(connection, f"duplicates of {service}")
    asked = {request.case_id: request.params for request in wanted}
    pairs = _pairs(connection, asked)
    cases = _cases(connection, pairs)
    numbers = _numbers(connection, pairs)
    entered = _entered(connection, cases)
    found: dict[int, list[Hit]] = {}
    for case_id, params in sorted(asked.items()):
        new = [
            pair
            for pair in pairs[case_id]
            if _counts(cases[pair.other_id], params)
            and (pair.other_id in entered or cases[pair.other_id].status == CaseStatus.CLOSED)
            and cases[pair.other_id].reference not in params["seen"]
        ][:AT_MOST]
        found[case_id] = [_hit(cases, numbers, case_id, pair, params) for pair in new]
        if not new:
            entered.add(case_id)
    return found


def _pairs(connection: Connection, wanted: Mapping[int, Mapping[str, Any]]) -> dict[int, list[_Pair]]:
    """Return {case id: pairs, the best first}."""
    own = {row.case_id: signs_of(row) for row in connection.execute(_OWN_ROWS, {"ids": list(wanted)})}
    found: dict[int, dict[int, _Pair]] = {case_id: {} for case_id in wanted}
    for days, ids in _by_days(wanted).items():
        within = Within(*days)
        asked = {"ids": ids, "near": max(within.same_child, within.same_parent), "far": within.longest}
        for row in connection.execute(_CANDIDATES, asked):
            match = judge(own[row.own_id], signs_of(row), within)
            if match:
                found[row.own_id][row.case_id] = _Pair(row.case_id, match.rule, match.rank)
    for row in connection.execute(_SAME_KEYS, {"ids": list(wanted)}):
        params = wanted[row.own_id]
        if row.key_name in params["matching"] and not _siblings(own.get(row.own_id), row, params):
            found[row.own_id][row.case_id] = _Pair(row.case_id, f"same-{row.key_name}", (-1,))
    return {
        case_id: sorted(pairs.values(), key=lambda pair: (pair.rank, pair.other_id))
        for case_id, pairs in found.items()
    }


def _by_days(wanted: Mapping[int, Mapping[str, Any]]) -> dict[tuple[int, ...], list[int]]:
    groups: dict[tuple[int, ...], list[int]] = defaultdict(list)
    for case_id, params in wanted.items():
        days = params["within"]
        groups[days["same_child"], days["same_parent"], days["same_name"]].append(case_id)
    return groups


_OWN, _OTHER = aliased(LikenessRow), aliased(LikenessRow)
_SIGNS = (_OTHER.born, _OTHER.name, _OTHER.parent, _OTHER.parent_born, _OTHER.multiple, _OTHER.trait)


def _lookup(same: ColumnElement[bool], days: str) -> Select[Any]:
    """Return the ids of own cases and of others whose key is the same, within so many days."""
    either_way = bindparam(days, type_=BigInteger)
    within = _OTHER.born.between(_OWN.born - either_way, _OWN.born + either_way)
    another = and_(_OTHER.service == _OWN.service, _OTHER.case_id != _OWN.case_id)
    return (
        select(_OWN.case_id.label("own_id"), _OTHER.case_id, func.abs(_OTHER.born - _OWN.born).label("apart"))
        .join(_OTHER, and_(another, same, within))
        .where(among(_OWN.case_id))
    )


_FOUND = union(
    _lookup(_OTHER.parent_born == _OWN.parent_born, "near"),
    _lookup(_OTHER.parent_key == _OWN.parent_key, "near"),
    _lookup(_OTHER.name_key == _OWN.name_key, "far"),
).subquery()
_PLACE = func.row_number().over(partition_by=_FOUND.c.own_id, order_by=(_FOUND.c.apart, _FOUND.c.case_id))
_RANKED = select(_FOUND.c.own_id, _FOUND.c.case_id, _PLACE.label("place")).subquery()
_CANDIDATES = (
    select(_RANKED.c.own_id, _OTHER.case_id, *_SIGNS)
    .join(_OTHER, _OTHER.case_id == _RANKED.c.case_id)
    .where(_RANKED.c.place <= CANDIDATES)
)
_OWN_ROWS = select(_OTHER.case_id, *_SIGNS).where(among(_OTHER.case_id))

_KEY, _OTHER_KEY = aliased(MatchKey), aliased(MatchKey)
_SAME = and_(
    _OTHER_KEY.service == _KEY.service,
    _OTHER_KEY.name == _KEY.name,
    _OTHER_KEY.value == _KEY.value,
    _OTHER_KEY.case_id != _KEY.case_id,
)
_NEWEST = func.row_number().over(partition_by=_KEY.id, order_by=_OTHER_KEY.case_id.desc())
_KEYED = (
    select(
        _KEY.case_id.label("own_id"), _KEY.name.label("key_name"), _OTHER_KEY.case_id, _NEWEST.label("place")
    )
    .join(_OTHER_KEY, _SAME)
    .where(among(_KEY.case_id))
    .subquery()
)
_SAME_KEYS = (
    select(_KEYED.c.own_id, _KEYED.c.key_name, _KEYED.c.case_id, *_SIGNS)
    .outerjoin(_OTHER, _OTHER.case_id == _KEYED.c.case_id)
    .where(_KEYED.c.place <= CANDIDATES)
)


def _siblings(own: Signs | None, row: Any, params: Mapping[str, Any]) -> bool:
    if own is None or row.born is None:
        return False
    return are_siblings(own, signs_of(row), Within(**params["within"]))


def _counts(case: Any, params: Mapping[str, Any]) -> bool:
    return case.status == CaseStatus.OPEN or case.outcome in params["counts"]


def _entered(connection: Connection, cases: Collection[int]) -> set[int]:
    rows = connection.execute(_RECHECKED, {"ids": list(cases)})
    return {row.case_id for row in rows if row.result == []}


def _cases(connection: Connection, pairs: Mapping[int, Sequence[_Pair]]) -> dict[int, Any]:
    ids = {pair.other_id for found in pairs.values() for pair in found}
    ids |= {case_id for case_id, found in pairs.items() if found}
    return {row.id: row for row in connection.execute(_CASES, {"ids": list(ids)})} if ids else {}


def _numbers(connection: Connection, pairs: Mapping[int, Sequence[_Pair]]) -> dict[tuple[int, str], str]:
    ids = {pair.other_id for found in pairs.values() for pair in found}
    rows = connection.execute(_NUMBERS, {"ids": list(ids)}) if ids else ()
    return {(row.case_id, row.key): row.value for row in rows}


def _hit(
    cases: Mapping[int, Any],
    numbers: Mapping[tuple[int, str], str],
    case_id: int,
    pair: _Pair,
    params: Mapping[str, Any],
) -> Hit:
    other, own_answers = cases[pair.other_id], cases[case_id].answers
    sides = [(field, own_answers.get(field), other.answers.get(field)) for field in params["shows"]]
    return {
        "reference": other.reference,
        "status": other.status,
        "outcome": other.outcome,
        "received_at": other.received_at.isoformat(),
        "rule": pair.rule,
        "number": numbers.get((pair.other_id, params["number"])),
        "compared": [
            {"field": field, "own": mine, "other": theirs, "differs": mine != theirs}
            for field, mine, theirs in sides
        ],
    }


_CASES = select(Case.id, Case.reference, Case.status, Case.outcome, Case.received_at, Case.answers).where(
    among(Case.id)
)
_NUMBERS = select(AllottedNumber.case_id, AllottedNumber.key, AllottedNumber.value).where(
    among(AllottedNumber.case_id)
)
_RECHECKED = select(JournalEntry.case_id, JournalEntry.result).where(
    among(JournalEntry.case_id), JournalEntry.kind == StepKind.RECHECK, JournalEntry.cut_by.is_(None)
)


# -- rows ------------------------------------------------------------------------------------------


def write_missing(
    connection: Connection, service: str, rules: Likeness, *, after: int, limit: int = 1_000
) -> int | None:
    """Make the rows of cases that have none of this version, in id order from the one beyond `after`, at
    most `limit`; return the last one's id, or None when there was none.

    For cases of before the service had its `[likeness]`, or of before `likeness.VERSION` was raised.
    """
    asked = {"of_service": service, "beyond": after, "at_most": limit, "version": VERSION}
    rows = connection.execute(_MISSING, asked).all()
    made = [
        kept | {"case_id": row.id, "service": service}
        for row in rows
        if (kept := row_of(rules, row.answers)) is not None
    ]
    if made:
        connection.execute(_PUT, made)
    return rows[-1].id if rows else None


_ROW = aliased(LikenessRow)
_MISSING = (
    select(Case.id, Case.answers)
    .outerjoin(_ROW, and_(_ROW.case_id == Case.id, _ROW.version == bindparam("version")))
    .where(Case.service == bindparam("of_service"), Case.id > bindparam("beyond"), _ROW.case_id.is_(None))
    .order_by(Case.id)
    .limit(bindparam("at_most"))
)
_COLUMNS = [column.name for column in table_of(LikenessRow).columns]
_PUT = text(  # as text: SQLAlchemy 2.0 compiles an INSERT with ON CONFLICT anew each time
    f"INSERT INTO likeness ({', '.join(_COLUMNS)}) VALUES ({', '.join(f':{name}' for name in _COLUMNS)})"
    " ON CONFLICT (case_id) DO UPDATE SET "
    + ", ".join(f"{name} = excluded.{name}" for name in _COLUMNS if name != "case_id")
)
