"""A mistake in a definition stops the start, with file, key and what was expected."""

import re
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest

from config.errors import ConfigError
from forms.compiler import FORMS_FOLDER, load_form, load_forms, load_task_forms
from forms.form import Form
from forms.model import FieldType, Option, Widget
from forms.words import MESSAGES
from tests.forms.applications import RECEIVED

DEFINITION = """\
service: dog-licence
version: 3
drafts: [fj]
title: {en: Dog licence}
pages:
  - id: dog
    title: {en: The dog}
    fields:
      - id: dog_name
        type: name
        required: true
        label: {en: "What is it called?", fj: "O cei na yacana?"}
        purpose: {en: To call it}
        errors: {required: {en: Enter its name}}
      - id: born
        type: date
        label: {en: Born}
        purpose: {en: For its age}
        example: 1 2 2020
        hint: {en: "For example {example}"}
      - id: kind
        type: choice
        label: {en: Kind}
        purpose: {en: For its size}
        options:
          - {value: big, label: {en: Big}}
          - {value: small, label: {en: Small}}
  - id: more
    title: {en: More}
    fields:
      - id: bites
        type: yes_no
        show_if: {kind: {equals: big}}
        label: {en: Does it bite}
        purpose: {en: For the postman}
      - id: owner_born
        type: date
        label: {en: Owner born}
        purpose: {en: Children have no dogs}
        checks:
          - years_before: {field: born, at_least: 18}
            error: {en: Be older}
"""

Compile = Callable[[str, str], Form]


@pytest.fixture()
def compiled(tmp_path: Path) -> Compile:
    """A form whose definition has one piece of text replaced."""

    def compile_changed(old: str, new: str) -> Form:
        assert old in DEFINITION
        (tmp_path / "dog_licence.yaml").write_text(DEFINITION.replace(old, new, 1))
        return load_form("dog-licence", folder=tmp_path, options={"colours": [Option("red", {"en": "Red"})]})

    return compile_changed


def test_a_sound_definition_compiles(compiled: Compile) -> None:
    form = compiled("version: 3", "version: 4")
    assert form.version == 4
    assert form.languages == ("en", "fj")
    assert form.fields["born"].hint == {"en": "For example 1 2 2020"}


