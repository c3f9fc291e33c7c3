"""Compiling one field of a definition."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from config.errors import ConfigError
from config.reading import Table
from config.words import Words
from forms.clauses import Subjects, compile_condition, compile_rules, compile_sources
from forms.model import Field, FieldType, IfHidden, Option, Widget
from forms.reading import fill, read_filled_words
from forms.values import (
    Checker,
    DateParts,
    choice_checker,
    choices_checker,
    date_checker,
    email_checker,
    integer_checker,
    name_checker,
    phone_checker,
    reference_checker,
    text_checker,
    textarea_checker,
    yes_no_checker,
)
from forms.words import default_messages

_COMMON_KEYS = (
    *("id", "type", "label", "short", "hint", "purpose", "example", "errors"),
    *("autocomplete", "inputmode", "width"),
    *("required", "required_if", "show_if", "if_hidden", "fill_from", "checks"),
)
_TYPE_KEYS: Mapping[FieldType, tuple[str, ...]] = {
    FieldType.TEXT: ("max_length",),
    FieldType.NAME: ("max_length",),
    FieldType.TEXTAREA: ("max_length", "rows"),
    FieldType.INTEGER: ("min", "max", "unit"),
    FieldType.CHOICE: ("options", "options_from"),
    FieldType.CHOICES: ("options", "options_from"),
    FieldType.REFERENCE: ("pattern",),
}
_DEFAULT_LENGTHS = {FieldType.TEXT: 100, FieldType.NAME: 120, FieldType.TEXTAREA: 500}
_INPUTMODES = {FieldType.INTEGER: "numeric", FieldType.PHONE: "tel", FieldType.EMAIL: "email"}
_EXAMPLES = {FieldType.DATE: "27 3 2026", FieldType.PHONE: "869 9201", FieldType.EMAIL: "name@example.org"}
_WIDTHS = (2, 3, 4, 5, 10, 20)
_KNOWN_INPUTMODES = ("text", "numeric", "tel", "email")
_KNOWN_AUTOCOMPLETES = ("off", "name", "bday", "tel", "email")
MOST_RADIOS = 8


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a field's definition may refer to; the mappings of earlier fields grow as fields are compiled."""

    languages: tuple[str, ...]
    options: Mapping[str, Sequence[Option]]
    earlier: dict[str, Field]
    earlier_pages: dict[str, Field]


@dataclass(frozen=True, slots=True)
class _Limits:
    """The part of a definition that depends on the type."""

    options: tuple[Option, ...] = ()
    max_length: int | None = None
    smallest: int | None = None
    largest: int | None = None
    pattern: str | None = None


def compile_field(page_id: str, row: Table, around: Surroundings) -> Field:
    """Compile a field. Raises ConfigError for any mistake in its definition."""
    field_type = row.choice("type", FieldType)
    row.only(*_COMMON_KEYS, *_TYPE_KEYS.get(field_type, ()))
    limits = _limits(row, field_type, around)
    check = _checker(field_type, limits)
    example = _example(row, field_type, check)
    words = partial(read_filled_words, languages=around.languages, filling=_filling(limits, example))
    earlier = Subjects({name: (field.type, field.check) for name, field in around.earlier.items()})
    shown_by = Subjects({name: (field.type, field.check) for name, field in around.earlier_pages.items()})
    itself = earlier.with_field(row.text("id"), field_type, check)
    return Field(
        id=row.text("id"),
        page_id=page_id,
        type=field_type,
        label=words(row, "label"),
        short={**words(row, "label"), **(words(row, "short") if row.has("short") else {})},
        hint=words(row, "hint") if row.has("hint") else None,
        purpose=words(row, "purpose"),
        widget=_widget(field_type, limits),
        options=limits.options,
        max_length=limits.max_length,
        smallest=limits.smallest,
        largest=limits.largest,
        pattern=limits.pattern,
        unit=words(row, "unit") if row.has("unit") else None,
        example=example,
        width=_width(row),
        rows=row.whole_number("rows") if row.has("rows") else None,
        autocomplete=_word(row, "autocomplete", _KNOWN_AUTOCOMPLETES),
        inputmode=_word(row, "inputmode", _KNOWN_INPUTMODES) or _INPUTMODES.get(field_type),
        required=_required(row),
        required_if=compile_condition(row, "required_if", earlier),
        show_if=compile_condition(row, "show_if", shown_by),
        if_hidden=_if_hidden(row),
        fill_from=compile_sources(row, earlier, field_type),
        rules=compile_rules(row, itself, field_type, words),
        messages=_messages(row, field_type, _filling(limits, example), around.languages),
        check=check,
        nothing=check(None)[0],
    )


def _limits(row: Table, field_type: FieldType, around: Surroundings) -> _Limits:
    match field_type:
        case FieldType.TEXT | FieldType.NAME | FieldType.TEXTAREA:
            length = row.whole_number("max_length") if row.has("max_length") else _DEFAULT_LENGTHS[field_type]
            return _Limits(max_length=length)
        case FieldType.INTEGER:
            smallest, largest = row.whole_number("min", lowest=-(10**9)), row.whole_number("max")
            if smallest > largest:
                raise row.wrong("min", f"at most max, {largest}")
            return _Limits(smallest=smallest, largest=largest)
        case FieldType.CHOICE | FieldType.CHOICES:
            return _Limits(options=_options(row, around))
        case FieldType.REFERENCE:
            pattern = row.text("pattern")
            if not re.fullmatch(r"[A-Z]*(-?9+)+", pattern):
                raise row.wrong("pattern", "capital letters, then digits as 9, with hyphens: NOB-9999-999999")
            return _Limits(pattern=pattern)
        case _:
            return _Limits()


