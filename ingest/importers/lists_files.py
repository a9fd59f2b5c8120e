"""Lists out of playlist files: M3U, JSPF, XSPF, and the lists in Spotify's account data. Pure."""

import re
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import unquote, urlsplit
from xml.etree import ElementTree

import msgspec
from django.utils.translation import gettext as _

from ingest import names
from ingest.importers import lists_told as told
from ingest.importers.archive import Unreadable
from ingest.importers.lists_told import Brought, Told

_EXTINF = re.compile(r"#EXTINF:\s*(-?\d+(?:\.\d+)?)?([^,]*),?(.*)", re.IGNORECASE)
_ATTRIBUTE = re.compile(r'(?<![\w-])([\w-]+)="([^"]*)"')
_NUMBER = re.compile(r"^\s*(?:\d{1,2}-)?\d{1,3}(?:\s*+[.)\-_])?\s++(?=\S)")
_SOUND = re.compile(r"\.(?:mp3|m4a|flac|ogg|opus|oga|wav|wma|aac|aiff?|alac|ape|mpc|wv|mp4|mka)$", re.IGNORECASE)
_JSPF_TRACK = "https://musicbrainz.org/doc/jspf#track"


# --- M3U -------------------------------------------------------------------------------------------------------------
def is_m3u(lines: list[str]) -> bool:
    return lines[0].strip().upper() == "#EXTM3U" or any(line.upper().startswith("#EXTINF:") for line in lines[:20])


def m3u(lines: list[str]) -> list[Brought]:
    """Each path or link with what the lines before it say. What they do not say, the path may."""
    brought = Brought("m3u")
    said: dict[str, str] = {}
    for line in map(str.strip, lines):
        if found := _EXTINF.match(line):
            said |= {"seconds": found[1] or "", "name": found[3]} | _attributes(found[2])
        elif line.upper().startswith("#PLAYLIST:"):
            brought.name = told.text(line[10:])
        elif line.upper().startswith(("#EXTALB:", "#EXTART:")):
            said[line[1:7].casefold()] = line[8:]
        elif line and not line.startswith("#"):
            brought.rows.append(_m3u_row(line, said))
            said = {}
    return [brought]


def _attributes(words: str) -> dict[str, str]:
    found = {name.casefold(): value for name, value in _ATTRIBUTE.findall(words)}
    return {name: found[name] for name in ("artist", "title", "album") if name in found}


def _m3u_row(path: str, said: dict[str, str]) -> Told:
    if local := told.local(path):
        return local
    by_path = _by_path(path)
    artist, title = told.named(said.get("name", ""))
    if title and not artist:
        artist = told.text(said.get("extart", "")) or by_path.artist
    return Told(
        spotify_id=told.track_id(path),
        title=told.text(said.get("title", "")) or title or by_path.title,
        artist=told.text(said.get("artist", "")) or artist or by_path.artist,
        album=told.text(said.get("album", "") or said.get("extalb", "")) or by_path.album,
        duration_ms=told.length(said.get("seconds", "")),
        told=told.text(path),
    )


def _by_path(path: str) -> Told:
    """`…/Artist/Album/01 Title.mp3` or `…/Artist - Title.mp3`. Nothing of a link that is no file."""
    if "://" in path:
        if not path.casefold().startswith("file:") and not _SOUND.search(urlsplit(path).path):
            return Told()
        path = unquote(urlsplit(path).path)
    folders = [part for part in re.split(r"[\\/]", path) if part.strip() and part not in (".", "..")]
    if not folders or folders[-1].startswith("spotify:"):
        return Told()
    base = _SOUND.sub("", folders[-1]).replace("_", " ")
    bare = _NUMBER.sub("", base)
    artist, title = told.named(bare)
    if not artist and len(folders) >= 3 and not folders[-3].endswith(":"):
        return Told(title=title, artist=told.text(folders[-3]), album=told.text(folders[-2]))
    return Told(title=title, artist=artist)


# --- JSON: JSPF, and what Spotify packs into account data ------------------------------------------------------------
def of_json(text: str) -> list[Brought]:
    """JSPF, Spotify's account data, and playlists as its Web API tells them. Raises Unreadable."""
    try:
        data = msgspec.json.decode(text)
    except (msgspec.MsgspecError, RecursionError):
        raise Unreadable(_("This JSON is damaged or cut off. Export or download the list again.")) from None
    documents = data if isinstance(data, list) else [data]
    found = [brought for each in documents if isinstance(each, dict) for brought in _document(each)]
    if not found:
        raise Unreadable(_("This JSON holds no list of tracks. JSPF and Spotify's Playlist1.json are understood."))
    return found


def _document(data: dict[str, Any]) -> Iterator[Brought]:
    playlist = data.get("playlist")
    if isinstance(playlist, dict) and isinstance(playlist.get("track"), list):
        yield Brought("jspf", told.text(playlist.get("title")), [_jspf_row(each) for each in playlist["track"]])
    elif isinstance(data.get("playlists"), list):
        for each in data["playlists"]:
            if isinstance(each, dict) and isinstance(each.get("items"), list):
                yield Brought("spotify", told.text(each.get("name")), list(map(_spotify_item, each["items"])))
    elif isinstance(data.get("tracks"), list):
        rows = data["tracks"]
        if any(isinstance(_dict(each).get("uri"), str) and "track" in each for each in rows):
            yield Brought("spotify", _("Liked tracks"), [_library_row(each) for each in rows])
        else:
            yield Brought("spotify", told.text(data.get("name")), [_api_row(each) for each in rows])
    else:
        page = next((each for each in map(_dict, map(data.get, ("tracks", "items"))) if "items" in each), data)
        if isinstance(page.get("items"), list):
            yield Brought("spotify", told.text(data.get("name")), [_api_row(each) for each in page["items"]])


