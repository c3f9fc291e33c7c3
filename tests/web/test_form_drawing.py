"""How fields are drawn: repeating groups, helps, and English marked as English wherever words are missing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, render_template_string

from config.languages import LANGUAGES, translations
from forms.compiler import load_form, load_forms, load_task_forms
from forms.form import Form
from forms.model import Checked, Field, Page
from tests.forms.applications import GOOD, RECEIVED
from tests.forms.household import answers, household, member
from web.fields import draw_fields, summary_of
from web.languages import DOMAIN

OTHERS = [key for key in LANGUAGES if key != "en"]
VOID = {"input", "br", "img", "hr", "meta", "link"}


class Words(HTMLParser):
    """The texts of a page, each with the language it is marked with."""

    def __init__(self, html: str, language: str) -> None:
        super().__init__()
        self.languages = [language]
        self.texts: list[tuple[str, str]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in VOID:
            self.languages.append(dict(attrs).get("lang") or self.languages[-1])

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            self.languages.pop()

    def handle_data(self, data: str) -> None:
        if text := " ".join(data.split()):
            self.texts.append((text, self.languages[-1]))


def drawn(app: Flask, form: Form, page: Page, language: str = "en", checked: Checked | None = None) -> str:
    """Return the HTML of a page's fields, all of them, with an error for each where it was checked."""
    typed = checked.typed if checked else form.typed(page, {}, RECEIVED)
    errors = checked.errors if checked else []
    required = [field.id for field in page.fields if field.required]
    with app.test_request_context(headers={"Cookie": f"s2f-language={language}"}):
        fields = draw_fields(page.fields, typed, errors, required=required)
        summary = render_template_string(
            "{{ govuk.error_summary({'errorList': errors}) }}", errors=summary_of(errors)
        )
        return str(fields) + (summary if errors else "")


@pytest.fixture
def form(tmp_path: Path) -> Form:
    return household(tmp_path)


# -- groups ----------------------------------------------------------------------------------------


def check(form: Form, typed: dict[str, Any]) -> Checked:
    return form.validate_page("members", typed, {}, received_at=RECEIVED)


def test_the_items_of_a_group_stand_one_after_another_with_their_buttons(app: Flask, form: Form) -> None:
    given = form.validate(answers(member(), member(member_name="Bola")), received_at=RECEIVED).answers
    page = form.page("members")
    with app.test_request_context():
        html = draw_fields(page.fields, form.typed(page, given, RECEIVED), required=())
    assert [part for part in ("Person 1", "Person 2", "Person 3") if f">{part}<" in html] == [
        "Person 1",
        "Person 2",
    ]
    assert 'id="members-2-member_name" name="members-2-member_name"' in html
    assert 'value="Bola"' in html
    assert html.count('<input type="hidden" name="members"') == 2
    assert html.count('value="members-remove-') == 2
    assert 'value="members-add"' in html
    assert 'formaction="#members-3"' in html


def test_the_button_that_enter_presses_is_not_one_that_removes(app: Flask, form: Form) -> None:
    html = drawn(app, form, form.page("members"))
    assert html.index("<button") == html.index('<button class="govuk-visually-hidden"')
    assert "rearrange" not in html[html.index("<button") : html.index("</button>")]


def test_an_item_that_must_be_there_can_t_be_removed(app: Flask, form: Form) -> None:
    assert "members-remove" not in drawn(app, form, form.page("members"))


def test_nothing_can_be_added_to_a_full_group(app: Flask, form: Form) -> None:
    page = form.page("members")
    typed = form.typed(page, answers(*[member()] * 60), RECEIVED)
    with app.test_request_context():
        html = draw_fields(page.fields, typed, required=())
    assert "members-add" not in html
    assert "These are all that can be given here: 60" in html


def test_an_error_stands_at_its_item_and_is_led_to_from_the_top(app: Flask, form: Form) -> None:
    typed = {"members": ["1", "2"], "members-1-member_name": "Ana", "members-1-relation": "child"}
    typed |= {"members-2-member_name": "Bola 9", "members-2-relation": "other"}
    html = drawn(app, form, form.page("members"), checked=check(form, typed))
    assert html.count("govuk-error-message") == 2
    assert 'id="members-2-member_name-error"' in html
    assert 'aria-describedby="members-2-member_name-error"' in html
    assert '<a href="#members-2-relation_other">Person 2: Say which relation</a>' in " ".join(html.split())
    assert 'value="Bola 9"' in html


def test_ids_are_there_once_and_labels_lead_somewhere(app: Flask, form: Form) -> None:
    page = form.page("members")
    with app.test_request_context():
        html = draw_fields(page.fields, form.typed(page, answers(member(), member()), RECEIVED), required=())
    ids = _values(html, "id")
    assert len(ids) == len(set(ids))
    assert set(_values(html, "for")) <= set(ids)
    assert {word for value in _values(html, "aria-describedby") for word in value.split()} <= set(ids)


