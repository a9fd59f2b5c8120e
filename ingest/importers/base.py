"""What importers share: the reasons for setting rows aside, moments out of text, and rows on their way to batches."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from django.utils.translation import gettext_lazy as _
from numpy.typing import NDArray

from ingest import names
from ingest.evidence import PlayBatch, TrackTable, WordTable
from ingest.importers.rows import Bad

UTC_ZONE = ZoneInfo("UTC")
NAME_CHARACTERS = 1000  # no title is longer; what is, is cut
FIRST_MOMENT_MS = 1_136_073_600_000  # 2006-01-01: Spotify did not exist
LONGEST_MS = 24 * 3600 * 1000  # one row cannot have played for longer

REASONS = {
    "zero_ms": _("Nothing was heard (0 ms)"),
    "no_name_and_no_id": _("Neither a name nor a Spotify id"),
    "bad_time": _("No readable time"),
    "too_early": _("A time before Spotify existed (2006)"),
    "too_early_log": _("A time before there were scrobbles (2002)"),
    "future": _("A time in the future"),
    "bad_ms": _("An impossible length (missing, negative or over 24 hours)"),
    "not_a_row": _("Not a row of history"),
    "not_heard": _("Not a listening: playing just then, or a love"),
    "wrong_columns": _("Not the columns that the other rows have"),
    "unreadable": _("Damaged: not readable as JSON"),
    "unreadable_line": _("Damaged: not readable as a row of a table"),
    "too_long": _("Larger than 1 MB: not a row of history"),
}
FORMATS = {
    "extended": _("Extended history"),
    "extended_old": _("Extended history, old layout"),
    "account_music": _("Account data: music"),
    "account_podcast": _("Account data: podcasts"),
    "account_audiobook": _("Account data: audiobooks"),
    "lastfm_csv": _("Last.fm, CSV"),
    "lastfm_json": _("Last.fm, JSON"),
    "lastfm_stats": _("Last.fm, by lastfmstats.com"),
    "lastfm_minutes": _("Last.fm, CSV to the minute"),
    "listenbrainz": _("ListenBrainz"),
    "maloja": _("Maloja"),
    "koito": _("Koito"),
    "your_spotify": _("Your Spotify"),
    "librefm": _("Libre.fm or GNU FM"),
    "rockbox": _("Scrobbler log of a portable player"),
    "pano": _("Pano Scrobbler"),
    "empty": _("History without rows"),
    "choices": _("Choices, of an export of Vibesite"),
    "own_words": _("Labels, of an export of Vibesite"),
    "own_tracks": _("Tracks, of an export of Vibesite"),
}


@dataclass(slots=True)
class Tables:
    """The tracks and words of one import so far, with what makes finding them again quick."""

    tracks: TrackTable = field(default_factory=TrackTable)
    words: WordTable = field(default_factory=WordTable)
    by_uri: dict[str | None, int] = field(default_factory=dict)
    by_word: dict[int, "WordNumbers"] = field(default_factory=dict)

    def numbers(self, kind: int) -> "WordNumbers":
        if kind not in self.by_word:
            self.by_word[kind] = WordNumbers(self.words, kind)
        return self.by_word[kind]


class WordNumbers(dict[str | None, int]):
    """Text to its number in the table of words; unknown text is added."""

    def __init__(self, words: WordTable, kind: int) -> None:
        super().__init__({None: 0, "": 0})
        self._words, self._kind = words, kind

    def __missing__(self, text: str) -> int:
        self[text] = found = self._words.add(self._kind, names.word(text))
        return found


@dataclass(frozen=True, slots=True)
class Sheet:
    """The place of a block: which file, and the latest moment that is not the future (ms)."""

    file: int
    horizon_ms: int
    is_video: bool = False
    zone: ZoneInfo = UTC_ZONE  # of the person: for clocks that do not tell theirs


@dataclass(frozen=True, slots=True)
class Parsed:
    """A block as a batch of plays, and the rows of it that were set aside."""

    batch: PlayBatch
    bad: list[Bad]


Importer = Callable[[Any, Sheet, Tables], Parsed]


def name(text: str | None) -> str:
    return names.clean(text)[:NAME_CHARACTERS] if text else ""


# --- Moments ---------------------------------------------------------------------------------------------------------
NO_TIME = -(2**62)
_DIGITS = [0, 1, 2, 3, 5, 6, 8, 9, 11, 12, 14, 15]
_MONTH_DAYS = np.array([0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])


def moments(texts: Sequence[str | None], width: int) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Milliseconds since 1970 of UTC times, and which of them are times at all.

    `width` is the usual length, read at once: 20 for `2021-03-04T05:06:07Z`, 16 for `2021-03-04 05:06`. Other ISO 8601
    forms are read one by one; one without a zone is UTC.
    """
    blank = "0" * width
    usual = [text if text is not None and len(text) == width else blank for text in texts]
    try:
        flat = np.frombuffer("".join(usual).encode("ascii"), np.uint8)
    except UnicodeEncodeError:
        flat = np.frombuffer((blank * len(texts)).encode(), np.uint8)
    ms, good = _digits(flat.reshape(len(texts), width).astype(np.int32), width)
    for at in np.flatnonzero(~good).tolist():
        if (text := texts[at]) and (found := iso_moment(text)) is not None:
            ms[at], good[at] = found, True
    return ms, good


