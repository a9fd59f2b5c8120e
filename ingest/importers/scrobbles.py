"""Scrobble logs: what every such format tells of a listening, brought to one shape and made a batch of plays.

A log tells when a track began, by its names, and rarely how long it was heard. A row without the time heard is kept as
an estimate: its track's length, or 0 while that is unknown (`ingest/actions/scrobbled.py` asks the catalogue).
"""

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

import msgspec
import numpy as np

from ingest.evidence import Origin, PlayBatch
from ingest.importers.base import LONGEST_MS, NO_TIME, Parsed, Sheet, Tables, Verdicts, iso_moment, name
from ingest.importers.rows import Bad, Block
from ingest.importers.spotify_export import KINDS, URI
from ingest.models import Track

FIRST_SCROBBLE_MS = 1_009_843_200_000  # 2002-01-01: Audioscrobbler began that year
MS_FROM = 10**11  # a number from here on counts milliseconds, below it seconds
MINUTE_MS = 60_000


class Scrobble(msgspec.Struct, gc=False, omit_defaults=True):
    """One row of any log. `time` is as written; the rest in ms, 0 for a length that is not told.

    `moment` is when it began, or ended if `is_end`. `played_ms` is what was heard, if the log knows; `guess_ms` the
    best guess where it says no more than that the track was left early. A `reason` sets the row aside.
    """

    time: str | int | float | None = None
    title: str = ""
    artist: str = ""
    album: str = ""
    spotify_id: str = ""
    kind: int = Track.Kind.MUSIC
    moment: int | None = None
    is_end: bool = False
    length_ms: int = 0
    played_ms: int | None = None
    guess_ms: int = 0
    skipped: bool | None = None
    artist_mbid: str = ""
    credits: tuple[str, ...] = ()  # every artist, `artist` first, where the log tells them one by one
    reason: str = ""


Told = Callable[[Sequence[Any], Sheet], list[Scrobble]]  # the rows of a block, in order, as scrobbles


def importer(told: Told) -> Callable[[Block[Any], Sheet, Tables], Parsed]:
    """The importer of a format out of what its rows tell."""

    def parse(block: Block[Any], sheet: Sheet, tables: Tables) -> Parsed:
        return _parsed(block, told(block.rows, sheet), sheet, tables)

    return parse


def moment(told: str | int | float | None) -> int | None:
    """ms since 1970 of a time as logs write it: seconds or milliseconds, as number or text, or ISO 8601; else None."""
    if isinstance(told, str):
        text = told
        try:
            told = int(text) if text.strip().isdecimal() else float(text)
        except ValueError:
            return iso_moment(text)
    if told is None or not -(10**15) < told < 10**15:
        return None
    return round(told if abs(told) >= MS_FROM else told * 1000)


def milliseconds(told: Any, *, each: int = 1) -> int:
    """A length in units of `each` ms, as number or text; 0 if it is missing or cannot be one."""
    try:
        found = float(told) * each
    except (TypeError, ValueError):
        return 0
    return round(found) if 0 < found <= LONGEST_MS else 0


def played(told: Any, *, each: int = 1) -> int | None:
    """What was heard, in units of `each` ms; None if that is not told. What cannot be is left to be judged."""
    try:
        found = float(told) * each
    except (TypeError, ValueError):
        return None
    return round(found) if abs(found) < 10**12 else -1


def spotify_track(*links: str | None) -> tuple[int, str]:
    """Kind and id that a link or URI of Spotify names; music and no id if none does."""
    for link in links:
        if link and (match := URI.match(link.replace("http://", "https://"))):
            return KINDS[match[1]], match[2]
    return Track.Kind.MUSIC, ""


def mbid(told: Any) -> str:
    """A MusicBrainz id in its usual form; empty if it is none."""
    try:
        return str(UUID(told)) if told else ""
    except (ValueError, AttributeError, TypeError):
        return ""


def _parsed(block: Block[Any], rows: list[Scrobble], sheet: Sheet, tables: Tables) -> Parsed:
    moments = np.array([NO_TIME if row.moment is None else row.moment for row in rows], np.int64)
    exact = np.array([row.played_ms is not None for row in rows], bool)
    ms = np.array([_heard(row) for row in rows], np.int64)
    verdicts = Verdicts(len(rows))
    for reason in {row.reason for row in rows} - {""}:
        verdicts.against(np.array([row.reason == reason for row in rows]), reason)
    verdicts.against(moments == NO_TIME, "bad_time")
    verdicts.against(moments < FIRST_SCROBBLE_MS, "too_early_log")
    verdicts.against(moments > sheet.horizon_ms, "future")
    verdicts.against((ms < 0) | (ms > LONGEST_MS), "bad_ms")
    verdicts.against(exact & (ms == 0), "zero_ms")
    track = np.full(len(rows), -1, np.int32)
    for at in np.flatnonzero(verdicts.good).tolist():
        track[at] = _track(rows[at], tables)
    verdicts.against(track < 0, "no_name_and_no_id")
    good = verdicts.good
    ends = np.array([row.is_end for row in rows], bool)
    started = np.where(ends, moments - ms, moments)[good]
    kept = [rows[at] for at in np.flatnonzero(good).tolist()]
    blank, nothing = np.zeros(len(kept), np.int32), np.full(len(kept), -1, np.int8)
    batch = PlayBatch(
        tracks=tables.tracks,
        words=tables.words,
        origin=Origin.SUBMIT,
        file=sheet.file,
        row=np.array(block.numbers, np.int32)[good],
        track=track[good],
        started_ms=started,
        ended_ms=started + ms[good],
        ms_played=ms[good].astype(np.int32),
        reason_start=blank,
        reason_end=blank,
        platform=blank,
        country=blank,
        shuffle=nothing,
        offline=nothing,
        incognito=nothing,
        skipped=np.array([-1 if row.skipped is None else int(row.skipped) for row in kept], np.int8),
        is_estimate=~exact[good],
    )
    return Parsed(batch, [*block.bad, *(_shown(bad) for bad in verdicts.bad(block.numbers, rows))])


def _heard(row: Scrobble) -> int:
    if row.played_ms is not None:
        return row.played_ms
    return row.guess_ms or row.length_ms


def _shown(bad: Bad) -> Bad:
    """A row set aside by what the log says, without what was made of it."""
    told = {key: value for key, value in msgspec.to_builtins(bad.excerpt).items() if key not in ("moment", "reason")}
    return Bad(bad.row, bad.reason, told)


def _track(row: Scrobble, tables: Tables) -> int:
    """The number of the row's track; -1 if neither an id nor a title tells which."""
    number = _named(row, tables)
    if number >= 0 and len(row.credits) > 1:
        tables.tracks.credits.setdefault(number, tuple(name(artist) for artist in row.credits))
    return number


def _named(row: Scrobble, tables: Tables) -> int:
    title, artist, album = name(row.title), name(row.artist), name(row.album)
    if row.artist_mbid and artist:
        tables.tracks.artist_mbids.setdefault(artist, set()).add(row.artist_mbid)
    if row.spotify_id:
        number = tables.tracks.add(row.kind, row.spotify_id, title, artist, album)
        if title and not tables.tracks.names[number].title:
            tables.tracks.rename(number, title, artist, album)
        return number
    if not title:
        return -1
    number = tables.tracks.add(row.kind, None, title, artist, album)
    tables.tracks.unsure.add(number)
    return number
