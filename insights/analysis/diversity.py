"""How wide and how new the listening is. Pure.

Shares are from 0 to 1, and None where there is nothing to take a share of, which is not the same as 0.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

ARTISTS = 50  # distinct artists from which on the artist diversity is full
BITS = 3.32  # log2 of ten genres, by which the genre diversity is measured


@dataclass(frozen=True, slots=True)
class Newness:
    """Artists of a stretch of time that were never heard before it."""

    artists: int  # new ones
    all_artists: int  # heard in the stretch
    plays: int  # of new ones
    all_plays: int  # by artists that are known

    @property
    def share(self) -> float | None:
        """Of the artists."""
        return self.artists / self.all_artists if self.all_artists else None

    @property
    def plays_share(self) -> float | None:
        """Of the plays."""
        return self.plays / self.all_plays if self.all_plays else None


def artist_diversity(artists: int) -> float:
    """Distinct artists by fifty, at most 1: 25 give 0.5, 80 give 1."""
    if artists < 0:
        raise ValueError(f"artists are counted from 0, not {artists}")
    return min(artists / ARTISTS, 1.0)


def genre_diversity(amounts: Iterable[float]) -> float | None:
    """The entropy (base 2) of the shares of genres by 3.32, at most 1: ten equal genres give 1, one gives 0.

    `amounts` are plays (or any measure) by genre; shares are of their sum, and zeros are left out. None without any. It
    is told of the ten biggest genres, and says nothing about moods.
    """
    known = np.array([amount for amount in amounts if amount > 0], dtype=np.float64)
    if not known.size:
        return None
    shares = known / known.sum()
    return min(max(float(-(shares * np.log2(shares)).sum()) / BITS, 0.0), 1.0)


def repeat_share(plays: NDArray[np.int64]) -> float | None:
    """The share of plays that were not the first one of their track in the stretch; `plays` by track, zeros allowed.

    Ten plays of one track give 0.9, ten of ten tracks 0.
    """
    total = int(plays.sum())
    return 1 - int(np.count_nonzero(plays)) / total if total else None


def newness(before: NDArray[np.int64], inside: NDArray[np.int64]) -> Newness:
    """Artists of a stretch that have no play before it. Tables of plays by artist; key 0 is "not known", and no artist.

    With nothing before the stretch all its artists are new.
    """
    heard = np.flatnonzero(inside[1:]) + 1
    new = new_keys(before, inside)
    return Newness(int(new.size), int(heard.size), int(inside[new].sum()), int(inside[heard].sum()))


def new_keys(before: NDArray[np.int64], inside: NDArray[np.int64]) -> NDArray[np.intp]:
    """The keys heard in a stretch and never before it, ascending. Tables of plays by key, of any two lengths."""
    heard = np.flatnonzero(inside[1:]) + 1
    earlier = heard < before.size
    earlier[earlier] = before[heard[earlier]] > 0
    return heard[~earlier]
