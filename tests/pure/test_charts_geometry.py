"""Where charts draw what: columns in their bands, lines with their gaps, days in their weeks, shares of a whole."""

import math
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vibesite.charts import grids, rounds, strips, uprights
from vibesite.charts.shapes import Spot

VALUES = st.lists(st.one_of(st.none(), st.integers(0, 10**7)), min_size=1, max_size=400)


@dataclass
class Group:
    name: str
    points: list[Spot] = field(default_factory=list)
    values: list[float | None] = field(default_factory=list)

    @property
    def label(self) -> str:
        return self.name


@dataclass
class Block:
    start: float
    end: float
    tone: int = 0
    text: str = ""
    href: str = ""


def spots(values, labels=None):
    return [Spot(labels[n] if labels else f"{n}", value, f"{value}") for n, value in enumerate(values)]


@given(VALUES)
def test_columns_stand_on_the_ground_in_order_of_value(values):
    drawn = uprights.columns(spots(values), height=160)
    assert len(drawn.columns) == len(values)
    for column, value in zip(drawn.columns, values, strict=True):
        assert column.index * column.band_width == pytest.approx(column.band_x)
        assert (column.y is None) == (value is None)
        if value is not None:
            assert column.y + column.height == pytest.approx(drawn.ground)
            assert column.y >= uprights.TOP - 1e-6
            assert (column.height > 0) == (value > 0)
    heights = sorted((value, column.height) for value, column in zip(values, drawn.columns, strict=True) if value)
    assert [height for _, height in heights] == sorted(height for _, height in heights)
    if any(values):
        known = [value or 0 for value in values]
        assert drawn.peak == known.index(max(known))


@given(VALUES)
def test_labels_never_touch(values):
    labels = [f"{date(2024, 1, 1) + timedelta(days=n):%-d %b %Y}" for n in range(len(values))]
    drawn = uprights.columns(spots(values, labels), height=160)
    for narrow, room in ((False, uprights.WIDE), (True, uprights.NARROW)):
        xs = [label.x for label in drawn.labels if not (narrow and label.spare)]
        gaps = [(after - before) * room / 100 for before, after in pairwise(xs)]
        assert all(gap >= 11 * 7.2 for gap in gaps)
    assert drawn.labels[0].text == labels[0]


def test_ticks_of_the_points_win_over_their_labels():
    points = [Spot(f"{n}", n, f"{n}", tick="May" if n == 4 else "") for n in range(12)]
    assert [label.text for label in uprights.columns(points, height=160).labels] == ["May"]


@given(VALUES)
def test_lines_break_where_nothing_is_known(values):
    line = uprights.lines([Group("a", spots(values))], height=200).lines[0]
    dots = [*line.lonely, *(dot for piece in line.pieces for dot in piece)]
    assert sorted(dot.index for dot in dots) == [n for n, value in enumerate(values) if value is not None]
    for piece in line.pieces:
        assert [dot.index for dot in piece] == list(range(piece[0].index, piece[0].index + len(piece)))


def test_the_first_rank_is_on_top():
    drawn = uprights.lines([Group("a", spots([1, 20, 7]))], height=200, invert=True)
    first, last, middle = drawn.lines[0].pieces[0]
    assert first.y < middle.y < last.y
    assert drawn.ticks[0].value == 1
    assert drawn.ticks[0].y == first.y


@given(st.integers(1990, 2040), st.integers(1, 7))
def test_a_calendars_rows_are_weekdays_and_its_columns_weeks(year, starts):
    days = [Spot("", 1, "", on=date(year, 1, 1) + timedelta(days=n)) for n in range(365)]
    drawn = grids.calendar(days, week_starts_on=starts).years[0]
    assert len({(day.x, day.y) for day in drawn.days}) == 365
    for day in drawn.days:
        row = (day.y - grids.HEAD) // grids.PITCH
        assert row == (days[day.index].on.isoweekday() - starts) % 7
    xs = [day.x for day in drawn.days]
    assert xs == sorted(xs)
    assert max(xs) + grids.CELL <= grids.LEFT + 54 * grids.PITCH
    assert drawn.absent == []
    assert [on.month for on, _x in drawn.months] == list(range(1, 13))


