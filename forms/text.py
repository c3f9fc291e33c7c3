"""What people type, made even: one form of Unicode, single spaces, no invisible direction marks."""

import re
import unicodedata

# Control characters, halves of surrogate pairs and non-characters: nobody types them, and a database or a
# letter can't hold them. Tab and the line ends are not among them: pasted text has them.
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")

# Direction marks, zero-width spaces, soft hyphens, byte order marks: they come with pasted text, show
# nothing, and make two equal names differ. Joiners (U+200C, U+200D) stay: Indian scripts and emoji need them.
_INVISIBLE = re.compile("[\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff]")

_SPACES = re.compile(r"[^\S\n]+")
_LINE_END = re.compile("\r\n?|\u2028|\u2029")
_BLANK_LINES = re.compile(r"\n{3,}")

_VIRAMA = 9  # the combining class of the signs after which a joiner changes how a conjunct is written
_JOINERS = "\u200c\u200d"


def has_control_characters(text: str) -> bool:
    """Say whether the text holds a character that can't be stored or shown."""
    return _CONTROL.search(text) is not None


def clean_line(text: str) -> str:
    """Return one line in NFC, trimmed, with single spaces and without invisible marks."""
    if not text.isascii():
        text = unicodedata.normalize("NFC", _INVISIBLE.sub("", text))
    return " ".join(text.split())


def clean_block(text: str) -> str:
    """Return text of several lines in NFC, each line trimmed, with at most one empty line between lines."""
    if not text.isascii():
        text = unicodedata.normalize("NFC", _INVISIBLE.sub("", text))
    lines = _SPACES.sub(" ", _LINE_END.sub("\n", text)).split("\n")
    return _BLANK_LINES.sub("\n\n", "\n".join(line.strip() for line in lines)).strip()


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
