"""From a definition in YAML to a form: every mistake in it is told with file, key and what was expected.

A definition has `service`, `version`, `title`, `drafts` (the languages besides English, none yet read by a
native speaker) and `pages`. All words are by language, English always: `label: {en: ..., fj: ...}`.
A page has `id`, `title`, perhaps an `intro`, and `fields`. A field has

    id, type          small letters; one of FieldType
    label, purpose    the question, and in one line why we ask it
    short             the label in a few words, for summaries and case pages
    hint, errors      words below the label; words by problem in place of those in forms/words.py
    example           an answer as people type it, {example} in hint and errors; it must pass the field's rule
    required          true, or left out; errors.required must then say what to do
    required_if       required under a condition
    show_if           asked under a condition on fields of earlier pages; an answer is refused otherwise ...
    if_hidden: keep   ... unless it is kept all the same
    fill_from         a list of {field, if}: an empty answer is taken over from an earlier field
    checks            a list of rules, each with its own `error`:
                        not_after: received_date, or an earlier date field
                        years_before: {field, at_least, at_most}
                        refuse_if: a condition
    width, autocomplete, inputmode      how the input is drawn
    max_length (text, name, textarea)   rows (textarea)   min, max, unit (integer)
    options or options_from (choice, choices)             pattern (reference: NOB-9999-999999)

A condition maps fields to tests, all of which must hold: {father_known: {equals: true}}. The operators are in
forms/conditions.py.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import TypeAlias
from zoneinfo import ZoneInfo

from config.errors import ConfigError
from config.languages import LANGUAGES
from config.places import load_places
from config.reading import Table
from forms.fields import Surroundings, compile_field
from forms.form import Form
from forms.model import Field, Option, Page
from forms.reading import read_filled_words, read_yaml

FORMS_FOLDER = Path(__file__).resolve().parent
FIJI = ZoneInfo("Pacific/Fiji")

OptionLists: TypeAlias = Mapping[str, Sequence[Option]]
"""Options that stand elsewhere, by the name a field gives in `options_from`."""


def load_form(
    service: str,
    *,
    folder: Path = FORMS_FOLDER,
    options: OptionLists | None = None,
    zone: ZoneInfo = FIJI,
) -> Form:
    """Read and compile the form of a service, such as "birth-registration".

    Without `options`, those of the place are taken. Raises ConfigError for any mistake in the definition.
    """
    return compile_form(folder / f"{service.replace('-', '_')}.yaml", options, zone)


def load_forms(
    *, folder: Path = FORMS_FOLDER, options: OptionLists | None = None, zone: ZoneInfo = FIJI
) -> dict[str, Form]:
    """Read and compile all forms there are, by service. Raises ConfigError for any mistake in any of them."""
    forms = [compile_form(path, options, zone) for path in sorted(folder.glob("*.yaml"))]
    return {form.service: form for form in forms}


def place_options() -> OptionLists:
    """Return the option lists that come with the place."""
    provinces = [Option(name, {"en": name}) for name in load_places().provinces]
    return {"provinces": provinces}


def compile_form(path: Path, options: OptionLists | None, zone: ZoneInfo) -> Form:
    """Compile one file. Raises ConfigError."""
    top, digest = read_yaml(path)
    top.only("service", "version", "title", "drafts", "pages")
    service = top.text("service")
    if path.stem != service.replace("-", "_"):
        raise top.wrong("service", f"the service this file is named after, {path.stem.replace('_', '-')!r}")
    drafts = _drafts(top)
    languages = ("en", *drafts)
    around = Surroundings(languages, place_options() if options is None else options, {}, {})
    pages = tuple(_pages(top, around))
    return Form(
        service=service,
        version=top.whole_number("version"),
        title=read_filled_words(top, "title", languages),
        languages=languages,
        drafts=drafts,
        pages=pages,
        fields=MappingProxyType({field.id: field for page in pages for field in page.fields}),
        zone=zone,
        digest=digest,
    )


def _drafts(top: Table) -> tuple[str, ...]:
    drafts = top.texts("drafts")
    for language in drafts:
        if language not in LANGUAGES or language == "en":
            raise top.wrong("drafts", "languages other than en, of " + ", ".join(LANGUAGES), repr(language))
    return drafts


def _pages(top: Table, around: Surroundings) -> Iterator[Page]:
    rows = _named_rows(top, "pages", r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
    for page_id, row in rows:
        row.only("id", "title", "intro", "fields")
        fields = tuple(_fields(page_id, row, around))
        around.earlier_pages.update({field.id: field for field in fields})
        yield Page(
            id=page_id,
            title=read_filled_words(row, "title", around.languages),
            intro=read_filled_words(row, "intro", around.languages) if row.has("intro") else None,
            fields=fields,
        )


def _fields(page_id: str, page: Table, around: Surroundings) -> Iterator[Field]:
    for field_id, row in _named_rows(page, "fields", r"[a-z][a-z0-9]*(_[a-z0-9]+)*"):
        if field_id in around.earlier:
            raise row.wrong("id", "an id of its own", f"{field_id!r}, which an earlier field has")
        if field_id == "received_date":
            raise row.wrong("id", "another id: rules use this word for the day of receipt")
        field = compile_field(page_id, row, around)
        around.earlier[field.id] = field
        yield field


def _named_rows(table: Table, name: str, pattern: str) -> list[tuple[str, Table]]:
    """Return the rows of a list by their ids, as tables whose keys name the id instead of a number."""
    rows = table.rows(name)
    if not rows:
        raise ConfigError(table.file, table.at(name), "a list with at least one entry", "nothing")
    named: dict[str, Table] = {}
    for row in rows:
        row_id = row.text("id")
        if not re.fullmatch(pattern, row_id):
            raise row.wrong("id", "an id in small letters and digits, of the form " + pattern)
        if row_id in named:
            raise row.wrong("id", "an id of its own", f"{row_id!r} again")
        named[row_id] = Table(table.file, table.at(f"{name}.{row_id}"), row.values)
    return list(named.items())
