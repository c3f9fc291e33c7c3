"""Whether two applications may be about the same event: pure comparison of names and dates.

The workable rule for births is: a similar child's name, birth dates within 5 days and a similar mother; or a
similar mother and birth dates within 270 days, twins excepted; or the same full name within 3 years. A
registry with 20,000 births a year and few names would drown in it as it stands. Reckoned for a name that one
in 15,000 children bears, and one in 10,000 mothers (the frequent ones are ten times as frequent):

- "The same full name within 3 years" alone finds about 8 strangers for each child. So the mother must be
  similar too, and her birth date, if both are known, must not be clearly another one.
- "Similar mother within 270 days" by her name alone finds 3 strangers. So her birth date must be the same; a
  mother who shares only a given name (she married meanwhile) counts then if the children have a name in
  common. Where the date is a slip of the pen away, her name must be the same word for word and the children
  must have a name in common; where it is missing, their names must be similar too.
- "Similar mother" means less where the child's name and date agree already: one name in common is enough.
  A clearly different birth date speaks against it: then both names must be the same word for word.

Common words (Devi, Kumar, Lal, Khan ...) never count as a name in common. The price of narrowing: somebody
who registers a child again with another mother, or with another date *and* another name, isn't found by
likeness.

A sibling of a multiple birth is no duplicate: both say that they are of one, their dates are within 5 days,
and their names differ by more than spelling. (Twins' names are often alike, so here a wrong letter makes
another name; and so does another sex, unless the names are letter by letter the same.) If only one of them
says so, it is a contradiction that a registrar should see.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import IntEnum, StrEnum
from functools import lru_cache
from typing import Any

from cases.names import Level, Words, compare, is_same, pair_key, same_word, whole_key, words
from config.likeness import Likeness, Within

VERSION = 1
"""Raised whenever `row_of` gives other values than before: rows of an older version are made anew."""

LONGEST, LONGEST_TRAIT = 200, 40


class Rule(StrEnum):
    """Why a case may be about the same event. Besides, there is `same-<name>` for each matching key."""

    SAME_CHILD = "same-child"
    SAME_MOTHER = "same-mother"
    SAME_NAME = "same-name"


class Dates(IntEnum):
    """How two birth dates of a parent agree. SLIP: a digit is wrong, two are swapped, or day and month."""

    DIFFERENT = 0
    UNKNOWN = 1
    SLIP = 2
    SAME = 3


@dataclass(frozen=True, slots=True)
class Signs:
    """What two applications are compared by. Dates as ordinals (`date.toordinal`).

    multiple: a twin, or one of more. trait: what tells siblings apart beside their names (the sex).
    """

    born: int
    name: Words
    parent: Words
    parent_born: int | None
    multiple: bool
    trait: str | None


@dataclass(frozen=True, slots=True)
class Match:
    """A rule that two applications meet; the lesser `rank`, the better."""

    rule: Rule
    rank: tuple[int, ...]


def row_of(rules: Likeness | None, answers: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return what is kept of an application to be found by: the columns of its row but for the case's.

    None where the service has no `[likeness]`, or the application has no name or no date to go by.
    """
    if rules is None:
        return None
    name, born = words(answers.get(rules.person)), _ordinal(answers.get(rules.date))
    if not name or born is None:
        return None
    parent, parent_born = words(answers.get(rules.parent)), _ordinal(answers.get(rules.parent_date))
    return {
        "version": VERSION,
        "born": born,
        "name": _kept(name),
        "name_key": whole_key(name),
        "parent": _kept(parent),
        "parent_key": pair_key(parent) or None,
        "parent_born": parent_born,
        "multiple": answers.get(rules.multiple) in rules.multiple_values,
        "trait": _text(answers.get(rules.trait)) if rules.trait else None,
    }


def signs_of(row: Any) -> Signs:
    """Return the signs that a row has kept."""
    name, parent = tuple(row.name.split()), tuple(row.parent.split())
    return Signs(row.born, name, parent, row.parent_born, row.multiple, row.trait)


def _kept(name: Words) -> str:
    return " ".join(name)[:LONGEST]


def _text(value: object) -> str | None:
    return None if value is None else str(value)[:LONGEST_TRAIT]


def _ordinal(value: object) -> int | None:
    return date.fromisoformat(value).toordinal() if isinstance(value, str) and value else None


# -- two applications ------------------------------------------------------------------------------


