"""Between the inputs of an HTML page and answers: what was typed, and what to type for an answer.

The inputs of a group's items have the number of the item in their names, as in corrections-2-should_be; an
input of the group's own name says of each item that it is there. Items are counted anew whenever a page is
read, so that they are always 1, 2, 3 ...
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol, TypeAlias, TypeVar, runtime_checkable

from forms.checking import place_of_item
from forms.display import spaced_phone
from forms.model import Field, FieldType, Group, Typed
from forms.values import Answer, DateParts


@runtime_checkable
class MultiValues(Protocol):
    """What werkzeug's MultiDict offers, and what we need of it."""

    def getlist(self, key: str, /) -> list[str]: ...


Inputs: TypeAlias = MultiValues | Mapping[str, str | list[str]]
AnyValue = TypeVar("AnyValue")
REARRANGE = "rearrange"
"""The name of the buttons that add and remove items."""


def read_inputs(fields: Iterable[Field], inputs: Inputs) -> tuple[dict[str, object], Typed]:
    """Return for each field the value to check, and by input name exactly what was typed."""
    values: dict[str, object] = {}
    typed: Typed = {}
    for field in fields:
        if field.type is FieldType.DATE:
            values[field.id] = _read_date(field.id, inputs, typed)
        elif field.type is FieldType.CHOICES:
            values[field.id] = typed[field.id] = _all(inputs, field.id)
        elif field.type is FieldType.UPLOAD:
            continue  # files are no inputs of text: see `Form.validate_page`
        elif field.group is not None:
            items = _filled(_read_items(field, field.group, inputs), field.group.at_least)
            values[field.id] = [item.values for item in items]
            typed |= _typed_items(field.id, items, field.group.at_least)
        else:
            values[field.id] = typed[field.id] = _one(inputs, field.id)
    return values, typed


def rearrange_items(fields: Iterable[Field], inputs: Inputs) -> Typed | None:
    """Return what is typed after the button of a group was pressed; None if it was another button."""
    pressed = _one(inputs, REARRANGE)
    if not pressed:
        return None
    typed: Typed = {}
    for field in fields:
        if field.group is None:
            typed |= read_inputs([field], inputs)[1]
        else:
            typed |= _rearranged(field, field.group, inputs, pressed)
    return typed


def _rearranged(field: Field, group: Group, inputs: Inputs, pressed: str) -> Typed:
    items = _read_items(field, group, inputs)
    if pressed == f"{field.id}-add" and len(items) < group.at_most:
        items.append(_Item(0, {}, {}))
    items = [item for item in items if pressed != f"{field.id}-remove-{item.number}"]
    return _typed_items(field.id, items, group.at_least)


@dataclass(frozen=True, slots=True)
class _Item:
    """One item as it was typed: its number then, its values, and its inputs by the name within the item."""

    number: int
    values: dict[str, object]
    typed: Typed


def _read_items(field: Field, group: Group, inputs: Inputs) -> list[_Item]:
    return [_read_item(field, group, number, inputs) for number in _numbers(field.id, group, inputs)]


def _numbers(name: str, group: Group, inputs: Inputs) -> list[int]:
    """Return the numbers of the items that are there; a few more than allowed, so that this can be told."""
    numbers = dict.fromkeys(int(raw) for raw in _all(inputs, name) if raw.isdecimal() and len(raw) < 5)
    return sorted(numbers)[: 2 * group.at_most]


def _read_item(field: Field, group: Group, number: int, inputs: Inputs) -> _Item:
    prefix = place_of_item(field.id, number).anchor
    values, typed = read_inputs([placed(inner, field.id, number) for inner in group.fields], inputs)
    return _Item(number, _without(prefix, values), _without(prefix, typed))


def _without(prefix: str, named: Mapping[str, AnyValue]) -> dict[str, AnyValue]:
    return {name.removeprefix(prefix): value for name, value in named.items()}


def _filled(items: list[_Item], at_least: int) -> list[_Item]:
    """Return the items without empty ones, of which as many stay as there have to be."""
    spare = len(items) - at_least
    kept = []
    for item in reversed(items):
        if spare > 0 and not any("".join(typed).strip() for typed in item.typed.values()):
            spare -= 1
        else:
            kept.append(item)
    return kept[::-1]


def _typed_items(name: str, items: Sequence[_Item], at_least: int) -> Typed:
    """Return the inputs of items, counted anew; at least as many as there have to be."""
    typed: Typed = {name: [str(number) for number in range(1, max(len(items), at_least) + 1)]}
    for number, item in enumerate(items, start=1):
        prefix = place_of_item(name, number).anchor
        typed |= {prefix + part: value for part, value in item.typed.items()}
    return typed


def placed(inner: Field, group_id: str, number: int) -> Field:
    """Return a group's field as it stands on a page in one item: under an id of its own."""
    return replace(inner, id=place_of_item(group_id, number).anchor + inner.id)


def _read_date(name: str, inputs: Inputs, typed: Typed) -> object:
    parts = DateParts(*(_one(inputs, f"{name}-{part}") for part in DateParts._fields))
    whole = _one(inputs, name)
    if whole and not any(parts):
        parts = _split(whole)
        typed.update(_date_inputs(name, parts))
        return whole
    typed.update(_date_inputs(name, parts))
    return parts


def _split(whole: str) -> DateParts:
    year, _, rest = whole.partition("-")
    month, _, day = rest.partition("-")
    return DateParts(day, month, year)


def _date_inputs(name: str, parts: DateParts) -> dict[str, str]:
    return {f"{name}-{part}": value for part, value in parts._asdict().items()}


def _one(inputs: Inputs, name: str) -> str:
    values = _all(inputs, name)
    return values[0] if values else ""


def _all(inputs: Inputs, name: str) -> list[str]:
    if isinstance(inputs, MultiValues):
        return inputs.getlist(name)
    value = inputs.get(name, [])
    return [value] if isinstance(value, str) else list(value)


def typed_answer(field: Field, answer: Answer) -> Typed:
    """Return what stands in a field's inputs for an answer given earlier."""
    if field.group is not None:
        return _typed_group(field, field.group, answer)
    if field.type is FieldType.UPLOAD:
        return {}
    if field.type is FieldType.DATE:
        parts = _split(answer) if isinstance(answer, str) else DateParts("", "", "")
        return dict(_date_inputs(field.id, DateParts(*(part.lstrip("0") for part in parts))))
    if isinstance(answer, list):
        return {field.id: [str(value) for value in answer]}
    if isinstance(answer, bool):
        return {field.id: "yes" if answer else "no"}
    if field.type is FieldType.PHONE and isinstance(answer, str):
        return {field.id: spaced_phone(answer)}
    return {field.id: "" if answer is None else str(answer)}


def _typed_group(field: Field, group: Group, answer: Answer) -> Typed:
    given = [item for item in answer if isinstance(item, dict)] if isinstance(answer, list) else []
    items = []
    for item in given:
        typed: Typed = {}
        for inner in group.fields:
            typed |= typed_answer(inner, item.get(inner.id, inner.nothing))
        items.append(_Item(0, {}, typed))
    return _typed_items(field.id, items, group.at_least)
