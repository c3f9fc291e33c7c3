"""A compiled form: what is asked on which page, whether answers are fine, and how they read."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, cast
from zoneinfo import ZoneInfo

from config.words import Words, text
from forms import checking
from forms.conditions import Facts
from forms.dates import local_date
from forms.display import Part, display, spoken
from forms.inputs import Inputs, read_inputs, rearrange_items, typed_answer
from forms.model import Checked, Field, FieldType, Page, Typed
from forms.schema import Schema, json_schema
from forms.values import Answer


class Row(NamedTuple):
    """One line of a summary: the question in short and the answer, in words."""

    field: Field
    label: str
    text: str
    """The whole answer in one line, for a group all its items."""
    parts: tuple[Part, ...] = ()
    """The same in parts that say their language."""
    items: tuple[tuple["Row", ...], ...] = ()
    """For a group: the rows of each item."""


@dataclass(frozen=True, slots=True)
class Form:
    """The form of one service.

    Wherever a method takes `received_at`, it is the instant the application was received (for one still being
    filled in: now), since what is asked may depend on the age of things. It must know its time zone, else
    ValueError.
    """

    service: str
    version: int
    title: Words
    languages: tuple[str, ...]
    """English, then the languages with words of their own."""
    drafts: tuple[str, ...]
    """Those of the languages whose words no native speaker has read yet."""
    pages: tuple[Page, ...]
    fields: Mapping[str, Field]
    """All fields by id, in the order they are asked."""
    zone: ZoneInfo
    digest: str
    """The SHA-256 of the definition, in hexadecimal."""

    def validate(self, raw: object, *, received_at: datetime) -> Checked:
        """Check a whole application, typed answers as in JSON or texts as typed; never raises for bad input.

        An answer to a field that isn't asked is an error, and so is an unknown field. Without errors, the
        answers hold every field of the form (None: not answered; [] for choices) and check to themselves.
        """
        return checking.check_all(self.fields, raw, local_date(received_at, self.zone))

    def validate_page(
        self, page_id: str, raw: Inputs, answers_so_far: Mapping[str, object], *, received_at: datetime
    ) -> Checked:
        """Check what was typed on one page, given the answers of other pages. KeyError: no such page.

        Inputs that the page doesn't show are ignored. A date comes as <field>-day, <field>-month and
        <field>-year, or as ISO text. Files come apart from what is typed: what was uploaded to this page is
        found in `answers_so_far`. `answers` holds the page's fields, `typed` what to show again.
        """
        page = self.page(page_id)
        facts = self._facts(answers_so_far, received_at)
        for field in page.fields:
            facts.answers.pop(field.id, None)
        fields = [checking.as_asked(field, facts) for field in page.fields if checking.is_shown(field, facts)]
        values, typed = read_inputs(fields, raw)
        for field in fields:
            if field.type is FieldType.UPLOAD:
                values[field.id] = answers_so_far.get(field.id)
        errors = checking.check_fields(fields, values, facts)
        shown = (field.id for field in fields if field.id in facts.answers)
        return Checked({name: facts.answers[name] for name in shown}, errors, typed)

    def rearrange(
        self, page_id: str, raw: Inputs, answers: Mapping[str, object], *, received_at: datetime
    ) -> Typed | None:
        """Return what to show when a button of the page adds or removes an item of a group; None for others.

        The buttons are named `rearrange`, with the values <group>-add and <group>-remove-<number>. Nothing
        is checked, and nothing typed is lost but the item removed. KeyError: no such page.
        """
        fields = self.visible_fields(self.page(page_id), answers, received_at)
        return rearrange_items(fields, raw)

    def prune(self, answers: Mapping[str, object], received_at: datetime) -> dict[str, Answer]:
        """Return the answers that still count: those hidden by a changed answer are left out.

        What was gathered page by page goes through this before `validate`.
        """
        return self._facts(answers, received_at).answers

    def carry_over(
        self, answers: Mapping[str, object], from_version: int
    ) -> tuple[dict[str, Answer], list[str]]:
        """Return what of a draft's answers, given on another version of the form, this one still takes.

        Second, the names of the answers that are dropped: their field is gone, or takes them no longer. What
        is new or was made stricter between answers is found by `missing_pages`.
        """
        if from_version == self.version:
            return dict(cast(Mapping[str, Answer], answers)), []
        return checking.carried_over(self.fields, answers)

    def page(self, page_id: str) -> Page:
        """Return a page. Raises KeyError for an unknown one."""
        for page in self.pages:
            if page.id == page_id:
                return page
        raise KeyError(page_id)

    def visible_fields(self, page: Page, answers: Mapping[str, object], received_at: datetime) -> list[Field]:
        """Return the fields of a page that are asked, given the answers so far; groups without what isn't."""
        facts = self._facts(answers, received_at)
        return [checking.as_asked(field, facts) for field in page.fields if checking.is_shown(field, facts)]

    def is_required(self, field: Field, answers: Mapping[str, object], received_at: datetime) -> bool:
        """Say whether a field that is shown must be answered, given the answers so far."""
        return checking.is_required(field, self._facts(answers, received_at))

    def visible_pages(self, answers: Mapping[str, object], received_at: datetime) -> list[Page]:
        """Return the pages with anything to ask, given the answers so far."""
        facts = self._facts(answers, received_at)
        return [page for page in self.pages if any(checking.is_shown(field, facts) for field in page.fields)]

    def next_page(self, page_id: str, answers: Mapping[str, object], received_at: datetime) -> Page | None:
        """Return the page to ask after this one, None after the last. KeyError: no such page."""
        later = self.pages[self.pages.index(self.page(page_id)) + 1 :]
        return next((page for page in self.visible_pages(answers, received_at) if page in later), None)

    def previous_page(
        self, page_id: str, answers: Mapping[str, object], received_at: datetime
    ) -> Page | None:
        """Return the page asked before this one, None before the first. KeyError: no such page."""
        earlier = self.pages[: self.pages.index(self.page(page_id))]
        return next(
            (page for page in reversed(self.visible_pages(answers, received_at)) if page in earlier), None
        )

    def missing_pages(self, answers: Mapping[str, object], received_at: datetime) -> list[Page]:
        """Return the pages still to be filled in, or to be mended since another answer was changed."""
        facts = self._facts(answers, received_at)
        checked = checking.check_all(self.fields, facts.answers, facts.received)
        wrong = {checking.field_of(error.field) for error in checked.errors}
        return [page for page in self.pages if any(_is_open(field, facts, wrong) for field in page.fields)]

    def typed(self, page: Page, answers: Mapping[str, object], received_at: datetime) -> Typed:
        """Return what stands in the inputs of a page when it is opened again, by input name."""
        facts = self._facts(answers, received_at)
        typed: Typed = {}
        for field in page.fields:
            typed |= typed_answer(field, facts.answers.get(field.id, field.nothing))
        return typed

    def display(self, field_id: str, value: object, language: str) -> str:
        """Return an answer in words; "" for none. KeyError: no such field."""
        return display(self.fields[field_id], value, language)

    def summary(
        self, answers: Mapping[str, object], language: str, *, received_at: datetime
    ) -> list[tuple[Page, list[Row]]]:
        """Return by page the questions asked, or answered all the same, with their answers in words."""
        facts = self._facts(answers, received_at)
        pages = []
        for page in self.pages:
            rows = [
                _row(field, answer, language)
                for field in page.fields
                if (answer := answers.get(field.id, field.nothing)) != field.nothing
                or checking.is_shown(field, facts)
            ]
            if rows:
                pages.append((page, rows))
        return pages

    def json_schema(self) -> Schema:
        """Return the JSON Schema of checked answers."""
        return json_schema(self.service, self.version, self.title["en"], self.fields.values())

    def _facts(self, answers: Mapping[str, object], received_at: datetime) -> Facts:
        return checking.still_asked(self.fields, answers, local_date(received_at, self.zone))


def _row(field: Field, answer: object, language: str) -> Row:
    items = answer if field.group and isinstance(answer, list | tuple) else ()
    inner = field.group.fields if field.group else ()
    return Row(
        field,
        text(field.short, language)[0],
        display(field, answer, language),
        spoken(field, answer, language),
        tuple(
            tuple(_row(within, item[within.id], language) for within in inner if within.id in item)
            for item in items
            if isinstance(item, Mapping)
        ),
    )


def _is_open(field: Field, facts: Facts, wrong: set[str | None]) -> bool:
    if not checking.is_shown(field, facts):
        return False
    if field.id in wrong or field.id not in facts.answers:
        return True
    group, items = checking.as_asked(field, facts).group, facts.answers[field.id]
    if group is None or not isinstance(items, list):
        return False
    return any(not {inner.id for inner in group.fields} <= set(item) for item in items)
