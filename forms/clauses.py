"""Compiling what a field's definition says of other fields: conditions, rules, and answers taken over."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from config.errors import ConfigError
from config.reading import Table, shown
from config.words import Words
from forms.conditions import Condition, Subject, Test, build_test
from forms.dates import Unit
from forms.model import Field, FieldType, OneOf, Source
from forms.reading import read_filled_words
from forms.rules import (
    Broken,
    Day,
    Rule,
    before,
    day_of,
    day_of_receipt,
    fixed_day,
    not_after,
    not_before,
    refused_if,
    within_after,
    within_before,
    years_before,
)
from forms.values import Checker

_BOUNDS = {"not_after": not_after, "not_before": not_before, "before": before}
_RULES = (*_BOUNDS, "within", "years_before", "refuse_if")
RECEIVED_DATE = "received_date"


@dataclass(frozen=True, slots=True)
class Subjects:
    """The fields that may be referred to, with type and checker: those asked earlier."""

    fields: Mapping[str, tuple[FieldType, Checker]]

    @classmethod
    def of(cls, fields: Mapping[str, Field]) -> "Subjects":
        """Return these fields as subjects."""
        return cls({name: (field.type, field.check) for name, field in fields.items()})

    def with_field(self, name: str, field_type: FieldType, check: Checker) -> "Subjects":
        """Return these and one more."""
        return Subjects({**self.fields, name: (field_type, check)})

    def get(self, table: Table, key: str, name: str) -> tuple[FieldType, Checker]:
        """Return a field's type and checker. Raises ConfigError, at `key`, for one that isn't there."""
        if name not in self.fields:
            raise ConfigError(table.file, table.at(key), "a field that is asked earlier", repr(name))
        return self.fields[name]


def compile_condition(row: Table, key: str, subjects: Subjects) -> Condition | None:
    """Compile the condition under `key`, None if there is none. Raises ConfigError."""
    if not row.has(key):
        return None
    table = row.table(key)
    if not table.values:
        raise row.wrong(key, "at least one field with an operator", "nothing")
    return tuple(test for name in table.values for test in _tests(table, name, subjects))


def _tests(table: Table, name: str, subjects: Subjects) -> list[Test]:
    if name not in subjects.fields:
        expected = "a field that an earlier page asks (for a rule: an earlier field)"
        raise ConfigError(table.file, table.at(name), expected, "no such field")
    operators = table.table(name)
    if not operators.values:
        raise table.wrong(name, "an operator, as in {equals: true}", "nothing")
    return [_test(operators, name, operator, subjects) for operator in operators.values]


def _test(operators: Table, name: str, operator: str, subjects: Subjects) -> Test:
    field_type, check = subjects.fields[name]
    operand = operators.values[operator]
    try:
        return build_test(name, Subject(field_type, check), operator, operand)
    except ValueError as error:
        raise ConfigError(operators.file, operators.at(operator), str(error), shown(operand)) from error


def compile_sources(row: Table, earlier: Subjects, field_type: FieldType) -> tuple[Source, ...]:
    """Compile `fill_from`: from where an empty answer is taken over, and when. Raises ConfigError."""
    sources = []
    for table in row.rows("fill_from"):
        table.only("field", "if")
        name = table.text("field")
        if earlier.get(table, "field", name)[0] is not field_type:
            raise table.wrong("field", f"a field of type {field_type}")
        condition = compile_condition(table, "if", earlier)
        if condition is None:
            raise table.wrong("if", "a condition")
        sources.append(Source(name, condition))
    return tuple(sources)


def compile_rules(
    row: Table, subjects: Subjects, field_type: FieldType, words: Callable[[Table, str], Words]
) -> tuple[Rule, ...]:
    """Compile `checks`: the rules between this field's answer and others. Raises ConfigError."""
    return tuple(
        Rule(_broken(table, subjects, field_type), words(table, "error")) for table in row.rows("checks")
    )


def _broken(table: Table, subjects: Subjects, field_type: FieldType) -> Broken:
    table.only(*_RULES, "error")
    kinds = [kind for kind in _RULES if table.has(kind)]
    if len(kinds) != 1:
        raise ConfigError(table.file, table.key, "one of " + ", ".join(_RULES), ", ".join(kinds) or "none")
    if kinds == ["refuse_if"]:
        return refused_if(compile_condition(table, "refuse_if", subjects) or ())
    if field_type is not FieldType.DATE:
        raise table.wrong(kinds[0], "a field of type date to stand at")
    if kinds == ["years_before"]:
        return _years_before(table, subjects)
    if kinds == ["within"]:
        return _within(table.table("within"), subjects)
    return _BOUNDS[kinds[0]](_day(table, kinds[0], subjects))


def _day(table: Table, key: str, subjects: Subjects) -> Day:
    """Return the day that a rule compares with: of receipt, of an earlier answer, or one of the calendar."""
    fixed = table.values.get(key)
    if isinstance(fixed, date):
        return fixed_day(table.day(key))
    name = table.text(key, "received_date, an earlier field, or a date such as 2026-05-12 without quotes")
    if name == RECEIVED_DATE:
        return day_of_receipt
    _demand_date(table, key, name, subjects)
    return day_of(name)


def _within(table: Table, subjects: Subjects) -> Broken:
    table.only("before", "after", *Unit)
    sides = [side for side in ("before", "after") if table.has(side)]
    units = [unit for unit in Unit if table.has(unit)]
    if len(sides) != 1 or len(units) != 1:
        expected = "before or after, and one of " + ", ".join(Unit)
        raise ConfigError(table.file, table.key, expected, ", ".join([*sides, *units]) or "none")
    span = within_before if sides == ["before"] else within_after
    return span(_day(table, sides[0], subjects), units[0], table.whole_number(units[0], lowest=0))


def _years_before(table: Table, subjects: Subjects) -> Broken:
    inner = table.table("years_before")
    inner.only("field", "at_least", "at_most")
    other = inner.text("field")
    _demand_date(inner, "field", other, subjects)
    at_most = inner.whole_number("at_most") if inner.has("at_most") else None
    return years_before(other, inner.whole_number("at_least", lowest=0), at_most)


def _demand_date(table: Table, key: str, name: str, subjects: Subjects) -> None:
    if subjects.get(table, key, name)[0] is not FieldType.DATE:
        raise table.wrong(key, "a field of type date")


def compile_one_of(row: Table, fields: Mapping[str, Field], languages: tuple[str, ...]) -> Iterator[OneOf]:
    """Compile `one_of` of a page: fields of which one has to be answered. Raises ConfigError."""
    taken: set[str] = set()
    for table in row.rows("one_of"):
        table.only("fields", "error", "only_one")
        names = table.texts("fields")
        if len(names) < 2 or not set(names) <= fields.keys() or taken & set(names):
            raise table.wrong("fields", "two or more fields of this page, each in one list only")
        for name in names:
            if fields[name].required or fields[name].required_if:
                raise table.wrong("fields", "fields that are not required in themselves", repr(name))
        taken |= set(names)
        too_many = read_filled_words(table, "only_one", languages) if table.has("only_one") else None
        asked = {name: field.show_if for name, field in fields.items() if name in names}
        yield OneOf(asked, read_filled_words(table, "error", languages), too_many)
