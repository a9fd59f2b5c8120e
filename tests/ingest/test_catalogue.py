"""What the catalogue learns from Spotify and from names, in any order and beside others."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection, connections

from accounts.spotify.payloads import AlbumPayload, ArtistPayload, TrackPayload
from ingest.actions import catalogue, naming
from ingest.evidence import TrackName, WordKind
from ingest.models import Album, Artist, Recording, Track, TrackArtist, TrackChange, Word

pytestmark = pytest.mark.django_db

MASSIVE = ArtistPayload("MA", "Massive Attack")
FRASER = ArtistPayload("EF", "Elizabeth Fraser")
MEZZANINE = AlbumPayload("ME", "Mezzanine", "album", "1998-04-20", 11, "https://i.example/me", [MASSIVE])


def payload(pk="T1", name="Teardrop", **changes):
    told = {
        "id": pk,
        "uri": f"spotify:track:{pk}",
        "name": name,
        "duration_ms": 330_000,
        "explicit": False,
        "isrc": "GBAAA9800322",
        "is_local": False,
        "disc_number": 1,
        "track_number": 3,
        "artists": [MASSIVE, FRASER],
        "album": MEZZANINE,
    }
    return TrackPayload(**(told | changes))


def exported(spotify_id, title="Teardrop", artist="Massive Attack", album="Mezzanine", kind=0):
    return TrackName(kind, spotify_id, title, artist, album)


def test_a_track_comes_with_its_artists_album_and_recording(now):
    assert catalogue.tracks([payload()], now) == {"T1": Track.objects.get().pk}
    track = Track.objects.select_related("album__artist", "recording", "artist").get()
    assert (track.artist.name, track.album.name, track.album.artist.spotify_id) == ("Massive Attack", "Mezzanine", "MA")
    assert (track.duration_ms, track.recording.isrc, track.album.released_on) == (330_000, "GBAAA9800322", "1998-04-20")
    assert [credit.artist.name for credit in track.credits.all()] == ["Massive Attack", "Elizabeth Fraser"]


def test_the_same_answer_again_writes_nothing(now, django_assert_max_num_queries):
    catalogue.tracks([payload()], now)
    with django_assert_max_num_queries(6):
        catalogue.tracks([payload()], now + timedelta(hours=1))
    assert not TrackChange.objects.exclude(track__spotify_id="T1").exists()


def test_what_an_answer_leaves_out_stays(now):
    catalogue.tracks([payload()], now)
    catalogue.tracks(
        [payload(duration_ms=None, explicit=None, isrc=None, album=None, artists=[], track_number=None)], now
    )
    track = Track.objects.get()
    assert (track.duration_ms, track.explicit, track.isrc, track.track_number) == (330_000, False, "GBAAA9800322", 3)
    assert track.album is not None
    assert track.credits.count() == 2


def test_news_are_written_and_told_to_derived_files(now):
    catalogue.tracks([payload()], now)
    TrackChange.objects.all().delete()
    catalogue.tracks([payload(name="Teardrop - Remastered", artists=[FRASER])], now)
    track = Track.objects.get()
    assert (track.name, track.artist.name) == ("Teardrop - Remastered", "Elizabeth Fraser")
    assert [credit.artist.name for credit in track.credits.all()] == ["Elizabeth Fraser"]
    assert set(TrackChange.objects.values_list("track_id", flat=True)) == {track.pk}


def test_news_that_cannot_be_told_are_not_written(now, monkeypatch):
    """A process that dies between the two must not leave a change that no derived file ever reads."""
    catalogue.tracks([payload()], now)

    def dies(*_changes, **_options):
        raise InterruptedError

    monkeypatch.setattr(TrackChange.objects, "bulk_create", dies)
    with pytest.raises(InterruptedError):
        catalogue.tracks([payload(name="Teardrop - Remastered")], now)
    assert Track.objects.get().name == "Teardrop"


def test_tracks_of_one_isrc_share_a_recording(now):
    catalogue.tracks([payload(), payload("T2", isrc="gb-aaa-98-00322")], now)
    assert Recording.objects.get().tracks.count() == 2


def test_local_files_and_gaps_are_left_out(now):
    assert catalogue.tracks([None, payload(None, is_local=True)], now) == {}


@pytest.mark.parametrize("album", ["Mezzanine", ""])
def test_what_was_known_by_names_is_adopted(now, album):
    (bare,) = naming.tracks([exported(None, artist="MASSIVE ATTACK", album=album)])
    assert catalogue.tracks([payload()], now) == {"T1": bare}
    track = Track.objects.get()
    assert (track.spotify_id, track.text_key) == ("T1", None)
    assert Artist.objects.filter(name_key="massive attack").get().spotify_id == "MA"
    assert Album.objects.filter(name_key="mezzanine").get().spotify_id == "ME"
    assert naming.tracks([exported(None, album=album)]) == [bare]


def test_an_export_adopts_too_and_only_once(now):
    (bare,) = naming.tracks([exported(None, album="")])
    assert naming.tracks([exported("T1")]) == [bare]
    ids = naming.tracks([exported("T1"), exported("T2", album="Singles")])
    assert ids[0] == bare != ids[1]


@pytest.mark.parametrize("told_first", [True, False])
def test_a_name_that_may_mean_two_recordings_stays_a_track_of_its_own(now, told_first):
    """A studio and a live "Teardrop": which of them a program means that tells no album, nobody knows."""
    bare = naming.tracks([exported(None, album="")]) if told_first else []
    ids = naming.tracks([exported("T1"), exported("T2", album="Live")])
    catalogue.tracks([payload("T3", isrc="GBAAA0000001"), payload("T4", isrc="GBAAA0000002")], now)
    (again,) = naming.tracks([exported(None, album="")])
    assert again not in {*ids, *catalogue.tracks([payload("T3"), payload("T4")], now).values()}
    assert bare in ([], [again])


def test_a_name_that_means_one_recording_of_several_albums_is_adopted(now):
    (bare,) = naming.tracks([exported(None, album="")])
    found = catalogue.tracks([payload("T1"), payload("T2")], now)
    assert found["T1"] == bare != found["T2"]


def test_names_never_overrule_spotify(now):
    catalogue.tracks([payload()], now)
    naming.tracks([exported("T1", title="Tear Drop", artist="Someone", album="Else")])
    track = Track.objects.get()
    assert (track.name, track.album.name) == ("Teardrop", "Mezzanine")


def test_a_nameless_track_is_named_later():
    (pk,) = naming.tracks([exported("T1", title="", artist="", album="")])
    assert naming.tracks([exported("T1")]) == [pk]
    track = Track.objects.get()
    assert (track.name, track.artist.name, track.album.name) == ("Teardrop", "Massive Attack", "Mezzanine")
    assert track.credits.count() == 1


def test_odd_names_are_kept_apart_and_fit():
    told = [
        exported(None, title="x" * 5_000),
        exported(None, title="x" * 5_001),
        exported(None, title="Null\x00byte"),
        exported(None, title="Talk", artist="A Show", album="A Show", kind=1),
        exported(None, title="Talk", artist="A Show", album="A Show"),
        exported(None, title="Nobody's", artist="", album=""),
    ]
    ids = naming.tracks(told)
    assert len(set(ids)) == len(told)
    assert naming.tracks(told) == ids


def test_words_are_numbered_once():
    first = catalogue.words(WordKind.PLATFORM, ["ios", "web_player", ""])
    again = catalogue.words(WordKind.PLATFORM, ["web_player", "ios", "x" * 9_000])
    assert first[""] == 0
    assert first["ios"] == again["ios"]
    assert Word.objects.count() == 3
    assert catalogue.words(WordKind.REASON, ["ios"])["ios"] != first["ios"]


@pytest.mark.django_db(transaction=True)
def test_workers_that_learn_the_same_at_once_agree(now):
    told = [payload(f"T{number}", name=f"Song {number}") for number in range(60)]
    rows = [exported(f"T{number}", title=f"Song {number}") for number in range(60)]

    def learn(number):
        try:
            if number % 2:
                return list(catalogue.tracks(told[::-1] if number > 1 else told, now).values())
            return naming.tracks(rows if number else rows[::-1])
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        outcomes = list(pool.map(learn, range(4)))
    assert all(set(each) == set(outcomes[0]) for each in outcomes)
    assert Track.objects.count() == 60
    assert Artist.objects.filter(spotify_id="MA").count() == 1
    assert TrackArtist.objects.filter(track__spotify_id="T1").count() in (1, 2)
    assert connection.vendor in ("sqlite", "postgresql")
