"""Series of numbers, such as registration numbers: how one is written, and what counts apart."""

import re
import string
from dataclasses import dataclass

from config.reading import Table

PARTS = ("year", "office", "number")


@dataclass(frozen=True, slots=True)
class Series:
    """A series of one service; `parts` are those of PARTS that its `pattern` has.

    A number counts from 1 for each value of the other parts: with the year and the office in the
    pattern, each office starts at 1 each year.
    """

    key: str
    pattern: str
    parts: tuple[str, ...]

    def counter(self, *, year: int, office: str) -> str:
        """The name of the counter from which this year and office (its code) draw their numbers."""
        values = {"year": str(year), "office": office}
        return "/".join([self.key, *(values[part] for part in self.parts if part != "number")])

    def write(self, *, year: int, office: str, number: int) -> str:
        """The number as it is printed, such as 2026/SUV/000012. `office` is the office's code."""
        return self.pattern.format(year=year, office=office, number=number)


def read_series(service: str, step: str, table: Table) -> Series:
    """One series of a service file; its key is <service>/<step>. Raises ConfigError."""
    table.only("pattern")
    pattern = table.text("pattern")
    expected = "a pattern of {number} (or {number:06d} for six digits), {year} and {office}"
    try:
        fields = [
            (name, spec, how) for _, name, spec, how in string.Formatter().parse(pattern) if name is not None
        ]
    except ValueError as error:
        raise table.wrong("pattern", expected) from error
    names = [name for name, _, _ in fields]
    for name, spec, how in fields:
        if name not in PARTS or how or (spec and not (name == "number" and re.fullmatch(r"0[1-9]d", spec))):
            raise table.wrong("pattern", expected)
    if names.count("number") != 1 or len(set(names)) != len(names):
        raise table.wrong("pattern", expected + ", each at most once and {number} always")
    return Series(f"{service}/{step}", pattern, tuple(names))
