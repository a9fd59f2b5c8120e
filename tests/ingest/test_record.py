"""Recording small numbers of events: what becomes of them, in any order, on any database."""

import itertools
import random
import tracemalloc
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from ingest import columns, known, reconcile
from ingest.actions import naming, record
from ingest.evidence import Evidence, Origin, TrackName
from ingest.models import MergedPlay, Play, PlayLedger, Recording, Track
from ingest.songs import songs_around
from tests.factories.accounts import UserFactory

pytestmark = pytest.mark.django_db

NOON = 1_790_000_000_000
MINUTE = 60_000


def export(track, end=NOON, ms=180_000, **details):
    return Evidence(Origin.EXPORT, track, end - ms, end, ms, **details)


def poll(track, end=NOON, ms=200_000, **details):
    return Evidence(Origin.POLL, track, end - ms, end, ms, is_estimate=True, **details)


@pytest.fixture
def songs(db):
    ids = naming.tracks(
        [
            TrackName(0, "A" * 22, "Teardrop", "Massive Attack", "Mezzanine"),
            TrackName(0, "B" * 22, "Angel", "Massive Attack", "Mezzanine"),
            TrackName(0, "C" * 22, "Teardrop", "Massive Attack", "Teardrop EP"),
        ]
    )
    return ids


def stored(user):
    """Everything there is of a person's plays, without ids."""
    play = {
        row[0]: row[1:]
        for row in Play.objects.filter(user=user).values_list(
            "id", "origin", "track", "started_at", "ended_at", "ms_played", "is_estimate", *reconcile.DETAILS
        )
    }
    merged = [
        (play[pk], *rest, sorted(details.items(), key=str))
        for pk, *rest, details in MergedPlay.objects.filter(user=user).values_list(
            "play", "origin", "track", "started_at", "ended_at", "ms_played", "details"
        )
    ]
    return sorted(play.values(), key=str), sorted(merged, key=str)


def test_a_polled_play_is_recorded_once(anna, songs, now):
    first = record.plays(user=anna, evidence=[poll(songs[0])], now=now)
    again = record.plays(user=anna, evidence=[poll(songs[0])], now=now)
    assert (first.new, again.duplicate) == (1, 1)
    assert first.play_ids == again.play_ids
    assert Play.objects.of(anna).count() == 1
    assert PlayLedger.objects.get(user=anna).version == 1


def test_polled_ends_within_two_seconds_are_one_play(anna, songs, now):
    record.plays(user=anna, evidence=[poll(songs[0]), poll(songs[0], NOON + 1_900)], now=now)
    assert Play.objects.of(anna).count() == 1


def test_an_export_row_takes_over_the_polled_play_and_keeps_its_context(anna, songs, now):
    polled = record.plays(user=anna, evidence=[poll(songs[0], NOON + 40_000, context=7)], now=now)
    told = record.plays(user=anna, evidence=[export(songs[0], platform=3)], now=now)
    play = Play.objects.get(user=anna)
    assert (told.new, told.merged, told.play_ids) == (0, 1, polled.play_ids)
    assert (play.origin, play.ms_played, play.context, play.platform) == (Origin.EXPORT, 180_000, 7, 3)
    assert MergedPlay.objects.get().play_id == play.pk


def test_a_poll_is_merged_with_the_nearest_export_row_each_used_once(anna, songs, now):
    rows = [export(songs[0], NOON, 60_000), export(songs[0], NOON + 70_000, 60_000)]
    polls = [poll(songs[0], NOON + 5_000, context=1), poll(songs[0], NOON + 60_000, context=2)]
    record.plays(user=anna, evidence=polls, now=now)
    record.plays(user=anna, evidence=rows, now=now)
    assert list(Play.objects.order_by("started_at").values_list("context", flat=True)) == [1, 2]


def test_different_tracks_are_never_one_play(anna, songs, now):
    record.plays(user=anna, evidence=[poll(songs[0]), export(songs[1]), export(songs[2])], now=now)
    assert Play.objects.of(anna).count() == 3


def test_tracks_of_one_recording_are_one_song(anna, songs, now):
    from ingest.models import Recording, Track

    recording = Recording.objects.create(isrc="GBAAA9800001", name="Teardrop")
    Track.objects.filter(id__in=[songs[0], songs[2]]).update(recording=recording)
    record.plays(user=anna, evidence=[poll(songs[0]), export(songs[2])], now=now)
    assert Play.objects.get(user=anna).track_id == songs[2]


def test_account_data_gives_way_to_the_export_by_name(anna, songs, now):
    (bare,) = naming.tracks([TrackName(0, None, "Teardrop", "MASSIVE  attack", "")])
    minute = Evidence(Origin.ACCOUNT_DATA, bare, NOON - 180_000, NOON, 180_000)
    assert record.plays(user=anna, evidence=[minute], now=now).new == 1
    told = record.plays(user=anna, evidence=[export(songs[1]), export(songs[2], NOON + 45_000)], now=now)
    assert (told.new, told.merged) == (1, 1)
    assert Play.objects.of(anna).count() == 2


def test_overlapping_export_rows_keep_the_longer(anna, songs, now):
    told = record.plays(user=anna, evidence=[export(songs[0], NOON, 100_000), export(songs[0], NOON + 30_000)], now=now)
    assert (told.new, told.duplicate) == (1, 1)
    assert Play.objects.get(user=anna).ms_played == 180_000


