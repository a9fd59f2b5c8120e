"""Sessions, against going through the plays one by one."""

from collections import Counter
from datetime import UTC, datetime
from statistics import median
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insights.analysis import sessions
from tests.pure.heard import LONG, MINUTE, facts, heard

GAP = 30 * MINUTE
START = int(datetime(2008, 3, 29, 20, tzinfo=UTC).timestamp() * 1000)  # a clock change follows
PLAYS = st.lists(
    st.tuples(st.integers(0, 2000).map(lambda n: START + n * MINUTE), st.integers(1, 90 * MINUTE), st.integers(1, 4)),
    max_size=50,
    unique_by=lambda play: play[0],
)


def one_by_one(plays, gap):
    found = []
    for play in sorted(plays):
        if found and play[0] - max(start + ms for start, ms, _track in found[-1]) <= gap:
            found[-1].append(play)
        else:
            found.append([play])
    return found


@given(PLAYS, st.integers(5, 120))
def test_sessions_are_those_found_one_by_one(plays, minutes):
    wanted = one_by_one(plays, minutes * MINUTE)
    found = sessions.find(heard(plays, known=facts(4, artist=[1, 1, 2, 0])), minutes * MINUTE)
    rows = sessions.describe(found, range(len(found)))
    assert [row.rows for row in rows] == [len(part) for part in wanted]
    for row, part in zip(rows, wanted, strict=True):
        counted = [(ms, {1: 1, 2: 1, 3: 2, 4: 0}[track]) for _start, ms, track in part if ms >= LONG]
        assert (row.started, row.ended) == (part[0][0], max(start + ms for start, ms, _track in part))
        assert (row.plays, row.skips) == (len(counted), len(part) - len(counted))
        assert row.heard_ms == sum(ms for _start, ms, _track in part)
        artists, time = Counter(), Counter()
        for ms, artist in counted:
            if artist:
                artists[artist] += 1
                time[artist] += ms
        best = min(artists, key=lambda one: (-artists[one], -time[one], one), default=0)
        assert (row.artist, row.artist_plays) == (best, artists[best])


@given(PLAYS, st.sampled_from(["UTC", "Europe/Berlin", "Asia/Kathmandu", "America/St_Johns", "Australia/Lord_Howe"]))
def test_the_summary_is_a_plain_count(plays, zone):
    wanted = one_by_one(plays, GAP)
    found = sessions.find(heard(plays, zone=zone), GAP)
    summary = sessions.summary(found, found.between(None, None))
    lengths = [max(start + ms for start, ms, _track in part) - part[0][0] for part in wanted]
    parts = Counter(datetime.fromtimestamp(part[0][0] / 1000, ZoneInfo(zone)).hour // 6 for part in wanted)
    assert (summary.count, summary.longest_ms) == (len(wanted), max(lengths, default=0))
    assert summary.median_ms == pytest.approx(median(lengths or [0]), abs=1)
    assert summary.parts == [parts[part] for part in range(4)]


@pytest.mark.parametrize(("pause", "count"), [(29 * MINUTE, 1), (GAP, 1), (GAP + 1, 2), (31 * MINUTE, 2)])
def test_the_pause_is_from_an_end_to_the_next_start(pause, count):
    ms = 4 * MINUTE
    assert len(sessions.find(heard([(START, ms, 1), (START + ms + pause, ms, 1)]), GAP)) == count


def test_a_long_play_beside_short_ones_holds_the_session():
    plays = [(START, 90 * MINUTE, 1), (START + MINUTE, MINUTE, 2), (START + 80 * MINUTE, MINUTE, 2)]
    found = sessions.find(heard(plays), GAP)
    assert (len(found), found.ended.tolist()) == (1, [START + 90 * MINUTE])


def test_what_started_and_ended_it_is_told_by_its_first_and_last_play():
    plays = [(START + n * MINUTE, 40_000, 1) for n in range(3)]
    found = sessions.find(heard(plays, reason_start=[7, 8, 9], reason_end=[4, 5, 6], platform=[1, 2, 3]), GAP)
    row = sessions.describe(found, range(1))[0]
    assert (row.reason_start, row.reason_end, row.platform) == (7, 6, 1)


def test_a_session_is_found_by_any_moment_in_it():
    found = sessions.find(heard([(START, MINUTE, 1), (START + 300 * MINUTE, MINUTE, 1)]), GAP)
    moments = [START - 1, START, START + MINUTE, START + 2 * MINUTE, START + 300 * MINUTE]
    assert [found.at(moment) for moment in moments] == [None, 0, 0, None, 1]


def test_without_plays_there_are_none():
    found = sessions.find(heard([]), GAP)
    assert (len(found), found.at(START)) == (0, None)
    assert sessions.summary(found, found.between(None, None)).count == 0
