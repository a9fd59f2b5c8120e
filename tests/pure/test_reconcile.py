"""The fold over evidence: the rules, and that order, grouping and repeats never matter."""

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.evidence import LONGEST_SPAN_MS, Evidence, Origin
from ingest.reconcile import Song, components, distinct, fold, group, identity, join, stretched

SONGS = {
    1: Song(10, frozenset({"a\x1fone"}), True),
    2: Song(10, frozenset({"a\x1fone (remaster)"}), True),
    3: Song(0, frozenset({"a\x1fone"}), False),
    4: Song(20, frozenset({"a\x1ftwo"}), True),
    5: Song(0, frozenset({"a\x1fone"}), True),
}
NOON = 1_790_000_000_000
SECOND = 1_000


def event(origin, track=1, end=0, ms=180, *, paused=0, **details):
    ended = NOON + end * SECOND
    return Evidence(
        origin,
        track,
        ended - (ms + paused) * SECOND,
        ended,
        ms * SECOND,
        is_estimate=origin == Origin.POLL,
        **details,
    )


def plays(*events):
    return [each.play for each in fold(events, SONGS)]


@pytest.mark.parametrize(
    ("at", "one"),
    [(0, True), (90, True), (91, False), (-180 - 30, True), (-180 - 31, False)],
)
def test_a_polled_end_lies_from_half_a_minute_before_the_start_to_ninety_seconds_after_the_end(at, one):
    assert len(plays(event(Origin.EXPORT), event(Origin.POLL, end=at))) == (1 if one else 2)


def test_the_start_that_counts_is_the_told_one_not_the_end_less_the_time_played():
    hours = 11 * 3600
    assert len(plays(event(Origin.EXPORT, ms=20, paused=hours), event(Origin.POLL, end=-hours + 5))) == 1


@pytest.mark.parametrize(("apart", "one"), [(89, True), (-89, True), (90, False)])
def test_account_data_gives_way_to_an_export_that_ends_within_ninety_seconds(apart, one):
    told = plays(event(Origin.EXPORT), event(Origin.ACCOUNT_DATA, 3, end=apart, ms=180))
    assert [play.origin for play in told if play.origin == Origin.EXPORT] == [Origin.EXPORT]
    assert len(told) == (1 if one else 2)


def test_account_data_prefers_the_row_of_equal_length():
    rows = [event(Origin.EXPORT, end=0, ms=30), event(Origin.EXPORT, end=60, ms=31)]
    (far,) = [each for each in fold([*rows, event(Origin.ACCOUNT_DATA, 3, end=0, ms=31)], SONGS) if each.merged]
    assert far.best == rows[1]


@pytest.mark.parametrize(("track", "one"), [(1, True), (2, True), (4, False), (5, False), (3, True)])
def test_one_song_is_one_track_one_recording_or_one_name_where_there_is_no_id(track, one):
    assert len(plays(event(Origin.EXPORT, 1), event(Origin.POLL, track))) == (1 if one else 2)


@pytest.mark.parametrize(("at", "one"), [(0, True), (29, True), (30, False), (-179, True), (-180, False)])
def test_a_remaster_that_was_polled_is_another_listening_where_there_was_time_for_it(at, one):
    assert len(plays(event(Origin.EXPORT, 1), event(Origin.POLL, 2, end=at))) == (1 if one else 2)


@pytest.mark.parametrize(("start", "one"), [(-180, True), (-91, True), (-90, False), (0, False)])
def test_a_remaster_that_was_submitted_is_another_listening_unless_their_times_are_mostly_one(start, one):
    assert len(plays(event(Origin.EXPORT, 1), scrobble(start, track=2))) == (1 if one else 2)


def test_a_track_finds_itself_before_its_remaster():
    original, remaster = event(Origin.EXPORT, 1, end=0), event(Origin.EXPORT, 2, end=25, ms=25)
    found = fold([original, remaster, event(Origin.POLL, 1, end=22), event(Origin.POLL, 2, end=50)], SONGS)
    assert [(each.best.track_id, each.merged[0].event.track_id) for each in found] == [(1, 1), (2, 2)]


@pytest.mark.parametrize("name", ["a\x1fone", "guest\x1fone"])
def test_a_song_is_known_by_any_of_its_artists(name):
    songs = {1: Song(0, frozenset({"a\x1fone", "guest\x1fone"}), True), 2: Song(0, frozenset({name}), False)}
    assert len(fold([event(Origin.EXPORT, 1), scrobble(-180, track=2)], songs)) == 1


@pytest.mark.parametrize(("shift", "one"), [(89, True), (90, False), (91, False)])
def test_rows_of_an_export_that_overlap_by_more_than_half_are_one(shift, one):
    told = plays(event(Origin.EXPORT, ms=180), event(Origin.EXPORT, end=shift, ms=180))
    assert len(told) == (1 if one else 2)


def scrobble(start=0, ms=180, track=1, **rest):
    return replace(event(Origin.SUBMIT, track, end=start + ms, ms=ms, **rest), is_estimate=True)


