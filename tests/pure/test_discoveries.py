"""What is new, what came back, what is forgotten and what was played over and over, against plain loops."""

from collections import Counter, defaultdict
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from insights.analysis import discoveries, keydays, obsessions, rediscoveries
from tests.pure.heard import facts, heard
from tests.pure.test_time import key as unit_key

ZONES = ["UTC", "Europe/Berlin", "Asia/Kathmandu", "America/New_York"]
START, TODAY = date(2019, 11, 20), date(2021, 2, 1)
HOURS = st.integers(0, 400 * 24)
PLAYS = st.lists(st.tuples(HOURS, st.integers(1, 6)), max_size=60)
# Three tracks of artist 1, two of artist 2, one of nobody known.
KNOWN = facts(6, artist=[1, 1, 1, 2, 2, 0], album=[1, 1, 2, 3, 3, 0])
ARTIST = {1: 1, 2: 1, 3: 1, 4: 2, 5: 2, 6: 0}
RANGES = st.one_of(
    st.just((None, None)),
    st.tuples(st.integers(-20, 420), st.integers(0, 300)).map(
        lambda pair: (START + timedelta(days=pair[0]), START + timedelta(days=sum(pair)))
    ),
)


def moment(day, hour=12, zone="UTC"):
    return int(datetime(day.year, day.month, day.day, hour, tzinfo=ZoneInfo(zone)).timestamp() * 1000)


def made(plays, zone="UTC", what="tracks"):
    """(KeyDays, sorted (local day, key) of all plays)."""
    start = moment(START, 0)
    listed = [(start + hour * 3_600_000, 60_000, track) for hour, track in plays]
    found = keydays.of(heard(listed, zone=zone, known=KNOWN), what)
    keys = ARTIST if what == "artists" else {n: n for n in range(1, 7)}
    told = sorted((datetime.fromtimestamp(at / 1000, ZoneInfo(zone)).date(), keys[track]) for at, _ms, track in listed)
    return found, told


def within(day, first, last):
    return (first is None or day >= first) and (last is None or day <= last)


def days_by_key(told):
    days = defaultdict(list)
    for day, key in told:
        if key:
            days[key].append(day)
    return days


@given(PLAYS, st.sampled_from(ZONES), st.sampled_from(["tracks", "artists"]), RANGES)
def test_new_is_what_was_never_heard_before(plays, zone, what, period):
    found, told = made(plays, zone, what)
    first, last = period
    days = days_by_key(told)
    got = discoveries.find(found, first=first, last=last, today=TODAY)
    new = {key: heard_on for key, heard_on in days.items() if within(heard_on[0], first, last)}
    rows = sorted(new.items(), key=lambda item: (-len(item[1]), item[1][0], item[0]))
    assert [(row.key, row.on, row.plays, row.later_days) for row in got.rows] == [
        (key, heard_on[0], len(heard_on), len(set(heard_on)) - 1) for key, heard_on in rows
    ]
    inside = [(day, key) for day, key in told if within(day, first, last)]
    assert (got.new, got.plays) == (len(new), len(inside))
    assert got.keys == len({key for _day, key in inside if key})
    assert got.new_plays == sum(key in new for _day, key in inside)
    settled = [set(on) for on in new.values() if on[0] <= TODAY - timedelta(days=30)]
    assert (got.settled, got.stayed) == (len(settled), sum(len(on) >= 4 for on in settled))


@given(PLAYS, st.sampled_from(ZONES), RANGES, st.sampled_from(["day", "week", "month", "year"]), st.integers(1, 7))
def test_the_course_of_what_is_new(plays, zone, period, unit, week_starts_on):
    found, told = made(plays, zone)
    first, last = period[0] or START - timedelta(days=1), period[1] or START + timedelta(days=402)
    steps = discoveries.course(found, unit=unit, first=first, last=last, week_starts_on=week_starts_on)
    new, keys, count = Counter(), defaultdict(set), Counter()
    seen = set()
    for day, key in told:
        step = unit_key(day, unit, week_starts_on)
        if within(day, first, last):
            count[step] += 1
            keys[step].add(key)
            new[step] += key not in seen
        seen.add(key)
    assert sum(step.plays for step in steps) == sum(count.values())
    for step in steps:
        name = unit_key(step.first, unit, week_starts_on)
        assert (step.new, step.keys, step.plays) == (new[name], len(keys[name]), count[name])
        assert step.repeats == (None if not count[name] else 1 - new[name] / count[name])
    assert (steps[0].first, steps[-1].last) == (first, last)


@given(PLAYS, st.sampled_from(ZONES), RANGES, st.integers(1, 120))
def test_returns_are_the_longest_silence_of_each(plays, zone, period, silence):
    found, told = made(plays, zone)
    got = rediscoveries.returns(found, first=period[0], last=period[1], silence_days=silence)
    best = {}
    for key, on in days_by_key(told).items():
        for number in range(1, len(on)):
            gap = (on[number] - on[number - 1]).days
            if gap >= silence and within(on[number], *period) and gap >= best.get(key, (0,))[0]:
                best[key] = (gap, on[number - 1], on[number], number, len(on) - number)
    rows = sorted(best.items(), key=lambda item: (-item[1][3], -item[1][0], item[0]))
    assert got.keys == len(best)
    assert [
        (row.key, (row.silent_days, row.before, row.on, row.plays_before, row.plays_since)) for row in got.rows
    ] == rows


