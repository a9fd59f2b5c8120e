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
    plays, ms = heard.counted.by_place
    total = int(plays.sum())
    tracks = np.unique(heard.facts.group[plays > 0])
    return Figures(total, int(ms.sum()), int(tracks.size), len(heard) - total)
