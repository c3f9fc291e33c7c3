"""When a time zone changes its clocks, and which hours on the wall that concerns."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

STRIDE = timedelta(days=7)
"""How far the search goes at a time: no zone changes its clocks and back within a week."""


@dataclass(frozen=True, slots=True)
class ZoneChange:
    """One change of the clocks: at `at` (UTC) the difference to UTC goes from `before` to `after`."""

    at: datetime
    before: timedelta
    after: timedelta

    @property
    def wall(self) -> tuple[datetime, datetime]:
        """The time on the wall (without a zone) that is skipped or shown twice."""
        at = self.at.replace(tzinfo=None)
        return at + min(self.before, self.after), at + max(self.before, self.after)


@cache
def zone_changes(zone: ZoneInfo, first: date, last: date) -> tuple[ZoneChange, ...]:
    """Return the changes of a zone's clocks from the start of `first` to the end of `last` (UTC)."""
    changes = []
    instant = datetime.combine(first, time(), UTC)
    end = datetime.combine(last, time(), UTC) + timedelta(days=1)
    while instant < end:
        later = min(instant + STRIDE, end)
        if _offset(zone, instant) != _offset(zone, later):
            changes.append(_change_between(zone, instant, later))
        instant = later
    return tuple(changes)


def _change_between(zone: ZoneInfo, earlier: datetime, later: datetime) -> ZoneChange:
    """Return the one change between two instants, to the second, by halving."""
    before, after = _offset(zone, earlier), _offset(zone, later)
    while later - earlier > timedelta(seconds=1):
        middle = earlier + (later - earlier) // 2
        middle = middle.replace(microsecond=0)
        if _offset(zone, middle) == before:
            earlier = middle
        else:
            later = middle
    return ZoneChange(later, before, after)


def _offset(zone: ZoneInfo, instant: datetime) -> timedelta:
    return instant.astimezone(zone).utcoffset() or timedelta()
