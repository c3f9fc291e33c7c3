"""Answers in words, as a person reads them."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import NamedTuple

from config.languages import format_date
from config.words import Words, text
from forms.dates import read_iso_date
from forms.model import Field, FieldType, Group
from forms.words import NO, YES


class Part(NamedTuple):
    """A piece of an answer in words, and the language of these words."""

    text: str
    language: str | None
    """None for what a person typed, and for numbers and dates."""


def display(field: Field, value: object, language: str) -> str:
    """Return an answer in words of a language (English where there are none); "" for no answer.

    A value that the field can't have, as an older version of the form may have left, is shown as it is.
    """
    return "".join(part.text for part in spoken(field, value, language))


def spoken(field: Field, value: object, language: str) -> tuple[Part, ...]:
    """Return an answer as `display` does, in parts that say their language."""
    if value is None or value == []:
        return ()
    if isinstance(value, bool):
        return (_part(YES if value else NO, language),)
    if isinstance(value, list | tuple):
        return tuple(_list(field, value, language))
    if field.type is FieldType.CHOICE:
        return (_option(field, str(value), language),)
    if field.type is FieldType.DATE:
        return (Part(_date(str(value), language), None),)
    if field.type is FieldType.PHONE:
        return (Part(spaced_phone(str(value)), None),)
    return _number(field, value, language) if isinstance(value, int) else (Part(str(value), None),)


def _part(words: Words, language: str) -> Part:
    return Part(*text(words, language))


def _list(field: Field, values: list[object] | tuple[object, ...], language: str) -> Iterator[Part]:
    for number, value in enumerate(values, start=1):
        if number > 1:
            yield Part("; " if field.group else ", ", None)
        if field.group is not None and isinstance(value, Mapping):
            yield from _item(field.group, number, value, language)
        elif field.type is FieldType.UPLOAD and isinstance(value, Mapping):
            yield Part(str(value.get("name", "")), None)
        else:
            yield _option(field, str(value), language)


def _item(group: Group, number: int, item: Mapping[str, object], language: str) -> Iterator[Part]:
    """Return one item of a group in a line: Correction 1: What is wrong: Child’s name, ..."""
    yield _part(group.item, language)
    yield Part(f" {number}", None)
    answered = [field for field in group.fields if item.get(field.id) not in (None, [])]
    for place, field in enumerate(answered):
        yield Part(", " if place else ": ", None)
        yield _part(field.short, language)
        yield Part(": ", None)
        yield from spoken(field, item[field.id], language)


def spaced_phone(number: str) -> str:
    """Return a number in Fiji in groups, as people read it out; others as they are."""
    if number.startswith("+679") and len(number) == 11:
        return f"+679 {number[4:7]} {number[7:]}"
    return number


def _option(field: Field, value: str, language: str) -> Part:
    for option in field.options:
        if option.value == value:
            return _part(option.label, language)
    return Part(value, None)


def _date(value: str, language: str) -> str:
    day: date | None = read_iso_date(value)
    return format_date(day, language) if day else value


def _number(field: Field, value: int, language: str) -> tuple[Part, ...]:
    number = Part(f"{value:,}", None)
    return (number, Part(" ", None), _part(field.unit, language)) if field.unit else (number,)
