"""What figures of all time are made of, ready in a file beside the columns.

Where the track of each play stands on the shelf, which plays are music, which of those count, what these have of
columns, and how often each track and each hour was heard. Derived, like the shelf. The file is good while its plays
are the same (`Columns.generation`) and all that decides about them stands; plays that came later are put behind them.
"""

from __future__ import annotations

import logging
import zlib
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ingest import afterwards, columns, counts, mapped
from ingest.columns.files import boot
from ingest.heard import Chosen, Heard, at, deeper
from ingest.kept import NO_MOMENT

if TYPE_CHECKING:
    from ingest.lens import Reading

log = logging.getLogger(__name__)

FORMAT = 2
WORDS = ("flags", "platform", "context")
_ROOM = 2_000  # plays that there is room for behind those of the file; after more it is written anew
_NEVER = np.iinfo(np.int64).max
_NOT_HEARD = {
    "starts": 0,
    "plays": 0,
    "skips": 0,
    "time": 0,
    "first": _NEVER,
    "last": NO_MOMENT,
}  # and what no play tells


@dataclass(frozen=True, slots=True)
class Tallies:
    """By place on the shelf of what was heard. Music only, without what is filtered out or hidden."""

    starts: NDArray[np.int64]
    plays: NDArray[np.int64]  # those that count
    skips: NDArray[np.int64]
    first: NDArray[np.int64]  # start of the first play that counts, in ms since 1970 UTC; NO_MOMENT: none
    last: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class File:
    """What is there for a reading, whose first `count` plays are those that it was written for."""

    told: Any
    arrays: mapped.Arrays
    place: NDArray[np.intp]  # on the shelf, of every play of the reading
    same_music: bool  # whether the same tracks are inside the figures
    same_lengths: bool
    is_current: bool  # whether it need not be written anew

    @property
    def count(self) -> int:
        return int(self.told["count"])

    def grown(self, name: str, kind: str, later: NDArray[Any]) -> NDArray[Any]:
        """One of its arrays with what came later; `kind` says which plays it is of."""
        return _grown(self.arrays[name], self.told[kind], later)


def read(reading: Reading) -> File | None:
    """None if there is none, or it was written for other plays."""
    plays, rack = reading.plays, reading.rack
    found = mapped.read(_path(reading), FORMAT)
    if found is None or found[0]["plays"] != _plays(reading) or found[0]["count"] > len(plays):
        return None
    told, arrays = found
    own, count, place = arrays["track"], told["count"], arrays["place"]
    inside, lengths, is_current = reading.inside_by_place, rack.duration_ms, len(plays) - count <= _ROOM
    if not np.array_equal(own, rack.track):
        now = rack.places(own)
        if now.size and now.min() < 0:
            return None
        inside, lengths, is_current = inside[now], lengths[now], False
        place, arrays["counted_place"] = at(now, place), at(now, arrays["counted_place"])
        for name, nothing in _NOT_HEARD.items():
            values, arrays[name] = arrays[name], np.full(rack.track.size, nothing)
            arrays[name][now] = values
    return File(
        told,
        arrays,
        place=_grown(place, count, rack.places(plays.track[count:])),
        same_music=np.array_equal(arrays["inside"], inside),
        same_lengths=np.array_equal(arrays["lengths"], lengths),
        is_current=is_current,
    )


def music(reading: Reading, file: File, later: Chosen) -> Chosen | None:
    """Which of all plays are music that is neither filtered out nor hidden; None if the file was written for others.

    `later` are those of the plays that came later.
    """
    if not file.same_music or file.told["music"] != _music(reading, file.count):
        return None
    if not file.told["is_all"]:
        return file.grown("chosen", "music_count", _spots(later))
    if isinstance(later, slice):
        return slice(0, len(reading.plays))
    return np.append(np.arange(file.count), later)


