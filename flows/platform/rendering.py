"""Letters in all their variants: the only module that knows WeasyPrint.

`letter_html` makes the HTML; here it becomes an A4 PDF/UA-1, the same in large print, a page for the screen
and plain text, all at once. Style sheets and fonts are read once per process. WeasyPrint only *logs* broken
CSS, a missing sign or an image that can't be read; here any such line fails the letter, because a certificate
with a hole in it must not leave the house.
"""

from __future__ import annotations

import gc
import json
import logging
import re
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import cache, partial
from hashlib import sha256
from pathlib import Path
from typing import Any

from weasyprint import CSS, HTML, Attachment
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcher, URLFetcherResponse

from cases.vocabulary import LetterVariant
from config.errors import ConfigError
from flows.platform.letter_file import LetterFile
from flows.platform.letter_html import (
    ROOT,
    TEMPLATES,
    LetterFailed,
    letter_code,
    letter_html,
    qr_png,
    template_errors,
    templates,
)
from flows.platform.letter_tags import complete_tags
from flows.platform.letter_text import plain_text
from flows.platform.spoken_text import write_spoken_text

FONTS = ROOT / "node_modules" / "@fontsource"
_LOGGERS = ("weasyprint", "fontTools", "pydyf")

Sign = Callable[[bytes, str], bytes]
"""Signs a PDF: what it is, and the code of the letter."""


@dataclass(frozen=True, slots=True)
class RenderedLetter:
    """A finished letter: the variants that were asked for, and the HTML that its PDFs were laid out from."""

    files: Mapping[LetterVariant, LetterFile]
    html: str

    @property
    def pdf(self) -> bytes:
        """The ordinary PDF."""
        return self.files[LetterVariant.PDF].content

    @property
    def pages(self) -> int:
        """The pages of the ordinary PDF."""
        return self.files[LetterVariant.PDF].pages or 0


def render_letter(
    template: str,
    facts: Mapping[str, Any],
    *,
    language: str,
    verify_url: str,
    issued_on: date,
    variants: tuple[LetterVariant, ...] = tuple(LetterVariant),
    sign: Sign | None = None,
) -> RenderedLetter:
    """Make a letter. The same arguments give the same bytes, but for signatures.

    template, facts, language, verify_url: as for `letter_html`. issued_on: the day the PDF says it is of.
    Raises LetterFailed when a fact is missing, a template is broken, or anything was logged on the way;
    ConfigError when the fonts aren't installed.
    """

    def html(variant: LetterVariant) -> str:
        return letter_html(
            template, facts, language=language, verify_url=verify_url, issued_on=issued_on, variant=variant
        )

    paper = html(LetterVariant.PDF)
    parsed = cache(partial(_parsed, paper, template, verify_url))  # once for both PDFs
    files: dict[LetterVariant, LetterFile] = {}
    attached = _machine_readable(template, facts, language, verify_url, issued_on)
    for variant in variants:
        if variant is LetterVariant.HTML:
            files[variant] = LetterFile(html(variant).encode())
        elif variant is LetterVariant.TEXT:
            files[variant] = LetterFile(plain_text(html(variant)).encode())
        else:
            with _RENDERING, nothing_logged(_file_of(template)):
                made = _lay_out(
                    parsed(), attached, verify_url, issued_on, large=variant is LetterVariant.LARGE
                )
            content = sign(made.content, letter_code(verify_url)) if sign else made.content
            files[variant] = LetterFile(content, made.pages)
    return RenderedLetter(files, paper)


def _machine_readable(
    template: str, facts: Mapping[str, Any], language: str, verify_url: str, issued_on: date
) -> str:
    service, _, letter = template.partition("/")
    said = {
        "format": "s2f-letter-1",
        "service": service.replace("_", "-"),
        "letter": letter.replace("_", "-"),
        "language": language,
        "issued_on": issued_on.isoformat(),
        "verify": verify_url,
        "facts": facts,
    }
    return json.dumps(said, ensure_ascii=False, indent=1, sort_keys=True)


def _parsed(html: str, template: str, verify_url: str) -> HTML:
    with nothing_logged(_file_of(template)):
        return HTML(string=html, base_url=str(TEMPLATES), url_fetcher=Fetcher(qr_png(verify_url)))


def _lay_out(html: HTML, attached: str, verify_url: str, issued_on: date, *, large: bool) -> LetterFile:
    press, made_at = _press(), datetime.combine(issued_on, time(), UTC)
    document = html.render(
        stylesheets=[press.style, press.large] if large else [press.style],
        font_config=press.fonts,
        pdf_variant="pdf/ua-1",
    )
    document.metadata.attachments = [
        Attachment(
            string=attached,
            name="letter.json",
            description="The facts of this letter, for programs",
            created=made_at,
            modified=made_at,
        )
    ]
    identifier = sha256(f"{large}{verify_url}{attached}".encode()).digest()[:16]
    pdf = document.write_pdf(
        pdf_variant="pdf/ua-1",
        pdf_identifier=identifier,
        finisher=lambda _, pdf: complete_tags(pdf, letter_code(verify_url)),
    )
    return LetterFile(pdf, len(document.pages))


def warm_up() -> None:
    """Load style sheets, fonts and templates, so that the process's first letter costs what others do.

    Raises LetterFailed or ConfigError if what every letter needs is broken or missing.
    """
    _press()
    for name in templates().list_templates(extensions=["html"]):
        with template_errors(name):
            templates().get_template(name)
    gc.collect()
    gc.freeze()  # what is loaded now stays: the collector needn't look at it for each letter
    gc.set_threshold(50_000, 20, 100)


@dataclass(frozen=True, slots=True)
class _Press:
    fonts: FontConfiguration
    style: CSS
    large: CSS


_RENDERING = threading.Lock()  # Pango's font maps aren't made for two threads


@cache
def _press() -> _Press:
    require_fonts(FONTS)
    write_spoken_text()
    fonts = FontConfiguration()
    style, large = (_style_sheet(TEMPLATES / name, fonts) for name in ("letters.css", "large.css"))
    return _Press(fonts, style, large)


def _style_sheet(path: Path, fonts: FontConfiguration) -> CSS:
    with nothing_logged(f"templates/letters/{path.name}"):
        return CSS(filename=path, font_config=fonts, url_fetcher=Fetcher())


def _file_of(template: str) -> str:
    return f"templates/letters/{template}.html"


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


class _Listener(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.words: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.words.append(_without_facts(record))


@contextmanager
def nothing_logged(file: str) -> Iterator[None]:
    """Raise LetterFailed at the end if WeasyPrint, fontTools or pydyf warned meanwhile.

    file: what was read or laid out; it is named, with the line if the warning tells it.
    """
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
        raise LetterFailed("; ".join(_placed(words, file) for words in dict.fromkeys(listener.words)))


def _placed(words: str, file: str) -> str:
    """The warning after its place. The line is told of style sheets alone: `Ignored ... at 12:3, ...`."""
    told = re.search(r" at (\d+):\d+", words) if file.endswith(".css") else None
    return f"{file}:{told[1]}: {words}" if told else f"{file}: {words}"


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
