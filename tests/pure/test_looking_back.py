"""Milestones, the same date in other years, and decades, against plain loops."""

import statistics
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insights.analysis import decades, milestones, this_day
from tests.pure.heard import facts, heard
from tests.pure.test_time import key as unit_key

ZONES = ["UTC", "Europe/Berlin", "Asia/Kathmandu", "America/New_York"]
START = int(datetime(2018, 2, 20, tzinfo=UTC).timestamp()) * 1000
PLAYS = st.lists(
    st.tuples(
        st.integers(0, 4 * 366 * 24).map(lambda hour: START + hour * 3_600_000),
        st.integers(30_000, 9_000_000),
        st.integers(1, 5),
    ),
    max_size=60,
)
YEARS = [1959, 1971, 1999, 0, 2000]
KNOWN = facts(5, artist=[1, 1, 2, 3, 0], year=YEARS)


def local(at, zone):
    return datetime.fromtimestamp(at / 1000, ZoneInfo(zone))


def noon(year, month, day):
    return int(datetime(year, month, day, 12, tzinfo=UTC).timestamp()) * 1000


@given(PLAYS, st.sampled_from(ZONES))
def test_milestones_are_reached_by_the_play_that_completes_them(plays, zone):
    found = heard(plays, zone=zone, known=KNOWN)
    ordered = sorted(plays, key=lambda play: play[0])
    wanted, total, artists = set(), 0, set()
    for spot, (at, ms, track) in enumerate(ordered):
        if spot + 1 in milestones.PLAYS:
            wanted.add(("plays", spot + 1, spot))
        wanted |= {("hours", mark, spot) for mark in milestones.HOURS if total < mark * 3_600_000 <= total + ms}
        total += ms
        if spot and local(at, zone).year > local(ordered[spot - 1][0], zone).year:
            wanted.add(("year", local(at, zone).year, spot))
        if KNOWN.artist[track - 1] and KNOWN.artist[track - 1] not in artists:
            artists.add(int(KNOWN.artist[track - 1]))
            if len(artists) in milestones.ARTISTS:
                wanted.add(("artists", len(artists), spot))
    got = milestones.reached(found)
    assert {(mark.kind, mark.number, mark.spot) for mark in got} == wanted
    assert [mark.spot for mark in got] == sorted(mark.spot for mark in got)


def test_the_tenth_artist_and_the_hundredth_play():
    plays = [(START + n * 60_000, 60_000, 1 + n % 12) for n in range(150)]
    got = {(mark.kind, mark.number): mark.spot for mark in milestones.reached(heard(plays))}
    assert got == {("plays", 1): 0, ("artists", 10): 9, ("plays", 100): 99}


@given(PLAYS, st.sampled_from(ZONES))
def test_the_biggest_day_has_most_plays(plays, zone):
    days = Counter(local(at, zone).date() for at, _ms, _track in plays)
    spent = Counter()
    for at, ms, _track in plays:
        spent[local(at, zone).date()] += ms
    best = min(days, key=lambda day: (-days[day], -spent[day], day), default=None)
    got = milestones.biggest_day(heard(plays, zone=zone, known=KNOWN))
    assert got == (milestones.Biggest(best, days[best], spent[best]) if best else None)


def test_what_is_ahead_at_the_present_pace():
    today = date(2020, 5, 1)
    plays = [(noon(2020, 5, 1) - n * 86_400_000, 60_000, 1) for n in range(45)]
    got = milestones.ahead(heard(plays), today)
    assert (got.number, got.left, got.per_day, got.on) == (100, 55, 0.5, today + timedelta(days=110))
    quiet = milestones.ahead(heard(plays), date(2021, 5, 1))
    assert (quiet.left, quiet.per_day, quiet.on) == (55, 0, None)
    assert milestones.ahead(heard([]), today) is None