def _options(row: Table, around: Surroundings) -> tuple[Option, ...]:
    if row.has("options") == row.has("options_from"):
        raise row.wrong("options", "either options or options_from")
    if row.has("options_from"):
        name = row.text("options_from")
        if name not in around.options:
            raise row.wrong("options_from", "one of " + (", ".join(around.options) or "no list at all"))
        options = tuple(around.options[name])
    else:
        options = tuple(_option(option, around) for option in row.rows("options"))
    if not options:
        raise row.wrong("options", "at least one option")
    values = [option.value for option in options]
    for number, value in enumerate(values):
        if value in values[:number]:
            raise row.wrong("options", "each value once", repr(value) + " twice")
    return options


def _option(row: Table, around: Surroundings) -> Option:
    row.only("value", "label")
    value = row.text("value", "a text (in quotes if YAML would take it for something else)")
    return Option(value, read_filled_words(row, "label", around.languages))


def _checker(field_type: FieldType, limits: _Limits) -> Checker:
    values = [option.value for option in limits.options]
    match field_type:
        case FieldType.TEXT:
            return text_checker(limits.max_length or 0)
        case FieldType.NAME:
            return name_checker(limits.max_length or 0)
        case FieldType.TEXTAREA:
            return textarea_checker(limits.max_length or 0)
        case FieldType.DATE:
            return date_checker()
        case FieldType.INTEGER:
            return integer_checker(limits.smallest or 0, limits.largest or 0)
        case FieldType.YES_NO:
            return yes_no_checker()
        case FieldType.CHOICE:
            return choice_checker(values)
        case FieldType.CHOICES:
            return choices_checker(values)
        case FieldType.PHONE:
            return phone_checker()
        case FieldType.EMAIL:
            return email_checker()
        case FieldType.REFERENCE:
            return reference_checker(limits.pattern or "")


def _example(row: Table, field_type: FieldType, check: Checker) -> str | None:
    """Return the example of a field, having checked it as if somebody had typed it."""
    if not row.has("example") and field_type is not FieldType.REFERENCE:
        return _EXAMPLES.get(field_type)
    example = row.text("example")
    given = DateParts(*example.split(maxsplit=2)) if _is_date(field_type, example) else example
    answer, problem = check(given)
    if problem or not answer:
        raise row.wrong("example", f"an example that the field takes (it says: {problem})")
    return example


def _is_date(field_type: FieldType, example: str) -> bool:
    return field_type is FieldType.DATE and len(example.split()) == 3


def _filling(limits: _Limits, example: str | None) -> dict[str, str]:
    """Return what may stand in braces in the words of a field."""
    most = limits.largest if limits.max_length is None else limits.max_length
    numbers = {"min": limits.smallest, "max": most}
    filling = {name: f"{number:,}" for name, number in numbers.items() if number is not None}
    return filling if example is None else {**filling, "example": example}


def _widget(field_type: FieldType, limits: _Limits) -> Widget:
    match field_type:
        case FieldType.YES_NO:
            return Widget.RADIOS
        case FieldType.CHOICE:
            return Widget.RADIOS if len(limits.options) <= MOST_RADIOS else Widget.SELECT
        case FieldType.CHOICES:
            return Widget.CHECKBOXES
        case FieldType.TEXTAREA:
            return Widget.TEXTAREA
        case FieldType.DATE:
            return Widget.DATE
        case _:
            return Widget.INPUT


def _word(row: Table, key: str, known: Sequence[str]) -> str | None:
    if not row.has(key):
        return None
    word = row.text(key)
    if word not in known:
        raise row.wrong(key, "one of " + ", ".join(known))
    return word


def _width(row: Table) -> int | None:
    if not row.has("width"):
        return None
    width = row.whole_number("width")
    if width not in _WIDTHS:
        raise row.wrong("width", "one of " + ", ".join(map(str, _WIDTHS)))
    return width


def _required(row: Table) -> bool:
    required = row.has("required") and row.flag("required")
    if required and row.has("required_if"):
        raise row.wrong("required_if", "either required or required_if")
    return required


def _if_hidden(row: Table) -> IfHidden:
    if not row.has("if_hidden"):
        return IfHidden.REFUSE
    if not row.has("show_if"):
        raise row.wrong("if_hidden", "show_if beside it")
    return row.choice("if_hidden", IfHidden)


def _messages(
    row: Table, field_type: FieldType, filling: dict[str, str], languages: tuple[str, ...]
) -> dict[str, Words]:
    messages = {problem: _filled(words, filling) for problem, words in default_messages(field_type).items()}
    own = row.table("errors") if row.has("errors") else Table(row.file, row.at("errors"), {})
    own.only("required", *messages)
    if (_required(row) or row.has("required_if")) and not own.has("required"):
        raise ConfigError(row.file, own.at("required"), "words for a required field left empty", "nothing")
    return messages | {problem: read_filled_words(own, problem, languages, filling) for problem in own.values}


def _filled(words: Words, filling: dict[str, str]) -> Words:
    return {language: fill(text, filling) for language, text in words.items()}
