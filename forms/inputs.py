"""Between the inputs of an HTML page and answers: what was typed, and what to type for an answer."""

from collections.abc import Iterable, Mapping
from typing import Protocol, TypeAlias, runtime_checkable

from forms.display import spaced_phone
from forms.model import Field, FieldType, Typed
from forms.values import Answer, DateParts


@runtime_checkable
class MultiValues(Protocol):
    """What werkzeug's MultiDict offers, and what we need of it."""

    def getlist(self, key: str, /) -> list[str]: ...


Inputs: TypeAlias = MultiValues | Mapping[str, str | list[str]]


def read_inputs(fields: Iterable[Field], inputs: Inputs) -> tuple[dict[str, object], Typed]:
    """Return for each field the value to check, and by input name exactly what was typed."""
    values: dict[str, object] = {}
    typed: Typed = {}
    for field in fields:
        if field.type is FieldType.DATE:
            values[field.id] = _read_date(field.id, inputs, typed)
        elif field.type is FieldType.CHOICES:
            values[field.id] = typed[field.id] = _all(inputs, field.id)
        else:
            values[field.id] = typed[field.id] = _one(inputs, field.id)
    return values, typed


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
    if field.type is FieldType.DATE:
        parts = _split(answer) if isinstance(answer, str) else DateParts("", "", "")
        return dict(_date_inputs(field.id, DateParts(*(part.lstrip("0") for part in parts))))
    if isinstance(answer, list):
        return {field.id: list(answer)}
    if isinstance(answer, bool):
        return {field.id: "yes" if answer else "no"}
    if field.type is FieldType.PHONE and isinstance(answer, str):
        return {field.id: spaced_phone(answer)}
    return {field.id: "" if answer is None else str(answer)}