@given(PLAYS, st.sampled_from(ZONES), st.dates(date(2018, 1, 1), date(2023, 1, 1)))
def test_this_day_is_the_same_date_of_each_year(plays, zone, on):
    got = this_day.years(heard(plays, zone=zone, known=KNOWN), on, size=2)
    wanted = []
    for year in range(on.year, 2016, -1):
        leap = (year % 4 == 0) or (on.month, on.day) != (2, 29)
        day = date(year, on.month, on.day) if leap else date(year, 2, 28)
        inside = sorted(play for play in plays if local(play[0], zone).date() == day)
        if inside:
            count, spent = Counter(track for _at, _ms, track in inside), Counter()
            for _at, ms, track in inside:
                spent[track] += ms
            most = sorted(count, key=lambda track: (-count[track], -spent[track], track))[:2]
            artists = {int(KNOWN.artist[track - 1]) for track in count} - {0}
            told = [(track, count[track]) for track in most]
            wanted.append((day, not leap, len(inside), sum(spent.values()), len(artists), inside[0][0], told))
    assert [
        (
            then.on,
            then.stands_in,
            then.plays,
            then.ms,
            then.artists,
            then.first_ms,
            [(m.key, m.plays) for m in then.most],
        )
        for then in got
    ] == wanted


@pytest.mark.parametrize(
    ("on", "days"),
    [
        (date(2024, 2, 29), ["2024-02-29", "2023-02-28", "2020-02-29"]),
        (date(2024, 2, 28), ["2023-02-28"]),
        (date(2024, 3, 1), ["2021-03-01"]),
    ],
)
def test_the_29th_of_february(on, days):
    told = [(2020, 2, 29), (2021, 3, 1), (2023, 2, 28), (2024, 2, 29)]
    plays = heard([(noon(*day), 60_000, 1) for day in told])
    assert [then.on.isoformat() for then in this_day.years(plays, on)] == days


@given(PLAYS, st.sampled_from(ZONES), st.sampled_from(["day", "week", "month", "year"]), st.integers(1, 7))
def test_decades_are_plain_counts(plays, zone, unit, week_starts_on):
    days = [local(at, zone).date() for at, _ms, _track in plays]
    first, last = min(days, default=date(2020, 1, 1)), max(days, default=date(2020, 1, 2))
    found = decades.course(
        heard(plays, zone=zone, known=KNOWN), unit=unit, first=first, last=last, week_starts_on=week_starts_on
    )
    known = {YEARS[track - 1] // 10 * 10 for _at, _ms, track in plays if YEARS[track - 1]}
    assert found.decades == (list(range(min(known), max(known) + 1, 10)) if known else [])
    count, spent, years = Counter(), Counter(), {}
    for (_at, ms, track), day in zip(plays, days, strict=True):
        step, year = unit_key(day, unit, week_starts_on), YEARS[track - 1]
        decade = year // 10 * 10 if year else None
        count[step, decade] += 1
        spent[step, decade] += ms
        if year:
            years.setdefault(step, []).append(year)
    for step in found.steps:
        name = unit_key(step.first, unit, week_starts_on)
        assert step.plays == [count[name, ten] for ten in found.decades]
        assert step.ms == [spent[name, ten] for ten in found.decades]
        assert step.unknown == count[name, None]
        assert step.middle == (statistics.median_low(years[name]) if name in years else None)
    assert found.total.known + found.total.unknown == len(plays)
    assert sum(found.total.ms) == sum(spent[key] for key in spent if key[1] is not None)
    assert all(one.last + timedelta(days=1) == after.first for one, after in pairwise(found.steps))


def test_a_year_of_one_digit_is_a_year():
    found = decades.course(
        heard([(START, 60_000, 1), (START, 60_000, 2)], known=facts(2, year=[7, 0])),
        unit="day", first=date(2018, 2, 20), last=date(2018, 2, 20),
    )  # fmt: skip
    assert (found.decades, found.total.plays, found.total.unknown, found.coverage) == ([0], [1], 1, 0.5)
    empty = decades.course(heard([]), unit="day", first=date(2018, 2, 20), last=date(2018, 2, 20))
    assert (empty.decades, empty.coverage, empty.total.middle) == ([], None, None)
