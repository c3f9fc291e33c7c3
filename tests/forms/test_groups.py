"""Groups that repeat: lists of items, checked item by item, and filled in on a page without a script."""

import json
from pathlib import Path
from time import perf_counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.errors import ConfigError
from forms.form import Form
from forms.model import Checked, Typed
from tests.forms.applications import RECEIVED
from tests.forms.household import answers, household, member
from tests.forms.test_form_values import JSON, TRICKY


@pytest.fixture(scope="module")
def form(tmp_path_factory: pytest.TempPathFactory) -> Form:
    return household(tmp_path_factory.mktemp("forms"))


def check(form: Form, raw: dict[str, Any]) -> Checked:
    return form.validate(raw, received_at=RECEIVED)


def wrong(checked: Checked) -> list[tuple[str | None, str]]:
    return [(error.field, error.problem) for error in checked.errors]


# -- checking --------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [1, 2, 60])
def test_items_are_taken_up_to_the_most_there_can_be(form: Form, count: int) -> None:
    checked = check(form, answers(*[member(member_name=f"Ana {'X' * n}") for n in range(count)]))
    assert checked.ok
    people = checked.answers["members"]
    assert isinstance(people, list)
    assert len(people) == count
    assert list(people[0]) == [field.id for field in form.fields["members"].group.fields]  # type: ignore[union-attr]
    assert check(form, dict(checked.answers)) == checked


@pytest.mark.parametrize(
    ("people", "problem"),
    [
        ([], "required"),
        (None, "required"),
        ([member()] * 61, "too_many"),
        ([member()] * 100_000, "too_many"),
        ("Ana", "invalid"),
        (["Ana"], "invalid"),
        ({"member_name": "Ana"}, "invalid"),
        ([[member()]], "invalid"),
    ],
)
def test_a_group_that_is_no_list_of_enough_items_is_one_error(
    form: Form, people: object, problem: str
) -> None:
    assert wrong(check(form, {**answers(), "members": people})) == [("members", problem)]


def test_a_group_that_needs_none_may_be_empty(tmp_path: Path) -> None:
    form = household(tmp_path, "at_least: 1", "at_least: 0")
    assert check(form, {"phone": "8699201"}).answers["members"] == []


def test_too_few_items_are_told(tmp_path: Path) -> None:
    form = household(tmp_path, "at_least: 1", "at_least: 2")
    checked = check(form, answers(member()))
    assert wrong(checked) == [("members", "too_few")]
    assert "at least 2" in checked.errors[0].message["en"]


def test_an_error_names_the_item_and_the_field_and_leads_to_its_input(form: Form) -> None:
    people = [
        member(),
        member(member_name="", member_born="2027-01-01"),
        member(shoe=9),
        member(cards=["gold"]),
    ]
    checked = check(form, answers(*people))
    assert [(error.field, error.anchor) for error in checked.errors] == [
        ("members[2].member_name", "members-2-member_name"),
        ("members[2].member_born", "members-2-member_born-day"),
        ("members[3].shoe", ""),
        ("members[4].cards", "members-4-cards"),
    ]
    assert "members" not in checked.answers


def test_a_condition_within_an_item_looks_at_that_item(form: Form) -> None:
    people = [member(relation="other", relation_other="Aunt"), member(relation="other")]
    assert wrong(check(form, answers(*people))) == [("members[2].relation_other", "required")]


def test_a_field_of_items_may_depend_on_an_earlier_page(form: Form) -> None:
    people = answers(member(school="Vunidawa Primary"))
    assert wrong(check(form, people)) == [("members[1].school", "not_asked")]
    assert check(form, {**people, "schooling": True}).ok


def test_sixty_people_are_checked_in_a_few_milliseconds(form: Form) -> None:
    raw = answers(*[member(remark="fine", income=40, cards=["tin"])] * 60)
    started = perf_counter()
    for _ in range(10):
        assert check(form, raw).ok
    assert (perf_counter() - started) / 10 < 0.05


# -- on a page -------------------------------------------------------------------------------------


def typed_people(*names: str) -> Typed:
    typed: Typed = {"members": [str(number) for number in range(1, len(names) + 1)]}
    for number, name in enumerate(names, start=1):
        typed |= {f"members-{number}-member_name": name, f"members-{number}-relation": "child"}
    return typed


def names(typed: Typed) -> list[object]:
    return [typed.get(f"members-{number}-member_name") for number in typed["members"]]


def press(form: Form, typed: Typed, button: str) -> Typed | None:
    return form.rearrange("members", {**typed, "rearrange": button}, {}, received_at=RECEIVED)


def page(form: Form, typed: Typed) -> Checked:
    return form.validate_page("members", typed, {}, received_at=RECEIVED)


def test_a_page_opens_with_as_many_items_as_there_must_be(form: Form) -> None:
    typed = form.typed(form.page("members"), {}, RECEIVED)
    assert typed["members"] == ["1"]


