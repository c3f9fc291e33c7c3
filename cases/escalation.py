"""When each rung of a ladder is due on a clock. Pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import UTC, datetime, timedelta, tzinfo

from cases.clocks import Clock, reached_at
from cases.working_time import WorkingCalendar
from config.policies import Quiet, Rung, StepPolicy


def rung_times(
    ladder: Sequence[Rung], clock: Clock, calendar: WorkingCalendar, quiet: Quiet | None = None
) -> list[datetime | None]:
    """Return for each rung the instant (UTC) at which it is due.

    None as long as nobody knows, because the clock stands still or stopped before. The percentages are of
    the budget with its extensions. What falls into quiet hours waits for their end.
    """
    budget = clock.budget // timedelta(minutes=1)
    times = []
    for rung in ladder:
        due = reached_at(clock, calendar, timedelta(minutes=rung.minutes(budget)))
        times.append(None if due is None else after_quiet(due, quiet, calendar.zone))
    return times


def next_rung(times: Collection[datetime | None], fired: Collection[int] = ()) -> tuple[int, datetime] | None:
    """Return the number of the first rung that has not been climbed and when it is due; None if none is."""
    for number, due in enumerate(times):
        if number not in fired:
            return None if due is None else (number, due)
    return None


def warning_times(policy: StepPolicy, clock: Clock, calendar: WorkingCalendar) -> list[datetime | None]:
    """Return the instant of each warning point; None where nobody knows yet."""
    budget = clock.budget // timedelta(minutes=1)
    amounts = [timedelta(minutes=-(-budget * percent // 100)) for percent in policy.warnings]
    return [reached_at(clock, calendar, amount) for amount in amounts]


def after_quiet(instant: datetime, quiet: Quiet | None, zone: tzinfo) -> datetime:
    """Return the instant, or the end of the quiet hours (by the clock on the wall) it falls into."""
    if quiet is None:
        return instant
    wall = instant.astimezone(zone)
    midnight = wall.replace(hour=0, minute=0, second=0, microsecond=0)
    minute = wall.hour * 60 + wall.minute
    over_midnight = quiet.start > quiet.end
    in_the_evening = over_midnight and minute >= quiet.start
    in_the_morning = minute < quiet.end and (over_midnight or minute >= quiet.start)
    if not in_the_evening and not in_the_morning:
        return instant
    day = midnight + timedelta(days=1) if in_the_evening else midnight
    return day.replace(hour=quiet.end // 60, minute=quiet.end % 60).astimezone(UTC)
