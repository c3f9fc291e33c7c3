"""What an administrator keeps an eye on: cases whose processing stopped, to be started again."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from cases import revisions
from cases.permissions import Action, require
from cases.reading import open_incidents
from cases.transaction import carry_out
from web.access import permit
from web.platform import now, platform
from web.staff.sign_in import actor

blueprint = Blueprint("operations", __name__, url_prefix="/staff")


@blueprint.get("/incidents")
@permit(Action.READ_INCIDENTS)
def incidents() -> str:
    """List the open incidents by cause."""
    require(actor(), Action.READ_INCIDENTS)
    return render_template("staff/incidents.html", causes=_by_cause(), told=request.args.get("told"))


def _by_cause() -> list[list[Any]]:
    with platform().database.read() as connection:
        found = sorted(open_incidents(connection), key=lambda row: row.cause)
    return [list(rows) for _, rows in groupby(found, key=lambda row: row.cause)]


@blueprint.post("/incidents/retry")
@permit(Action.RETRY)
def retry() -> Response:
    """Start the cases of a cause again, or one case alone."""
    cause, only = request.form.get("cause", ""), request.form.get("case", "")
    with platform().database.read() as connection:
        rows = [row for row in open_incidents(connection) if row.cause == cause]
    cases = {row.case_id for row in rows if not only or row.reference == only}
    for case_id in sorted(cases):
        carry_out(platform().database, revisions.retry, case_id=case_id, actor=actor(), now=now())
    return redirect(url_for("operations.incidents", told=len(cases)))