@pytest.mark.parametrize(
    ("old", "new", "key", "expected"),
    [
        ("service: dog-licence", "service: cat-licence", "service", "named after"),
        ("version: 3", "version: '3'", "version", "whole number"),
        ("version: 3", "version: 3\nversion: 4", "version", "each key once"),
        ("version: 3", "version: 3\ncolour: red", "colour", "one of the keys"),
        ("version: 3", "version: 3\nyes: 1", "", "keys that are text"),
        ("version: 3", "version: [3", "", "YAML"),
        ("drafts: [fj]", "drafts: [fij]", "drafts", "en, fj, hif|fj, hif"),
        ("title: {en: Dog licence}", "title: {fj: Koli}", "title.en", "text"),
        ("title: {en: The dog}", "title: {en: The dog, de: Hund}", "pages.dog.title.de", "languages"),
        ("- id: more", "- id: dog", "pages[2].id", "an id of its own"),
        ("- id: bites", "- id: born", "pages.more.fields.born.id", "an id of its own"),
        ("- id: kind", "- id: born", "pages.dog.fields[3].id", "an id of its own"),
        ("- id: kind", "- id: Kind", "pages.dog.fields[3].id", "small letters"),
        ("- id: kind", "- id: received_date", "pages.dog.fields.received_date.id", "another id"),
        ("type: name", "type: nmae", "pages.dog.fields.dog_name.type", "text, name"),
        ("type: name", "type: name\n        min: 3", "pages.dog.fields.dog_name.min", "one of the keys"),
        ("required: true", "required: 'yes'", "pages.dog.fields.dog_name.required", "true or false"),
        ("{required: {en: Enter its name}}", "{}", "pages.dog.fields.dog_name.errors.required", "left empty"),
        (
            "{required: {en: Ent",
            "{requried: {en: Ent",
            "pages.dog.fields.dog_name.errors.requried",
            "required",
        ),
        ("label: {en: Born}", "colour: red", "pages.dog.fields.born.colour", "one of the keys"),
        ("label: {en: Born}", "width: 5", "pages.dog.fields.born.label", "a table"),
        ("label: {en: Born}", "label: {en: no}", "pages.dog.fields.born.label.en", "text"),
        ("purpose: {en: For its age}", "width: 5", "pages.dog.fields.born.purpose", "a table"),
        ("example: 1 2 2020", "example: 31 2 2020", "pages.dog.fields.born.example", "the field takes"),
        ("For example {example}", "For example 1 2 20", "pages.dog.fields.born.hint.en", "{example}"),
        ("For example {example}", "Like {exmaple}", "pages.dog.fields.born.hint.en", "{example}"),
        ("value: small", "value: big", "pages.dog.fields.kind.options", "each value once"),
        ("value: small", "value: no", "pages.dog.fields.kind.options[2].value", "quotes"),
        (
            "label: {en: Kind}",
            "label: {en: K}\n        options_from: x",
            "pages.dog.fields.kind.options",
            "either",
        ),
        (
            "{kind: {equals: big}}",
            "{knid: {equals: big}}",
            "pages.more.fields.bites.show_if.knid",
            "earlier page",
        ),
        ("{kind: {equals: big}}", "{owner_born: {is_set: true}}", "show_if.owner_born", "earlier page"),
        ("{kind: {equals: big}}", "{kind: {equals: huge}}", "show_if.kind.equals", "the field can have"),
        ("{kind: {equals: big}}", "{kind: {is: big}}", "show_if.kind.is", "equals, in, contains"),
        ("{kind: {equals: big}}", "{kind: {contains: big}}", "show_if.kind.contains", "type choices"),
        (
            "{kind: {equals: big}}",
            "{kind: {older_than: {months: 2}}}",
            "show_if.kind.older_than",
            "type date",
        ),
        ("{kind: {equals: big}}", "{born: {older_than: {weeks: 2}}}", "show_if.born.older_than", "months: n"),
        ("{kind: {equals: big}}", "{}", "pages.more.fields.bites.show_if", "at least one field"),
        ("{field: born,", "{field: bron,", "checks[1].years_before.field", "asked earlier"),
        ("{field: born,", "{field: kind,", "checks[1].years_before.field", "type date"),
        ("years_before:", "months_before:", "checks[1].months_before", "years_before"),
        ("error: {en: Be older}", "", "checks[1].error", "a table"),
        ("type: yes_no", "type: yes_no\n        width: 7", "bites.width", "2, 3, 4, 5"),
        ("type: yes_no", "type: yes_no\n        if_hidden: drop", "bites.if_hidden", "refuse, keep"),
        ("type: yes_no", "type: reference\n        pattern: NOB-dddd", "bites.pattern", "digits as 9"),
        ("type: yes_no", "type: reference\n        pattern: NOB-9999", "bites.example", "a text"),
        ("type: yes_no", "type: integer\n        min: 9\n        max: 2", "bites.min", "at most max"),
        ("type: yes_no", "type: choice\n        options_from: smells", "bites.options_from", "colours"),
        (
            "required: true",
            "required: true\n        required_if: {}",
            "dog_name.required_if",
            "either required",
        ),
        ("type: yes_no", "type: yes_no\n        autocomplete: phone", "bites.autocomplete", "off, name"),
        ("type: date", "type: date\n        if_hidden: keep", "born.if_hidden", "show_if"),
        ("{kind: {equals: big}}", "{kind: {}}", "show_if.kind", "an operator"),
        ("{kind: {equals: big}}", "{kind: {in: big}}", "show_if.kind.in", "a list"),
        ("{kind: {equals: big}}", "{kind: {is_set: 1}}", "show_if.kind.is_set", "true or false"),
        (
            "years_before: {field: born, at_least: 18}",
            "not_after: bron",
            "checks[1].not_after",
            "asked earlier",
        ),
        ("years_before: {field: born, at_least: 18}", "not_after: kind", "checks[1].not_after", "type date"),
        (
            "years_before: {field: born, at_least: 18}",
            "refuse_if: {bron: {is_set: true}}",
            "refuse_if.bron",
            "earlier",
        ),
        (
            "checks:",
            "fill_from: [{field: kind, if: {kind: {equals: big}}}]\n        checks:",
            "fill_from[1].field",
            "type date",
        ),
        ("checks:", "fill_from: [{field: born}]\n        checks:", "fill_from[1].if", "a condition"),
        ("checks:", "fill_from: [{field: bron}]\n        checks:", "fill_from[1].field", "asked earlier"),
        (
            "type: date\n        label: {en: Owner",
            "type: text\n        label: {en: Owner",
            "checks[1].years_before",
            "type date",
        ),
    ],
)
def test_a_mistake_is_told_with_its_key_and_what_was_expected(
    compiled: Compile, old: str, new: str, key: str, expected: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        compiled(old, new)
    assert caught.value.file.endswith("dog_licence.yaml")
    assert caught.value.key.endswith(key)
    assert key or caught.value.key == ""
    assert re.search(expected, caught.value.expected) or expected in caught.value.expected, str(caught.value)


def test_a_missing_or_unreadable_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"dog_licence\.yaml: expected a file"):
        load_form("dog-licence", folder=tmp_path)
    (tmp_path / "dog_licence.yaml").write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigError, match="UTF-8"):
        load_form("dog-licence", folder=tmp_path)


