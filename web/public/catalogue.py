"""The catalogue of services, and each service's start page: what it needs, costs and takes."""

from __future__ import annotations

import string
from typing import Any

from flask import Blueprint, abort, render_template

from config.rates import rate_on
from config.services import ServiceConfig
from config.words import Words
from web.access import public
from web.languages import local_date, words
from web.platform import now, platform

blueprint = Blueprint("catalogue", __name__)


@blueprint.get("/")
@public
def catalogue() -> str:
    """List the services one can apply for."""
    return render_template("public/catalogue.html", services=platform().services.values())


@blueprint.get("/services/<service>")
@public
def start_page(service: str) -> str:
    """Tell what a service needs, costs and takes before somebody starts."""
    config = service_or_404(service)
    return render_template(
        "public/start.html",
        service=config,
        needs=[said for text in config.needs.values() if (said := filled(config, text)) is not None],
        cost=phrase(config, "cost"),
        how_long=phrase(config, "how-long"),
        what_next=phrase(config, "what-happens-next"),
    )


def service_or_404(service: str) -> ServiceConfig:
    """Return a service by its key; for an unknown one, answer that the page doesn't exist."""
    config = platform().services.get(service)
    if config is None:
        abort(404)
    return config


def phrase(config: ServiceConfig, key: str) -> Any | None:
    """Return one of a service's phrases as HTML in the page's language; None if it has no such phrase
    or what the phrase would say isn't confirmed."""
    return filled(config, config.phrases[key]) if key in config.phrases else None


def filled(config: ServiceConfig, texts: Words) -> Any | None:
    """Return words of a service with each {rate} or {step} filled: today's value, the days promised.

    None if a rate among them isn't confirmed: nothing unconfirmed is printed to a citizen as a rule.
    """
    names = {name for _, name, _, _ in string.Formatter().parse(texts["en"]) if name}
    values = {name: _value(config, name) for name in names}
    return None if None in values.values() else words(texts, **values)


def _value(config: ServiceConfig, name: str) -> object | None:
    if name in config.steps:
        sla = config.steps[name].sla
        return sla.budget.days if sla else None
    rate = rate_on(config.rates, name, local_date(now()))
    return f"{rate.value:f}" if rate and rate.provenance.confirmed else None
