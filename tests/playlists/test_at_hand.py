"""The library that is kept between keystrokes: never an answer that a fresh one would not give."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from ingest.actions import counting, hide
from ingest.kept import NO_MOMENT
from ingest.models import LyricsFacts, OwnGrouping, Play, SourceTrack, Tag, Track, TrackChange, TrackSource, TrackTag
from playlists import at_hand
from playlists.actions import labels, preview
from playlists.library import Library
from playlists.models import Rule
from playlists.rules import schema, text
from tests.factories.accounts import UserFactory
from tests.factories.ingest import NOON, TrackFactory, heard


def found(library, asked):
    ids = preview.drafted(text.parse(asked).query, library, salt=1).track_ids
    return set(Track.objects.filter(pk__in=ids).values_list("name", flat=True))


@pytest.fixture
def ask(anna, tracks):
    """What is found by the one at hand; a fresh library says the same."""

    def asked(query, now=NOON):
        at_hand_ = found(at_hand.library(anna, now=now), query)
        assert at_hand_ == found(Library(anna, now=now), query)
        return at_hand_

    return asked


def changed(track):
    TrackChange.objects.create(track_id=track)


def a_play(anna, tracks):
    heard(anna, Track.objects.get(name="Kept"), NOON - timedelta(days=2))


def a_track_never_met(anna, tracks):
    heard(anna, TrackFactory(name="Kept too"), NOON - timedelta(days=2))


def a_hidden_play(anna, tracks):
    ids = Play.objects.filter(user=anna, track=tracks["Teardrop"]).values_list("id", flat=True)
    hide.plays(user=anna, ids=list(ids), removed=False, now=NOON)


def a_filter(anna, tracks):
    counting.leave_out(user=anna, kind="track", value=tracks["Teardrop"])


def another_rule_of_counting(anna, tracks):
    counting.choose(user=anna, choices={"rule": "own", "own_seconds": 600, "own_percent": 0})


def a_like(anna, tracks):
    liked = TrackSource.objects.get(user=anna, kind="liked")
    SourceTrack.objects.create(source=liked, position=9, track_id=tracks["Angel"], added_at=NOON)


def a_like_that_went(anna, tracks):
    SourceTrack.objects.filter(source__kind="liked").delete()


def a_like_put_right(anna, tracks):
    SourceTrack.objects.filter(source__kind="liked").update(track=tracks["Angel"])


def a_playlist_of_another_name(anna, tracks):
    TrackSource.objects.filter(kind="playlist").update(name="Home")


def another_title(anna, tracks):
    Track.objects.filter(pk=tracks["Teardrop"]).update(name="Raindrop")
    changed(tracks["Teardrop"])


def a_label_of_ones_own(anna, tracks):
    labels.say(user=anna, track=Track.objects.get(pk=tracks["Kept"]), labels={"mood": "calm"}, now=NOON)


def a_mood_that_was_told(anna, tracks):
    tag = Tag.objects.create(kind=Tag.Kind.MOOD, name="calm")
    TrackTag.objects.create(track_id=tracks["Angel"], tag=tag, weight=1, source="lastfm")
    changed(tracks["Angel"])


def words_that_were_counted(anna, tracks):
    LyricsFacts.objects.create(track_id=tracks["Angel"], language="fr", themes=["love"])
    changed(tracks["Angel"])


def two_that_are_one(anna, tracks):
    OwnGrouping.objects.create(
        user=anna, track_id=tracks["Angel"], other_id=tracks["Teardrop"], is_same=True, made_at=timezone.now()
    )


def another_rule(anna, tracks):
    Rule.objects.create(user=anna, name="Sad", body=schema.dump(text.parse("title:angel").query))


def another_zone(anna, tracks):
    anna.time_zone = "Pacific/Kiritimati"
    anna.save()


CHANGES = [
    (a_play, "plays:0"),
    (a_track_never_met, "title:kept"),
    (a_hidden_play, "plays:3"),
    (a_filter, "plays:3"),
    (another_rule_of_counting, "plays:1.."),
    (a_like, "liked:yes"),
    (a_like_that_went, "liked:yes"),
    (a_like_put_right, "liked:yes"),
    (a_playlist_of_another_name, "playlist:home"),
    (another_title, "title:rain"),
    (a_label_of_ones_own, "mood:calm"),
    (a_mood_that_was_told, "mood:calm"),
    (words_that_were_counted, "language=fr theme:love"),
    (two_that_are_one, "plays:1.."),
    (another_rule, "rule:sad"),
]


@pytest.mark.parametrize(("change", "query"), CHANGES, ids=[change.__name__ for change, _query in CHANGES])
def test_a_change_changes_the_next_answer(anna, tracks, ask, change, query):
    before = ask(query)
    assert ask(query) == before
    change(anna, tracks)
    assert ask(query) != before


def test_another_day_and_another_zone_too(anna, tracks, ask):
    assert ask("last_heard:7d") == {"Teardrop"}
    assert ask("last_heard:7d", NOON + timedelta(days=30)) == set()
    first = at_hand.library(anna, now=NOON)
    another_zone(anna, tracks)
    assert at_hand.library(anna, now=NOON) is not first


def test_while_nothing_changes_nothing_is_read_again(anna, tracks, ask, django_assert_max_num_queries):
    ask('title:tear liked:no plays:1.. genre:"trip hop"')
    first = at_hand.library(anna, now=NOON)
    with django_assert_max_num_queries(12):
        again = at_hand.library(anna, now=NOON + timedelta(seconds=1))
        assert found(again, "title:/^tear/i plays:2..") == {"Teardrop"}
    assert again is first


def test_what_happens_to_tracks_of_others_is_not_minded(anna, tracks, ask):
    first = at_hand.library(anna, now=NOON)
    for number in range(3):
        changed(TrackFactory(name=f"Unheard {number}").pk)
        assert at_hand.library(anna, now=NOON) is first
    changed(tracks["Angel"])
    assert at_hand.library(anna, now=NOON) is not first


def test_each_has_their_own(anna, ben, tracks, ask):
    assert ask("title:tear") == {"Teardrop"}
    assert found(at_hand.library(ben, now=NOON), "title:tear") == set()


def test_what_is_kept_is_bounded_and_let_go(anna, ben, tracks, ask, monkeypatch):
    first = at_hand.library(anna, now=NOON)
    at_hand.library(ben, now=NOON + at_hand.IDLE)
    assert at_hand.library(anna, now=NOON + at_hand.IDLE) is not first  # nobody asked for ten minutes
    monkeypatch.setattr(at_hand, "MOST_BYTES", 1)
    one = at_hand.library(anna, now=NOON + at_hand.IDLE)
    assert at_hand.library(anna, now=NOON + at_hand.IDLE) is not one


def test_answers_to_conditions_are_bounded_too(anna, tracks, ask):
    library = at_hand.library(anna, now=NOON)
    for number in range(3 * at_hand.MASKS):
        found(library, f"plays:{number}")
    found(library, 'source:liked , rule:"none such"')
    again = at_hand.library(anna, now=NOON)
    assert again is library
    assert len(again.masks._conditions) == at_hand.MASKS
    assert not {key[0] for key in again.masks._conditions} & set(at_hand.VOLATILE)


def test_moments_of_likes_are_exact_to_the_millisecond(anna):
    """They are reckoned by the database, each in its own way."""
    track = TrackFactory()
    source = TrackSource.objects.create(user=anna, kind="liked", total=2)
    at = datetime(2019, 7, 3, 21, 59, 59, 987_000, tzinfo=UTC)
    SourceTrack.objects.create(source=source, position=0, track=track, added_at=at)
    SourceTrack.objects.create(source=source, position=1, track=track)
    kept = Library(anna, now=NOON).kept
    assert kept.added.tolist() == [round(at.timestamp() * 1000), NO_MOMENT]
    assert (kept.source.tolist(), kept.track.tolist()) == ([source.pk] * 2, [track.pk] * 2)
    assert Library(UserFactory(), now=NOON).kept.added.size == 0
