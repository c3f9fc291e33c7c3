"""Files on a page: what was added so far with a small picture of each, and a place to add more.

Everything works with one form and without a script: `add-files` and `remove-file` are buttons of it, and any
other button takes along what was chosen and not yet added.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from web.components import components
from web.languages import say

ADD = "add-files"
REMOVE = "remove-file"
ACCEPTED = "image/*,application/pdf"  # naming HEIC would make an iPhone send it, which it converts otherwise

_GO_ON = Markup('<button class="govuk-visually-hidden" tabindex="-1" aria-hidden="true">{}</button>')
_ADD_BUTTON = Markup(
    '<button class="govuk-button govuk-button--secondary s2f-add" name="{}" value="{}">{}</button>'
)


@dataclass(frozen=True)
class Uploaded:
    """A file that was added to a page. thumbnail: the address of its small picture; size: in bytes."""

    id: int
    name: str
    size: int
    thumbnail: str


def draw_upload(
    name: str,
    uploaded: Sequence[Uploaded],
    *,
    most: int,
    label: Markup,
    hint: Markup | None = None,
    error: Mapping[str, Any] | None = None,
    in_steps: bool = True,
) -> Markup:
    """Return the HTML of a place for files: those that are there, and inputs to add and remove.

    in_steps: with buttons that add and remove; else what is chosen goes with the page.

    The first button of a page is the one that Enter presses: it goes on, else Enter would remove a file.
    """
    described = [f"{name}-hint"] if hint else []
    return Markup(
        '<div class="govuk-form-group{wrong}">'
        "{go_on}"
        '<fieldset class="govuk-fieldset"{described}>'
        '<legend class="govuk-fieldset__legend govuk-fieldset__legend--s">{label}</legend>'
        "{hint}{error}{files}{more}</fieldset></div>"
    ).format(
        wrong=" govuk-form-group--error" if error else "",
        go_on=_GO_ON.format(say("Continue")) if in_steps else "",
        described=Markup(' aria-describedby="{}"').format(" ".join(described)) if described else "",
        label=label,
        hint=Markup('<div class="govuk-hint" id="{}-hint">{}</div>').format(name, hint) if hint else "",
        error=components.error_message(error) if error else "",
        files=_list(uploaded),
        more=_more(name, len(uploaded), most, in_steps=in_steps),
    )


def _list(uploaded: Sequence[Uploaded]) -> Markup:
    if not uploaded:
        return Markup("")
    items = Markup("").join(
        Markup(
            '<li class="s2f-files__file"><img src="{}" alt="" width="80" height="80" loading="lazy">'
            '<span class="s2f-files__name">{}<br><span class="s2f-when">{}</span></span>{}</li>'
        ).format(file.thumbnail, file.name, kilobytes(file.size), _remove_button(file))
        for file in uploaded
    )
    return Markup('<ul class="s2f-files">{}</ul>').format(items)


def _remove_button(file: Uploaded) -> Markup:
    return Markup(
        '<button class="s2f-link-button" name="{}" value="{}">{}'
        '<span class="govuk-visually-hidden"> {}</span></button>'
    ).format(REMOVE, file.id, say("Remove"), file.name)


def _more(name: str, count: int, most: int, *, in_steps: bool) -> Markup:
    if count >= most:
        all_given = say("These are all that can be given here: %(most)s.", most=most)
        return Markup('<p class="govuk-body" id="{}" tabindex="-1">{}</p>').format(name, all_given)
    return Markup(
        '<label class="govuk-label" for="{name}">{label}</label>'
        '<input class="govuk-file-upload" type="file" id="{name}" name="{name}" accept="{accepted}" multiple>'
        "{button}"
    ).format(
        name=name,
        label=say("Choose one or more files"),
        accepted=ACCEPTED,
        button=_ADD_BUTTON.format(ADD, name, say("Add the chosen files")) if in_steps else "",
    )


def kilobytes(size: int) -> str:
    """Return a size as people read it: 340 KB, 2.1 MB."""
    if size < 1_000_000:
        return f"{max(1, round(size / 1024))} KB"
    return f"{size / 1024 / 1024:.1f} MB"
