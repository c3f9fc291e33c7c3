"""Lists for other offices: what waits, closing a batch, its file, and confirming what came of it."""

from __future__ import annotations

from io import BytesIO, StringIO
from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, send_file, url_for
from werkzeug.wrappers import Response

from cases import exports
from cases.confirming import LONGEST_REASON, confirm_batch
from cases.errors import AlreadyDecided
from cases.export_csv import write_csv
from cases.exports import Batch, close_batch
from cases.permissions import Action, lists_of
from cases.transaction import carry_out_for_all
from web.access import permit
from web.platform import now, platform
from web.staff.reading import readers_of
from web.staff.sign_in import actor
from web.words_of_people import trouble_with

blueprint = Blueprint("lists", __name__, url_prefix="/staff/lists")
Answered = str | Response | tuple[str, int]


@blueprint.get("")
@permit(Action.KEEP_LISTS)
def index() -> str:
    """Show the lists of this officer's role, with how many rows wait."""
    with platform().database.read() as connection:
        waiting = [(name, exports.count_pending(connection, name)) for name in lists_of(actor())]
    return render_template("staff/lists.html", waiting=waiting)


@blueprint.get("/<name>")
@permit(Action.KEEP_LISTS)
def batches(name: str) -> str:
    """Show the batches of a list, the newest first."""
    _own(name)
    before = request.args.get("before", type=int)
    with platform().database.read() as connection:
        waiting = exports.count_pending(connection, name)
        found = exports.batches_of(connection, name, before=before)
    older = (
        url_for("lists.batches", name=name, before=found[-1].number) if len(found) == exports.PAGE else None
    )
    return render_template(
        "staff/batches.html",
        name=name,
        waiting=waiting,
        batches=found,
        older=older,
        most=exports.MOST_ROWS,
        told=request.args.get("told"),
    )


@blueprint.post("/<name>")
@permit(Action.KEEP_LISTS)
def close(name: str) -> Response:
    """Close a batch of the oldest rows that wait."""
    _own(name)
    made = carry_out_for_all(platform().database, close_batch, name, actor=actor(), now=now())
    if made is None:
        return redirect(url_for("lists.batches", name=name, told="none"))
    return redirect(url_for("lists.batch", name=name, number=made.number))


@blueprint.get("/<name>/<int:number>")
@permit(Action.KEEP_LISTS)
def batch(name: str, number: int) -> str:
    """Show a batch: its rows, and the form in which it is confirmed."""
    return _page(_read(name, number), {}, {})


@blueprint.get("/<name>/<int:number>/csv")
@permit(Action.KEEP_LISTS)
def file(name: str, number: int) -> Response:
    """Return a batch as a file, as often as it is needed."""
    out = StringIO(newline="")
    write_csv(_read(name, number), out)
    content = BytesIO(out.getvalue().encode("utf-8-sig"))  # with the mark by which spreadsheets know UTF-8
    return send_file(content, "text/csv", as_attachment=True, download_name=f"{name}-{number}.csv")


@blueprint.post("/<name>/<int:number>")
@permit(Action.KEEP_LISTS)
def confirm(name: str, number: int) -> Answered:
    """Confirm a batch: first the page asks again, with what would be confirmed; then it is done, once."""
    found = _read(name, number)
    typed = {line.id: request.form.get(f"returned-{line.id}", "") for line in found.lines}
    returned = {row: " ".join(text.split()) for row, text in typed.items() if text.strip()}
    wrong = {
        row: trouble for row, text in returned.items() if (trouble := trouble_with(text, LONGEST_REASON, ""))
    }
    if wrong:
        return _page(found, returned, wrong), 422
    if request.form.get("do") != "confirm":
        return _page(found, returned, {}, asking=request.form.get("do") == "ask")
    try:
        named: dict[str, Any] = {"returned": returned, "actor": actor(), "now": now()}
        carry_out_for_all(platform().database, confirm_batch, number, **named)
    except AlreadyDecided:
        return _page(_read(name, number), {}, {}), 409
    return redirect(url_for("lists.batch", name=name, number=number, told="confirmed"))


def _own(name: str) -> None:
    """Answer as if there were no such list unless it is one of this officer's role."""
    if name not in lists_of(actor()):
        abort(404)


def _read(name: str, number: int) -> Batch:
    _own(name)
    with platform().database.write() as connection:
        return exports.batch(connection, number, actor=actor(), now=now(), of=name)


def _page(found: Batch, returned: dict[int, str], wrong: dict[int, Any], *, asking: bool = False) -> str:
    """Return the page of a batch. asking: whether it asks once more before it is confirmed."""
    return render_template(
        "staff/batch.html",
        batch=found,
        columns=[name for name in found.columns if name not in ("row", "reference")],
        typed=returned,
        wrong=wrong,
        read=[service for service in found.services if actor().role in readers_of(service)],
        asking=asking,
        told=request.args.get("told"),
    )
