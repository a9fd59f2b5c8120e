"""Skips, against plain counting."""

from collections import Counter
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from ingest import columns
from insights.analysis import skips
from tests.pure.heard import LONG, facts, heard

START = int(datetime(2008, 3, 29, 20, tzinfo=UTC).timestamp() * 1000)
PLAYS = st.lists(
    st.tuples(st.integers(0, 200 * 3_600_000).map(lambda n: START + n), st.integers(1, 2 * LONG), st.integers(1, 6)),
    max_size=80,
)
ARTISTS = [1, 1, 2, 3, 0, 3]


def counted(plays):
    """Starts and skips by artist and by track, in plain words."""
    found = {"artists": (Counter(), Counter()), "tracks": (Counter(), Counter())}
    for _start, ms, track in plays:
        for what, key in (("artists", ARTISTS[track - 1]), ("tracks", track)):
            if key:
                found[what][0][key] += 1
                found[what][1][key] += ms < LONG
    return found


@given(PLAYS, st.integers(1, 6), st.integers(1, 4))
def test_rates_and_most_skipped_are_plain_counts(plays, least, size):
    started = skips.Started(heard(plays, known=facts(6, artist=ARTISTS)))
    for what, (starts, skipped) in counted(plays).items():
        enough = [key for key in starts if starts[key] >= least]
        order = sorted(enough, key=lambda key: (-skipped[key] / starts[key], -skipped[key], key))
        rows, count = skips.by_rate(started, what, least=least, size=size)
        assert ([row.key for row in rows], count) == (order[:size], len(enough))
        assert all(row.rate == skips.Rate(starts[row.key], skipped[row.key]) for row in rows)
        some = sorted((key for key in skipped if skipped[key]), key=lambda key: (-skipped[key], starts[key], key))
        rows, count = skips.most_skipped(started, what, size=size)
        assert ([row.key for row in rows], count) == (some[:size], len(some))
    assert skips.overall(started) == skips.Rate(len(plays), sum(ms < LONG for _start, ms, _track in plays))


@given(PLAYS, st.sampled_from(["UTC", "Europe/Berlin", "Asia/Kathmandu", "America/St_Johns", "Australia/Lord_Howe"]))
def test_hours_are_those_of_the_wall_clock(plays, zone):
    starts, skipped = Counter(), Counter()
    for start, ms, _track in plays:
        hour = datetime.fromtimestamp(start / 1000, ZoneInfo(zone)).hour
        starts[hour] += 1
        skipped[hour] += ms < LONG
    rates = skips.by_hour(skips.Started(heard(plays, zone=zone)))
    assert rates == [skips.Rate(starts[hour], skipped[hour]) for hour in range(24)]


@given(st.lists(st.tuples(st.sampled_from([None, False, True]), st.booleans()), max_size=30))
def test_shuffle_is_told_or_not(rows):
    plays = [(START + n, LONG - 1 if skipped else LONG, 1) for n, (_shuffle, skipped) in enumerate(rows)]
    bits = {None: 0, False: 1, True: 2}
    started = skips.Started(heard(plays, flags=[bits[shuffle] << 4 | 2 << 8 | 5 for shuffle, _skipped in rows]))
    wanted = {
        told: skips.Rate(sum(one is told for one, _skip in rows), sum(one is told and skip for one, skip in rows))
        for told in bits
    }
    assert skips.by_shuffle(started) == skips.ByShuffle(wanted[True], wanted[False], wanted[None])


def test_the_bits_of_shuffle_are_where_columns_keep_them():
    assert columns.SHUFFLE == skips.SHUFFLE


def test_without_starts_there_is_no_share():
    started = skips.Started(heard([]))
    assert skips.overall(started).share is None
    assert {rate.share for rate in skips.by_hour(started)} == {None}
    assert skips.by_rate(started, "artists") == ([], 0)
