"""Working time for many instants at once: the twin of `cases/working_time.py` in numpy.

A calendar's working time over some years is a piecewise-linear function of the instant. A table holds its
corners: where each open stretch begins and ends (UTC), and the working time up to there. Then any number of
deadlines is one bisection of the whole array. Instants are microseconds since 1970 (`instants` makes them
from datetimes, `datetimes` makes datetimes of them).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from cases.working_time import DAY, MICROSECOND, MINUTE, WorkingCalendar
from config.zone_changes import zone_changes

Micros = NDArray[np.int64]
Side = Literal["left", "right"]

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
EPOCH_ORDINAL = date(1970, 1, 1).toordinal()


@dataclass(frozen=True, slots=True)
class WorkingTable:
    """The corners of a calendar's working time; made by `working_table`, never by hand.

    begins, ends: of the open stretches (UTC, in order). before, until: the working time up to each.
    """

    first: int
    last: int
    begins: Micros
    ends: Micros
    before: Micros
    until: Micros

    def add_minutes(self, starts: Micros, minutes: NDArray[np.int64]) -> Micros:
        """Return for each start the first instant by which so many working minutes have passed.

        As `working_time.add_working_minutes`. Raises ValueError for negative minutes, and where a start or
        a result lies outside the years of the table.
        """
        if minutes.size and int(minutes.min()) < 0:
            raise ValueError(f"can't add {int(minutes.min())} working minutes")
        position = self._position(starts)
        ended = self._earliest(position + minutes * MINUTE)
        outside = (minutes == 0) & (ended != starts)
        ended[outside] = self._latest(position[outside])
        return ended

    def minutes_between(self, starts: Micros, ends: Micros) -> NDArray[np.int64]:
        """Return the whole working minutes from each start to its end; negative when the end is earlier.

        Raises ValueError where an instant lies outside the years of the table.
        """
        passed = self._position(ends) - self._position(starts)
        minutes: NDArray[np.int64] = np.sign(passed) * (np.abs(passed) // MINUTE)
        return minutes

    def _position(self, instants_: Micros) -> Micros:
        if instants_.size and not (self.first <= instants_.min() and instants_.max() < self.last):
            raise ValueError("an instant lies outside the years of the table")
        stretch = np.searchsorted(self.begins, instants_, side="right") - 1
        inside = np.maximum(stretch, 0)
        worked = np.minimum(instants_, self.ends[inside]) - self.begins[inside]
        position: Micros = np.where(stretch < 0, 0, self.before[inside] + worked)
        return position

    def _earliest(self, position: Micros) -> Micros:
        stretch = self._known(np.searchsorted(self.until, position, side="left"))
        return self.ends[stretch] - (self.until[stretch] - position)

    def _latest(self, position: Micros) -> Micros:
        stretch = self._known(np.searchsorted(self.until, position, side="right"))
        return self.begins[stretch] + (position - self.before[stretch])

    def _known(self, stretch: NDArray[np.intp]) -> NDArray[np.intp]:
        if stretch.size and stretch.max() >= self.until.size:
            raise ValueError("a deadline lies after the years of the table")
        return stretch


def working_table(calendar: WorkingCalendar, first: date, last: date) -> WorkingTable:
    """Return the table of a calendar from the start of `first` to the end of `last` (local dates).

    Raises ValueError when `last` is before `first`. Make it once and keep it: ten years are 3,000 corners.
    """
    if last < first:
        raise ValueError(f"{last} is before {first}")
    # A week more on either side: no zone is further than a day from UTC, and a week is whole.
    monday = first.toordinal() - first.weekday() - 7
    weeks = np.arange(monday, last.toordinal() + 14, 7, dtype=np.int64)
    midnights = (weeks - EPOCH_ORDINAL)[:, None] * DAY
    begins = (midnights + np.array(calendar.starts, dtype=np.int64)).ravel()
    ends = (midnights + np.array(calendar.ends, dtype=np.int64)).ravel()
    begins, ends = _without_closed(calendar, begins, ends)
    begins, ends = _in_utc(calendar, begins, "right"), _in_utc(calendar, ends, "left")
    until = np.cumsum(ends - begins)
    limits = [_wall(first.toordinal()), _wall(last.toordinal() + 1)]
    since, to = _in_utc(calendar, np.array(limits, dtype=np.int64), "right")
    return WorkingTable(int(since), int(to), begins, ends, until - (ends - begins), until)


def instants(moments: Iterable[datetime]) -> Micros:
    """Return aware datetimes as microseconds since 1970."""
    return np.array([(moment - EPOCH) // MICROSECOND for moment in moments], dtype=np.int64)


def datetimes(micros: Micros) -> list[datetime]:
    """Return microseconds since 1970 as datetimes in UTC."""
    return [EPOCH + timedelta(microseconds=int(value)) for value in micros]


def _without_closed(calendar: WorkingCalendar, begins: Micros, ends: Micros) -> tuple[Micros, Micros]:
    """Return the stretches without what is closed: between two neighbouring corners all is open or none."""
    closed_from = np.array(
        [_wall(day.date.toordinal(), day.start) for day in calendar.closed], dtype=np.int64
    )
    closed_to = np.array([_wall(day.date.toordinal(), day.end) for day in calendar.closed], dtype=np.int64)
    corners = np.unique(np.concatenate([begins, ends, closed_from, closed_to]))
    left, right = corners[:-1], corners[1:]
    in_hours = _count_open(begins, ends, left) > 0
    in_closed = _count_open(np.sort(closed_from), np.sort(closed_to), left) > 0
    kept = in_hours & ~in_closed
    return left[kept], right[kept]


def _count_open(begins: Micros, ends: Micros, points: Micros) -> NDArray[np.intp]:
    """Return how many of the spans (both arrays in order) each point lies in, ends excluded."""
    return np.searchsorted(begins, points, side="right") - np.searchsorted(ends, points, side="right")


def _wall(ordinal: int, minute: int = 0) -> int:
    return (ordinal - EPOCH_ORDINAL) * DAY + minute * MINUTE


def _in_utc(calendar: WorkingCalendar, walls: Micros, side: Side) -> Micros:
    """Return times on the wall as instants. side: which difference to UTC holds at the very change."""
    first = EPOCH + timedelta(microseconds=int(walls.min()) - DAY)
    last = EPOCH + timedelta(microseconds=int(walls.max()) + DAY)
    changes = zone_changes(calendar.zone, first.date(), last.date())
    at = np.array(
        [(change.wall[0].replace(tzinfo=UTC) - EPOCH) // MICROSECOND for change in changes], np.int64
    )
    start = first.astimezone(calendar.zone).utcoffset() or timedelta()
    offsets = np.array([start // MICROSECOND, *(change.after // MICROSECOND for change in changes)], np.int64)
    which = np.searchsorted(at, walls, side=side)
    return walls - offsets[which]
