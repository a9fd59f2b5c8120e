"""Ranking: what was heard most, by plays, time or days, and how the places changed. Pure, vectorised.

What is ranked are *keys*: tracks (with their recording), artists, albums, genres or contexts (what a play was
started from).
Key 0 is "not known" and never ranked.
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ingest.heard import Heard

Measure = Literal["plays", "time", "days"]
Kind = Literal["tracks", "artists", "albums", "genres", "contexts"]


@dataclass(frozen=True, slots=True)
class Tables:
    """How much each key was heard: arrays by key. `days` are the local days with a play; None where nobody asked."""

    plays: NDArray[np.int64]
    ms: NDArray[np.int64]
    days: NDArray[np.int64] | None = None

    def by(self, measure: Measure) -> NDArray[np.int64]:
        if measure == "days":
            assert self.days is not None
            return self.days
        return self.plays if measure == "plays" else self.ms


@dataclass(frozen=True, slots=True)
class Ranked:
    """One line of a top list."""

    rank: int  # from 1; ties share the better rank
    key: int
    plays: int
    ms: int  # heard in all
    days: int | None  # local days with a play
    share: float  # 0 to 1 of all plays, time, or days with a play
    was: int | None = None  # the rank in the stretch before; None: not heard in it, or there is none

    @property
    def moved(self) -> int | None:
        """Places gained since the stretch before; negative: lost."""
        return None if self.was is None else self.was - self.rank


@dataclass(frozen=True, slots=True)
class Ranking:
    """A whole top list, cut to a window. `keys` counts every key."""

    rows: list[Ranked]
    keys: int
    best: int  # what the first place has, in plays, ms or days


def tables(heard: Heard, what: Kind, *, days: bool = False) -> Tables:
    """How much each key was heard; give `Heard.counted`. `days` asks for the days as well, which costs more.

    A play credited to several artists counts for each of them, if the person chose so.
    """
    if what == "contexts":
        keys = heard.column("context")
        plays = np.bincount(keys, minlength=1)
        ms = np.bincount(keys, weights=heard.ms, minlength=1).astype(np.int64)
        plays[0] = ms[0] = 0
    else:
        plays, ms = heard.totals(what)
    if not days:
        return Tables(plays, ms)
    of_play, keys = keys_of_plays(heard, what)
    day = heard.days if of_play is None else heard.days[of_play]
    return Tables(plays, ms, days_heard(keys, day, plays.size))


def keys_of_plays(heard: Heard, what: Kind) -> tuple[NDArray[np.intp] | None, NDArray[np.int32]]:
    """The key of each play: (plays, keys), where `plays` is None if each has just one."""
    if what == "contexts":
        return None, heard.column("context").astype(np.int32)
    places, keys = heard.facts.keys(what)
    if places is None:
        return None, keys[heard.place]
    start = heard.facts.starts(what)
    first = start[heard.place].astype(np.int64)
    many = start[heard.place + 1].astype(np.int64) - first
    plays = np.repeat(np.arange(len(heard)), many)
    before = np.cumsum(many) - many
    return plays, keys[np.arange(plays.size) - before[plays] + first[plays]]


def days_heard(keys: NDArray[np.integer], days: NDArray[np.int64], size: int) -> NDArray[np.int64]:
    """On how many distinct days each key below `size` occurs; `days` ascend. Key 0 has none.

    A day at a time, of which there are a few thousand in a life: adding one to several keys at once counts a key that
    is named twice only once.
    """
    counted = np.zeros(size, dtype=np.int64)
    spots = [0, *(np.flatnonzero(np.diff(days)) + 1).tolist(), keys.size]
    for low, high in pairwise(spots):
        counted[keys[low:high]] += 1
    counted[0] = 0
    return counted


def rank(found: Tables, *, by: Measure, start: int, size: int, before: Tables | None = None, total: int = 0) -> Ranking:
    """Rows `start` (from 0) to `start + size` of a list by number of plays, by ms heard, or by days.

    Ties are broken by plays (those by plays by time), then by the lower key, so that the same plays always give the
    same list. `total` is what shares are of; without it, the sum over all keys.
    """
    first, second = found.by(by), found.ms if by == "plays" else found.plays
    present = np.flatnonzero(found.plays)
    if not present.size:
        return Ranking([], 0, 0)
    # Only those are put in order that can be in the window: the rest have less than its last line.
    wanted = min(start + size, present.size)
    least = np.partition(first[present], present.size - wanted)[present.size - wanted] if wanted else 0
    near = present[first[present] >= least]
    window = near[np.lexsort((near, -second[near], -first[near]))][start : start + size]
    ranks = ranks_of(first, window)
    former = [None] * window.size if before is None else ranks_of(before.by(by), window, heard=before.plays)
    whole = total or int(first[present].sum()) or 1
    rows = [
        Ranked(
            int(place or 0),
            key := int(number),
            int(found.plays[key]),
            int(found.ms[key]),
            None if found.days is None else int(found.days[key]),
            int(first[key]) / whole,
            was,
        )
        for place, number, was in zip(ranks, window, former, strict=True)
    ]
    return Ranking(rows, int(present.size), int(first[present].max()))


def ranks_of(
    values: NDArray[np.int64], keys: NDArray[np.integer], *, heard: NDArray[np.int64] | None = None
) -> list[int | None]:
    """The rank (from 1, ties share the better) of each key by `values`; None for one that is not in `heard`."""
    heard = values if heard is None else heard
    known = keys < values.size
    inside = np.where(known, keys, 0)
    steps = np.unique(values[inside])
    above = np.bincount(np.searchsorted(steps, values[np.flatnonzero(heard)]), minlength=steps.size + 1)
    better = np.cumsum(above[::-1])[::-1]  # how many have more than the step before
    ranks = better[np.searchsorted(steps, values[inside]) + 1] + 1
    there = known & (heard[inside] > 0)
    return [int(place) if is_there else None for place, is_there in zip(ranks, there, strict=True)]


def listened_days(heard: Heard) -> int:
    """Local days with at least one of these plays."""
    return int(np.count_nonzero(np.diff(heard.days))) + 1 if len(heard) else 0
