"""The bars: which days they hold, how high they stand, and that no name touches another."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scrubber.report.chart import Bucket, Chart, Step, buckets, ceiling, chart, step_for
from scrubber.report.interface import Removed

_FIRST = date(2026, 1, 7)


def _rows(days: int) -> tuple[Removed, ...]:
    return tuple(Removed((_FIRST + timedelta(days=n)).isoformat(), 3, 1, 1, 1) for n in range(days))


@pytest.mark.parametrize(
    ("days", "step", "bars"), [(1, "day", 1), (45, "day", 45), (46, "week", 7), (364, "week", 53), (365, "month", 13)]
)
def test_a_bar_holds_more_the_longer_the_period(days: int, step: Step, bars: int) -> None:
    found, series = buckets(_rows(days), _FIRST, _FIRST + timedelta(days=days - 1))
    assert (found, len(series)) == (step, bars)
    assert (sum(bucket.now for bucket in series), sum(bucket.later for bucket in series)) == (days, 2 * days)


def test_years_at_last() -> None:
    step, series = buckets(_rows(1), _FIRST, date(2036, 5, 1))
    assert step == step_for(3000) == "year"
    assert [bucket.first for bucket in series][:2] == [_FIRST, date(2027, 1, 1)]
    assert series[-1].last == date(2036, 5, 1)


def test_weeks_begin_on_monday_but_for_the_first_one() -> None:
    _, series = buckets((), _FIRST, _FIRST + timedelta(days=60))
    assert series[0].first == _FIRST
    assert all(bucket.first.weekday() == 0 for bucket in series[1:])
    assert all(one.last + timedelta(days=1) == two.first for one, two in pairwise(series))


@pytest.mark.parametrize(
    ("highest", "top"),
    [(0, 1), (1, 1), (3, 3), (5, 6), (8, 8), (9, 10), (37, 40), (54, 60), (101, 150), (4001, 6000)],
)
def test_the_scale_is_round_and_just_high_enough(highest: int, top: int) -> None:
    assert ceiling(highest)[0] == top


@given(st.integers(0, 10**9))
@settings(max_examples=100, deadline=None)
def test_the_scale_has_one_to_four_whole_steps(highest: int) -> None:
    top, step = ceiling(highest)
    assert top >= highest
    assert top % step == 0
    assert 1 <= top // step <= 4


def _drawn(now: int, later: int) -> Chart:
    bucket = Bucket(_FIRST, _FIRST, now, later)
    return chart([bucket, Bucket(_FIRST, _FIRST, 40, 0)], "day", 800, 200, "nl")


def test_the_later_removals_stand_on_the_others_to_scale() -> None:
    low, high = _drawn(10, 20).bars
    assert low.later_height == pytest.approx(2 * low.now_height, abs=0.02)
    assert low.later_y + low.later_height == pytest.approx(low.now_y, abs=0.02)
    assert high.now_height == pytest.approx(4 * low.now_height, abs=0.05)


@given(
    st.integers(1, 60),
    st.sampled_from([(800, 210), (340, 190)]),
    st.sampled_from(["day", "week", "month", "year"]),
    st.integers(0, 99_999),
)
@settings(max_examples=100, deadline=None)
def test_everything_stays_inside_the_drawing_and_apart(
    count: int, size: tuple[int, int], step: Step, highest: int
) -> None:
    series = [Bucket(_FIRST + timedelta(days=n), _FIRST, highest, n) for n in range(count)]
    drawn = chart(series, step, *size, "nl")
    for bar in drawn.bars:
        assert drawn.plot_left <= bar.x < bar.x + bar.width <= drawn.plot_right
        assert 0 <= bar.later_y <= bar.now_y <= drawn.plot_bottom
    width = {"day": 38, "week": 38, "month": 54, "year": 26}[step]
    before = 0.0
    for tick in drawn.columns:
        start = tick.at - {"start": 0.0, "middle": 0.5, "end": 1.0}[tick.anchor] * width
        assert start >= before
        before = start + width
    assert drawn.columns[-1].at <= drawn.plot_right


def test_a_chart_of_nothing_is_empty() -> None:
    drawn = chart([], "day", 800, 200, "nl")
    assert (drawn.bars, drawn.columns) == ((), ())
