"""One value at a time: for each field type, a checker that returns the typed answer or what is wrong with it.

A checker takes anything JSON or an HTML form may bring and never raises. It returns `(answer, None)` when the
value is fine (the answer is None, or [] for `choices`, when nothing was answered) or `(None, problem)` with a
key of the field's messages. An answer given back to its checker returns itself.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple, TypeAlias

from forms.dates import read_iso_date, read_month
from forms.text import ascii_digits, clean_block, clean_line, clean_name, has_control_characters

Item: TypeAlias = "dict[str, Answer]"
"""One item of a repeating group: its fields with their answers."""

Answer: TypeAlias = str | int | bool | list[str] | list[Item] | None
Verdict: TypeAlias = tuple[Answer, str | None]
Checker: TypeAlias = Callable[[object], Verdict]


class DateParts(NamedTuple):
    """A date as an HTML form brings it: three inputs."""

    day: str
    month: str
    year: str


NOTHING: Verdict = (None, None)

# Normalising very long text is slow (sorting combining marks is quadratic): such text is measured first.
_SLACK = 4

_YES = frozenset({"yes", "true"})
_NO = frozenset({"no", "false"})


def text_checker(max_length: int) -> Checker:
    """Return a checker of one line of free text."""
    return _text(max_length, clean_line)


def textarea_checker(max_length: int) -> Checker:
    """Return a checker of free text of several lines."""
    return _text(max_length, clean_block)


def _text(max_length: int, clean: Callable[[str], str]) -> Checker:
    def check(raw: object) -> Verdict:
        if raw is None:
            return NOTHING
        if not isinstance(raw, str):
            return None, "invalid"
        if len(raw) > _SLACK * max_length:
            return None, "too_long"
        if has_control_characters(raw):
            return None, "control"
        text = clean(raw)
        if len(text) > max_length:
            return None, "too_long"
        return text or None, None

    return check


_PLAIN_NAME = re.compile(r"[A-Za-z][A-Za-z ]*")
_NAME_SIGNS = frozenset(" .'`´‘’′＇-‐‑–\u200c\u200d")


def name_checker(max_length: int) -> Checker:
    """Return a checker of a person's full name, in any script; one name alone is a full name."""
    line = _text(max_length, clean_name)

    def check(raw: object) -> Verdict:
        name, problem = line(raw)
        if isinstance(name, str) and not _is_name(name):
            return None, "signs"
        return name, problem

    return check


def _is_name(name: str) -> bool:
    if _PLAIN_NAME.fullmatch(name):
        return True
    return any(map(str.isalpha, name)) and all(
        sign.isalpha() or sign in _NAME_SIGNS or _is_letter_mark(sign) for sign in name
    )


def _is_letter_mark(sign: str) -> bool:
    """Say whether a sign belongs to a letter, as vowel signs do; those that make emoji don't."""
    return unicodedata.category(sign) in ("Mn", "Mc") and not "\ufe00" <= sign <= "\ufe0f"


_WHOLE_NUMBER = re.compile(r"-?[0-9]{1,15}")
_GROUPED_NUMBER = re.compile(r"[0-9]{1,3}(?:[ ,][0-9]{3}){1,4}")


def integer_checker(smallest: int, largest: int) -> Checker:
    """Return a checker of a whole number between two bounds, both allowed."""

    def check(raw: object) -> Verdict:
        if raw is None:
            return NOTHING
        number = _whole_number(raw)
        if isinstance(number, str):
            return (None, None) if number == "" else (None, number)
        if number < smallest:
            return None, "too_small"
        if number > largest:
            return None, "too_big"
        return number, None

    return check


def _whole_number(raw: object) -> int | str:
    """Return the number; else "" for nothing, or the problem."""
    if isinstance(raw, bool):
        return "invalid"
    if isinstance(raw, int):
        return raw
    if isinstance(raw, float):
        return int(raw) if raw.is_integer() else "invalid"
    if not isinstance(raw, str) or len(raw) > 40 or has_control_characters(raw):
        return "invalid"
    text = ascii_digits(clean_line(raw))
    if text == "":
        return ""
    if _GROUPED_NUMBER.fullmatch(text):
        text = text.replace(",", "").replace(" ", "")
    return int(text) if _WHOLE_NUMBER.fullmatch(text) else "invalid"


