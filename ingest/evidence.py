"""What is known of a listening before it is a play: one at a time from polls, by the ten thousand from imports."""

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

UNKNOWN = -1  # of a flag: Spotify did not say


@dataclass(frozen=True, slots=True)
class Evidence:
    """One source's word on one listening. Times are milliseconds since 1970; words are `Word.id`, 0 for "not told"."""

    origin: int  # Play.Origin
    track_id: int
    started_ms: int
    ended_ms: int
    ms_played: int
    is_estimate: bool = False
    reason_start: int = 0
    reason_end: int = 0
    platform: int = 0
    country: int = 0
    context: int = 0
    shuffle: bool | None = None
    offline: bool | None = None
    incognito: bool | None = None
    skipped: bool | None = None
    import_id: int | None = None


class TrackKey(NamedTuple):
    """One track as a file names it. Without an id, kind and the names are the identity; with one they are its label.

    `title` may be empty when there is an id. The show of an episode or the book of a chapter is the album; its artist
    is the author, where told.
    """

    kind: int  # Track.Kind
    spotify_id: str | None
    title: str
    artist: str
    album: str


class TrackTable:
    """Distinct tracks of an import, in order of first sight. Grows while batches are read; numbers never change."""

    def __init__(self) -> None:
        self.keys: list[TrackKey] = []
        self._numbers: dict[TrackKey | str, int] = {}

    def __len__(self) -> int:
        return len(self.keys)

    def number(self, key: TrackKey) -> int:
        """The local number of a track. One with an id is found by the id; a later name fills an empty one."""
        found = self._numbers.setdefault(key.spotify_id or key, len(self.keys))
        if found == len(self.keys):
            self.keys.append(key)
        elif not self.keys[found].title and key.title:
            self.keys[found] = key
        return found


class WordTable:
    """Distinct (Word.Kind, text) of an import; number 0 is "not told"."""

    def __init__(self) -> None:
        self.keys: list[tuple[int, str]] = [(-1, "")]
        self._numbers: dict[tuple[int, str], int] = {}

    def __len__(self) -> int:
        return len(self.keys)

    def number(self, kind: int, text: str | None) -> int:
        if not text:
            return 0
        found = self._numbers.setdefault((kind, text), len(self.keys))
        if found == len(self.keys):
            self.keys.append((kind, text))
        return found


@dataclass(frozen=True, slots=True)
class PlayBatch:
    """Rows of one file, as arrays of one length. Reading a source again gives the same batches in the same order.

    `track` and the words index the two tables, which are the same objects for every batch of a source.
    """

    file: int  # ImportFile.position
    origin: int  # Play.Origin: EXPORT or ACCOUNT_DATA
    tracks: TrackTable = field(repr=False)
    words: WordTable = field(repr=False)
    row: npt.NDArray[np.int32]  # where in the file, counted from 1
    track: npt.NDArray[np.int32]
    started_ms: npt.NDArray[np.int64]
    ended_ms: npt.NDArray[np.int64]
    ms_played: npt.NDArray[np.int32]
    reason_start: npt.NDArray[np.int32]
    reason_end: npt.NDArray[np.int32]
    platform: npt.NDArray[np.int32]
    country: npt.NDArray[np.int32]
    shuffle: npt.NDArray[np.int8]  # -1 unknown, 0 no, 1 yes; the same for the next three
    offline: npt.NDArray[np.int8]
    incognito: npt.NDArray[np.int8]
    skipped: npt.NDArray[np.int8]

    def __len__(self) -> int:
        return len(self.row)


@dataclass(slots=True)
class Counts:
    """What became of the rows of one file that were not set aside."""

    new: int = 0
    duplicate: int = 0
    merged: int = 0


@dataclass(slots=True)
class Account:
    """What became of every row of every batch: by `PlayBatch.file`."""

    files: dict[int, Counts] = field(default_factory=dict)
    first_ms: int | None = None  # earliest start and latest end among the rows
    last_ms: int | None = None
