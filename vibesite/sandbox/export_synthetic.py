"""Extended histories of any size for benchmarks: quick to make, plausible, the same each time."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import BinaryIO, NamedTuple

import msgspec
import numpy as np

from . import names
from .chance import arrays, base62, dice
from .names import TONGUES
from .tally import Account
from .zips import Zip, pdf

FOLDER = "Spotify Extended Streaming History"
ROWS_PER_FILE = 16_000
FIRST = np.datetime64("2016-11-01T06:00:00", "s")
TEN_YEARS_S = 10 * 365 * 86_400
DATED = datetime(2026, 11, 1, tzinfo=UTC)
PLATFORMS = ("ios", "android", "windows", "web_player", "iOS 11.2.6 (iPhone9,3)", "Windows 10 (10.0.17763; x64; AppX)")
COUNTRIES = ("DE", "DE", "DE", "FR", "IT", "ZZ")
STARTS = ("trackdone", "fwdbtn", "clickrow", "playbtn", "appload", "backbtn")
ENDS = ("trackdone", "fwdbtn", "endplay", "logout", "unexpected-exit", "backbtn")


class Stock(NamedTuple):
    """JSON of the middle of a row, per track, and the track's length."""

    middles: list[str]
    durations: np.ndarray


def _stock(salt: str, tracks: int, artists: int) -> Stock:
    chance = dice(salt, "stock")
    tongues = list(TONGUES.values())
    voices = [chance.choice(tongues) for _ in range(artists)]
    acts = [f"{names.artist(chance, voice)} {number}" for number, voice in enumerate(voices)]
    owners = np.minimum(arrays(salt, "owners").zipf(1.35, tracks) - 1, artists - 1).tolist()
    encode = msgspec.json.Encoder().encode
    middles = []
    for number, owner in enumerate(owners):
        owner = owner if number % 3 else number % artists  # everybody has something
        title = f"{names.title(chance, voices[owner])} {number % 977}"
        album = names.title(chance, voices[owner])
        middles.append(
            f'"master_metadata_track_name":{encode(title).decode()},'
            f'"master_metadata_album_artist_name":{encode(acts[owner]).decode()},'
            f'"master_metadata_album_album_name":{encode(album).decode()},'
            f'"spotify_track_uri":"spotify:track:{base62(salt, "track", number)}",'
            '"episode_name":null,"episode_show_name":null,"spotify_episode_uri":null,"audiobook_title":null,'
            '"audiobook_uri":null,"audiobook_chapter_uri":null,"audiobook_chapter_title":null,'
        )
    durations = arrays(salt, "durations").lognormal(12.25, 0.3, tracks).astype(np.int64).clip(20_000, 1_500_000)
    return Stock(middles, durations)


class Table(NamedTuple):
    """One column per fact, in the order of time."""

    track: np.ndarray
    played: np.ndarray  # ms
    end: np.ndarray  # seconds after FIRST
    reason: np.ndarray  # index into STARTS and ENDS; 1 is a skip
    code: np.ndarray  # 0 to 35: platform, country and flags


def _draw(rows: int, salt: str, stock: Stock) -> Table:
    chance = arrays(salt, "rows", rows)
    count = len(stock.middles)
    track = np.where(chance.random(rows) < 0.35, chance.integers(0, count, rows), (chance.zipf(1.22, rows) - 1) % count)
    duration = stock.durations[track]
    skipped = chance.random(rows) < 0.2
    played = np.where(skipped, (duration * chance.random(rows) ** 3).astype(np.int64), duration)
    played[chance.random(rows) < 0.01] = 0
    pauses = np.where(chance.random(rows) < 0.06, chance.exponential(1.0, rows), 0.0)
    steps = played / 1000 + 1
    idle = TEN_YEARS_S - steps.sum()
    if idle > 0 and pauses.sum() > 0:
        steps = steps + pauses * (idle / pauses.sum())  # nights and weekdays fill up the ten years
    end = np.cumsum(steps).astype(np.int64)
    again = np.flatnonzero(chance.random(rows) < 0.001)
    again = again[again > 0]
    for column in (track, played, end):  # the row before once more
        column[again] = column[again - 1]
    reason = np.where(skipped, 1, np.where(chance.random(rows) < 0.9, 0, chance.integers(2, 6, rows)))
    return Table(track, played, end, reason, chance.integers(0, 36, rows))


