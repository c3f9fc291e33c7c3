"""A query: other cases that name the same people, answered by the shift in bulk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cases.journal import CaseFile
from cases.parties import PartyHit as PartyHit  # what a procedure is given


def find_parties(
    case: CaseFile, key: str, *, mine: Sequence[str], among: Mapping[str, Sequence[str]]
) -> list[PartyHit]:
    """Return the people of other cases who are people of this one, at most 50, the surest first.

    mine: roles of this service's `[parties]`, whose people are looked for. among: the roles to look in, by
    service (this one too, if it is named). Same is who has the same number, or the same name and no other
    birth date. Cases count while they are open, and after that with an outcome in their service's `holding`.
    Raises LookupError for a role that this service doesn't have.
    """
    known = case.config.parties if case.config is not None else {}
    unknown = [role for role in mine if role not in known]
    if unknown:
        raise LookupError(f"the service {case.service} has no [parties.{unknown[0]}]")
    asked = {"mine": list(mine), "among": {service: list(roles) for service, roles in among.items()}}
    found: list[PartyHit] = case.query(key, "same-parties", asked)
    return found
