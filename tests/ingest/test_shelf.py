"""The shelf follows the catalogue, whatever was cleaned away meanwhile."""

import os
import time
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from django.utils import timezone

from accounts.models import User
from ingest import columns, known, labels, lens, shelf
from ingest.actions import record
from ingest.models import Album, ColumnsDelta, OwnGrouping, Play, Recording, Track, TrackArtist, TrackChange
from ingest.shelf import keeping
from ingest.tasks import KEEP_CHANGES, thin_changes
from tests.factories.ingest import ArtistFactory, TrackFactory, heard

MORNING = datetime(2026, 11, 20, 8, tzinfo=UTC)


def rename(track, name):
    Track.objects.filter(pk=track.pk).update(name=name)
    TrackChange.objects.create(track=track)


def shelf_of(user):
    return shelf.load(user, columns.load(user).track)


def test_facts_and_search_follow_changes(anna):
    track = TrackFactory(name="Before", duration_ms=None)
    heard(anna, track, MORNING)
    assert shelf_of(anna).search("before").tolist() == [track.pk]
    Track.objects.filter(pk=track.pk).update(duration_ms=111)
    rename(track, "After")
    assert shelf_of(anna).search("before").tolist() == []
    assert shelf_of(anna).search("after").tolist() == [track.pk]
    assert shelf_of(anna).duration_ms.tolist() == [111]


def test_a_shelf_that_slept_through_the_cleaning_is_read_anew(anna):
    tracks = [TrackFactory(name=f"Old {number}") for number in range(3)]
    for number, track in enumerate(tracks):
        heard(anna, track, MORNING + timedelta(hours=number))
    shelf_of(anna)
    for number, track in enumerate(tracks):
        rename(track, f"New {number}")
    old = timezone.now() - KEEP_CHANGES - timedelta(days=1)
    TrackChange.objects.update(changed_at=old)
    ColumnsDelta.objects.update(created_at=old)
    assert thin_changes() > 0
    assert shelf_of(anna).search("old").size == 0
    assert shelf_of(anna).search("new").size == 3
    assert columns.check(anna) == []


def test_a_damaged_shelf_is_rebuilt(anna):
    track = TrackFactory(name="Whole")
    heard(anna, track, MORNING)
    shelf_of(anna)
    path = columns.folder(anna.pk) / "shelf"
    for damage in (b"", path.read_bytes()[:-3], b"\xff" * 200):
        path.write_bytes(damage)
        assert shelf_of(anna).search("whole").tolist() == [track.pk]


def test_what_a_killed_process_left_is_cleared_away_by_the_next_writing(anna):
    heard(anna, TrackFactory(), MORNING)
    shelf_of(anna)
    old, young = (columns.folder(anna.pk) / name for name in (".shelf-old", ".shelf-young"))
    for path in (old, young):
        path.write_bytes(b"half")
    os.utime(old, (time.time() - 7200,) * 2)
    heard(anna, TrackFactory(), MORNING)
    shelf_of(anna)
    assert (old.exists(), young.exists()) == (False, True)


def test_damage_that_leaves_the_length_is_found_after_a_restart_of_the_machine(anna, monkeypatch):
    track = TrackFactory(name="Whole")
    heard(anna, track, MORNING)
    shelf_of(anna)
    path = columns.folder(anna.pk) / "shelf"
    sound = path.read_bytes()
    for number, damaged in enumerate((sound.replace(b"whole", b"spoil"), sound[:-40] + bytes(40), sound)):
        path.write_bytes(damaged)
        monkeypatch.setattr("ingest.shelf.files.boot", lambda number=number: f"boot {number}")
        assert shelf_of(anna).search("whole").tolist() == [track.pk]
        assert shelf_of(anna).search("spoil").tolist() == []


def test_a_new_track_joins_those_on_the_shelf(anna):
    tracks = TrackFactory.create_batch(3)
    heard(anna, tracks[2], MORNING)
    heard(anna, tracks[0], MORNING + timedelta(hours=1))
    assert shelf_of(anna).track.tolist() == [tracks[0].pk, tracks[2].pk]
    heard(anna, tracks[1], MORNING + timedelta(hours=2))
    rack = shelf_of(anna)
    assert rack.track.tolist() == [track.pk for track in tracks]
    assert rack.lines.count(b"\n") == 3
    for track in tracks:
        assert track.pk in rack.search(track.name).tolist()


def test_a_search_finds_what_plain_text_finds(anna):
    names = ("A", "An Old Sea", "Ночь", "ночи", "夜", "夜の海", "é", "aaaa", "Hawaii", "Z", "sea")
    artists = [ArtistFactory(name=name) for name in ("Aa", "海", "Z")]
    tracks = {}
    for number, name in enumerate(names):
        track = TrackFactory(name=name, artist=artists[number % 3], album=None)
        heard(anna, track, MORNING + timedelta(hours=number))
        tracks[track.pk] = f"{name} {track.artist.name}".lower().replace("é", "e")
    rack = shelf_of(anna)
    words = ["a", "z", "an", "aa", "aaa", "aaaaa", "sea", "ea", "hawaii", "н", "но", "ночь", "夜", "夜の", "海", "q"]
    for asked in [*words, "sea an", "a sea old", "z sea", "海 夜", "a q", "aaaa z", " "]:
        naive = [pk for pk, text in tracks.items() if asked.split() and all(word in text for word in asked.split())]
        assert rack.search(asked).tolist() == naive, asked
    assert shelf_of(User.objects.create_user("nobody")).search("a").tolist() == []


