"""An amount of working time, as promises are stated: in working days, hours or minutes."""

from dataclasses import dataclass

STANDARD_DAY_MINUTES = 480
"""What one working day counts in a budget. The same at every office, whatever its own day is, so that a
promise of five working days is the same amount of work everywhere."""


@dataclass(frozen=True, slots=True, order=True)
class Budget:
    """An amount of working time. `minutes` isn't negative (else ValueError)."""

    minutes: int

    def __post_init__(self) -> None:
        if self.minutes < 0:
            raise ValueError(f"a budget can't be negative: {self.minutes} minutes")

    @property
    def days(self) -> int | None:
        """The budget in standard working days, or None when it isn't whole days."""
        days, rest = divmod(self.minutes, STANDARD_DAY_MINUTES)
        return None if rest else days


def working_days(days: int) -> Budget:
    """So many working days, each of STANDARD_DAY_MINUTES."""
    return Budget(days * STANDARD_DAY_MINUTES)


def working_hours(hours: int) -> Budget:
    """So many working hours."""
    return Budget(hours * 60)
