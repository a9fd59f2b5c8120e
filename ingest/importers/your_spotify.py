"""Your Spotify's plays: its collection `infos` as MongoDB's `mongoexport` writes it (lines, or a list).

It has no export of its own (https://github.com/Yooooomi/your_spotify/issues/331); the fields are those of
`apps/server/src/database/schemas/info.ts`. `played_at` is when the play ended, as Spotify told it; `durationMs` is the
track's length. Names are in other collections: a track is known by its Spotify id.
"""

from collections.abc import Sequence
from typing import Any

import msgspec

from ingest.importers.base import Sheet
from ingest.importers.scrobbles import Scrobble, milliseconds, moment


class InfosRow(msgspec.Struct, gc=False):
    """One play. Dates and numbers may stand in MongoDB's extended JSON: `{"$date": …}`, `{"$numberInt": …}`."""

    id: str | None = None
    played_at: Any = None
    durationMs: Any = None


def recognise(keys: set[str]) -> str:
    """The format of a file with such rows; empty if it is not this importer's."""
    return "your_spotify" if {"played_at", "id"} <= keys and keys & {"durationMs", "albumId", "owner"} else ""


def told(rows: Sequence[InfosRow], _sheet: Sheet) -> list[Scrobble]:
    return [_play(row) for row in rows]


def _play(row: InfosRow) -> Scrobble:
    played_at = _plain(row.played_at)
    return Scrobble(
        time=played_at,
        spotify_id=row.id if row.id and len(row.id) == 22 and row.id.isalnum() else "",
        moment=moment(played_at),
        is_end=True,
        length_ms=milliseconds(_plain(row.durationMs)),
    )


def _plain(value: Any) -> str | int | float | None:
    """The value within MongoDB's shells; a date as number is in ms."""
    while isinstance(value, dict) and len(value) == 1:
        value = next(iter(value.values()))
    return value if isinstance(value, str | int | float) else None