def _digits(chars: NDArray[np.int32], width: int) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    digits = chars - 48
    places = [*_DIGITS, 17, 18] if width == 20 else _DIGITS
    good = ((digits[:, places] >= 0) & (digits[:, places] <= 9)).all(axis=1)
    good &= (chars[:, 4] == 45) & (chars[:, 7] == 45) & (chars[:, 13] == 58)
    good &= (chars[:, 10] == 84) | (chars[:, 10] == 32)
    year = digits[:, 0] * 1000 + digits[:, 1] * 100 + digits[:, 2] * 10 + digits[:, 3]
    month, day, hour, minute = (digits[:, at] * 10 + digits[:, at + 1] for at in (5, 8, 11, 14))
    second = digits[:, 17] * 10 + digits[:, 18] if width == 20 else np.zeros_like(day)
    if width == 20:
        good &= (chars[:, 16] == 58) & (chars[:, 19] == 90)
    good &= (month >= 1) & (month <= 12) & (hour <= 23) & (minute <= 59) & (second <= 59) & (year >= 1)
    leap = (year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0))
    month_days = _MONTH_DAYS[np.clip(month, 0, 12)]
    good &= (day >= 1) & (day <= month_days - ((month == 2) & ~leap))
    # Days since 1970 in the proleptic Gregorian calendar, with years that begin in March.
    shifted = year - (month <= 2)
    era = shifted // 400
    of_era = shifted - era * 400
    of_year = (153 * (month + np.where(month > 2, -3, 9)) + 2) // 5 + day - 1
    days = (era * 146_097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year - 719_468).astype(np.int64)
    ms = ((days * 24 + hour) * 60 + minute) * 60_000 + second.astype(np.int64) * 1000
    return np.where(good, ms, NO_TIME), good


def iso_moment(text: str) -> int | None:
    """ms since 1970 of a time in ISO 8601, in UTC if it names no zone; None if it is none."""
    if len(text) > 40:
        return None
    try:
        found = datetime.fromisoformat(text.strip())
        found = found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return round(found.timestamp() * 1000)


# --- Setting aside ---------------------------------------------------------------------------------------------------
class Verdicts:
    """Why rows of a block are set aside: the first reason told about a row stays."""

    def __init__(self, count: int) -> None:
        self._codes = np.zeros(count, np.int8)
        self._reasons = [""]

    def against(self, where: NDArray[np.bool_], reason: str) -> None:
        self._reasons.append(reason)
        self._codes[where & (self._codes == 0)] = len(self._reasons) - 1

    @property
    def good(self) -> NDArray[np.bool_]:
        return self._codes == 0

    def bad(self, numbers: Sequence[int], rows: Sequence[Any]) -> list[Bad]:
        return [
            Bad(numbers[at], self._reasons[self._codes[at]], rows[at]) for at in np.flatnonzero(self._codes).tolist()
        ]


def judged(ended: NDArray[np.int64], has_time: NDArray[np.bool_], ms: NDArray[np.int64], horizon_ms: int) -> Verdicts:
    """Verdicts on what every format has: a moment and a length."""
    verdicts = Verdicts(len(ended))
    verdicts.against(~has_time, "bad_time")
    verdicts.against(ended < FIRST_MOMENT_MS, "too_early")
    verdicts.against(ended > horizon_ms, "future")
    verdicts.against((ms < 0) | (ms > LONGEST_MS), "bad_ms")
    verdicts.against(ms == 0, "zero_ms")
    return verdicts
