"""What counts as a play, decided when reading. Pure, vectorised."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Rule:
    """A play counts from `least_ms` on, or from half of a shorter track; private sessions only if asked for."""

    least_ms: int = 30_000
    half_counts: bool = True
    with_incognito: bool = False


DEFAULT = Rule()


def counted(ms: NDArray[np.int32], duration_ms: NDArray[np.int32], incognito: NDArray[np.bool_], rule: Rule = DEFAULT) -> NDArray[np.bool_]:
    """Mask of plays that count. `duration_ms` is 0 where the track's length is not known; arrays of one shape."""
    mask = ms >= rule.least_ms
    if rule.half_counts:
        mask |= (duration_ms > 0) & (ms.astype(np.int64) * 2 >= duration_ms) & (ms > 0)
    if not rule.with_incognito:
        mask &= ~incognito
    return mask
