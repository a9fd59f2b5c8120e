"""What the services beside Spotify share: who knows what, how often one may ask, what is like what."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable
from typing import Any

from vibesite.sandbox.chance import number
from vibesite.sandbox.model import Artist, Features, Track
from vibesite.sandbox.search import words
from vibesite.sandbox.service import Call


def knows(service: str, key: str, percent: int) -> bool:
    """Whether a service has heard of a thing: the same answer always, yes for `percent` of 100 things."""
    return number("knows", service, key) % 100 < percent


def throttle(call: Call, name: str, limit: int, seconds: float) -> float:
    """Count a call by this address; 0, or the seconds to wait if there were `limit` within `seconds` before it.

    Sandbox time is what counts, so a frozen clock refuses for good and a jump lets in again. Refused calls are free.
    """
    if not call.state.option("friend_limits"):
        return 0.0
    now = call.now.timestamp()
    window: deque[float] = call.world.remember(("window", name, call.request.remote_addr), deque)
    with call.state.lock:
        while window and not now - seconds < window[0] <= now:
            window.popleft()
        if len(window) >= limit:
            return max(0.01, window[0] + seconds - now)
        window.append(now)
    return 0.0


def left(call: Call, name: str, limit: int) -> int:
    """Calls left in the window of `throttle`."""
    return max(0, limit - len(call.world.remember(("window", name, call.request.remote_addr), deque)))


def plain(text: str) -> str:
    """A name as people type it: case, marks and signs do not matter."""
    return " ".join(words(text)) or text.casefold().strip()


def artist_called(world: Any, name: str) -> Artist | None:
    """The most popular artist of that name."""

    def make() -> dict[str, Artist]:
        ranked = sorted(world.artists, key=lambda artist: (artist.popularity, artist.id))
        return {plain(artist.name): artist for artist in ranked}

    return world.indexed("artist by name", make).get(plain(name))


def artist_by_mbid(world: Any, mbid: str) -> Artist | None:
    return world.indexed("artist by mbid", lambda: {artist.mbid: artist for artist in world.artists}).get(mbid)


def track_called(world: Any, artist: str, title: str, album: str = "") -> Track | None:
    """The most popular track with that title and first artist; on that album if one is told."""

    def make() -> dict[tuple[str, str], list[Track]]:
        made: dict[tuple[str, str], list[Track]] = {}
        for track in sorted(world.tracks, key=lambda track: (-track.popularity, track.id)):
            made.setdefault((plain(world.artist(track.artist_ids[0]).name), plain(track.name)), []).append(track)
        return made

    found = world.indexed("track by name", make).get((plain(artist), plain(title)), [])
    if album:
        found = [track for track in found if plain(world.album(track.album_id).name) == plain(album)]
    return found[0] if found else None


def credit(world: Any, track: Track) -> str:
    """All artists of a track as one line."""
    return ", ".join(world.artist(id).name for id in track.artist_ids)


def similar_artists(world: Any, artist: Artist) -> list[tuple[Artist, float]]:
    """With a likeness from 1 down to 0, the closest first."""
    found = [world.artist(id) for id in artist.similar]
    return [(kin, round(max(0.05, 1 - place**1.2 * 0.035), 4)) for place, kin in enumerate(found)]


def distance(one: Features, other: Features) -> float:
    """How far apart two tracks sound; 0 is the same, about 1 the opposite."""
    parts = [one.energy - other.energy, one.valence - other.valence, one.acousticness - other.acousticness]
    parts += [one.danceability - other.danceability, one.instrumentalness - other.instrumentalness]
    parts.append((one.tempo - other.tempo) / 120)
    return math.sqrt(sum(part * part for part in parts) / len(parts))


def similar_tracks(world: Any, seeds: Iterable[Track], count: int) -> list[tuple[Track, float]]:
    """Recordings like the seeds: by the same and similar acts, by sound. With a likeness up to 1, best first."""
    seeds = list(seeds)
    heard = {seed.mbid for seed in seeds}
    pool: dict[str, tuple[Track, float]] = {}
    for seed in seeds:
        act = world.artist(seed.artist_ids[0])
        circle = [(act, 1.0), *similar_artists(world, act)[:16]]
        for artist, likeness in circle:
            for track in world.best_of(artist.id)[:12]:
                score = round(likeness * max(0.0, 1 - distance(seed.features, track.features)), 6)
                if track.mbid not in heard and score > pool.get(track.mbid, (track, -1.0))[1]:
                    pool[track.mbid] = (track, score)
    return sorted(pool.values(), key=lambda pair: (-pair[1], pair[0].id))[:count]


def listeners_of(artist: Artist) -> int:
    """How many people of another service listen to an act."""
    return artist.followers // 3 + 17


def playcount_of(track: Track) -> int:
    return 40 + int(1.115**track.popularity * 90)
