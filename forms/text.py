"""What people type or paste, made even: one form of Unicode, single spaces, nothing invisible.

Cleaned silently: direction marks, zero-width spaces and other signs that show nothing, repeated spaces, all
kinds of line ends, and more marks on one letter than any language has. What then shows nothing is no answer.
Refused: control characters and broken Unicode, since nobody knows what was meant. Emoji may stand in free
text, but not in names (forms/values.py).
"""

import re
import unicodedata

# Control characters, halves of surrogate pairs and non-characters: nobody types them, and a database or a
# letter can't hold them. Tab and the line ends, those of word processors too, are not among them: pasted text
# has them.
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")

# Direction marks, zero-width spaces, soft hyphens, byte order marks, fillers, tags: they come with pasted
# text, show nothing, and make two equal names differ. Joiners (U+200C, U+200D) stay: Indian scripts and emoji
# need them.
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f"
    "\u2800\u3164\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e0fff]"
)

# Marks piled up on one letter run over the lines above and below. No language puts more than four on one.
_MARK = "[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]"
_PILED_MARKS = re.compile(f"({_MARK}{{4}}){_MARK}+")
_SHOWS_NOTHING = frozenset(("Cf", "Mn", "Me", "Zs"))

_SPACES = re.compile(r"[^\S\n]+")
_LINE_END = re.compile("\r\n?|[\x0b\x0c\u2028\u2029]")
_BLANK_LINES = re.compile(r"\n{3,}")

_VIRAMA = 9  # the combining class of the signs after which a joiner changes how a conjunct is written
_JOINERS = "\u200c\u200d"


def has_control_characters(text: str) -> bool:
    """Say whether the text holds a character that can't be stored or shown."""
    return _CONTROL.search(text) is not None


def clean_line(text: str) -> str:
    """Return one line in NFC, trimmed, with single spaces and without invisible marks."""
    return " ".join(_even(text).split())


def clean_block(text: str) -> str:
    """Return text of several lines in NFC, each line trimmed, with at most one empty line between lines."""
    lines = _SPACES.sub(" ", _LINE_END.sub("\n", _even(text))).split("\n")
    return _BLANK_LINES.sub("\n\n", "\n".join(line.strip() for line in lines)).strip()


def _even(text: str) -> str:
    """Return text in NFC without what shows nothing; "" if it shows nothing at all."""
    if text.isascii():
        return text
    text = _PILED_MARKS.sub(r"\1", unicodedata.normalize("NFC", _INVISIBLE.sub("", text)))
    return (
        "" if all(sign.isspace() or unicodedata.category(sign) in _SHOWS_NOTHING for sign in text) else text
    )


def clean_name(text: str) -> str:
    """Return a name as `clean_line` does, keeping joiners only where they shape an Indian conjunct."""
    text = clean_line(text)
    while any(joiner in text for joiner in _JOINERS):
        shorter = clean_line(_without_idle_joiners(text))
        if shorter == text:
            break
        text = shorter
    return text


def _without_idle_joiners(text: str) -> str:
    before = ["", *text]
    return "".join(
        sign
        for previous, sign in zip(before, text, strict=False)
        if sign not in _JOINERS or (previous and unicodedata.combining(previous) == _VIRAMA)
    )


def ascii_digits(text: str) -> str:
    """Return the text with the digits of any script (such as Devanagari) as 0 to 9."""
    if text.isascii():
        return text
    return "".join(str(unicodedata.decimal(sign)) if sign.isdecimal() else sign for sign in text)
