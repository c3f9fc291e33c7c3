"""Calendar dates, as the law counts them: those of the country, whole months, the last day included."""

from __future__ import annotations

from datetime import date, datetime

from cases.journal import CaseFile
from cases.working_time import working_days_between
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


def working_days_from(case: CaseFile, first: date, last: date) -> int:
    """Return the working days of the case's office after `first` up to and including `last`.

    Negative when `last` is the earlier one; 0 on the same day. To be called inside a recorded rule, since a
    calendar changes with each gazette.
    """
    assert case.calendar is not None, "the engine gives every case the calendar of its office"
    return working_days_between(case.calendar, first, last)
