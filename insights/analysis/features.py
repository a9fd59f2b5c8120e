"""How the heard music sounds: audio features weighted by plays. Pure, vectorised.

Facts come by place: `values` is `ingest.heard.Facts.features`, an array (places, 9) in the order of
`ingest.heard.FEATURES`, NaN where nobody told; `weights` says how often each place was heard (`Heard.by_place[0]` of
the plays that count). Features run from 0 to 1, but tempo in beats per minute and loudness in dB. They are what
providers measured, or a person's own word; which of them told is kept beside each fact.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ingest.heard import FEATURES

RADAR = ("energy", "valence", "danceability", "speechiness", "instrumentalness", "acousticness")  # all from 0 to 1

Values = NDArray[np.float32]
Weights = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Measured:
    """One feature over some plays. All four figures are None where it is known for none of them."""

    name: str  # one of FEATURES
    mean: float | None
    spread: float | None  # standard deviation over the plays themselves, not an estimate for more of them
    least: float | None
    most: float | None
    plays: int  # for which it is known
    tracks: int  # distinct ones that these plays are of


@dataclass(frozen=True, slots=True)
class Sound:
    """All features of some plays, in the order of FEATURES."""

    measures: tuple[Measured, ...]
    plays: int  # of which at least one feature is known
    tracks: int  # that these are of
    all_plays: int

    def __getitem__(self, name: str) -> Measured:
        return self.measures[FEATURES.index(name)]

    @property
    def coverage(self) -> float | None:
        """The share of plays of which something is known, 0 to 1; None without plays."""
        return self.plays / self.all_plays if self.all_plays else None


@dataclass(frozen=True, slots=True)
class Radar:
    """Means from 0 to 1 by RADAR's axes: of a stretch of time, and of all time; None where nothing is known."""

    period: tuple[float | None, ...]
    ever: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class Mean:
    """The mean of one feature over one step of a course, and the plays of which it is known."""

    value: float | None
    plays: int


def sound(values: Values, weights: Weights) -> Sound:
    """Mean, spread, least and most of each feature; a track heard ten times weighs ten times as much.

    Places with weight 0 are not heard: they are in none of the figures.
    """
    at = np.flatnonzero(weights)
    weights, table = weights[at], values[at].astype(np.float64)
    known = ~np.isnan(table)
    some = known.any(axis=1)
    return Sound(
        tuple(_measured(name, table[:, n], weights, known[:, n]) for n, name in enumerate(FEATURES)),
        plays=int(weights[some].sum()),
        tracks=int(some.sum()),
        all_plays=int(weights.sum()),
    )


def radar(period: Sound, ever: Sound) -> Radar:
    """The outline of a stretch of time against that of all time."""
    return Radar(*(tuple(each[name].mean for name in RADAR) for each in (period, ever)))


def means(values: Values, name: str, place: NDArray[np.integer], spots: Sequence[int]) -> list[Mean]:
    """The mean of feature `name` over each step of a course.

    `place` is that of each play, oldest first; step n holds the plays `spots[n]` up to, not with, `spots[n + 1]`. A
    step without a known play has no mean.
    """
    column = values[:, FEATURES.index(name)].astype(np.float64)
    known = ~np.isnan(column)
    edges = np.asarray(spots, dtype=np.intp)
    sums = _between(np.where(known, column, 0.0)[place], edges)
    counts = _between(known.astype(np.int64)[place], edges).astype(int)
    return [
        Mean(amount / plays if plays else None, plays)
        for amount, plays in zip(sums.tolist(), counts.tolist(), strict=True)
    ]


def _between(values: NDArray[Any], edges: NDArray[np.intp]) -> NDArray[Any]:
    """The sum of `values` from each edge up to, not with, the next one."""
    found = np.zeros(edges.size - 1, dtype=values.dtype)
    full = np.flatnonzero(np.diff(edges))  # reduceat gives a value where a step is empty
    if full.size:
        found[full] = np.add.reduceat(values[: edges[-1]], edges[:-1][full])
    return found


def _measured(name: str, values: NDArray[np.float64], weights: Weights, known: NDArray[np.bool_]) -> Measured:
    values, weights = values[known], weights[known]
    plays = int(weights.sum())
    if not plays:
        return Measured(name, None, None, None, None, 0, 0)
    least, most = float(values.min()), float(values.max())
    mean = min(max(float(values @ weights) / plays, least), most)  # rounding must not lead out of what was measured
    spread = float(np.sqrt((values - mean) ** 2 @ weights / plays))
    return Measured(name, mean, spread, least, most, plays, int(values.size))
