"""What a request needs and no module may keep for itself: settings, database, services, forms, clock."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from flask import current_app

from cases.db import Database
from cases.standards import Standards
from config.calendar_file import WeeklyHours
from config.places import Places
from config.registers import Registers
from config.services import ServiceConfig
from config.settings import Settings
from forms.form import Form

EXTENSION = "s2f"
Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """Return this instant, aware UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Platform:
    """One installation as its web sees it.

    task_forms: by (service, name of the form). hours: by kind of office. `secret`: what signs sessions and
    derives PINs.
    """

    settings: Settings
    database: Database
    services: Mapping[str, ServiceConfig]
    forms: Mapping[str, Form]
    task_forms: Mapping[tuple[str, str], Form]
    places: Places
    standards: Standards
    hours: Mapping[str, WeeklyHours]
    zone: ZoneInfo
    secret: str
    certificates: bytes
    clock: Clock
    registers: Registers = field(default_factory=dict)


def platform() -> Platform:
    """Return the platform of the running application."""
    found: Platform = current_app.extensions[EXTENSION]
    return found


def now() -> datetime:
    """Return the instant of this request, by the application's clock."""
    return platform().clock()