@given(
    st.lists(st.tuples(st.integers(0, 60), st.integers(1, 3), st.integers(1, 9)), max_size=25),
    st.integers(2, 12),
    RANGES,
)
def test_obsessions_are_full_windows(bursts, least, period):
    plays = [(day * 24 + n, track) for day, track, many in bursts for n in range(many)]
    found, told = made(plays)
    got = obsessions.find(found, first=period[0], last=period[1], least_plays=least)
    per_day, whole = Counter(told), Counter(day for day, _key in told)
    wanted = []
    for key in {key for _day, key in told}:
        windows = []
        for day in sorted({on for on, each in told if each == key}):
            days = [day + timedelta(days=n) for n in range(7)]
            count, total = sum(per_day[on, key] for on in days), sum(whole[on] for on in days)
            if count >= least and count >= 0.1 * total:
                windows.append((count, count / total, day))
        runs = []
        for window in windows:
            if runs and (window[2] - runs[-1][-1][2]).days <= 6:
                runs[-1].append(window)
            else:
                runs.append([window])
        for run in runs:
            count, share, day = min(run, key=lambda one: (-one[0], -one[1], one[2]))
            if within(day, *period):
                wanted.append((-count, -share, day, key, run[0][2], run[-1][2] + timedelta(days=6)))
    wanted.sort()
    assert got.count == len(wanted)
    assert [(-row.plays, -row.share, row.first, row.key, row.began, row.ended) for row in got.rows] == wanted[:50]


@given(st.lists(st.tuples(HOURS, st.integers(1, 6), st.integers(1, 30)), max_size=12), RANGES, st.integers(30, 300))
def test_forgotten_were_favourites_of_a_year(bursts, period, silence):
    found, told = made([(hour, track) for hour, track, many in bursts for _ in range(many)], what="artists")
    today = START + timedelta(days=460)
    got = rediscoveries.forgotten(found, today=today, first=period[0], last=period[1], silence_days=silence)
    counts = Counter((day.year, key) for day, key in told if key and within(day, *period))
    days, best = days_by_key(told), {}
    for (year, key), plays in counts.items():
        rank = 1 + sum(other > plays for (of, _key), other in counts.items() if of == year)
        silent = (today - days[key][-1]).days
        if plays >= 10 and rank <= 50 and silent >= silence:
            best[key] = min(best.get(key, (99,)), (rank, -plays, -year, silent))
    rows = sorted(best.items(), key=lambda item: (-len(days[item[0]]), -item[1][3], item[0]))
    assert [(row.key, (row.rank, -row.year_plays, -row.year, row.silent_days)) for row in got.rows] == rows
    assert [(row.plays, row.last_on) for row in got.rows] == [(len(days[key]), days[key][-1]) for key, _best in rows]
    assert got.keys == len(best)


def test_every_credit_is_new_where_all_count():
    known = facts(2, artist=[1, 2])
    known = known.__class__(
        **{name: getattr(known, name) for name in ("track", "group", "artist", "album", "duration_ms", "kind", "year")},
        credit_start=np.array([0, 2, 3], dtype=np.int32),
        credit_artist=np.array([1, 2, 2], dtype=np.int32),
        all_credits=True,
    )
    plays = heard([(moment(START), 60_000, 1), (moment(START) + 1, 60_000, 2)], known=known)
    got = discoveries.find(keydays.of(plays, "artists"), first=None, last=None, today=TODAY)
    assert [(row.key, row.plays) for row in got.rows] == [(2, 2), (1, 1)]


def test_windows_of_rows_are_pages_of_one_order():
    found, _told = made([(hour * 7, 1 + hour % 6) for hour in range(40)])
    whole = discoveries.find(found, first=None, last=None, today=TODAY).rows
    paged = [discoveries.find(found, first=None, last=None, today=TODAY, start=n, size=2).rows for n in (0, 2, 4)]
    assert [row for rows in paged for row in rows] == whole


def test_ties_at_the_edge_of_a_window_keep_their_order():
    values = np.array([3, 1, 3, 3, 2, 3])
    got = [keydays.leading(values, -np.arange(6), start=n, size=1).tolist() for n in range(6)]
    assert got == [[0], [2], [3], [5], [4], [1]]


def test_many_keys_and_days_need_wide_codes():
    tracks, later = 140_000, int(datetime(2026, 1, 1, tzinfo=UTC).timestamp()) * 1000
    found = keydays.of(heard([*((n, 60_000, n + 1) for n in range(tracks)), (later, 60_000, 3)]), "tracks")
    assert found.codes.dtype == np.uint64
    assert found.keys.tolist() == list(range(1, tracks + 1))
    assert found.plays.tolist() == [1, 1, 2, *[1] * (tracks - 3)]
    assert not found.first_day.any()
    assert np.flatnonzero(found.last_day).tolist() == [2]


def test_silence_of_no_day_is_refused():
    found, _told = made([(0, 1)])
    with pytest.raises(ValueError, match="at least 1"):
        rediscoveries.returns(found, first=None, last=None, silence_days=0)


def test_what_stays_is_heard_on_three_later_days():
    found, _told = made([(24 * n, 1) for n in range(4)] + [(24 * n, 2) for n in range(3)])
    rows = discoveries.find(found, first=None, last=None, today=TODAY).rows
    assert [(row.key, row.stayed) for row in rows] == [(1, True), (2, False)]
