"""The catalogue of services, and each service's start page: what it needs, costs and takes."""

from __future__ import annotations

import string
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import Blueprint, abort, current_app, render_template
from markupsafe import Markup
from sqlalchemy.exc import DBAPIError

from cases.lately import Lately, lately
from config.rates import Unit, rate_on
from config.services import ServiceConfig
from config.words import Words
from web.access import public
from web.languages import local_date, words
from web.platform import now, platform

blueprint = Blueprint("catalogue", __name__)
ASK_EVERY = timedelta(minutes=10)
_KNOWN = "s2f-lately"


@blueprint.get("/")
@public
def catalogue() -> str:
    """List the services one can apply for, those first that most people asked for lately, and each that
    follows upon another (a correction, a review) after that."""
    return render_template("public/catalogue.html", services=in_order(platform().services, _lately()))


def in_order(services: Mapping[str, ServiceConfig], asked: Mapping[str, Lately]) -> Sequence[ServiceConfig]:
    """Return the services as they are listed. asked: how many asked for each lately."""

    def place(service: ServiceConfig) -> tuple[int, str, bool]:
        first = service.follows or service.key
        return -asked[first].count if first in asked else 0, first, service.follows is not None

    return sorted(services.values(), key=place)


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
        fees=fees(config),
        how_long=phrase(config, "how-long"),
        lately=_lately().get(service),
        what_next=phrase(config, "what-happens-next"),
    )


@dataclass(frozen=True)
class Fee:
    """What something costs today. `settled`: whether that is confirmed, or only what is asked now."""

    title: Markup
    amount: str
    settled: bool


def fees(config: ServiceConfig) -> list[Fee]:
    """Return the amounts of money that hold today and have a phrase of their own, which says what for."""
    found = []
    for key in config.rates:
        rate, title = rate_on(config.rates, key, local_date(now())), phrase(config, key)
        if rate is not None and title is not None and rate.unit is Unit.FJD:
            amount = f"${rate.value:,.2f}".removesuffix(".00")
            found.append(Fee(title, amount, rate.provenance.confirmed))
    return found


def _lately() -> Mapping[str, Lately]:
    """Return how long applications took lately, by service; asked of the database every few minutes.

    Nothing when the database is away: the page is worth showing all the same.
    """
    site, instant = platform(), now()
    known = current_app.extensions.get(_KNOWN)
    if known is None or known[0] is not site.database or not timedelta(0) <= instant - known[1] < ASK_EVERY:
        try:
            with site.database.read() as connection:
                known = (site.database, instant, lately(connection, zone=site.zone, now=instant))
        except DBAPIError:
            return {}
        current_app.extensions[_KNOWN] = known
    found: Mapping[str, Lately] = known[2]
    return found


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
