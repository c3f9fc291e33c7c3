"""What several tests of officers need: an open task by its step, taken or decided as in a browser."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import select
from werkzeug.test import TestResponse

from cases.actions import Submitted
from cases.models import JournalEntry
from tests.births import submit_birth
from tests.conftest import NOW
from tests.web.conftest import work
from tests.web.site import Site, Visitor

VERY_LATE = {"child_birth_date": "2023-04-20", "reason_for_delay": "We live far away."}
NO_NOTIFICATION = {"notification_number": None, "documents": ["photo_id"]}


def step_of(site: Site, key: str) -> int:
    """Return the id of the newest step with this key."""
    with site.db.read() as connection:
        statement = select(JournalEntry.id).where(JournalEntry.key == key).order_by(JournalEntry.id.desc())
        return int(connection.execute(statement).scalars().first() or 0)


def decide_at(site: Site, key: str, outcome: str) -> str:
    """Return the address at which a task is decided so."""
    return f"/staff/tasks/{step_of(site, key)}/decide/{outcome}"


def decide(
    site: Site, officer: Visitor, key: str, outcome: str, fields: Mapping[str, Any] | None = None
) -> TestResponse:
    """Decide a task, and let what follows happen if it was taken."""
    response = officer.send(decide_at(site, key, outcome), fields)
    if response.status_code == 302:
        work(site)
    return response


def birth(site: Site, **changes: Any) -> Submitted:
    """Apply, and let everything happen up to the first wait."""
    submitted = submit_birth(
        site.db, received_at=changes.pop("received_at", NOW - timedelta(days=1)), **changes
    )
    work(site)
    return submitted
