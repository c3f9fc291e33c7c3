"""Compiling the fields of a definition."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from config.errors import ConfigError
from config.reading import Table
from config.words import Words
from forms.clauses import RECEIVED_DATE, Subjects, compile_condition, compile_rules, compile_sources
from forms.conditions import Condition
from forms.model import Field, FieldType, Group, Help, IfHidden, Option, Widget
from forms.reading import fill, named_rows, read_filled_words
from forms.values import (
    Checker,
    DateParts,
    choice_checker,
    choices_checker,
    date_checker,
    email_checker,
    group_checker,
    integer_checker,
    name_checker,
    phone_checker,
    reference_checker,
    text_checker,
    textarea_checker,
    upload_checker,
    yes_no_checker,
)
from forms.words import default_messages

_COMMON_KEYS = (
    *("id", "type", "label", "short", "hint", "help", "purpose", "errors", "show_if", "if_hidden", "checks"),
)
_ONE_ANSWER_KEYS = (
    *("example", "autocomplete", "inputmode", "width", "required", "required_if", "fill_from"),
)
_TYPE_KEYS: Mapping[FieldType, tuple[str, ...]] = {
    FieldType.TEXT: ("max_length",),
    FieldType.NAME: ("max_length",),
    FieldType.TEXTAREA: ("max_length", "rows"),
    FieldType.INTEGER: ("min", "max", "unit"),
    FieldType.CHOICE: ("options", "options_from"),
    FieldType.CHOICES: ("options", "options_from"),
    FieldType.REFERENCE: ("pattern",),
    FieldType.GROUP: ("repeat", "item", "fields"),
    FieldType.UPLOAD: ("min", "max", "required", "required_if"),
}
_DEFAULT_LENGTHS = {FieldType.TEXT: 100, FieldType.NAME: 120, FieldType.TEXTAREA: 500}
_INPUTMODES = {FieldType.INTEGER: "numeric", FieldType.PHONE: "tel", FieldType.EMAIL: "email"}
_EXAMPLES = {FieldType.DATE: "27 3 2026", FieldType.PHONE: "869 9201", FieldType.EMAIL: "name@example.org"}
_WIDTHS = (2, 3, 4, 5, 10, 20)
_KNOWN_INPUTMODES = ("text", "numeric", "tel", "email")
_KNOWN_AUTOCOMPLETES = ("off", "name", "bday", "tel", "email")
MOST_RADIOS = 8
MOST_ITEMS = 100
MOST_FILES = 20


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a field's definition may refer to; the mappings of earlier fields grow as fields are compiled."""

    languages: tuple[str, ...]
    options: Mapping[str, Sequence[Option]]
    earlier: dict[str, Field]
    earlier_pages: dict[str, Field]
    names: set[str] = field(default_factory=set)
    """All ids given so far, those within groups too."""
    page_show_if: Condition = ()
    in_group: bool = False


@dataclass(frozen=True, slots=True)
class _Limits:
    """The part of a definition that depends on the type."""

    options: tuple[Option, ...] = ()
    max_length: int | None = None
    smallest: int | None = None
    largest: int | None = None
    pattern: str | None = None
    group: Group | None = None


def compile_fields(page_id: str, table: Table, around: Surroundings) -> Iterator[Field]:
    """Compile the fields of a page or group. Raises ConfigError for any mistake in their definition."""
    for field_id, row in named_rows(table, "fields", r"[a-z][a-z0-9]*(_[a-z0-9]+)*"):
        if field_id in around.names:
            raise row.wrong("id", "an id of its own", f"{field_id!r}, which an earlier field has")
        if field_id == RECEIVED_DATE:
            raise row.wrong("id", "another id: rules use this word for the day of receipt")
        around.names.add(field_id)
        around.earlier[field_id] = _compile_field(page_id, row, around)
        yield around.earlier[field_id]


