"""An explanation of a clock in plain English, line by line, and as data for programs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta, tzinfo
from typing import Any

from cases.clock_explanation import Cause, Day, Explanation, NotCounted
from cases.clocks import Line, LineKind


def amount_in_words(amount: timedelta) -> str:
    """Return an amount of working time such as "7 h 30 min"; seconds are left out."""
    hours, minutes = divmod(int(amount.total_seconds()) // 60, 60)
    return f"{hours} h {minutes} min"


def day_in_words(day: Day, zone: tzinfo) -> str:
    """Return what counted on a day and what did not, as one sentence or two."""
    counted = " and ".join(f"{_time(piece.start, zone)} to {_time(piece.end, zone)}" for piece in day.pieces)
    said = f"{amount_in_words(day.counted)} counted ({counted})." if counted else "Nothing counted."
    reasons = [_reason_in_words(part, zone) for part in day.not_counted]
    return " ".join([said, *reasons])


def _reason_in_words(part: NotCounted, zone: tzinfo) -> str:
    when = f" from {_time(part.start, zone)} to {_time(part.end, zone)}" if part.start and part.end else ""
    doubt = "" if part.confirmed else " (not confirmed yet)"
    where = f" in the {part.division} division" if part.division else ""
    match part.cause:
        case Cause.NO_HOURS:
            return "The office does not work on this day of the week."
        case Cause.HOLIDAY:
            return f"Holiday{when}: {part.name}{doubt}."
        case Cause.CLOSURE:
            return f"Closed{where}{when}: {part.name}{doubt}."
        case Cause.PAUSE:
            return f"Paused{when}: {part.name}."


def line_in_words(line: Line, zone: tzinfo) -> str:
    """Return what a line of the ledger says happened."""
    because = f": {line.reason}" if line.reason else ""
    shown = f" ({line.evidence})" if line.evidence else ""
    match line.kind:
        case LineKind.PAUSE:
            said = f"paused{because}"
        case LineKind.RESUME:
            said = "went on"
        case LineKind.EXTEND:
            said = f"extended by {amount_in_words(timedelta(minutes=line.minutes or 0))}{because}"
        case LineKind.RECALENDAR:
            said = f"dated by the new calendar {line.version}{because}"
        case LineKind.MOVE:
            said = f"moved to policy {line.version}{because}"
        case LineKind.STOP:
            said = "stopped"
    return f"{line.at.astimezone(zone):%Y-%m-%d %H:%M} {said}{shown}, by {line.by}"


def in_words(told: Explanation, zone: tzinfo) -> Iterator[str]:
    """Yield an explanation line by line: start, budget, what happened to the clock, and each day."""
    clock = told.clock
    started = f"{clock.since.astimezone(zone):%A %d %B %Y %H:%M}"
    yield f"Started {started}, with {amount_in_words(clock.budget)} of working time."
    yield f"Policy {clock.policy}, calendar {clock.calendar}."
    yield from (line_in_words(line, zone) for line in clock.lines)
    for day in told.days:
        yield f"{day.date:%a %d %b %Y}  {day_in_words(day, zone)} So far {amount_in_words(day.total)}."
    yield _end_in_words(told, zone)
    if told.unconfirmed:
        names = ", ".join(sorted({part.name for part in told.unconfirmed}))
        yield f"Not confirmed yet, so this may move: {names}."


def _end_in_words(told: Explanation, zone: tzinfo) -> str:
    when = f"{told.deadline.astimezone(zone):%A %d %B %Y %H:%M}"
    if told.earliest:
        return f"It is paused. If it went on now, it would run out on {when}."
    if told.clock.stopped:
        return f"It has stopped. It would have run out on {when}."
    return f"It runs out on {when}."


def as_data(told: Explanation, zone: tzinfo) -> dict[str, Any]:
    """Return an explanation as JSON: instants in UTC, amounts in seconds, each day with its sentence."""
    clock = told.clock
    return {
        "since": clock.since.isoformat(),
        "deadline": told.deadline.isoformat(),
        "earliest": told.earliest,
        "budget_seconds": _seconds(clock.budget),
        "policy": clock.policy,
        "calendar": clock.calendar,
        "ledger": [_line_data(line) | {"says": line_in_words(line, zone)} for line in clock.lines],
        "days": [_day_data(day) | {"says": day_in_words(day, zone)} for day in told.days],
        "unconfirmed": sorted({part.name for part in told.unconfirmed}),
    }


def _line_data(line: Line) -> dict[str, Any]:
    own = {name: getattr(line, name) for name in ("reason", "evidence", "minutes", "version")}
    present = {name: value for name, value in own.items() if value is not None}
    return {"kind": line.kind, "at": line.at.isoformat(), "by": line.by, **present}


def _day_data(day: Day) -> dict[str, Any]:
    return {
        "date": day.date.isoformat(),
        "counted_seconds": _seconds(day.counted),
        "total_seconds": _seconds(day.total),
        "counted": [{"from": piece.start.isoformat(), "to": piece.end.isoformat()} for piece in day.pieces],
        "not_counted": [_part_data(part) for part in day.not_counted],
    }


def _part_data(part: NotCounted) -> dict[str, Any]:
    data: dict[str, Any] = {"cause": part.cause, "name": part.name, "confirmed": part.confirmed}
    if part.start and part.end:
        data |= {"from": part.start.isoformat(), "to": part.end.isoformat()}
    return data | ({"division": part.division} if part.division else {})


def _seconds(amount: timedelta) -> float:
    return amount.total_seconds()


def _time(instant: datetime, zone: tzinfo) -> str:
    return f"{instant.astimezone(zone):%H:%M}"
