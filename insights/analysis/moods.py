"""Moods: which of five a track has, by limits on its audio features, and how much of each was heard. Pure, vectorised.

The limits are strict: an energy of .6 is not above .6. A track may have several moods; one whose features are known and
that has none of them is "other"; one of which a needed feature is not known is "unknown", whatever the others say.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ingest.heard import FEATURES
from insights.analysis.features import Values, Weights

MOODS = ("happy", "sad", "energetic", "calm", "focused")
# A mood is a list of (feature, above, below), all of which hold; None is no limit on that side.
LIMITS: dict[str, tuple[tuple[str, float | None, float | None], ...]] = {
    "happy": (("valence", 0.6, None), ("energy", 0.6, None)),
    "sad": (("valence", None, 0.4), ("energy", None, 0.5)),
    "energetic": (("energy", 0.7, None), ("danceability", 0.6, None)),
    "calm": (("energy", None, 0.4), ("acousticness", 0.5, None)),
    "focused": (("speechiness", None, 0.3), ("energy", 0.3, 0.7)),
}
NEEDED = ("valence", "energy", "danceability", "acousticness", "speechiness")


@dataclass(frozen=True, slots=True)
class Moods:
    """Plays by mood. They may add up to more than `known`, as a track may have several moods."""

    plays: dict[str, int]  # by MOODS
    other: int
    unknown: int
    known: int  # plays of tracks of which all NEEDED features are known

    def share(self, mood: str) -> float | None:
        """Of the known plays, 0 to 1, of one of MOODS or "other"; None where nothing is known."""
        count = self.other if mood == "other" else self.plays[mood]
        return count / self.known if self.known else None

    @property
    def coverage(self) -> float | None:
        """The share of plays whose moods are known, 0 to 1; None without plays."""
        total = self.known + self.unknown
        return self.known / total if total else None


def moods_of(values: Values) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """The moods of each place, (places, 5) in the order of MOODS, and which places are known, (places,).

    A place that is not known has no mood.
    """
    # The limits are rounded as the stored values are: as a wider number, a stored .6 would be a little above .6.
    table = values.astype(np.float32)
    known = np.asarray(~np.isnan(table[:, [FEATURES.index(name) for name in NEEDED]]).any(axis=1))
    found = np.repeat(known[:, None], len(MOODS), axis=1)
    for number, mood in enumerate(MOODS):
        for name, above, below in LIMITS[mood]:
            column = table[:, FEATURES.index(name)]
            if above is not None:
                found[:, number] &= column > np.float32(above)
            if below is not None:
                found[:, number] &= column < np.float32(below)
    return found, known


def heard(values: Values, weights: Weights) -> Moods:
    """How many plays had each mood; `values` and `weights` by place, as in `features.sound`."""
    found, known = moods_of(values)
    return Moods(
        {mood: int(weights[found[:, number]].sum()) for number, mood in enumerate(MOODS)},
        other=int(weights[known & ~found.any(axis=1)].sum()),
        unknown=int(weights[~known].sum()),
        known=int(weights[known].sum()),
    )
