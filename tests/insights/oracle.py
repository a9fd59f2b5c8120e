"""What a person heard, made out of the files of their export the slow and obvious way. Imports nothing of ours.

Plain dicts, datetimes and zones; no arrays, no database. `tests/insights/oracle_figures.py` counts what is made here.
"""

import json
import zipfile
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any, BinaryIO
from zoneinfo import ZoneInfo

TWO_DAYS_MS = 2 * 24 * 3600 * 1000
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
Row = dict[str, Any]
Names = tuple[str, ...]


@dataclass(frozen=True)
class Song:
    """One track. Artists and album (`release`) by their Spotify ids where the catalogue knows these, else by names."""

    uri: str  # empty where only names were told
    title: str
    artists: tuple[str, ...]  # the main one first
    release: str
    duration_ms: int = 0  # 0: not known; so with the year
    year: int = 0
    isrc: str = ""


@dataclass(frozen=True)
class Play:
    """One listening. Moments in ms since 1970."""

    song: Song
    started: int
    ended: int
    ms: int
    reason_start: str | None
    reason_end: str | None
    platform: str | None
    shuffle: bool | None
    incognito: bool | None


@dataclass(frozen=True)
class Known:
    """What the catalogue knows beside the export: songs by URI, artists by name, albums and years by both names."""

    songs: dict[str, Song]
    artists: dict[str, str]
    releases: dict[Names, tuple[str, int]]


# --- The files -------------------------------------------------------------------------------------------------------
def rows_of(export: BinaryIO) -> list[Row]:
    """Every row of every history file of an extended export, repeats included."""
    archive = zipfile.ZipFile(export)
    names = [name for name in archive.namelist() if name.endswith(".json")]
    return [row for name in names for row in json.loads(archive.read(name))]


def listenings(rows: list[Row], known: Known) -> list[Play]:
    """The music among `rows`, each listening once, oldest first.

    Rows of one song that overlap by more than half of the shorter are one listening, and the longest tells it.
    """
    songs = _songs(rows, known)
    by_song: dict[Song, list[Play]] = defaultdict(list)
    for row in rows:
        if row["ms_played"] and (place := _place(row)):
            by_song[songs[place]].append(_play(row, songs[place]))
    found = [play for plays in by_song.values() for play in _without_repeats(plays)]
    return sorted(found, key=lambda play: (play.started, play.ended))


def _place(row: Row) -> Names | None:
    """What tells which song a row is of: the URI, else the names; None if nothing does, or if it is no music."""
    names = (
        row["master_metadata_track_name"],
        row["master_metadata_album_artist_name"],
        row["master_metadata_album_album_name"],
    )
    if row["spotify_track_uri"]:
        return (row["spotify_track_uri"],)
    return names if names[0] else None


def _songs(rows: list[Row], known: Known) -> dict[Names, Song]:
    """The song of each place. Names alone mean the one URI that the export gives these very names, if it is one."""
    told: dict[Names, Names] = {}
    named: dict[Names, set[str]] = defaultdict(set)
    for row in rows:
        place, names = _place(row), _place(row | {"spotify_track_uri": None})
        if place and not told.get(place):
            told[place] = names or ()
        if place and names and row["spotify_track_uri"]:
            named[names].add(place[0])
    found: dict[Names, Song] = {}
    for place, names in told.items():
        meant = {place[0]} if len(place) == 1 else named[place]
        uri = next(iter(meant)) if len(meant) == 1 else ""
        found[place] = known.songs.get(uri) or _named(uri, told.get((uri,), names), known)
    return found


def _named(uri: str, names: Names, known: Known) -> Song:
    """A song of which the export alone tells; one without names is known by its URI only."""
    if not names:
        return Song(uri, "", (), "")
    title, name, album = (each and each.strip() for each in names)
    artist = known.artists.get(name, name)
    release, year = known.releases.get((artist, album), (f"{artist}/{album}", 0))
    return Song(uri, title, (artist,), release, year=year)


def _play(row: Row, song: Song) -> Play:
    ended = round((datetime.fromisoformat(row["ts"]) - EPOCH) / timedelta(milliseconds=1))
    told = row["offline_timestamp"] or 0
    told = told * 1000 if told <= 10**11 else told
    believable = told and ended - TWO_DAYS_MS <= told <= ended
    return Play(
        song,
        told if believable else ended - row["ms_played"],
        ended,
        row["ms_played"],
        row["reason_start"],
        row["reason_end"],
        row["platform"],
        row["shuffle"],
        row["incognito_mode"],
    )


