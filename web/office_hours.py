"""When an office is open, in words of the page's language: `Monday to Thursday: 8:00 am to 4:00 pm`."""

from __future__ import annotations

from itertools import groupby

from markupsafe import Markup

from config.calendar_file import OpenHours, WeeklyHours
from config.places import Office
from web.languages import say
from web.platform import platform


def _(text: str) -> str:
    """Mark a text for the catalogues; it is translated when it is said."""
    return text


DAYS = (_("Monday"), _("Tuesday"), _("Wednesday"), _("Thursday"), _("Friday"), _("Saturday"), _("Sunday"))


def hours_of(office: Office) -> list[Markup]:
    """Return a line for each stretch of days with the same hours; none when the hours aren't confirmed."""
    weekly = platform().hours[office.calendar_kind]
    return _lines(weekly) if weekly.provenance.confirmed else []


def _lines(weekly: WeeklyHours) -> list[Markup]:
    lines = []
    for stretches, days in groupby(zip(DAYS, weekly.days, strict=True), key=lambda day: day[1]):
        names = [name for name, _ in days]
        if stretches:
            lines.append(_days(names) + ": " + Markup(", ").join(_stretch(each) for each in stretches))
    return lines


def _days(names: list[str]) -> Markup:
    if len(names) == 1:
        return say(names[0])
    return say("%(first)s to %(last)s", first=say(names[0]), last=say(names[-1]))


def _stretch(hours: OpenHours) -> Markup:
    return say("%(first)s to %(last)s", first=_clock(hours.start), last=_clock(hours.end))


def _clock(minutes: int) -> str:
    hour, minute = divmod(minutes, 60)
    return f"{hour % 12 or 12}:{minute:02} {'am' if hour < 12 else 'pm'}"
