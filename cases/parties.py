"""People that applications name, and the other cases that name the same person.

Each person in a role of the service's `[parties]` has one row, written when the application is submitted. Two
rows are the same person by their number; or by their name, spelt alike in any order of its words, as long as
their birth dates don't differ. Somebody with another number may be the same person all the same: numbers are
mistyped, and an officer looks at every hit.

A hit carries a name out of the other case into this one's journal, as answers stand in a case: whoever may
read the case may read it, and it is erased with the journal.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import lru_cache
from typing import Any, TypedDict

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    and_,
    bindparam,
    case,
    delete,
    false,
    func,
    insert,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import aliased

from cases.db import among
from cases.models import Case, PartyRow, table_of
from cases.names import is_same, whole_key, words
from cases.vocabulary import CaseStatus
from config.parties import Parties, PartyRole, digest_of

VERSION = 1
"""Raised whenever `rows_of` gives other values than before: rows of an older version are made anew."""

AT_MOST = 50
CANDIDATES = 200
"""People looked at for one, those with the same birth date first, then the newest: so that a name which
thousands share costs no more than that."""

LONGEST_NAME, LONGEST_NUMBER = 200, 60


class SameBy(StrEnum):
    """By what two people are the same, the surest first."""

    NUMBER = "number"
    NAME_AND_BIRTH_DATE = "name-and-birth-date"
    NAME = "name"


class PartyHit(TypedDict):
    """A person of another case who is one of this case's. `role` and `name` are theirs, `mine_role` and
    `mine_name` those of the person here; `by` is one of SameBy."""

    reference: str
    service: str
    status: str
    outcome: str | None
    role: str
    name: str
    mine_role: str
    mine_name: str
    by: str


Roles = Mapping[str, Sequence[str]]
"""Roles by service: whom to look among."""

Holding = Mapping[str, Collection[str]]
"""By service, the outcomes after which a closed case still counts."""


# -- rows ------------------------------------------------------------------------------------------


def rows_of(parties: Parties, answers: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return what is kept of the people that an application names: the columns of their rows but for the
    case's. Somebody without a name isn't kept; () where the service has no `[parties]`."""
    return [
        row
        for role in parties.values()
        for place, said in enumerate(_said(role, answers), start=1)
        if (row := _row(role, place, said)) is not None
    ]


def version_of(parties: Parties) -> str:
    """Return the version of rows made by these rules."""
    return f"{VERSION}.{digest_of(parties)}"


