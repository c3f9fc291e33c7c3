"""A lost PIN: whoever knows the reference and the phone number or e-mail address of the application gets a
new one there by message. The page says the same whether they belong together or not."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, redirect, render_template, request, url_for
from markupsafe import Markup
from sqlalchemy import Connection, select
from werkzeug.wrappers import Response

from cases.errors import TooManyAttempts
from cases.models import Case
from cases.people import check_tries, count_wrong_try, normalise_reference, try_key
from cases.permissions import Actor
from cases.pins import send_new_pin
from web.access import public
from web.errors import tell
from web.languages import say
from web.platform import now, platform
from web.public.drafting import OFFERED_FOR, contacts_of

blueprint = Blueprint("lost_pin", __name__, url_prefix="/track/lost-pin")
Reply = str | Response | tuple[str, int]


@blueprint.get("")
@public
def ask() -> Reply:
    """Ask for the reference, and for the phone number or e-mail address of the application."""
    return _page({}, {})


@blueprint.post("")
@public
def asked() -> Reply:
    """Have a new PIN sent if the two belong together, and answer alike if they don't.

    Every try counts, the right ones too: nobody's phone can be flooded with messages.
    """
    typed = {name: request.form.get(name, "").strip()[:254] for name in ("reference", "contact")}
    errors = {
        name: text
        for name, text in (
            ("reference", say("Enter the reference of your application")),
            ("contact", say("Enter the phone number or e-mail address you gave in the application")),
        )
        if not typed[name]
    }
    if errors:
        return _page(typed, errors), 422
    try:
        _replace(normalise_reference(typed["reference"]), typed["contact"])
    except TooManyAttempts as error:
        told = tell(error)
        return _page(typed, {"reference": told.advice}), told.status
    return redirect(url_for("lost_pin.on_its_way"))


@blueprint.get("/sent")
@public
def on_its_way() -> Reply:
    """Say that a message is on its way if all was right, and what to do if none comes."""
    return render_template("public/lost_pin_sent.html")


def _page(typed: Mapping[str, str], errors: Mapping[str, Markup]) -> str:
    return render_template("public/lost_pin.html", typed=typed, errors=errors)


def _replace(reference: str, contact: str) -> None:
    """Replace the PIN if reference and contact belong together. Raises TooManyAttempts."""
    key, instant, site = try_key("lost-pin", reference), now(), platform()
    with site.database.write() as connection:
        check_tries(connection, key, now=instant)
        count_wrong_try(connection, key, now=instant)
        found = _address(connection, reference, contact)
        if found is not None:
            case_id, to = found
            send_new_pin(
                connection,
                case_id=case_id,
                to=to,
                facts={},
                secret=site.secret,
                actor=Actor("citizen"),
                now=instant,
            )
    site.database.wake("messages")


def _address(connection: Connection, reference: str, contact: str) -> tuple[int, str] | None:
    """Return the case and the address, as it stands there, that a person has typed; None for any other."""
    columns = (Case.id, Case.service, Case.answers)
    row = connection.execute(select(*columns).where(Case.reference == reference)).one_or_none()
    form = platform().forms.get(row.service) if row else None
    if row is None or form is None:
        return None
    given = {address.casefold(): address for address in contacts_of(form, row.answers)}
    for field in form.fields.values():
        if field.type in OFFERED_FOR.values():
            address = given.get(str(field.check(contact)[0]).casefold())
            if address is not None:
                return row.id, address
    return None
