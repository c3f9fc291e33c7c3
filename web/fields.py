"""Drawing the fields of a form as GOV.UK components, with hints, errors and what was typed."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from markupsafe import Markup

from config.languages import LANGUAGES
from config.words import ENGLISH
from forms.checking import place_of_item
from forms.form import Row
from forms.inputs import REARRANGE, placed
from forms.model import Field, FieldError, FieldType, Group, Help, Typed, Widget
from forms.words import NO, YES
from web.components import components
from web.languages import language, marked, plain, plain_words, say, words
from web.uploads import Uploaded, draw_upload

WIDTHS = (2, 3, 4, 5, 10, 20)


def draw_fields(
    fields: Iterable[Field],
    typed: Typed,
    errors: Iterable[FieldError] = (),
    *,
    required: Collection[str],
    uploads: Mapping[str, Sequence[Uploaded]] = MappingProxyType({}),
) -> Markup:
    """Return the HTML of some fields of one page.

    typed: what stands in the inputs, by input name. required: ids of the fields that must be
    answered; the others are marked optional, unless that depends on other answers. uploads: the files
    that are there, by field.
    """
    by_field: _Errors = {error.field: error for error in errors}
    return Markup("\n").join(
        _group(field, field.group, typed, by_field)
        if field.group
        else _upload(field, uploads, by_field.get(field.id), field.id in required)
        if field.widget is Widget.UPLOAD
        else _draw(field, typed, by_field.get(field.id), field.id in required)
        for field in fields
    )


def summary_of(errors: Iterable[FieldError]) -> list[dict[str, Any]]:
    """Return errors for the summary at the top of a page, each leading to its field."""
    return [
        {
            "text": _numbered(error.item, error.number) + ": " + words(error.message)
            if error.item
            else words(error.message),
            "href": f"#{error.anchor or error.field}" if error.field else None,
        }
        for error in errors
    ]


def draw_answer(row: Row) -> Markup:
    """Return the HTML of an answer in a summary; what is not answered says so."""
    if not row.items:
        parts = Markup("").join(marked(text, spoken or language()) for text, spoken in row.parts)
        return parts or say("Not answered")
    group = row.field.group
    return Markup("").join(
        Markup('<p class="s2f-item"><strong>{}</strong>{}</p>').format(
            _numbered(group.item, number) if group else number,
            Markup("").join(
                Markup("<br>{}: {}").format(words(inner.field.short), draw_answer(inner)) for inner in item
            ),
        )
        for number, item in enumerate(row.items, start=1)
    )


_Errors = Mapping[str | None, FieldError]


def _numbered(item: Mapping[str, str], number: int) -> Markup:
    """Return what an item is called, with its number: Correction 2."""
    return words(item) + f" {number}"


def _group(field: Field, group: Group, typed: Typed, errors: _Errors) -> Markup:
    """Return a group's items one after another, with buttons that add and remove one.

    The first button of a page is the one that Enter presses: it goes on, else Enter would remove an item.
    """
    numbers = range(1, len(typed.get(field.id) or ()) + 1)
    error = errors.get(field.id)
    template = Markup(
        '<div class="govuk-form-group{wrong}" id="{id}" tabindex="-1">'
        '<button class="govuk-visually-hidden" tabindex="-1" aria-hidden="true">{go_on}</button>'
        '<h2 class="govuk-heading-m">{label}</h2>{hint}{error}{help}{items}{add}</div>'
    )
    return template.format(
        id=field.id,
        wrong=" govuk-form-group--error" if error else "",
        go_on=say("Continue"),
        label=_label(field, field.required),
        hint=Markup('<div class="govuk-hint">{}</div>').format(words(field.hint)) if field.hint else "",
        error=components.error_message(_error_message(error)) if error else "",
        help=_help(field.help),
        items=Markup("").join(
            _item(field, group, number, typed, errors, removable=len(numbers) > group.at_least)
            for number in numbers
        ),
        add=_add_button(field, group, len(numbers)),
    )


def _item(
    field: Field, group: Group, number: int, typed: Typed, errors: _Errors, *, removable: bool
) -> Markup:
    place = place_of_item(field.id, number)
    fields = Markup("\n").join(
        _draw(placed(inner, field.id, number), typed, errors.get(place.name + inner.id), inner.required)
        for inner in group.fields
    )
    return Markup(
        '<fieldset class="govuk-fieldset s2f-item" id="{}-{}" tabindex="-1">'
        '<legend class="govuk-fieldset__legend govuk-fieldset__legend--m">{}</legend>'
        '<input type="hidden" name="{}" value="{}">{}{}</fieldset>'
    ).format(
        field.id,
        number,
        _numbered(group.item, number),
        field.id,
        number,
        fields,
        _remove_button(field, group, number) if removable else "",
    )


def _remove_button(field: Field, group: Group, number: int) -> Markup:
    what = Markup('<span class="govuk-visually-hidden"> {}</span>').format(_numbered(group.item, number))
    return _rearranging(f"{field.id}-remove-{number}", f"#{field.id}", say("Remove") + what)


def _add_button(field: Field, group: Group, count: int) -> Markup:
    if count >= group.at_most:
        most = say("These are all that can be given here: %(most)s.", most=group.at_most)
        return Markup('<p class="govuk-body">{}</p>').format(most)
    text = say("Add another") if count else say("Add")
    what = Markup('<span class="govuk-visually-hidden"> ({})</span>').format(words(group.item))
    return _rearranging(f"{field.id}-add", f"#{field.id}-{count + 1}", text + what)


def _rearranging(value: str, leads_to: str, text: Markup) -> Markup:
    return components.button(
        {
            "html": text,
            "name": REARRANGE,
            "value": value,
            "classes": "govuk-button--secondary s2f-close",
            "attributes": {"formaction": leads_to},
        }
    )


def _help(help: Help | None) -> Markup:
    if help is None:
        return Markup("")
    spoken = language() if language() in help.text else ENGLISH
    html = Markup("").join(
        Markup('<p class="govuk-body">{}</p>').format(marked(paragraph, spoken))
        for paragraph in help.text[spoken].split("\n\n")
    )
    return components.details({"summaryText": words(help.title), "html": html})


def _draw(field: Field, typed: Typed, error: FieldError | None, required: bool) -> Markup:
    draw = {
        Widget.DATE: _date,
        Widget.RADIOS: _radios,
        Widget.CHECKBOXES: _checkboxes,
        Widget.SELECT: _select,
        Widget.TEXTAREA: _textarea,
        Widget.INPUT: _input,
    }[field.widget]
    return draw(field, typed, error, _label(field, required)) + _help(field.help)


def _upload(
    field: Field, uploads: Mapping[str, Sequence[Uploaded]], error: FieldError | None, required: bool
) -> Markup:
    drawn = draw_upload(
        field.id,
        uploads.get(field.id, ()),
        most=field.largest or 1,
        label=_label(field, required),
        hint=words(field.hint) if field.hint else None,
        error=_error_message(error) if error else None,
    )
    return drawn + _help(field.help)


def _label(field: Field, required: bool) -> Markup:
    label = words(field.label)
    if required or field.required_if is not None or field.one_of is not None:
        return label
    return label + " " + say("(optional)")


def _common(field: Field, error: FieldError | None) -> dict[str, Any]:
    return {
        "id": field.id,
        "name": field.id,
        "hint": {"text": words(field.hint)} if field.hint else None,
        "errorMessage": _error_message(error) if error else None,
    }


def _error_message(error: FieldError) -> dict[str, Any]:
    return {
        "id": f"{error.anchor}-error",
        "text": words(error.message),
        "visuallyHiddenText": say("Error"),
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
    options = [
        {"value": value, "text": plain_words(texts), "attributes": _language_of(texts)}
        for value, texts in field.options
    ]
    return components.select(
        _common(field, error)
        | {
            "label": {"text": label, "classes": "govuk-label--s"},
            "items": [{"value": "", "text": plain("Choose")}, *options],
            "value": _one(typed, field.id),
        }
    )


def _language_of(texts: Mapping[str, str]) -> dict[str, str] | None:
    """Return the attribute that marks words as English on a page in another language."""
    return None if language() in texts else {"lang": LANGUAGES[ENGLISH].tag}


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
