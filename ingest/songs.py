"""Which tracks may be one song: by title and artist, or by recording. Asks the catalogue."""

import json
from collections.abc import Collection
from typing import Any

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from ingest import reconcile
from ingest.reconcile import Song

_AMONG = {"postgresql": "= ANY(%s)", "sqlite": "IN (SELECT value FROM json_each(%s))"}
# As an array they are few to PostgreSQL, which reads the whole table for them before its first statistics otherwise.
_INSIDE = {"postgresql": "= ANY(ARRAY(%s))", "sqlite": "IN (%s)"}
# Each track once, however many of those asked for share its title or recording: one recording may have thousands.
# Names are asked for one by one: PostgreSQL plans that in half the time of six joins, and longer than it answers.
_AROUND = """
SELECT track.id, track.recording_id, track.name_key, track.spotify_id IS NOT NULL,
  (SELECT name_key FROM ingest_artist WHERE id = track.artist_id),
  (SELECT owner.name_key FROM ingest_album AS album JOIN ingest_artist AS owner ON owner.id = album.artist_id
    WHERE album.id = track.album_id),
  (SELECT name_key FROM ingest_artist WHERE id = credit.artist_id)
FROM ingest_track AS track
LEFT JOIN ingest_trackartist AS credit ON credit.track_id = track.id AND credit.artist_id <> track.artist_id
WHERE track.id %s"""
_NEAR = """
  SELECT id FROM ingest_track WHERE id %(ids)s
  UNION SELECT id FROM ingest_track
    WHERE name_key IN (SELECT name_key FROM ingest_track WHERE id %(ids)s AND name_key <> '')
  UNION SELECT id FROM ingest_track WHERE recording_id IN (SELECT recording_id FROM ingest_track WHERE id %(ids)s)
"""


def songs_around(track_ids: Collection[int]) -> dict[int, Song]:
    """What is known of these tracks, and of every track that may be one song with any of them."""
    songs: dict[int, Song] = {}
    names: set[str] = set()
    recordings: set[int] = set()
    asked = set(track_ids)
    while asked:
        around = _around(asked)
        for pk in asked & around.keys():
            names |= around[pk].names
            recordings |= {around[pk].recording} - {0}
        found = {
            pk: song
            for pk, song in around.items()
            if pk in asked or not names.isdisjoint(song.names) or song.recording in recordings
        }
        asked = {
            pk
            for pk, song in found.items()
            if not song.names <= names or (song.recording and song.recording not in recordings)
        }
        songs |= found
    return songs


def group_table(tracks: NDArray[np.integer]) -> NDArray[np.int64]:
    """A table from track id to the number that tracks share which may be one song."""
    found = reconcile.group(songs_around(np.unique(tracks).tolist()))
    table = np.zeros(max(found, default=0) + 1, dtype=np.int64)
    table[np.fromiter(found, dtype=np.int64, count=len(found))] = np.fromiter(
        found.values(), dtype=np.int64, count=len(found)
    )
    return table


def _around(track_ids: Collection[int]) -> dict[int, Song]:
    """These tracks, and all that share a title or a recording with one of them: one statement."""
    parameter: Any = list(track_ids) if connection.vendor == "postgresql" else json.dumps(list(track_ids))
    found: dict[int, tuple[int, bool, set[str]]] = {}
    with connection.cursor() as cursor:
        near = _NEAR % {"ids": _AMONG[connection.vendor]}
        cursor.execute(_AROUND % (_INSIDE[connection.vendor] % near), [parameter] * 3)
        for pk, recording, title, has_id, *artists in cursor.fetchall():
            _, _, names = found.setdefault(pk, (recording or 0, bool(has_id), set()))
            if title:
                names |= {f"{artist}\x1f{title}" for artist in artists if artist}
    return {pk: Song(recording, frozenset(names), has_id) for pk, (recording, has_id, names) in found.items()}
