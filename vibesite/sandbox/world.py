"""The made-up world: a catalogue, twelve listeners and everything they ever did, all from one salt.

The same salt gives the same bytes in any process. Nothing is stored: a day is drawn when somebody asks for it.
Times in and out are aware UTC datetimes; ids are Spotify's kind, 22 characters of base 62.
"""

from __future__ import annotations

import gc
from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import TypeVar

from .catalogue import VARIOUS, build
from .chance import dice, hexes
from .library import Library
from .listeners import Listener, cast
from .model import (
    Album,
    Artist,
    Device,
    Playback,
    Playlist,
    Size,
    Track,
    Trip,
    TruePlay,
)
from .platforms import KINDS, device_name
from .search import Index
from .spoken import Spoken
from .taste import Pool, Shelf, Taste, first_day
from .truth import Day, to_moment, to_ms

__all__ = ["VARIOUS", "Size", "World"]
FAR = (
    ("Asia/Tokyo", "JP"),
    ("America/Sao_Paulo", "BR"),
    ("Pacific/Auckland", "NZ"),
    ("Africa/Nairobi", "KE"),
    ("America/Vancouver", "CA"),
    ("Asia/Kathmandu", "NP"),
)
_IDLE = timedelta(minutes=12)  # a paused player is forgotten after this
_T = TypeVar("_T")


def _by_id(things: tuple[_T, ...]) -> dict[str, _T]:
    return {thing.id: thing for thing in things}  # type: ignore[attr-defined]


