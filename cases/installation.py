"""What a database is for: demonstration or real use. Decided once, when it is first prepared."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, insert, select

from cases.errors import Refused
from cases.models import Installation
from cases.people import has_demo_staff

ONLY_ROW = 1


def require_mode(connection: Connection, mode: str, *, now: datetime) -> bool:
    """Make sure that the database is for `mode` ("demo" or "live"), stamping an unused one.

    Returns whether it was stamped just now. Raises Refused for a database of the other kind, and for a
    live one that holds demonstration accounts (whose passwords everybody knows).
    """
    stamped = connection.execute(select(Installation.mode)).scalar_one_or_none()
    if stamped is not None and stamped != mode:
        raise Refused(
            f"this database was made for S2F_MODE={stamped} and can't be used with S2F_MODE={mode}; "
            "choose another S2F_HOME or S2F_DATABASE_URL, or set S2F_MODE back"
        )
    if mode == "live" and has_demo_staff(connection):
        raise Refused("this database has demonstration accounts and can't be used with S2F_MODE=live")
    if stamped is None:
        connection.execute(insert(Installation).values(id=ONLY_ROW, mode=mode, created_at=now))
    return stamped is None
