"""Amounts, fees, age limits and terms as dated rows: never a constant in code, for they change."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

from config.reading import Provenance, Table, read_provenance


class Unit(StrEnum):
    """What a rate is counted in."""

    FJD = "FJD"
    DAYS = "days"
    MONTHS = "months"
    YEARS = "years"
    PERSONS = "persons"
    POINTS = "points"
    PERCENT = "percent"


@dataclass(frozen=True, slots=True)
class Rate:
    """One value and the days it holds: from `valid_from` through `valid_to`, or until further notice (None).

    Unless `provenance.confirmed`, it must not be printed to a citizen as law.
    """

    key: str
    value: Decimal
    unit: Unit
    valid_from: date
    valid_to: date | None
    provenance: Provenance
    note: str | None

    def holds_on(self, day: date) -> bool:
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


Rates = Mapping[str, Sequence[Rate]]
"""The rows of each rate, in order of time."""


def rate_on(rates: Rates, key: str, day: date) -> Rate | None:
    """The row of this rate that holds on a day (a Fiji date), or None. KeyError: no such rate."""
    return next((rate for rate in rates[key] if rate.holds_on(day)), None)


def read_rates(top: Table) -> Rates:
    """The `rates` of a service file.

    Raises ConfigError, also for rows that overlap or leave days out between them, for a rate that ends, and
    for one that changes its unit: every day from the first row on must have exactly one row.
    """
    if not top.has("rates"):
        return {}
    section = top.table("rates")
    return {key: _rows(section, key, section.rows(key)) for key in section.values}


def _rows(section: Table, key: str, rows: Sequence[Table]) -> tuple[Rate, ...]:
    rates: list[Rate] = []
    for row in rows:
        rate = _rate(key, row)
        if rates:
            _require_next(row, rates[-1], rate)
        rates.append(rate)
    if not rates:
        raise section.wrong(key, "at least one row", "none")
    if rates[-1].valid_to is not None:
        raise rows[-1].wrong("valid_to", "no last day, since no row follows: every later day needs a value")
    return tuple(rates)


def _require_next(row: Table, before: Rate, rate: Rate) -> None:
    if before.valid_to is None:
        raise row.wrong("valid_from", "no further row, since the row before holds until further notice")
    following = before.valid_to + timedelta(days=1)
    if rate.valid_from != following:
        lies = "overlap" if rate.valid_from < following else "leave days out"
        raise row.wrong("valid_from", f"{following}, so that the rows don't {lies}")
    if rate.unit is not before.unit:
        raise row.wrong("unit", f"{before.unit}, as in the row before")


def _rate(key: str, row: Table) -> Rate:
    row.only("value", "unit", "valid_from", "valid_to", "source", "standing", "confirmed", "note")
    valid_from = row.day("valid_from")
    valid_to = row.day("valid_to") if row.has("valid_to") else None
    if valid_to is not None and valid_to < valid_from:
        raise row.wrong("valid_to", f"a day from {valid_from}")
    return Rate(
        key=key,
        value=row.number("value"),
        unit=row.choice("unit", Unit),
        valid_from=valid_from,
        valid_to=valid_to,
        provenance=read_provenance(row),
        note=row.text("note") if row.has("note") else None,
    )
