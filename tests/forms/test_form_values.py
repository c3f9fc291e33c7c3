"""One value of each type: what is taken, how it is made even, what is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forms.values import (
    Checker,
    DateParts,
    choice_checker,
    choices_checker,
    date_checker,
    email_checker,
    integer_checker,
    name_checker,
    phone_checker,
    reference_checker,
    text_checker,
    textarea_checker,
    yes_no_checker,
)
from forms.words import default_messages

CHECKERS: dict[str, Checker] = {
    "text": text_checker(20),
    "name": name_checker(120),
    "textarea": textarea_checker(100),
    "date": date_checker(),
    "integer": integer_checker(-5, 9000),
    "yes_no": yes_no_checker(),
    "choice": choice_checker(["hospital", "home"]),
    "choices": choices_checker(["photo_id", "vkb"]),
    "phone": phone_checker(),
    "email": email_checker(),
    "reference": reference_checker("NOB-9999-999999"),
}

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=8,
)
# Signs that make trouble: joiners, marks out of order, direction marks, digits of other scripts, line ends,
# fillers, tags, emoji.
PASTED = "\u3164\u034f\U000e0041\x0b\x0c\u200b😀\ufe0f"
TRICKY = st.text(
    PASTED + "aé्\u0301\u0323\u200d\u200c\u200e\u2028\r\n\t 7७+-.@'’NOBVK679ﬁİß", max_size=30
) | st.text("ae\u0301\u0302\u0323\u0327", max_size=30)


@pytest.mark.parametrize("kind", CHECKERS)
@given(raw=JSON | TRICKY | st.builds(DateParts, TRICKY, TRICKY, TRICKY))
def test_a_checker_never_raises_and_its_answer_checks_to_itself(kind: str, raw: object) -> None:
    check = CHECKERS[kind]
    answer, problem = check(raw)
    if problem is not None:
        assert answer is None
        assert problem in default_messages(kind)
    else:
        assert check(answer) == (answer, None)


@pytest.mark.parametrize("kind", CHECKERS)
@pytest.mark.parametrize("raw", [None, "", "   "])
def test_nothing_is_no_answer_and_no_mistake(kind: str, raw: object) -> None:
    if kind == "choices" and raw == "   ":
        return
    assert CHECKERS[kind](raw) == ([] if kind == "choices" else None, None)


@pytest.mark.parametrize(
    "name",
    [
        "Alesi",
        "Itu'ti'u",
        "‘Ana Tu’i",
        "Anne-Marie O`Brien",
        "ʻOfa",
        "D. K. Naidu Jr.",
        "अनीता महाराज",
        "श्‍रीनिवास",
        "Nguyễn Thị",
        "王小明",
    ],
)
def test_a_name_of_any_script_is_taken_as_it_is(name: str) -> None:
    assert CHECKERS["name"](name) == (name, None)


def test_a_name_is_trimmed_composed_and_freed_of_invisible_marks() -> None:
    assert CHECKERS["name"]("  Jose\u0301 \u00a0 \u202eCruz\u200b ") == ("José Cruz", None)


def test_a_joiner_that_shapes_nothing_is_dropped_from_a_name() -> None:
    assert CHECKERS["name"]("Me\u200dre") == ("Mere", None)


@pytest.mark.parametrize(
    ("pasted", "kept"),
    [
        ("\u202bMere\u202c Tukana\u200f", "Mere Tukana"),
        ("Mere\u200b\ufeff\u00adTukana", "MereTukana"),
        ("\ufff9Mere\u2060 \U000e0041\u034fTukana", "Mere Tukana"),
        ("Mere\u00a0\u2003\tTukana\x0b\r\n", "Mere Tukana"),
        ("Me" + "\u0301\u0323\u0311" * 30 + "re", "M\u1eb9\u0323\u0323\u0323\u0323re"),
    ],
)
def test_what_shows_nothing_is_cleaned_away_silently(pasted: str, kept: str) -> None:
    for checker in (name_checker, text_checker, textarea_checker):
        assert checker(120)(pasted) == (kept, None)


@pytest.mark.parametrize("kind", ["name", "text", "textarea"])
@pytest.mark.parametrize(
    "nothing", ["\u200b", "\u3164", "\u200d\u200c", "\u202e \ufeff", "\ufe0f", "\u0301", "\u2800"]
)
def test_what_shows_nothing_is_no_answer(kind: str, nothing: str) -> None:
    assert CHECKERS[kind](nothing) == (None, None)


def test_lines_of_a_word_processor_are_lines() -> None:
    assert CHECKERS["textarea"]("one\x0btwo\x0cthree\u2028four") == ("one\ntwo\nthree\nfour", None)


@pytest.mark.parametrize("name", ["Mere 2", "Mere 😀", "<b>Mere</b>", "...", "-", "❤️", "Mere_Qalo"])
def test_a_name_has_letters_only(name: str) -> None:
    assert CHECKERS["name"](name) == (None, "signs")


def test_a_name_of_five_thousand_letters_is_too_long() -> None:
    assert CHECKERS["name"]("A" * 5000) == (None, "too_long")


def test_a_name_may_have_120_letters_and_no_more() -> None:
    assert CHECKERS["name"]("A" * 120)[1] is None
    assert CHECKERS["name"]("A" * 121)[1] == "too_long"


@pytest.mark.parametrize("sign", ["\x00", "\x1b", "\x7f", "\x85", "\ud800", "\uffff"])
@pytest.mark.parametrize("kind", ["text", "textarea", "name"])
def test_control_characters_are_refused(kind: str, sign: str) -> None:
    assert CHECKERS[kind](f"Mere{sign}Tukana") == (None, "control")


def test_free_text_may_have_emoji_and_keeps_its_lines() -> None:
    assert CHECKERS["textarea"](" No  boat 👩🏽‍🍼\r\n\r\n\r\n\r\nfor weeks \n") == (
        "No boat 👩🏽‍🍼\n\nfor weeks",
        None,
    )


def test_one_line_of_text_has_no_line_ends() -> None:
    assert CHECKERS["text"]("Tavua\n town") == ("Tavua town", None)


def test_a_long_run_of_combining_marks_is_refused_before_it_costs_time() -> None:
    assert CHECKERS["name"]("a" + "\u0301\u0323" * 100_000) == (None, "too_long")


@pytest.mark.parametrize(
    ("raw", "answer"),
    [
        (3120, 3120),
        ("3120", 3120),
        (" 3,120 ", 3120),
        ("3 120", 3120),
        ("३१२०", 3120),
        (3120.0, 3120),
        ("-5", -5),
    ],
)
def test_a_whole_number_is_read_as_people_write_it(raw: object, answer: int) -> None:
    assert CHECKERS["integer"](raw) == (answer, None)


@pytest.mark.parametrize(
    ("raw", "problem"),
    [
        ("3.12", "invalid"),
        ("3,12", "invalid"),
        ("three", "invalid"),
        (True, "invalid"),
        ([1], "invalid"),
        (float("nan"), "invalid"),
        (float("inf"), "invalid"),
        ("²", "invalid"),
        ("9" * 5000, "invalid"),
        (-6, "too_small"),
        (9001, "too_big"),
        (10**400, "too_big"),
    ],
)
def test_what_is_no_number_within_the_bounds_is_refused(raw: object, problem: str) -> None:
    assert CHECKERS["integer"](raw) == (None, problem)


@pytest.mark.parametrize(("raw", "answer"), [(True, True), ("yes", True), ("No", False), ("false", False)])
def test_yes_and_no_are_booleans_or_words(raw: object, answer: bool) -> None:
    assert CHECKERS["yes_no"](raw) == (answer, None)


@pytest.mark.parametrize("raw", [1, 0, "maybe", "y" * 10_000, []])
def test_neither_yes_nor_no_is_refused(raw: object) -> None:
    assert CHECKERS["yes_no"](raw) == (None, "invalid")


@pytest.mark.parametrize("raw", ["x'; drop table cases; --", "Hospital", 1, ["home"], "h" * 100_000])
def test_a_choice_is_one_of_its_options(raw: object) -> None:
    assert CHECKERS["choice"](raw) == (None, "invalid")


def test_choices_come_once_each_in_the_order_of_the_form() -> None:
    assert CHECKERS["choices"](["vkb", "photo_id", "vkb"]) == (["photo_id", "vkb"], None)


@pytest.mark.parametrize("raw", [["vkb", "gold"], [["vkb"]], [None], {"vkb": True}, ["vkb"] * 1000])
def test_choices_are_among_the_options(raw: object) -> None:
    assert CHECKERS["choices"](raw) == (None, "invalid")


@pytest.mark.parametrize(
    "parts",
    [
        ("27", "3", "2026"),
        ("27", "03", "2026"),
        (" 27 ", "March", "2026"),
        ("27", "mar.", "2026"),
        ("27", "Maji", "2026"),
        ("२७", "मार्च", "२०२६"),
    ],
)
def test_a_date_in_three_parts_is_read_as_people_write_it(parts: tuple[str, str, str]) -> None:
    assert CHECKERS["date"](DateParts(*parts)) == ("2026-03-27", None)


def test_a_month_with_a_composed_letter_is_read_in_either_form() -> None:
    for name in ("\u095e\u0930\u0935\u0930\u0940", "\u092b\u093c\u0930\u0935\u0930\u0940"):
        assert CHECKERS["date"](DateParts("3", name, "2026")) == ("2026-02-03", None)


@pytest.mark.parametrize(
    ("parts", "problem"),
    [
        (("", "3", "2026"), "no_day"),
        (("27", "", "2026"), "no_month"),
        (("27", "3", ""), "no_year"),
        (("27", "3", "26"), "short_year"),
        (("31", "2", "2026"), "invalid"),
        (("29", "2", "2025"), "invalid"),
        (("27", "13", "2026"), "invalid"),
        (("27", "ma", "2026"), "invalid"),
        (("0", "3", "2026"), "invalid"),
        (("1", "1", "1899"), "invalid"),
        (("1\x00", "1", "2026"), "invalid"),
        (("1" * 5000, "1", "2026"), "invalid"),
    ],
)
def test_a_date_says_which_part_is_wrong(parts: tuple[str, str, str], problem: str) -> None:
    assert CHECKERS["date"](DateParts(*parts)) == (None, problem)


@pytest.mark.parametrize(
    "raw",
    ["31/02/2026", "2026-02-31", "20260227", "2026-W09-5", "2026-02-27T00:00", "today", 20260227, ["2026"]],
)
def test_a_date_in_one_piece_is_iso_and_exists(raw: object) -> None:
    assert CHECKERS["date"](raw) == (None, "invalid")


@pytest.mark.parametrize(
    ("raw", "answer"),
    [
        ("(679) 820-2453", "+6798202453"),
        ("869 9201", "+6798699201"),
        ("6799518622", "+6799518622"),
        ("+679 902 3903", "+6799023903"),
        ("00679 902.3903", "+6799023903"),
        ("८६९ ९२०१", "+6798699201"),
        ("+64 21 123 4567", "+64211234567"),
        ("0064 21 123 4567", "+64211234567"),
    ],
)
def test_a_phone_number_gets_its_country(raw: str, answer: str) -> None:
    assert CHECKERS["phone"](raw) == (answer, None)


@pytest.mark.parametrize(
    "raw",
    [
        "call the turaga ni koro",
        "12345",
        "+679 12",
        "679 0000000",
        "869 9201 or 869 9202",
        "++6798699201",
        "+0123456789",
        "-",
        8699201,
        "9" * 10_000,
    ],
)
def test_what_is_no_phone_number_is_refused(raw: object) -> None:
    assert CHECKERS["phone"](raw) == (None, "invalid")


def test_the_host_of_an_address_is_in_small_letters() -> None:
    assert CHECKERS["email"](" Mere.Q@Example.ORG ") == ("Mere.Q@example.org", None)


@pytest.mark.parametrize(
    "raw",
    [
        "mere",
        "mere@home",
        "@example.org",
        "a b@example.org",
        "a@b@c.org",
        "a@-b.org",
        "a@b..org",
        "a@" + "b." * 500,
    ],
)
def test_what_is_no_address_is_refused(raw: str) -> None:
    assert CHECKERS["email"](raw) == (None, "invalid")


@pytest.mark.parametrize(
    "raw",
    [
        "NOB-2026-105769",
        "nob-2026-105769",
        "NOB 2026 105769",
        "nob2026105769",
        "2026-105769",
        "NOB–2026–१०५७६९",
    ],
)
def test_a_reference_is_written_out_as_on_the_paper(raw: str) -> None:
    assert CHECKERS["reference"](raw) == ("NOB-2026-105769", None)


@pytest.mark.parametrize("raw", ["NOB-2026-10576", "VKB-2026-105769", "NOB-2026-10576X", "-", 2026105769])
def test_what_is_no_such_reference_is_refused(raw: object) -> None:
    assert CHECKERS["reference"](raw) == (None, "invalid")
