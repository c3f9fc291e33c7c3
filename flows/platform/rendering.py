"""Letters as tagged PDF: the only module that knows WeasyPrint.

A template and its facts become HTML (Jinja2, everything escaped), the HTML becomes an A4 PDF/UA-1.
Style sheet and fonts are read once per process. WeasyPrint only *logs* broken CSS, a missing sign or an
image that can't be read; here any such line fails the letter, because a certificate with a hole in it
must not leave the house.
"""

from __future__ import annotations

import gc
import logging
import re
import threading
import unicodedata
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import cache, partial
from hashlib import sha256
from pathlib import Path
from typing import Any

import segno
from jinja2 import Environment, FileSystemLoader, StrictUndefined, TemplateError, TemplateNotFound
from markupsafe import Markup, escape
from weasyprint import CSS, HTML
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcher, URLFetcherResponse

from cases.errors import CaseError
from config.errors import ConfigError
from config.languages import LANGUAGES, format_date, translations

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = ROOT / "templates" / "letters"
FONTS = ROOT / "node_modules" / "@fontsource"
_LOGGERS = ("weasyprint", "fontTools", "pydyf")
_TEMPLATE_NAME = re.compile(r"[a-z0-9_]+/[a-z0-9_]+")
_BIDI_MARKS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


class LetterFailed(CaseError):
    """A letter can't be made from this template and these facts. `str()` holds no personal data."""


@dataclass(frozen=True, slots=True)
class RenderedLetter:
    """A finished letter: the file, the HTML it was laid out from, and how many pages it has."""

    pdf: bytes
    html: str
    pages: int


def render_letter(
    template: str, facts: Mapping[str, Any], *, language: str, verify_url: str, issued_on: date
) -> RenderedLetter:
    """Make a letter. The same arguments give the same bytes.

    template: its folder and name, such as `birth_registration/certificate`.
    facts: JSON, everything the letter says; what is needed stands at the top of the template.
    language: a key of LANGUAGES; words without a translation come in English.
    verify_url: the public page that says whether the letter is genuine; printed as QR code and text.
    Raises LetterFailed when a fact is missing, a template is broken, or anything was logged on the way;
    ConfigError when the fonts aren't installed.
    """
    qr = _qr_code(verify_url)
    html = letter_html(template, facts, language=language, verify_url=verify_url, issued_on=issued_on, qr=qr)
    with _RENDERING, nothing_logged():
        document = HTML(string=html, base_url=str(TEMPLATES), url_fetcher=Fetcher(qr)).render(
            stylesheets=[_press().style], font_config=_press().fonts, pdf_variant="pdf/ua-1"
        )
        pdf = document.write_pdf(pdf_variant="pdf/ua-1", pdf_identifier=sha256(html.encode()).digest()[:16])
    return RenderedLetter(pdf, html, len(document.pages))


def letter_html(
    template: str, facts: Mapping[str, Any], *, language: str, verify_url: str, issued_on: date, qr: str
) -> str:
    """The HTML of a letter; arguments and errors as for `render_letter`, `qr` being the image's address."""
    if not _TEMPLATE_NAME.fullmatch(template):
        raise LetterFailed("the template's name isn't <service>/<letter>")
    info = LANGUAGES.get(language, LANGUAGES["en"])
    context = {
        "facts": _clean(facts),
        "tag": info.tag,
        "draft": info.draft,
        "issued_on": issued_on,
        "verify_url": verify_url,
        "qr": qr,
        "date": partial(_date, language=info.key),
        "text": partial(_plain_text, language=info.key),
        "_": partial(_marked_text, language=info.key),
    }
    with _template_errors(template):
        return _templates().get_template(f"{template}.html").render(context)


def warm_up() -> None:
    """Load style sheet, fonts and templates, so that the process's first letter costs what others do.

    Raises LetterFailed or ConfigError if what every letter needs is broken or missing.
    """
    _press()
    for name in _templates().list_templates(extensions=["html"]):
        with _template_errors(name):
            _templates().get_template(name)
    gc.collect()
    gc.freeze()  # what is loaded now stays: the collector needn't look at it for each letter
    gc.set_threshold(50_000, 20, 100)


