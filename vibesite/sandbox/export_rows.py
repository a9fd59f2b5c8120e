"""Rows of Spotify's extended streaming history, made from the truth with the real format's oddities.

Which row is odd depends on the play alone, so an export made later repeats the earlier one and goes on.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import msgspec

from .listeners import Listener
from .platforms import address
from .truth import to_ms

CHUNK = timedelta(days=91)
_Three = tuple[str | None, str | None, str | None]
_Four = tuple[str | None, str | None, str | None, str | None]
_NONE: _Four = (None, None, None, None)
SKIPS_SINCE = 2022  # `skipped` is null in rows of earlier years


class Row(msgspec.Struct, gc=False):
    """As since 2023: `Streaming_History_Audio_*.json`. Fields stand in Spotify's order."""

    ts: str
    platform: str
    ms_played: int
    conn_country: str
    ip_addr: str | None
    master_metadata_track_name: str | None
    master_metadata_album_artist_name: str | None
    master_metadata_album_album_name: str | None
    spotify_track_uri: str | None
    episode_name: str | None
    episode_show_name: str | None
    spotify_episode_uri: str | None
    audiobook_title: str | None
    audiobook_uri: str | None
    audiobook_chapter_uri: str | None
    audiobook_chapter_title: str | None
    reason_start: str | None
    reason_end: str | None
    shuffle: bool
    skipped: bool | None
    offline: bool
    offline_timestamp: int | None
    incognito_mode: bool


class OldRow(msgspec.Struct, gc=False):
    """As until about 2022: `endsong_*.json`."""

    ts: str
    username: str
    platform: str
    ms_played: int
    conn_country: str
    ip_addr_decrypted: str | None
    user_agent_decrypted: str | None
    master_metadata_track_name: str | None
    master_metadata_album_artist_name: str | None
    master_metadata_album_album_name: str | None
    spotify_track_uri: str | None
    episode_name: str | None
    episode_show_name: str | None
    spotify_episode_uri: str | None
    reason_start: str | None
    reason_end: str | None
    shuffle: bool
    skipped: bool | None
    offline: bool
    offline_timestamp: int
    incognito_mode: bool


class Told(NamedTuple):
    """One row for the file, and whether it goes to the video file."""

    row: Row | OldRow
    video: bool


class Names:
    """What an export says about an item, remembered by id: four fields of a track or three of something spoken."""

    def __init__(self, world: Any) -> None:
        self.world = world
        self._tracks: dict[str, tuple[str, str, str, str]] = {}

    def track(self, id: str) -> tuple[str, str, str, str]:
        """Title, *album* artist, album, URI."""
        known = self._tracks.get(id)
        if known is None:
            track = self.world.track(id)
            album = self.world.album(track.album_id)
            artist = self.world.artist(album.artist_ids[0]).name
            known = self._tracks[id] = (track.name, artist, album.name, f"spotify:track:{id}")
        return known

    def episode(self, id: str) -> tuple[str, str, str]:
        episode = self.world.spoken.episode(id)
        return episode.name, self.world.spoken.show(episode.show_id).name, episode.uri

    def chapter(self, id: str) -> tuple[str, str, str, str]:
        chapter = self.world.spoken.chapter(id)
        book = self.world.spoken.audiobook(chapter.audiobook_id)
        return book.name, book.uri, chapter.uri, chapter.name


def plays_until(world: Any, listener: Listener, until: datetime) -> Iterator[list[Any]]:
    """Everything Spotify knows of at `until`, oldest first, a quarter at a time."""
    start = datetime(listener.born.year, listener.born.month, listener.born.day, tzinfo=UTC) - timedelta(days=1)
    while start < until:
        end = min(start + CHUNK, until)
        yield [play for play in world.plays(listener, start, end) if (getattr(play, "known_at", None) or end) <= until]
        start = end


def kind_of(play: Any) -> str:
    return getattr(play, "kind", None) or "track"


def item_of(play: Any) -> str:
    return getattr(play, "item_id", None) or play.track_id


def stamp(moment: datetime) -> str:
    return moment.replace(microsecond=0, tzinfo=None).isoformat() + "Z"


