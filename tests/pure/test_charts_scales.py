"""Scales of charts: ticks are round, labels fit, levels keep the order of values, names at line ends keep apart."""

import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vibesite.charts import scales

NUMBERS = st.floats(-1e9, 1e9, allow_nan=False).filter(lambda value: value == 0 or abs(value) > 1e-6)
COUNTS = st.integers(0, 10**9)


@given(st.lists(st.one_of(st.none(), NUMBERS), max_size=40))
def test_a_scale_holds_zero_and_every_value(values):
    scale = scales.from_zero(values)
    assert scale.low <= 0 <= scale.high
    assert scale.low < scale.high
    assert all(-1e-9 <= scale.share(value) <= 1 + 1e-9 for value in values if value is not None)
    assert all(scale.low - 1e-9 <= tick <= scale.high * (1 + 1e-9) for tick in scale.ticks)
    assert 1 <= len(scale.ticks) <= 6


@given(st.lists(COUNTS, min_size=1, max_size=40))
def test_whole_values_get_whole_round_ticks(values):
    ticks = scales.from_zero(values).ticks
    assert ticks[0] == 0
    assert all(float(tick).is_integer() for tick in ticks)
    if len(ticks) > 1:
        step = f"{ticks[1]:.0f}".rstrip("0")
        assert step in ("1", "2", "25", "5")
        assert [*ticks] == pytest.approx([ticks[1] * number for number in range(len(ticks))])


def test_ticks_as_one_would_draw_them():
    assert scales.from_zero([3, 97]).ticks == (0, 25, 50, 75)
    assert scales.from_zero([1, 2]).ticks == (0, 1, 2)
    assert scales.from_zero([0.2, 0.9]).ticks == pytest.approx((0, 0.25, 0.5, 0.75))
    assert scales.from_zero([-10, 10]).ticks == (-10, -5, 0, 5, 10)
    assert scales.from_zero([None, 0]).ticks == (0,)


@given(st.lists(st.one_of(st.none(), st.integers(1, 5000)), max_size=30))
def test_a_ranking_starts_at_one(values):
    scale = scales.ranks(values)
    assert scale.ticks[0] == 1 == scale.low
    assert list(scale.ticks) == sorted(set(scale.ticks))
    assert all(0 <= scale.share(value) <= 1 for value in values if value is not None)


@given(st.integers(1, 500), st.integers(1, 60), st.integers(200, 900))
def test_labels_fit_and_the_narrow_ones_are_among_the_wide(count, longest, wide):
    step, narrow = scales.strides(count, longest, wide, 200)
    taken = math.ceil(count / step) * (scales.label_width(longest) + scales.SPACING)
    assert taken <= wide or math.ceil(count / step) == 1
    assert narrow % step == 0
    assert narrow >= step >= 1


@given(st.lists(st.one_of(st.none(), st.floats(0, 1e6)), max_size=200), st.integers(2, 8))
def test_levels_keep_the_order_of_values(values, steps):
    levels = scales.levels(values, steps)
    pairs = sorted((value, level) for value, level in zip(values, levels, strict=True) if value is not None)
    assert [level for _, level in pairs] == sorted(level for _, level in pairs)
    assert all(level is None for value, level in zip(values, levels, strict=True) if value is None)
    assert all((level == 0) == (value == 0) for value, level in pairs)
    assert not any(level > steps for _, level in pairs)
    if pairs and pairs[-1][0] > 0:
        assert pairs[-1][1] == steps


def test_one_wild_day_does_not_pale_the_others():
    levels = scales.levels([*[10] * 99, 5000], 4)
    assert levels == [4] * 100


@given(st.lists(st.floats(0, 200), max_size=6))
def test_names_keep_their_distance_and_their_order(wanted):
    placed = scales.apart(wanted, gap=17, low=0, high=200)
    assert all(0 <= at <= 200 for at in placed)
    by_height = sorted(range(len(wanted)), key=lambda index: (wanted[index], index))
    steps = [placed[after] - placed[before] for before, after in pairwise(by_height)]
    assert all(step >= 17 - 1e-9 for step in steps)


def test_names_that_are_far_apart_stay_where_they_are():
    assert scales.apart([100, 20], gap=17, low=0, high=200) == [100, 20]
