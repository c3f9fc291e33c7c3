"""Devanagari in Latin letters, as names are commonly romanised: प्रिया देवी becomes "priya devi".

For comparing names only, never for print: how people write themselves in Latin letters is theirs to say.
"""

from __future__ import annotations

import re
import unicodedata

_CONSONANTS = dict(
    zip(
        "कखगघङचछजझञटठडढणतथदधनपफबभमयरलवशषसहळ",
        [
            "k",
            "kh",
            "g",
            "gh",
            "n",
            "ch",
            "chh",
            "j",
            "jh",
            "n",
            "t",
            "th",
            "d",
            "dh",
            "n",
            "t",
            "th",
            "d",
            "dh",
            "n",
            "p",
            "ph",
            "b",
            "bh",
            "m",
            "y",
            "r",
            "l",
            "v",
            "sh",
            "sh",
            "s",
            "h",
            "l",
        ],
        strict=True,
    )
)
_VOWELS = dict(
    zip("अआइईउऊऋएऐओऔऍऑ", ["a", "aa", "i", "ee", "u", "oo", "ri", "e", "ai", "o", "au", "e", "o"], strict=True)
)
_SIGNS = dict(zip("ािीुूृेैोौॅॉ", ["aa", "i", "ee", "u", "oo", "ri", "e", "ai", "o", "au", "e", "o"], strict=True))
_DOTTED = {"j": "z", "ph": "f", "d": "r", "dh": "r"}  # with a dot beneath: ज़ फ़ ड़ ढ़
_OTHERS = {"ं": "n", "ँ": "n", "ः": "", "ॐ": "om"}
_DOT, _VIRAMA = "\u093c", "\u094d"
_SILENT = "ə"  # the vowel that a consonant has by itself; written "a" where it is spoken

_LION = ("ंह", "ंघ")  # सिंह is written Singh
# A last consonant has no vowel (राम is Ram), unless it is joined to the one before (कृष्ण is Krishna).
_AT_THE_END = re.compile(rf"(?<=[\u0900-\u094c])([क-ह]{_DOT}?)(?![\u0900-\u097f])")
# Nor has one between two that have (विमला is Vimla).
_WITHIN = re.compile(rf"(?<=[aeiou{_SILENT}])([^aeiou\W{_SILENT}]){_SILENT}(?=[^aeiou\W{_SILENT}]h?[aeiou])")


def has_devanagari(text: str) -> bool:
    """Say whether any sign of the text belongs to the script."""
    return any("\u0900" <= sign <= "\u097f" for sign in text)


def romanised(text: str) -> str:
    """Return the text with its Devanagari in small Latin letters; everything else stays."""
    letters: list[str] = []
    text = unicodedata.normalize("NFD", text).replace(*_LION)
    for sign in _AT_THE_END.sub(rf"\1{_VIRAMA}", text):
        if sign in _CONSONANTS:
            letters += [_CONSONANTS[sign], _SILENT]
        elif sign == _DOT and len(letters) > 1:
            letters[-2] = _DOTTED.get(letters[-2], letters[-2])
        elif sign == _VIRAMA or sign in _SIGNS:
            if letters and letters[-1] == _SILENT:
                letters.pop()
            letters.append(_SIGNS.get(sign, ""))
        else:
            letters.append(_VOWELS.get(sign) or _OTHERS.get(sign, sign))
    return _WITHIN.sub(r"\1", "".join(letters)).replace(_SILENT, "a")
