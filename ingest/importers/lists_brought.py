"""A list that somebody brought, as a file or as pasted lines, whatever wrote it: its rows in order. Pure."""

import codecs
import re

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ingest.importers import lists_files, lists_table, lists_zip
from ingest.importers import lists_told as told
from ingest.importers.archive import Unreadable, clean_name, in_words
from ingest.importers.lists_told import Brought, Told
from ingest.importers.lists_zip import TooMany
from ingest.importers.rows import legible

MOST_BYTES = 20 * 1024 * 1024
MOST_ROWS = 50_000  # of one upload
MOST_UNPACKED = 4 * MOST_BYTES  # of a zip
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_FOREIGN = (
    *_ZIP,  # within a zip
    b"\x1f\x8b",
    b"%PDF",
    b"\x89PNG",
    b"\xff\xd8\xff",
    b"ID3",
    b"Rar!",
    b"7z\xbc\xaf",
    b"\xd0\xcf\x11",
)
_LISTED = re.compile(r"^\s*(?:\d{1,5}\s*[.):]\s+|[-*•]\s+)")  # "12. ", "3) ", "- " before a line


def read(data: bytes, name: str = "", *, taken: int = 0) -> list[Brought]:
    """The lists in a file, at least one; `taken` rows came before it in the same upload.

    Raises Unreadable with words for people.
    """
    if len(data) > MOST_BYTES:
        raise Unreadable(too_large(len(data)))

    def counted(data: bytes, name: str) -> list[Brought]:
        nonlocal taken
        found = _one(data, name)
        taken += sum(len(each.rows) for each in found)
        if taken > MOST_ROWS:
            raise TooMany(too_many_together())
        return found

    if data.startswith(_ZIP):
        return lists_zip.read(data, counted, most_bytes=MOST_UNPACKED)
    return counted(data, name)


def _one(data: bytes, name: str) -> list[Brought]:
    if data.startswith(_FOREIGN):
        raise Unreadable(
            _("This is no list but an archive, a picture, a document or music. Unpack it, or save the list as CSV.")
        )
    found = parse(decoded(data))
    base = re.sub(r"\.[A-Za-z0-9]{1,5}$", "", clean_name(name).rsplit("/", 1)[-1])
    for brought in found:
        brought.name = brought.name or told.text(base.replace("_", " "))
    return found


def too_large(size: int) -> str:
    return _("A list may have up to %(limit)s. Bring it in parts.") % {"limit": in_words(MOST_BYTES)}


def too_many(rows: int) -> str:
    told_rows = {"rows": rows, "most": MOST_ROWS}
    return _("It has %(rows)d rows; up to %(most)d are taken at once. Bring it in parts.") % told_rows


def too_many_together() -> str:
    together = _("Together these lists have more than %(most)d rows. That many are taken at once: bring them in parts.")
    return together % {"most": MOST_ROWS}


def decoded(data: bytes) -> str:
    """The text of a file in any Unicode encoding, with or without a mark, or in Windows' Latin-1."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, "replace")
    head = data[:2_000]
    if head.count(0) > len(head) // 4:
        return data.decode("utf-16-le" if head[1::2].count(0) >= head[::2].count(0) else "utf-16-be", "replace")
    return legible(data)


def parse(text: str) -> list[Brought]:
    """The lists in a text. Raises Unreadable if it has none, or too many rows."""
    text = text.replace("\0", "")
    lines = [line for line in re.split(r"\r\n|\r|\n", text) if line.strip()]
    if lines and re.fullmatch(r'"?sep=.?"?', lines[0].strip("\r\n "), re.IGNORECASE):
        lines = lines[1:]  # spreadsheets note the delimiter so, which is looked for anyway
    if not lines:
        raise Unreadable(_("There is nothing in it."))
    lists = _parsed(text.strip(), lines)
    rows = sum(len(each.rows) for each in lists)
    if not rows:
        raise Unreadable(_("It names no track: there is a head, but no row below it."))
    if rows > MOST_ROWS:
        raise TooMany(too_many(rows))
    for each in lists:
        each.notes += _notes(each.rows)
    if not any(row.names_a_track for each in lists for row in each.rows):
        why = [_("No row in it names a track. Write “Artist – Title” on each line, or paste links to tracks.")]
        raise Unreadable(" ".join([*why, *(note for each in lists for note in each.notes)]))
    return lists


def _parsed(text: str, lines: list[str]) -> list[Brought]:
    if text[0] == "{" or (text[0] == "[" and text[1:].lstrip()[:1] in ("{", "]")):
        return lists_files.of_json(text)
    if text[0] == "<":
        return lists_files.xspf(text)
    if lists_files.is_m3u(lines):
        return lists_files.m3u(lines)
    if delimiter := lists_table.is_table(lines):
        return lists_table.read(lines, delimiter)
    found = [row for line in lines for row in _line(line)]
    has_links = any(row.spotify_id or told.links(row.told) for row in found)
    if not has_links and not all(row.artist for row in found) and (delimiter := lists_table.bare(lines)):
        return lists_table.read_bare(lines, delimiter)
    return [Brought("lines", rows=found)]


def _line(line: str) -> list[Told]:
    """A link or several, a bare id, or `Artist – Title`."""
    links = told.links(line)
    if len(links) == 1 and (track_id := told.track_id(links[0])):
        artist, title = told.named(line.replace(links[0], "").strip(" \t-–—|:,;()<>"))
        return [Told(spotify_id=track_id, title=title if artist else "", artist=artist, told=told.text(links[0]))]
    if links:
        return [told.local(link) or Told(spotify_id=told.track_id(link), told=told.text(link)) for link in links]
    words = line.strip().strip('"').strip()
    if told.is_bare_id(words):
        return [Told(spotify_id=words, told=words)]
    if track_id := told.track_id(words):  # without https://
        return [Told(spotify_id=track_id, told=told.text(words))]
    artist, title = told.named(_LISTED.sub("", words))
    return [Told(title=title, artist=artist, told=told.text(line))]


def _notes(rows: list[Told]) -> list[str]:
    """What a person should know of rows that can never be found."""
    notes = []
    if short := sum(told.is_short(row.told) for row in rows if not row.spotify_id):
        notes.append(
            ngettext(
                "%(n)d short link (spotify.link) says only to Spotify what it means. Open it, copy the long one.",
                "%(n)d short links (spotify.link) say only to Spotify what they mean. Open them, copy the long ones.",
                short,
            )
            % {"n": short}
        )
    if other := sum(told.is_other(row.told) for row in rows if not row.spotify_id):
        notes.append(
            ngettext(
                "%(n)d link leads to an album, an artist, an episode or a playlist, not to a track.",
                "%(n)d links lead to albums, artists, episodes or playlists, not to tracks.",
                other,
            )
            % {"n": other}
        )
    return notes
