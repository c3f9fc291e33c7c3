"""Charts as templates draw them: where each bar and line lies, worked out from plain numbers.

A chart is drawn as SVG by `templates/web/charts.html`, always with a table of the same numbers beneath it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 720.0, 240.0
LEFT, TOP, BOTTOM = 44.0, 10.0, 26.0
TICKS = 4
LABELS = 8


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar: its box, which series it belongs to (from 0), and what it says when pointed at."""

    x: float
    y: float
    width: float
    height: float
    series: int
    says: str


@dataclass(frozen=True, slots=True)
class Mark:
    """A number or word at an axis, and how far along it is."""

    at: float
    text: str


@dataclass(frozen=True, slots=True)
class BarChart:
    """Bars side by side. `names` are of the series, `across` the marks beneath, `up` those at the left."""

    width: float
    height: float
    left: float
    bottom: float
    names: Sequence[str]
    bars: Sequence[Bar]
    across: Sequence[Mark]
    up: Sequence[Mark]


def bar_chart(labels: Sequence[str], series: Sequence[tuple[str, Sequence[int]]]) -> BarChart:
    """Return the chart of some series of counts, one bar a label and series.

    labels: what is counted, from left to right. series: names and counts, as many as there are labels.
    """
    top = nice_top(max((max(counts, default=0) for _, counts in series), default=0))
    inner = HEIGHT - TOP - BOTTOM
    slot = (WIDTH - LEFT) / max(len(labels), 1)
    width = slot * 0.8 / max(len(series), 1)
    bars = [
        Bar(
            x=round(LEFT + place * slot + slot * 0.1 + number * width, 2),
            y=round(TOP + inner * (1 - count / top), 2),
            width=round(width, 2),
            height=round(inner * count / top, 2),
            series=number,
            says=f"{labels[place]}: {name} {count:,}",
        )
        for number, (name, counts) in enumerate(series)
        for place, count in enumerate(counts)
    ]
    every = -(-len(labels) // LABELS) or 1
    return BarChart(
        width=WIDTH,
        height=HEIGHT,
        left=LEFT,
        bottom=HEIGHT - BOTTOM,
        names=[name for name, _ in series],
        bars=bars,
        across=[
            Mark(round(LEFT + (place + 0.5) * slot, 2), label)
            for place, label in enumerate(labels)
            if place % every == 0
        ],
        up=[
            Mark(round(TOP + inner * (1 - step / TICKS), 2), f"{top * step // TICKS:,}")
            for step in range(TICKS + 1)
        ],
    )


def nice_top(most: int) -> int:
    """Return the smallest of 4, 8, 20, 40, 80, 200 ... that is at least `most`: its quarters are whole."""
    size = 4
    while True:
        for factor in (1, 2, 5):
            if size * factor >= most:
                return size * factor
        size *= 10
