"""The tasks whose time runs short: of which a rung of a ladder reminded or told whoever looks."""

from __future__ import annotations

from flask import Blueprint, render_template

from cases.audit import log_read
from cases.escalating import running_short
from web.access import staff
from web.platform import now, platform
from web.staff.reading import reads_cases, title_of
from web.staff.sign_in import actor

blueprint = Blueprint("running_short", __name__, url_prefix="/staff/running-short")


@blueprint.get("")
@staff
def index() -> str:
    """List them, the earliest date first: to officers their own, to supervisors and managers those raised."""
    officer = actor()
    with platform().database.write() as connection:
        tasks = running_short(connection, officer)
        log_read(connection, actor=officer.name, action="read-running-short", now=now())
    rows = [(task, title_of(platform().services[task.service], task.key)) for task in tasks]
    return render_template("staff/running_short.html", rows=rows, now=now(), opens=reads_cases(officer))
