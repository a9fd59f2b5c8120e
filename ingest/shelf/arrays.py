"""What stands on a shelf: arrays by place, and ragged ones beside them."""

import mmap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ingest import names
from ingest.heard import FEATURES

END = b"\n"
BETWEEN = b"\x1f"  # the parts of one line
MEASURED, MOODS, WORDS, OWN = 1, 2, 4, 8  # bits of `marks`
# By place. What has more than four bytes comes first, so that all are aligned in the file.
WIDE = {"ends": "<i8", "listeners": "<i8"}
PLAIN = dict.fromkeys(
    ("track", "artist", "album", "duration_ms", "kind", "recording", "lead", "year", "group", "marks"), "<i4"
)
KNOWN = {"popularity": "<i4", "features": "<f4"}
# Ragged: "<name>_start" has one more than there are tracks; place p has the values from start[p] up to start[p + 1].
RAGGED = {"credit": {"credit_artist": "<i4"}, "genre": {"genre": "<i4", "genre_weight": "<f4"}}


@dataclass(frozen=True)
class Shelf:
    """Facts by place: `track` is sorted, the others are aligned with it; 0 stands for "not known" unless told."""

    track: NDArray[np.int32]
    artist: NDArray[np.int32]
    album: NDArray[np.int32]
    duration_ms: NDArray[np.int32]
    kind: NDArray[np.int32]
    recording: NDArray[np.int32]  # Recording ids
    lead: NDArray[
        np.int32
    ]  # the track that it counts under by the person's export of another server; 0: by `recording`
    year: NDArray[np.int32]  # in which the album came out, or of which the person says so
    group: NDArray[np.int32]  # the track to count under: the lead, else the lowest id of its recording, or itself
    marks: NDArray[np.int32]  # what is known beside: MEASURED sound, MOODS, WORDS of the song, the person's OWN word
    features: NDArray[np.float32]  # one row per place, columns as in FEATURES; NaN: not known
    listeners: NDArray[np.int64]  # people who heard the track, at a provider; -1: not known
    popularity: NDArray[np.int32]  # 0 to 100; -1: not known
    credit_start: NDArray[np.int32]
    credit_artist: NDArray[np.int32]  # Artist ids, in order, the main one first
    genre_start: NDArray[np.int32]
    genre: NDArray[np.int32]  # Tag ids, the best first
    genre_weight: NDArray[np.float32]  # 0 to 1
    ends: NDArray[np.int64]  # where each line ends in `lines`
    change: int  # the newest TrackChange that is in here
    recent: int  # the sum of some numbers up to it, as `keeping.News` tells it
    generation: int  # of the columns whose tracks these are; later plays of it only add some. 0: not known
    file: bytes | mmap.mmap  # holds the lines, from byte `lines_at` to its end
    lines_at: int = 0
    met: int = 0  # how many plays of that generation are known to have their places here

    @cached_property
    def lines(self) -> bytes:
        """Title, artist and album of each place, folded by `names.search_key`, one line each. Read when asked for."""
        return self.file[self.lines_at :]

    def places(self, tracks: NDArray[np.int32]) -> NDArray[np.intp]:
        """The place of each of `tracks`; -1 for one that is not on the shelf."""
        # Clipped, as that is twice as fast as `[]`; the last cell stands for all that lies beyond. As wide as numpy
        # wants places: every look-up by narrower ones would widen them first.
        return self._place_of.take(tracks, mode="clip").astype(np.intp)

    @cached_property
    def _place_of(self) -> NDArray[np.int32]:
        table = np.full(int(self.track[-1]) + 2 if self.track.size else 1, -1, dtype=np.int32)
        table[self.track] = np.arange(self.track.size, dtype=np.int32)
        return table

    def matching(self, text: str) -> NDArray[np.bool_]:
        """The places whose title, artist or album hold every word of `text`, folded; none for an empty text."""
        words = names.search_key(text).split()
        found = np.full(self.track.size, bool(words))
        for word in words:
            found &= self._with(word.encode())
        return found

    def search(self, text: str) -> NDArray[np.int32]:
        """Ids of tracks that are `matching`."""
        return self.track[self.matching(text)]

    def _with(self, word: bytes) -> NDArray[np.bool_]:
        """The places whose line holds `word`: byte by byte, through all lines at once.

        No word holds END, with which the last line ends too, so that none is looked for beyond it.
        """
        lines = np.frombuffer(self.lines, dtype=np.uint8)
        begins = lines == word[0]
        if len(word) > 1:
            begins[:-1] &= lines[1:] == word[1]
        if len(word) < 3:  # many lines have it
            starts = np.append(0, self.ends[:-1] + 1)[: self.ends.size]
            return np.logical_or.reduceat(begins, starts) if starts.size else np.zeros(0, dtype=bool)
        spots = np.flatnonzero(begins)
        for place, letter in enumerate(word[2:], start=2):
            spots = spots[lines[spots + place] == letter]
        found = np.zeros(self.track.size, dtype=bool)
        found[np.searchsorted(self.ends, spots)] = True
        return found


def joined(parts: Sequence[Mapping[str, NDArray[Any]]], order: NDArray[np.intp]) -> dict[str, NDArray[Any]]:
    """The arrays of all `parts` after each other, then taken in `order`; ragged ones with their starts."""
    told = {name: np.concatenate([part[name] for part in parts])[order] for name in (*PLAIN, *KNOWN, "listeners")}
    for name, columns in RAGGED.items():
        lengths = np.concatenate([np.diff(part[f"{name}_start"]) for part in parts])
        start, chosen = spans(np.cumsum(lengths) - lengths, lengths, order)
        told[f"{name}_start"] = start
        told |= {column: np.concatenate([part[column] for part in parts])[chosen] for column in columns}
    return told


def spans(
    begins: NDArray[np.integer], lengths: NDArray[np.integer], order: NDArray[np.intp]
) -> tuple[NDArray[np.int32], NDArray[np.intp]]:
    """Of ragged rows that begin there and are so long, those in `order`: their new starts, and the places of values."""
    sizes = lengths[order]
    start = np.zeros(sizes.size + 1, dtype=np.int32)
    np.cumsum(sizes, out=start[1:])
    chosen = np.arange(int(start[-1])) + np.repeat(begins[order] - start[:-1], sizes)
    return start, chosen.astype(np.intp)


def shelved(told: dict[str, NDArray[Any]], lines: bytes, change: int, recent: int = 0, generation: int = 0) -> Shelf:
    """A shelf of these arrays."""
    types = WIDE | PLAIN | KNOWN | {name: kind for columns in RAGGED.values() for name, kind in columns.items()}
    facts: dict[str, Any] = {
        name: np.ascontiguousarray(values, dtype=types.get(name, "<i4")) for name, values in told.items()
    }
    ends = np.flatnonzero(np.frombuffer(lines, dtype=np.uint8) == END[0]).astype(np.int64)
    return Shelf(**facts, ends=ends, change=change, recent=recent, generation=generation, file=lines)


def nothing() -> dict[str, NDArray[Any]]:
    """The arrays of an empty shelf."""
    told: dict[str, NDArray[Any]] = {name: np.zeros(0, dtype=kind) for name, kind in (PLAIN | KNOWN).items()}
    told |= {"listeners": np.zeros(0, dtype=np.int64), "features": np.zeros((0, len(FEATURES)), dtype=np.float32)}
    for name, columns in RAGGED.items():
        told[f"{name}_start"] = np.zeros(1, dtype=np.int32)
        told |= {column: np.zeros(0, dtype=kind) for column, kind in columns.items()}
    return told


EMPTY = shelved(nothing(), b"", 0)
