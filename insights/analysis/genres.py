"""The genre distribution: the biggest genres and what each is of them. Pure.

Genres are tags of tracks and artists as providers told them. A play of a track with three genres counts for each of the
three, as in the top list of genres; so numbers over genres may add up to more than the plays.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ingest.heard import Heard

BIGGEST = 10


@dataclass(frozen=True, slots=True)
class Share:
    """One genre and what it is of the shown ones together, 0 to 1."""

    key: int
    plays: int
    share: float


def biggest(plays: NDArray[np.int64], *, size: int = BIGGEST, ms: NDArray[np.int64] | None = None) -> list[Share]:
    """The `size` biggest genres with shares that add up to 1 over them; none without a known genre.

    `plays` is a table by key (`Heard.totals("genres")`), in which key 0 stands for "not known" and never counts. Ties
    go to more `ms`, if they are given, then to the lower key.
    """
    keys = np.flatnonzero(plays[1:]) + 1
    time = np.zeros(keys.size) if ms is None else ms[keys]
    shown = keys[np.lexsort((keys, -time, -plays[keys]))][:size]
    whole = int(plays[shown].sum())
    return [Share(int(key), int(plays[key]), int(plays[key]) / whole) for key in shown]


def known(heard: Heard) -> int:
    """Plays of tracks that have a genre, of their own or of their artist."""
    has_one = np.diff(heard.facts.genre_start) > 0
    return int(heard.by_place[0][has_one].sum())
