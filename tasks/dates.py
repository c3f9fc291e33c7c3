"""Calendar dates of instants, as the law counts them: in the country, not in UTC."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

FIJI = ZoneInfo("Pacific/Fiji")


def local_date(instant: datetime) -> date:
    """Return the Fiji calendar date of an instant (aware UTC)."""
    return instant.astimezone(FIJI).date()