def test_an_alias_is_refused_so_that_what_is_read_is_what_is_meant(compiled: Compile) -> None:
    with pytest.raises(ConfigError, match="alias"):
        compiled("title: {en: Dog licence}", "title: &t {en: Dog licence}\nintro: *t")


def test_options_from_elsewhere_are_taken_over(compiled: Compile) -> None:
    form = compiled("type: yes_no", "type: choice\n        options_from: colours")
    assert form.fields["bites"].options == (Option("red", {"en": "Red"}),)
    assert form.fields["bites"].widget is Widget.RADIOS


def test_required_if_demands_an_answer_under_its_condition(compiled: Compile) -> None:
    required = (
        "type: yes_no\n        required_if: {dog_name: {is_set: true}}\n        errors: {required: {en: Say}}"
    )
    form = compiled("type: yes_no", required)
    answers = {"dog_name": "Rex", "kind": "big"}
    errors = form.validate(answers, received_at=RECEIVED).errors
    assert [(error.field, error.message["en"]) for error in errors] == [("bites", "Say")]
    assert form.is_required(form.fields["bites"], answers, RECEIVED)


def test_a_date_may_not_lie_after_another(compiled: Compile) -> None:
    form = compiled("years_before: {field: born, at_least: 18}", "not_after: born")
    same = form.validate(
        {"dog_name": "Rex", "born": "2020-01-02", "owner_born": "2020-01-02"}, received_at=RECEIVED
    )
    later = form.validate(
        {"dog_name": "Rex", "born": "2020-01-02", "owner_born": "2020-01-03"}, received_at=RECEIVED
    )
    assert same.ok
    assert [error.field for error in later.errors] == ["owner_born"]


def test_a_list_a_set_answer_and_a_choice_among_several_are_conditions(compiled: Compile) -> None:
    form = compiled("{kind: {equals: big}}", "{kind: {in: [big, small]}, born: {is_set: false}}")
    more = form.page("more")
    shown = [field.id for field in form.visible_fields(more, {"kind": "small"}, RECEIVED)]
    hidden = [
        field.id for field in form.visible_fields(more, {"kind": "small", "born": "2020-01-01"}, RECEIVED)
    ]
    assert (shown, hidden) == (["bites", "owner_born"], ["owner_born"])


def test_contains_looks_into_choices(compiled: Compile) -> None:
    text = DEFINITION.replace("type: choice\n", "type: choices\n").replace("equals: big", "contains: big")
    form = compiled(DEFINITION, text)
    more = form.page("more")
    assert len(form.visible_fields(more, {"kind": ["small", "big"]}, RECEIVED)) == 2
    assert len(form.visible_fields(more, {"kind": ["small"]}, RECEIVED)) == 1


def test_every_form_in_the_folder_compiles_under_the_name_of_its_service() -> None:
    forms = load_forms()
    assert {path.stem.replace("_", "-") for path in FORMS_FOLDER.glob("*.yaml")} == set(forms)
    assert forms["birth-registration"].service == "birth-registration"


def test_a_form_knows_the_digest_of_its_definition(form: Form) -> None:
    content = (FORMS_FOLDER / "birth_registration.yaml").read_bytes()
    assert form.digest == sha256(content).hexdigest()


def test_every_type_has_messages() -> None:
    assert set(MESSAGES) == set(FieldType)


def test_no_message_has_a_placeholder_left(form: Form) -> None:
    for field in form.fields.values():
        for words in (
            field.label,
            field.hint or {},
            *field.messages.values(),
            *(r.message for r in field.rules),
        ):
            assert not any("{" in text for text in words.values()), field.id


def test_a_long_list_is_a_menu_and_a_short_one_radios(form: Form) -> None:
    assert form.fields["birth_province"].widget is Widget.SELECT
    assert form.fields["child_sex"].widget is Widget.RADIOS
    assert form.fields["documents"].widget is Widget.CHECKBOXES


def test_the_forms_of_decisions_have_one_page_and_stand_beside_the_form_of_their_service(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "dog_licence"
    folder.mkdir()
    two_pages, start = folder / "bite_mark.yaml", DEFINITION.index("  - id: more")
    two_pages.write_text(DEFINITION[:start])
    with pytest.raises(ConfigError, match="the form of a service beside the folder dog_licence"):
        load_task_forms(folder=tmp_path, options={})
    (tmp_path / "dog_licence.yaml").write_text(DEFINITION)
    assert list(load_task_forms(folder=tmp_path, options={})) == [("dog-licence", "bite-mark")]
    two_pages.write_text(DEFINITION)
    with pytest.raises(ConfigError, match="pages: expected one page, found 2 pages"):
        load_task_forms(folder=tmp_path, options={})
    two_pages.rename(folder / "Bite.yaml")
    with pytest.raises(ConfigError, match="small letters"):
        load_task_forms(folder=tmp_path, options={})
