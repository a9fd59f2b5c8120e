"""Maloja's export, and the answers of its API: scrobbles in an object.

Layout: https://github.com/krateng/maloja, `maloja/proccontrol/tasks/export.py` and the scrobble described in
`maloja/database/sqldb.py`. `time` is when the track began, as the client told it; `duration` is what was heard and
`length` the track's, both in seconds and mostly null.
"""

from collections.abc import Sequence

import msgspec

from ingest.importers.base import Sheet
from ingest.importers.scrobbles import Scrobble, milliseconds, moment, played


class MalojaAlbum(msgspec.Struct, gc=False):
    albumtitle: str | None = None
    name: str | None = None  # before version 3.2
    artists: list[str] | None = None


class MalojaTrack(msgspec.Struct, gc=False):
    title: str | None = None
    artists: list[str] | None = None
    album: MalojaAlbum | None = None
    length: float | None = None


class MalojaRow(msgspec.Struct, gc=False):
    time: float | str | None = None
    track: MalojaTrack | None = None
    duration: float | None = None


def recognise(keys: set[str]) -> str:
    """The format of a file with such rows; empty if it is not this importer's."""
    return "maloja" if {"time", "track"} <= keys and keys & {"duration", "origin"} else ""


def told(rows: Sequence[MalojaRow], _sheet: Sheet) -> list[Scrobble]:
    return [_scrobble(row) for row in rows]


def _scrobble(row: MalojaRow) -> Scrobble:
    track = row.track or MalojaTrack()
    album = track.album or MalojaAlbum()
    artist = _artist(track.artists or [], album.artists or [])
    return Scrobble(
        time=row.time,
        title=track.title or "",
        artist=artist,
        credits=(artist, *(each for each in track.artists or [] if each != artist)),
        album=album.albumtitle or album.name or "",
        moment=moment(row.time),
        length_ms=milliseconds(track.length, each=1000),
        played_ms=played(row.duration, each=1000),
    )


def _artist(artists: list[str], of_album: list[str]) -> str:
    """Maloja keeps no order of credits: the album's artist among them comes first, else the first that is told."""
    return next((artist for artist in artists if artist in of_album), artists[0] if artists else "")
