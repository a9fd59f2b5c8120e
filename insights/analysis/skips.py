"""Skips: how often music is left before its time, by artist, album, track, hour and shuffle. Pure, vectorised.

A skip is what `Heard.skips` says: music left before the skip limit, and not because it was over. A rate is skips by
everything that was started, so a track skipped each time has the rate 1.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ingest.columns.rows import ORIGIN_BITS
from ingest.heard import Heard, What

SHUFFLE = 4  # the two bits of `flags` from here on: 0 not told, 1 off, 2 on; see `ingest/columns/rows.py`
LEAST = 20  # starts from which on a rate says something


@dataclass(frozen=True, slots=True)
class Rate:
    """Skips among what was started."""

    starts: int
    skips: int

    @property
    def share(self) -> float | None:
        """0 to 1; None if nothing was started."""
        return self.skips / self.starts if self.starts else None


@dataclass(frozen=True)
class Started:
    """Everything that was started, and, found once, what of it was skipped."""

    heard: Heard

    @cached_property
    def skipped(self) -> Heard:
        return self.heard.where(np.flatnonzero(self.heard.skips))

    def totals(self, what: What) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Starts and skips by key: tables of one length; key 0, "not known", has none."""
        return self.heard.plays_of(what), self.skipped.plays_of(what)


@dataclass(frozen=True, slots=True)
class Keyed:
    """The rate of one track, artist or album."""

    key: int
    rate: Rate


@dataclass(frozen=True, slots=True)
class ByShuffle:
    on: Rate
    off: Rate
    not_told: Rate


def overall(started: Started) -> Rate:
    """Of everything that was started."""
    return Rate(len(started.heard), int(np.count_nonzero(started.heard.skips)))


def by_rate(started: Started, what: What, *, least: int = LEAST, size: int = 20) -> tuple[list[Keyed], int]:
    """Tracks, artists or albums with at least `least` starts, most skipped share first; and how many there are in all.

    Ties go to more skips, then to the lower key. Things of no known key are left out.
    """
    starts, skips = started.totals(what)
    keys = np.flatnonzero(starts >= max(1, least))
    order = keys[np.lexsort((keys, -skips[keys], -(skips[keys] / starts[keys])))]
    return _rows(order[:size], starts, skips), int(keys.size)


def most_skipped(started: Started, what: What = "tracks", *, size: int = 20) -> tuple[list[Keyed], int]:
    """Those with most skips; ties go to the higher rate, then to the lower key. And how many have any."""
    starts, skips = started.totals(what)
    keys = np.flatnonzero(skips)
    order = keys[np.lexsort((keys, starts[keys], -skips[keys]))]
    return _rows(order[:size], starts, skips), int(keys.size)


def by_hour(started: Started) -> list[Rate]:
    """By the local hour in which the play began: 24, from midnight on."""
    heard = started.heard
    if not len(heard):
        return [Rate(0, 0)] * 24
    hour = heard.hours.hour.astype(np.int64)
    per_hour = (heard.plays_by_hour, np.diff(np.searchsorted(started.skipped.started, heard.hours.edges)))
    starts, skips = (np.bincount(hour, weights=values, minlength=24) for values in per_hour)
    return [Rate(int(all_of), int(some)) for all_of, some in zip(starts, skips, strict=True)]


def by_shuffle(started: Started) -> ByShuffle:
    """With shuffle on, off, and where no source told."""
    starts, skips = (
        np.bincount((plays.flags >> SHUFFLE) & 0b11, minlength=4) for plays in (started.heard, started.skipped)
    )
    not_told, off, on = (Rate(int(starts[n]), int(skips[n])) for n in range(3))
    return ByShuffle(on, off, not_told)


def by_origin(started: Started) -> list[Keyed]:
    """By how a play reached us (`Play.Origin`), those with any, the best evidence first."""
    starts, skips = (
        np.bincount(plays.flags & ORIGIN_BITS, minlength=ORIGIN_BITS + 1) for plays in (started.heard, started.skipped)
    )
    return _rows(np.flatnonzero(starts)[::-1], starts, skips)


def by_context(started: Started, *, least: int = LEAST, size: int = 20) -> tuple[list[Keyed], int]:
    """By what it was played from (`Word` ids; where it was told), as `by_rate`."""
    told, skipped = (plays.column("context") for plays in (started.heard, started.skipped))
    starts = np.bincount(told, minlength=1)
    skips = np.bincount(skipped, minlength=starts.size)
    starts[0] = 0
    keys = np.flatnonzero(starts >= max(1, least))
    order = keys[np.lexsort((keys, -skips[keys], -(skips[keys] / starts[keys])))]
    return _rows(order[:size], starts, skips), int(keys.size)


def _rows(keys: NDArray[np.intp], starts: NDArray[np.int64], skips: NDArray[np.int64]) -> list[Keyed]:
    return [Keyed(int(key), Rate(int(starts[key]), int(skips[key]))) for key in keys]
