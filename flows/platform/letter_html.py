"""The words of letters: a template and its facts become HTML, for paper or for the screen.

Jinja2, everything escaped; knows nothing of WeasyPrint, so that a start can check every template quickly.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from functools import cache, lru_cache, partial
from pathlib import Path
from traceback import extract_tb
from typing import Any

import segno
from jinja2 import (
    Environment,
    FileSystemLoader,
    StrictUndefined,
    TemplateError,
    TemplateNotFound,
    TemplateSyntaxError,
)
from markupsafe import Markup, escape

from cases.errors import CaseError
from cases.vocabulary import LetterVariant
from config.languages import LANGUAGES, format_date, translations
from config.roles import load_roles
from config.words import text

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = ROOT / "templates" / "letters"
_TEMPLATE_NAME = re.compile(r"[a-z0-9_]+/[a-z0-9_]+")
_BIDI_MARKS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


class LetterFailed(CaseError):
    """A letter can't be made from this template and these facts. `str()` holds no personal data."""


def letter_html(
    template: str,
    facts: Mapping[str, Any],
    *,
    language: str,
    verify_url: str,
    issued_on: date,
    variant: LetterVariant = LetterVariant.PDF,
    folder: Path = TEMPLATES,
) -> str:
    """Return the HTML of a letter; of the PDFs, what is laid out; of the text, what it is read from.

    template: its folder and name, such as `birth_registration/certificate`.
    facts: JSON, everything the letter says; what is needed stands at the top of the template.
    language: a key of LANGUAGES; words without a translation come in English.
    verify_url: the public page that says whether the letter is genuine; its end is the letter's code.
    Raises LetterFailed when a fact is missing or the template is broken, with file and line.
    """
    if not _TEMPLATE_NAME.fullmatch(template):
        raise LetterFailed("the template's name isn't <service>/<letter>")
    info = LANGUAGES.get(language, LANGUAGES["en"])
    context = {
        "facts": _clean(facts),
        "tag": info.tag,
        "draft": info.draft,
        "issued_on": issued_on,
        "verify_url": verify_url,
        "code": letter_code(verify_url),
        "variant": variant.value,
        "qr": partial(qr_png, verify_url),
        "qr_drawn": partial(_qr_drawn, verify_url),
        "screen_style": _screen_style,
        "is_date": _is_date,
        "date": partial(_date, language=info.key),
        "text": partial(_plain_text, language=info.key),
        "role_title": partial(_role_title, language=info.key),
        "_": partial(_marked_text, language=info.key),
    }
    with template_errors(template):
        return templates(folder).get_template(f"{template}.html").render(context)


def letter_code(verify_url: str) -> str:
    """Return the code of the letter that this address verifies."""
    return verify_url.rpartition("/")[2]


@cache
def templates(folder: Path = TEMPLATES) -> Environment:
    """Return the environment of a folder's letters. What a template names and isn't there is an error."""
    return Environment(
        loader=FileSystemLoader([folder, TEMPLATES]),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_printable,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )


def _printable(value: Any) -> Any:
    if value is None:
        raise LetterFailed("the template prints a fact that is empty")
    return value


def _clean(value: Any) -> Any:
    """Facts without the marks and controls that would change the words around them."""
    if isinstance(value, str):
        kept = (sign for sign in value if sign not in _BIDI_MARKS)
        return "".join(" " if unicodedata.category(sign) == "Cc" else sign for sign in kept)
    if isinstance(value, Mapping):
        return {key: _clean(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_clean(item) for item in value]
    return value


def _is_date(text: str) -> bool:
    return re.fullmatch(r"\d{4}-\d\d-\d\d", text) is not None


def _date(day: str, *, language: str) -> Markup:
    """A calendar date in the letter's words, never broken over two lines."""
    try:
        return Markup('<span class="whole">{}</span>').format(format_date(date.fromisoformat(day), language))
    except (TypeError, ValueError):
        raise LetterFailed("a date among the facts isn't an ISO date") from None


def _plain_text(message: str, /, *, language: str, **values: Any) -> str:
    """The words in the letter's language, for attributes and the title."""
    words = translations(language, "letters").gettext(message)
    return words % {name: _printable(value) for name, value in values.items()} if values else words


def _marked_text(message: str, /, *, language: str, **values: Any) -> Markup:
    """The words in the letter's language; English ones are marked as such in a letter in another."""
    words = translations(language, "letters").gettext(message)
    marked = escape(words)
    if values:
        marked = marked % {name: _printable(value) for name, value in values.items()}
    if words == message and language != "en":
        return Markup('<span lang="en">{}</span>').format(marked)
    return marked


def _role_title(key: str, *, language: str) -> Markup:
    """What somebody is who signs: the title of their role, English ones marked as such in other letters."""
    known = load_roles().get(key)
    title, spoken = text(known.title, language) if known else (key.replace("-", " "), language)
    marked = escape(title[:1].upper() + title[1:])
    return marked if spoken == language else Markup('<span lang="en">{}</span>').format(marked)


@lru_cache(maxsize=4)
def _qr(address: str) -> segno.QRCode:
    return segno.make_qr(address, error="m", boost_error=False)


@lru_cache(maxsize=4)
def qr_png(address: str) -> str:
    """Return the QR code of an address as a PNG in a data address (of all kinds the quickest to lay out)."""
    data: str = _qr(address).png_data_uri(scale=6, border=0)
    return data


def _qr_drawn(address: str, label: str) -> Markup:
    """The QR code as SVG in the page itself: a page that may load nothing shows it too."""
    drawn = _qr(address).svg_inline(
        scale=4, border=4, omitsize=True, svgclass="qr", lineclass=None, light="#fff"
    )
    attributes = Markup('<svg role="img" aria-label="{}" ').format(label)
    return Markup(drawn.replace("<svg ", str(attributes), 1))


@cache
def _screen_style() -> Markup:
    return Markup((TEMPLATES / "screen.css").read_text("utf-8"))


@contextmanager
def template_errors(template: str) -> Iterator[None]:
    """Turn Jinja's errors into LetterFailed. They name variables, file and line, never values."""
    try:
        yield
    except TemplateNotFound as error:
        raise LetterFailed(f"there is no letter template {error.name}") from None
    except TemplateSyntaxError as error:
        place = f"{_short(error.filename or template)}:{error.lineno}"
        raise LetterFailed(f"{place}: {type(error).__name__}: {error.message}") from None
    except TemplateError as error:
        raise LetterFailed(f"{_place(error, template)}: {type(error).__name__}: {error.message}") from None
    except LetterFailed as error:
        raise LetterFailed(f"{_place(error, template)}: {error}") from None
    except (TypeError, ValueError, KeyError, ArithmeticError) as error:
        raise LetterFailed(f"{_place(error, template)}: {type(error).__name__}") from None


def _place(error: Exception, template: str) -> str:
    """The innermost line of a template that the error came through."""
    frames = [frame for frame in extract_tb(error.__traceback__) if frame.filename.endswith(".html")]
    return f"{_short(frames[-1].filename)}:{frames[-1].lineno}" if frames else f"template {template}"


def _short(filename: str) -> str:
    path = Path(filename)
    return path.relative_to(ROOT).as_posix() if path.is_relative_to(ROOT) else path.name