@given(st.dates(date(1990, 1, 1), date(2040, 1, 1)), st.integers(1, 371), st.integers(1, 7))
def test_what_fits_into_a_year_is_one_strip_over_the_turn_of_years(first, count, starts):
    days = [Spot("", 1, "", on=first + timedelta(days=n)) for n in range(count)]
    drawn = grids.calendar(days, week_starts_on=starts)
    (strip,) = drawn.years
    assert strip.year == first.year
    assert len({(day.x, day.y) for day in strip.days}) == count
    assert min(day.x for day in strip.days) == grids.LEFT
    assert max(day.x for day in strip.days) + grids.PITCH == drawn.width
    assert drawn.width <= grids.LEFT + 54 * grids.PITCH
    begun = [day.on for day in days if day.on.day == 1]
    assert [on for on, _x in strip.months][-len(begun) :] == begun or not begun
    assert len(strip.months) - len(begun) in (0, 1)
    xs = [x for _month, x in strip.months]
    assert all(after - before >= 4 * grids.PITCH for before, after in pairwise(xs))


def test_a_day_without_a_value_given_within_a_strip_is_absent():
    days = [Spot("", 1, "", on=date(2025, 12, 30)), Spot("", 1, "", on=date(2026, 1, 2))]
    (strip,) = grids.calendar(days).years
    assert len(strip.absent) == 2


def test_a_calendar_shows_the_newest_years_first_and_says_what_it_leaves_out():
    days = [Spot("", 1, "", on=date(year, 6, 1)) for year in (1999, *range(2004, 2027))]
    drawn = grids.calendar(days)
    assert [year.year for year in drawn.years] == list(range(2026, 2006, -1))
    assert drawn.left_out == 4


def test_monday_is_the_first_day_for_who_never_said():
    days = [Spot("", 1, "", on=date(2026, 11, 16))]  # a Monday
    assert grids.calendar(days, week_starts_on=0) == grids.calendar(days, week_starts_on=1)


def test_cells_are_numbered_only_where_there_is_room():
    few = grids.heatmap([Group("Mon", spots([1] * 6))], [str(n) for n in range(6)])
    many = grids.heatmap([Group("Mon", spots([1] * 24))], [f"{n:02}" for n in range(24)])
    assert few.numbered
    assert not many.numbered
    assert many.cells[-1].x + many.cells[-1].width == pytest.approx(100)


@given(st.lists(st.integers(0, 10**6), min_size=24, max_size=24).filter(any))
def test_areas_of_the_clock_are_as_the_values(values):
    hours = rounds.clock(spots(values)).hours
    areas = [hour.radius**2 - rounds.HUB**2 for hour in hours]
    assert areas == pytest.approx([value / max(values) * max(areas) for value in values], abs=1e-6)


def test_a_radar_holds_its_values_and_needs_three_axes():
    drawn = rounds.radar(4, [Group("a", values=[1, 7, None])])
    top, right, unknown, short = drawn.outlines[0]
    assert top.y == pytest.approx(rounds.RADAR_HEIGHT / 2 - rounds.REACH)
    assert right.x == pytest.approx(rounds.RADAR_WIDTH / 2 + rounds.REACH)  # held within 1
    assert unknown is None
    assert short is None  # a value that is missing at the end
    with pytest.raises(ValueError, match="at least 3"):
        rounds.radar(2, [])


@given(st.lists(st.one_of(st.none(), st.floats(-10, 1e6, allow_nan=False)), max_size=20))
def test_shares_fill_the_bar_without_gaps(values):
    parts = strips.shares(spots(values))
    assert [part.index for part in parts] == [n for n, value in enumerate(values) if value and value > 0]
    if parts:
        assert sum(part.width for part in parts) == pytest.approx(100)
        ends = [part.x + part.width for part in parts]
        assert [part.x for part in parts[1:]] == pytest.approx(ends[:-1])


def test_blocks_stay_within_their_lane():
    drawn = strips.lane([Block(-0.5, 0.25), Block(0.5, 0.4), Block(0.9, 3)])
    assert [part.x for part in drawn] == pytest.approx([0, 50, 90])
    assert [part.width for part in drawn] == pytest.approx([25, 0, 10])


@given(st.lists(st.one_of(st.none(), st.floats(0, 1e9)), max_size=60))
def test_sparklines_stay_within_their_size(values):
    drawn = strips.spark(values)
    dots = [dot for piece in drawn.pieces for dot in piece]
    assert len(dots) == sum(value is not None for value in values)
    assert all(0 <= x <= strips.SPARK_WIDTH and 0 <= y <= strips.SPARK_HEIGHT for x, y in dots)
    assert drawn.end == (dots[-1] if dots else None)


def test_what_is_no_number_is_not_known():
    drawn = uprights.columns(spots([1, math.nan, math.inf]), height=160)
    assert [column.y is None for column in drawn.columns] == [False, True, True]
