"""Where the bars of a chart lie."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from web.charts import BOTTOM, HEIGHT, LEFT, TICKS, WIDTH, bar_chart, nice_top

counts = st.lists(st.integers(0, 10_000), min_size=1, max_size=60)


@given(counts)
def test_every_bar_lies_within_the_picture_and_stands_on_the_ground(found: list[int]) -> None:
    chart = bar_chart([str(place) for place in range(len(found))], [("a", found), ("b", found)])
    assert len(chart.bars) == 2 * len(found)
    for bar in chart.bars:
        assert bar.x >= LEFT and bar.x + bar.width <= WIDTH + 0.01
        assert bar.y >= 0 and bar.y + bar.height == pytest.approx(HEIGHT - BOTTOM, abs=0.02)


def test_a_bar_twice_as_high_counts_twice_as_much() -> None:
    first, second = bar_chart(["Mon", "Tue"], [("received", [4, 8])]).bars
    assert second.height == pytest.approx(2 * first.height, abs=0.02)
    assert second.says == "Tue: received 8"


@given(st.integers(0, 10**7))
def test_the_highest_mark_is_a_round_number_that_is_not_too_high(most: int) -> None:
    top = nice_top(most)
    assert top >= max(most, 4) and top % TICKS == 0
    assert top == 4 or top < 2.6 * most


def test_nothing_counted_is_a_chart_without_bars() -> None:
    assert bar_chart([], [("received", [])]).bars == []
