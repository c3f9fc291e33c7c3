"""What a compiled form consists of, and what checking it gives back."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple, TypeAlias

from config.words import Words
from forms.conditions import Condition
from forms.rules import Rule
from forms.values import Answer, Checker

Typed: TypeAlias = dict[str, str | list[str]]
"""What stands in the inputs of a page, by input name: a date has three inputs, checkboxes a list."""


class FieldType(StrEnum):
    """The kinds of answer a form can ask for."""

    TEXT = "text"
    NAME = "name"
    TEXTAREA = "textarea"
    DATE = "date"
    INTEGER = "integer"
    YES_NO = "yes_no"
    CHOICE = "choice"
    CHOICES = "choices"
    PHONE = "phone"
    EMAIL = "email"
    REFERENCE = "reference"
    GROUP = "group"
    UPLOAD = "upload"


class Widget(StrEnum):
    """How a field is shown on a page."""

    INPUT = "input"
    TEXTAREA = "textarea"
    DATE = "date"
    RADIOS = "radios"
    SELECT = "select"
    CHECKBOXES = "checkboxes"
    GROUP = "group"
    UPLOAD = "upload"


class IfHidden(StrEnum):
    """What becomes of an answer to a field that was not to be asked."""

    REFUSE = "refuse"
    """It contradicts the other answers: an error."""
    KEEP = "keep"
    """It does no harm: somebody told us more than we asked."""


class Option(NamedTuple):
    """One answer to choose."""

    value: str
    label: Words


class Source(NamedTuple):
    """Another field whose answer is taken over when a condition holds."""

    field: str
    condition: Condition


class Help(NamedTuple):
    """More than a hint: what a person can open below a question."""

    title: Words
    text: Words


@dataclass(frozen=True, slots=True, eq=False)
class Group:
    """What a repeating field asks for each of its items."""

    fields: tuple["Field", ...]
    at_least: int
    at_most: int
    item: Words
    """What one item is called; its number follows."""


@dataclass(frozen=True, slots=True)
class OneOf:
    """Fields of one page of which at least one has to be answered."""

    fields: Mapping[str, Condition | None]
    """The fields in their order, each with the condition under which it is asked."""
    missing: Words
    """What to say when none of them is answered."""
    too_many: Words | None
    """What to say when more than one is; None where that is fine."""


@dataclass(frozen=True, slots=True, eq=False)
class Field:
    """One question, its rules, and all that a page needs to ask it."""

    id: str
    page_id: str
    type: FieldType
    label: Words
    short: Words
    """The label in a few words, for summaries and case pages; where there are none, the label."""
    hint: Words | None
    purpose: Words
    """Why we ask, in one line."""
    widget: Widget
    options: tuple[Option, ...]
    max_length: int | None
    smallest: int | None
    largest: int | None
    pattern: str | None
    unit: Words | None
    example: str | None
    """An answer as people would type it."""
    width: int | None
    rows: int | None
    autocomplete: str | None
    inputmode: str | None
    required: bool
    """Always required where it is shown; whether it is required for given answers, ask the form."""
    required_if: Condition | None
    show_if: Condition | None
    if_hidden: IfHidden
    fill_from: tuple[Source, ...]
    rules: tuple[Rule, ...]
    messages: Mapping[str, Words]
    """By problem: what to say when the value is wrong."""
    check: Checker
    nothing: Answer = None
    """The answer that means "not answered": [] for choices, groups and uploads, else None."""
    help: Help | None = None
    group: Group | None = None
    one_of: OneOf | None = None
    options_from: str | None = None
    """The list its options come from, which may be a register (config/registers)."""


@dataclass(frozen=True, slots=True, eq=False)
class Page:
    """One page of the form: one topic."""

    id: str
    title: Words
    intro: Words | None
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class FieldError:
    """What is wrong with an answer, and what to do about it, in each language there is."""

    field: str | None
    """The field's name as it was given, within a group as in corrections[2].should_be, counted from 1; None
    when the answers as a whole are meant."""
    message: Words
    problem: str
    """A key for programs: required, too_long, invalid, rule ..."""
    anchor: str = ""
    """The id of the input to lead to: for a date its first wrong part."""
    item: Words | None = None
    """Within a group: what the item is called, and ..."""
    number: int = 0
    """... which one it is."""


@dataclass(frozen=True, slots=True)
class Checked:
    """The outcome of a check: the answers that are fine, and an error for each that isn't."""

    answers: dict[str, Answer]
    errors: list[FieldError]
    typed: Typed = field(default_factory=dict)
    """For a page: exactly what was typed, to be shown again."""

    @property
    def ok(self) -> bool:
        """True when there is no error."""
        return not self.errors
