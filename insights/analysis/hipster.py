"""The hipster score: how little known the heard music is. Pure, vectorised.

    by listeners     100 × (1 − mean over plays of log(1 + listeners) / log(1 + 10,000,000))
    by popularity    100 − mean over plays of popularity

Listeners are how many people a provider counted for the track; popularity is Spotify's old number from 0 to 100, where
an import brought it. Music that nobody else hears gives 100, music that ten million (or more) hear gives 0.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

LEAST = 20  # known plays below which there is no score
EVERYBODY = 10_000_000  # listeners


@dataclass(frozen=True, slots=True)
class Hipster:
    """The score, from 0 (everybody hears it) to 100 (nobody else does), and what it rests on."""

    score: float | None  # None: known for fewer than LEAST plays
    source: Literal["listeners", "popularity"]  # which of the two formulas
    known: int  # plays for which the source told something
    tracks: int  # distinct ones that these are of
    plays: int

    @property
    def coverage(self) -> float | None:
        """The share of plays that the score rests on, 0 to 1; None without plays."""
        return self.known / self.plays if self.plays else None


def hipster(listeners: NDArray[np.integer], popularity: NDArray[np.integer], weights: NDArray[np.int64]) -> Hipster:
    """The score by the source that is known for more plays; by listeners if both are for as many.

    All by place: `listeners` and `popularity` are -1 where nobody told, `weights` is how often each place was heard.
    """
    by_listeners, by_popularity = (_known(told, weights) for told in (listeners, popularity))
    if weights[by_popularity].sum() > weights[by_listeners].sum():
        ratio = popularity[by_popularity] / 100
        return _scored("popularity", ratio, weights[by_popularity], weights)
    ratio = np.log1p(listeners[by_listeners].astype(np.float64)) / np.log1p(EVERYBODY)
    return _scored("listeners", ratio, weights[by_listeners], weights)


def _known(told: NDArray[np.integer], weights: NDArray[np.int64]) -> NDArray[np.intp]:
    return np.flatnonzero((told >= 0) & (weights > 0))


def _scored(
    source: Literal["listeners", "popularity"],
    ratio: NDArray[np.float64],
    known: NDArray[np.int64],
    weights: NDArray[np.int64],
) -> Hipster:
    plays = int(known.sum())
    score = 100 * (1 - float(ratio @ known) / plays) if plays >= LEAST else None
    bounded = None if score is None else min(max(score, 0.0), 100.0)
    return Hipster(bounded, source, plays, int(known.size), int(weights.sum()))