def test_a_page_gives_back_what_it_shows(form: Form) -> None:
    whole = member(member_born="1990-02-01", remark="a\nb", income=1200, works=False, cards=["tin", "voter"])
    given = check(form, answers(member(), whole)).answers
    typed = form.typed(form.page("members"), given, RECEIVED)
    assert typed["members-2-member_born-month"] == "2"
    asked = {name: value for name, value in given["members"][1].items() if name != "school"}  # type: ignore
    assert page(form, typed).answers["members"][1] == asked  # type: ignore[index]


def test_add_another_keeps_all_that_is_typed_and_checks_nothing(form: Form) -> None:
    typed = {**typed_people("Ana", "?!"), "rooms": "many", "members-1-member_born-day": "31"}
    shown = press(form, typed, "members-add")
    assert shown is not None
    assert shown["members"] == ["1", "2", "3"]
    assert {name: shown[name] for name in typed if name != "members"} == {
        name: value for name, value in typed.items() if name != "members"
    }


def test_an_item_is_removed_and_the_others_move_up_unchanged(form: Form) -> None:
    shown = press(form, typed_people("Ana", "Bola", "Cila"), "members-remove-2")
    assert shown is not None
    assert names(shown) == ["Ana", "Cila"]


def test_the_last_of_those_that_must_be_is_emptied_and_stays(form: Form) -> None:
    shown = press(form, typed_people("Ana"), "members-remove-1")
    assert shown is not None
    assert (shown["members"], names(shown)) == (["1"], [None])


def test_no_more_can_be_added_than_there_may_be(form: Form) -> None:
    shown = press(form, typed_people(*["Ana"] * 60), "members-add")
    assert shown is not None
    assert len(shown["members"]) == 60


@pytest.mark.parametrize("button", ["", "members-remove-9", "members-remove-x", "rooms-add"])
def test_a_button_that_means_nothing_loses_nothing(form: Form, button: str) -> None:
    shown = press(form, typed_people("Ana", "Bola"), button)
    assert shown is None if not button else names(shown or {"members": []}) == ["Ana", "Bola"]


def test_empty_items_are_passed_over_when_going_on(form: Form) -> None:
    typed = {**typed_people("Ana", "", "Cila"), "members-2-relation": ""}
    checked = page(form, typed)
    assert checked.ok
    assert names(checked.typed) == ["Ana", "Cila"]
    emptied: Typed = {"members": ["1", "2"]}
    assert wrong(page(form, emptied)) == [
        ("members[1].member_name", "required"),
        ("members[1].relation", "required"),
    ]


def test_errors_of_a_page_stand_at_the_item_as_it_is_shown_again(form: Form) -> None:
    typed: Typed = {"members": ["2", "7"], "members-2-member_name": "Ana", "members-2-relation": "child"}
    typed |= {"members-7-member_name": "Bola 9", "members-7-relation": "child"}
    checked = page(form, typed)
    assert [error.anchor for error in checked.errors] == ["members-2-member_name"]
    assert names(checked.typed) == ["Ana", "Bola 9"]


def test_a_flood_of_items_is_read_no_further_than_needed_to_refuse_it(form: Form) -> None:
    checked = page(form, {"members": [str(number) for number in range(9_999)]})
    assert len(checked.typed["members"]) <= 120


def test_items_hidden_in_part_by_a_change_stay_and_a_page_with_new_questions_is_open_again(
    form: Form,
) -> None:
    given = check(form, {**answers(member(school="A")), "schooling": True}).answers
    given["schooling"] = False
    kept = form.prune(given, RECEIVED)
    assert kept["members"][0]["member_name"] == "Ana"  # type: ignore[index]
    assert "school" not in kept["members"][0]  # type: ignore[index]
    assert form.missing_pages(kept, RECEIVED) == []
    kept["schooling"] = True
    assert [page.id for page in form.missing_pages(kept, RECEIVED)] == ["members"]


def test_a_group_made_wrong_by_a_change_opens_its_page(form: Form) -> None:
    given: dict[str, object] = dict(check(form, answers(member())).answers)
    given["members"] = [{**member(), "relation": "other"}]
    assert [page.id for page in form.missing_pages(given, RECEIVED)] == ["members"]


# -- in words --------------------------------------------------------------------------------------


def test_a_group_reads_as_its_items(form: Form) -> None:
    people = [member(income=1200), member(member_name="Bola", cards=["tin", "voter"])]
    given = check(form, answers(*people)).answers
    assert form.display("members", given["members"], "en") == (
        "Person 1: Full name: Ana, Relation: Child, Income: 1,200; "
        "Person 2: Full name: Bola, Relation: Child, Cards: TIN letter, Voter card"
    )
    [row] = [
        row
        for _, rows in form.summary(given, "fj", received_at=RECEIVED)
        for row in rows
        if row.field.id == "members"
    ]
    assert [[inner.text for inner in item][:3] for item in row.items] == [
        ["Ana", "", "Gone"],
        ["Bola", "", "Gone"],
    ]
    assert ("TIN letter", "en") in row.parts
    assert ("Gone", "fj") in row.parts


