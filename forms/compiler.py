"""From a definition in YAML to a form: every mistake in it is told with file, key and what was expected.

A definition has `service`, `version`, `title`, `drafts` (the languages besides English, none yet read by a
native speaker) and `pages`. The version is raised whenever fields come, go or take other answers, so that
people with a saved draft are told. All words are by language, English always: `label: {en: ..., fj: ...}`.
A page has

    id, title, fields small letters; the topic; what is asked
    intro             a paragraph below the title
    show_if           the page is asked under a condition on fields of earlier pages
    one_of            a list of {fields, error, only_one}: one of these fields of the page has to be answered;
                      with only_one (words for more than one answer), exactly one

A field has

    id, type          small letters; one of FieldType
    label, purpose    the question, and in one line why we ask it
    short             the label in a few words, for summaries and case pages
    hint, errors      words below the label; words by problem in place of those in forms/words.py
    help              {title, text}: more, to be opened by those who need it; empty lines part paragraphs
    example           an answer as people type it, {example} in hint and errors; it must pass the field's rule
    required          true, or left out; errors.required must then say what to do
    required_if       required under a condition
    show_if           asked under a condition on fields of earlier pages; an answer is refused otherwise ...
    if_hidden: keep   ... unless it is kept all the same
    fill_from         a list of {field, if}: an empty answer is taken over from an earlier field
    checks            a list of rules, each with its own `error`:
                        not_after, not_before, before: received_date, an earlier date field, or 1950-01-01
                        within: {before: or after: as above, days: or months: or years: how many}
                        years_before: {field, at_least, at_most}
                        refuse_if: a condition
    width, autocomplete, inputmode      how the input is drawn
    max_length (text, name, textarea)   rows (textarea)   min, max, unit (integer)
    min, max (upload: how many files; an optional one may be left without any)
    options or options_from (choice, choices)             pattern (reference: NOB-9999-999999)

A field of type group is answered by a list of items, each with answers to the group's own fields. It has,
besides label, short, hint, help, purpose, errors, show_if, if_hidden and checks,

    repeat            {at_least, at_most}: how many items
    item              what one item is called; its number follows: Correction 2
    fields            of any type but group and upload, with ids that no other field of the form has. Their
                      conditions and rules look at earlier fields of the same item and of the form, show_if at
                      fields of earlier pages; outside the group nothing can look into it

Errors name such fields as in corrections[2].should_be, counted from 1.

A condition maps fields to tests, all of which must hold: {father_known: {equals: true}}. The operators are in
forms/conditions.py.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import TypeAlias
from zoneinfo import ZoneInfo

from config.errors import ConfigError
from config.languages import LANGUAGES
from config.places import load_places
from config.reading import Table, file_name
from config.registers import load_registers
from forms.clauses import Subjects, compile_condition, compile_one_of
from forms.fields import Surroundings, compile_fields
from forms.form import Form
from forms.model import Field, Option, Page
from forms.reading import named_rows, read_filled_words, read_yaml

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

    Without `options`, those of the place and the registers are taken. Raises ConfigError for any mistake.
    """
    return compile_form(folder / f"{service.replace('-', '_')}.yaml", options, zone)


def load_forms(
    *, folder: Path = FORMS_FOLDER, options: OptionLists | None = None, zone: ZoneInfo = FIJI
) -> dict[str, Form]:
    """Read and compile all forms there are, by service. Raises ConfigError for any mistake in any of them."""
    forms = [compile_form(path, options, zone) for path in sorted(folder.glob("*.yaml"))]
    return {form.service: form for form in forms}


def load_task_forms(
    *, folder: Path = FORMS_FOLDER, options: OptionLists | None = None, zone: ZoneInfo = FIJI
) -> dict[tuple[str, str], Form]:
    """Read and compile what officers fill in with a decision: forms/<service>/<form>.yaml.

    Each has one page, which is drawn on the page of the decision. Returns them by (service, name of the
    form). Raises ConfigError for any mistake in any of them, and for a folder that no service's form stands
    beside.
    """
    forms = {}
    for path in sorted(folder.glob("*/*.yaml")):
        if not path.parent.with_suffix(".yaml").exists():
            raise ConfigError(
                file_name(path), "", f"the form of a service beside the folder {path.parent.name}"
            )
        if not re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", path.stem):
            raise ConfigError(file_name(path), "", "a file name in small letters, digits and underscores")
        service, name = path.parent.name.replace("_", "-"), path.stem.replace("_", "-")
        forms[service, name] = form = compile_form(path, options, zone, service=service)
        if len(form.pages) != 1:
            raise ConfigError(file_name(path), "pages", "one page", f"{len(form.pages)} pages")
    return forms


def known_options() -> OptionLists:
    """Return all option lists there are: those of the place, and the registers. Raises ConfigError for one
    name that both have."""
    of_place, registers = place_options(), load_registers()
    for name in of_place.keys() & registers.keys():
        raise ConfigError(registers[name].file, "(file)", "a name that no list of the place has", repr(name))
    people = {
        name: [Option(holder.key, {"en": holder.name}) for holder in register.holders.values()]
        for name, register in registers.items()
    }
    return {**of_place, **people}


def place_options() -> OptionLists:
    """Return the option lists that come with the place."""
    provinces = [Option(name, {"en": name}) for name in load_places().provinces]
    return {"provinces": provinces}


def compile_form(
    path: Path, options: OptionLists | None, zone: ZoneInfo, *, service: str | None = None
) -> Form:
    """Compile one file, the form of the service that it is named after or of the one given.

    Raises ConfigError.
    """
    top, digest = read_yaml(path)
    top.only("service", "version", "title", "drafts", "pages")
    expected = service or path.stem.replace("_", "-")
    service = top.text("service")
    if service != expected:
        raise top.wrong("service", f"the service this file is named after, {expected!r}")
    drafts = _drafts(top)
    languages = ("en", *drafts)
    around = Surroundings(languages, known_options() if options is None else options, {}, {})
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
    for page_id, row in named_rows(top, "pages", r"[a-z][a-z0-9]*(-[a-z0-9]+)*"):
        row.only("id", "title", "intro", "show_if", "one_of", "fields")
        fields = _page_fields(page_id, row, around)
        around.earlier_pages.update({field.id: field for field in fields})
        yield Page(
            id=page_id,
            title=read_filled_words(row, "title", around.languages),
            intro=read_filled_words(row, "intro", around.languages) if row.has("intro") else None,
            fields=fields,
        )


def _page_fields(page_id: str, row: Table, around: Surroundings) -> tuple[Field, ...]:
    earlier = Subjects.of(around.earlier_pages)
    within = replace(around, page_show_if=compile_condition(row, "show_if", earlier) or ())
    fields = {field.id: field for field in compile_fields(page_id, row, within)}
    for one_of in compile_one_of(row, fields, around.languages):
        fields |= {name: replace(fields[name], one_of=one_of) for name in one_of.fields}
    return tuple(fields.values())
