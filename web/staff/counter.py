"""At the counter: entering an application for somebody present, its acknowledgement on paper, finding a case,
and a new PIN for somebody who has lost theirs."""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, g, redirect, render_template, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response

from cases import pins
from cases.errors import NotFound
from cases.models import Case
from cases.people import code_for, normalise_reference, pin_for
from cases.permissions import Action, require
from cases.reading import WholeCase, case_id_of
from cases.transaction import carry_out
from forms.form import Row
from forms.model import FieldType
from web.access import permit
from web.drafts import begun_by, draft_of_token, give_code, new_draft, opener_by_code
from web.office_hours import hours_of
from web.platform import now, platform
from web.public.catalogue import in_order, phrase, service_or_404
from web.public.drafting import draft_here, forget_draft, keep_opener
from web.staff.reading import read_case
from web.staff.sign_in import actor

blueprint = Blueprint("counter", __name__, url_prefix="/staff")
Reply = str | Response | tuple[str, int]
PIN_SHOWN_FOR = timedelta(minutes=15)
TOLD_BY = (FieldType.NAME, FieldType.DATE, FieldType.PHONE)
"""What of an application is compared with somebody's identity paper."""


@blueprint.get("/counter")
@permit(Action.ENTER_APPLICATION)
def desk() -> Reply:
    """Offer what is done at a counter."""
    return _desk("", None)


def _desk(typed: str, error: str | None) -> str:
    with platform().database.read() as connection:
        begun = begun_by(connection, actor().name)
    return render_template(
        "staff/counter.html",
        services=in_order(platform().services, {}),
        begun=[(draft, platform().services[draft.service].title) for draft in begun],
        typed=typed,
        error=error,
    )


@blueprint.get("/find")
@permit(Action.READ_CASE)
def find() -> Reply:
    """Lead to the case whose reference somebody says."""
    reference = normalise_reference(request.args.get("reference", ""))
    try:
        with platform().database.read() as connection:
            case_id_of(connection, reference)
    except NotFound:
        return _desk(request.args.get("reference", ""), "No application has this reference"), 404
    return redirect(url_for("case.show", reference=reference))


@blueprint.post("/counter/<service>")
@permit(Action.ENTER_APPLICATION)
def enter(service: str) -> Response:
    """Begin an application for somebody present, on the pages that families use."""
    service_or_404(service)
    officer = actor()
    with platform().database.write() as connection:
        opener = new_draft(
            connection,
            service=service,
            form_version=platform().forms[service].version,
            now=now(),
            entered_by=officer.name,
            office=officer.office,
        )
    keep_opener(service, opener)
    return redirect(url_for("apply.go_on", service=service))


@blueprint.post("/counter/go-on")
@permit(Action.ENTER_APPLICATION)
def go_on() -> Response:
    """Go on with an application that this officer began, in this browser or another one."""
    with platform().database.write() as connection:
        draft = draft_of_token(connection, request.form.get("draft", ""))
        if draft is None or draft.entered_by != actor().name:
            raise NotFound("no such draft of this officer")
        give_code(connection, draft, secret=platform().secret, now=now())
    code = code_for(platform().secret, draft.client_key)
    keep_opener(draft.service, opener_by_code(platform().secret, code))
    return redirect(url_for("apply.go_on", service=draft.service))


@blueprint.get("/counter/<service>/acknowledgement")
@permit(Action.ENTER_APPLICATION)
def acknowledgement(service: str) -> Reply:
    """Show the sheet to print for the person, in the language of their application. The PIN stands on it
    for a quarter of an hour, or until the officer goes on."""
    config, draft = service_or_404(service), draft_here(service)
    if draft is None or not draft.sent_as or draft.entered_by != actor().name:
        return redirect(url_for("counter.desk"))
    fresh = now() - draft.updated_at <= PIN_SHOWN_FOR
    with platform().database.read() as connection:
        case = connection.execute(select(Case).where(Case.reference == draft.sent_as)).one()
    g.language = case.language
    office = platform().places.offices[case.office]
    return render_template(
        "public/acknowledgement.html",
        service=config,
        reference=draft.sent_as,
        pin=pin_for(platform().secret, draft.client_key) if fresh else None,
        office=office,
        hours=hours_of(office),
        received_at=case.received_at,
        replaced=False,
        track_address=f"{platform().settings.public_url}/track",
        how_long=phrase(config, "how-long"),
        what_next=phrase(config, "what-happens-next"),
    )


@blueprint.post("/counter/<service>/acknowledgement")
@permit(Action.ENTER_APPLICATION)
def handed_out(service: str) -> Response:
    """Forget the application in this browser: its PIN is shown no more."""
    draft = draft_here(service)
    sent = draft is not None and draft.sent_as and draft.entered_by == actor().name
    if sent:
        forget_draft(service, delete=True)
    return redirect(url_for("counter.desk"))


# -- a lost PIN ------------------------------------------------------------------------------------


@blueprint.get("/cases/<reference>/pin")
@permit(Action.REPLACE_PIN)
def lost_pin(reference: str) -> str:
    """Ask what the person shows, beside what the application says about people."""
    return _pin_page(_case(reference), "", None)


@blueprint.post("/cases/<reference>/pin")
@permit(Action.REPLACE_PIN)
def replace_pin(reference: str) -> Reply:
    """Replace the PIN and show the new one, this once."""
    whole = _case(reference)
    identity = " ".join(request.form.get("identity", "").split())
    if not identity:
        return _pin_page(whole, identity, "Enter what the person showed"), 422
    done = carry_out(
        platform().database,
        pins.replace_pin,
        case_id=whole.case.id,
        identity=identity,
        secret=platform().secret,
        actor=actor(),
        now=now(),
    )
    config = platform().services[whole.case.service]
    g.language = whole.case.language
    office = platform().places.offices[whole.case.office]
    return render_template(
        "public/acknowledgement.html",
        service=config,
        reference=done.reference,
        pin=done.pin,
        office=office,
        hours=hours_of(office),
        received_at=whole.case.received_at,
        replaced=True,
        track_address=f"{platform().settings.public_url}/track",
        how_long=None,
        what_next=None,
    )


def _case(reference: str) -> WholeCase:
    whole = read_case(reference, "read-case")
    require(actor(), Action.REPLACE_PIN, office=whole.case.office)
    return whole


def _pin_page(whole: WholeCase, typed: str, error: str | None) -> str:
    return render_template(
        "staff/lost_pin.html", case=whole.case, rows=_about_people(whole), typed=typed, error=error
    )


def _about_people(whole: WholeCase) -> list[Row]:
    form = platform().forms[whole.case.service]
    pages = form.summary(whole.case.answers, "en", received_at=whole.case.received_at)
    return [row for _, rows in pages for row in rows if row.field.type in TOLD_BY and row.text]