def yes_no_checker() -> Checker:
    """Return a checker of a yes or no answer: a boolean, or the words."""

    def check(raw: object) -> Verdict:
        if raw is None or isinstance(raw, bool):
            return raw, None
        if not isinstance(raw, str) or len(raw) > 40:
            return None, "invalid"
        word = raw.strip().casefold()
        if word in _YES:
            return True, None
        if word in _NO:
            return False, None
        return NOTHING if word == "" else (None, "invalid")

    return check


def choice_checker(values: Sequence[str]) -> Checker:
    """Return a checker of one of the values."""
    allowed = frozenset(values)
    longest = max(map(len, allowed))

    def check(raw: object) -> Verdict:
        if raw is None:
            return NOTHING
        if not isinstance(raw, str) or len(raw) > longest + 40:
            return None, "invalid"
        if raw in allowed:
            return raw, None
        value = raw.strip()
        if value == "":
            return NOTHING
        return (value, None) if value in allowed else (None, "invalid")

    return check


def choices_checker(values: Sequence[str]) -> Checker:
    """Return a checker of any number of the values; the answer has each once, in the form's order."""
    allowed = frozenset(values)

    def check(raw: object) -> Verdict:
        if raw is None or raw == "":
            return [], None
        chosen = [raw] if isinstance(raw, str) else raw
        if not isinstance(chosen, list | tuple) or len(chosen) > 4 * len(allowed):
            return None, "invalid"
        if not all(isinstance(value, str) and value in allowed for value in chosen):
            return None, "invalid"
        return [value for value in values if value in chosen], None

    return check


def date_checker() -> Checker:
    """Return a checker of a calendar date: ISO text or three parts; the answer is ISO text."""

    def check(raw: object) -> Verdict:
        if raw is None:
            return NOTHING
        if isinstance(raw, DateParts):
            return _date_of_parts(raw)
        if not isinstance(raw, str):
            return None, "invalid"
        if len(raw) > 40:
            return None, "invalid"
        text = raw.strip()
        if text == "":
            return NOTHING
        return (text, None) if read_iso_date(text) else (None, "invalid")

    return check


def _date_of_parts(parts: DateParts) -> Verdict:
    if any(len(part) > 40 or has_control_characters(part) for part in parts):
        return None, "invalid"
    day, month, year = (ascii_digits(clean_line(part)) for part in parts)
    if not (day or month or year):
        return NOTHING
    for part, problem in ((day, "no_day"), (month, "no_month"), (year, "no_year")):
        if not part:
            return None, problem
    if year.isdecimal() and len(year) < 4:
        return None, "short_year"
    number = read_month(month)
    if number is None or not day.isdecimal() or not year.isdecimal() or len(day) > 2:
        return None, "invalid"
    text = f"{year}-{number:02}-{day:0>2}"
    return (text, None) if read_iso_date(text) else (None, "invalid")


_PHONE_SIGNS = str.maketrans("", "", " ()-./‐‑–")
_PHONE = re.compile(r"\+[1-9][0-9]{6,14}")
_FIJI = "+679"


def phone_checker() -> Checker:
    """Return a checker of a phone number; the answer starts with + and the country code.

    Seven digits are a number in Fiji. Numbers of other countries need their + (or 00).
    """

    def check(raw: object) -> Verdict:
        if raw is None:
            return NOTHING
        if not isinstance(raw, str) or len(raw) > 60 or has_control_characters(raw):
            return None, "invalid"
        text = clean_line(raw)
        if text == "":
            return NOTHING
        number = _international(ascii_digits(text).translate(_PHONE_SIGNS))
        if not _PHONE.fullmatch(number) or (number.startswith(_FIJI) and not _is_fijian(number)):
            return None, "invalid"
        return number, None

    return check


