"""The web application: made from settings and a database, so that tests and servers make it alike."""

from __future__ import annotations

from flask import Flask
from flask_login import LoginManager

from cases.db import Database
from cases.standards import load_standards
from config.calendar_file import load_calendar
from config.registers import load_registers
from config.services import load_services
from config.settings import Settings, secret_key
from config.signing import certificates_alone, signing_files
from forms.compiler import load_forms, load_task_forms
from web import errors, health, languages, rendering, security, static_files
from web.access import check_access
from web.manager import overview
from web.platform import EXTENSION, Clock, Platform, utc_now
from web.public import apply, catalogue, documents, lost_pin, saving, track, verify
from web.public import letters as own_letters
from web.staff import (
    account,
    case,
    clocks,
    counter,
    deciding,
    inbox,
    keyboard,
    letter_templates,
    letters,
    lists,
    mailbox,
    operations,
    people,
    revising,
    running_short,
    sign_in,
    tasks,
)
from web.staff import documents as staff_documents
from web.staff.decision_form import check_names

BLUEPRINTS = (
    static_files.blueprint,
    languages.blueprint,
    health.blueprint,
    catalogue.blueprint,
    apply.blueprint,
    documents.blueprint,
    saving.blueprint,
    track.blueprint,
    own_letters.blueprint,
    lost_pin.blueprint,
    verify.blueprint,
    sign_in.blueprint,
    account.blueprint,
    keyboard.blueprint,
    inbox.blueprint,
    case.blueprint,
    clocks.blueprint,
    running_short.blueprint,
    tasks.blueprint,
    deciding.blueprint,
    staff_documents.blueprint,
    revising.blueprint,
    counter.blueprint,
    letters.blueprint,
    lists.blueprint,
    letter_templates.blueprint,
    people.blueprint,
    operations.blueprint,
    overview.blueprint,
    mailbox.blueprint,
)


def create_app(settings: Settings, database: Database, *, clock: Clock = utc_now) -> Flask:
    """Return the application on `database`.

    clock: returns the instant of a request (aware UTC). Raises ConfigError for a mistake in a
    configuration file, or when the front-end files were never built.
    """
    static_files.manifest()
    task_forms = load_task_forms()
    check_names(task_forms)
    app = Flask("web", static_folder=None, template_folder=rendering.TEMPLATES)
    services = load_services()
    standards, places = load_standards(services, settings.place)
    calendar = load_calendar(settings.place, places=places)
    secret = secret_key(settings)
    signing = signing_files(settings, now=utc_now())
    app.extensions[EXTENSION] = Platform(
        settings=settings,
        database=database,
        services=services,
        forms=load_forms(),
        task_forms=task_forms,
        places=places,
        standards=standards,
        hours=calendar.hours,
        zone=calendar.zone,
        secret=secret,
        certificates=certificates_alone(signing),
        clock=clock,
        registers=load_registers(settings.place),
    )
    app.secret_key = secret
    rendering.prepare(app)  # first: whatever touches the templates earlier would get lax ones
    _sign_in(app)
    security.secure(app, https=settings.public_url.startswith("https:"))
    app.before_request(check_access)
    errors.handle_errors(app)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    return app


def _sign_in(app: Flask) -> None:
    manager = LoginManager()
    manager.session_protection = "basic"
    manager.user_loader(sign_in.load_user)
    manager.init_app(app)
