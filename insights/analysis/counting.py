"""The same listening under several rules. Pure."""

from dataclasses import dataclass

import numpy as np

from ingest.heard import Heard


@dataclass(frozen=True, slots=True)
class Figures:
    """What one rule makes of a stretch of time."""

    plays: int
    ms: int  # heard in the plays that count
    tracks: int  # distinct tracks among them, recordings grouped as the person chose
    left_out: int  # plays that do not count


def figures(heard: Heard) -> Figures:
    """Totals of the plays that count by the rule that `heard` was made with."""
    place = heard.place.compress(heard.counts)
    found = np.zeros(heard.facts.track.size, dtype=bool)
    found[place] = True
    tracks = np.bincount(heard.facts.group[found], minlength=1)
    ms = int(heard.ms.compress(heard.counts).sum(dtype=np.int64))
    return Figures(int(place.size), ms, int(np.count_nonzero(tracks)), len(heard) - int(place.size))
