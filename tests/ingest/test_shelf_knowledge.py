"""What is known of the music reaches figures: features, genres and listeners stand on the shelf."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from django.utils import timezone

from ingest import columns, lens, shelf
from ingest.heard import FEATURES
from ingest.models import ArtistTag, AudioFeatures, ListenerCount, OwnFact, Tag, TrackChange, TrackTag
from tests.factories.ingest import ArtistFactory, TrackFactory, heard

MORNING = datetime(2026, 11, 20, 8, tzinfo=UTC)


def shelf_of(user):
    return shelf.load(user, columns.load(user).track)


def genres_of(rack, place):
    return rack.genre[rack.genre_start[place] : rack.genre_start[place + 1]].tolist()


@pytest.fixture
def tracks(anna):
    """Three of one artist, heard once, twice and three times."""
    artist = ArtistFactory()
    made = [TrackFactory(artist=artist, duration_ms=200_000) for _ in range(3)]
    for times, track in enumerate(made, start=1):
        for n in range(times):
            heard(anna, track, MORNING + timedelta(hours=times, minutes=10 * n))
    return made


def test_nothing_is_known_at_first(anna, tracks):
    rack = shelf_of(anna)
    assert np.isnan(rack.features).all()
    assert rack.features.shape == (3, 9)
    assert rack.listeners.tolist() == rack.popularity.tolist() == [-1] * 3
    assert rack.genre.size == 0


def test_features_listeners_and_popularity_follow_changes(anna, tracks):
    shelf_of(anna)
    AudioFeatures.objects.create(track=tracks[1], valence=0.25, tempo_bpm=174.0)
    ListenerCount.objects.create(track=tracks[2], listeners=5_000_000_000, popularity=None)
    ListenerCount.objects.create(artist=tracks[2].artist, listeners=3)
    assert np.isnan(shelf_of(anna).features).all(), "only what TrackChange names is read again"
    TrackChange.objects.bulk_create([TrackChange(track=track) for track in tracks[1:]])
    for _again in range(2):  # as merged, and as read from the file
        rack = shelf_of(anna)
        assert rack.features[1, FEATURES.index("valence")] == np.float32(0.25)
        assert rack.features[1, FEATURES.index("tempo_bpm")] == 174
        assert np.isnan(rack.features).sum() == 27 - 2
        assert rack.listeners.tolist() == [-1, -1, 5_000_000_000]
        assert rack.popularity.tolist() == [-1] * 3


def test_genres_are_the_tracks_own_else_the_artists(anna, tracks):
    jazz, rock, warm = (Tag.objects.create(kind=kind, name=name) for kind, name in ((1, "jazz"), (1, "rock"), (0, "w")))
    ArtistTag.objects.create(artist=tracks[0].artist, tag=rock, weight=0.5, source="lastfm")
    ArtistTag.objects.create(artist=tracks[0].artist, tag=jazz, weight=0.8, source="lastfm")
    TrackTag.objects.create(track=tracks[1], tag=rock, weight=1.0, source="lastfm")
    TrackTag.objects.create(track=tracks[2], tag=warm, weight=1.0, source="lastfm")
    rack = shelf_of(anna)
    assert [genres_of(rack, place) for place in range(3)] == [[jazz.pk, rock.pk], [rock.pk], [jazz.pk, rock.pk]]
    assert rack.genre_weight.tolist() == pytest.approx([0.8, 0.5, 1.0, 0.8, 0.5])
    plays, ms = lens.read(anna).heard().counted.totals("genres")
    assert (plays[jazz.pk], plays[rock.pk], plays[0]) == (4, 6, 0)
    assert len(lens.read(anna).heard().of("genres", jazz.pk)) == 4
    assert ms[rock.pk] > ms[jazz.pk]


def test_a_persons_own_word_is_theirs_alone(anna, ben, tracks):
    heard(ben, tracks[0], MORNING)
    jazz, rock = (Tag.objects.create(kind=1, name=name) for name in ("jazz", "rock"))
    TrackTag.objects.create(track=tracks[0], tag=rock, weight=1.0, source="lastfm")
    AudioFeatures.objects.create(track=tracks[0], valence=0.25, energy=0.5)
    OwnFact.objects.create(user=anna, track=tracks[0], field="valence", value=0.875, made_at=timezone.now())
    OwnFact.objects.create(user=anna, track=tracks[0], field="genres", value=["jazz"], made_at=timezone.now())
    assert shelf_of(anna).features[0, :2].tolist() == [0.875, 0.5]
    assert shelf_of(ben).features[0, :2].tolist() == [0.25, 0.5]
    assert (genres_of(shelf_of(anna), 0), genres_of(shelf_of(ben), 0)) == ([jazz.pk], [rock.pk])


def test_what_changes_beside_others_leaves_them_whole(anna, tracks):
    rock = Tag.objects.create(kind=1, name="rock")
    for place, track in enumerate(tracks):
        TrackTag.objects.create(track=track, tag=rock, weight=0.25 * (place + 1), source="lastfm")
        AudioFeatures.objects.create(track=track, energy=0.25 * (place + 1))
    shelf_of(anna)
    TrackTag.objects.filter(track=tracks[1]).delete()
    TrackChange.objects.create(track=tracks[1])
    rack = shelf_of(anna)
    assert rack.genre_weight.tolist() == [0.25, 0.75]
    assert rack.genre_start.tolist() == [0, 1, 1, 2]
    assert rack.features[:, 1].tolist() == [0.25, 0.5, 0.75]
    assert rack.credit_artist.tolist() == [tracks[0].artist_id] * 3
