"""What is thrown away each night: drafts nobody came back to, counts of old wrong tries."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete

from cases.db import Database
from cases.models import Draft
from cases.people import forget_old_tries

DRAFTS_KEPT = timedelta(days=30)


def tidy(db: Database, *, now: datetime) -> dict[str, int]:
    """Delete what has served its time; return how many rows by what they were."""
    with db.write() as connection:
        drafts = connection.execute(delete(Draft).where(Draft.updated_at < now - DRAFTS_KEPT)).rowcount
        return {"drafts": drafts, "wrong tries": forget_old_tries(connection, now=now)}
