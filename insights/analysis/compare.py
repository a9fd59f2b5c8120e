"""Two stretches of one person's time beside each other: totals, and what came, went, rose and fell. Pure."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ingest.heard import Heard, What
from insights.analysis.top import Tables, listened_days

Group = Literal["entries", "leavers", "risers", "fallers"]


@dataclass(frozen=True, slots=True)
class Totals:
    """Counted plays of one stretch; the things are distinct ones. `days` are local days with a play."""

    plays: int
    ms: int
    tracks: int
    artists: int
    albums: int
    days: int


@dataclass(frozen=True, slots=True)
class Change:
    """One thing and its plays in both stretches. `gain` is the difference of its shares of all plays, -1 to 1."""

    key: int
    plays: int
    then: int
    gain: float


def totals(heard: Heard) -> Totals:
    """Give `Heard.counted`."""

    def distinct(what: What) -> int:
        return int(np.count_nonzero(heard.plays_of(what)))

    return Totals(
        plays=len(heard),
        ms=heard.total_ms,
        tracks=distinct("tracks"),
        artists=distinct("artists"),
        albums=distinct("albums"),
        days=listened_days(heard),
    )


def changes(now: Tables, then: Tables, *, size: int) -> dict[Group, list[Change]]:
    """The `size` greatest of each group.

    Entries were heard now alone, leavers then alone, by plays. Risers and fallers were heard in both, by how their
    share of all plays changed: so stretches of different lengths compare, and a busy month makes nothing rise by
    itself. Ties: the lower key.
    """
    length = max(now.plays.size, then.plays.size)
    here, there = _padded(now.plays, length), _padded(then.plays, length)
    gain = here / max(1, int(here.sum())) - there / max(1, int(there.sum()))
    both = (here > 0) & (there > 0)
    groups: dict[Group, tuple[NDArray[np.bool_], NDArray[np.float64]]] = {
        "entries": ((here > 0) & (there == 0), here.astype(np.float64)),
        "leavers": ((here == 0) & (there > 0), there.astype(np.float64)),
        "risers": (both & (gain > 0), gain),
        "fallers": (both & (gain < 0), -gain),
    }
    found: dict[Group, list[Change]] = {}
    for name, (inside, weight) in groups.items():
        keys = np.flatnonzero(inside)
        order = keys[np.argsort(-weight[keys], kind="stable")[:size]]
        found[name] = [Change(int(key), int(here[key]), int(there[key]), float(gain[key])) for key in order]
    return found


def _padded(values: NDArray[np.int64], length: int) -> NDArray[np.int64]:
    return np.pad(values, (0, length - values.size))