def test_others_are_not_touched(anna, ben, songs, now):
    record.plays(user=anna, evidence=[poll(songs[0])], now=now)
    told = record.plays(user=ben, evidence=[export(songs[0])], now=now)
    assert told.new == 1
    assert Play.objects.of(anna).get().origin == Origin.POLL


def test_forgetting_an_origin_is_as_if_it_had_never_told(anna, songs, now):
    record.plays(user=anna, evidence=[export(songs[0], platform=3)], now=now)
    before = stored(anna)
    record.plays(user=anna, evidence=[poll(songs[0], context=9), poll(songs[1], NOON - 900_000)], now=now)
    assert record.forget(user=anna, origins=[Origin.POLL, Origin.WATCH], now=now) == 2
    assert stored(anna) == before
    assert columns.check(anna) == []


EVENT = st.builds(
    lambda origin, track, end, ms, context, shuffle: Evidence(
        origin,
        track,
        NOON + end * 5_000 - ms * 10_000 - (end % 3) * 1_000,
        NOON + end * 5_000,
        ms * 10_000,
        is_estimate=origin == Origin.POLL,
        context=context if origin == Origin.POLL else 0,
        shuffle=shuffle,
    ),
    st.sampled_from(Origin),
    st.integers(0, 3),
    st.integers(0, 120),
    st.integers(1, 12),
    st.integers(0, 3),
    st.sampled_from([None, None, True, False]),
)


@settings(
    max_examples=40,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.lists(EVENT, min_size=2, max_size=14), st.randoms(use_true_random=False), st.integers(1, 5))
def test_any_order_any_batches_and_repeats_end_in_the_same_plays(songs, now, events, chance, batch):
    (bare,) = naming.tracks([TrackName(0, None, "Teardrop", "Massive Attack", "Live")])
    ids = [*songs, bare]
    events = [replace(event, track_id=ids[event.track_id]) for event in events]
    folded = sorted(
        (tuple(vars_of(listening.play)) for listening in reconcile.fold(events, songs_around(set(ids)))), key=str
    )
    outcomes = []
    for _ in range(3):
        anna = UserFactory()
        order = [*events, *chance.choices(events, k=3)]
        chance.shuffle(order)
        for start in range(0, len(order), batch):
            record.plays(user=anna, evidence=order[start : start + batch], now=now)
        outcomes.append(stored(anna))
        assert columns.check(anna) == []
    assert all(each == outcomes[0] for each in outcomes)
    shown = known.played(Play.objects.filter(user=anna))
    assert sorted((tuple(vars_of(play)) for play in shown), key=str) == folded


def vars_of(event):
    return [int(event.origin), *(getattr(event, name) for name in event.__slots__ if name != "origin")]


def test_all_orders_of_a_hard_knot_agree(songs, now):
    knot = [
        export(songs[0], NOON, 60_000),
        export(songs[0], NOON + 20_000, 50_000),
        poll(songs[0], NOON + 15_000, context=1),
        poll(songs[0], NOON + 16_000, context=2),
        Evidence(Origin.WATCH, songs[0], NOON - 50_000, NOON - 10_000, 40_000, shuffle=True),
    ]
    seen = set()
    for order in random.Random(1).sample(list(itertools.permutations(knot)), 40):
        anna = UserFactory()
        for event in order:
            record.plays(user=anna, evidence=[event], now=now)
        seen.add(str(stored(anna)))
    assert len(seen) == 1


def test_one_new_play_costs_few_queries(anna, songs, now, django_assert_max_num_queries, transactional_db):
    """Counts BEGIN and COMMIT, and what brings the columns up to date."""
    track = songs[0]
    for number in range(3):
        record.plays(user=anna, evidence=[poll(track, NOON + number * 60 * MINUTE)], now=now)
    with django_assert_max_num_queries(8):
        record.plays(user=anna, evidence=[poll(track, NOON + 30 * 24 * 60 * MINUTE)], now=now)
    with django_assert_max_num_queries(10):
        record.plays(user=anna, evidence=[poll(track, NOON + 30 * 24 * 60 * MINUTE + 5 * MINUTE)], now=now)
    assert len(columns.load(anna)) == 5
    assert columns.check(anna) == []


def test_a_recording_of_very_many_tracks_costs_each_of_them_once(now):
    recording = Recording.objects.create(name="Canon in D", created_at=now)
    told = [TrackName(0, f"T{number}", f"Canon in D, take {number}", "Nobody", "") for number in range(1_000)]
    ids = naming.tracks([*told, TrackName(0, None, "Something Else", "Nobody", "")])
    Track.objects.filter(pk__in=ids[:-1]).update(recording=recording)
    tracemalloc.start()
    found = songs_around(ids[:-1])
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert found.keys() == set(ids[:-1])
    assert peak < 20_000_000  # a row for each two of them would take hundreds of millions of bytes


def test_a_submission_told_as_another_tracks_takes_along_only_what_it_told(anna, songs, now):
    start = NOON - 180_000
    told = Evidence(Origin.SUBMIT, songs[0], start, NOON, 180_000, platform=3)
    record.plays(user=anna, evidence=[told, poll(songs[0], context=7)], now=now)
    assert Play.objects.get().context == 7
    assert record.retell(user=anna, track_id=songs[0], as_track_id=songs[1], now=now) == [start]
    moved = Play.objects.get(track=songs[1])
    assert (moved.platform, moved.context) == (3, 0)
