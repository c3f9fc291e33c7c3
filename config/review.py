"""By which other service the applicant can have a decision reviewed (`[review]`)."""

from collections.abc import Collection
from dataclasses import dataclass

from config.reading import Table

FIRST_REFERENCE = "first_reference"
"""The field of that service's form in which the reference of the first case stands."""


@dataclass(frozen=True, slots=True)
class Review:
    """The service that reviews, and the outcomes after which its applicant is offered that."""

    service: str
    outcomes: tuple[str, ...]


def read_review(top: Table, outcomes: Collection[str]) -> Review | None:
    """Read `[review]`; None where the file has none. Raises ConfigError."""
    if not top.has("review"):
        return None
    table = top.table("review")
    table.only("service", "outcomes")
    named = table.texts("outcomes")
    if not named or any(outcome not in outcomes for outcome in named):
        raise table.wrong(
            "outcomes", "some of the outcomes " + ", ".join(outcomes), ", ".join(named) or "none"
        )
    return Review(table.word("service"), named)
