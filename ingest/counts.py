"""What counts as a play, decided when reading, never when storing. Vectorised."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ingest.columns import Columns
from ingest.models import Track
from ingest.shelf import Shelf


@dataclass(frozen=True, slots=True)
class Rule:
    """A play counts from `least_ms` on, or from half of a shorter track; private sessions only if asked for."""

    least_ms: int = 30_000
    half_counts: bool = True
    with_incognito: bool = False


DEFAULT = Rule()


def mask(plays: Columns, shelf: Shelf, rule: Rule = DEFAULT) -> NDArray[np.bool_]:
    """Which of `plays` count, as music, by `rule`; aligned with them. A track of unknown length has no half."""
    if not plays.ms.size:
        return np.zeros(0, dtype=bool)
    # By track first: most plays are long enough, and a table lookup costs less than arithmetic per play.
    least = np.full(shelf.track.size, rule.least_ms, dtype=np.int32)
    if rule.half_counts:
        known = shelf.duration_ms > 0
        least[known] = np.minimum(rule.least_ms, -(-shelf.duration_ms[known] // 2))
    least = np.maximum(least, 1)
    least[shelf.kind != Track.Kind.MUSIC] = np.iinfo(np.int32).max
    table = np.zeros(int(shelf.track[-1]) + 1, dtype=np.int32)
    table[shelf.track] = least
    counted = plays.ms >= table[plays.track]
    return counted if rule.with_incognito else counted & ~plays.incognito