def _international(digits: str) -> str:
    if digits.startswith("00"):
        return "+" + digits[2:]
    if len(digits) == 7:
        return _FIJI + digits
    if len(digits) == 10 and digits.startswith(_FIJI[1:]):
        return "+" + digits
    return digits


def _is_fijian(number: str) -> bool:
    return len(number) == len(_FIJI) + 7 and number[len(_FIJI)] not in "01"


_MAIL_NAME = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]{1,64}")
_HOST_LABEL = re.compile(r"[^\W_](?:[\w-]{0,61}[^\W_])?")


def email_checker() -> Checker:
    """Return a checker of an e-mail address; the answer has the part after @ in small letters."""

    def check(raw: object) -> Verdict:
        if raw is None:
            return NOTHING
        if not isinstance(raw, str) or len(raw) > 1000 or has_control_characters(raw):
            return None, "invalid"
        text = clean_line(raw)
        if text == "":
            return NOTHING
        name, _, host = text.rpartition("@")
        host = host.lower()
        fine = len(text) <= 254 and _MAIL_NAME.fullmatch(name) and _is_host(host)
        return (f"{name}@{host}", None) if fine else (None, "invalid")

    return check


def _is_host(host: str) -> bool:
    labels = host.split(".")
    return len(labels) > 1 and all(map(_HOST_LABEL.fullmatch, labels))


def group_checker() -> Checker:
    """Return a checker of a repeating group as a list of objects; what is in them, its fields check."""

    def check(raw: object) -> Verdict:
        if raw is None or raw == "":
            return [], None
        if not isinstance(raw, list | tuple) or not all(isinstance(item, Mapping) for item in raw):
            return None, "invalid"
        return [dict(item) for item in raw], None

    return check


_LONGEST_FILE_NAME = 200


def upload_checker(fewest: int, most: int) -> Checker:
    """Return a checker of uploaded files as a list of {"id", "name"}; each id once.

    Whether there are such files, and whose they are, is known where they are kept (cases/documents.py).
    """

    def check(raw: object) -> Verdict:
        if raw is None or raw == "":
            return [], None
        if not isinstance(raw, list | tuple) or not all(map(_is_file, raw)):
            return None, "invalid"
        files = list({item["id"]: {"id": item["id"], "name": item["name"]} for item in raw}.values())
        if len(files) > most:
            return None, "too_many"
        return (None, "too_few") if 0 < len(files) < fewest else (files, None)

    return check


def _is_file(item: object) -> bool:
    if not isinstance(item, Mapping) or item.keys() != {"id", "name"}:
        return False
    number, name = item["id"], item["name"]
    if not isinstance(number, int) or isinstance(number, bool) or not 0 < number < 2**53:
        return False
    return isinstance(name, str) and 0 < len(name) <= _LONGEST_FILE_NAME and not has_control_characters(name)


def reference_checker(pattern: str) -> Checker:
    """Return a checker of a reference such as NOB-9999-999999, where each 9 of the pattern is a digit.

    People write small letters, leave out hyphens or the letters in front: the answer has the full form.
    """
    digits_wanted = pattern.count("9")
    letters = re.sub(r"[^A-Z]", "", pattern)

    def check(raw: object) -> Verdict:
        if raw is None:
            return NOTHING
        if not isinstance(raw, str) or len(raw) > 60 or has_control_characters(raw):
            return None, "invalid"
        text = clean_line(raw)
        if text == "":
            return NOTHING
        digits = ascii_digits(text).upper().translate(_REFERENCE_SIGNS).removeprefix(letters)
        if len(digits) != digits_wanted or not (digits.isascii() and digits.isdecimal()):
            return None, "invalid"
        return _fill(pattern, digits), None

    return check


_REFERENCE_SIGNS = str.maketrans("", "", " -‐‑–/")


def _fill(pattern: str, digits: str) -> str:
    remaining = iter(digits)
    return "".join(next(remaining) if sign == "9" else sign for sign in pattern)