def test_the_schema_has_the_items_and_that_one_of_two_is_needed(form: Form) -> None:
    schema = form.json_schema()
    people = schema["properties"]["members"]
    assert (people["minItems"], people["maxItems"]) == (1, 60)
    assert people["items"]["required"] == ["member_name", "relation"]
    assert people["items"]["properties"]["income"]["type"] == ["integer", "null"]
    [either] = schema["allOf"]
    assert [way["required"] for way in either["anyOf"]] == [["phone"], ["email"]]


# -- older versions --------------------------------------------------------------------------------


def test_answers_of_an_older_version_are_carried_over_where_they_still_fit(form: Form) -> None:
    old = {
        "head_born": "spring 1960",
        "boat": True,
        "phone": "+6798699201",
        "members": [member(relation="cousin"), {**member(), "shoe": 9}],
    }
    kept, dropped = form.carry_over(old, 1)
    assert kept == {
        "phone": "+6798699201",
        "members": [{"member_name": "Ana"}, {"member_name": "Ana", "relation": "child"}],
    }
    assert dropped == ["head_born", "boat", "members[1].relation", "members[2].shoe"]
    assert form.carry_over(old, 2) == (old, [])


# -- mistakes in a definition ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "key", "expected"),
    [
        ("at_least: 1", "at_least: 61", "repeat.at_most", "from at_least to 100"),
        ("at_most: 60", "at_most: 101", "repeat.at_most", "from at_least to 100"),
        ("{at_least: 1, at_most: 60}", "{at_least: 1}", "repeat.at_most", "whole number"),
        ("{at_least: 1, at_most: 60}", "{least: 1, at_most: 60}", "repeat.least", "at_least, at_most"),
        ("repeat: {at_least: 1, at_most: 60}", "example: x", "members.example", "one of the keys"),
        ("item: {en: Person, fj: Tamata}", "", "members.item", "a table"),
        ("required: {en: Name at", "needed: {en: Name at", "errors.needed", "required"),
        ("id: member_name", "id: head_born", "members.fields.members.fields.head_born.id", "of its own"),
        ("{id: phone,", "{id: member_name,", "contact.fields.member_name.id", "of its own"),
        ("id: remark, type: textarea", "id: remark, type: group", "remark.type", "can't be within a group"),
        ("{relation: {equals: other}}", "{rooms: {is_set: true}}", "required_if.rooms", "earlier field"),
        ("{schooling: {equals: true}}", "{relation: {equals: child}}", "show_if.relation", "earlier page"),
        ('title: {en: "Who belongs', 'titel: {en: "Who belongs', "help.titel", "title, text"),
        ('text: {en: "Those', 'text: {fj: "Those', "help.text.en", "a text"),
    ],
)
def test_a_mistake_in_a_group_is_told_with_its_key(
    tmp_path: Path, old: str, new: str, key: str, expected: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        household(tmp_path, old, new)
    assert caught.value.key.endswith(key), str(caught.value)
    assert expected in caught.value.expected, str(caught.value)


def test_a_later_field_can_ask_whether_a_group_has_items_but_not_what_is_in_them(tmp_path: Path) -> None:
    show_if = "{id: email, type: email, show_if: {members: {is_set: true}},"
    assert household(tmp_path, "{id: email, type: email,", show_if)
    with pytest.raises(ConfigError, match="earlier page"):
        household(tmp_path, "{id: email, type: email,", show_if.replace("members", "member_name"))


# -- anything at all -------------------------------------------------------------------------------

FORM_FIELDS = ["member_name", "member_born", "relation", "relation_other", "school", "remark", "income"]
FORM_FIELDS += ["works", "cards", "member_phone", "member_email", "member_vkb"]
VALUES = JSON | TRICKY | st.sampled_from(["child", "other", "1990-01-01", ["tin"], "8699201", "a@b.fj"])
ITEMS = st.dictionaries(st.sampled_from(FORM_FIELDS) | st.text(max_size=3), VALUES, max_size=8)


@given(people=st.lists(ITEMS | JSON, max_size=4), schooling=st.booleans())
def test_anything_gives_errors_or_answers_that_check_to_themselves(
    form: Form, people: list[object], schooling: bool
) -> None:
    raw = {**answers(*people), "schooling": schooling}
    checked = check(form, raw)
    json.dumps(checked.answers)
    if checked.ok:
        assert check(form, dict(checked.answers)) == checked
    kept = form.prune(raw, RECEIVED)
    assert form.prune(kept, RECEIVED) == kept
    form.summary(raw, "fj", received_at=RECEIVED)
    form.missing_pages(raw, RECEIVED)
    carried, _ = form.carry_over(raw, 1)
    assert form.carry_over(carried, 1) == (carried, [])


@given(
    people=st.lists(st.builds(member, member_name=st.sampled_from(["Ana", "Bola"]), income=st.integers(0, 9)))
)
def test_a_page_filled_in_is_the_list_as_imported(form: Form, people: list[dict[str, object]]) -> None:
    wanted = check(form, answers(*people))
    if wanted.ok:
        typed = form.typed(form.page("members"), wanted.answers, RECEIVED)
        checked = form.validate_page("members", typed, {}, received_at=RECEIVED)
        whole = form.validate({**checked.answers, "phone": "8699201"}, received_at=RECEIVED)
        assert whole.answers == wanted.answers
