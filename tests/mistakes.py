"""How the same birth comes to be written down differently: mistakes of ear, hand and memory, by kind.

Each takes a Random and the answers and returns changed ones. They are written from what is known of clerical
errors (Damerau 1964: four in five are one letter left out, added, wrong or swapped) and of spellings in Fiji,
and not from any file of applications.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from random import Random
from typing import Any

from tests.families import peoples

Answers = Mapping[str, Any]
Mistake = Callable[[Random, Answers], dict[str, Any]]

SPELLINGS = (
    *(("sh", "s"), ("s", "sh"), ("v", "w"), ("w", "v"), ("ee", "i"), ("i", "ee"), ("oo", "u"), ("aa", "a")),
    *(("ph", "f"), ("th", "t"), ("k", "c"), ("c", "k"), ("y", "i"), ("z", "j"), ("j", "z"), ("x", "ksh")),
    *(("ai", "ei"), ("h", ""), ("d", "t"), ("b", "p"), ("p", "b"), ("l", "r"), ("r", "l"), ("q", "g")),
    *(("d", "nd"), ("b", "mb"), ("g", "ng"), ("c", "th"), ("e", "i"), ("o", "u"), ("u", "o"), ("s", "z")),
)
BESIDE = (
    "a:sq b:vn c:xv d:sf e:wr f:dg g:fh h:gj i:uo j:hk k:jl l:k m:n n:bm o:ip p:o q:w r:et s:ad t:ry "
    "u:yi v:cb w:qe x:zc y:tu z:x"
)
NEIGHBOURS = {pair[0]: pair[2:] for pair in BESIDE.split()}
ACCENTS = str.maketrans("aeiouAEIOU", "āéīōūĀÉĪŌŪ")


def in_word(change: Callable[[Random, str], str]) -> Callable[[Random, str], str]:
    """Return the change of a name that makes `change` to its longest word or to another of 4 letters."""

    def changed(random: Random, name: str) -> str:
        words = name.split()
        long = [place for place, word in enumerate(words) if len(word) >= 4]
        if not long:
            return name
        place = random.choice(long)
        words[place] = change(random, words[place])
        return " ".join(words)

    return changed


def swapped(random: Random, word: str) -> str:
    """Two neighbours swapped, not the first letter."""
    place = random.randrange(1, len(word) - 1)
    return word[:place] + word[place + 1] + word[place] + word[place + 2 :]


def missing(random: Random, word: str) -> str:
    """A letter left out, not the first."""
    place = random.randrange(1, len(word))
    return word[:place] + word[place + 1 :]


def doubled(random: Random, word: str) -> str:
    """A letter doubled."""
    place = random.randrange(len(word))
    return word[:place] + word[place] + word[place:]


def wrong(random: Random, word: str) -> str:
    """A letter that stands beside the right one on the keyboard, not the first."""
    place = random.randrange(1, len(word))
    return word[:place] + random.choice(NEIGHBOURS.get(word[place].lower(), "e")) + word[place + 1 :]


def respelt(random: Random, word: str) -> str:
    """A sound written in another way that is common, wherever the word has one."""
    low = word.lower()
    fitting = [pair for pair in SPELLINGS if pair[0] in low]
    if not fitting:
        return word
    sound, other = random.choice(fitting)
    places = [place for place in range(len(low)) if low.startswith(sound, place)]
    place = random.choice(places)
    return (low[:place] + other + low[place + len(sound) :]).capitalize()


def turned(random: Random, name: str) -> str:
    """The surname first."""
    return " ".join(name.split()[-1:] + name.split()[:-1])


def joined(random: Random, name: str) -> str:
    """Two given names as one word, or with a hyphen; a name of two words with a comma."""
    first, *rest = name.split()
    if len(rest) < 2:
        return f"{' '.join(rest)}, {first}" if rest else name
    return f"{first}{random.choice(('', '-'))}{rest[0].lower()} {' '.join(rest[1:])}"


def shortened(random: Random, name: str) -> str:
    """A middle name left out or reduced to its initial; without one, an initial more."""
    first, *rest = name.split()
    if len(rest) < 2:
        return f"{first} {random.choice('JKMST')} {' '.join(rest)}".strip()
    return " ".join([first, *random.choice(([], [f"{rest[0][0]}."])), *rest[1:]])


def dressed(random: Random, name: str) -> str:
    """Capitals or accents, a title, doubled spaces."""
    return random.choice((name.upper(), name.translate(ACCENTS), f"Adi {name}", name.replace(" ", "  ")))


NAMES: Mapping[str, Callable[[Random, str], str]] = {
    "swapped": in_word(swapped),
    "missing": in_word(missing),
    "doubled": in_word(doubled),
    "wrong": in_word(wrong),
    "respelt": in_word(respelt),
    "turned": turned,
    "joined": joined,
    "shortened": shortened,
    "dressed": dressed,
}


def of_name(field: str, kind: str) -> Mistake:
    """Return the mistake of that kind in the name `field`."""
    return lambda random, answers: {**answers, field: NAMES[kind](random, answers[field])}


def days_off(random: Random, answers: Answers) -> dict[str, Any]:
    """The child's date some days off."""
    return {
        **answers,
        "child_birth_date": _moved(answers["child_birth_date"], random.choice((-4, -2, -1, 1, 3))),
    }


def mothers_date_slipped(random: Random, answers: Answers) -> dict[str, Any]:
    """The mother's date with day and month swapped where they can be, else with a wrong digit."""
    year, month, day = answers["mother_birth_date"].split("-")
    if int(day) <= 12 and day != month:
        month, day = day, month
    else:
        year, day = f"{year[:3]}{(int(year[3]) + 1) % 10}", f"{min(int(day), 28):02d}"
    slipped = f"{year}-{month}-{day}"
    return {**answers, "mother_birth_date": slipped}


def mothers_date_unknown(random: Random, answers: Answers) -> dict[str, Any]:
    """The mother's date left out."""
    return {**answers, "mother_birth_date": None}


def mothers_date_wrong(random: Random, answers: Answers) -> dict[str, Any]:
    """The mother's date another one altogether."""
    return {
        **answers,
        "mother_birth_date": _moved(answers["mother_birth_date"], random.randrange(400, 2_000)),
    }


def married(random: Random, answers: Answers) -> dict[str, Any]:
    """The mother by another surname."""
    given = answers["mother_name"].split()[0]
    return {**answers, "mother_name": f"{given} {random.choice(peoples()).surnames.draw(random)}"}


def _moved(day: str, days: int) -> str:
    return (date.fromisoformat(day) + timedelta(days=days)).isoformat()


KINDS: Mapping[str, Mistake] = {
    **{f"child {kind}": of_name("child_name", kind) for kind in NAMES},
    **{f"mother {kind}": of_name("mother_name", kind) for kind in NAMES},
    "child days off": days_off,
    "mother married": married,
    "mother's date slipped": mothers_date_slipped,
    "mother's date unknown": mothers_date_unknown,
}
"""Each leaves the application one that should be found again; so should most pairs of two."""
