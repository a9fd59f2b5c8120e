"""Ranking: which tracks, artists or albums were heard most. Pure, vectorised."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Measure = Literal["plays", "time"]


@dataclass(frozen=True, slots=True)
class Ranked:
    """One line of a top list."""

    rank: int  # from 1; ties share the better rank
    key: int
    plays: int
    ms: int  # heard in all
    share: float  # of the period's plays or time, 0 to 1


@dataclass(frozen=True, slots=True)
class Ranking:
    """A whole top list, cut to a window. `keys` counts every key, `plays` and `ms` add up all of them."""

    rows: list[Ranked]
    keys: int
    plays: int
    ms: int
    best: int  # what the first place has, in plays or ms


def rank(keys: NDArray[np.integer], ms: NDArray[np.int32], *, by: Measure, start: int, size: int) -> Ranking:
    """Rank `keys` (one per counted play, 0 = unknown, left out) by number of plays or by milliseconds heard.

    Rows `start` (from 0) to `start + size`. Ties are broken by the other measure, then by the lower key, so that the
    same plays always give the same list.
    """
    if not keys.size:
        return Ranking([], 0, 0, 0, 0)
    plays = np.bincount(keys)
    time = np.bincount(keys, weights=ms).astype(np.int64)  # exact: float64 holds whole ms up to 285,000 years
    plays[0] = time[0] = 0
    present = np.flatnonzero(plays)
    first, second = (plays, time) if by == "plays" else (time, plays)
    order = present[np.lexsort((present, -second[present], -first[present]))]
    values = first[order]
    window = order[start : start + size]
    ranks = np.searchsorted(-values, -first[window]) + 1
    total = int(values.sum()) or 1
    rows = [
        Ranked(int(place), int(key), int(plays[key]), int(time[key]), int(first[key]) / total)
        for place, key in zip(ranks, window, strict=True)
    ]
    return Ranking(rows, int(present.size), int(plays.sum()), int(time.sum()), int(values.max(initial=0)))
