"""Likely duplicates: which names, dates and applications are alike, and which only seem so."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from datetime import date, timedelta
from itertools import combinations, permutations
from random import Random
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.devanagari import romanised
from cases.likeness import Dates, Rule, Signs, are_siblings, compare_dates, judge, row_of, signs_of
from cases.names import Level, compare, fold, pair_key, whole_key, words
from config.errors import ConfigError
from config.likeness import Likeness, read_likeness
from config.reading import Table
from tests.births import ANSWERS, likeness
from tests.families import birth, peoples
from tests.mistakes import ACCENTS, KINDS, NAMES, days_off, mothers_date_wrong

TRIES = 60


def level(one: str, other: str) -> Level:
    return compare(words(one), words(other))


def signs(answers: Mapping[str, Any]) -> Signs:
    row = row_of(likeness(), answers)
    assert row is not None
    return signs_of(SimpleNamespace(**row))


def rule(one: Mapping[str, Any], other: Mapping[str, Any]) -> Rule | None:
    match = judge(signs(one), signs(other), likeness().within)
    return match and match.rule


def after(**changes: Any) -> dict[str, Any]:
    return ANSWERS | changes


# -- names -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Losalini Tikoisuva", "LOSALINI TIKOISUVA"),
        ("Losalini Tikoisuva", "Lōsalini  Tīkoisuva"),
        ("Losalini Tikoisuva", "Tikoisuva, Losalini"),
        ("Adi Losalini Tikoisuva", "Losalini Tikoisuva"),
        ("Ratu Seru Cakobau", "Seru Thakombau"),
        ("Timoci Nadi", "Timothi Nandi"),
        ("Peni Beqa", "Beni Bega"),
        ("Viliame", "Wiliame"),
        ("Vikash Prasad", "Wikas Prashad"),
        ("Lakshmi Devi", "Laxmi Debi"),
        ("Sanjeev Chand", "Sanjiv Chandd"),
        ("Mohammed Khan", "Muhammad Khan"),
        ("Mohd. Khan", "Mohammed Khaan"),
        ("Sarah Lee", "Sara Lee"),
        ("Mary-Ann Lee", "Maryann Lee"),
        ("Semi O’Connor", "Semi OConnor"),
        ("सुनीता देवी", "Sunita Devi"),
        ("राज सिंह", "Raj Singh"),
        ("ज़रीना ख़ान", "Zarina Khan"),
        ("लक्ष्मी शर्मा", "Laxmi Sharma"),
        ("Rohit", "रोहित"),
    ],
)
def test_one_name_in_two_spellings_is_the_same(one: str, other: str) -> None:
    assert level(one, other) is Level.SAME


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Losalini Mere Tikoisuva", "Losalini Tikoisuva"),
        ("L. Tikoisuva", "Losalini Tikoisuva"),
        ("Losalini", "Losalini Tikoisuva"),
        ("Ronil Lal", "Rohil Lal"),
    ],
)
def test_a_name_with_a_part_left_out_or_a_letter_wrong_is_similar(one: str, other: str) -> None:
    assert level(one, other) is Level.SIMILAR


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("Ana Tikoisuva", "Mere Tikoisuva", Level.PARTLY),
        ("Ana Tikoisuva", "Ana Vakatawa", Level.PARTLY),
        ("A. Tikoisuva", "M. Tikoisuva", Level.PARTLY),
        ("Anita Devi", "Sunita Devi", Level.DIFFERENT),
        ("Rohit Kumar", "Vikash Kumar", Level.DIFFERENT),
        ("Rohit Lal", "Rohan Lal", Level.DIFFERENT),
        ("Jone", "Josefa", Level.DIFFERENT),
        ("", "Jone", Level.DIFFERENT),
    ],
)
def test_two_names_are_told_apart(one: str, other: str, expected: Level) -> None:
    assert level(one, other) is expected


def test_a_title_alone_is_a_name() -> None:
    assert words("Ratu") == ("ratu",)


def test_a_name_in_another_script_is_compared_as_it_is() -> None:
    assert level("陳 美玲", "美玲 陳") is Level.SAME
    assert level("陳 美玲", "李 小龍") is Level.DIFFERENT


@pytest.mark.parametrize(
    ("written", "expected"),
    [("कृष्ण", "krishna"), ("राम लाल", "raam laal"), ("विमला", "vimlaa"), ("संजय", "sanjay"), ("Ana", "Ana")],
)
def test_devanagari_is_read_as_names_are_romanised(written: str, expected: str) -> None:
    assert romanised(written) == expected


def test_a_name_of_two_hundred_letters_is_compared_in_no_time() -> None:
    long = " ".join(f"Name{letter}" * 3 for letter in "abcdefghijklmnop")
    assert level(long, long.upper()) is Level.SAME
    assert level(long, "Ana Tikoisuva") is Level.DIFFERENT


NAME = st.text(alphabet=st.sampled_from("abcdefghiklmnoprstuvwyzABKLSVéīöñ -'."), min_size=1, max_size=30)
PLAIN = st.lists(
    st.text(alphabet="abdefghijklmnoprstuvwyz", min_size=2, max_size=9), min_size=1, max_size=4
).map(" ".join)
ANY_TEXT = st.text(max_size=40)


@given(ANY_TEXT | NAME, ANY_TEXT | NAME)
def test_likeness_of_names_is_the_same_from_either_side(one: str, other: str) -> None:
    assert level(one, other) == level(other, one)


@given(ANY_TEXT | NAME)
def test_a_name_that_has_letters_is_the_same_as_itself(name: str) -> None:
    assert level(name, name) is (Level.SAME if words(name) else Level.DIFFERENT)


@given(PLAIN, st.randoms(use_true_random=False))
def test_capitals_accents_order_and_doubled_letters_change_nothing(name: str, random: Random) -> None:
    parts = [part.capitalize() for part in name.translate(ACCENTS).split()]
    random.shuffle(parts)
    changed = "  ".join(parts).upper()
    assert level(name, changed) is Level.SAME
    assert whole_key(words(name)) == whole_key(words(changed))


@given(st.text(alphabet="abdefgijklmnoprstuvz", min_size=1, max_size=12), st.integers(0, 11))
def test_a_doubled_letter_is_folded_away(word: str, place: int) -> None:
    place %= len(word)
    if word[place] not in "eo":  # ee is written for i, oo for u
        assert fold(word[:place] + word[place] + word[place:]) == fold(word)


@given(ANY_TEXT)
def test_any_text_can_be_kept_as_a_key(name: str) -> None:
    assert len(whole_key(words(name))) <= 40 and len(pair_key(words(name))) <= 40


# -- dates -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        ("1996-02-11", Dates.SAME),
        ("1996-11-02", Dates.SLIP),  # day and month swapped
        ("1996-02-10", Dates.SLIP),
        ("1966-02-11", Dates.SLIP),
        ("1969-02-11", Dates.SLIP),
        ("1996-02-12", Dates.SLIP),
        ("1997-03-14", Dates.DIFFERENT),
        ("1988-07-30", Dates.DIFFERENT),
        (None, Dates.UNKNOWN),
    ],
)
def test_a_slip_of_the_pen_is_told_from_another_date(other: str | None, expected: Dates) -> None:
    one = date(1996, 2, 11).toordinal()
    two = date.fromisoformat(other).toordinal() if other else None
    assert compare_dates(one, two) is compare_dates(two, one) is expected


# -- applications ----------------------------------------------------------------------------------


def test_an_application_is_kept_without_a_parent_but_not_without_name_or_date() -> None:
    kept = row_of(likeness(), after(mother_name=None, mother_birth_date=None))
    assert kept is not None and (kept["parent"], kept["parent_key"], kept["parent_born"]) == ("", None, None)
    assert row_of(likeness(), after(child_name=None)) is None
    assert row_of(likeness(), after(child_birth_date=None)) is None
    assert row_of(None, ANSWERS) is None


def test_a_mother_who_married_meanwhile_is_the_same() -> None:
    assert rule(ANSWERS, after(mother_name="Ana Vakatawa")) is Rule.SAME_CHILD
    other_name = after(mother_name="Ana Vakatawa", child_name="Josefa Tikoisuva")
    assert rule(ANSWERS, other_name) is Rule.SAME_MOTHER


def test_a_family_name_in_common_says_nothing_of_the_mother() -> None:
    cousin = after(mother_name="Litia Tikoisuva", child_name="Josefa Tikoisuva")
    assert rule(ANSWERS, cousin) is None


def test_a_clearly_different_birth_date_speaks_against_the_mother() -> None:
    elsewhere = {"mother_birth_date": "1988-07-30"}
    assert rule(ANSWERS, after(child_name="Josefa Tikoisuva", **elsewhere)) is None
    assert rule(ANSWERS, after(child_birth_date="2024-04-20", **elsewhere)) is None
    assert rule(ANSWERS, after(mother_name="Ana Vakatawa", **elsewhere)) is None


def test_yet_names_that_are_all_the_same_outweigh_it() -> None:
    assert rule(ANSWERS, after(mother_birth_date="1988-07-30")) is Rule.SAME_CHILD


def test_the_same_name_of_another_mother_is_no_duplicate() -> None:
    stranger = after(child_birth_date="2025-01-10", mother_name="Mere Waqa", mother_birth_date="1999-12-01")
    assert rule(ANSWERS, stranger) is None


def test_a_brother_or_sister_born_later_is_no_duplicate() -> None:
    assert rule(ANSWERS, after(child_name="Josefa Tikoisuva", child_birth_date="2027-06-01")) is None


TWIN = after(birth_type="twin")


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        ({"child_name": "Josefa Tikoisuva", "child_sex": "male"}, None),
        ({"child_name": "Losavini Tikoisuva"}, None),  # twins' names are often alike
        ({"child_name": "Losaleni Tikoisuva", "child_sex": "male"}, None),
        ({"child_name": "Losaleni Tikoisuva"}, Rule.SAME_CHILD),
        ({"child_name": "Tikoisuva Losalini", "child_sex": "male"}, Rule.SAME_CHILD),
        ({"child_name": "Josefa Tikoisuva", "child_birth_date": "2026-05-20"}, Rule.SAME_MOTHER),
        ({"child_name": "Josefa Tikoisuva", "birth_type": "single"}, Rule.SAME_MOTHER),
        ({"child_name": "Josefa Tikoisuva", "birth_type": "triplet"}, None),
    ],
)
def test_twins_are_excepted_by_birth_type(other: dict[str, Any], expected: Rule | None) -> None:
    assert rule(TWIN, TWIN | other) is expected


def test_children_of_two_mothers_are_no_siblings() -> None:
    stranger = TWIN | {"child_name": "Priya", "mother_name": "Anjali", "mother_birth_date": "1990-01-30"}
    assert not are_siblings(signs(TWIN), signs(stranger), likeness().within)


CHOSEN = st.builds(
    lambda seed, day: birth(Random(seed), date(2025, 1, 1) + timedelta(days=day)),
    st.integers(0, 30),
    st.integers(0, 40),
)


@given(CHOSEN, CHOSEN, st.sampled_from(["single", "twin"]), st.sampled_from(["single", "twin"]))
def test_likeness_of_applications_is_the_same_from_either_side(
    one: dict[str, Any], other: dict[str, Any], one_type: str, other_type: str
) -> None:
    mine, theirs = signs(one | {"birth_type": one_type}), signs(other | {"birth_type": other_type})
    within = likeness().within
    assert judge(mine, theirs, within) == judge(theirs, mine, within)
    assert are_siblings(mine, theirs, within) == are_siblings(theirs, mine, within)


# -- mistakes --------------------------------------------------------------------------------------


def families(seed: int, count: int) -> list[dict[str, Any]]:
    random = Random(seed)
    return [birth(random, date(2024, 1, 1) + timedelta(days=random.randrange(700))) for _ in range(count)]


@pytest.mark.parametrize("kind", KINDS)
def test_an_application_with_one_mistake_is_found_again(kind: str) -> None:
    random = Random(kind)
    missed = [
        (family["child_name"], family["mother_name"])
        for family in families(1, TRIES)
        if rule(family, KINDS[kind](random, family)) is None
    ]
    assert missed == []


def test_nearly_all_applications_with_two_mistakes_are_found_again() -> None:
    random = Random(2)
    results = [
        rule(family, KINDS[second](random, KINDS[first](random, family))) is not None
        for first, second in combinations(KINDS, 2)
        if not (first.startswith("mother's date") and second.startswith("mother's date"))
        for family in families(random.randrange(10**6), 4)
    ]
    assert sum(results) / len(results) >= 0.98


@pytest.mark.parametrize("kind", NAMES)
def test_a_child_is_known_by_its_name_alone_though_there_is_a_mistake_in_it(kind: str) -> None:
    """With the mother's date wrong altogether, so that nothing but the two names speaks for it."""
    random = Random(kind)
    known = [
        rule(family, days_off(random, mothers_date_wrong(random, KINDS[f"child {kind}"](random, family))))
        is Rule.SAME_CHILD
        for family in families(3, TRIES)
    ]
    spelling = kind not in ("wrong", "shortened")  # a wrong letter or a lost name may be another child
    assert not spelling or sum(known) / len(known) >= 0.8


