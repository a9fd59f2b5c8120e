"""What told of a listening: one event, or a million of them as arrays. Pure."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

LONGEST_SPAN_MS = 2 * 24 * 3600 * 1000  # from start to end of one listening: a start further back is not believed


class Origin(IntEnum):
    """How an event reached us; the higher number is the better evidence. Equal to `Play.Origin`."""

    COPY = 0  # polled or watched once, and come back in an export of ours: the person's own now
    POLL = 1
    WATCH = 2
    SUBMIT = 3
    ACCOUNT_DATA = 4
    EXPORT = 5
    HAND = 6  # said by the person


class WordKind(IntEnum):
    """Equal to `Word.Kind`."""

    REASON = 0
    PLATFORM = 1
    COUNTRY = 2
    CONTEXT = 3


@dataclass(frozen=True, slots=True)
class Evidence:
    """One event that told of a listening: moments in ms since 1970 UTC; words as `Word` ids, 0 for "not told"."""

    origin: int
    track_id: int
    started_ms: int
    ended_ms: int
    ms_played: int
    is_estimate: bool = False  # ms_played is the track's length: polling is not told the truth
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

    def __post_init__(self) -> None:
        earliest = self.ended_ms - LONGEST_SPAN_MS
        if not earliest <= self.started_ms <= self.ended_ms:
            object.__setattr__(self, "started_ms", min(max(self.started_ms, earliest), self.ended_ms))


@dataclass(frozen=True, slots=True)
class TrackName:
    """What an outside source calls a track. `artist` is the album artist in exports; for an episode the show."""

    kind: int  # Track.Kind
    spotify_id: str | None
    title: str
    artist: str
    album: str


@dataclass(frozen=True, slots=True)
class Named:
    """An artist or album: Spotify's id, if it is known, and the name."""

    spotify_id: str | None
    name: str


@dataclass(frozen=True, slots=True)
class Billing:
    """By whom a track is and on what, as an export of ours tells it: all artists in order, the album, and its."""

    artists: tuple[Named, ...]
    album: Named | None
    album_artist: Named | None


class TrackTable:
    """The distinct tracks of an import, each with its index. One per run of a source, shared by its batches."""

    def __init__(self) -> None:
        self.names: list[TrackName] = []
        self.unsure: set[int] = set()  # known by names alone, from a log that may mean any track of these names
        self.credits: dict[int, tuple[str, ...]] = {}  # every artist, in order, of tracks with several told one by one
        self.artist_mbids: dict[str, set[str]] = {}  # artist as named → the MusicBrainz ids told with that name
        self.billings: dict[str | TrackName, Billing] = {}  # by Spotify id, or by names where there is none
        self._index: dict[tuple, int] = {}

    def __len__(self) -> int:
        return len(self.names)

    def billing(self, name: TrackName) -> Billing | None:
        """What was told of it beside its names."""
        return self.billings.get(name.spotify_id or name)

    def add(self, kind: int, spotify_id: str | None, title: str, artist: str, album: str = "") -> int:
        """The index of this track; names of a Spotify id are those of its first row."""
        place = (kind, spotify_id) if spotify_id else (kind, title, artist, album)
        index = self._index.get(place)
        if index is None:
            index = self._index[place] = len(self.names)
            self.names.append(TrackName(kind, spotify_id or None, title, artist, album))
        return index

    def rename(self, index: int, title: str, artist: str, album: str) -> None:
        """Give a track its names that its first row, with the id alone, did not tell."""
        first = self.names[index]
        self.names[index] = TrackName(first.kind, first.spotify_id, title, artist, album)


class WordTable:
    """The distinct words of an import, each with its index; 0 stands for "not told"."""

    def __init__(self) -> None:
        self.words: list[tuple[int, str]] = [(0, "")]
        self._index: dict[tuple[int, str], int] = {}

    def __len__(self) -> int:
        return len(self.words)

    def add(self, kind: int, text: str | None) -> int:
        if not text:
            return 0
        place = (kind, text)
        index = self._index.get(place)
        if index is None:
            index = self._index[place] = len(self.words)
            self.words.append(place)
        return index


@dataclass(frozen=True, slots=True)
class PlayBatch:
    """Rows of one file as arrays of one length; tracks and words as indices into the tables they were added to."""

    tracks: TrackTable
    words: WordTable
    origin: int  # EXPORT, ACCOUNT_DATA, from scrobble logs SUBMIT, from an export of ours any
    file: int  # ImportFile.position
    row: NDArray[np.int32]  # in the file, from 1
    track: NDArray[np.int32]
    started_ms: NDArray[np.int64]
    ended_ms: NDArray[np.int64]
    ms_played: NDArray[np.int32]
    reason_start: NDArray[np.int32]
    reason_end: NDArray[np.int32]
    platform: NDArray[np.int32]
    country: NDArray[np.int32]
    shuffle: NDArray[np.int8]  # -1 not told, 0 no, 1 yes
    offline: NDArray[np.int8]
    incognito: NDArray[np.int8]
    skipped: NDArray[np.int8]
    is_estimate: NDArray[np.bool_] | None = None  # ms_played is a guess; 0 where there is nothing to guess by
    context: NDArray[np.int32] | None = None  # told by exports of ours alone

    def __len__(self) -> int:
        return len(self.row)


Source = Callable[[], Iterable[PlayBatch]]


@dataclass(slots=True)
class FileAccount:
    """What became of one file's rows, those set aside while parsing not among them."""

    new: int = 0
    duplicate: int = 0
    merged: int = 0

    @property
    def rows(self) -> int:
        return self.new + self.duplicate + self.merged


@dataclass(slots=True)
class Account:
    """What became of an import's rows: by `ImportFile.position`. First and last moments in ms since 1970 UTC."""

    files: dict[int, FileAccount] = field(default_factory=dict)
    first_ms: int | None = None
    last_ms: int | None = None

    @property
    def new(self) -> int:
        return sum(each.new for each in self.files.values())

    @property
    def duplicate(self) -> int:
        return sum(each.duplicate for each in self.files.values())

    @property
    def merged(self) -> int:
        return sum(each.merged for each in self.files.values())

    @property
    def rows(self) -> int:
        return self.new + self.duplicate + self.merged