def heard(reading: Reading, file: File, chosen: Chosen, later: Heard) -> Heard | None:
    """The plays of `chosen`, as `music` told them, by the person's rule; None if the file was written for another one.

    `later` are those that came later.
    """
    if not file.same_lengths or file.told["rule"] != _rule(reading):
        return None
    place = reading.place if isinstance(chosen, slice) else at(reading.place, chosen)
    skips = file.grown("is_skip", "music_count", later.skips)
    found = Heard(
        reading.plays,
        chosen,
        place=place,
        facts=reading.facts,
        zone=reading.user.zone,
        counts=file.grown("counts", "music_count", later.counts),
        skips=lambda: skips,
    )
    found.counted = _Counted(file, found, later)
    return found


class _Counted(Heard):
    """All plays that count: what the file has of them, and `later` ones behind it."""

    def __init__(self, file: File, music: Heard, later: Heard) -> None:
        self._file, self._later, skips = file, later.counted, music._skips
        spots = file.grown("counted", "counted_count", np.flatnonzero(later.counts) + file.told["music_count"])
        super().__init__(
            music.source,
            deeper(music.chosen, spots),
            place=file.grown("counted_place", "counted_count", self._later.place),
            facts=music.facts,
            zone=music.zone,
            counts=np.ones(spots.size, dtype=bool),
            skips=lambda: at(skips(), spots),
        )
        self._spots = music.spots_among(spots)

    @cached_property
    def started(self) -> NDArray[np.int64]:
        return self._file.grown("started", "counted_count", self._later.started)

    @cached_property
    def ended(self) -> NDArray[np.int64]:
        return self._file.grown("ended", "counted_count", self._later.ended)

    @cached_property
    def ms(self) -> NDArray[np.int32]:
        return self._file.grown("ms", "counted_count", self._later.ms)

    @cached_property
    def plays_by_place(self) -> NDArray[np.int64]:
        return self._file.arrays["plays"] + self._later.plays_by_place

    @cached_property
    def by_place(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        return self.plays_by_place, self._file.arrays["time"] + self._later.by_place[1]

    @cached_property
    def plays_by_hour(self) -> NDArray[np.int64]:
        return self.by_hour[0] if self._has_hours else super().plays_by_hour

    @cached_property
    def by_hour(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        if not self._has_hours:
            return super().by_hour
        hours = self._later.within(self.hours.edges)
        for values, known in zip(hours, (self._file.arrays["hour_plays"], self._file.arrays["hour_ms"]), strict=True):
            values[: known.size] += known
        return hours

    @cached_property
    def _has_hours(self) -> bool:
        """Whether the zone still has the hours that the file knows."""
        size = self._file.arrays["hour_plays"].size
        return size > 0 and self.hours.edges[size : size + 1].tolist() == [self._file.told["until"]]


def tallies(file: File | None, later: Heard) -> Tallies:
    """What `file` tells of the tracks, and `later` plays; without a file these are all."""
    told = _tallied(later)
    if file is not None:
        known = file.arrays
        sums = {name: known[name] + told[name] for name in ("starts", "plays", "skips")}
        told = sums | {
            "first": np.minimum(known["first"], told["first"]),
            "last": np.maximum(known["last"], told["last"]),
        }
    first = np.where(told["first"] == _NEVER, NO_MOMENT, told["first"])
    return Tallies(told["starts"], told["plays"], told["skips"], first, told["last"])


def words(reading: Reading, file: File | None, name: str) -> NDArray[np.int64]:
    """How many of all plays of a reading, music or not, have each word of the column `name`, one of WORDS."""
    known = np.zeros(0, dtype=np.int64) if file is None else file.arrays[f"of_{name}"]
    found = np.bincount(reading.plays[name][file.count if file else 0 :], minlength=known.size)
    found[: known.size] += known
    return found


def keep(reading: Reading) -> None:
    """Write the file for a reading by the person's own rule; in a web process only after its answer has been sent."""
    if reading.plays.generation:  # else they are not out of files
        afterwards.do((FORMAT, reading.user.pk), partial(_write, reading))


def _write(reading: Reading) -> None:
    if not _path(reading).parent.exists():
        return  # the person has left since
    try:
        told, of_plays, others = _all_of(reading)
        mapped.write(_path(reading), FORMAT, told, of_plays | others, room=dict.fromkeys(of_plays, _ROOM))
    except OSError:
        log.warning("What is ready of person %s could not be written.", reading.user.pk, exc_info=True)


def _all_of(reading: Reading) -> tuple[dict[str, Any], mapped.Arrays, mapped.Arrays]:
    """What the file tells of itself, its arrays of plays, and the others."""
    heard = reading.heard()
    counted, is_all = heard.counted, isinstance(heard.chosen, slice)
    told: dict[str, Any] = {
        "plays": _plays(reading),
        "music": _music(reading, len(reading.plays)),
        "rule": _rule(reading),
        "is_all": is_all,
        "count": len(reading.plays),
        "music_count": len(heard),
        "counted_count": len(counted),
        "until": int(counted.hours.edges[-1]) if len(counted) else 0,
    }
    of_plays: mapped.Arrays = {
        "place": reading.place,
        "chosen": np.empty(0, dtype=np.intp) if is_all else _spots(heard.chosen),
        "counts": heard.counts,
        "is_skip": heard.skips,
        "counted": np.flatnonzero(heard.counts),
        "counted_place": counted.place,
        "started": counted.started,
        "ended": counted.ended,
        "ms": counted.ms,
    }
    plays, ms = counted.by_hour
    others: mapped.Arrays = {
        "hour_plays": plays,
        "hour_ms": ms,
        "time": counted.by_place[1],
        **_tallied(heard),
        "track": reading.rack.track,
        "lengths": reading.rack.duration_ms,
        "inside": reading.inside_by_place,
        **{f"of_{name}": np.bincount(reading.plays[name]) for name in WORDS},
    }
    return told, of_plays, others


def _tallied(heard: Heard) -> mapped.Arrays:
    counted, size = heard.counted, heard.facts.track.size
    first, last = np.full(size, _NEVER), np.full(size, NO_MOMENT)
    last[counted.place] = counted.started  # of several for one place, the one written last stays
    first[counted.place[::-1]] = counted.started[::-1]
    skips = np.bincount(heard.place[heard.skips], minlength=size)
    return {
        "starts": heard.plays_by_place,
        "plays": counted.plays_by_place,
        "skips": skips,
        "first": first,
        "last": last,
    }


def _grown(values: NDArray[Any], count: int, later: NDArray[Any]) -> NDArray[Any]:
    """The first `count` of values with later ones behind them; in the room behind them if they fit."""
    if count + len(later) > len(values):
        return np.concatenate([values[:count], later])
    values[count : count + len(later)] = later
    return values[: count + len(later)]


def _spots(chosen: Chosen) -> NDArray[np.intp]:
    return np.arange(chosen.start, chosen.stop) if isinstance(chosen, slice) else chosen.astype(np.intp, copy=False)


def _path(reading: Reading) -> Path:
    return columns.folder(reading.user.pk) / "ready"


# Equal as long as the first plays of a reading are the same, ...
def _plays(reading: Reading) -> list[Any]:
    return [boot(), reading.plays.generation]


# ... the same of the first `count` are music that counts for something, as far as their tracks do not tell, ...
def _music(reading: Reading, count: int) -> list[Any]:
    hidden = reading.hidden[: np.searchsorted(reading.hidden, count)].astype(np.int64)
    return [repr(reading.lens.filters), reading.user.zone.key, hidden.size, zlib.crc32(hidden.tobytes())]


# ... and the same of these count.
def _rule(reading: Reading) -> list[Any]:
    rule = reading.lens.rule
    return [repr(rule), counts.skip_below_ms(), rule.finish_counts and reading.finished, reading.user.zone.key]
