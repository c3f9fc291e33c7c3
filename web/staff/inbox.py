"""The inbox: open tasks, the most urgent first; and for a supervisor, who holds what."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Blueprint, render_template, request, url_for

from cases.audit import log_read
from cases.inbox import Cursor, InboxItem, count_open, open_tasks
from cases.permissions import Action
from web.access import permit
from web.platform import now, platform
from web.staff.reading import reads_cases, title_of, urgency
from web.staff.sign_in import actor

URGENT = "urgent~"
blueprint = Blueprint("inbox", __name__, url_prefix="/staff")
TOLD = {
    "decided": "Your answer is taken.",
    "released": "The task is given back.",
}


@blueprint.get("/inbox")
@permit(Action.READ_INBOX)
def inbox() -> str:
    """List the open tasks this officer may see."""
    return _page("Inbox", held_by=None)


@blueprint.get("/mine")
@permit(Action.CLAIM)
def mine() -> str:
    """List the tasks this officer has taken."""
    return _page("My tasks", held_by=actor().name)


def _page(title: str, held_by: str | None) -> str:
    instant, officer = now(), actor()
    with platform().database.write() as connection:
        log_read(connection, actor=officer.name, action="read-inbox", now=instant)
        page = open_tasks(connection, officer, after=_cursor(request.args.get("after")), held_by=held_by)
        count = count_open(connection, officer)
        overdue = count_open(connection, officer, overdue_at=instant)
    return render_template(
        "staff/inbox.html",
        title=title,
        rows=[_row(item, instant) for item in page.items],
        count=count,
        overdue=overdue,
        only_mine=held_by is not None,
        first=request.args.get("after") is None,
        following=_address_of(page.next),
        told=TOLD.get(request.args.get("told", "")),
    )


def _row(item: InboxItem, instant: datetime) -> dict[str, Any]:
    service = platform().services[item.service]
    return {
        "item": item,
        "address": address_of(item),
        "service": service.title,
        "task": title_of(service, item.key),
        "office": platform().places.offices[item.office].name,
        "overdue": item.due_at is not None and item.due_at < instant,
        "holder": item.held_by(instant),
        "urgent": urgency(service, item.urgent),
        "is_for_me": item.is_for(actor().name),
    }


def address_of(item: InboxItem) -> str:
    """Return where a task is worked on: its case's page, or, for whoever sees no cases, its own."""
    if reads_cases(actor()):
        return url_for("case.show", reference=item.reference)
    return url_for("tasks.show", step_id=item.step_id)


def _cursor(text: str | None) -> Cursor | None:
    """Return the place in the list that a page address names; the top for one that names none."""
    instant, _, number = (text or "").removeprefix(URGENT).rpartition("~")
    try:
        at = datetime.fromisoformat(instant)
        return Cursor((text or "").startswith(URGENT), at, int(number)) if at.tzinfo else None
    except ValueError:
        return None


def _address_of(cursor: Cursor | None) -> str | None:
    if cursor is None:
        return None
    assert request.endpoint is not None
    place = f"{cursor.due_at.isoformat()}~{cursor.step_id}"
    return url_for(request.endpoint, after=f"{URGENT if cursor.urgent else ''}{place}")
