"""Names as people write them: which two may be one name, spelt or ordered differently.

A name is compared as its *words*: without accents, titles and capitals, in Latin letters, each word spelt in
one of the ways in which it is common (`fold`). Two words are the *same* when they differ by a letter that was
doubled, left out, swapped with its neighbour or mistaken for one that sounds alike; they are *alike* when
there may be a wrong letter besides. What is forgiven grows with the length of a word. The order of the words
is never looked at: there is one field for a full name, and families put surnames first or last.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from enum import IntEnum
from functools import lru_cache

from cases.devanagari import has_devanagari, romanised

Words = tuple[str, ...]

MOST_WORDS = 8
LONGEST_KEY = 40

TITLES = frozenset(
    ["adi", "bulou", "dr", "master", "miss", "mr", "mrs", "ms", "ratu", "ro", "shrimati", "smt"]
)
ABBREVIATED = {"md": "mohammed", "mohd": "mohammed", "muhd": "mohammed"}


class Level(IntEnum):
    """How much of two names agrees.

    PARTLY: a word that says something is in both. SIMILAR: all of the shorter one is in the longer one.
    SAME: word for word, but for the spelling.
    """

    DIFFERENT = 0
    PARTLY = 1
    SIMILAR = 2
    SAME = 3


# -- words -----------------------------------------------------------------------------------------

_APOSTROPHES = re.compile("['`´‘’′＇ʻʼ]")
_NO_LETTER = re.compile(r"[\W_]+")
_SPECIAL = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "æ": "ae", "œ": "oe", "ı": "i"})


def words(name: str | None) -> Words:
    """Return the words of a name, folded, without titles; () for no name. At most 8."""
    found = _plain(name or "").split()
    telling = [word for word in found if word not in TITLES] or found
    return tuple(fold(ABBREVIATED.get(word, word)) for word in telling[:MOST_WORDS])


def _plain(name: str) -> str:
    if has_devanagari(name):
        name = romanised(name)
    name = _APOSTROPHES.sub("", name.casefold())
    if not name.isascii():
        signs = unicodedata.normalize("NFKD", name)
        kept = (sign for sign in signs if unicodedata.category(sign) not in ("Mn", "Mc", "Me", "Cf"))
        name = "".join(kept).casefold().translate(_SPECIAL)
    return _NO_LETTER.sub(" ", name)


# One spelling for what is spelt in several ways: Hindi names in Latin letters (sh/s, v/w, aspirates, long
# vowels), iTaukei letters written as they sound (b/mb, d/nd, q and g/ng), English ones (ck, x, ph). The order
# matters: a capital C stands for "ch" once plain c's are all that is left of that letter.
_FOLDS = (
    *(("q", "k"), ("ksh", "ks"), ("x", "ks"), ("tch", "ch"), ("ch", "C"), ("ck", "k")),
    *(("sh", "s"), ("ph", "f"), ("th", "t"), ("dh", "d"), ("bh", "b"), ("kh", "k"), ("gh", "g")),
    *(("jh", "j"), ("zh", "z"), ("rh", "r"), ("wh", "v"), ("w", "v"), ("y", "i")),
    *(("ee", "i"), ("oo", "u"), ("ie", "i"), ("ng", "g"), ("mb", "b"), ("nd", "d")),
)
_IDLE_H = re.compile(r"(?<=[^aeiou])h|h(?![aeiou])")
_DOUBLED = re.compile(r"(.)\1+")
_DOUBLED_AT_FIRST = re.compile(r"([^eo])\1+")  # ee and oo are written for i and u


@lru_cache(maxsize=100_000)
def fold(word: str) -> str:
    """Return a word (small letters, no accents) in one spelling for all that are common."""
    folded = _DOUBLED_AT_FIRST.sub(r"\1", word)
    for spelling, common in _FOLDS:
        folded = folded.replace(spelling, common)
    return _DOUBLED.sub(r"\1", _IDLE_H.sub("", folded)) or word


_SOUNDS = str.maketrans(
    {"b": "p", "f": "v", "d": "t", "g": "k", "c": "k", "z": "s", "j": "s", "r": "l", "m": "n"}
    | dict.fromkeys("aeiouh", "")
)


@lru_cache(maxsize=100_000)
def sound(word: str) -> str:
    """Return the consonants of a folded word, those that are easily confused as one: what most slips of
    the pen and of the ear leave as it is."""
    first = "a" if word[0] in "aeiouh" else ""
    return _DOUBLED.sub(r"\1", first + word.translate(_SOUNDS))


def whole_key(name: Words) -> str:
    """Return the key under which names with the same words are found, in any order."""
    return " ".join(sorted(map(sound, _without_initials(name))))[:LONGEST_KEY]


def pair_key(name: Words) -> str:
    """Return the key of the first and the last word, so that names in between may be left out."""
    spoken = _without_initials(name)
    return " ".join(sorted({sound(spoken[0]), sound(spoken[-1])}))[:LONGEST_KEY] if spoken else ""


def _without_initials(name: Words) -> Words:
    return tuple(word for word in name if len(word) > 1) or name


# -- two words -------------------------------------------------------------------------------------

_VOWELS = frozenset("aeiou")
_RELATED = frozenset(
    pair
    for group in ("bp", "bv", "fv", "fp", "dt", "ct", "ck", "cs", "cC", "kg", "sj", "sz", "jz", "lr", "mn")
    for pair in (group, group[::-1])
)
# In half letters. A swap of neighbours or a mistaken sound is half an error: each is common and changes less.
_HALF, _WHOLE, _NEVER = 1, 2, 4


@lru_cache(maxsize=200_000)
def same_word(one: str, other: str) -> bool:
    """Whether two folded words are one, but for letters left out, swapped or mistaken for their likes."""
    if not _begin_alike(one, other) and one[0] != other[1:2] and other[0] != one[1:2]:
        return False  # not even the first letter left out or swapped
    length = max(len(one), len(other))
    allowed = 0 if length <= 2 else 1 if length <= 4 else 2 if length <= 7 else 3
    return _distance(one, other, allowed, wrong=_NEVER) <= allowed


@lru_cache(maxsize=200_000)
def alike_word(one: str, other: str) -> bool:
    """Whether two folded words may be one with some letters wrong: one in four, vowels counting half.

    The first letter is seldom wrong, and makes another name (Anita, Sunita). An initial is like all words
    that begin with it.
    """
    if same_word(one, other):
        return True
    if len(one) == 1 or len(other) == 1:
        return one[0] == other[0]
    length = max(len(one), len(other))
    allowed = min(length // 2, 4)
    return _begin_alike(one, other) and _distance(one, other, allowed, wrong=_WHOLE) <= allowed


def _begin_alike(one: str, other: str) -> bool:
    return _mistaken(one[0], other[0], _WHOLE) < _WHOLE


def _distance(one: str, other: str, enough: int, wrong: int) -> int:
    """Return the cost of turning one word into the other, or any number above `enough` when it is more
    (the distance of Damerau and Levenshtein, with weights)."""
    if one == other:
        return 0
    if _HALF * abs(len(one) - len(other)) > enough:
        return enough + 1
    before: list[int] = []
    row = [0]
    for sign in other:
        row.append(row[-1] + _gap(sign))
    for i, mine in enumerate(one, start=1):
        before, last = row, before
        row = [before[0] + _gap(mine)]
        for j, theirs in enumerate(other, start=1):
            cost = min(
                before[j] + _gap(mine),
                row[-1] + _gap(theirs),
                before[j - 1] + _mistaken(mine, theirs, wrong),
            )
            if i > 1 and j > 1 and mine == other[j - 2] and theirs == one[i - 2]:
                cost = min(cost, last[j - 2] + _HALF)
            row.append(cost)
        if min(row) > enough and min(before) > enough:
            return enough + 1
    return row[-1]


def _gap(sign: str) -> int:
    return _HALF if sign in _VOWELS or sign == "h" else _WHOLE


def _mistaken(mine: str, theirs: str, wrong: int) -> int:
    if mine == theirs:
        return 0
    both_vowels = mine in _VOWELS and theirs in _VOWELS
    return _HALF if both_vowels or mine + theirs in _RELATED else wrong


# -- two names -------------------------------------------------------------------------------------

_COMMON = (
    "ali begum bibi chand devi hussain jai kaur khan khatoon kumar kumari lal lata mati mohammed nand "
    "narayan nath nisha prakash prasad raj ram shah singh wati"
)
COMMON = frozenset(fold(word) for word in _COMMON.split())
"""Words that so many people bear that one of them in common says nothing."""


def tells(word: str) -> bool:
    """Whether a folded word says something by itself."""
    return len(word) > 2 and word not in COMMON


def compare(one: Words, other: Words) -> Level:
    """Return how much of two names (as `words` returned them) agrees. The order doesn't matter, neither of
    the two nor of their words."""
    if not one or not other:
        return Level.DIFFERENT
    if is_same(one, other):
        return Level.SAME
    partly = any(alike_word(mine, theirs) for mine in one if tells(mine) for theirs in other if tells(theirs))
    if (partly or len(one) == len(other)) and _all_pair(one, other, alike_word):
        return Level.SIMILAR
    return Level.PARTLY if partly else Level.DIFFERENT


def is_same(one: Words, other: Words) -> bool:
    """Whether two names are the same, word for word but for the spelling; quicker than `compare`."""
    if not one or not other:
        return False
    if sorted(one) == sorted(other):
        return True
    if len(one) == len(other):
        return _all_pair(one, other, same_word)
    return same_word("".join(one), "".join(other))  # Mary Ann and Maryann


def _all_pair(one: Words, other: Words, agree: Callable[[str, str], bool]) -> bool:
    """Whether each word of the shorter name can be paired with one of its own in the longer so that each
    pair agrees, which comes to the same from either side."""
    shorter, longer = sorted((one, other), key=len)
    fitting = []
    for mine in shorter:
        fitting.append([j for j, word in enumerate(longer) if agree(mine, word)])
        if not fitting[-1]:
            return False
    taken: dict[int, int] = {}

    def place(i: int, tried: set[int]) -> bool:
        for j in fitting[i]:
            if j not in tried:
                tried.add(j)
                if j not in taken or place(taken[j], tried):
                    taken[j] = i
                    return True
        return False

    return all(place(i, set()) for i in range(len(shorter)))
