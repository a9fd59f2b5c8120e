"""A person with a connection, a playlist of theirs at the sandbox, and a hand that edits it there."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.utils import timezone

from accounts.models import Job, SpotifyApp, SpotifyConnection, User
from ingest.models import AudioFeatures, SourceTrack, Tag, TrackSource, TrackTag
from playlists.actions import sync
from playlists.models import Playlist, SyncRun
from tests.accounts.conftest import connected, spotify  # noqa: F401
from tests.factories.accounts import SpotifyConnectionFactory
from tests.factories.ingest import NOON, AlbumFactory, ArtistFactory, TrackFactory, heard
from tests.sandbox_fixtures import TestSandbox, sandbox, sandbox_server  # noqa: F401
from vibesite.sandbox import shelf
from vibesite.sandbox.state import Entry

LOCAL = "spotify:local:Somebody:Somewhere:At+Home:180"


class There:
    """What Spotify holds of one playlist, and what its owner does to it by hand."""

    def __init__(self, spotify: TestSandbox, listener: Any, playlist_id: str) -> None:  # noqa: F811
        self.spotify, self.listener, self.id = spotify, listener, playlist_id

    @property
    def _held(self) -> Any:
        return shelf.find(self.spotify.world, self.id, self.spotify.clock.now())

    @property
    def uris(self) -> list[str]:
        return [entry.uri for entry in self._held.items]

    def set(self, uris: list[str]) -> None:
        with self.spotify.state.lock:
            held = shelf.edit(self.spotify.world, self._held)
            held.items = [Entry(uri, self.spotify.clock.timestamp(), self.listener.id) for uri in uris]
            held.edited()


@pytest.fixture
def mara(spotify: TestSandbox) -> Any:  # noqa: F811
    return spotify.listeners[0]


@pytest.fixture
def connection(anna: User, connected: Callable[..., SpotifyConnection], mara: Any) -> SpotifyConnection:  # noqa: F811
    cache.clear()
    made = connected(anna, mara)
    SpotifyApp.objects.update(daily_calls=100_000)
    return made


@pytest.fixture
def uris(spotify: TestSandbox) -> list[str]:  # noqa: F811
    """Some hundred tracks that exist."""
    return [f"spotify:track:{track.id}" for track in spotify.world.tracks[:400]]


@pytest.fixture
def there(spotify: TestSandbox, mara: Any) -> There:  # noqa: F811
    made = shelf.make(spotify.world, mara, name="Slow", at=spotify.clock.now(), public=False)
    return There(spotify, mara, made.id)


@pytest.fixture
def playlist(anna: User, connection: SpotifyConnection, there: There) -> Playlist:
    """One that we wrote before, when it was empty."""
    return Playlist.objects.create(
        owner=anna, connection=connection, name="Slow", spotify_id=there.id, synced_uris=[], min_tracks=0
    )


@pytest.fixture
def write(run_jobs: Callable[..., list[Job]]) -> Callable[..., SyncRun]:
    """Sync with nobody watching; the run as it ended."""

    def once(playlist: Playlist, wanted: list[str], *, ahead: bool = True) -> SyncRun:
        playlist.refresh_from_db()
        run = sync.start(playlist=playlist, wanted=wanted, now=timezone.now())
        assert run is not None
        run_jobs(sync.KIND, ahead=ahead)
        run.refresh_from_db()
        return run

    return once


@pytest.fixture
def tracks(anna: User) -> dict[str, int]:
    """Teardrop: played thrice, once lately. Angel: once, long ago, and skipped once. Kept: liked, never heard."""
    artist = ArtistFactory(name="Massive Attack")
    album = AlbumFactory(name="Mezzanine", artist=artist, released_on="1998-04-20")
    teardrop = TrackFactory(name="Teardrop", album=album, explicit=False)
    angel = TrackFactory(name="Angel", album=album, duration_ms=380_000)
    kept = TrackFactory(name="Kept")
    for days in (1, 40, 400):
        heard(anna, teardrop, NOON - timedelta(days=days))
    heard(anna, angel, NOON - timedelta(days=800))
    heard(anna, angel, NOON - timedelta(days=700), seconds=5)
    AudioFeatures.objects.create(track=teardrop, energy=0.4, key=5, tempo_bpm=132.938, loudness_db=-10.826)
    tag = Tag.objects.create(kind=Tag.Kind.GENRE, name="trip hop")
    TrackTag.objects.create(track=teardrop, tag=tag, weight=1, source="lastfm")
    connection = SpotifyConnectionFactory(user=anna)
    liked = TrackSource.objects.create(user=anna, connection=connection, kind="liked")
    trip = TrackSource.objects.create(
        user=anna, connection=connection, kind="playlist", name="Road trip", spotify_id="trip"
    )
    SourceTrack.objects.create(source=liked, position=0, track=kept, added_at=NOON - timedelta(days=3))
    SourceTrack.objects.create(source=trip, position=0, track=angel, added_at=NOON - timedelta(days=90))
    return {"Teardrop": teardrop.pk, "Angel": angel.pk, "Kept": kept.pk}
