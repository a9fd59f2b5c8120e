"""Spotify's extended streaming history, new and old (`endsong`): audio, video, podcasts and audiobooks.

Fields and their oddities: https://support.spotify.com/us/article/understanding-my-data/. Address, user name and device
ids are not fields of the row here, so they are gone once a row is parsed.
"""

import re
from collections.abc import Sequence
from typing import Annotated
from urllib.parse import unquote_plus

import msgspec
import numpy as np
from msgspec import Meta
from numpy.typing import NDArray

from ingest.evidence import Origin, PlayBatch, WordKind
from ingest.importers.base import Parsed, Sheet, Tables, judged, moments, name
from ingest.importers.rows import Block
from ingest.models import Track

Milliseconds = Annotated[int, Meta(ge=-(10**15), le=10**15)]
LONGEST_BEFORE_MS = 2 * 24 * 3600 * 1000  # a stream that began earlier than this before its end is not believed
SECONDS_BELOW = 10**11  # `offline_timestamp` is in seconds in new exports and in milliseconds in old ones

URI = re.compile(
    r"^(?:spotify:|https?://open\.spotify\.com/(?:intl-\w+/)?)(track|episode|chapter|audiobook|video)[:/]([0-9A-Za-z]{22})\b"
)
KINDS = {
    "track": Track.Kind.MUSIC,
    "episode": Track.Kind.EPISODE,
    "chapter": Track.Kind.CHAPTER,
    "audiobook": Track.Kind.CHAPTER,
    "video": Track.Kind.VIDEO,
}
OLD_KEYS = {"ip_addr_decrypted", "username", "user_agent_decrypted"}
FLAG = {None: -1, False: 0, True: 1}


class ExtendedRow(msgspec.Struct, gc=False, omit_defaults=True):
    """One row, without what is personal and not history."""

    ts: str | None = None
    ms_played: Milliseconds | None = None
    spotify_track_uri: str | None = None
    spotify_episode_uri: str | None = None
    audiobook_chapter_uri: str | None = None
    audiobook_uri: str | None = None
    offline_timestamp: Milliseconds | None = None
    platform: str | None = None
    conn_country: str | None = None
    reason_start: str | None = None
    reason_end: str | None = None
    shuffle: bool | None = None
    offline: bool | None = None
    incognito_mode: bool | None = None
    skipped: bool | None = None
    master_metadata_track_name: str | None = None
    master_metadata_album_artist_name: str | None = None
    master_metadata_album_album_name: str | None = None
    episode_name: str | None = None
    episode_show_name: str | None = None
    audiobook_title: str | None = None
    audiobook_chapter_title: str | None = None
    # In exports of ours alone: what Spotify's fields cannot hold.
    vibesite_started_ms: Milliseconds | None = None
    vibesite_ended_ms: Milliseconds | None = None
    vibesite_origin: str | None = None  # the name of an Origin, the same in a whole file
    vibesite_is_estimate: bool | None = None
    vibesite_context: str | None = None
    vibesite_artists: list[str] | None = None


def recognise(keys: set[str]) -> str:
    """The format of a file with such rows; empty if it is not this importer's."""
    if "ts" not in keys or not keys & {"ms_played", "spotify_track_uri", "master_metadata_track_name"}:
        return ""
    return "extended_old" if keys & OLD_KEYS else "extended"


def parse(block: Block[ExtendedRow], sheet: Sheet, tables: Tables) -> Parsed:
    """A block of rows as a batch. The end is `ts`; the start is `offline_timestamp` where that is plausible."""
    rows = block.rows
    ended, has_time = moments([row.ts for row in rows], 20)
    ms = np.array([-1 if row.ms_played is None else row.ms_played for row in rows], np.int64)
    verdicts = judged(ended, has_time, ms, sheet.horizon_ms)
    uris = [
        row.spotify_track_uri or row.spotify_episode_uri or row.audiobook_chapter_uri or row.audiobook_uri
        for row in rows
    ]
    known = tables.by_uri.get
    track = np.array([known(uri, -1) for uri in uris], np.int32)
    for at in np.flatnonzero((track < 0) & verdicts.good).tolist():
        track[at] = _track(rows[at], uris[at], sheet, tables)
    verdicts.against(track < 0, "no_name_and_no_id")
    told = np.array([row.offline_timestamp or 0 for row in rows], np.int64)
    told = np.where(told > SECONDS_BELOW, told, told * 1000)
    plausible = (told > 0) & (told <= ended) & (told >= ended - LONGEST_BEFORE_MS)
    started = np.where(plausible, told, ended - ms)
    ours = bool(rows) and rows[0].vibesite_origin in Origin.__members__
    if ours:
        started, ended = _exact(rows, started, ended)
    good = verdicts.good
    reason, platform, country, context = (
        tables.numbers(kind) for kind in (WordKind.REASON, WordKind.PLATFORM, WordKind.COUNTRY, WordKind.CONTEXT)
    )
    batch = PlayBatch(
        tracks=tables.tracks,
        words=tables.words,
        origin=_origin(rows[0].vibesite_origin or "") if ours else Origin.EXPORT,
        file=sheet.file,
        row=np.array(block.numbers, np.int32)[good],
        track=track[good],
        started_ms=started[good],
        ended_ms=ended[good],
        ms_played=ms[good].astype(np.int32),
        reason_start=np.array([reason[row.reason_start] for row in rows], np.int32)[good],
        reason_end=np.array([reason[row.reason_end] for row in rows], np.int32)[good],
        platform=np.array([platform[row.platform] for row in rows], np.int32)[good],
        country=np.array([country[row.conn_country] for row in rows], np.int32)[good],
        shuffle=np.array([FLAG[row.shuffle] for row in rows], np.int8)[good],
        offline=np.array([FLAG[row.offline] for row in rows], np.int8)[good],
        incognito=np.array([FLAG[row.incognito_mode] for row in rows], np.int8)[good],
        skipped=np.array([FLAG[row.skipped] for row in rows], np.int8)[good],
        is_estimate=np.array([row.vibesite_is_estimate is True for row in rows])[good] if ours else None,
        context=np.array([context[row.vibesite_context] for row in rows], np.int32)[good] if ours else None,
    )
    return Parsed(batch, [*block.bad, *verdicts.bad(block.numbers, rows)])


