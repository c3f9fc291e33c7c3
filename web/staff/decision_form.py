"""What an officer fills in with a decision: reasons, a question, a task form, a note. Read from a page's
inputs or from words kept earlier, checked, and told what is wrong with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from markupsafe import Markup
from werkzeug.datastructures import MultiDict

from cases.actions import TaskForm
from cases.assignments import Load
from cases.grounds import Criteria
from cases.people import normalise_reference
from cases.vocabulary import Needs
from config.errors import ConfigError
from config.services import ServiceConfig
from forms.form import Form
from forms.model import Field, FieldError, Option, Typed
from web.fields import draw_fields
from web.staff import criteria_form
from web.staff.criteria_form import OnCriteria
from web.words_of_people import trouble_with, typed_block

LONGEST = 5_000
NOT_WORDS = ("csrf_token", "seen", "do", "quietly")
OWN_INPUTS = frozenset({*NOT_WORDS, "note", "question", "picked"})
WITH_REASONS = (Needs.REASONS, Needs.GROUNDS)
Inputs = MultiDict[str, str]


@dataclass(frozen=True)
class Offered:
    """An outcome as the task offers it: what must come with it, its task form and the field of it that names
    another case; hits: references the officer was shown, to choose that case from; criteria: those it rests
    on, as the task shows them."""

    key: str
    needs: str
    form: Form | None
    refers_to: str
    hits: Sequence[str]
    criteria: Criteria = ()


@dataclass(frozen=True)
class Trouble:
    """Why a decision wasn't taken. `final`: trying again can't help."""

    text: str
    anchor: str | None = None
    final: bool = False


@dataclass
class Filled:
    """What an officer has filled in: chosen reasons with their texts, what they said of the criteria, a
    question, a note; and of the task form what stands in its inputs, its errors, and the checked answers when
    there are none."""

    chosen: list[str] = field(default_factory=list)
    texts: dict[str, str] = field(default_factory=dict)
    on_criteria: OnCriteria = field(default_factory=OnCriteria)
    question: str = ""
    note: str = ""
    picked: str = ""
    details: Typed = field(default_factory=dict)
    errors: list[FieldError] = field(default_factory=list)
    checked: TaskForm | None = None

    @property
    def reasons(self) -> list[dict[str, str]]:
        """The chosen reasons as they are kept."""
        return [{"key": key, "text": typed_block(self.texts[key])[1]} for key in self.chosen]


def check_names(task_forms: Mapping[tuple[str, str], Form]) -> None:
    """Raise ConfigError for a task form with a field that is called like an input of the page itself."""
    for (service, name), form in task_forms.items():
        for field_id in form.fields:
            if field_id in OWN_INPUTS:
                file = f"forms/{service.replace('-', '_')}/{name.replace('-', '_')}.yaml"
                raise ConfigError(
                    file, f"fields.{field_id}", "a name that the page of a decision doesn't have"
                )


def nothing_yet(config: ServiceConfig, offered: Offered, now: datetime) -> Filled:
    """Return a page nobody has filled in: reasons have their ready-made words."""
    texts = {
        key: "" if reason.needs_text else str(reason.found["en"]) for key, reason in config.reasons.items()
    }
    about = criteria_form.fields_of(config, offered.needs, offered.criteria)
    filled = Filled(texts=texts, on_criteria=criteria_form.nothing_yet(config, about))
    for page in offered.form.pages if offered.form else ():
        assert offered.form is not None
        filled.details |= offered.form.typed(page, {}, now)
    return filled


def read(config: ServiceConfig, offered: Offered, inputs: Inputs, now: datetime) -> Filled:
    """Return what stands in the inputs of a page. The task form is checked as of the day it is filled in."""
    chosen = inputs.getlist("reason") if offered.needs in WITH_REASONS else []
    filled = Filled(
        chosen=[key for key in config.reasons if key in chosen],
        texts={key: inputs.get(f"text-{key}", "") for key in config.reasons},
        on_criteria=criteria_form.read(
            criteria_form.fields_of(config, offered.needs, offered.criteria), inputs
        ),
        question=inputs.get("question", ""),
        note=inputs.get("note", ""),
        picked=inputs.get("picked", ""),
    )
    if offered.form is not None:
        _check_form(filled, offered, offered.form, inputs, now)
    return filled


def _check_form(filled: Filled, offered: Offered, form: Form, inputs: Inputs, now: datetime) -> None:
    if offered.refers_to:
        inputs = inputs.copy()
        own = normalise_reference(inputs.get(offered.refers_to, ""))
        inputs[offered.refers_to] = filled.picked if filled.picked in offered.hits else own
    answers: dict[str, Any] = {}
    for page in form.pages:
        checked = form.validate_page(page.id, inputs, answers, received_at=now)
        answers |= checked.answers
        filled.details |= checked.typed
        filled.errors += checked.errors
    if not filled.errors:
        whole = form.validate(answers, received_at=now)
        filled.errors += whole.errors
        filled.checked = TaskForm(form.version, whole.answers)


def words_in(inputs: Inputs) -> dict[str, list[str]]:
    """Return what is kept of a page's inputs: all that somebody typed or chose."""
    return {name: texts for name, texts in inputs.to_dict(flat=False).items() if name not in NOT_WORDS}


