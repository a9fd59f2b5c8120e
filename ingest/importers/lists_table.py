"""Lists out of tables: Exportify, TuneMyMusic, Soundiiz, Chosic, iTunes and what spreadsheets make of them. Pure."""

import csv
import re
from collections.abc import Iterator, Mapping

from django.utils.translation import gettext as _

from ingest import names
from ingest.importers import lists_told as told
from ingest.importers.lists_told import Brought, Told

DELIMITERS = ",;\t|"
_CELL_LINES = 20  # that one row may have: descriptions have some, a quote without its end would have all
_LOOKED_AT = 20  # rows in which links are looked for where no column is called so
# What a column is called, in lower case, without what is no letter or number.
_CALLED: dict[str, tuple[str, ...]] = {
    "link": (
        "track uri", "spotify uri", "spotify track uri", "uri", "spotify id", "spotify track id", "track id", "id",
        "spotify url", "spotify track url", "spotify link", "track url", "track link", "song url", "url", "link",
    ),
    "title": (
        "track name", "title", "track title", "song", "song name", "song title", "name", "track", "trackname", "titel",
        "titre", "título", "titolo", "название", "трек",
    ),
    "artist": (
        "artist name s", "artist names", "artist name", "artists", "artist s", "artist", "artistname", "performer",
        "creator", "interpret", "künstler", "artiste", "artista", "исполнитель", "album artist name s", "album artist",
    ),
    "album": ("album name", "album", "album title", "albumname", "release", "альбом"),
    "isrc": ("isrc", "isrc code", "track isrc"),
    "ms": ("track duration ms", "duration ms", "durationms", "length ms"),
    "length": ("duration", "time", "length", "duration s", "duration seconds", "dauer", "durée"),
    "added": ("added at", "date added", "added date", "addeddate", "added on", "added"),
    "playlist": ("playlist name", "playlist"),
}  # fmt: skip
_BARE = ("artist", "title", "album")  # the columns of a table that does not call them
_MEANS = {called: (meant, place) for meant, names_ in _CALLED.items() for place, called in enumerate(names_)}


def columns(header: list[str]) -> dict[str, int]:
    """Which column is what. Of several that may be meant, the one with the more telling name; `Spotify - id` too."""
    found: dict[str, tuple[int, int]] = {}
    for column, cell in enumerate(header):
        plain = " ".join(re.findall(r"\w+", cell.casefold().replace("_", " ")))
        meant, place = _MEANS.get(plain, ("", 0))
        if meant and (meant not in found or place < found[meant][0]):
            found[meant] = (place, column)
    return {meant: column for meant, (_place, column) in found.items()}


def is_table(lines: list[str]) -> str:
    """The delimiter under which the first line names columns of a list; empty if it is no such table."""
    best = max(DELIMITERS, key=lambda each: len(columns(_cells(lines[0], each))))
    found = columns(_cells(lines[0], best))
    is_named = "title" in found and ("artist" in found or len(_cells(lines[0], best)) == 1)
    return best if is_named or ("link" in found and len(found) > 1) or "isrc" in found else ""


def bare(lines: list[str]) -> str:
    """The delimiter of a table of names without a head: artist and title (and album), in each line; empty if none."""
    for delimiter in DELIMITERS if len(lines) > 1 else "":
        rows = [_cells(line, delimiter) for line in lines]
        widths = {len(row) for row in rows}
        if widths in ({2}, {3}) and all(row[0].strip() and row[1].strip() for row in rows):
            return delimiter
    return ""


def read_bare(lines: list[str], delimiter: str) -> list[Brought]:
    """Artist, title and album out of a table without a head. Whoever writes the title first is understood, too."""
    return [
        Brought("table", rows=[_row(dict(zip(_BARE, _cells(line, delimiter), strict=False)), line) for line in lines])
    ]


def _cells(line: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=delimiter), [])
    except csv.Error:
        return []


def read(lines: list[str], delimiter: str) -> list[Brought]:
    """The list, or one for each name in a column of playlists. Rows that cannot be taken apart are counted."""
    header, *rest = _rows(lines, delimiter)
    assert header is not None
    found = columns(header)
    rows = [row for row in rest if row is None or any(cell.strip() for cell in row)]
    _find_links(found, [row for row in rows[:_LOOKED_AT] if row])
    lists: dict[str, Brought] = {}
    broken = 0
    for row in rows:
        if row is None:
            broken += 1
            continue
        cells = {meant: row[column] for meant, column in found.items() if column < len(row)}
        name = told.text(cells.get("playlist", ""))
        lists.setdefault(name, Brought("table", name)).rows.append(_row(cells, delimiter.join(row)))
    brought = list(lists.values()) or [Brought("table")]
    if broken:
        brought[0].notes.append(_("Rows that could not be read and are left out: %(n)d.") % {"n": broken})
    return brought


def _rows(lines: list[str], delimiter: str) -> Iterator[list[str] | None]:
    """Each row's cells; None for one that cannot be taken apart. A quote that is never closed costs its own line."""
    at = 0
    while at < len(lines):
        reader = csv.reader([line + "\n" for line in lines[at : at + _CELL_LINES]], delimiter=delimiter, strict=True)
        try:
            row: list[str] | None = next(reader)
            at += reader.line_num
        except csv.Error:
            row = _cells(lines[at], delimiter) or None
            at += 1
        yield row


def _find_links(found: dict[str, int], rows: list[list[str]]) -> None:
    """Where no column is called so: that in which links to tracks stand; or the one called `Spotify - …`."""
    column = found.get("link")
    if column is not None and any(_id(row[column]) for row in rows if column < len(row)):
        return
    for column in range(max(map(len, rows), default=0)):
        if any(told.track_id(row[column]) for row in rows if column < len(row)):
            found["link"] = column
            return
    for column in range(max(map(len, rows), default=0)):
        cells = [row[column].strip() for row in rows if column < len(row) and row[column].strip()]
        if cells and all(map(told.is_bare_id, cells)):
            found["link"] = column
            return


def _id(cell: str) -> str:
    return told.track_id(cell) or told.bare_id(cell.strip())


def _row(cells: Mapping[str, str], line: str) -> Told:
    get = cells.get
    link = get("link", "").strip()
    if (local := told.local(link)) and local.title:
        return local
    title, artist = told.text(get("title", "")), told.text(get("artist", ""))
    if title and not artist:
        artist, title = told.named(title)
    row = Told(
        spotify_id=_id(link),
        title=title,
        artist=artist,
        album=told.text(get("album", "")),
        isrc=names.isrc(get("isrc", "")),
        duration_ms=told.length(get("ms", ""), ms=True) or told.length(get("length", "")),
        added_at=told.moment(get("added", "")),
        told=told.text(link if told.links(link) else ""),
    )
    return row if row.title or row.told or row.spotify_id else Told(isrc=row.isrc, told=told.text(line))
