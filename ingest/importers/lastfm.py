"""Last.fm scrobbles, as the usual tools download them.

A time is when the track began, in UTC; what was heard is not told.

- https://lastfm.ghan.nl/export/ gives CSV with the header `uts,utc_time,artist,artist_mbid,album,album_mbid,track,
  track_mbid`, or JSON: the pages of https://www.last.fm/api/show/user.getRecentTracks as they came.
- https://lastfmstats.com gives CSV with the header `Artist;Album;AlbumId;Track;Date#NAME`, or JSON: `scrobbles` of
  `track`, `artist`, `album`, `albumId`, `date` (https://github.com/felhag/lastfm-stats-web). Times are in ms.
- https://benjaminbenben.com/lastfm-to-csv/ gives CSV without a header: artist, album, track and a time to the minute
  (https://github.com/benfoxall/lastfm-to-csv, index.html), commas and quotes taken out of the names.
"""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec

from ingest.importers.base import Sheet
from ingest.importers.scrobbles import MINUTE_MS, Scrobble, mbid, moment
from ingest.importers.tables import DELIMITERS, Cells, Layout, header_of

MINUTE = re.compile(r"\d{1,2} [A-Z][a-z]{2} \d{4},? \d\d:\d\d")


class Text(msgspec.Struct, gc=False):
    """A name with its MusicBrainz id; `extended=1` answers write `name` for `#text`."""

    text: str | None = msgspec.field(default=None, name="#text")
    name: str | None = None
    mbid: str | None = None


class Date(msgspec.Struct, gc=False):
    uts: str | int | None = None
    text: str | None = msgspec.field(default=None, name="#text")


class Attributes(msgspec.Struct, gc=False):
    nowplaying: str | bool | None = None


class LastfmRow(msgspec.Struct, gc=False):
    """One track of `recenttracks`."""

    name: str | None = None
    artist: Text | str | None = None
    album: Text | str | None = None
    date: Date | None = None
    attributes: Attributes | None = msgspec.field(default=None, name="@attr")


class StatsRow(msgspec.Struct, gc=False):
    """One scrobble of lastfmstats.com."""

    track: str | None = None
    artist: str | None = None
    album: str | None = None
    date: int | str | None = None


def recognise_stats(keys: set[str]) -> str:
    """The format of a file with such rows; empty if it is not lastfmstats.com's."""
    return "lastfm_stats" if {"track", "artist", "date"} <= keys else ""


def told_stats(rows: Sequence[StatsRow], _sheet: Sheet) -> list[Scrobble]:
    return [
        Scrobble(
            time=row.date,
            title=row.track or "",
            artist=row.artist or "",
            album=row.album or "",
            moment=moment(row.date),
        )
        for row in rows
    ]


def recognise(keys: set[str]) -> str:
    """The format of a file with such rows; empty if it is not this importer's."""
    is_track = {"name", "artist"} <= keys and keys & {"date", "@attr", "streamable", "image"}
    return "lastfm_json" if is_track else ""


def told(rows: Sequence[LastfmRow], _sheet: Sheet) -> list[Scrobble]:
    return [_json(row) for row in rows]


def _json(row: LastfmRow) -> Scrobble:
    date = row.date or Date()
    now_playing = row.attributes is not None and row.attributes.nowplaying in ("true", True)
    return Scrobble(
        time=date.uts or date.text,
        title=row.name or "",
        artist=_text(row.artist),
        album=_text(row.album),
        artist_mbid=mbid(row.artist.mbid) if isinstance(row.artist, Text) else "",
        moment=moment(date.uts) if date.uts else _minute(date.text or ""),
        reason="not_heard" if now_playing and row.date is None else "",
    )


def _text(found: Text | str | None) -> str:
    if isinstance(found, Text):
        return found.text or found.name or ""
    return found or ""


def layout(lines: Sequence[str]) -> Layout | None:
    """How a table of scrobbles is written, by its first lines; None if it is not this importer's."""
    for delimiter in DELIMITERS if lines else ():
        columns = header_of(lines[0], delimiter)
        if {"uts", "artist", "track"} <= set(columns):
            return Layout("lastfm_csv", columns, _ghan, delimiter=delimiter, header=1)
    columns = tuple(column.lower().partition("#")[0] for column in header_of(lines[0], ";")) if lines else ()
    if {"artist", "track", "date"} <= set(columns):
        return Layout("lastfm_stats", columns, _stats, delimiter=";", header=1)
    first = next((line for line in lines if line.strip()), "")
    for quoted in (False, True):
        cells = header_of(first) if quoted else first.rstrip("\r").split(",")
        if len(cells) == 4 and MINUTE.fullmatch(cells[3].strip().strip('"')):
            return Layout("lastfm_minutes", ("artist", "album", "track", "date"), _minutes, quoted=quoted)
    return None


def _ghan(rows: Sequence[Cells], _sheet: Sheet) -> list[Scrobble]:
    return [
        Scrobble(
            time=row["uts"] or row.get("utc_time", ""),
            title=row["track"],
            artist=row["artist"],
            album=row.get("album", ""),
            artist_mbid=mbid(row.get("artist_mbid")),
            moment=moment(row["uts"]) if row["uts"].strip() else _minute(row.get("utc_time", "")),
        )
        for row in rows
    ]


def _stats(rows: Sequence[Cells], sheet: Sheet) -> list[Scrobble]:
    return told_stats([StatsRow(row["track"], row["artist"], row.get("album"), row["date"]) for row in rows], sheet)


def _minutes(rows: Sequence[Cells], _sheet: Sheet) -> list[Scrobble]:
    return [
        Scrobble(
            time=row["date"],
            title=row["track"],
            artist=row["artist"],
            album=row["album"],
            moment=_minute(row["date"]),
            reason="" if row["date"].strip() else "not_heard",
        )
        for row in rows
    ]


def _minute(text: Any) -> int | None:
    """The middle of a minute told as `4 Mar 2021 05:06`, in ms: so it is never more than 30 seconds off."""
    try:
        found = datetime.strptime(text.strip().replace(",", ""), "%d %b %Y %H:%M").replace(tzinfo=UTC)
    except ValueError:
        return None
    return int(found.timestamp()) * 1000 + MINUTE_MS // 2