def test_strangers_are_seldom_taken_for_each_other() -> None:
    """8,000 children of two years, who are each compared with those that share a key."""
    by_key: dict[str, list[Signs]] = defaultdict(list)
    for one in map(signs, families(4, 8_000)):
        by_key[f"child {whole_key(one.name)}"].append(one)
        by_key[f"mother {pair_key(one.parent)}"].append(one)
    pairs = [pair for those in by_key.values() for pair in combinations(those, 2)]
    matches = [match for pair in pairs if (match := judge(*pair, likeness().within))]
    assert len(pairs) > 4_000
    assert len(matches) <= 8, matches


def test_the_names_that_are_drawn_are_unevenly_spread() -> None:
    random = Random(5)
    counted = Counter(peoples()[0].girls.draw(random) for _ in range(5_000))
    assert counted.most_common(1)[0][1] > 20 * counted.total() / len(peoples()[0].girls.names)


def test_the_order_of_three_words_never_matters() -> None:
    orders = {compare(words("Ana Mere Waqa"), tuple(order)) for order in permutations(words("Ana Mere Waqa"))}
    assert orders == {Level.SAME}


# -- what a service's file may say -----------------------------------------------------------------

WRITTEN = {
    "person": "child_name",
    "date": "child_birth_date",
    "parent": "mother_name",
    "parent_date": "mother_birth_date",
    "multiple": "birth_type",
    "multiple_values": ["twin"],
    "counts": ["registered"],
    "shows": ["child_name"],
    "within_days": {"same_child": 5, "same_parent": 270, "same_name": 1096},
}


