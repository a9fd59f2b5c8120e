"""Pano Scrobbler's local file, JSON lines or CSV.

Layout: https://github.com/kawaiiDango/pano-scrobbler, `api/file/FileScrobblable.kt`. `timeMs` is when the track began,
`durationMs` its length. What was heard is not told. Loves and their ends stand in the file too; they are no plays.
"""

from collections.abc import Sequence

import msgspec

from ingest.importers.base import Sheet
from ingest.importers.scrobbles import Scrobble, milliseconds, moment
from ingest.importers.tables import DELIMITERS, Cells, Layout, header_of


class PanoRow(msgspec.Struct, gc=False):
    timeMs: int | str | None = None
    artist: str | None = None
    track: str | None = None
    album: str | None = None
    albumArtist: str | None = None
    durationMs: int | str | None = None
    event: str | None = None


def recognise(keys: set[str]) -> str:
    """The format of a file with such rows; empty if it is not this importer's."""
    return "pano" if {"timeMs", "track", "artist"} <= keys else ""


def told(rows: Sequence[PanoRow], _sheet: Sheet) -> list[Scrobble]:
    return [
        Scrobble(
            time=row.timeMs,
            title=row.track or "",
            artist=row.artist or "",
            album=row.album or "",
            moment=moment(row.timeMs),
            length_ms=milliseconds(row.durationMs),
            reason="" if (row.event or "scrobble") == "scrobble" else "not_heard",
        )
        for row in rows
    ]


def layout(lines: Sequence[str]) -> Layout | None:
    """How the table is written, by its header; None if it is not this importer's."""
    for delimiter in DELIMITERS if lines else ():
        columns = header_of(lines[0], delimiter)
        if recognise(set(columns)):
            return Layout("pano", columns, _cells, delimiter=delimiter, header=1, least=8)
    return None


def _cells(rows: Sequence[Cells], sheet: Sheet) -> list[Scrobble]:
    return told(
        [PanoRow(**{key: row[key] for key in PanoRow.__struct_fields__ if row.get(key)}) for row in rows], sheet
    )
