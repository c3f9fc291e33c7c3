"""When a step becomes late, and when a question runs out: budgets of working time made into instants."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from cases.working_time import WorkingCalendar, add_working_minutes
from config.budget import Budget


class Standards:
    """The service standards in force, with the working calendar of each office.

    budgets: minutes of working time by (service key, step key).
    calendars: the working calendar by office key.
    version: which calendar file they came from; kept with each deadline so that it can be explained.
    """

    def __init__(
        self,
        budgets: Mapping[tuple[str, str], int],
        calendars: Mapping[str, WorkingCalendar],
        version: str,
    ) -> None:
        self._budgets = budgets
        self._calendars = calendars
        self._version = version

    def calendar(self, office: str) -> WorkingCalendar:
        """Return the working calendar of an office, whose time zone is the one it counts its days in."""
        return self._calendars[office]

    def due(
        self, service: str, key: str, office: str, since: datetime
    ) -> tuple[datetime, dict[str, Any]] | None:
        """Return when step `key` (visits such as `review#2` included) becomes late, and what that was
        made from; None for a step without a standard. `since` is aware UTC, the result too."""
        minutes = self._budgets.get((service, key.partition("#")[0]))
        if minutes is None:
            return None
        made_from = {
            "minutes": minutes,
            "since": since.isoformat(),
            "office": office,
            "calendar": self._version,
        }
        return add_working_minutes(self._calendars[office], since, minutes), made_from

    def expires(self, office: str, opened: datetime, within: Budget) -> datetime:
        """Return the instant (UTC) at which a wait opened at `opened` returns no answer."""
        return add_working_minutes(self._calendars[office], opened, within.minutes)