def luck(play: Any) -> int:
    """0 to 999,999, the same for the same play always."""
    return zlib.crc32(f"{item_of(play)}{to_ms(play.started_at)}".encode()) % 1_000_000


def new_rows(world: Any, listener: Listener, until: datetime) -> Iterator[Told]:
    """All rows in the new format, by `ts` within a quarter; odd ones included."""
    names = Names(world)
    for plays in plays_until(world, listener, until):
        told = [row for play in plays for row in _tell(names, listener, play, _new)]
        told.sort(key=lambda each: each.row.ts)
        yield from told


def old_rows(world: Any, listener: Listener, until: datetime) -> Iterator[Told]:
    """All rows in the `endsong` format: no audiobooks, milliseconds or 0 in `offline_timestamp`."""
    names = Names(world)
    for plays in plays_until(world, listener, until):
        spoken = [play for play in plays if kind_of(play) != "chapter"]
        told = [row for play in spoken for row in _tell(names, listener, play, _old)]
        told.sort(key=lambda each: each.row.ts)
        yield from told


def _tell(names: Names, listener: Listener, play: Any, shape: Any) -> list[Told]:
    """One play as one row, now and then as two."""
    chance = luck(play)
    kind = kind_of(play)
    row = shape(names, listener, play, chance)
    told = Told(row, kind == "episode" and chance % 3 == 0)
    odd = chance // 3 % 1000
    if odd == 8:  # the very same row again
        return [told, told]
    if odd == 9 and row.ms_played > 5000:  # the same moment and track, another time played
        return [told, told._replace(row=msgspec.structs.replace(row, ms_played=row.ms_played * 2 // 3))]
    return [told]


def _labels(names: Names, play: Any, odd: int) -> _Four:
    title, artist, album, uri = names.track(item_of(play))
    if odd < 3:  # no longer sold: the names are gone
        return None, None, None, uri
    if odd == 3:  # names without URI
        return title, artist, album, None
    if odd in (4, 5):  # a local file, or something Spotify does not tell
        return None, None, None, None
    return title, artist, album, uri


def _when(play: Any) -> datetime:
    """What Spotify writes as `ts`: the end, but the time of syncing where a whole train ride came in at once."""
    return play.synced_at if getattr(play, "batched", None) else play.ended_at


def _new(names: Names, listener: Listener, play: Any, chance: int) -> Row:
    odd = chance // 3 % 1000
    kind = kind_of(play)
    track = _labels(names, play, odd) if kind == "track" else _NONE
    episode: _Three = names.episode(play.item_id) if kind == "episode" else _NONE[:3]
    book: _Four = names.chapter(play.item_id) if kind == "chapter" else _NONE
    day = play.started_at.date()
    started = to_ms(play.started_at) // 1000
    return Row(
        stamp(_when(play)),
        play.platform,
        play.ms_played,
        "ZZ" if odd in (10, 11) else play.country,
        None if odd == 12 else address(listener, play.country, day),
        *track,
        *episode,
        *book,
        None if odd == 13 else play.reason_start,
        None if odd == 14 else play.reason_end,
        play.shuffle,
        play.skipped if day.year >= SKIPS_SINCE else None,
        play.offline,
        None if odd in (15, 16, 17) else started,
        play.incognito,
    )


def _old(names: Names, listener: Listener, play: Any, chance: int) -> OldRow:
    odd = chance // 3 % 1000
    kind = kind_of(play)
    track = _labels(names, play, odd) if kind == "track" else _NONE
    episode: _Three = names.episode(play.item_id) if kind == "episode" else _NONE[:3]
    return OldRow(
        stamp(_when(play)),
        listener.id,
        play.platform,
        play.ms_played,
        "ZZ" if odd in (10, 11) else play.country,
        None if odd == 12 else address(listener, play.country, play.started_at.date()),
        "unknown" if odd % 2 else None,
        *track,
        *episode,
        None if odd == 13 else play.reason_start,
        None if odd == 14 else play.reason_end,
        play.shuffle,
        True if play.skipped and odd % 3 == 0 else None,
        play.offline,
        to_ms(play.started_at) if play.offline or odd % 4 == 0 else 0,
        play.incognito,
    )
