"""Privacy exports in Spotify's own layout, made from the truth: the extended history and the account data.

`world` is a World, or anything that reads like one (edits and injected plays included). Zips are streamed to `out`
file by file, and are the same bytes for the same question. Nothing in them can be told from the real ones' shape.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, BinaryIO

import msgspec

from .export_account import write_account
from .export_rows import OldRow, Row, Told, new_rows, old_rows
from .export_synthetic import synthetic_zip
from .listeners import Listener
from .tally import Account, Tally
from .zips import Zip, pdf

__all__ = ["Account", "account_of_rows", "account_zip", "extended_zip", "synthetic_zip"]
ROWS_PER_FILE = 16_000  # about 12 MB
REPEATED = 3  # rows that stand at the end of one file and again at the start of the next
EXTENDED = "Spotify Extended Streaming History"


def extended_zip(
    world: Any,
    listener: Listener,
    until: datetime,
    out: BinaryIO,
    *,
    old: bool = False,
    rows_per_file: int = ROWS_PER_FILE,
) -> Account:
    """The whole history as Spotify knew it at `until`. `old` gives the `endsong` format in `MyData/`."""
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        return _write_extended(world, listener, until, Zip(archive, until), old, rows_per_file)


def account_zip(world: Any, listener: Listener, until: datetime, out: BinaryIO, *, old: bool = False) -> Account:
    """The account data: a year of history by the minute, library, playlists, and files that no importer may read.

    `old` gives `MyData/StreamingHistory0.json` as before 2024.
    """
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        return write_account(world, listener, until, Zip(archive, until), old)


def account_of_rows(world: Any, listener: Listener, until: datetime, format: str = "extended") -> Account:
    """What an export of `format` (extended, endsong, account, account_old) holds, without writing it."""
    nowhere = Zip(None, until)
    if format in ("extended", "endsong"):
        return _write_extended(world, listener, until, nowhere, format == "endsong", ROWS_PER_FILE)
    return write_account(world, listener, until, nowhere, format == "account_old")


def _write_extended(
    world: Any, listener: Listener, until: datetime, archive: Zip, old: bool, rows_per_file: int
) -> Account:
    tally = Tally("endsong" if old else "extended")
    folder = "MyData" if old else EXTENDED
    told = old_rows(world, listener, until) if old else new_rows(world, listener, until)
    video: list[Told] = []
    for number, batch in enumerate(_batches(_audio(told, video), rows_per_file)):
        _write(archive, f"{folder}/{_audio_name(batch, number, old)}", batch, old, tally)
    for number, start in enumerate(range(0, len(video), rows_per_file)):
        batch = video[start : start + rows_per_file]
        _write(archive, f"{folder}/{_video_name(batch, number, old)}", batch, old, tally)
    archive.add(f"{folder}/ReadMeFirst_ExtendedStreamingHistory.pdf", pdf("Read Me First: Extended Streaming History"))
    tally.account.video = len(video)
    return tally.close()


def _audio(told: Iterable[Told], video: list[Told]) -> Iterator[Told]:
    for each in told:
        if each.video:
            video.append(each)
        else:
            yield each


def _batches(told: Iterable[Told], size: int) -> Iterator[list[Told]]:
    """Full files, each beginning with the last rows of the one before; at least one file, if only an empty one."""
    batch: list[Told] = []
    written = 0
    for each in told:
        batch.append(each)
        if len(batch) == size:
            yield batch
            written += 1
            batch = batch[-REPEATED:]
    if len(batch) > (REPEATED if written else 0) or not written:
        yield batch


def _years(batch: list[Told]) -> str:
    if not batch:
        return "2026"
    first, last = batch[0].row.ts[:4], batch[-1].row.ts[:4]
    return first if first == last else f"{first}-{last}"


def _audio_name(batch: list[Told], number: int, old: bool) -> str:
    return f"endsong_{number}.json" if old else f"Streaming_History_Audio_{_years(batch)}_{number}.json"


def _video_name(batch: list[Told], number: int, old: bool) -> str:
    if old:
        return f"endvideo_{number}.json"
    return f"Streaming_History_Video_{_years(batch)}{f'_{number}' if number else ''}.json"


def _write(archive: Zip, name: str, batch: list[Told], old: bool, tally: Tally) -> None:
    for each in batch:
        _count(tally, name, each.row)
    if archive.wanted:
        rows = msgspec.json.encode([each.row for each in batch])
        archive.add(name, rows if old else msgspec.json.format(rows, indent=2))


def _count(tally: Tally, file: str, row: Row | OldRow) -> None:
    account = tally.account
    named = row.master_metadata_track_name
    kind, item = "track", row.spotify_track_uri
    if named is not None or item is not None:
        account.names_missing += named is None
        account.uri_missing += item is None
        item = item or f"{row.master_metadata_album_artist_name}\n{named}\n{row.master_metadata_album_album_name}"
    elif row.spotify_episode_uri is not None:
        kind, item = "episode", row.spotify_episode_uri
    elif isinstance(row, Row) and row.audiobook_chapter_uri is not None:
        kind, item = "chapter", row.audiobook_chapter_uri
    else:
        kind, item = "nameless", ""
    account.incognito += row.incognito_mode
    account.offline += row.offline
    tally.count(file, kind, item, row.ts, row.ms_played)