def test_a_shelf_knows_credits_years_and_recordings(anna):
    song = Recording.objects.create(name="Song")
    tracks = [TrackFactory(recording=song), TrackFactory(), TrackFactory(recording=song)]
    guest = ArtistFactory()
    for place, artist in enumerate((tracks[1].artist, guest)):
        TrackArtist.objects.create(track=tracks[1], artist=artist, position=place)
    Album.objects.filter(pk=tracks[1].album_id).update(released_on="1998-04")
    for number, track in enumerate(reversed(tracks)):
        heard(anna, track, MORNING + timedelta(hours=number))
        shelf_of(anna)
    rack = shelf_of(anna)  # met one by one, the last one first, and mapped from its file
    assert rack.group.tolist() == [tracks[0].pk, tracks[1].pk, tracks[0].pk]
    assert rack.recording.tolist() == [song.pk, 0, song.pk]
    assert rack.year.tolist() == [0, 1998, 0]
    assert rack.credit_start.tolist() == [0, 1, 3, 4]
    assert rack.credit_artist.tolist() == [tracks[0].artist_id, tracks[1].artist_id, guest.pk, tracks[2].artist_id]


def test_own_words_come_after_the_shared_grouping_in_their_order(anna, ben):
    song = Recording.objects.create(name="Song")
    one, two, three = tracks = [TrackFactory(recording=song), TrackFactory(recording=song), TrackFactory()]
    for number, track in enumerate(tracks):
        heard(anna, track, MORNING + timedelta(hours=number))
    rack = shelf_of(anna)

    def say(track, other, *, is_same):
        made_at = MORNING + timedelta(minutes=OwnGrouping.objects.count())
        return OwnGrouping.objects.create(user=anna, track=track, other=other, is_same=is_same, made_at=made_at)

    apart = say(one, None, is_same=False)
    assert shelf.group_of(anna, rack).tolist() == [one.pk, two.pk, three.pk]
    say(three, two, is_same=True)
    assert shelf.group_of(anna, rack).tolist() == [one.pk, two.pk, two.pk]
    OwnGrouping.objects.filter(pk=apart.pk).update(undone_at=MORNING)
    assert shelf.group_of(anna, rack).tolist() == [one.pk] * 3
    say(three, one, is_same=False)
    assert shelf.group_of(anna, rack).tolist() == [one.pk, one.pk, three.pk]
    assert shelf.group_of(ben, rack).tolist() == [one.pk, one.pk, three.pk]


def test_a_change_that_is_committed_late_is_read(anna):
    """On PostgreSQL a number may be taken before another, and be seen after it."""
    track, other = TrackFactory(name="Before"), TrackFactory(name="Other")
    for number, each in enumerate((track, other)):
        heard(anna, each, MORNING + timedelta(hours=number))
    late = TrackChange.objects.create(track=track).pk
    TrackChange.objects.filter(pk=late).delete()
    rename(other, "Another")
    assert labels.load(anna, shelf_of(anna)).values("title") == ["Before", "Another"]
    Track.objects.filter(pk=track.pk).update(name="After")
    TrackChange.objects.create(pk=late, track=track)
    assert shelf_of(anna).search("after").tolist() == [track.pk]
    assert "After" in labels.load(anna, shelf_of(anna)).values("title")


def test_a_track_that_is_heard_no_more_decides_nothing(anna, ben, now):
    """Or two hosts would differ: the one that saw its play, and the one that did not."""
    first, second = TrackFactory(name="One"), TrackFactory(name="One (Remastered)")
    third = TrackFactory(name="One (Mono)")
    for number, track in enumerate((first, second, third)):
        heard(anna, track, MORNING + timedelta(hours=number))
    Track.objects.filter(pk__in=[first.pk, second.pk]).update(recording=Recording.objects.create(name="One"))
    TrackChange.objects.bulk_create(TrackChange(track=track) for track in (first, second))
    assert lens.read(anna).heard().facts.group.tolist() == [first.pk, first.pk, third.pk]
    gone = known.played(Play.objects.filter(track=first))
    record.take_back(user=anna, evidence=gone, now=now)
    assert lens.read(anna).heard().facts.group.tolist() == [second.pk, third.pk]
    OwnGrouping.objects.create(user=anna, track=third, other=first, is_same=True, made_at=now)
    OwnGrouping.objects.create(user=anna, track=second, other=first, is_same=True, made_at=now)
    assert lens.read(anna).heard().facts.group.tolist() == [second.pk, third.pk]


@pytest.mark.parametrize(
    ("recording", "lead", "counted"),
    [
        ([7, 7, 0, 8, 8], [0, 0, 0, 0, 0], [1, 1, 3, 4, 4]),  # as the catalogue says
        ([7, 7, 0, 8, 8], [1, 2, 3, 0, 0], [1, 2, 3, 4, 4]),  # brought apart
        ([0, 0, 0, 8, 8], [3, 3, 3, 0, 0], [3, 3, 3, 4, 4]),  # brought together, under the one it names
        ([0, 0, 0, 0, 0], [9, 9, 0, 0, 0], [1, 1, 3, 4, 5]),  # under one that is not there
        ([7, 7, 0, 0, 0], [0, 2, 2, 0, 0], [2, 2, 2, 4, 5]),  # Spotify told of the first since
        ([7, 7, 7, 0, 0], [0, 2, 3, 0, 0], [2, 2, 3, 4, 5]),  # two that are apart do not come together by a third
        ([7, 0, 7, 0, 0], [0, 1, 0, 0, 0], [1, 1, 1, 4, 5]),  # what the catalogue knows well by now comes along
        ([0, 0, 0, 0, 0], [2, 3, 3, 0, 0], [3, 3, 3, 4, 5]),  # of two files
    ],
)
def test_what_was_brought_decides_where_only_names_are_known(recording, lead, counted):
    track, *told = (np.array(values, dtype=np.int32) for values in ([1, 2, 3, 4, 5], recording, lead))
    assert keeping.groups(track, *told).tolist() == counted
