"""From which years the music was, and how that changed: by the year in which the album came out. Pure, vectorised.

A reissue or a best-of counts as the album it is: the catalogue knows no other year. Plays of albums without a year are
counted apart. Give plays that count (`Heard.counted`).
"""

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

import numpy as np

from ingest import clock
from ingest.heard import Heard
from insights.analysis.time import Unit, starts

# The longest stretch, in days, that each unit still shows in some 25 columns.
_LONGEST: list[tuple[int, Unit]] = [(14, "day"), (183, "week"), (762, "month")]


@dataclass(frozen=True, slots=True)
class Step:
    """One day, week, month or year; `plays` and `ms` by decade, as `Course.decades` names them."""

    first: date
    last: date
    plays: list[int]
    ms: list[int]
    unknown: int  # plays of albums without a year
    middle: int | None  # half of the plays of a known year are of music of this year or older

    @property
    def known(self) -> int:
        return sum(self.plays)


@dataclass(frozen=True, slots=True)
class Course:
    """`decades` from the first to the last heard, those between included; `total` is all steps as one."""

    unit: Unit
    decades: list[int]  # 1990 stands for 1990 to 1999
    steps: list[Step]
    total: Step

    @property
    def coverage(self) -> float | None:
        """The share of plays whose year is known, 0 to 1; None without plays."""
        plays = self.total.known + self.total.unknown
        return self.total.known / plays if plays else None


def unit_for(first: date, last: date) -> Unit:
    """The unit in which some days fit a row of cells."""
    days = (last - first).days + 1
    return next((unit for longest, unit in _LONGEST if days <= longest), "year")


def course(heard: Heard, *, unit: Unit, first: date, last: date, week_starts_on: int = 1) -> Course:
    """Plays by decade and `unit` (a day or longer), from `first` to `last`, which hold all of `heard`."""
    begins = starts(clock.day_number(first), (last - first).days + 1, unit, week_starts_on)
    edges = clock.midnights(first, last, heard.zone)
    spots = np.searchsorted(heard.started, edges[np.append(begins, edges.size - 1)])
    spots[0], spots[-1] = 0, len(heard)
    width = int(heard.facts.year.max(initial=0)) + 1
    # The step of each play times the width, plus its year: one count of all is the whole table.
    codes = np.repeat(np.arange(begins.size, dtype=np.int32) * width, np.diff(spots))
    codes += heard.facts.year[heard.place]
    shape = (begins.size, width)
    plays = np.bincount(codes, minlength=begins.size * width).reshape(shape)
    # float64 holds whole ms up to 285,000 years, so the sums are exact.
    ms = np.bincount(codes, weights=heard.ms, minlength=begins.size * width).astype(np.int64).reshape(shape)
    years = np.flatnonzero(plays.any(axis=0))
    known = years[years > 0]
    decades = list(range(int(known[0]) // 10 * 10, int(known[-1]) + 1, 10)) if known.size else []
    edges_of = np.append(begins, (last - first).days + 1).tolist()
    steps = [
        _step(first + timedelta(days=low), first + timedelta(days=high - 1), plays[n], ms[n], decades)
        for n, (low, high) in enumerate(pairwise(edges_of))
    ]
    return Course(unit, decades, steps, _step(first, last, plays.sum(axis=0), ms.sum(axis=0), decades))


def _step(first: date, last: date, plays: np.ndarray, ms: np.ndarray, decades: list[int]) -> Step:
    """From plays and ms by year; year 0 is not known."""
    running = np.cumsum(plays[1:])
    total = int(running[-1]) if running.size else 0
    middle = int(np.searchsorted(running, (total + 1) // 2)) + 1 if total else None
    by_plays, by_ms = ([int(values[ten : ten + 10].sum()) for ten in decades] for values in (plays, ms))
    if decades and decades[0] == 0:  # its first year is "not known"
        by_plays[0], by_ms[0] = int(plays[1:10].sum()), int(ms[1:10].sum())
    return Step(first, last, by_plays, by_ms, int(plays[0]), middle)
