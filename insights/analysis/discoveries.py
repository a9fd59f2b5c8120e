"""What was heard for the first time: in a stretch of time, and what became of it. Pure, vectorised.

New is what no earlier play in all the person's history has, by the person's rule, filters and recordings. History has a
beginning: what is heard soon after it looks new. Give `keydays.of(all plays that count)`.
"""

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from ingest import clock
from insights.analysis.keydays import KeyDays, leading
from insights.analysis.time import Unit, starts

STAYS_DAYS = 3  # what stays is heard on at least so many local days after the first
SETTLES_DAYS = 30  # whether it stayed is asked so many days after the first one, not sooner


@dataclass(frozen=True, slots=True)
class New:
    """One thing that was new in the stretch; `plays` are all since, also after the stretch."""

    key: int
    on: date  # the local day of its first play
    plays: int
    later_days: int  # local days with a play after the first

    @property
    def stayed(self) -> bool:
        return self.later_days >= STAYS_DAYS


@dataclass(frozen=True, slots=True)
class Found:
    """All that was new in a stretch of time; `rows` are a window of it.

    A play of what is not known is a play, and never new.
    """

    new: int
    keys: int  # different things heard in the stretch, new or not
    new_plays: int  # plays in the stretch of what was new in it
    plays: int  # all plays in the stretch
    settled: int  # new things first heard at least SETTLES_DAYS ago
    stayed: int  # of the settled ones
    rows: list[New]

    @property
    def share(self) -> float | None:
        """Of the things heard in the stretch, 0 to 1; None if nothing was heard."""
        return self.new / self.keys if self.keys else None

    @property
    def plays_share(self) -> float | None:
        """Of the plays in the stretch, 0 to 1."""
        return self.new_plays / self.plays if self.plays else None

    @property
    def stayed_share(self) -> float | None:
        """Of the settled ones, 0 to 1."""
        return self.stayed / self.settled if self.settled else None


@dataclass(frozen=True, slots=True)
class Step:
    """One day, week, month or year: things new in it, different things and plays in it."""

    first: date
    last: date
    new: int
    keys: int
    plays: int

    @property
    def share(self) -> float | None:
        """New ones among the things heard, 0 to 1; None if nothing was heard."""
        return self.new / self.keys if self.keys else None

    @property
    def repeats(self) -> float | None:
        """Plays of things heard before among all plays, 0 to 1: the first play of a new thing is the only one that is
        not. None if nothing was heard."""
        return 1 - self.new / self.plays if self.plays else None


def find(
    found: KeyDays, *, first: date | None, last: date | None, today: date, start: int = 0, size: int = 50
) -> Found:
    """New in the local days `first` to `last` (None: open). Rows: most plays first, then the earlier, then by key."""
    low, high = found.window(first, last)
    began = found.first_day
    rows = np.flatnonzero((began >= low) & (began < high))
    plays, later = found.plays[rows], found.days[rows] - 1
    settled = began[rows] <= clock.day_number(today) - found.start - SETTLES_DAYS
    window = leading(plays, -began[rows], -rows, start=start, size=size)
    inside = found.inside(low, high)
    if inside is None:
        keys, new_plays = len(found), int(plays.sum())
    else:
        keys, new_plays = _within(found, inside, low)
    return Found(
        new=int(rows.size),
        keys=keys,
        new_plays=new_plays,
        plays=int(found.by_day[low:high].sum()),
        settled=int(settled.sum()),
        stayed=int((settled & (later >= STAYS_DAYS)).sum()),
        rows=[
            New(int(found.keys[rows[n]]), found.date(began[rows[n]]), int(plays[n]), int(later[n]))
            for n in window.tolist()
        ],
    )


def course(found: KeyDays, *, unit: Unit, first: date, last: date, week_starts_on: int = 1) -> list[Step]:
    """What was new in each `unit` from `first` to `last`, oldest first, empty ones too. `unit` is a day or longer."""
    start, size = clock.day_number(first), (last - first).days + 1
    begins = starts(start, size, unit, week_starts_on)
    ends = np.append(begins[1:], size) - 1
    low, high = found.window(first, last)
    # The step of each day of history; those outside belong to none, and are asked for nowhere.
    step_of = np.zeros(found.by_day.size, dtype=found.codes.dtype)
    of_course = np.repeat(np.arange(begins.size), ends - begins + 1)
    step_of[low:high] = of_course[low + found.start - start : high + found.start - start]
    inside = found.inside(low, high)
    day, cells = (found.day, found.cells) if inside is None else (found.day[inside], found.cells[inside])
    step = step_of.take(day)
    # Cells go by row and day, so the steps of one row never go back: each pair of both is counted where it begins.
    pairs = (cells ^ day) | step
    fresh = step[np.append(True, pairs[1:] != pairs[:-1])[: pairs.size]]
    began = found.first_day
    new = step_of[began[(began >= low) & (began < high)]]
    running = np.concatenate([[0], np.cumsum(found.by_day)])
    plays = np.diff(running[np.clip(np.append(begins, size) + start - found.start, 0, found.by_day.size)])
    new_and_keys = (np.bincount(each, minlength=begins.size).tolist() for each in (new, fresh))
    return [
        Step(clock.day_of(start + a), clock.day_of(start + b), *counts)
        for a, b, *counts in zip(begins.tolist(), ends.tolist(), *new_and_keys, plays.tolist(), strict=True)
    ]


def _within(found: KeyDays, inside: NDArray[np.intp], low: int) -> tuple[int, int]:
    """Different things among some cells of days from `low` on, and the plays of those first heard on such a day."""
    row = found.row(inside)
    new = found.first_day[row] >= low
    plays = found.at[inside + 1] - found.at[inside]
    return int(np.count_nonzero(np.diff(row))) + 1 if row.size else 0, int(plays[new].sum())
