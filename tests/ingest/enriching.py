"""Enrichment driven by hand: tracks of the sandbox's world heard by people, and turns used until nothing goes on."""

from datetime import UTC, datetime, timedelta

import pytest

from ingest.actions import enrich, want
from ingest.models import Artist, Track
from ingest.providers.registry import PROVIDERS
from tests.factories.ingest import AlbumFactory, ArtistFactory, TrackFactory, heard

START = datetime(2026, 11, 20, 12, tzinfo=UTC)


class World:
    """The sandbox's tracks as ours, a clock that both share, and turns."""

    def __init__(self, sandbox) -> None:
        self.sandbox, self.now = sandbox, START
        self._tick()

    def clock(self) -> datetime:
        return self.now

    def pass_time(self, **span: float) -> None:
        self.now += timedelta(**span)
        self._tick()

    def _tick(self) -> None:
        self.sandbox.clock.freeze(self.now)

    def tracks(self, count: int, *, skip: int = 0, **facts) -> list[Track]:
        """The most popular tracks of the world, one for each recording."""
        best = sorted(self.sandbox.world.tracks, key=lambda track: (-track.popularity, track.id))
        unlike = {track.mbid: track for track in reversed(best)}
        chosen = sorted(unlike.values(), key=lambda track: (-track.popularity, track.id))[skip : skip + count]
        return [self._ours(track, **facts) for track in chosen]

    def truth(self, track: Track):
        return self.sandbox.world.find_track(track.spotify_id)

    def _ours(self, told, **facts) -> Track:
        artists = [self.sandbox.world.artist(each) for each in told.artist_ids]
        artist = Artist.objects.filter(spotify_id=artists[0].id).first()
        artist = artist or ArtistFactory(spotify_id=artists[0].id, name=artists[0].name)
        album = AlbumFactory(name=self.sandbox.world.album(told.album_id).name, artist=artist)
        known = {"spotify_id": told.id, "name": told.name, "isrc": told.isrc, "duration_ms": told.duration_ms} | facts
        return TrackFactory(album=album, artist=artist, **known)

    def hear(self, user, tracks) -> None:
        """The first one most often."""
        for place, track in enumerate(tracks):
            for n in range(2 if place == 0 else 1):
                heard(user, track, START - timedelta(days=2, minutes=10 * place + 5 * n))
        want.refresh(now=self.now)

    def turn(self, provider: str) -> enrich.Turn | None:
        """One run of one provider, if it may be asked."""
        for each in enrich.hand_out(now=self.now):
            if each.provider == provider:
                return enrich.run(provider=provider, claim=each.claim, clock=self.clock)
        return None

    def use(self, *, most: int = 400) -> int:
        """Use all turns, each when its time has come, until no turn goes on; how many runs."""
        turns = {each.provider: (self.now, each) for each in enrich.hand_out(now=self.now)}
        runs = 0
        while turns and runs < most:
            name, (at, turn) = min(turns.items(), key=lambda item: item[1][0])
            del turns[name]
            if at > self.now:
                self.pass_time(seconds=(at - self.now).total_seconds())
            after = enrich.run(provider=name, claim=turn.claim, clock=self.clock)
            runs += 1
            if after is not None:
                turns[name] = (self.now + timedelta(seconds=after.wait_s + 0.001), after)
        return runs

    def settle(self, rounds: int = 4) -> None:
        """Several rounds, as beat starts them: what one provider told lets another be asked."""
        for _round in range(rounds):
            self.use()
            self.pass_time(minutes=3)


@pytest.fixture
def world(sandbox, settings, db) -> World:
    for name, path in (
        ("RECCOBEATS_URL", "/reccobeats/v1"),
        ("LASTFM_URL", "/lastfm/2.0/"),
        ("MUSICBRAINZ_URL", "/musicbrainz/ws/2"),
        ("LISTENBRAINZ_URL", "/listenbrainz"),
        ("LRCLIB_URL", "/lrclib/api"),
    ):
        setattr(settings, name, sandbox.url + path)
    settings.LASTFM_API_KEY = "sandbox-key"
    return World(sandbox)


@pytest.fixture
def only(monkeypatch):
    """Leave on only the named providers."""

    def choose(*names: str) -> None:
        for provider in PROVIDERS:
            monkeypatch.setattr(type(provider), "is_on_by_itself", provider.name in names)

    return choose
