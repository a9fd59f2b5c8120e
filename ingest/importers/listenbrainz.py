"""ListenBrainz exports: the zip of `listens/YYYY/M.jsonl`, and before 2025 one JSON list.

Layout: https://github.com/metabrainz/listenbrainz-server/blob/master/listenbrainz/background/export.py; the fields of
a listen: https://listenbrainz.readthedocs.io/en/latest/users/json.html. `listened_at` is when the track began; some
clients (ListenBrainz's own Spotify importer) write when it ended. What was heard is told by few clients
(`duration_played`).
"""

from collections.abc import Sequence
from typing import Any

import msgspec

from ingest.importers.base import Sheet
from ingest.importers.scrobbles import Scrobble, mbid, milliseconds, moment, played, spotify_track


class Info(msgspec.Struct, gc=False):
    """What clients add as they please: nothing of it has to be of the type that it should be of."""

    duration_ms: Any = None
    duration: Any = None  # s
    duration_played: Any = None  # s
    spotify_id: Any = None
    origin_url: Any = None
    artist_mbids: Any = None
    artist_names: Any = None


class Metadata(msgspec.Struct, gc=False):
    """Some clients write a name that is a number as one, and no information as an empty list."""

    artist_name: Any = None
    track_name: Any = None
    release_name: Any = None
    additional_info: Info | list[Any] | str | float | bool | None = None


class Listen(msgspec.Struct, gc=False):
    """One line, or one element of the older list."""

    listened_at: float | str | None = None
    track_metadata: Metadata | None = None


def recognise(keys: set[str]) -> str:
    """The format of a file with such rows; empty if it is not this importer's."""
    return "listenbrainz" if {"listened_at", "track_metadata"} <= keys else ""


def told(rows: Sequence[Listen], _sheet: Sheet) -> list[Scrobble]:
    return [_listen(row) for row in rows]


def _listen(row: Listen) -> Scrobble:
    track = row.track_metadata or Metadata()
    info = track.additional_info if isinstance(track.additional_info, Info) else Info()
    kind, spotify_id = spotify_track(*(link for link in (info.spotify_id, info.origin_url) if isinstance(link, str)))
    named = info.artist_names if isinstance(info.artist_names, list) else []
    credits = tuple(each for each in named if isinstance(each, str) and each.strip())
    artists = info.artist_mbids if isinstance(info.artist_mbids, list) else []
    return Scrobble(
        time=row.listened_at,
        title=_text(track.track_name),
        artist=credits[0] if credits else _text(track.artist_name),
        credits=credits,
        album=_text(track.release_name),
        spotify_id=spotify_id,
        kind=kind,
        moment=moment(row.listened_at),
        length_ms=milliseconds(info.duration_ms) or milliseconds(info.duration, each=1000),
        played_ms=played(info.duration_played, each=1000),
        artist_mbid=mbid(artists[0]) if len(artists) == 1 and len(credits) < 2 else "",
    )


def _text(told: Any) -> str:
    if isinstance(told, bool) or not isinstance(told, str | int | float):
        return ""
    return str(told)