def _origin(name: str) -> Origin:
    """Of a play in an export of ours. What a connection told then is the person's own now: no disconnect takes it."""
    origin = Origin[name]
    return Origin.COPY if origin in (Origin.POLL, Origin.WATCH) else origin


def _exact(
    rows: Sequence[ExtendedRow], started: NDArray[np.int64], ended: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Start and end to the millisecond, where they agree with the second that `ts` tells."""
    begins = np.array([row.vibesite_started_ms or 0 for row in rows], np.int64)
    ends = np.array([row.vibesite_ended_ms or 0 for row in rows], np.int64)
    agree = (ends // 1000 == ended // 1000) & (begins <= ends) & (begins >= ends - LONGEST_BEFORE_MS)
    return np.where(agree, begins, started), np.where(agree, ends, ended)


def _track(row: ExtendedRow, uri: str | None, sheet: Sheet, tables: Tables) -> int:
    """The number of the row's track; -1 if neither an id nor a name tells which."""
    number = _named(row, uri, sheet, tables)
    if number >= 0 and row.vibesite_artists:
        tables.tracks.credits.setdefault(number, tuple(name(artist) for artist in row.vibesite_artists))
    return number


def _named(row: ExtendedRow, uri: str | None, sheet: Sheet, tables: Tables) -> int:
    if (found := tables.by_uri.get(uri, -1)) >= 0:
        return found
    match = URI.match(uri) if uri else None
    kind, title, artist, album = _labels(row, match[1] if match else None)
    if not match and not title and uri and uri.startswith("spotify:local:"):
        artist, album, title = (name(unquote_plus(part)) for part in (uri.split(":") + [""] * 3)[2:5])
    if kind == Track.Kind.MUSIC and sheet.is_video:
        kind = Track.Kind.VIDEO
    if not match:
        return tables.tracks.add(kind, None, title, artist, album) if title else -1
    number = tables.tracks.add(kind, match[2], title, artist, album)
    if title and uri:  # else the next row of it is looked at again: it may know the name
        tables.by_uri[uri] = number
        if not tables.tracks.names[number].title:
            tables.tracks.rename(number, title, artist, album)
    return number


def _labels(row: ExtendedRow, uri_kind: str | None) -> tuple[int, str, str, str]:
    """Kind, title, artist and album. The show of an episode and the book of a chapter stand for both of the last."""
    kind: int | None = KINDS[uri_kind] if uri_kind else None
    if kind == Track.Kind.EPISODE and not row.episode_name and (row.audiobook_chapter_title or row.audiobook_title):
        kind = Track.Kind.CHAPTER  # to Spotify's programs a book is a show, and its chapters are episodes
    if kind == Track.Kind.EPISODE or (kind is None and row.episode_name and not row.master_metadata_track_name):
        show = name(row.episode_show_name)
        return Track.Kind.EPISODE, name(row.episode_name), show, show
    book = name(row.audiobook_title)
    chapter = name(row.audiobook_chapter_title) or book
    if kind == Track.Kind.CHAPTER or (kind is None and chapter and not row.master_metadata_track_name):
        return Track.Kind.CHAPTER, chapter, book, book
    return (
        Track.Kind.MUSIC if kind is None else kind,
        name(row.master_metadata_track_name) or name(row.episode_name),
        name(row.master_metadata_album_artist_name) or name(row.episode_show_name),
        name(row.master_metadata_album_album_name),
    )
