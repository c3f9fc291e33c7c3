"""By which answers of a service other cases about the same event are found (`[likeness]`)."""

from collections.abc import Collection
from dataclasses import dataclass

from config.reading import Table


@dataclass(frozen=True, slots=True)
class Within:
    """How many days may lie between two events that may be one, by rule."""

    same_child: int
    same_parent: int
    same_name: int

    @property
    def longest(self) -> int:
        """The days after which no rule asks."""
        return max(self.same_child, self.same_parent, self.same_name)


@dataclass(frozen=True, slots=True)
class Likeness:
    """The fields of the form, by what they say about the event.

    person: the name it is about. date: when it was. parent, parent_date: whose child it is. multiple: the
    field that says whether it was one of several at once, which it was with one of `multiple_values`.
    trait: a field that tells such siblings apart beside the name, or None. matching: keys of `[matching]`
    that are hits by themselves. counts: outcomes after which a closed case still counts, as every open one
    does. number: the step whose number a hit is shown with, or None. shows: the fields that are shown side
    by side, in order.
    """

    person: str
    date: str
    parent: str
    parent_date: str
    multiple: str
    multiple_values: tuple[str, ...]
    trait: str | None
    matching: tuple[str, ...]
    counts: tuple[str, ...]
    number: str | None
    shows: tuple[str, ...]
    within: Within


_NEEDED = ("person", "date", "parent", "parent_date", "multiple")
_LISTS = ("multiple_values", "matching", "counts", "shows")
_DAYS = ("same_child", "same_parent", "same_name")


def read_likeness(
    top: Table, *, matching: Collection[str], outcomes: Collection[str], series: Collection[str]
) -> Likeness | None:
    """Read `[likeness]`; None where the file has none. Raises ConfigError.

    matching, outcomes, series: the keys of the service's own that it may name.
    """
    if not top.has("likeness"):
        return None
    table = top.table("likeness")
    table.only(*_NEEDED, *_LISTS, "trait", "number", "within_days")
    days = table.table("within_days")
    days.only(*_DAYS)
    for name in ("multiple_values", "counts", "shows"):
        if not table.texts(name):
            raise table.wrong(name, "at least one entry", "none")
    return Likeness(
        **{name: table.text(name) for name in _NEEDED},
        multiple_values=table.texts("multiple_values"),
        trait=table.text("trait") if table.has("trait") else None,
        matching=_among(table, "matching", matching, "one of the keys of [matching]"),
        counts=_among(table, "counts", outcomes, "some of the outcomes"),
        number=_series(table, series),
        shows=table.texts("shows"),
        within=Within(**{name: days.whole_number(name) for name in _DAYS}),
    )


def _among(table: Table, name: str, known: Collection[str], expected: str) -> tuple[str, ...]:
    values = table.texts(name)
    for value in values:
        if value not in known:
            raise table.wrong(name, f"{expected} {', '.join(known)}", repr(value))
    return values


def _series(table: Table, series: Collection[str]) -> str | None:
    if not table.has("number"):
        return None
    key = table.text("number")
    if key not in series:
        raise table.wrong("number", "one of the series " + ", ".join(series))
    return key
