"""When a step becomes late, and when a question runs out: budgets of working time made into instants."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cases.clocks import Clock
from cases.escalation import after_quiet, next_rung, rung_times
from cases.vocabulary import ClockKind
from cases.working_time import WorkingCalendar, add_working_minutes, working_calendar
from config.budget import Budget
from config.calendar_file import load_calendar
from config.places import Places, load_places
from config.policies import Policy, StepPolicy, load_policies
from config.services import ServiceConfig
from config.steps import Basis

WHOLE_CASE = "case"
"""The key of the clocks of a whole case."""


@dataclass(frozen=True, slots=True)
class Armed:
    """A clock that begins to run: what it was made from and what follows from that (instants in UTC).

    next_at: when the first rung of its ladder is due, None without one.
    """

    kind: ClockKind
    since: datetime
    minutes: int
    policy: str
    calendar: str
    deadline: datetime
    next_at: datetime | None

    @property
    def made_from(self) -> dict[str, Any]:
        """What the deadline was made from, as it is kept with the step."""
        return {"minutes": self.minutes, "since": self.since.isoformat(), "calendar": self.calendar}

    def row(self, service: str, office: str) -> dict[str, Any]:
        """Return the columns of the clock's row, but for whose it is."""
        return {
            "kind": self.kind,
            "service": service,
            "office": office,
            "since": self.since,
            "minutes": self.minutes,
            "policy": self.policy,
            "calendar": self.calendar,
            "first_policy": self.policy,
            "first_calendar": self.calendar,
            "paused": False,
            "deadline": self.deadline,
            "rungs": 0,
            "next_at": self.next_at,
        }


class Standards:
    """The service standards in force, with the working calendar of each office.

    policies: how the times of each service are watched, by service key.
    calendars: the working calendar by office key.
    version: which calendar file they came from; kept with each deadline so that it can be explained.
    """

    def __init__(
        self, policies: Mapping[str, Policy], calendars: Mapping[str, WorkingCalendar], version: str
    ) -> None:
        self.policies = policies
        self.version = version
        self._calendars = calendars

    def calendar(self, office: str) -> WorkingCalendar:
        """Return the working calendar of an office."""
        return self._calendars[office]

    def watching(self, service: str, key: str, kind: ClockKind = ClockKind.TASK) -> StepPolicy | None:
        """Return how a clock is watched, by its step's key (visits such as `review#2` included) or, of a
        whole case, by its kind; None when nothing is promised."""
        policy = self.policies.get(service)
        if policy is None:
            return None
        if kind is ClockKind.TASK:
            return policy.steps.get(key.partition("#")[0])
        return policy.case.get(Basis(kind.value))

    def arm(
        self, service: str, key: str, office: str, since: datetime, kind: ClockKind = ClockKind.TASK
    ) -> Armed | None:
        """Return the clock of a step that opens, or of a case; None when no time is promised for it.

        since: from when it counts (aware UTC).
        """
        watched = self.watching(service, key, kind)
        if watched is None:
            return None
        policy, calendar = self.policies[service], self._calendars[office]
        minutes, ladder = watched.sla.minutes, watched.ladder_in(office)
        deadline = add_working_minutes(calendar, since, minutes)
        next_at = None
        if ladder:  # as `next_rung_of` says of a clock on which nothing has happened yet
            due = add_working_minutes(calendar, since, ladder[0].minutes(minutes))
            next_at = after_quiet(due, policy.quiet, calendar.zone)
        return Armed(kind, since, minutes, policy.version, self.version, deadline, next_at)

    def next_rung_of(
        self, clock: Clock, service: str, key: str, office: str, kind: ClockKind, climbed: int
    ) -> datetime | None:
        """Return when the next rung of a clock that has climbed so many is due; None if none is known."""
        watched = self.watching(service, key, kind)
        if watched is None:
            return None
        quiet = self.policies[service].quiet
        times = rung_times(watched.ladder_in(office), clock, self._calendars[office], quiet)
        following = next_rung(times, range(climbed))
        return following[1] if following else None

    def expires(self, office: str, opened: datetime, within: Budget) -> datetime:
        """Return the instant (UTC) at which a wait opened at `opened` returns no answer."""
        return add_working_minutes(self._calendars[office], opened, within.minutes)


def load_standards(services: Mapping[str, ServiceConfig], place: str = "fiji") -> tuple[Standards, Places]:
    """Return the service standards with the working calendar of each office, and the places.

    Raises ConfigError for a mistake in places, calendar or a policy.
    """
    places = load_places(place)
    calendar = load_calendar(place, places=places)
    calendars = {
        office.key: working_calendar(calendar, office.calendar_kind, division=office.division)
        for office in places.offices.values()
    }
    policies = load_policies(services, places.offices)
    return Standards(policies, calendars, calendar.version), places