def _values(html: str, name: str) -> list[str]:
    found: list[str] = []

    class Attributes(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            found.extend(value for key, value in attrs if key == name and value)

    Attributes().feed(html)
    return found


def test_a_help_can_be_opened_without_a_script(app: Flask, form: Form) -> None:
    html = " ".join(drawn(app, form, form.page("members")).split())
    assert "<details" in html
    assert '<p class="govuk-body">Those who eat together.</p><p class="govuk-body">Guests do not.</p>' in html
    marks = dict(Words(drawn(app, form, form.page("members"), "fj"), "fj").texts)
    assert marks["Guests do not."] == "en"


def test_one_of_two_fields_is_not_called_optional(app: Flask, form: Form) -> None:
    assert "optional" not in drawn(app, form, form.page("contact"))
    assert "optional" in drawn(app, form, form.page("head"))


def test_what_somebody_typed_is_never_taken_for_html(app: Flask, form: Form) -> None:
    typed = {"members": ["1"], "members-1-member_name": '"><script>', "members-1-remark": "</textarea>"}
    html = drawn(app, form, form.page("members"), checked=check(form, typed))
    assert "<script>" not in html
    assert html.count("</textarea>") == 1


def test_an_answer_in_a_summary_shows_every_item(app: Flask, form: Form) -> None:
    given = form.validate(answers(member(), member(remark="<b>")), received_at=RECEIVED).answers
    template = "{% for _, rows in pages %}{% for row in rows %}{{ answer(row) }}{% endfor %}{% endfor %}"
    with app.test_request_context(headers={"Cookie": "s2f-language=fj"}):
        html = render_template_string(template, pages=form.summary(given, "fj", received_at=RECEIVED))
    words = Words(html, "fj").texts
    assert ("Tamata 1", "fj") in words
    assert (": Gone", "fj") in words
    assert ("Full name", "en") in words
    assert "&lt;b&gt;" in html


# -- languages -------------------------------------------------------------------------------------

FORMS = [*load_forms().values(), *load_task_forms().values()]


def expected_mark(form: Form, language: str) -> Callable[[str], str | None]:
    """Return a function that says how a text is to be marked; None for one that the form doesn't have."""
    texts = list(_all_words(form))
    said = {words[language]: LANGUAGES[language].tag for words in texts if language in words}
    english = {words["en"]: "en" for words in texts if language not in words}
    ours = {word: "en" for word, words in translations(language, DOMAIN)._catalog.items() if word != words}
    marks = {**ours, **english, **said}
    return lambda text: marks.get(text) or marks.get(text.rstrip(":"))


def _all_words(form: Form) -> Iterator[Any]:
    for page in form.pages:
        for field in page.fields:
            yield from _words_of(field)


def _words_of(field: Field) -> Iterator[Any]:
    yield field.label
    yield from (words for words in (field.hint, field.unit) if words)
    yield from field.messages.values()
    yield from (option.label for option in field.options)
    yield from (rule.message for rule in field.rules)
    yield from field.help or ()
    if field.one_of is not None:
        yield field.one_of.missing
    if field.group is not None:
        yield field.group.item
        for inner in field.group.fields:
            yield from _words_of(inner)


@pytest.mark.parametrize("language", OTHERS)
@pytest.mark.parametrize("form", FORMS, ids=lambda form: f"{form.service}-{form.pages[0].id}")
def test_english_is_marked_on_every_page_of_every_form(app: Flask, form: Form, language: str) -> None:
    expected = expected_mark(form, language)
    for page in form.pages:
        nothing = form.validate_page(page.id, {}, {}, received_at=RECEIVED)
        for checked in (None, nothing):
            html = drawn(app, form, page, language, checked)
            for text, marked in Words(html, LANGUAGES[language].tag).texts:
                assert marked == (expected(text) or marked), (page.id, text)


@pytest.mark.parametrize("form", load_forms().values(), ids=lambda form: form.service)
def test_titles_have_words_in_every_language(form: Form) -> None:
    """A title in a browser's tab can't be marked word by word."""
    for texts in (form.title, *(page.title for page in form.pages)):
        assert set(texts) == set(form.languages), texts["en"]


def test_a_form_with_few_translations_is_marked_word_by_word(app: Flask, form: Form) -> None:
    checked = form.validate_page("members", {"members": ["1"]}, {}, received_at=RECEIVED)
    marks = dict(Words(drawn(app, form, form.page("members"), "fj", checked), "fj").texts)
    english = ["People", "Full name", "Another", "Enter the name", "Who belongs to a household?"]
    assert {text: marks[text] for text in english} == dict.fromkeys(english, "en")
    assert marks["Gone"] == "fj"
    assert '<option lang="en"' not in drawn(app, form, form.page("members"), "fj")


def test_an_english_option_of_a_menu_is_marked(app: Flask) -> None:
    form = load_form("birth-registration")
    html = drawn(app, form, form.page("mother"), "fj")
    assert '<option value="CA" lang="en">' in html
    assert '<option value="FJ">' in html


@pytest.mark.parametrize("language", OTHERS)
def test_english_is_marked_in_a_summary(app: Flask, language: str) -> None:
    form = load_form("birth-registration")
    given = {
        **GOOD,
        "birth_type": "triplet",
        "mother_nationality": "CA",
        "itaukei": False,
        "vkb_number": None,
    }
    row = "<p>{{ words(row.field.short) }}</p><p>{{ answer(row) }}</p>"
    template = f"{{% for _, rows in pages %}}{{% for row in rows %}}{row}{{% endfor %}}{{% endfor %}}"
    with app.test_request_context(headers={"Cookie": f"s2f-language={language}"}):
        html = render_template_string(template, pages=form.summary(given, language, received_at=RECEIVED))
    found = dict(Words(html, LANGUAGES[language].tag).texts)
    expected = expected_mark(form, language)
    assert {text: mark for text, mark in found.items() if expected(text) not in (None, mark)} == {}
    assert found["Asenaca Cakau"] == LANGUAGES[language].tag  # what people typed is as the page
    assert ("Canada" in found and found["Canada"] == "en") is (language == "fj")
