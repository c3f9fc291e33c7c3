"""How templates are rendered: strictly, with the GOV.UK macros, the page's language and its formats."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Flask, request
from flask_login import current_user
from jinja2 import StrictUndefined
from markupsafe import Markup

from config.languages import LANGUAGES
from config.roles import load_roles
from config.settings import Mode
from web import languages
from web.components import components
from web.fields import draw_answer
from web.platform import platform
from web.security import nonce
from web.static_files import asset

TEMPLATES = "../templates/web"


def prepare(app: Flask) -> None:
    """Give the application's templates all that they may use. Anything else they name is an error."""
    app.jinja_options = {"undefined": StrictUndefined, "trim_blocks": True, "lstrip_blocks": True}
    app.jinja_env.globals.update(
        govuk=components,
        _=languages.say,
        ngettext=languages.say_number,
        plain=languages.plain,
        words=languages.words,
        plain_words=languages.plain_words,
        asset=asset,
        nonce=nonce,
        link=link,
        answer=draw_answer,
        role_of=role_of,
    )
    app.jinja_env.filters.update(
        day=languages.say_date,
        moment=languages.say_moment,
        short_day=languages.short_date,
        iso_day=lambda text: languages.say_date(datetime.fromisoformat(text)),
    )
    app.context_processor(_of_this_page)


def role_of(key: str) -> dict[str, Any]:
    """Return what a page says of a role: its `title` in each language, and whether it is `central`: in one
    place for the whole country."""
    known = load_roles().get(key)
    return {
        "title": known.title if known else {"en": key.replace("-", " ")},
        "central": bool(known and known.central),
    }


def link(address: str, text: str) -> Markup:
    """Return a link, to stand within a sentence."""
    return Markup('<a class="govuk-link" href="{}">{}</a>').format(address, text)


def _of_this_page() -> dict[str, Any]:
    return {
        "language": LANGUAGES[languages.language()],
        "languages": list(LANGUAGES.values()),
        "demo": platform().settings.mode is Mode.DEMO,
        "here": request.path,
        "staff_member": current_user if current_user.is_authenticated else None,
    }