def _texts(value: Any) -> list[str]:
    """Of a text, or a list of them."""
    return [each for each in (value if isinstance(value, list) else [value]) if isinstance(each, str)]


def _jspf_row(row: Any) -> Told:
    if not isinstance(row, dict):
        return Told(told=told.text(str(row)))
    links = [*_texts(row.get("identifier")), *_texts(row.get("location"))]
    about = _dict(row.get("extension")).get(_JSPF_TRACK)
    about = _dict(next(iter(about), None) if isinstance(about, list) else about)
    more = _dict(about.get("additional_metadata"))
    own = next((each[_JSPF_TRACK] for each in _dicts(row.get("meta")) if _JSPF_TRACK in each), "")
    return Told(
        spotify_id=told.track_id(*links, *_texts(more.get("spotify_identifier")), *_texts(more.get("spotify_id"))),
        title=told.text(row.get("title")),
        artist=told.text(row.get("creator")),
        album=told.text(row.get("album")),
        isrc=_isrc(links),
        duration_ms=told.length(str(row.get("duration") or ""), ms=True),
        added_at=told.moment(next(iter(_texts(about.get("added_at")) + _texts(own)), "")),
        told=told.text(next(iter(links), "")),
    )


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _dicts(value: Any) -> list[dict[str, Any]]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _isrc(links: Iterable[str]) -> str:
    """`isrc:…` or `urn:isrc:…` among identifiers."""
    return next(
        (code for link in links if "isrc:" in link.casefold() and (code := names.isrc(link.split(":")[-1]))), ""
    )


def _spotify_item(item: Any) -> Told:
    item = _dict(item)
    added = told.moment(next(iter(_texts(item.get("addedDate"))), ""))
    track, beside = item.get("track"), item.get("localTrack")
    if isinstance(track, dict):
        return Told(
            spotify_id=told.track_id(*_texts(track.get("trackUri"))),
            title=told.text(track.get("trackName")),
            artist=told.text(track.get("artistName")),
            album=told.text(track.get("albumName")),
            added_at=added,
            told=told.text(track.get("trackUri")),
        )
    link = next(iter(_texts(beside.get("uri"))), "") if isinstance(beside, dict) else ""
    return told.local(link) or Told(added_at=added, told=told.text(link or str(item.get("episode") or "")))


def _api_row(item: Any) -> Told:
    """A track as Spotify's Web API tells it, alone or as an entry of a playlist: what scripts save."""
    item = _dict(item)
    track = _dict(item.get("track")) or _dict(item.get("item")) or item
    artists = [told.text(each.get("name")) for each in _dicts(track.get("artists"))]
    link = next(iter(_texts(track.get("uri"))), "")
    return Told(
        spotify_id=told.track_id(link) or told.bare_id(next(iter(_texts(track.get("id"))), "")),
        title=told.text(track.get("name")),
        artist="; ".join(filter(None, artists))[: told.LONGEST],
        album=told.text(_dict(track.get("album")).get("name")),
        isrc=names.isrc(next(iter(_texts(_dict(track.get("external_ids")).get("isrc"))), "")),
        duration_ms=told.length(str(track.get("duration_ms") or ""), ms=True),
        added_at=told.moment(next(iter(_texts(item.get("added_at"))), "")),
        told=told.text(link),
    )


def _library_row(row: Any) -> Told:
    row = _dict(row)
    return Told(
        spotify_id=told.track_id(*_texts(row.get("uri"))),
        title=told.text(row.get("track")),
        artist=told.text(row.get("artist")),
        album=told.text(row.get("album")),
        told=told.text(row.get("uri")),
    )


# --- XSPF ------------------------------------------------------------------------------------------------------------
def xspf(text: str) -> list[Brought]:
    """https://www.xspf.org/spec. Raises Unreadable for XML that is none, is damaged, or declares entities."""
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise Unreadable(_("This is no playlist: a web page, or XML with a document type of its own."))
    try:
        root = ElementTree.fromstring(re.sub(r"^\s*<\?xml[^>]*\?>", "", text))  # noqa: S314 - a DTD, which alone can harm, is refused
    except (ElementTree.ParseError, RecursionError):
        raise Unreadable(_("This XML is damaged or cut off. Export the playlist again.")) from None
    if _plain(root) != "playlist":
        raise Unreadable(_("This XML is no playlist. XSPF is understood."))
    brought = Brought("xspf", told.text(next((each.text for each in root if _plain(each) == "title"), "") or ""))
    brought.rows = [_xspf_row(track) for each in root if _plain(each) == "trackList" for track in each]
    return [brought]


def _plain(element: ElementTree.Element) -> str:
    return element.tag.rpartition("}")[2]


def _xspf_row(track: ElementTree.Element) -> Told:
    said: dict[str, list[str]] = {}
    for each in track:
        said.setdefault(_plain(each), []).append(each.text or "")

    def first(name: str) -> str:
        return told.text(next(iter(said.get(name, [])), ""))

    links = [*said.get("identifier", []), *said.get("location", [])]
    by_path = _by_path(first("location")) if not first("title") and first("location") else Told()
    return Told(
        spotify_id=told.track_id(*links),
        title=first("title") or by_path.title,
        artist=first("creator") or by_path.artist,
        album=first("album") or by_path.album,
        isrc=_isrc(links),
        duration_ms=told.length(first("duration"), ms=True),
        told=told.text(next(iter(links), "")),
    )
