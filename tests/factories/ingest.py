"""Tracks, and plays that went in through the one door."""

from datetime import UTC, datetime, timedelta

import factory

from accounts.fields import to_ms
from accounts.models import User
from ingest import names
from ingest.actions import record
from ingest.evidence import Evidence, Origin
from ingest.models import Album, Artist, Track

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
    started = to_ms(at)
    ended = started + round(seconds * 1000)
    event = Evidence(
        origin=origin, track_id=track.pk, started_ms=started, ended_ms=ended, ms_played=ended - started, **rest
    )
    record.plays(user=user, evidence=[event], now=at + timedelta(days=1))
