"""What one listener feels like playing in one month: drifting genres, favourites, discoveries, obsessions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

import numpy as np

from .chance import arrays, dice
from .drafts import EPOCH
from .listeners import Listener
from .model import Artist, Track

MODES = {  # a mood multiplies the genres it lists and damps all others
    "focus": {"lo-fi": 4.0, "ambient": 3.0, "classical": 2.0, "post-rock": 2.0, "jazz": 1.5},
    "sleep": {"ambient": 8.0, "classical": 2.0, "lo-fi": 2.0},
    "gym": {"drum and bass": 3.0, "metal": 2.0, "techno": 2.0, "hip hop": 1.5, "punk": 1.5},
    "children": {"children's music": 400.0},
    "lullaby": {"children's music": 200.0, "folk": 4.0, "classical": 4.0},
    "radio": {},  # what a station knows of somebody: their genres, not their favourites
}
POOL = 1000  # tracks within reach in one month


class Pool(NamedTuple):
    tracks: list[int]  # indexes into world.tracks
    reach: list[float]  # running sum of weights, last is the total
    appeal: list[float]  # 0 to 1: how welcome


def months(moment: date) -> int:
    return moment.year * 12 + moment.month - 1


def first_day(month: int) -> date:
    return date(month // 12, month % 12 + 1, 1)


class Shelf:
    """The catalogue as arrays, shared by every taste."""

    def __init__(self, artists: Sequence[Artist], tracks: Sequence[Track]) -> None:
        position = {artist.id: index for index, artist in enumerate(artists)}
        self.genres = sorted({track.genre for track in tracks})
        number = {name: index for index, name in enumerate(self.genres)}
        self.artist = np.array([position[track.artist_ids[0]] for track in tracks])
        self.genre = np.array([number[track.genre] for track in tracks])
        self.released = np.array([track.released for track in tracks])
        self.fame = np.array([track.popularity for track in tracks]) / 100
        self.artists = len(artists)


class Taste:
    """One listener's taste over the whole of their life. Weighs all tracks, month by month."""

    def __init__(self, salt: str, listener: Listener, shelf: Shelf) -> None:
        self.salt = salt
        self.listener = listener
        self.shelf = shelf
        self._base = np.full(len(shelf.genres), 0.02)
        for name, weight in listener.tastes:
            self._base[shelf.genres.index(name)] = weight
        chance = arrays(salt, "taste", listener.id)
        self._artist = chance.exponential(1.0, shelf.artists) ** 2.2
        self._track = (chance.exponential(1.0, len(shelf.artist)) ** 1.6 + 0.05) * (0.15 + shelf.fame)
        start = months(listener.born)
        self._met = start + (chance.exponential(30 / listener.curious, shelf.artists) - 8).astype(int)

    def _drift(self, month: int) -> np.ndarray:
        """Genre weights of a month: the base, swayed by a slow wave of the listener's own."""
        half, rest = divmod(month, 6)

        def anchor(at: int) -> np.ndarray:
            return arrays(self.salt, "drift", self.listener.id, at).normal(0, 0.7, len(self._base))

        return self._base * np.exp(anchor(half) * (1 - rest / 6) + anchor(half + 1) * rest / 6)

    def weigh(self, month: int, mode: str) -> np.ndarray:
        """A weight for every track of the catalogue; 0 for what is not out yet or not met yet."""
        genre = self._drift(month)
        if MODES.get(mode):
            wanted = MODES[mode]
            genre = genre * np.array([wanted.get(name, 0.04) for name in self.shelf.genres])
        known = (self._met <= month) * (1 + 3.0 * (self._met >= month - 1))  # new ones are played a lot
        wave = 0.4 + arrays(self.salt, "phase", self.listener.id, month // 3).random(self.shelf.artists)
        liking = wave**4 if mode == "radio" else self._artist * known * wave
        weights = liking[self.shelf.artist] * genre[self.shelf.genre] * self._track
        day = first_day(month).toordinal() - EPOCH
        age = day - self.shelf.released
        return weights * (age >= 0) * (1 + 2.5 * (age < 60))

    def pool(self, month: int, mode: str = "") -> Pool:
        weights = self.weigh(month, mode)
        size = min(POOL, int((weights > 0).sum()))
        if not size:
            return Pool([], [], [])
        least = np.partition(weights, -size)[-size]
        near = np.flatnonzero(weights >= least)
        best = near[np.argsort(-weights[near], kind="stable")][:size]  # equal ones in catalogue order
        chosen = weights[best] / weights[best[0]]
        chance = dice(self.salt, "obsession", self.listener.id, month, mode)
        for _ in range(2):
            chosen[chance.randrange(min(size, 60))] += 1.2
        chosen = np.minimum(chosen, 2.0) + 0.002
        appeal = np.clip(0.25 + 0.75 * np.sqrt(np.minimum(chosen, 1)), 0, 1)
        return Pool(best.tolist(), np.cumsum(chosen).tolist(), appeal.round(4).tolist())