def read(written: Mapping[str, Any] | None) -> Likeness | None:
    top = Table("x.toml", "", {} if written is None else {"likeness": written})
    return read_likeness(
        top, matching=["notification"], outcomes=["registered", "refused"], series=["number"]
    )


def test_a_service_may_do_without_likeness_and_without_what_is_not_needed() -> None:
    assert read(None) is None
    rules = read(WRITTEN)
    assert rules is not None
    assert (rules.trait, rules.number, rules.matching, rules.within.longest) == (None, None, (), 1096)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"persn": "x"}, "likeness.persn: expected one of the keys person, "),
        ({"person": 5}, "likeness.person: expected a text in quotes"),
        ({"multiple_values": []}, "likeness.multiple_values: expected at least one entry, found none"),
        ({"counts": ["granted"]}, "likeness.counts: expected some of the outcomes registered, refused"),
        ({"matching": ["x"]}, "likeness.matching: expected one of the keys of [matching] notification"),
        ({"number": "x"}, "likeness.number: expected one of the series number, found 'x'"),
        ({"within_days": {"same_child": 5}}, "likeness.within_days.same_parent: expected a whole number"),
        ({"within_days": 5}, "likeness.within_days: expected a table"),
    ],
)
def test_a_mistake_in_likeness_is_told(change: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError) as refused:
        read(WRITTEN | change)
    assert message in str(refused.value)
