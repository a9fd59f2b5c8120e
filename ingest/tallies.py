"""How often each track was started, heard and skipped, and when first and last, ready in a file beside the columns.

What a page about tracks wants to know of a million plays. The file is good for plays whose columns have only grown
since (`Columns.generation`), as long as all that decides about them stands; later plays are counted beside it.
"""

import zlib
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ingest import columns, counts, mapped
from ingest.columns.files import boot
from ingest.kept import NO_MOMENT
from ingest.lens import Reading

FORMAT = 1
_BEHIND = 2_000  # plays that are counted beside the file each time, before it is written anew
_NEVER = np.iinfo(np.int64).max


@dataclass(frozen=True, slots=True)
class Tallies:
    """By place on the shelf of what was heard. Music only, without what is filtered out or hidden."""

    starts: NDArray[np.int64]
    plays: NDArray[np.int64]  # those that count
    skips: NDArray[np.int64]
    first: NDArray[np.int64]  # start of the first play that counts, in ms since 1970 UTC; NO_MOMENT: none
    last: NDArray[np.int64]


def of(reading: Reading) -> Tallies:
    """All the plays of a reading, counted by its rule."""
    path, plays = columns.folder(reading.user.pk) / "tallies", reading.plays
    arrays, count = _known(reading, mapped.read(path, FORMAT))
    if len(plays) > count:
        arrays = _sum(arrays, _counted(reading, slice(count, len(plays))))
        if plays.generation and len(plays) - count > _BEHIND:
            mapped.write(path, FORMAT, _told(reading, len(plays)), arrays | _places(reading))
    first = np.where(arrays["first"] == _NEVER, NO_MOMENT, arrays["first"])
    return Tallies(arrays["starts"], arrays["plays"], arrays["skips"], first, arrays["last"])


def _known(reading: Reading, found: tuple[Any, mapped.Arrays] | None) -> tuple[mapped.Arrays, int]:
    """What the file counted, by the present places, and of how many plays; nothing, of none, if it is not good now."""
    size = reading.rack.track.size
    nothing = {name: np.zeros(size, dtype=np.int64) for name in ("starts", "plays", "skips")}
    nothing |= {"first": np.full(size, _NEVER), "last": np.full(size, NO_MOMENT)}
    if found is None:
        return nothing, 0
    told, arrays = found
    if told["count"] > len(reading.plays) or told != _told(reading, told["count"]):
        return nothing, 0
    own, now = arrays.pop("track"), _places(reading)
    same = np.array_equal(own, now["track"])
    places = None if same else reading.rack.places(own)
    if places is not None and places.size and places.min() < 0:
        return nothing, 0
    for name in ("duration_ms", "inside"):
        if not np.array_equal(arrays.pop(name), now[name] if places is None else now[name][places]):
            return nothing, 0
    if places is None:
        return arrays, told["count"]
    for name, values in arrays.items():
        nothing[name][places] = values
    return nothing, told["count"]


def _told(reading: Reading, count: int) -> dict[str, Any]:
    """Equal as long as the first `count` plays are the same, and are counted in the same way, track by track."""
    hidden = reading.hidden[: np.searchsorted(reading.hidden, count)].astype(np.int64)
    return {
        "plays": [boot(), reading.plays.generation],
        "count": count,
        "lens": [
            repr(reading.lens),
            counts.skip_below_ms(),
            reading.user.zone.key,
            reading.lens.rule.finish_counts and reading.finished,
        ],
        "hidden": [hidden.size, zlib.crc32(hidden.tobytes())],
    }


def _places(reading: Reading) -> mapped.Arrays:
    """What decides about the plays of each place."""
    rack = reading.rack
    return {"track": rack.track, "duration_ms": rack.duration_ms, "inside": reading.inside_by_place.astype(np.int8)}


def _counted(reading: Reading, asked: slice) -> mapped.Arrays:
    heard, size = reading.heard(among=asked), reading.rack.track.size
    spots = np.flatnonzero(heard.counts)
    place, started = heard.place[spots], heard.started[spots]
    first, last = np.full(size, _NEVER), np.full(size, NO_MOMENT)
    last[place] = started  # of several for one place, the one written last stays
    first[place[::-1]] = started[::-1]
    return {
        "starts": np.bincount(heard.place, minlength=size),
        "plays": np.bincount(place, minlength=size),
        "skips": np.bincount(heard.place[heard.skips], minlength=size),
        "first": first,
        "last": last,
    }


def _sum(one: mapped.Arrays, other: mapped.Arrays) -> mapped.Arrays:
    joined = {name: one[name] + other[name] for name in ("starts", "plays", "skips")}
    return joined | {"first": np.minimum(one["first"], other["first"]), "last": np.maximum(one["last"], other["last"])}