def inputs_of(words: Mapping[str, Sequence[str]]) -> Inputs:
    """Return kept words as the inputs they were."""
    return MultiDict([(name, text) for name, texts in words.items() for text in texts])


def troubles_with(config: ServiceConfig, offered: Offered, filled: Filled) -> list[Trouble]:
    """Return what is wrong with reasons, question and note; the task form's errors are in `filled`."""
    found: list[Trouble] = []
    found += _troubles_on_criteria(config, offered, filled)
    if offered.needs == Needs.REASONS and not filled.chosen:
        found.append(Trouble("Choose at least one reason", "reason"))
    if offered.needs in WITH_REASONS:
        for key in filled.chosen:
            title = config.reasons[key].title["en"]
            found += _trouble(filled.texts[key], f"Write the words of the reason “{title}”", f"text-{key}")
    if offered.needs == Needs.QUESTION:
        found += _trouble(filled.question, "Write the question", "question")
    if filled.note.strip():
        found += _trouble(filled.note, "", "note")
    return found


def _troubles_on_criteria(config: ServiceConfig, offered: Offered, filled: Filled) -> list[Trouble]:
    said = filled.on_criteria
    told = criteria_form.troubles(config, offered.needs, offered.criteria, said, filled.chosen)
    found = [Trouble(words, anchor) for words, anchor in told]
    texts = {f"why-{each['criterion']}": each["text"] for each in said.overrides}
    texts |= {
        f"ground-{each['criterion']}": each["text"] for each in said.given(offered.needs, offered.criteria)
    }
    named = {trouble.anchor for trouble in found}
    for anchor, text in texts.items():
        found += [] if anchor in named else _trouble(text, "Write some words here", anchor)
    return found


def _trouble(text: str, missing: str, anchor: str) -> list[Trouble]:
    trouble = trouble_with(text, LONGEST, missing)
    return [Trouble(trouble, anchor)] if trouble else []


def _with_load(fields: Sequence[Field], loads: Mapping[str, Sequence[Load]]) -> list[Field]:
    """Return the fields with what people of a register have open beside their names. loads: by register."""
    found = [(each, loads.get(each.options_from or "")) for each in fields]
    return [
        replace(each, options=tuple(map(_option, load))) if load is not None else each for each, load in found
    ]


def _option(load: Load) -> Option:
    full = ", full" if load["open"] >= load["capacity"] else ""
    about = f"{load['name']}, {load['division']}: {load['open']} of {load['capacity']}{full}"
    return Option(load["key"], {"en": about})


def draw_form(
    offered: Offered,
    filled: Filled,
    errors: Sequence[FieldError],
    now: datetime,
    loads: Mapping[str, Sequence[Load]],
) -> Markup:
    """Return the HTML of the task form's fields; "" when the outcome has none. loads: of registers by name,
    for the fields that offer the people in them."""
    form = offered.form
    if form is None:
        return Markup("")
    answers = dict(filled.checked.answers) if filled.checked else {}
    fields = [each for page in form.pages for each in form.visible_fields(page, answers, now)]
    required = [each.id for each in fields if form.is_required(each, answers, now)]
    return draw_fields(_with_load(fields, loads), filled.details, errors, required=required)
