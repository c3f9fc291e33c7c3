"""Answers in words, as a person reads them."""

from datetime import date

from config.languages import format_date
from config.words import text
from forms.dates import read_iso_date
from forms.model import Field, FieldType
from forms.words import NO, YES


def display(field: Field, value: object, language: str) -> str:
    """Return an answer in words of a language (English where there are none); "" for no answer.

    A value that the field can't have, as an older version of the form may have left, is shown as it is.
    """
    if value is None or value == []:
        return ""
    if isinstance(value, bool):
        return text(YES if value else NO, language)[0]
    if isinstance(value, list | tuple):
        return ", ".join(_option_label(field, str(item), language) for item in value)
    if field.type is FieldType.CHOICE:
        return _option_label(field, str(value), language)
    if field.type is FieldType.DATE:
        return _date(str(value), language)
    if field.type is FieldType.PHONE:
        return spaced_phone(str(value))
    return _number(field, value, language) if isinstance(value, int) else str(value)


def spaced_phone(number: str) -> str:
    """Return a number in Fiji in groups, as people read it out; others as they are."""
    if number.startswith("+679") and len(number) == 11:
        return f"+679 {number[4:7]} {number[7:]}"
    return number


def _option_label(field: Field, value: str, language: str) -> str:
    for option in field.options:
        if option.value == value:
            return text(option.label, language)[0]
    return value


def _date(value: str, language: str) -> str:
    day: date | None = read_iso_date(value)
    return format_date(day, language) if day else value


def _number(field: Field, value: int, language: str) -> str:
    unit = f" {text(field.unit, language)[0]}" if field.unit else ""
    return f"{value:,}{unit}"
