"""What a decision owes to the criteria it rests on: pure rules, enforced by the verb `decide`, drawn by the
page, and kept by golden cases.

An officer may override a criterion, with a reason. An adverse decision (`needs: grounds`) gives a ground for
every criterion that, after that, is not met or not proven; where none is left, it gives one of the service's
reasons. A favourable one (`needs: criteria`) has none left.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from cases.vocabulary import Needs, Standing

WITH_CRITERIA = frozenset({Needs.GROUNDS, Needs.CRITERIA})
TO = (Standing.MET, Standing.NOT_MET)
"""What a criterion may be overridden to: an officer decides what is so, and not that it is unknown."""


class Lack(StrEnum):
    """What a decision may lack, or say too much."""

    UNKNOWN = "names a criterion that was not shown"
    TWICE = "names a criterion twice"
    NO_STANDING = "overrides to neither met nor not-met"
    UNCHANGED = "overrides a criterion to what it is"
    NO_WHY = "overrides without a reason"
    NO_GROUND = "gives no ground"
    GROUND_OF_MET = "gives a ground for a criterion that is met"
    NO_REASON = "gives no reason, and rests on no criterion"
    NOT_MET = "leaves a criterion unmet"
    NO_CRITERIA = "is not one on criteria"


@dataclass(frozen=True, slots=True)
class Lacking:
    """One thing that is wrong with a decision. criterion: which it is about, None for the whole."""

    what: Lack
    criterion: str | None = None

    def __str__(self) -> str:
        return f"{self.criterion}: {self.what}" if self.criterion else str(self.what)


Criteria = Sequence[Mapping[str, Any]]
"""Criteria as a task shows them: {"key", "status", "facts"}, each key once."""
Said = Sequence[Mapping[str, str]]
"""Grounds, {"criterion", "text"}, or overrides, {"criterion", "to", "text"}."""


def criteria_shown(shows: Mapping[str, Any] | None) -> Criteria:
    """Return the criteria that a task shows, as the procedure gave them; none for a task that shows none."""
    shown: Criteria = (shows or {}).get("criteria") or ()
    return shown


def standings_after(criteria: Criteria, overrides: Said = ()) -> dict[str, str]:
    """Return {criterion: standing} with the overrides applied, in the order shown."""
    after = {each["key"]: str(each["status"]) for each in criteria}
    return after | {each["criterion"]: each["to"] for each in overrides if each["criterion"] in after}


def unmet(criteria: Criteria, overrides: Said = ()) -> list[str]:
    """Return the criteria that, with the overrides, are not met or not proven."""
    after = standings_after(criteria, overrides)
    return [key for key, standing in after.items() if standing != Standing.MET]


def lacking(
    needs: str, criteria: Criteria, *, grounds: Said = (), overrides: Said = (), reasons: Collection[Any] = ()
) -> list[Lacking]:
    """Return everything that is wrong with a decision; nothing when it follows from its criteria.

    needs: of the outcome. criteria: as the task showed them. reasons: those of the service's that were given.
    """
    if needs not in WITH_CRITERIA:
        return [Lacking(Lack.NO_CRITERIA)] if grounds or overrides else []
    found = _wrong_overrides(criteria, overrides)
    left = unmet(criteria, overrides)
    if needs == Needs.CRITERIA:
        return found + [Lacking(Lack.NOT_MET, key) for key in left] + _wrong_grounds(criteria, grounds, ())
    found += _wrong_grounds(criteria, grounds, left)
    if not left and not reasons:
        found.append(Lacking(Lack.NO_REASON))
    return found


def _wrong_overrides(criteria: Criteria, overrides: Said) -> list[Lacking]:
    was = standings_after(criteria)
    found = _unknown_or_twice(was, overrides)
    for each in overrides:
        key = each["criterion"]
        if each["to"] not in TO:
            found.append(Lacking(Lack.NO_STANDING, key))
        elif was.get(key) == each["to"]:
            found.append(Lacking(Lack.UNCHANGED, key))
        if not each["text"].strip():
            found.append(Lacking(Lack.NO_WHY, key))
    return found


def _wrong_grounds(criteria: Criteria, grounds: Said, left: Sequence[str]) -> list[Lacking]:
    known = standings_after(criteria)
    given = {each["criterion"] for each in grounds if each["text"].strip()}
    empty = {each["criterion"] for each in grounds} - given
    met = [key for key in known if key in given | empty and key not in left]
    found = _unknown_or_twice(known, grounds)
    found += [Lacking(Lack.GROUND_OF_MET, key) for key in met]
    return found + [Lacking(Lack.NO_GROUND, key) for key in left if key not in given]


def _unknown_or_twice(known: Mapping[str, str], said: Said) -> list[Lacking]:
    named = [each["criterion"] for each in said]
    unknown = [Lacking(Lack.UNKNOWN, key) for key in dict.fromkeys(named) if key not in known]
    return unknown + [Lacking(Lack.TWICE, key) for key in dict.fromkeys(named) if named.count(key) > 1]
