"""Rules between answers: a date not after another, an age that can't be, answers that contradict each other.

A rule belongs to one field, whose error it gives. It is judged only when all the answers it needs are there
and fine in themselves, so that one mistake gives one error.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import TypeAlias

from config.words import Words
from forms.conditions import Condition, Facts, holds
from forms.dates import Unit, add_months, shift
from forms.values import Answer

Broken: TypeAlias = Callable[[Answer, Facts], bool]
Day: TypeAlias = Callable[[Facts], date | None]
"""A day to compare with; None when it can't be known."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of one field: when it is broken, and what to say then."""

    broken: Broken
    message: Words


def day_of_receipt(facts: Facts) -> date | None:
    """Return the day the application was received."""
    return facts.received


def day_of(other: str) -> Day:
    """Return the day that another field gives, if it was answered and is right."""
    return lambda facts: _date(other, facts)


def fixed_day(day: date) -> Day:
    """Return a day of the calendar."""
    return lambda _: day


def not_after(day: Day) -> Broken:
    """Return a rule broken by a later date."""
    return _compared(day, lambda ours, theirs: ours > theirs)


def not_before(day: Day) -> Broken:
    """Return a rule broken by an earlier date."""
    return _compared(day, lambda ours, theirs: ours < theirs)


def before(day: Day) -> Broken:
    """Return a rule broken by the same date and later ones."""
    return _compared(day, lambda ours, theirs: ours >= theirs)


def within_before(day: Day, unit: Unit, count: int) -> Broken:
    """Return a rule broken by a date after the day, or more than a span before it."""
    return _compared(day, lambda ours, theirs: not ours <= theirs <= shift(ours, unit, count))


def within_after(day: Day, unit: Unit, count: int) -> Broken:
    """Return a rule broken by a date before the day, or more than a span after it."""
    return _compared(day, lambda ours, theirs: not theirs <= ours <= shift(theirs, unit, count))


def _compared(day: Day, wrong: Callable[[date, date], bool]) -> Broken:
    def broken(value: Answer, facts: Facts) -> bool:
        theirs = day(facts)
        return isinstance(value, str) and theirs is not None and wrong(date.fromisoformat(value), theirs)

    return broken


def years_before(other: str, at_least: int, at_most: int | None) -> Broken:
    """Return a rule broken by a date less than `at_least` or more than `at_most` years before the other's.

    A person of at_most years and some months is still at_most years old.
    """

    def broken(value: Answer, facts: Facts) -> bool:
        theirs = _date(other, facts)
        if theirs is None or not isinstance(value, str):
            return False
        ours = date.fromisoformat(value)
        too_late = add_months(ours, 12 * at_least) > theirs
        return too_late or (at_most is not None and add_months(ours, 12 * (at_most + 1)) <= theirs)

    return broken


def refused_if(condition: Condition) -> Broken:
    """Return a rule broken when the condition holds."""
    return lambda _, facts: holds(condition, facts) is True


def _date(field: str, facts: Facts) -> date | None:
    answer = facts.answers.get(field)
    return date.fromisoformat(answer) if isinstance(answer, str) and field not in facts.wrong else None
