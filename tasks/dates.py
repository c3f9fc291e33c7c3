"""Calendar dates, as the law counts them: those of the country, whole months, the last day included."""

from __future__ import annotations

from datetime import date, datetime

from cases.journal import CaseFile
from forms.dates import add_months


def local_date(case: CaseFile, instant: datetime) -> date:
    """Return the calendar date of an aware instant where the case's office is."""
    return instant.astimezone(case.zone).date()


def last_day(start: date, months: int) -> date:
    """Return the last day of a time of so many calendar months that begins on `start`.

    It has the same number in its month as `start`, or is that month's last day where there is no such day:
    two months from 31 December end on 28 or 29 February.
    """
    return add_months(start, months)
