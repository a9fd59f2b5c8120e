"""When somebody listens, against datetime and plain counting."""

import itertools
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest import clock
from insights.analysis import time
from tests.pure.heard import facts, heard
from tests.pure.test_clock import ZONES

# Some months around both clock changes of 2008, when St John's still turned its clock a minute after midnight.
SECONDS = st.integers(
    int(datetime(2008, 3, 1, tzinfo=UTC).timestamp()), int(datetime(2008, 11, 10, tzinfo=UTC).timestamp())
)
PLAYS = st.lists(
    st.tuples(SECONDS.map(lambda s: s * 1000), st.integers(30_000, 400_000), st.integers(1, 4)), max_size=60
)
CHANGES = [(2008, 3, 9), (2008, 3, 30), (2008, 10, 26), (2008, 11, 2)]
TODAY = date(2008, 11, 30)


def locals_of(plays, zone):
    return [datetime.fromtimestamp(start / 1000, ZoneInfo(zone)) for start, _ms, _track in plays]


@given(PLAYS, st.sampled_from(ZONES), st.sampled_from([6, 24]), st.integers(1, 7))
def test_the_grid_is_a_plain_count(plays, zone, blocks, week_starts_on):
    grid = time.grid(heard(plays, zone=zone), blocks=blocks, week_starts_on=week_starts_on)
    assert grid.weekdays == [(week_starts_on - 1 + n) % 7 for n in range(7)]
    count, spent = Counter(), Counter()
    for at, (_start, ms, _track) in zip(locals_of(plays, zone), plays, strict=True):
        cell = (grid.weekdays.index(at.weekday()), at.hour * blocks // 24)
        count[cell] += 1
        spent[cell] += ms
    for cell in np.ndindex(7, blocks):
        assert (grid.plays[cell], grid.ms[cell]) == (count[cell], spent[cell])
    assert grid.plays.sum() == len(plays)


@given(PLAYS, st.sampled_from(ZONES))
def test_the_clock_is_a_plain_count(plays, zone):
    count, spent = time.around_the_clock(heard(plays, zone=zone))
    hours = Counter(at.hour for at in locals_of(plays, zone))
    assert count.tolist() == [hours[hour] for hour in range(24)]
    assert spent.sum() == sum(ms for _start, ms, _track in plays)


def key(day, unit, week_starts_on):
    """The first day of the week, month or year of a day."""
    if unit == "week":
        return day - timedelta(days=(day.isoweekday() - week_starts_on) % 7)
    return day.replace(day=1) if unit == "month" else day.replace(month=1, day=1) if unit == "year" else day


@given(PLAYS, st.sampled_from(ZONES), st.sampled_from(["day", "week", "month", "year"]), st.integers(1, 7))
def test_a_course_is_a_plain_count_without_holes(plays, zone, unit, week_starts_on):
    found = heard(plays, zone=zone)
    first, last = time.bounds(found, None, None, TODAY)
    steps = time.course(found, unit=unit, first=first, last=last, week_starts_on=week_starts_on)
    wanted = Counter(key(at.date(), unit, week_starts_on) for at in locals_of(plays, zone))
    assert {key(step.first, unit, week_starts_on): step.plays for step in steps if step.plays} == wanted
    assert sum(step.ms for step in steps) == sum(ms for _start, ms, _track in plays)
    assert (steps[0].first, steps[-1].last) == (first, last)
    assert all(one.last + timedelta(days=1) == next_.first for one, next_ in itertools.pairwise(steps))
    for step in steps:
        assert key(step.first, unit, week_starts_on) == key(step.last, unit, week_starts_on)


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("day", CHANGES)
def test_a_day_by_hours_across_a_clock_change(zone, day):
    on, tz = date(*day), ZoneInfo(zone)
    start, end = (int(edge) for edge in clock.midnights(on, on, tz))
    plays = [(at, 60_000, 1) for at in range(start, end, 10 * 60_000)]
    steps = time.course(heard(plays, zone=zone), unit="hour", first=on, last=on)
    wanted = Counter(at.hour for at in locals_of(plays, zone))
    assert sum(step.plays for step in steps) == len(plays)
    count = Counter()
    for step in steps:
        count[step.hour] += step.plays
    assert +count == wanted


def test_the_night_that_has_an_hour_twice():
    start = int(datetime(2026, 10, 25, tzinfo=ZoneInfo("Europe/Berlin")).timestamp() * 1000)
    found = heard([(start + n * clock.HOUR_MS, 60_000, 1) for n in range(25)], zone="Europe/Berlin")
    assert time.around_the_clock(found)[0].tolist() == [1, 1, 2, *[1] * 21]
    assert [step.hour for step in time.course(found, unit="hour", first=date(2026, 10, 25), last=date(2026, 10, 25))][
        :5
    ] == [0, 1, 2, 2, 3]


@given(PLAYS, st.sampled_from(ZONES))
def test_active_days_are_those_of_the_wall_clock(plays, zone):
    days = time.active_days(heard(plays, zone=zone)).tolist()
    assert [clock.day_of(day) for day in days] == sorted({at.date() for at in locals_of(plays, zone)})


@given(st.sets(st.integers(0, 40)), st.integers(0, 3))
def test_streaks_are_runs_of_days(days, later):
    start = date(2024, 2, 20)
    heard_on = sorted(start + timedelta(days=n) for n in days)
    today = (heard_on[-1] if heard_on else start) + timedelta(days=later)
    noon = [(int(datetime(d.year, d.month, d.day, 12, tzinfo=UTC).timestamp() * 1000), 60_000, 1) for d in heard_on]
    found = heard(noon)
    runs = []
    for day in heard_on:
        if runs and runs[-1][-1] + timedelta(days=1) == day:
            runs[-1].append(day)
        else:
            runs.append([day])
    streaks = time.streaks(time.active_days(found), today)
    best = max(runs, key=len, default=None)
    assert streaks.longest == (best and time.Run(best[0], best[-1], len(best)))
    current = runs[-1] if runs and later <= 1 else None
    assert streaks.current == (current and time.Run(current[0], current[-1], len(current)))


def test_the_most_active_day_has_most_plays_then_most_time():
    day = clock.DAY_MS
    plays = [(0, 40_000, 1), (1, 40_000, 1), (day, 50_000, 1), (day + 1, 50_000, 1), (2 * day, 900_000, 1)]
    found = heard(plays)
    best = time.most_active(time.daily(found, date(1970, 1, 1), date(1970, 1, 3)))
    assert best == time.Day(date(1970, 1, 2), 2, 100_000)


def test_decades_are_those_of_albums_and_say_what_is_not_known():
    known = facts(4, year=[1969, 1970, 1999, 0])
    found = heard([(n, 60_000, track) for n, track in enumerate([1, 2, 2, 3, 4, 4, 4, 4])], known=known)
    decades = time.decades(found)
    assert [(row.start, row.plays, row.ms) for row in decades.rows] == [
        (1960, 1, 60_000),
        (1970, 2, 120_000),
        (1980, 0, 0),
        (1990, 1, 60_000),
    ]
    assert (decades.plays, decades.unknown_plays, decades.coverage) == (4, 4, 0.5)


@pytest.mark.parametrize(
    ("days", "unit"),
    [(1, "hour"), (2, "hour"), (28, "day"), (92, "day"), (366, "week"), (2000, "month"), (9000, "year")],
)
def test_the_unit_follows_the_length(days, unit):
    assert time.unit_for(date(2000, 1, 1), date(2000, 1, 1) + timedelta(days=days - 1)) == unit


def test_without_plays_there_is_nothing_and_no_error():
    found = heard([])
    days = time.daily(found, *time.bounds(found, None, None, TODAY))
    assert time.grid(found).plays.sum() == 0
    assert time.streaks(time.active_days(found), TODAY) == time.Streaks(None, None)
    assert time.most_active(days) is None
    assert time.decades(found).coverage is None
    assert [step.plays for step in time.course(found, unit="day", first=TODAY, last=TODAY)] == [0]


def test_what_has_not_come_yet_is_not_drawn():
    found = heard([(int(datetime(2008, 11, 20, tzinfo=UTC).timestamp() * 1000), 60_000, 1)])
    assert time.bounds(found, date(2008, 1, 1), date(2008, 12, 31), TODAY) == (date(2008, 1, 1), TODAY)
