"""Calendar dates as a form needs them: Fiji dates, inclusive, month ends clamped."""

import calendar
import unicodedata
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

EARLIEST_YEAR = 1900
LATEST_YEAR = 2200

# What people type for a month, besides its number (how dates are shown: config/languages.py).
_MONTHS = (
    """January February March April May June July August September October November December""",
    """Janueri Feperueri Maji Epereli Me June Julai Okosita Seviteba Okotova Noveba Tiseba""",
    """जनवरी फ़रवरी मार्च अप्रैल मई जून जुलाई अगस्त सितंबर अक्टूबर नवंबर दिसंबर""",
)
_MONTH_NAMES = tuple(tuple(unicodedata.normalize("NFC", names).casefold().split()) for names in _MONTHS)


def local_date(instant: datetime, zone: ZoneInfo) -> date:
    """Return the calendar date of an aware instant in a zone.

    Raises ValueError for an instant without a zone: guessing one would move births by a day.
    """
    if instant.tzinfo is None:
        raise ValueError("an instant without a time zone has no calendar date")
    try:
        return instant.astimezone(zone).date()
    except OverflowError:  # the very ends of time
        return instant.astimezone(UTC).date()


def add_months(start: date, months: int) -> date:
    """Return the same day `months` later, or the last day of that month if it is shorter."""
    years, month = divmod(start.month - 1 + months, 12)
    year = start.year + years
    return date(year, month + 1, min(start.day, calendar.monthrange(year, month + 1)[1]))


class Unit(StrEnum):
    """What a span of time is counted in."""

    DAYS = "days"
    MONTHS = "months"
    YEARS = "years"


def shift(start: date, unit: Unit, count: int) -> date:
    """Return the day that lies a span after another; the last day there is if it lies beyond."""
    try:
        if unit is Unit.DAYS:
            return start + timedelta(days=count)
        return add_months(start, count * (12 if unit is Unit.YEARS else 1))
    except (OverflowError, ValueError):
        return date.max


def read_iso_date(text: str) -> date | None:
    """Return the date written YYYY-MM-DD, or None if it is no such date."""
    if len(text) != 10 or text[4] != "-" or text[7] != "-" or not text.isascii():
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if EARLIEST_YEAR <= day.year <= LATEST_YEAR else None


def read_month(text: str) -> int | None:
    """Return a month's number from '3', '03', 'March', 'mar' or a name in our languages, else None."""
    if text.isdecimal():
        return int(text) if len(text) <= 2 else None
    wanted = text.casefold().rstrip(".")
    for names in _MONTH_NAMES:
        for number, name in enumerate(names, start=1):
            if wanted == name or (len(wanted) >= 3 and name.startswith(wanted)):
                return number
    return None
