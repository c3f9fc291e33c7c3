"""Entries in a register: what a closed case put there, found by its number or its reference.

What an entry says is what the certificate about it says: the facts of the letter, which never change.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypedDict

from sqlalchemy import Connection, and_, or_, select

from cases.models import AllottedNumber, Case, Letter
from cases.vocabulary import LetterStatus


class Entry(TypedDict):
    """An entry: the case that made it, its number, and the facts asked for, by name."""

    reference: str
    number: str
    facts: dict[str, Any]


def find_entry(connection: Connection, params: Mapping[str, Any]) -> Entry | None:
    """Return the entry with this number or made by the case with this reference, or None.

    params: "service", "step" (which allots the number) and "letter" (the certificate's step) of the other
    service; "number" and "reference", each perhaps None; "shows", the names of the facts to return.
    """
    number, reference = params["number"], params["reference"]
    wanted = []
    if number:
        # The parts before the last are what the series counts apart: with them, an index finds the number.
        series = "/".join([params["service"], params["step"], *number.split("/")[:-1]])
        wanted.append(and_(AllottedNumber.series == series, AllottedNumber.value == number))
    if reference:
        wanted.append(Case.reference == reference)
    if not wanted:
        return None
    row = connection.execute(
        select(Case.reference, AllottedNumber.value, Letter.facts)
        .join(AllottedNumber, AllottedNumber.case_id == Case.id)
        .join(Letter, Letter.case_id == Case.id)
        .where(
            or_(*wanted),
            Case.service == params["service"],
            AllottedNumber.key == params["step"],
            Letter.key == params["letter"],
            Letter.status.not_in([LetterStatus.SUPERSEDED, LetterStatus.CANCELLED]),
        )
        .order_by(Letter.id.desc())
        .limit(1)
    ).first()
    if row is None:
        return None
    facts = {name: row.facts.get(name) for name in params["shows"]}
    return {"reference": row.reference, "number": row.value, "facts": facts}