@dataclass(frozen=True, slots=True)
class _Press:
    fonts: FontConfiguration
    style: CSS


_RENDERING = threading.Lock()  # Pango's font maps aren't made for two threads


@cache
def _press() -> _Press:
    require_fonts(FONTS)
    fonts = FontConfiguration()
    with nothing_logged():
        style = CSS(filename=TEMPLATES / "letters.css", font_config=fonts, url_fetcher=Fetcher())
    return _Press(fonts, style)


def require_fonts(folder: Path) -> None:
    """Raise ConfigError, saying what to do, unless the letters' fonts are installed in `folder`."""
    for package in ("noto-sans", "noto-sans-devanagari"):
        if not (folder / package / "files").is_dir():
            place = f"node_modules/@fontsource/{package}"
            raise ConfigError(place, "", "the fonts of letters, which `npm ci` installs", "no such folder")


class Fetcher(URLFetcher):  # type: ignore[misc]  # WeasyPrint has no types
    """Opens the files of the letter templates and the fonts, and the images made here; nothing else."""

    def __init__(self, *images: str) -> None:
        super().__init__(allowed_protocols=["file", "data"], allow_redirects=False)
        self._images = frozenset(images)

    def fetch(self, url: str, headers: Mapping[str, str] | None = None) -> URLFetcherResponse:
        if url not in self._images and not self._is_ours(url):
            raise ValueError("letters may only use their own files")
        return super().fetch(url, headers)

    def _is_ours(self, url: str) -> bool:
        if not url.startswith("file:///"):
            return False
        path = Path(URLFetcherResponse(url).path).resolve()
        return path.is_relative_to(TEMPLATES) or path.is_relative_to(FONTS.resolve())


@cache
def _templates() -> Environment:
    return Environment(
        loader=FileSystemLoader(TEMPLATES),
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


def _qr_code(address: str) -> str:
    code = segno.make_qr(address, error="m", boost_error=False)
    return code.png_data_uri(scale=6, border=0)


@contextmanager
def _template_errors(template: str) -> Iterator[None]:
    """Turn Jinja's errors into LetterFailed. They name variables and lines, never values."""
    try:
        yield
    except TemplateNotFound as error:
        raise LetterFailed(f"there is no letter template {error.name}") from None
    except TemplateError as error:
        raise LetterFailed(f"template {template}: {type(error).__name__}: {error.message}") from None
    except (TypeError, ValueError, KeyError, ArithmeticError) as error:
        raise LetterFailed(f"template {template}: {type(error).__name__}") from None


class _Listener(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.words: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.words.append(_without_facts(record))


@contextmanager
def nothing_logged() -> Iterator[None]:
    """Raise LetterFailed at the end if WeasyPrint, fontTools or pydyf warned meanwhile."""
    listener = _Listener()
    loggers = [logging.getLogger(name) for name in _LOGGERS]
    for logger in loggers:
        logger.addHandler(listener)
    try:
        yield
    finally:
        for logger in loggers:
            logger.removeHandler(listener)
    if listener.words:
        raise LetterFailed("; ".join(dict.fromkeys(listener.words)))


def _without_facts(record: logging.LogRecord) -> str:
    """The words of a log line, with `…` for every part that doesn't stand in our own files.

    A part may hold anything out of the letter (a name, the address of the verification page); numbers
    and what the templates and the style sheet say themselves are safe to repeat.
    """
    source = _sources()
    parts = record.args if isinstance(record.args, tuple) else ()
    safe = tuple(part if isinstance(part, int | float) or str(part) in source else "…" for part in parts)
    return str(record.msg) % safe if safe else str(record.msg)


def _sources() -> str:
    files = sorted(TEMPLATES.rglob("*.css")) + sorted(TEMPLATES.rglob("*.html"))
    return "\n".join(file.read_text("utf-8") for file in files)
