"""What was heard again after a long silence, and what is silent still though it was loved. Pure, vectorised.

Silence is counted in local days, from the day of one play to the day of the next: heard on 1 January and then on 30
June of a common year makes 180 days. Give `keydays.of(all plays that count)`.
"""

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from ingest import clock
from insights.analysis.keydays import Codes, KeyDays, leading

Counts = NDArray[np.int64]
SILENCE_DAYS = 180
TOP = 50  # a favourite of a year is among so many
LEAST_PLAYS = 10  # and has at least so many plays in it


@dataclass(frozen=True, slots=True)
class Return:
    """One thing that came back: the longest silence that ended in the stretch, the latest of equal ones."""

    key: int
    before: date  # the last day it was heard before the silence
    on: date  # the day on which it was heard again
    silent_days: int
    plays_before: int  # all up to the silence
    plays_since: int  # all from `on` to the end of history, also after the stretch


@dataclass(frozen=True, slots=True)
class Returns:
    """Things that came back in a stretch of time; `rows` are a window of them."""

    keys: int
    rows: list[Return]


@dataclass(frozen=True, slots=True)
class Favourite:
    """One thing among the most played of a calendar year and not heard since long; of several years its best."""

    key: int
    year: int
    rank: int  # in that year, from 1; ties share the better one
    year_plays: int
    plays: int  # of all time
    last_on: date
    silent_days: int  # up to today


@dataclass(frozen=True, slots=True)
class Forgotten:
    """Favourites that fell silent; `rows` are a window of them."""

    keys: int
    rows: list[Favourite]


def returns(
    found: KeyDays,
    *,
    first: date | None,
    last: date | None,
    silence_days: int = SILENCE_DAYS,
    start: int = 0,
    size: int = 50,
) -> Returns:
    """Silences of at least `silence_days` that ended in the local days `first` to `last` (None: open).

    Rows: what had most plays before first, then the longer silence, then by key. ValueError if `silence_days` is
    below 1.
    """
    if silence_days < 1:
        raise ValueError(f"silence_days must be at least 1, not {silence_days}")
    low, high = found.window(first, last)
    cells = found.cells
    # A difference of codes is one of days, unless it reaches into the next row.
    again = np.flatnonzero(cells[1:] - cells[:-1] >= cells.dtype.type(silence_days)) + 1
    row = found.row(again)
    keep = (found.row(again - 1) == row) & (found.day[again] >= low) & (found.day[again] < high)
    again, row = again[keep], row[keep]
    if not again.size:
        return Returns(0, [])
    silent = (cells[again] - cells[again - 1]).astype(np.int64)
    # Of each row the longest silence, then the latest: the greatest of both in one number.
    opens = np.append(0, np.flatnonzero(np.diff(row)) + 1)
    best = np.maximum.reduceat(silent << 32 | np.arange(again.size), opens) & 0xFFFFFFFF
    again, silent, row = again[best], silent[best], row[best]
    before = found.at[again] - found.at[found.first[row]]
    since = found.plays[row] - before
    return Returns(
        int(row.size),
        [
            Return(
                key=int(found.keys[row[n]]),
                before=found.date(found.day[again[n] - 1]),
                on=found.date(found.day[again[n]]),
                silent_days=int(silent[n]),
                plays_before=int(before[n]),
                plays_since=int(since[n]),
            )
            for n in leading(before, silent, -row, start=start, size=size).tolist()
        ],
    )


def forgotten(
    found: KeyDays,
    *,
    today: date,
    first: date | None = None,
    last: date | None = None,
    silence_days: int = SILENCE_DAYS,
    start: int = 0,
    size: int = 50,
) -> Forgotten:
    """Among the TOP of a calendar year with at least LEAST_PLAYS in it, and last heard `silence_days` or more ago.

    Of each year only the days inside `first` to `last` count (None: open). Rows: most plays of all time first, then the
    longer silence, then by key.
    """
    row, year, plays = _by_year(found, *found.window(first, last))
    rank = _ranks(year, plays)
    silent = clock.day_number(today) - found.start - found.last_day[row]
    keep = (rank <= TOP) & (silent >= silence_days)
    row, year, plays, rank, gone = row[keep], year[keep], plays[keep], rank[keep], silent[keep]
    # By row, its best rank first, then more plays, then the later year.
    order = np.lexsort((-year, -plays, rank, row))
    order = order[np.append(True, np.diff(row[order]) != 0)[: order.size]]
    window = order[leading(found.plays[row[order]], gone[order], -row[order], start=start, size=size)]
    return Forgotten(
        int(order.size),
        [
            Favourite(
                key=int(found.keys[row[n]]),
                year=int(year[n]),
                rank=int(rank[n]),
                year_plays=int(plays[n]),
                plays=int(found.plays[row[n]]),
                last_on=found.date(found.last_day[row[n]]),
                silent_days=int(gone[n]),
            )
            for n in window.tolist()
        ],
    )


def _by_year(found: KeyDays, low: int, high: int) -> tuple[Counts, Counts, Counts]:
    """Rows with at least LEAST_PLAYS in a calendar year, the year, and the plays; of the days [low, high)."""
    days = np.arange(found.start, found.start + found.by_day.size).astype("M8[D]")
    year_of_day: Codes = days.astype("M8[Y]").astype(found.codes.dtype)  # since 1970
    inside = found.inside(low, high)
    cells = found.cells if inside is None else found.cells[inside]
    day = found.day if inside is None else found.day[inside]
    pairs = (cells ^ day) | year_of_day[day]
    at = np.append(0, np.flatnonzero(pairs[1:] != pairs[:-1]) + 1)[: pairs.size]
    if inside is None:
        plays = np.diff(found.at[np.append(at, pairs.size)])
    else:
        plays = np.add.reduceat(found.at[inside + 1] - found.at[inside], at) if at.size else at
    loved = np.flatnonzero(plays >= LEAST_PLAYS)
    pairs = pairs[at[loved]]
    years = (pairs & pairs.dtype.type((1 << found.bits) - 1)).astype(np.int64) + 1970
    return (pairs >> found.bits).astype(np.int64), years, plays[loved].astype(np.int64)


def _ranks(group: Counts, values: Counts) -> Counts:
    """The rank of each value in its group, from 1, the greatest first; ties share the better one."""
    if not group.size:
        return np.zeros(0, dtype=np.int64)
    order = np.lexsort((-values, group))
    of, value = group[order], values[order]
    place = np.arange(group.size)
    new_group = np.append(True, of[1:] != of[:-1])
    begins = np.maximum.accumulate(np.where(new_group, place, 0))
    tied = np.maximum.accumulate(np.where(new_group | np.append(True, value[1:] != value[:-1]), place, 0))
    ranks = np.empty(group.size, dtype=np.int64)
    ranks[order] = tied - begins + 1
    return ranks
