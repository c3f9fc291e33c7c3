"""The language of a page: which one, its texts, and English wherever a text isn't translated yet.

An English fallback on a page in another language is marked `lang="en"`, else a screen reader reads it
aloud with the wrong voice.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from babel.dates import format_date as babel_format_date
from flask import Blueprint, g, redirect, request
from markupsafe import Markup, escape
from werkzeug.wrappers import Response

from config.languages import LANGUAGES, format_date, translations
from config.words import ENGLISH
from web.access import public
from web.platform import platform

COOKIE = "s2f-language"
DOMAIN = "s2f"
blueprint = Blueprint("languages", __name__)


def language() -> str:
    """Return the key of this page's language: the reader's choice, English for staff pages."""
    if "language" not in g:
        chosen = request.cookies.get(COOKIE, ENGLISH)
        staff = request.path.startswith("/staff")
        g.language = chosen if chosen in LANGUAGES and not staff else ENGLISH
    found: str = g.language
    return found


def plain(text: str, **values: object) -> str:
    """Return an English text of ours in the page's language, for attributes and titles."""
    said = translations(language(), DOMAIN).gettext(text)
    return said % values if values else said


def say(text: str, **values: object) -> Markup:
    """Return an English text of ours in the page's language as HTML, marked where it stays English."""
    said = translations(language(), DOMAIN).gettext(text)
    return marked(said, ENGLISH if said == text else language(), **values)


def say_number(one: str, many: str, n: int, **values: object) -> Markup:
    """As `say`, for a text that depends on a number `n`."""
    said = translations(language(), DOMAIN).ngettext(one, many, n)
    return marked(said, ENGLISH if said in (one, many) else language(), n=n, **values)


def marked(text: str, spoken: str, **values: object) -> Markup:
    """Return text as HTML, in a span that names its language if that isn't the page's."""
    html = Markup(escape(text))
    if values:
        html = html % {name: escape(value) for name, value in values.items()}
    if spoken == language():
        return html
    return Markup('<span lang="{}">{}</span>').format(LANGUAGES[spoken].tag, html)


def words(texts: Mapping[str, str], **values: Any) -> Markup:
    """Return words of a configuration or form in the page's language as HTML.

    values: fill the {placeholders} of the words.
    """
    spoken = language() if language() in texts else ENGLISH
    text = texts[spoken]
    return marked(text.format(**values) if values else text, spoken)


def plain_words(texts: Mapping[str, str]) -> str:
    """As `words`, for attributes and titles."""
    return texts.get(language(), texts[ENGLISH])


def local_date(instant: datetime) -> date:
    """Return the calendar date of an instant in the country's zone."""
    return instant.astimezone(platform().zone).date()


def say_date(day: date | datetime) -> str:
    """Return `12 May 2026`: of an instant, its date in the country's zone."""
    return format_date(local_date(day) if isinstance(day, datetime) else day, language())


def say_moment(instant: datetime) -> str:
    """Return `12 May 2026, 2:05 pm` in the country's zone."""
    local = instant.astimezone(platform().zone)
    hour = local.hour % 12 or 12
    return f"{say_date(instant)}, {hour}:{local:%M} {'am' if local.hour < 12 else 'pm'}"


def short_date(instant: datetime) -> str:
    """Return `12 May 2026` with a short month, for tables."""
    return babel_format_date(local_date(instant), "d MMM y", locale=LANGUAGES[language()].dates)


@blueprint.get("/language/<code>")
@public
def choose(code: str) -> Response:
    """Keep the reader's choice of language for a year and go back to the page they came from."""
    response = redirect(local_path(request.args.get("next")) or "/")
    if code in LANGUAGES:
        secure = platform().settings.public_url.startswith("https:")
        response.set_cookie(COOKIE, code, max_age=31_536_000, httponly=True, secure=secure, samesite="Lax")
    return response


def local_path(address: str | None) -> str | None:
    """Return `address` if it is a path on this site, else None: nobody is sent to a stranger's page."""
    if not address or not address.startswith("/") or address.startswith(("//", "/\\")):
        return None
    return address if address.isprintable() else None
