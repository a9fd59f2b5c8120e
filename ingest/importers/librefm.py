"""Libre.fm and GNU FM. A time is when the track began, in UTC seconds; what was heard is not told.

- The CSV that Libre.fm sends: some lines about it, then the header `Time,Artist,Track,Album,…`
  (read by https://github.com/metabrainz/listenbrainz-server, `listenbrainz/background/listens_importer/librefm.py`).
- The lines parted by tabs that GNU FM's `lastexport.py` writes, without a header: timestamp, track, artist, album and
  three MusicBrainz ids, of the track, the artist and the album (https://github.com/foocorp/gnu-fm, `scripts/`).
"""

from collections.abc import Sequence

from ingest.importers.base import Sheet
from ingest.importers.scrobbles import Scrobble, mbid, moment
from ingest.importers.tables import DELIMITERS, Cells, Layout, header_of

LASTEXPORT = ("time", "track", "artist", "album", "track_mbid", "artist_mbid", "album_mbid")
INTRODUCTION = 10  # lines in which the header is looked for


def layout(lines: Sequence[str]) -> Layout | None:
    """How a table of scrobbles is written, by its first lines; None if it is not this importer's."""
    for number, line in enumerate(lines[:INTRODUCTION], 1):
        for delimiter in DELIMITERS:
            columns = tuple(column.lower() for column in header_of(line, delimiter))
            if {"time", "artist", "track", "album"} <= set(columns):
                return Layout("librefm", columns, _told, delimiter=delimiter, header=number)
    cells = lines[0].split("\t") if lines else []
    if len(cells) == len(LASTEXPORT) and (not cells[0] or cells[0].isdecimal()):
        return Layout("librefm", LASTEXPORT, _told, delimiter="\t", quoted=False)
    return None


def _told(rows: Sequence[Cells], _sheet: Sheet) -> list[Scrobble]:
    return [
        Scrobble(
            time=row["time"],
            title=row["track"],
            artist=row["artist"],
            album=row["album"],
            artist_mbid=mbid(row.get("artist_mbid")),
            moment=moment(row["time"]),
        )
        for row in rows
    ]
