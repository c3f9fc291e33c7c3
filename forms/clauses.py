"""Compiling what a field's definition says of other fields: conditions, rules, and answers taken over."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from config.errors import ConfigError
from config.reading import Table, shown
from config.words import Words
from forms.conditions import Condition, Subject, Test, build_test
from forms.model import FieldType, Source
from forms.rules import Broken, Rule, not_after, not_after_receipt, refused_if, years_before
from forms.values import Checker

_RULES = ("not_after", "years_before", "refuse_if")
RECEIVED_DATE = "received_date"


@dataclass(frozen=True, slots=True)
class Subjects:
    """The fields that may be referred to, with type and checker: those asked earlier."""

    fields: Mapping[str, tuple[FieldType, Checker]]

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
    return _not_after(table, subjects) if kinds == ["not_after"] else _years_before(table, subjects)


def _not_after(table: Table, subjects: Subjects) -> Broken:
    other = table.text("not_after")
    if other == RECEIVED_DATE:
        return not_after_receipt
    _demand_date(table, "not_after", other, subjects)
    return not_after(other)


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