def _files(table: Table, middles: list[str]) -> Iterator[tuple[str, bytes, int]]:
    """Name, content and rows of each file."""
    for number, start in enumerate(range(0, len(table.end), ROWS_PER_FILE)):
        part = Table(*(column[start : start + ROWS_PER_FILE] for column in table))
        stamps = np.datetime_as_string(FIRST + part.end, unit="s", timezone="UTC").tolist()
        started = (FIRST.astype(np.int64) + part.end - part.played // 1000).tolist()
        columns = (part.played, part.track, part.code, part.reason)
        batch = list(zip(stamps, started, *(column.tolist() for column in columns), strict=True))
        first, last = stamps[0][:4], stamps[-1][:4]
        name = f"{FOLDER}/Streaming_History_Audio_{first if first == last else f'{first}-{last}'}_{number}.json"
        yield name, ("[" + ",".join(_lines(batch, middles)) + "]").encode(), len(batch)


def _account(table: Table, files: dict[str, int]) -> Account:
    keys = np.stack([table.track, table.end, table.played], axis=1)
    _, firsts = np.unique(keys, axis=0, return_index=True)
    stamps = [f"{FIRST + table.end[place]}Z" for place in (0, -1)]
    rows = len(keys)
    return Account(
        "extended",
        files,
        rows=rows,
        tracks=rows,
        exact_duplicates=rows - len(firsts),
        zero_ms=int((table.played == 0).sum()),
        short=int((table.played < 30_000).sum()),
        incognito=int((table.code == 9).sum()),
        offline=int((table.code == 7).sum()),
        distinct=len(firsts),
        distinct_ms=int(table.played[firsts].sum()),
        distinct_tracks=len(np.unique(table.track)),
        first=stamps[0],
        last=stamps[1],
    )


def _lines(batch: list[tuple[str, int, int, int, int, int]], middles: list[str]) -> Iterator[str]:
    flags = ("false", "true")
    for ts, started, played, track, code, reason in batch:
        yield (
            f'{{"ts":"{ts}","platform":"{PLATFORMS[code % 6]}","ms_played":{played},'
            f'"conn_country":"{COUNTRIES[code // 6]}","ip_addr":"192.0.2.{code}",{middles[track]}'
            f'"reason_start":"{STARTS[reason]}","reason_end":"{ENDS[reason]}","shuffle":{flags[code & 1]},'
            f'"skipped":{flags[reason == 1]},"offline":{flags[code == 7]},"offline_timestamp":{started},'
            f'"incognito_mode":{flags[code == 9]}}}'
        )


def synthetic_zip(
    rows: int, out: BinaryIO, salt: str = "scale", *, tracks: int = 40_000, artists: int = 8_000
) -> Account:
    """`rows` (at least 1) music rows over ten years, Zipf-like over `tracks`. Returns the account of what was written.

    Very many rows last longer than ten years: nobody can listen to two tracks at once.
    """
    stock = _stock(salt, min(tracks, max(50, rows)), min(artists, max(20, rows)))
    table = _draw(rows, salt, stock)
    files: dict[str, int] = {}
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        zip_ = Zip(archive, DATED, level=1)
        for name, content, count in _files(table, stock.middles):
            zip_.add(name, content)
            files[name] = count
        zip_.add(f"{FOLDER}/ReadMeFirst_ExtendedStreamingHistory.pdf", pdf("Read Me First"))
    return _account(table, files)