class World:
    """See the module. Reads only; safe in threads."""

    def __init__(self, salt: str = "vibesite", size: Size = Size.FULL) -> None:
        self.salt = salt
        self.size = size
        paused = gc.isenabled()
        gc.disable()  # a hundred thousand small objects, none of them garbage
        try:
            self.artists, self.albums, self.tracks = build(salt, size)
            self._artists, self._albums, self._tracks = _by_id(self.artists), _by_id(self.albums), _by_id(self.tracks)
        finally:
            if paused:
                gc.enable()
        self.spoken = Spoken(salt)
        self.listeners = cast(salt)
        self.library = Library(self)
        self._listeners = _by_id(self.listeners)
        self.famous = sorted(range(len(self.tracks)), key=lambda index: (-self.tracks[index].popularity, index))[:400]
        self._shelf = Shelf(self.artists, self.tracks)
        self._tastes = {person.id: Taste(salt, person, self._shelf) for person in self.listeners if person.tastes}
        self._day: Callable[[str, date], tuple[TruePlay, ...]] = lru_cache(maxsize=4000)(self._draw_day)
        self._pool = lru_cache(maxsize=2000)(self._draw_pool)
        self._held = lru_cache(maxsize=200)(self._draw_held)
        self._shelves = lru_cache(maxsize=200)(self._draw_shelves)
        self._trips = lru_cache(maxsize=200)(self._draw_trips)
        self._number: dict[str, int] = {}
        self._lists: dict[str, dict[str, list]] = {}

    # ---- catalogue

    def artist(self, id: str) -> Artist:
        """KeyError if there is none; so do the others."""
        return self._artists[id]

    def album(self, id: str) -> Album:
        return self._albums[id]

    def track(self, id: str) -> Track:
        return self._tracks[id]

    def listener(self, id: str) -> Listener:
        return self._listeners[id]

    def _listed(self, name: str, key: Callable[[Track], tuple[str, ...]]) -> dict[str, list]:
        if name not in self._lists:
            made: dict[str, list] = defaultdict(list)
            for track in self.tracks:
                for value in key(track):
                    made[value].append(track)
            self._lists[name] = dict(made)
        return self._lists[name]

    def indexed(self, name: str, make: Callable[[], dict]) -> dict:
        """A look-up over the catalogue, made once and kept for good; the name must be the caller's own."""
        if name not in self._lists:
            self._lists[name] = make()
        return self._lists[name]

    def by_isrc(self, isrc: str) -> list[Track]:
        return list(self._listed("isrc", lambda track: (track.isrc,)).get(isrc, ()))

    def by_mbid(self, mbid: str) -> list[Track]:
        """All tracks of one recording."""
        return list(self._listed("mbid", lambda track: (track.mbid,)).get(mbid, ()))

    def tracks_of(self, artist_id: str) -> list[Track]:
        """Every track that credits the artist, in catalogue order."""
        return list(self._listed("artist", lambda track: track.artist_ids).get(artist_id, ()))

    def best_of(self, artist_id: str) -> list[Track]:
        return sorted(self.tracks_of(artist_id), key=lambda track: (-track.popularity, track.id))

    def albums_of(self, artist_id: str) -> list[Album]:
        """The artist's own, then those they only appear on; newest first within each."""
        if "albums" not in self._lists:
            made: dict[str, list] = defaultdict(list)
            for album in self.albums:
                for owner in album.artist_ids:
                    made[owner].append(album)
            self._lists["albums"] = dict(made)
        own = sorted(self._lists["albums"].get(artist_id, ()), key=lambda album: (album.release_date, album.id))[::-1]
        seen = {album.id for album in own}
        guest = {track.album_id: None for track in self.tracks_of(artist_id) if track.album_id not in seen}
        return own + [self.album(id) for id in guest]

    def search(self, q: str, kind: str = "track", limit: int = 50, offset: int = 0) -> list:
        """Tracks, albums or artists that fit a query in Spotify's language, the best first."""
        return self._index.search(q, kind)[offset : offset + limit]

    @property
    def _index(self) -> Index:
        if "index" not in self.__dict__:
            self.__dict__["index"] = Index(self)
        return self.__dict__["index"]

    # ---- people

    def partner(self, listener: Listener) -> Listener:
        """The one who shares a playlist with them."""
        active = [person for person in self.listeners if person.tastes]
        place = next((place for place, person in enumerate(active) if person.id == listener.id), 0)
        return active[(place + 1) % len(active)]

    def trips(self, listener: Listener, year: int) -> list[Trip]:
        return self._trips(listener.id, year)

    def _draw_trips(self, id: str, year: int) -> list[Trip]:
        listener = self.listener(id)
        chance = dice(self.salt, "trips", id, year)
        made = []
        for month in (1, 5, 9):
            if chance.random() < listener.travels / 3:
                start = date(year, month, 3) + timedelta(days=chance.randrange(40))
                made.append(Trip(start, start + timedelta(days=chance.randrange(9, 34)), *chance.choice(FAR)))
        return made

    def whereabouts(self, listener: Listener, day: date) -> tuple[str, str]:
        """The zone and country in which they spend a local day."""
        if listener.travels:
            for trip in self.trips(listener, day.year):
                if trip.start <= day < trip.end:
                    return trip.zone, trip.country
        return listener.zone, listener.country

    # ---- taste and libraries

    def pool(self, listener: Listener, month: int, mode: str = "") -> Pool:
        return self._pool(listener.id, month, mode)

    def _draw_pool(self, id: str, month: int, mode: str) -> Pool:
        return self._tastes[id].pool(month, mode) if id in self._tastes else Pool([], [], [])

    def held(self, listener: Listener, month: int) -> list[int]:
        """What was liked when a month began, newest first, as indexes into `tracks`."""
        return self._held(listener.id, month)

    def _draw_held(self, id: str, month: int) -> list[int]:
        first = first_day(month)
        at = datetime(first.year, first.month, 1, tzinfo=UTC)
        return [like.track for like in self.library.liked(self.listener(id), at)]

    def shelves(self, listener: Listener, month: int) -> list[tuple[str, list[int]]]:
        """Playlists when a month began: URI and track indexes, empty ones left out."""
        return self._shelves(listener.id, month)

    def _draw_shelves(self, id: str, month: int) -> list[tuple[str, list[int]]]:
        first = first_day(month)
        found = self.playlists(self.listener(id), datetime(first.year, first.month, 1, tzinfo=UTC))
        if not self._number:
            self._number = {track.id: index for index, track in enumerate(self.tracks)}
        shelves = [(list_.uri, [self._number[i.track_id] for i in list_.items if i.track_id]) for list_ in found]
        return [shelf for shelf in shelves if shelf[1]]

    def liked(self, listener: Listener, at: datetime) -> list[tuple[datetime, str]]:
        """(added at, track id) of everything liked at that moment, newest first."""
        return [(like.added_at, self.tracks[like.track].id) for like in self.library.liked(listener, at)]

    def playlists(self, listener: Listener, at: datetime) -> list[Playlist]:
        """Own, collaborative and followed ones at that moment, newest first."""
        return self.library.playlists(listener, at)

    def saved_albums(self, listener: Listener, at: datetime) -> list[tuple[datetime, str]]:
        """(added at, album id), newest first: albums of which at least two tracks are liked."""
        seen: dict[str, list[datetime]] = defaultdict(list)
        for added, id in self.liked(listener, at):
            seen[self.track(id).album_id].append(added)
        return sorted(((min(times), album) for album, times in seen.items() if len(times) > 1), reverse=True)

    def followed(self, listener: Listener, at: datetime) -> list[str]:
        """Ids of followed artists: those with at least three likes, in order of the first."""
        counts: dict[str, int] = defaultdict(int)
        for _, id in reversed(self.liked(listener, at)):
            counts[self.track(id).artist_ids[0]] += 1
        return [artist for artist, count in counts.items() if count >= 3]

    # ---- plays

    def _draw_day(self, id: str, day: date) -> tuple[TruePlay, ...]:
        return Day(self, self.listener(id), day).plays()

    def plays(self, listener: Listener, start: datetime, end: datetime) -> list[TruePlay]:
        """Every play that ended in [start, end), oldest first; none overlaps another. Any date may be asked for."""
        if not listener.slots:
            return []
        day = max((start - timedelta(days=2)).date(), listener.born)
        last = (end + timedelta(days=1)).date()
        found: list[TruePlay] = []
        while day <= last:
            found += [play for play in self._day(listener.id, day) if start <= play.ended_at < end]
            day += timedelta(days=1)
        return found

    def top(self, listener: Listener, at: datetime, kind: str = "tracks", days: int = 182) -> list[str]:
        """Ids of the most played tracks or artists of the last `days`, ranked by plays of 30 s and more."""
        counts: dict[str, int] = defaultdict(int)
        for play in self.plays(listener, at - timedelta(days=days), at):
            if play.kind == "track" and play.ms_played >= 30_000 and not play.incognito:
                counts[play.item_id if kind == "tracks" else self.track(play.item_id).artist_ids[0]] += 1
        return sorted(counts, key=lambda id: (-counts[id], id))[:99]

    def now_playing(self, listener: Listener, at: datetime) -> Playback | None:
        """The player at a moment; None when nothing is on, or when it has been paused for long."""
        day = (at - timedelta(days=2)).date()
        play = None
        for ahead in range(4):
            for each in self._day(listener.id, day + timedelta(days=ahead)):
                if each.started_at <= at < each.ended_at:
                    play = each
        if play is None or play.offline:
            return None
        wall = to_ms(at) - to_ms(play.started_at)
        playing, since = True, play.started_at
        if play.pause_ms and wall >= play.pause_at_ms:
            resumes = play.pause_at_ms + play.pause_ms
            playing = wall >= resumes
            since = to_moment(to_ms(play.started_at) + (resumes if playing else play.pause_at_ms))
            if not playing and at - since > _IDLE:
                return None
            wall = wall - play.pause_ms if playing else play.pause_at_ms
        progress = wall + (play.seek_by_ms if play.seek_by_ms and wall >= play.seek_at_ms else 0)
        return Playback(
            play.kind,
            play.item_id,
            progress,
            playing,
            since,
            self.device(listener, play.device, play.incognito),
            play.context_uri,
            play.shuffle,
            "off",
            play,
        )

    def device(self, listener: Listener, device: str, private: bool = False) -> Device:
        name = device_name(listener, device)
        return Device(hexes(self.salt, "device", listener.id, device), name, KINDS[device], private, 62)
