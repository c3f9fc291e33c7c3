"""Who has taken which case on: places of a register, never more than each has.

A place is taken in the advance's writing transaction, under the register's lock, and counts while its case is
open and nothing has ended it. Taking a case back sets its place free; going on after a re-opening, or after
the end of the assignment itself was taken back, takes it again, if there is room.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypedDict

from sqlalchemy import Connection, bindparam, exists, func, insert, or_, select, update

from cases.db import take_turns
from cases.errors import Refused
from cases.models import Assignment, Case, JournalEntry, table_of
from cases.vocabulary import CaseStatus
from config.registers import Register

_PLACES = table_of(Assignment)


class Load(TypedDict):
    """Somebody of a register, and how many of the cases they can have at once they have."""

    key: str
    name: str
    areas: list[str]
    division: str
    open: int
    capacity: int


@dataclass(frozen=True, slots=True)
class PlaceRequest:
    """A place wanted for a case's step, of somebody who has `capacity` of them."""

    case_id: int
    generation: int
    key: str
    register: str
    holder: str
    capacity: int


def load_of(connection: Connection, register: Register) -> list[Load]:
    """Return everybody of a register with their load, in the order of its file."""
    taken = _taken(connection, register.key)
    return [
        {
            "key": holder.key,
            "name": holder.name,
            "areas": list(holder.areas),
            "division": holder.division,
            "open": taken[holder.key],
            "capacity": holder.capacity,
        }
        for holder in register.holders.values()
    ]


def take_places(connection: Connection, wanted: Sequence[PlaceRequest], *, now: datetime) -> dict[int, bool]:
    """Return {case id: whether it got its place}, one request a case, under the registers' locks.

    Call it when the case rows are locked; it locks nothing else but the registers, until the caller commits.
    """
    got: dict[int, bool] = {}
    rows = []
    for register in _locked(connection, {request.register for request in wanted}):
        taken = _taken(connection, register)
        for request in sorted(wanted, key=lambda request: request.case_id):
            if request.register != register:
                continue
            got[request.case_id] = taken[request.holder] < request.capacity
            if got[request.case_id]:
                taken[request.holder] += 1
                rows.append(_row(request, now))
    if rows:
        connection.execute(_TAKE, rows)
    return got


def end_places(connection: Connection, ends: Sequence[Mapping[str, Any]]) -> None:
    """Set places free: `ends` are {"b_case", "b_of" (the step that took it, whatever visit), "b_visit" (a
    pattern of its later visits), "b_key" and "b_generation" of the step that ends it, "b_now"}."""
    connection.execute(_END, ends)


def end_of(case_id: int, generation: int, key: str, of: str, now: datetime) -> dict[str, Any]:
    """Return what `end_places` needs to set free the place that step `of` took."""
    visit = of.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "#%"
    own = {"b_case": case_id, "b_generation": generation, "b_key": key, "b_now": now}
    return {**own, "b_of": of, "b_visit": visit}


# -- a case is taken back --------------------------------------------------------------------------


def free_places(connection: Connection, case_id: int, *, now: datetime) -> None:
    """Set free the places of a case whose steps were set aside."""
    connection.execute(
        update(_PLACES)
        .where(_PLACES.c.case_id == case_id, _PLACES.c.ended_at.is_(None), _is_cut(_PLACES.c.key))
        .values(ended_at=now)
    )


def take_places_again(connection: Connection, case: Any) -> None:
    """Take again the places that a case has, now that it goes on from before they ended, or is open again.

    case: its row as it was before it went back. Raises Refused when somebody has no room for it any more, by
    what they could have when they took it.
    """
    rows = connection.execute(
        select(_PLACES).where(
            _PLACES.c.case_id == case.id,
            ~_is_cut(_PLACES.c.key),
            or_(_PLACES.c.ended_at.is_(None), _is_cut(_PLACES.c.ended_key, _PLACES.c.ended_generation)),
        )
    ).all()
    counted = case.status == CaseStatus.OPEN
    again = [row for row in rows if row.ended_at is not None or not counted]
    for register in _locked(connection, {row.register for row in again}):
        taken = _taken(connection, register)
        for row in (each for each in again if each.register == register):
            if taken[row.holder] >= row.capacity:
                raise Refused(f"{row.holder} has no room for it any more; go back to before {row.key}")
            taken[row.holder] += 1
            values = {"ended_at": None, "ended_key": None, "ended_generation": None}
            connection.execute(update(_PLACES).where(_PLACES.c.id == row.id).values(values))


# -- statements ------------------------------------------------------------------------------------


def _locked(connection: Connection, registers: Collection[str]) -> list[str]:
    """Lock the registers, always in the same order, and return them."""
    ordered = sorted(registers)
    for register in ordered:
        take_turns(connection, f"places of {register}")
    return ordered


def _taken(connection: Connection, register: str) -> Counter[str]:
    rows = connection.execute(_TAKEN, {"of_register": register})
    return Counter({row.holder: row.taken for row in rows})


def _row(request: PlaceRequest, now: datetime) -> dict[str, Any]:
    return {
        "case_id": request.case_id,
        "generation": request.generation,
        "key": request.key,
        "register": request.register,
        "holder": request.holder,
        "capacity": request.capacity,
        "taken_at": now,
    }


def _is_cut(key: Any, generation: Any = _PLACES.c.generation) -> Any:
    """Return the condition that a step of the place's case was set aside."""
    return exists().where(
        JournalEntry.case_id == _PLACES.c.case_id,
        JournalEntry.generation == generation,
        JournalEntry.key == key,
        JournalEntry.cut_by.is_not(None),
    )


_TAKE = insert(_PLACES)
_TAKEN = (
    select(_PLACES.c.holder, func.count(_PLACES.c.id).label("taken"))
    .join(Case, Case.id == _PLACES.c.case_id)
    .where(
        _PLACES.c.register == bindparam("of_register"),
        _PLACES.c.ended_at.is_(None),
        Case.status == CaseStatus.OPEN,
    )
    .group_by(_PLACES.c.holder)
)
_END = (
    update(_PLACES)
    .where(
        _PLACES.c.case_id == bindparam("b_case"),
        or_(_PLACES.c.key == bindparam("b_of"), _PLACES.c.key.like(bindparam("b_visit"), escape="\\")),
        _PLACES.c.ended_at.is_(None),
    )
    .values(
        ended_at=bindparam("b_now"), ended_key=bindparam("b_key"), ended_generation=bindparam("b_generation")
    )
)
