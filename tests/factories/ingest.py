"""Tracks, and plays that went in through the one door."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import factory

from accounts.fields import to_ms
from accounts.models import User
from ingest import names
from ingest.actions import record
from ingest.evidence import Evidence, Origin
from ingest.models import Album, Artist, ArtistTag, AudioFeatures, ListenerCount, Tag, Track, TrackChange, TrackTag

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


class _Named(factory.django.DjangoModelFactory):
    class Meta:
        abstract = True

    name_key = factory.LazyAttribute(lambda row: names.key(row.name))
    spotify_id = factory.Sequence(lambda n: f"{n:022}")


class ArtistFactory(_Named):
    class Meta:
        model = Artist

    name = factory.Sequence(lambda n: f"Artist {n}")


class AlbumFactory(_Named):
    class Meta:
        model = Album

    name = factory.Sequence(lambda n: f"Album {n}")
    artist = factory.SubFactory(ArtistFactory)


class TrackFactory(_Named):
    class Meta:
        model = Track

    name = factory.Sequence(lambda n: f"Track {n}")
    album = factory.SubFactory(AlbumFactory)
    artist = factory.SelfAttribute("album.artist")
    duration_ms = 200_000


def heard(
    user: User, track: Track, at: datetime, *, seconds: float = 180, origin: Origin = Origin.EXPORT, **rest
) -> None:
    """One play of `track` that began `at`, recorded."""
    event = _event(track, at, seconds, origin, **rest)
    record.plays(user=user, evidence=[event], now=at + timedelta(days=1))


def heard_all(user: User, plays: Iterable[tuple[Track, datetime, float]]) -> None:
    """Many plays (track, begin, seconds) at once, as an export tells them."""
    plays = list(plays)
    now = max(at for _track, at, _seconds in plays) + timedelta(days=1)
    record.plays(user=user, evidence=[_event(*play, Origin.EXPORT) for play in plays], now=now)


def _event(track: Track, at: datetime, seconds: float, origin: Origin, **rest: Any) -> Evidence:
    started = to_ms(at)
    ended = started + round(seconds * 1000)
    return Evidence(
        origin=origin, track_id=track.pk, started_ms=started, ended_ms=ended, ms_played=ended - started, **rest
    )


def tagged(subject: Track | Artist, *names: str) -> Tag:
    """Genres of a track or an artist, as if a provider had told them, the best first. Gives back the last."""
    for place, name in enumerate(names):
        tag, _new = Tag.objects.get_or_create(name=name, kind=Tag.Kind.GENRE)
        told = {"tag": tag, "weight": 1 - place / 10, "source": "test"}
        if isinstance(subject, Track):
            TrackTag.objects.create(track=subject, **told)
        else:
            ArtistTag.objects.create(artist=subject, **told)
    _changed(Track.objects.filter(pk=subject.pk) if isinstance(subject, Track) else subject.tracks.all())
    return tag


def sounding(track: Track, *, listeners: int | None = None, **features: float) -> None:
    """Audio features, and listeners, of a track, as if providers had told them."""
    AudioFeatures.objects.create(track=track, **features)
    if listeners is not None:
        ListenerCount.objects.create(track=track, listeners=listeners)
    _changed([track])


def _changed(tracks: Iterable[Track]) -> None:
    """Shelves read these tracks anew."""
    TrackChange.objects.bulk_create(TrackChange(track=track) for track in tracks)