@pytest.mark.parametrize(
    ("start", "one"),
    [(-180 - 30, True), (-180 - 31, False), (-180, True), (-60, True), (0, True), (90, True), (91, False)],
)
def test_a_submission_of_guessed_length_is_placed_by_its_start(start, one):
    assert len(plays(event(Origin.EXPORT), scrobble(start, ms=900))) == (1 if one else 2)


@pytest.mark.parametrize(("apart", "one"), [(-89, True), (89, True), (90, False)])
def test_or_by_its_end_where_that_is_what_was_told(apart, one):
    heard_late = event(Origin.EXPORT, ms=20)
    assert len(plays(heard_late, scrobble(apart - 180, ms=180))) == (1 if one else 2)


def test_each_scrobble_of_a_song_on_repeat_finds_its_own_play():
    exports = [event(Origin.EXPORT, end=end) for end in (0, 180, 360)]
    found = fold([*exports, *(scrobble(start) for start in (-180, 0, 180))], SONGS)
    assert [(each.best.ended_ms - each.merged[0].event.ended_ms) for each in found] == [0, 0, 0]


@pytest.mark.parametrize(
    ("shift", "track", "one"), [(89, 1, True), (90, 1, False), (0, 3, True), (0, 5, True), (0, 4, False)]
)
def test_submissions_of_one_song_that_overlap_by_more_than_half_are_one(shift, track, one):
    assert len(plays(scrobble(0), scrobble(shift, track=track))) == (1 if one else 2)


def test_a_time_that_is_told_is_believed_before_a_longer_guess():
    told = replace(scrobble(0, ms=100), is_estimate=False)
    for order in ([told, scrobble(0)], [scrobble(0), told]):
        (play,) = plays(*order)
        assert (play.ms_played, play.is_estimate) == (100 * SECOND, False)


def test_polls_two_seconds_apart_are_one_play_and_three_are_two():
    assert len(plays(event(Origin.POLL), event(Origin.POLL, end=2))) == 1
    assert len(plays(event(Origin.POLL), event(Origin.POLL, end=3))) == 2


def test_blanks_are_filled_and_told_details_stay():
    (told,) = plays(
        event(Origin.EXPORT, reason_end=4, incognito=False), event(Origin.POLL, context=9, reason_end=5, incognito=True)
    )
    assert (told.context, told.reason_end, told.incognito) == (9, 4, False)


def test_an_unbelievable_start_is_cut():
    told = Evidence(Origin.EXPORT, 1, 0, NOON, 1_000)
    assert told.started_ms == NOON - LONGEST_SPAN_MS


EVENTS = st.builds(
    event,
    st.sampled_from(Origin),
    st.sampled_from(sorted(SONGS)),
    st.integers(-300, 300),
    st.integers(0, 240),
    paused=st.sampled_from([0, 0, 0, 5, 200]),
    context=st.integers(0, 2),
    shuffle=st.sampled_from([None, True, False]),
    import_id=st.sampled_from([None, 1, 2]),
)


@settings(max_examples=400, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(EVENTS, max_size=18), st.randoms(use_true_random=False))
def test_order_and_repeats_do_not_matter(events, chance):
    again = [*events, *(chance.choices(events, k=4) if events else [])]
    chance.shuffle(again)
    assert fold(again, SONGS) == fold(events, SONGS)


@settings(max_examples=300)
@given(st.lists(EVENTS, max_size=18), st.integers(0, 18))
def test_folding_in_steps_is_folding_at_once(events, cut):
    first = fold(events[:cut], SONGS)
    kept = [each.best for each in first] + [merged.event for each in first for merged in each.merged]
    assert fold([*kept, *events[cut:]], SONGS) == fold(events, SONGS)


@settings(max_examples=300)
@given(st.lists(EVENTS, max_size=18))
def test_every_event_ends_in_exactly_one_listening(events):
    told = [each.best for each in fold(events, SONGS)]
    told += [merged.event for each in fold(events, SONGS) for merged in each.merged]
    assert sorted(map(identity, told)) == sorted(map(identity, distinct(events)))


@settings(max_examples=300)
@given(st.lists(EVENTS, max_size=18))
def test_no_two_plays_share_all_their_times(events):
    places = [(play.track_id, play.started_ms, play.ended_ms, play.ms_played) for play in plays(*events)]
    assert len(places) == len(set(places))


@settings(max_examples=300)
@given(st.lists(EVENTS, min_size=2, max_size=14))
def test_what_lies_apart_never_matters(events):
    groups = group(SONGS)
    found = distinct(events)
    parts = components([(groups[each.track_id], *stretched(each)) for each in found])
    alone = [listening for part in parts for listening in fold([found[place] for place in part], SONGS)]
    assert sorted(alone, key=repr) == sorted(fold(events, SONGS), key=repr)


@given(EVENTS, EVENTS, EVENTS)
def test_joining_forgets_order_and_grouping(one, other, third):
    other, third = (
        replace(one, context=each.context, shuffle=each.shuffle, import_id=each.import_id) for each in (other, third)
    )
    assert join(one, other) == join(other, one)
    assert join(join(one, other), third) == join(one, join(other, third))
    assert join(one, one) == one