def _said(role: PartyRole, answers: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    if role.group is None:
        yield answers
    else:
        yield from (item for item in answers.get(role.group) or () if isinstance(item, Mapping))


def _row(role: PartyRole, place: int, said: Mapping[str, Any]) -> dict[str, Any] | None:
    name = " ".join(str(said.get(role.name) or "").split())[:LONGEST_NAME]
    if not words(name):
        return None
    return {
        "role": role.key,
        "place": place,
        "name": name,
        "name_key": whole_key(words(name)),
        "born": _ordinal(said.get(role.birth_date)) if role.birth_date else None,
        "number": _number(said.get(role.number)) if role.number else None,
    }


def _number(value: object) -> str | None:
    """Return a number as it is compared; None for what has no digit in it ("none")."""
    text = "".join(sign for sign in str(value or "").upper() if sign.isalnum())
    return text[:LONGEST_NUMBER] if any(map(str.isdigit, text)) else None


def _ordinal(value: object) -> int | None:
    try:
        return date.fromisoformat(str(value)).toordinal() if value else None
    except ValueError:
        return None


# -- finding ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PartyQuestion:
    """Which of a case's people (`mine`: roles of its own service) are to be looked for `among` whom."""

    mine: Sequence[str]
    among: Roles


def find_parties(
    connection: Connection, wanted: Mapping[int, PartyQuestion], *, holding: Holding
) -> dict[int, list[PartyHit]]:
    """Return {case id: hits}, at most 50 each and the surest first, for all `wanted`.

    Hits are in other cases that are open, or closed with an outcome in `holding` of their service.
    """
    found: dict[int, list[PartyHit]] = {}
    for (mine, kinds), ids in _by_question(wanted).items():
        of_case: dict[int, dict[tuple[int, int], tuple[SameBy, Any]]] = {case_id: {} for case_id in ids}
        for row in connection.execute(_statement(mine, kinds, _held(kinds, holding)), {"ids": ids}):
            by = _same_by(row)
            if by is not None:
                of_case[row.own_case].setdefault((row.own_id, row.other_id), (by, row))
        found |= {case_id: _hits(pairs.values()) for case_id, pairs in of_case.items()}
    return found


_Kinds = tuple[tuple[str, tuple[str, ...]], ...]


def _by_question(wanted: Mapping[int, PartyQuestion]) -> dict[tuple[tuple[str, ...], _Kinds], list[int]]:
    groups: dict[tuple[tuple[str, ...], _Kinds], list[int]] = defaultdict(list)
    for case_id, question in wanted.items():
        kinds = tuple((service, tuple(sorted(roles))) for service, roles in sorted(question.among.items()))
        groups[tuple(sorted(question.mine)), kinds].append(case_id)
    return groups


def _held(kinds: _Kinds, holding: Holding) -> _Kinds:
    return tuple((service, tuple(sorted(holding.get(service, ())))) for service, _ in kinds)


_OWN, _OTHER = aliased(PartyRow), aliased(PartyRow)


@lru_cache(maxsize=100)
def _statement(mine: tuple[str, ...], kinds: _Kinds, held: _Kinds) -> Select[Any]:
    """Return the statement that finds candidates, made once for each way in which procedures ask."""
    searched = and_(
        or_(false(), *(and_(_OTHER.service == name, _OTHER.role.in_(roles)) for name, roles in kinds)),
        _OTHER.case_id != _OWN.case_id,
        _OWN.role.in_(mine),
        among(_OWN.case_id),
    )
    counts = or_(
        Case.status == CaseStatus.OPEN,
        *(and_(Case.service == service, Case.outcome.in_(outcomes)) for service, outcomes in held),
    )
    same_day = case((_OTHER.born == _OWN.born, 0), else_=1)
    not_another = or_(_OTHER.born.is_(None), _OWN.born.is_(None), _OTHER.born == _OWN.born)

    def pairs(same: ColumnElement[bool]) -> Select[Any]:
        return (
            select(_OWN.id.label("own_id"), _OTHER.id.label("other_id"), same_day.label("apart"))
            .join(_OTHER, same)
            .join(Case, Case.id == _OTHER.case_id)
            .where(searched, counts)
        )

    both = union_all(
        pairs(_OTHER.number == _OWN.number),
        pairs(and_(_OTHER.name_key == _OWN.name_key, not_another)),
    ).subquery()
    nearest = func.row_number().over(
        partition_by=both.c.own_id, order_by=(both.c.apart, both.c.other_id.desc())
    )
    ranked = select(both.c.own_id, both.c.other_id, nearest.label("place")).subquery()
    return (
        select(
            *(_OWN.case_id.label("own_case"), _OWN.id.label("own_id"), _OTHER.id.label("other_id")),
            *(_OWN.role.label("mine_role"), _OWN.name.label("mine_name"), _OWN.number.label("mine_number")),
            *(_OWN.born.label("mine_born"), _OTHER.born, _OTHER.number, _OTHER.role, _OTHER.name),
            *(Case.reference, Case.service, Case.status, Case.outcome),
        )
        .select_from(ranked)
        .join(_OWN, _OWN.id == ranked.c.own_id)
        .join(_OTHER, _OTHER.id == ranked.c.other_id)
        .join(Case, Case.id == _OTHER.case_id)
        .where(ranked.c.place <= CANDIDATES)
    )


def _same_by(row: Any) -> SameBy | None:
    """Say by what two people (own and other) are the same; None when they aren't."""
    if row.number is not None and row.number == row.mine_number:
        return SameBy.NUMBER
    if not is_same(words(row.mine_name), words(row.name)):
        return None
    if row.born is None or row.mine_born is None:
        return SameBy.NAME
    return SameBy.NAME_AND_BIRTH_DATE if row.born == row.mine_born else None


def _hits(pairs: Collection[tuple[SameBy, Any]]) -> list[PartyHit]:
    surest = list(SameBy)
    ranked = sorted(pairs, key=lambda pair: (surest.index(pair[0]), -pair[1].other_id, pair[1].own_id))
    return [
        {
            "reference": row.reference,
            "service": row.service,
            "status": row.status,
            "outcome": row.outcome,
            "role": row.role,
            "name": row.name,
            "mine_role": row.mine_role,
            "mine_name": row.mine_name,
            "by": by.value,
        }
        for by, row in ranked[:AT_MOST]
    ]


# -- rows of cases that are there already ----------------------------------------------------------


def write_missing_parties(
    connection: Connection, service: str, parties: Parties, *, after: int, limit: int = 1_000
) -> int | None:
    """Make the rows of cases that have none of this version, in id order from the one beyond `after`, at
    most `limit`; return the last one's id, or None when there was none.

    For cases of before the service had its `[parties]`, or had others, or of before VERSION was raised.
    """
    version = version_of(parties)
    asked = {"of_service": service, "beyond": after, "at_most": limit, "version": version}
    found = connection.execute(_MISSING, asked).all()
    if not found:
        return None
    connection.execute(_FORGET, {"ids": [row.id for row in found]})
    made = [
        row | {"case_id": each.id, "service": service, "version": version}
        for each in found
        for row in rows_of(parties, each.answers)
    ]
    if made:
        connection.execute(insert(table_of(PartyRow)), made)
    last: int = found[-1].id
    return last


_KEPT = select(PartyRow.id).where(PartyRow.case_id == Case.id, PartyRow.version == bindparam("version"))
_MISSING = (
    select(Case.id, Case.answers)
    .where(Case.service == bindparam("of_service"), Case.id > bindparam("beyond"), ~_KEPT.exists())
    .order_by(Case.id)
    .limit(bindparam("at_most"))
)
_FORGET = delete(table_of(PartyRow)).where(among(table_of(PartyRow).c.case_id))