def _without_repeats(plays: list[Play]) -> list[Play]:
    """The longest of each listening, with what only the others told."""
    events: dict[tuple[int, int], Play] = {}
    for play in plays:
        former = events.get((play.ended, play.ms), play)
        events[play.ended, play.ms] = replace(former, started=min(former.started, play.started))
    kept: list[list[Play]] = []
    for play in sorted(events.values(), key=lambda each: (-each.ms, each.started, each.ended)):
        for group in kept:
            longest = group[0]
            start = max(play.ended - play.ms, longest.ended - longest.ms)
            if 2 * (min(play.ended, longest.ended) - start) > play.ms:
                group.append(play)
                break
        else:
            kept.append([play])
    return [_filled(group[0], sorted(group[1:], key=lambda each: (each.started, each.ended))) for group in kept]


def _filled(best: Play, others: list[Play]) -> Play:
    for name in ("reason_start", "reason_end", "platform", "shuffle", "incognito"):
        for other in others:
            if getattr(best, name) is None:
                best = replace(best, **{name: getattr(other, name)})
    return best


# --- What counts -----------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Rule:
    """A rule by name; `seconds` and `percent` are a person's own limits (0: none)."""

    name: str = "vibesite"
    seconds: int = 30
    percent: int = 50
    private: bool = False  # whether private sessions count


def counts(play: Play, rule: Rule) -> bool:
    length, ms = play.song.duration_ms, play.ms
    if play.incognito and not rule.private:
        return False
    finished = not length and play.reason_end == "trackdone"  # of a track of unknown length the end itself tells
    if rule.name == "vibesite":
        return ms >= 30_000 or bool(length and 2 * ms >= length)
    if rule.name == "spotify":
        return ms >= 30_000
    if rule.name == "finished":
        return bool(length and 100 * ms >= 98 * length) or finished
    if rule.name in ("lastfm", "listenbrainz"):
        too_short = rule.name == "lastfm" and 0 < length <= 30_000
        return not too_short and (ms >= 240_000 or bool(length and 2 * ms >= length) or finished)
    long_enough = bool(rule.seconds and ms >= rule.seconds * 1000)
    share = bool(rule.percent and length and 100 * ms >= rule.percent * length)
    return long_enough or share or (finished and not rule.seconds)


def is_skip(play: Play) -> bool:
    """Left before 30 s, and not because it was over: a shorter track is skipped until its last second."""
    length = play.song.duration_ms
    return play.ms < (min(30_000, max(1, length - 1000)) if length else 30_000)


# --- Time ------------------------------------------------------------------------------------------------------------
def local(ms: int, zone: ZoneInfo) -> datetime:
    return (EPOCH + timedelta(milliseconds=ms)).astimezone(zone)


@cache
def first_moment(day: date, zone: ZoneInfo) -> int:
    """When a day begins: the first minute at which the wall calendar shows it, or a later one; ms since 1970."""
    moment = datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(hours=26)
    while moment.astimezone(zone).date() < day:
        moment += timedelta(minutes=1)
    return round((moment - EPOCH) / timedelta(milliseconds=1))


def days(first: date, last: date) -> Iterator[date]:
    while first <= last:
        yield first
        first += timedelta(days=1)


@dataclass(frozen=True)
class Range:
    """A stretch of local days, as its words in an address name it; None is open."""

    words: str
    first: date | None
    last: date | None

    def holds(self, ms: int, zone: ZoneInfo) -> bool:
        after = self.first is None or ms >= first_moment(self.first, zone)
        return after and (self.last is None or ms < first_moment(self.last + timedelta(days=1), zone))

    @property
    def before(self) -> "Range | None":
        """A calendar month or year has the one before; else as many days that end where this begins."""
        if self.first is None or self.last is None:
            return None
        eve, next_day = self.first - timedelta(days=1), self.last + timedelta(days=1)
        if (self.first.month, self.first.day) == (1, 1) and next_day == date(self.first.year + 1, 1, 1):
            return Range("", date(eve.year, 1, 1), eve)
        if self.first.day == 1 and next_day == (self.first + timedelta(days=31)).replace(day=1):
            return Range("", eve.replace(day=1), eve)
        return Range("", eve - (self.last - self.first), eve)


def named(words: str, today: date, week_starts_on: int = 1) -> Range:
    """The range of a word, a year, a month, or of `custom:FROM:TO`, whose ends may be left out."""
    back = {"today": 1, "4w": 28, "3m": 91, "6m": 183, "1y": 365}
    if words in back:
        return Range(words, today - timedelta(days=back[words] - 1), today)
    if words == "all":
        return Range(words, None, None)
    if words == "week":
        monday = today
        while monday.isoweekday() != week_starts_on:
            monday -= timedelta(days=1)
        return Range(words, monday, monday + timedelta(days=6))
    if words.startswith("custom"):
        _, first, last = words.split(":")
        return Range(words, *(date.fromisoformat(day) if day else None for day in (first, last)))
    year = today.year if words in ("year", "month") else int(words[:4])
    if words == "year" or len(words) == 4:
        return Range(words, date(year, 1, 1), date(year, 12, 31))
    month = today.month if words == "month" else int(words[5:])
    after = date(year + month // 12, month % 12 + 1, 1)
    return Range(words, date(year, month, 1), after - timedelta(days=1))
