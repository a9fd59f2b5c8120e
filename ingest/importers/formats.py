"""What a file is, by its content: the reader of its rows and the importer that knows them."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from ingest.importers import (
    account_data,
    archive,
    koito,
    lastfm,
    librefm,
    listenbrainz,
    maloja,
    pano,
    rockbox,
    spotify_export,
    your_spotify,
)
from ingest.importers.archive import Unreadable
from ingest.importers.base import Importer
from ingest.importers.lists import InnerReader, PagedReader, list_inside
from ingest.importers.rows import RowReader, Stream, as_utf8, keys_of, split
from ingest.importers.scrobbles import importer
from ingest.importers.tables import Layout, TableReader

HEAD_BYTES = 64 * 1024
FIRST_LINES = 10

_ROWS: tuple[tuple[Any, Any, Importer], ...] = (
    (spotify_export.recognise, spotify_export.ExtendedRow, spotify_export.parse),
    (account_data.recognise, account_data.AccountRow, account_data.parse),
    (listenbrainz.recognise, listenbrainz.Listen, importer(listenbrainz.told)),
    (koito.recognise, koito.KoitoRow, importer(koito.told)),
    (maloja.recognise, maloja.MalojaRow, importer(maloja.told)),
    (your_spotify.recognise, your_spotify.InfosRow, importer(your_spotify.told)),
    (pano.recognise, pano.PanoRow, importer(pano.told)),
    (lastfm.recognise, lastfm.LastfmRow, importer(lastfm.told)),
    (lastfm.recognise_stats, lastfm.StatsRow, importer(lastfm.told_stats)),
)
_TABLES = (rockbox.layout, lastfm.layout, pano.layout, librefm.layout)


@dataclass(frozen=True, slots=True)
class Found:
    """A file's format (a key of `base.FORMATS`), how to read it, and what makes plays of its blocks."""

    format: str
    reader: RowReader | TableReader
    row_type: Any = None
    parse: Importer | None = None


class _Peeked:
    """A stream whose beginning has been looked at, from some place in it on."""

    def __init__(self, stream: Stream, head: bytes, start: int = 0) -> None:
        self._stream = stream
        self._head = head[start:]
        self._is_macintosh = b"\r" in head and b"\n" not in head  # a lone CR ends each line, as Excel may write there

    def read(self, size: int, /) -> bytes:
        data, self._head = self._head[:size], self._head[size:]
        data = data + self._stream.read(size - len(data)) if len(data) < size else data
        return data.replace(b"\r", b"\n") if self._is_macintosh else data


def of(stream: Stream) -> Found:
    """What the file is. Raises Unreadable if it is not history."""
    text = as_utf8(stream)
    head = b""
    while len(head) < HEAD_BYTES and (more := text.read(HEAD_BYTES - len(head))):
        head += more
    first = head.lstrip()[:1]
    if first not in (b"[", b"{", b"<", b""):
        if table := _layout(head):
            return Found(table.format, TableReader(_Peeked(text, head), table), None, importer(table.told))
    elif first == b"{" and (start := list_inside(head)) is not None:
        return _of_rows(InnerReader(_Peeked(text, head, start)))
    elif first == b"[" and _is_paged(head):
        found = PagedReader(_Peeked(text, head))
        return Found("lastfm_json", found, lastfm.LastfmRow, importer(lastfm.told))
    return _of_rows(RowReader(_Peeked(text, head)))


def _is_paged(head: bytes) -> bool:
    """Whether the elements of the list are pages, with rows in each."""
    inside = head.lstrip()[1:].lstrip()
    first, _rest, _closed = split(inside, in_list=True, at_end=False, limit=1)
    if first and {"track"} <= keys_of(first[0]) <= {"track", "@attr"}:
        return True  # a page of one track, which then stands there without a list
    start = list_inside(inside) if inside[:1] == b"{" else None
    return start is not None and b"}" not in _before_attributes(inside[:start])


def _before_attributes(text: bytes) -> bytes:
    """The beginning of a page without `"@attr": {…}`, which may stand before its list."""
    start, end = text.find(b'"@attr"'), text.find(b"}")
    return text[:start] + text[end + 1 :] if 0 <= start < end else text


def _of_rows(reader: RowReader) -> Found:
    if reader.is_empty:
        return Found("empty", reader)
    for first in reader.first:
        for recognise, row_type, parse in _ROWS:
            if found := recognise(set(first)):
                return Found(found, reader, row_type, parse)
    if not reader.first:
        raise Unreadable(_("Not history: the file holds no rows."))
    keys = ", ".join(archive.clean_name(key)[:40] for key in list(reader.first[0])[:4])
    raise Unreadable(_("Not history: its rows have other fields (%(keys)s).") % {"keys": keys or _("none")})


def _layout(head: bytes) -> Layout | None:
    """How a text table is written; None if this is none at all. Raises Unreadable for a table of other things."""
    lines = head.decode("utf-8", "replace").splitlines()[:FIRST_LINES]
    for layout in _TABLES:
        if found := layout(lines):
            return found
    title = next((line for line in lines if line.strip()), "")
    delimiter = max(",;\t", key=title.count)
    if title.count(delimiter) < 2 or not all(char.isprintable() or char == "\t" for char in title):
        return None
    columns = ", ".join(archive.clean_name(cell.strip().strip('"'))[:40] for cell in title.split(delimiter)[:4])
    raise Unreadable(_("Not history: its columns are others (%(columns)s).") % {"columns": columns})
