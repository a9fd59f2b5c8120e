"""Koito's export: listens in an object.

Layout: https://github.com/gabehf/Koito/blob/main/internal/export/export.go. `listened_at` is when the track began;
`duration` is the track's length in seconds, 0 if unknown. What was heard is not told.
"""

from collections.abc import Sequence

import msgspec

from ingest.importers.base import Sheet
from ingest.importers.scrobbles import Scrobble, mbid, milliseconds, moment


class Alias(msgspec.Struct, gc=False):
    alias: str | None = None
    is_primary: bool | None = None


class Named(msgspec.Struct, gc=False):
    """A track, an album or an artist."""

    aliases: list[Alias] | None = None
    mbid: str | None = None
    duration: float | None = None
    is_primary: bool | None = None


class KoitoRow(msgspec.Struct, gc=False):
    listened_at: str | None = None
    track: Named | None = None
    album: Named | None = None
    artists: list[Named] | None = None


def recognise(keys: set[str]) -> str:
    """The format of a file with such rows; empty if it is not this importer's."""
    return "koito" if {"listened_at", "track", "artists"} <= keys else ""


def told(rows: Sequence[KoitoRow], _sheet: Sheet) -> list[Scrobble]:
    return [_listen(row) for row in rows]


def _listen(row: KoitoRow) -> Scrobble:
    artists = row.artists or []
    artist = next((each for each in artists if each.is_primary), artists[0] if artists else None)
    return Scrobble(
        time=row.listened_at,
        title=_name(row.track),
        artist=_name(artist),
        credits=(_name(artist), *(_name(each) for each in artists if each is not artist)),
        album=_name(row.album),
        moment=moment(row.listened_at),
        length_ms=milliseconds(row.track.duration, each=1000) if row.track else 0,
        artist_mbid=mbid(artist.mbid) if artist else "",
    )


def _name(named: Named | None) -> str:
    aliases = (named.aliases or []) if named else []
    chosen = next((each for each in aliases if each.is_primary), aliases[0] if aliases else None)
    return (chosen.alias or "") if chosen else ""
