"""One person's plays as every statistic reads them: arrays of one length, oldest first, and facts by track. Pure.

`ingest/lens.py` makes a `Heard` by the person's own rule, filters, hidden plays, credits and recordings. Columns are
gathered only when a statistic asks for them, so an all-time figure over a million plays touches what it needs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any, Literal, Protocol
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from ingest import clock

Chosen = slice | NDArray[np.integer]
What = Literal["tracks", "artists", "albums", "genres"]
FEATURES = (
    "valence",
    "energy",
    "danceability",
    "acousticness",
    "instrumentalness",
    "speechiness",
    "liveness",
    "tempo_bpm",
    "loudness_db",
)  # the columns of `Facts.features`: 0 to 1, or the unit in the name
FINISHED = "trackdone"


_UNKNOWN: Any = None


class Source(Protocol):
    """The columns that are read, by name: `ingest.columns.Columns`, or a table made by hand in a test."""

    def __getitem__(self, name: str, /) -> NDArray[Any]: ...


@dataclass(frozen=True)
class Facts:
    """The catalogue by place: one element per distinct track of the person; 0 stands for "not known".

    `track` is sorted. `group` is the track that stands for the recording (itself when alone, or when the person counts
    tracks apart). Credits of place n are `credit_artist[credit_start[n]:credit_start[n + 1]]`, the main artist first.
    """

    track: NDArray[np.int32]
    group: NDArray[np.int32]
    artist: NDArray[np.int32]
    album: NDArray[np.int32]
    duration_ms: NDArray[np.int32]
    kind: NDArray[np.int32]
    year: NDArray[np.int32]
    credit_start: NDArray[np.int32]
    credit_artist: NDArray[np.int32]
    all_credits: bool = False  # whether every credited artist counts, or the first
    features: NDArray[np.float32] = _UNKNOWN  # a row of FEATURES per place; NaN: not known
    genre_start: NDArray[np.int32] = _UNKNOWN  # like `credit_start`; a track without genres has its artist's
    genre: NDArray[np.int32] = _UNKNOWN  # Tag ids, the best first
    genre_weight: NDArray[np.float32] = _UNKNOWN  # 0 to 1
    listeners: NDArray[np.int64] = _UNKNOWN  # of the track, at a provider; -1: not known
    popularity: NDArray[np.int32] = _UNKNOWN  # 0 to 100; -1: not known

    def __post_init__(self) -> None:
        """What is not given is not known."""
        places = self.track.size
        unknown: dict[str, Callable[[], NDArray[Any]]] = {
            "features": lambda: np.full((places, len(FEATURES)), np.nan, dtype=np.float32),
            "genre_start": lambda: np.zeros(places + 1, dtype=np.int32),
            "genre": lambda: np.zeros(0, dtype=np.int32),
            "genre_weight": lambda: np.zeros(0, dtype=np.float32),
            "listeners": lambda: np.full(places, -1, dtype=np.int64),
            "popularity": lambda: np.full(places, -1, dtype=np.int32),
        }
        for name, values in unknown.items():
            if getattr(self, name) is _UNKNOWN:
                object.__setattr__(self, name, values())

    def keys(self, what: What) -> tuple[NDArray[np.intp] | None, NDArray[np.int32]]:
        """What each place counts for: (places, keys), where `places` is None if each place has just one key."""
        if what == "tracks":
            return None, self.group
        if what == "albums":
            return None, self.album
        if what == "genres":
            return np.repeat(np.arange(self.track.size), np.diff(self.genre_start)), self.genre
        if not self.all_credits:
            return None, self.artist
        return np.repeat(np.arange(self.track.size), np.diff(self.credit_start)), self.credit_artist

    def table(self, what: What, values: NDArray[np.int64]) -> NDArray[np.int64]:
        """Values by place, added up by key: a table in which key 0, "not known", has none."""
        places, names = self.keys(what)
        table = np.bincount(names, weights=values if places is None else values[places], minlength=1).astype(np.int64)
        table[0] = 0
        return table

    def starts(self, what: What) -> NDArray[np.int32]:
        """Where the keys of each place begin, where `keys` has several for one place."""
        return self.genre_start if what == "genres" else self.credit_start

    def places_of(self, what: What, key: int) -> NDArray[np.bool_]:
        """The places that count for one track (with its recording), artist, album or genre."""
        if what == "tracks":
            own = self.group[self.track == key]
            return self.group == (own[0] if own.size else key)
        places, keys = self.keys(what)
        hits = keys == key
        if places is None:
            return hits
        mask = np.zeros(self.track.size, dtype=bool)
        mask[places[hits]] = True
        return mask


class Heard:
    """Plays of one person in one stretch of time, oldest first.

    What is filtered out, hidden, or no music is not in here at all. `counts` says which of these are plays by the rule,
    `skips` which are skips; a play may be neither. Moments are ms since 1970 UTC.
    """

    def __init__(
        self,
        source: Source,
        chosen: Chosen,
        *,
        place: NDArray[np.intp],
        facts: Facts,
        zone: ZoneInfo,
        counts: NDArray[np.bool_],
        skips: Callable[[], NDArray[np.bool_]],
    ) -> None:
        self.source, self.chosen = source, chosen
        self.place, self.facts, self.zone, self.counts = place, facts, zone, counts
        # What is chosen from these asks those two, and not `self`, which may remember it: no ring of references.
        self._skips = cache(skips)
        self._spots: Callable[[What, int], NDArray[np.intp]] = cache(
            lambda what, key: _spots(place, facts.places_of(what, key))
        )

    def __len__(self) -> int:
        return len(self.counts)

    def column(self, name: str) -> NDArray[Any]:
        """One column of these plays by its name in `ingest.columns.ROW`."""
        return at(self.source[name], self.chosen)

    @cached_property
    def started(self) -> NDArray[np.int64]:
        return self.column("started")

    @cached_property
    def ended(self) -> NDArray[np.int64]:
        return self.column("ended")

    @cached_property
    def ms(self) -> NDArray[np.int32]:
        return self.column("ms")

    @cached_property
    def track(self) -> NDArray[np.int32]:
        return self.column("track")

    @cached_property
    def flags(self) -> NDArray[np.uint16]:
        return self.column("flags")

    @property
    def skips(self) -> NDArray[np.bool_]:
        """Music left before the skip limit, and not because it was over."""
        return self._skips()

    @cached_property
    def counted(self) -> Heard:
        """Only the plays that count."""
        if self.counts.all():
            return self
        chosen = np.flatnonzero(self.counts)
        found = self.where(chosen)
        found._spots = self.spots_among(chosen)
        return found

    def spots_among(self, counted: NDArray[np.intp]) -> Callable[[What, int], NDArray[np.intp]]:
        """What finds the spots of a thing among the plays that count, which stand at `counted`, by those among all."""
        counts, spots = self.counts, self._spots
        return cache(lambda what, key: np.searchsorted(counted, spots(what, key)[counts[spots(what, key)]]))

    def where(self, chosen: NDArray[np.bool_] | NDArray[np.integer] | slice) -> Heard:
        """Those that a mask, ascending places or a slice names."""
        skips, is_mask = self._skips, isinstance(chosen, np.ndarray) and chosen.dtype == bool
        spots: Chosen = np.flatnonzero(chosen) if is_mask else chosen  # type: ignore[assignment, arg-type]
        return Heard(
            self.source,
            deeper(self.chosen, spots),
            place=at(self.place, spots),
            facts=self.facts,
            zone=self.zone,
            counts=at(self.counts, spots),
            skips=lambda: at(skips(), spots),
        )

    def between(self, start_ms: int | None, end_ms: int | None) -> Heard:
        """Those started in [start_ms, end_ms); None is open on that side."""
        first = 0 if start_ms is None else int(np.searchsorted(self.started, start_ms))
        last = len(self) if end_ms is None else int(np.searchsorted(self.started, end_ms))
        return self.where(slice(first, max(first, last)))

    def of(self, what: What, key: int) -> Heard:
        """Those of one track (with its recording), artist, album or genre."""
        return self.where(self.spots(what, key))

    def spots(self, what: What, key: int) -> NDArray[np.intp]:
        """Which of these plays are of it, ascending."""
        return self._spots(what, key)

    @cached_property
    def plays_by_place(self) -> NDArray[np.int64]:
        """How often each place was heard. Meant for `counted`."""
        return np.bincount(self.place, minlength=self.facts.track.size)

    @cached_property
    def by_place(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """How often and how long (ms) each place was heard. Meant for `counted`."""
        # float64 holds whole ms up to 285,000 years, so the sums are exact.
        ms = np.bincount(self.place, weights=self.ms, minlength=self.facts.track.size).astype(np.int64)
        return self.plays_by_place, ms

    def plays_of(self, what: What) -> NDArray[np.int64]:
        """How often each track, artist, album or genre was heard; what `totals` costs more is for the ms."""
        if what not in self._plays_of:
            self._plays_of[what] = self.facts.table(what, self.plays_by_place)
        return self._plays_of[what]

    @cached_property
    def _plays_of(self) -> dict[What, NDArray[np.int64]]:
        return {}

    def totals(self, what: What) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """How often and how long (ms) each track, artist, album or genre was heard: tables by key; 0 is "not known".

        A play counts whole for each genre of its track.
        """
        return self.plays_of(what), self.facts.table(what, self.by_place[1])

    @cached_property
    def hours(self) -> clock.Hours:
        """The local hours from the first play to the last; ask only where there is one."""
        return clock.hours(int(self.started[0]), int(self.started[-1]), self.zone)

    @cached_property
    def _hour_spots(self) -> NDArray[np.intp]:
        """How many of these plays began before each edge of `hours`."""
        return np.searchsorted(self.started, self.hours.edges)

    @cached_property
    def plays_by_hour(self) -> NDArray[np.int64]:
        """Plays of each of `hours`; what `by_hour` costs more is for the ms."""
        return np.diff(self._hour_spots) if len(self) else np.zeros(0, dtype=np.int64)

    @cached_property
    def by_hour(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Plays and ms of each of `hours`, by the start of the play."""
        if not len(self):
            return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
        return self.plays_by_hour, np.diff(self._running_ms[self._hour_spots])

    def within(self, edges: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Plays and ms between each two ascending moments, by the start of the play."""
        spots = np.searchsorted(self.started, edges)
        return np.diff(spots), np.diff(self._running_ms[spots])

    @cached_property
    def _running_ms(self) -> NDArray[np.int64]:
        """Ms of all plays before each, and of all."""
        running = np.zeros(len(self) + 1, dtype=np.int64)
        np.cumsum(self.ms, dtype=np.int64, out=running[1:])
        return running

    @cached_property
    def days(self) -> NDArray[np.int64]:
        """The local day (since 1970-01-01) of each play: of the hour it began in."""
        return np.repeat(*self.plays_by_day)

    @cached_property
    def plays_by_day(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Local days (since 1970-01-01) from the first play to the last, and the plays of each.

        A day comes twice where the clock goes back over its midnight.
        """
        if not len(self):
            return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
        day, edges = self.hours.day, self.hours.edges
        begins = np.append(0, np.flatnonzero(np.diff(day)) + 1)
        spots = np.searchsorted(self.started, np.append(edges[begins], edges[-1]))  # 24 times fewer than hours
        return day[begins].astype(np.int64), np.diff(spots)

    @property
    def total_ms(self) -> int:
        return int(self.ms.sum(dtype=np.int64))


def at(values: NDArray[Any], chosen: Chosen) -> NDArray[Any]:
    """The values at these places, all of which are there: `[]` would go over the places once more to make sure."""
    return values[chosen] if isinstance(chosen, slice) else values.take(chosen, mode="clip")


def _spots(place: NDArray[np.intp], wanted: NDArray[np.bool_]) -> NDArray[np.intp]:
    """Where the places are that are wanted, ascending; most tracks have one or two, which are compared much faster."""
    few = np.flatnonzero(wanted)
    if few.size > 3:
        return np.flatnonzero(at(wanted, place))
    hits = np.zeros(place.size, dtype=bool)
    for each in few.tolist():
        hits |= place == each
    return np.flatnonzero(hits)


def deeper(outer: Chosen, inner: Chosen) -> Chosen:
    """What `inner` names among the elements that `outer` names."""
    if isinstance(outer, slice):
        first = outer.start or 0
        if isinstance(inner, slice):
            low, high, _ = inner.indices((outer.stop or 0) - first)
            return slice(first + low, first + high)
        return inner + first if first else inner
    return at(outer, inner)