def _compile_field(page_id: str, row: Table, around: Surroundings) -> Field:
    field_type = row.choice("type", FieldType)
    only_one = () if field_type in (FieldType.GROUP, FieldType.UPLOAD) else _ONE_ANSWER_KEYS
    row.only(*_COMMON_KEYS, *only_one, *_TYPE_KEYS.get(field_type, ()))
    limits = _limits(page_id, row, field_type, around)
    check = _checker(field_type, limits)
    example = _example(row, field_type, check)
    words = partial(read_filled_words, languages=around.languages, filling=_filling(limits, example))
    earlier, shown_by = Subjects.of(around.earlier), Subjects.of(around.earlier_pages)
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
        required=_required(row, limits),
        required_if=compile_condition(row, "required_if", earlier),
        show_if=(*around.page_show_if, *(compile_condition(row, "show_if", shown_by) or ())) or None,
        if_hidden=_if_hidden(row, around),
        fill_from=compile_sources(row, earlier, field_type),
        rules=compile_rules(row, itself, field_type, words),
        messages=_messages(row, field_type, limits, _filling(limits, example), around.languages),
        check=check,
        nothing=check(None)[0],
        help=_help(row, words),
        group=limits.group,
        options_from=row.text("options_from") if row.has("options_from") else None,
    )


def _limits(page_id: str, row: Table, field_type: FieldType, around: Surroundings) -> _Limits:
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
        case FieldType.GROUP:
            group = _group(page_id, row, around)
            return _Limits(smallest=group.at_least, largest=group.at_most, group=group)
        case FieldType.UPLOAD:
            return _number_of_files(row, around)
        case _:
            return _Limits()


def _number_of_files(row: Table, around: Surroundings) -> _Limits:
    if around.in_group:
        raise row.wrong("type", "another type: files are not uploaded within a group")
    smallest, largest = row.whole_number("min") if row.has("min") else 1, row.whole_number("max")
    if not smallest <= largest <= MOST_FILES:
        raise row.wrong("max", f"a whole number from {smallest} to {MOST_FILES}")
    return _Limits(smallest=smallest, largest=largest)


def _group(page_id: str, row: Table, around: Surroundings) -> Group:
    if around.in_group:
        raise row.wrong("type", "a type of one answer: a group can't be within a group")
    repeat = row.table("repeat")
    repeat.only("at_least", "at_most")
    at_least, at_most = repeat.whole_number("at_least", lowest=0), repeat.whole_number("at_most")
    if not at_least <= at_most <= MOST_ITEMS:
        raise repeat.wrong("at_most", f"a whole number from at_least to {MOST_ITEMS}")
    within = replace(around, earlier=dict(around.earlier), page_show_if=(), in_group=True)
    fields = tuple(compile_fields(page_id, row, within))
    return Group(fields, at_least, at_most, read_filled_words(row, "item", around.languages))


def _help(row: Table, words: Callable[[Table, str], Words]) -> Help | None:
    if not row.has("help"):
        return None
    table = row.table("help")
    table.only("title", "text")
    return Help(words(table, "title"), words(table, "text"))


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
        case FieldType.GROUP:
            return group_checker()
        case FieldType.UPLOAD:
            return upload_checker(limits.smallest or 1, limits.largest or 1)


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
        case FieldType.GROUP:
            return Widget.GROUP
        case FieldType.UPLOAD:
            return Widget.UPLOAD
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


def _required(row: Table, limits: _Limits) -> bool:
    if limits.group is not None:
        return limits.group.at_least > 0
    required = row.has("required") and row.flag("required")
    if required and row.has("required_if"):
        raise row.wrong("required_if", "either required or required_if")
    return required


def _if_hidden(row: Table, around: Surroundings) -> IfHidden:
    if not row.has("if_hidden"):
        return IfHidden.REFUSE
    if not row.has("show_if") and not around.page_show_if:
        raise row.wrong("if_hidden", "show_if beside it, or on the page")
    return row.choice("if_hidden", IfHidden)


def _messages(
    row: Table, field_type: FieldType, limits: _Limits, filling: dict[str, str], languages: tuple[str, ...]
) -> dict[str, Words]:
    messages = {problem: _filled(words, filling) for problem, words in default_messages(field_type).items()}
    own = row.table("errors") if row.has("errors") else Table(row.file, row.at("errors"), {})
    own.only("required", *messages)
    if (_required(row, limits) or row.has("required_if")) and not own.has("required"):
        raise ConfigError(row.file, own.at("required"), "words for a required field left empty", "nothing")
    return messages | {problem: read_filled_words(own, problem, languages, filling) for problem in own.values}


def _filled(words: Words, filling: dict[str, str]) -> Words:
    return {language: fill(text, filling) for language, text in words.items()}
