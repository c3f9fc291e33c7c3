"""The one small set of operators by which a field is shown, required or refused, depending on other answers.

A condition is a mapping of field to operator and operand, as in

    show_if:
      father_known: {equals: true}
      child_birth_date: {older_than: {months: 2}}

and holds when all its tests hold. Operators: equals, in, contains, is_set, older_than.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple, TypeAlias

from forms.dates import add_months
from forms.values import Answer, Checker

Predicate: TypeAlias = Callable[[Answer, date], bool]


@dataclass(frozen=True, slots=True)
class Facts:
    """What a condition is judged on: the answers, those of them that are wrong, and the date of receipt."""

    answers: dict[str, Answer]
    wrong: set[str]
    received: date


class Test(NamedTuple):
    """One test of a condition: a field and what its answer must satisfy."""

    field: str
    holds: Predicate


Condition: TypeAlias = tuple[Test, ...]


class Subject(NamedTuple):
    """What an operator must know of the field it tests."""

    type: str
    check: Checker


def holds(condition: Condition, facts: Facts) -> bool | None:
    """Say whether all tests hold; None if that depends on an answer that is itself wrong."""
    result: bool | None = True
    for field, predicate in condition:
        if field in facts.wrong:
            result = None
        elif not predicate(facts.answers.get(field), facts.received):
            return False
    return result


def build_test(field: str, subject: Subject, operator: str, operand: object) -> Test:
    """Return one test. Raises ValueError saying what was expected of the operator or operand."""
    if operator not in _OPERATORS:
        raise ValueError("one operator of " + ", ".join(_OPERATORS))
    return Test(field, _OPERATORS[operator](operand, subject))


def _equals(operand: object, subject: Subject) -> Predicate:
    value = _answer_of(operand, subject)
    return lambda answer, _: answer == value


def _in(operand: object, subject: Subject) -> Predicate:
    if not isinstance(operand, list) or not operand:
        raise ValueError("a list of answers to the field")
    values = [_answer_of(item, subject) for item in operand]
    return lambda answer, _: answer in values


def _contains(operand: object, subject: Subject) -> Predicate:
    if subject.type != "choices":
        raise ValueError("a field of type choices")
    wanted = subject.check([operand])[0]
    if not wanted or not isinstance(operand, str):
        raise ValueError("one of the field's options")
    return lambda answer, _: isinstance(answer, list) and operand in answer


def _is_set(operand: object, subject: Subject) -> Predicate:
    if not isinstance(operand, bool):
        raise ValueError("true or false")
    return lambda answer, _: (answer is not None and answer != []) is operand


def _older_than(operand: object, subject: Subject) -> Predicate:
    if subject.type != "date":
        raise ValueError("a field of type date")
    months = _months(operand)

    def holds_for(answer: Answer, received: date) -> bool:
        return isinstance(answer, str) and received > add_months(date.fromisoformat(answer), months)

    return holds_for


def _months(operand: object) -> int:
    units = {"months": 1, "years": 12}
    if isinstance(operand, dict) and len(operand) == 1:
        unit, count = next(iter(operand.items()))
        if unit in units and isinstance(count, int) and not isinstance(count, bool) and 0 < count <= 1800:
            return count * units[unit]
    raise ValueError("{months: n} or {years: n}")


def _answer_of(operand: object, subject: Subject) -> Answer:
    """Return the operand, if the field's checker takes it unchanged: else the test could never hold."""
    answer, problem = subject.check(operand)
    if problem or answer is None or answer != operand:
        raise ValueError("an answer that the field can have")
    return answer


_OPERATORS: dict[str, Callable[[object, Subject], Predicate]] = {
    "equals": _equals,
    "in": _in,
    "contains": _contains,
    "is_set": _is_set,
    "older_than": _older_than,
}
