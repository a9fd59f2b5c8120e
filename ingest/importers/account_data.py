"""The short history in Spotify's account data export: about a year, to the minute, names only.

Only a stopgap until the extended history arrives, whose rows take the place of these.
"""

from typing import Annotated

import msgspec
import numpy as np
from msgspec import Meta

from ingest.evidence import Origin, PlayBatch
from ingest.importers.base import Parsed, Sheet, Tables, judged, moments, name
from ingest.importers.rows import Block
from ingest.models import Track

Milliseconds = Annotated[int, Meta(ge=-(10**15), le=10**15)]


class AccountRow(msgspec.Struct, gc=False, omit_defaults=True):
    """One row of any of the three kinds of file."""

    endTime: str | None = None
    msPlayed: Milliseconds | None = None
    artistName: str | None = None
    trackName: str | None = None
    podcastName: str | None = None
    episodeName: str | None = None
    audiobookName: str | None = None
    chapterName: str | None = None
    authorName: str | None = None


def recognise(keys: set[str]) -> str:
    """The format of a file with such rows; empty if it is not this importer's."""
    if not {"endTime", "msPlayed"} <= keys:
        return ""
    if keys & {"podcastName", "episodeName"}:
        return "account_podcast"
    return "account_audiobook" if keys & {"audiobookName", "authorName"} else "account_music"


def parse(block: Block[AccountRow], sheet: Sheet, tables: Tables) -> Parsed:
    """A block of rows as a batch. `endTime` is UTC without saying so; the start is as long before as was played."""
    rows = block.rows
    ended, has_time = moments([row.endTime for row in rows], 16)
    ms = np.array([-1 if row.msPlayed is None else row.msPlayed for row in rows], np.int64)
    verdicts = judged(ended, has_time, ms, sheet.horizon_ms)
    track = np.full(len(rows), -1, np.int32)
    for at in np.flatnonzero(verdicts.good).tolist():
        track[at] = _track(rows[at], tables)
    verdicts.against(track < 0, "no_name_and_no_id")
    good = verdicts.good
    count = int(good.sum())
    not_told = np.full(count, -1, np.int8)
    no_word = np.zeros(count, np.int32)
    batch = PlayBatch(
        tracks=tables.tracks,
        words=tables.words,
        origin=Origin.ACCOUNT_DATA,
        file=sheet.file,
        row=np.array(block.numbers, np.int32)[good],
        track=track[good],
        started_ms=(ended - ms)[good],
        ended_ms=ended[good],
        ms_played=ms[good].astype(np.int32),
        reason_start=no_word,
        reason_end=no_word,
        platform=no_word,
        country=no_word,
        shuffle=not_told,
        offline=not_told,
        incognito=not_told,
        skipped=not_told,
    )
    return Parsed(batch, [*block.bad, *verdicts.bad(block.numbers, rows)])


def _track(row: AccountRow, tables: Tables) -> int:
    """The number of the row's track; -1 without a name."""
    if row.podcastName or row.episodeName:
        show = name(row.podcastName)
        kind, title, artist, album = Track.Kind.EPISODE, name(row.episodeName), show, show
    elif row.audiobookName:
        book = name(row.audiobookName)
        kind, title, artist, album = Track.Kind.CHAPTER, name(row.chapterName) or book, name(row.authorName), book
    else:
        kind, title, artist, album = Track.Kind.MUSIC, name(row.trackName), name(row.artistName), ""
    return tables.tracks.add(kind, None, title, artist, album) if title else -1
