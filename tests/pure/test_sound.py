"""Features, moods, genres, diversity, the hipster score and the parts of the day, against plain computations."""

from collections import Counter
from datetime import UTC, datetime
from math import log, log2
from statistics import fmean, pstdev
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.heard import FEATURES
from insights.analysis import dayparts, diversity, features, genres, hipster, moods
from insights.analysis.features import RADAR
from tests.pure.heard import heard

NOT_TOLD = dict.fromkeys(FEATURES, float("nan"))
PLAIN = dict.fromkeys(FEATURES, 0.5)
VALUE = st.one_of(st.just(float("nan")), st.integers(0, 1000).map(lambda n: n / 1000))
TRACKS = st.lists(st.tuples(st.lists(VALUE, min_size=9, max_size=9), st.integers(0, 5)), min_size=1, max_size=30)
TABLE = st.lists(st.integers(0, 9), min_size=1, max_size=30).map(lambda counts: np.array(counts, dtype=np.int64))


def table(*tracks):
    return np.array([[track[name] for name in FEATURES] for track in tracks], dtype=np.float32)


def times(*counts):
    return np.array(counts, dtype=np.int64)


# How it sounds


@given(TRACKS)
def test_features_are_those_of_the_plays_one_by_one(tracks):
    found = features.sound(np.array([values for values, _ in tracks], dtype=np.float32), times(*(n for _, n in tracks)))
    for number, measure in enumerate(found.measures):
        plays = [
            np.float32(values[number]) for values, n in tracks for _ in range(n) if values[number] == values[number]
        ]
        assert measure.plays == len(plays)
        if plays:
            assert measure.mean == pytest.approx(fmean(plays))
            assert measure.spread == pytest.approx(pstdev(map(float, plays)), abs=1e-9)
            assert (measure.least, measure.most) == (min(plays), max(plays))
            assert measure.least <= measure.mean <= measure.most
        else:
            assert (measure.mean, measure.spread, measure.least, measure.most) == (None,) * 4
        assert measure.tracks == sum(n > 0 and values[number] == values[number] for values, n in tracks)
    some = [(values, n) for values, n in tracks if any(value == value for value in values)]
    assert (found.plays, found.tracks) == (sum(n for _, n in some), sum(n > 0 for _, n in some))
    assert found.all_plays == sum(n for _, n in tracks)


def test_a_track_weighs_as_often_as_it_was_heard():
    found = features.sound(table(PLAIN | {"tempo_bpm": 100}, PLAIN | {"tempo_bpm": 160}, PLAIN), times(3, 1, 0))
    tempo = found["tempo_bpm"]
    assert (tempo.mean, tempo.least, tempo.most, tempo.plays, tempo.tracks) == (115, 100, 160, 4, 2)
    assert tempo.spread == pytest.approx(pstdev([100, 100, 100, 160]))


def test_nothing_told_is_not_zero():
    found = features.sound(table(NOT_TOLD), times(7))
    assert (found.plays, found.tracks, found.all_plays, found.coverage) == (0, 0, 7, 0)
    assert found["energy"].mean is None
    assert features.sound(np.empty((0, 9), dtype=np.float32), times()).coverage is None


def test_the_radar_has_six_axes_of_the_stretch_and_of_all_time():
    loud, calm = PLAIN | {"energy": 1.0}, PLAIN | {"energy": 0.0, "speechiness": float("nan")}
    values = table(loud, calm)
    radar = features.radar(features.sound(values, times(0, 2)), features.sound(values, times(2, 2)))
    assert radar.period == tuple({"energy": 0.0, "speechiness": None}.get(axis, 0.5) for axis in RADAR)
    assert radar.ever == (0.5,) * 6


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 9)), max_size=60))
def test_means_over_time_are_those_of_each_step(plays):
    tempos = [90.0, float("nan"), 120.0, 150.0, float("nan")]
    values = table(*(PLAIN | {"tempo_bpm": tempo} for tempo in tempos))
    plays = sorted(plays, key=lambda play: play[1])
    spots = [sum(step < n for _, step in plays) for n in range(11)]
    found = features.means(values, "tempo_bpm", np.array([place for place, _ in plays], dtype=np.int32), spots)
    for step, mean in enumerate(found):
        told = [tempos[place] for place, at in plays if at == step and tempos[place] == tempos[place]]
        assert mean.plays == len(told)
        assert mean.value == (pytest.approx(fmean(told)) if told else None)


# Moods


