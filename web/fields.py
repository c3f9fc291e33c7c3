"""Drawing the fields of a form as GOV.UK components, with hints, errors and what was typed."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from markupsafe import Markup

from forms.model import Field, FieldError, FieldType, Typed, Widget
from forms.words import NO, YES
from web.components import components
from web.languages import plain, plain_words, say, words

WIDTHS = (2, 3, 4, 5, 10, 20)


def draw_fields(
    fields: Iterable[Field], typed: Typed, errors: Iterable[FieldError] = (), *, required: Collection[str]
) -> Markup:
    """Return the HTML of some fields of one page.

    typed: what stands in the inputs, by input name. required: ids of the fields that must be
    answered; the others are marked optional, unless that depends on other answers.
    """
    by_field = {error.field: error for error in errors}
    return Markup("\n").join(
        _draw(field, typed, by_field.get(field.id), field.id in required) for field in fields
    )


def summary_of(errors: Iterable[FieldError]) -> list[dict[str, Any]]:
    """Return errors for the summary at the top of a page, each leading to its field."""
    return [
        {"text": words(error.message), "href": f"#{error.anchor or error.field}" if error.field else None}
        for error in errors
    ]


def _draw(field: Field, typed: Typed, error: FieldError | None, required: bool) -> Markup:
    draw = {
        Widget.DATE: _date,
        Widget.RADIOS: _radios,
        Widget.CHECKBOXES: _checkboxes,
        Widget.SELECT: _select,
        Widget.TEXTAREA: _textarea,
        Widget.INPUT: _input,
    }[field.widget]
    return draw(field, typed, error, _label(field, required))


def _label(field: Field, required: bool) -> Markup:
    label = words(field.label)
    if required or field.required_if is not None:
        return label
    return label + " " + say("(optional)")


def _common(field: Field, error: FieldError | None) -> dict[str, Any]:
    return {
        "id": field.id,
        "name": field.id,
        "hint": {"text": words(field.hint)} if field.hint else None,
        "errorMessage": (
            {"text": words(error.message), "visuallyHiddenText": plain("Error")} if error else None
        ),
    }


def _one(typed: Typed, name: str) -> str | None:
    value = typed.get(name)
    return value if isinstance(value, str) and value else None


def _input(field: Field, typed: Typed, error: FieldError | None, label: Markup) -> Markup:
    kinds = {FieldType.PHONE: "tel", FieldType.EMAIL: "email"}
    width = next((width for width in WIDTHS if field.width and width >= field.width), None)
    return components.input(
        _common(field, error)
        | {
            "label": {"text": label, "classes": "govuk-label--s"},
            "type": kinds.get(field.type, "text"),
            "value": _one(typed, field.id),
            "autocomplete": field.autocomplete,
            "inputmode": field.inputmode,
            "spellcheck": False,
            "classes": f"govuk-input--width-{width}" if width else None,
            "suffix": {"text": words(field.unit)} if field.unit else None,
        }
    )


def _textarea(field: Field, typed: Typed, error: FieldError | None, label: Markup) -> Markup:
    return components.textarea(
        _common(field, error)
        | {
            "label": {"text": label, "classes": "govuk-label--s"},
            "value": _one(typed, field.id),
            "rows": field.rows,
        }
    )


def _select(field: Field, typed: Typed, error: FieldError | None, label: Markup) -> Markup:
    options = [{"value": value, "text": plain_words(texts)} for value, texts in field.options]
    return components.select(
        _common(field, error)
        | {
            "label": {"text": label, "classes": "govuk-label--s"},
            "items": [{"value": "", "text": plain("Choose")}, *options],
            "value": _one(typed, field.id),
        }
    )


def _date(field: Field, typed: Typed, error: FieldError | None, label: Markup) -> Markup:
    parts = [("day", say("Day"), 2), ("month", say("Month"), 2), ("year", say("Year"), 4)]
    wrong = error.anchor.rpartition("-")[2] if error else ""
    items = [
        {
            "name": part,
            "label": title,
            "classes": f"govuk-input--width-{width}"
            + (" govuk-input--error" if wrong in (part, "day") else ""),
            "value": _one(typed, f"{field.id}-{part}"),
            "inputmode": "text" if part == "month" else "numeric",
        }
        for part, title, width in parts
    ]
    return components.date_input(
        _common(field, error) | {"namePrefix": field.id, "items": items, "fieldset": _legend(label)}
    )


def _legend(label: Markup) -> dict[str, Any]:
    return {"legend": {"text": label, "classes": "govuk-fieldset__legend--s"}}


def _options(field: Field) -> list[tuple[str, Markup]]:
    if field.type is FieldType.YES_NO:
        return [("yes", words(YES)), ("no", words(NO))]
    return [(value, words(label)) for value, label in field.options]


def _radios(field: Field, typed: Typed, error: FieldError | None, label: Markup) -> Markup:
    options = _options(field)
    return components.radios(
        _common(field, error)
        | {
            "idPrefix": field.id,
            "fieldset": _legend(label),
            "items": [{"value": value, "text": text} for value, text in options],
            "value": _one(typed, field.id),
            "classes": "govuk-radios--inline" if field.type is FieldType.YES_NO else None,
        }
    )


def _checkboxes(field: Field, typed: Typed, error: FieldError | None, label: Markup) -> Markup:
    return components.checkboxes(
        _common(field, error)
        | {
            "idPrefix": field.id,
            "fieldset": _legend(label),
            "items": [{"value": value, "text": text} for value, text in _options(field)],
            "values": list(typed.get(field.id) or ()),
        }
    )
