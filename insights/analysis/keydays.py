"""On which local days each track, artist or album was heard: what discoveries, returns and obsessions read. Pure.

One sort of small numbers answers for all of them: a million plays take some 20 ms. Days are those of the listening log
(`ingest.period`): from one midnight to the next, so that every figure here leads to the very plays it counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ingest import clock
from ingest.heard import Heard, What
from insights.analysis.top import keys_of_plays

Codes = NDArray[Any]  # of np.uint32; of np.uint64 where that is too small
_ROOM = 400  # empty days after the last one, so that no stretch of up to that many reaches into the next key


@dataclass(frozen=True)
class KeyDays:
    """One code per play, sorted: the row of its key times 2 to the `bits`, plus the days since `start`.

    Rows go by key, each with at least one play; what has no known key is in no row. A *cell* is one key on one day.
    """

    keys: NDArray[np.int32]  # of each row, ascending
    codes: Codes  # of each play; one of each credit where all of them count
    bits: int
    start: int  # the first day with a play, in days since 1970-01-01
    by_day: NDArray[np.int64]  # plays of each day from `start` to the last one, of unknown keys too

    def __len__(self) -> int:
        return len(self.keys)

    @cached_property
    def at(self) -> NDArray[np.intp]:
        """Where the plays of each cell begin among the codes; and the number of all."""
        if not self.codes.size:
            return np.zeros(1, dtype=np.intp)
        return np.concatenate([[0], np.flatnonzero(self.codes[1:] != self.codes[:-1]) + 1, [self.codes.size]])

    @cached_property
    def cells(self) -> Codes:
        """The code of each cell."""
        return self.codes[self.at[:-1]]

    @cached_property
    def first(self) -> NDArray[np.intp]:
        """Where the cells of each row begin; and the number of all."""
        if not len(self):
            return np.zeros(1, dtype=np.intp)
        turns = np.flatnonzero((self.cells[1:] ^ self.cells[:-1]) >> self.bits) + 1
        return np.concatenate([[0], turns, [self.cells.size]])

    @cached_property
    def day(self) -> Codes:
        """The day of each cell, since `start`; unsigned."""
        return self.cells & self.cells.dtype.type((1 << self.bits) - 1)

    def row(self, cells: NDArray[np.intp]) -> NDArray[np.intp]:
        """The row of some cells."""
        return (self.cells[cells] >> self.bits).astype(np.intp)

    def inside(self, low: int, high: int) -> NDArray[np.intp] | None:
        """The cells of the days [low, high) since `start`; None for all of them."""
        if low <= 0 and high >= self.by_day.size:
            return None
        return np.flatnonzero((self.day >= max(0, low)) & (self.day < max(0, high)))

    @property
    def first_day(self) -> NDArray[np.int32]:
        """The day on which each row was first heard, since `start`."""
        return self.day[self.first[:-1]].astype(np.int32)

    @property
    def last_day(self) -> NDArray[np.int32]:
        """The day on which each row was last heard, since `start`."""
        return self.day[self.first[1:] - 1].astype(np.int32)

    @property
    def days(self) -> NDArray[np.intp]:
        """On how many days each row was heard."""
        return np.diff(self.first)

    @property
    def plays(self) -> NDArray[np.intp]:
        """How often each row was heard."""
        return np.diff(self.at[self.first])

    def window(self, first: date | None, last: date | None) -> tuple[int, int]:
        """The days `first` to `last`, both included, as [low, high) since `start`, cut to those with plays."""
        size = self.by_day.size
        low = 0 if first is None else min(size, max(0, clock.day_number(first) - self.start))
        high = size if last is None else min(size, max(low, clock.day_number(last) - self.start + 1))
        return low, high

    def date(self, day: int) -> date:
        return clock.day_of(self.start + int(day))


def of(heard: Heard, what: What) -> KeyDays:
    """Give all the person's plays that count (`Reading.heard().counted`): what is new depends on what was before."""
    if not len(heard):
        return KeyDays(np.zeros(0, dtype=np.int32), np.zeros(0, dtype=np.uint32), 1, 0, np.zeros(0, dtype=np.int64))
    first, last = (int(day) for day in clock.local_days(heard.started[[0, -1]], heard.zone))
    # A clock that goes back over midnight lets a play begin outside the midnights of the first day, or the last one.
    spots = np.searchsorted(heard.started, clock.midnights(clock.day_of(first), clock.day_of(last), heard.zone))
    spots[0], spots[-1] = 0, len(heard)
    by_day = np.diff(spots)
    bits = int(by_day.size + _ROOM).bit_length()
    return KeyDays(*_sorted(heard, what, by_day, bits), bits, first, by_day)


def _sorted(heard: Heard, what: What, by_day: NDArray[np.int64], bits: int) -> tuple[NDArray[np.int32], Codes]:
    """The keys of the rows, and the codes."""
    places, keys = heard.facts.keys(what)
    of_place = np.zeros(heard.facts.track.size, dtype=bool)
    of_place[heard.place] = True
    present = np.zeros(int(keys.max(initial=0)) + 1, dtype=bool)
    present[keys[of_place if places is None else of_place[places]]] = True
    present[0] = False
    names = np.flatnonzero(present).astype(np.int32)
    kind: Any = np.uint32 if (names.size + 1) << bits <= 1 << 32 else np.uint64
    rows: Codes = np.zeros(present.size, dtype=kind)  # 0 is not known: its codes come first, and are cut off
    rows[names] = np.arange(1, names.size + 1, dtype=kind) << kind(bits)
    day: Codes = np.repeat(np.arange(by_day.size, dtype=kind), by_day)
    if places is None:
        codes = rows[keys][heard.place]
        codes |= day
    else:
        of_play, credited = keys_of_plays(heard, what)
        codes = rows[credited] | day[of_play]
    codes.sort()
    codes = codes[int(np.searchsorted(codes, kind(1 << bits))) :]
    codes -= kind(1 << bits)
    return names, codes


def leading(*values: NDArray[np.integer], start: int, size: int) -> NDArray[np.intp]:
    """Places `start` to `start + size` of an order by the first of `values`, the greatest first, ties by the next."""
    lead, stop = values[0], start + size
    chosen = np.arange(lead.size)
    if stop < lead.size:
        chosen = np.flatnonzero(lead >= np.partition(lead, lead.size - stop)[lead.size - stop])
    order = np.lexsort([-value[chosen].astype(np.int64) for value in reversed(values)])
    return chosen[order][start:stop]