@pytest.mark.parametrize(
    ("values", "wanted"),
    [
        ({"valence": 0.61, "energy": 0.61}, {"happy", "focused"}),
        ({"valence": 0.6, "energy": 0.9}, set()),  # strict: .6 is not happy
        ({"valence": 0.9, "energy": 0.6}, {"focused"}),
        ({"valence": 0.39, "energy": 0.49}, {"sad", "focused"}),
        ({"valence": 0.4, "energy": 0.2}, set()),
        ({"valence": 0.2, "energy": 0.5}, {"focused"}),
        ({"energy": 0.71, "danceability": 0.61}, {"energetic"}),
        ({"energy": 0.7, "danceability": 0.9}, set()),
        ({"energy": 0.9, "danceability": 0.6}, set()),
        ({"energy": 0.39, "acousticness": 0.51, "speechiness": 0.3}, {"calm"}),
        ({"energy": 0.4, "acousticness": 0.9, "speechiness": 0.9}, set()),
        ({"energy": 0.1, "acousticness": 0.5}, set()),
        ({"speechiness": 0.29, "energy": 0.31}, {"focused"}),
        ({"speechiness": 0.3, "energy": 0.5}, set()),
        ({"speechiness": 0.1, "energy": 0.3}, set()),
        ({"speechiness": 0.1, "energy": 0.7}, set()),
        ({"valence": 0.9, "energy": 0.9, "danceability": 0.9}, {"happy", "energetic"}),
        ({"valence": 0.1, "energy": 0.35, "acousticness": 0.9}, {"sad", "calm", "focused"}),
    ],
)
def test_moods_have_strict_limits_and_may_be_several(values, wanted):
    found, known = moods.moods_of(table(PLAIN | {"speechiness": 0.1} | values))
    assert known.all()
    assert {mood for mood, has in zip(moods.MOODS, found[0], strict=True) if has} == wanted


def test_a_track_that_nobody_told_about_is_unknown_not_other():
    happy, nothing = PLAIN | {"valence": 0.9, "energy": 0.9}, PLAIN | {"energy": 0.9}
    half = happy | {"speechiness": float("nan")}
    found = moods.heard(table(happy, nothing, half, NOT_TOLD), times(5, 2, 3, 4))
    assert (found.plays["happy"], found.other, found.unknown, found.known) == (5, 2, 7, 7)
    assert (found.share("happy"), found.share("other"), found.share("sad")) == (5 / 7, 2 / 7, 0)
    assert found.coverage == 0.5


def test_without_features_no_mood_has_a_share():
    found = moods.heard(table(NOT_TOLD), times(3))
    assert [found.share(mood) for mood in (*moods.MOODS, "other")] == [None] * 6
    assert found.coverage == 0


@given(TRACKS)
def test_each_known_play_has_a_mood_or_is_other(tracks):
    found = moods.heard(np.array([values for values, _ in tracks], np.float32), times(*(n for _, n in tracks)))
    assert found.known + found.unknown == sum(n for _, n in tracks)
    assert max([found.other, *found.plays.values()]) <= found.known <= found.other + sum(found.plays.values())


# Genres


@given(TABLE)
def test_shares_of_the_ten_biggest_genres_add_up_to_one(plays):
    found = genres.biggest(plays)
    order = sorted((key for key in range(1, plays.size) if plays[key]), key=lambda key: (-plays[key], key))
    assert [(row.key, row.plays) for row in found] == [(key, plays[key]) for key in order[:10]]
    assert sum(row.share for row in found) == pytest.approx(1 if order else 0)


def test_equal_genres_are_ordered_by_time():
    assert [row.key for row in genres.biggest(times(9, 2, 2, 5), ms=times(0, 10, 20, 1))] == [3, 2, 1]


# Diversity


@pytest.mark.parametrize(("artists", "wanted"), [(0, 0), (1, 0.02), (25, 0.5), (50, 1), (80, 1)])
def test_artist_diversity(artists, wanted):
    assert diversity.artist_diversity(artists) == wanted


def test_artists_are_not_fewer_than_none():
    with pytest.raises(ValueError, match="-1"):
        diversity.artist_diversity(-1)


def test_genre_diversity_of_ten_equal_genres_is_full_and_of_one_is_none():
    assert diversity.genre_diversity([7] * 10) == 1
    assert diversity.genre_diversity([0.1] * 40) == 1
    assert diversity.genre_diversity([3, 0, 0]) == 0
    assert diversity.genre_diversity([0, 0]) is None