def judge(own: Signs, other: Signs, within: Within) -> Match | None:
    """Return the first rule that two applications meet, or None: neither, or they are siblings."""
    apart = abs(own.born - other.born)
    if apart > within.longest:
        return None
    dates = compare_dates(own.parent_born, other.parent_born)
    if apart > within.same_child and dates is Dates.DIFFERENT:
        return None  # most are ruled out here, at little cost
    if (apart > within.same_parent or dates is Dates.DIFFERENT) and not is_same(own.name, other.name):
        return None
    parent = compare(own.parent, other.parent)
    if apart > within.same_child and parent is Level.DIFFERENT:
        return None
    child = compare(own.name, other.name)
    if _siblings(own, other, child, parent, dates, within):
        return None
    if apart <= within.same_child and child >= Level.SIMILAR and _fits(child, parent, dates):
        rule = Rule.SAME_CHILD
    elif apart <= within.same_parent and _is_same_parent(own, other, child, parent, dates):
        rule = Rule.SAME_MOTHER
    elif apart <= within.same_name and child is Level.SAME and _bears_out(parent, dates):
        rule = Rule.SAME_NAME
    else:
        return None
    return Match(rule, (list(Rule).index(rule), -child, -parent, -dates, apart))


def are_siblings(own: Signs, other: Signs, within: Within) -> bool:
    """Whether two applications are for two children of one multiple birth."""
    child, parent = compare(own.name, other.name), compare(own.parent, other.parent)
    dates = compare_dates(own.parent_born, other.parent_born)
    return _siblings(own, other, child, parent, dates, within)


def _siblings(own: Signs, other: Signs, child: Level, parent: Level, dates: Dates, within: Within) -> bool:
    of_one_birth = own.multiple and other.multiple and abs(own.born - other.born) <= within.same_child
    if not of_one_birth or (parent is Level.DIFFERENT and dates is not Dates.SAME):
        return False
    other_sex = bool(own.trait and other.trait and own.trait != other.trait)
    return child < Level.SAME or (other_sex and sorted(own.name) != sorted(other.name))


def _fits(child: Level, parent: Level, dates: Dates) -> bool:
    """Whether the parent is similar enough where the child's name and date agree."""
    if dates is Dates.DIFFERENT:
        return parent is Level.SAME and child is Level.SAME
    return parent >= Level.PARTLY or (dates is Dates.SAME and child is Level.SAME)


def _is_same_parent(own: Signs, other: Signs, child: Level, parent: Level, dates: Dates) -> bool:
    """Whether the parent is the same one where little or nothing needs to agree about the child."""
    if dates is Dates.SAME:
        if parent is Level.PARTLY and child >= Level.PARTLY:
            return compare(_of_her_own(own), _of_her_own(other)) >= Level.PARTLY
        return parent >= Level.SIMILAR
    needed = Level.PARTLY if dates is Dates.SLIP else Level.SIMILAR
    return dates is not Dates.DIFFERENT and parent is Level.SAME and child >= needed


def _of_her_own(signs: Signs) -> Words:
    """Return the parent's words that the child hasn't: that a whole family has a name says nothing of her."""
    return tuple(word for word in signs.parent if not any(same_word(word, its) for its in signs.name))


def _bears_out(parent: Level, dates: Dates) -> bool:
    """Whether the parent is similar enough where the child's full name is the same and its date isn't."""
    if dates is Dates.SAME:
        return parent >= Level.PARTLY
    return dates is not Dates.DIFFERENT and parent >= Level.SIMILAR


def compare_dates(one: int | None, other: int | None) -> Dates:
    """Return how two dates (ordinals) of one person, as two people wrote them, agree."""
    if one is None or other is None:
        return Dates.UNKNOWN
    if one == other:
        return Dates.SAME
    mine, theirs = _digits(one), _digits(other)
    if abs(one - other) == 1 or mine == theirs[:4] + theirs[6:] + theirs[4:6]:
        return Dates.SLIP
    pairs = [(digit, its) for digit, its in zip(mine, theirs, strict=True) if digit != its]
    swapped = len(pairs) == 2 and pairs[0] == pairs[1][::-1]
    return Dates.SLIP if len(pairs) == 1 or swapped else Dates.DIFFERENT


@lru_cache(maxsize=50_000)
def _digits(ordinal: int) -> str:
    return date.fromordinal(ordinal).isoformat().replace("-", "")