@given(st.lists(st.integers(1, 500), min_size=1, max_size=10))
def test_genre_diversity_is_the_entropy_of_the_shares(plays):
    shares = [count / sum(plays) for count in plays]
    wanted = min(1, sum(share * log2(1 / share) for share in shares) / 3.32)
    assert diversity.genre_diversity(plays) == pytest.approx(wanted, abs=1e-12)


@given(st.lists(st.integers(1, 9), max_size=30))
def test_repeats_are_all_but_the_first_play_of_a_track(plays):
    counted = np.bincount(np.array(plays, dtype=np.int64), minlength=3)
    seen, repeats = set(), 0
    for track in plays:
        repeats += track in seen
        seen.add(track)
    assert diversity.repeat_share(counted) == (pytest.approx(repeats / len(plays)) if plays else None)


@given(TABLE, TABLE)
def test_new_artists_were_never_heard_before(before, inside):
    known = {key for key in range(1, before.size) if before[key]}
    here = {key: inside[key] for key in range(1, inside.size) if inside[key]}
    new = sorted(here.keys() - known)
    assert diversity.new_keys(before, inside).tolist() == new
    found = diversity.newness(before, inside)
    assert (found.artists, found.all_artists) == (len(new), len(here))
    assert (found.plays, found.all_plays) == (sum(here[key] for key in new), sum(here.values()))
    assert found.share == (len(new) / len(here) if here else None)
    assert found.plays_share == (found.plays / found.all_plays if here else None)


# Hipster


def scored(listeners, popularity, weights):
    return hipster.hipster(np.array(listeners), np.array(popularity), times(*weights))


@given(st.lists(st.tuples(st.integers(-1, 20_000_000), st.integers(0, 30)), min_size=1, max_size=20))
def test_the_score_follows_its_formula(tracks):
    told = [log(1 + listeners) / log(1 + 10_000_000) for listeners, n in tracks for _ in range(n) if listeners >= 0]
    found = scored([listeners for listeners, _ in tracks], [-1] * len(tracks), [n for _, n in tracks])
    assert (found.known, found.plays) == (len(told), sum(n for _, n in tracks))
    if len(told) < 20:
        assert found.score is None
    else:
        assert found.score == pytest.approx(min(100, max(0, 100 * (1 - fmean(told)))), abs=1e-9)


@pytest.mark.parametrize(
    ("plays", "listeners", "popularity", "score", "source"),
    [
        (20, 0, -1, 100, "listeners"),
        (20, 10_000_000, -1, 0, "listeners"),
        (20, 90_000_000, -1, 0, "listeners"),  # never below 0
        (19, 0, -1, None, "listeners"),
        (20, -1, 30, 70, "popularity"),
        (19, -1, 30, None, "popularity"),
        (20, 0, 30, 100, "listeners"),
        (20, -1, -1, None, "listeners"),
    ],
)
def test_the_score_has_a_source_and_needs_twenty_plays(plays, listeners, popularity, score, source):
    found = scored([listeners], [popularity], [plays])
    assert (found.score if found.score is None else round(found.score, 6), found.source) == (score, source)


def test_what_is_known_for_more_plays_decides():
    found = scored([0, -1], [-1, 40], [25, 30])
    assert (round(found.score, 6), found.source, found.known, found.tracks, found.plays) == (
        60,
        "popularity",
        30,
        1,
        55,
    )
    assert found.coverage == 30 / 55


# Parts of the day


@given(
    st.lists(st.tuples(st.integers(0, 400 * 3_600_000), st.integers(30_000, 400_000)), max_size=60),
    st.sampled_from(["UTC", "Europe/Berlin", "Asia/Kathmandu", "America/St_Johns"]),
)
def test_parts_of_the_day_are_those_of_the_wall_clock(plays, zone):
    start = int(datetime(2026, 10, 20, tzinfo=UTC).timestamp() * 1000)
    names = ["night"] * 5 + ["morning"] * 7 + ["afternoon"] * 5 + ["evening"] * 5 + ["night"] * 2
    count, time = Counter(), Counter()
    for at, ms in plays:
        name = names[datetime.fromtimestamp((start + at) / 1000, ZoneInfo(zone)).hour]
        count[name] += 1
        time[name] += ms
    found = dayparts.parts(heard([(start + at, ms, 1) for at, ms in plays], zone=zone))
    assert [(part.name, part.plays, part.ms) for part in found] == [
        (name, count[name], time[name]) for name in ("morning", "afternoon", "evening", "night")
    ]
