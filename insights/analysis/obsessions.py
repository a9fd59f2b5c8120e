"""What took an outsized share of some days: heard over and over. Pure, vectorised.

An obsession is at least LEAST_PLAYS plays of one track, artist or album within WINDOW_DAYS local days in a row that are
at least LEAST_SHARE of all plays of these days. Windows of the same thing that overlap are one obsession; its *peak* is
the window with most plays, then with the greater share, then the earliest. Give `keydays.of(all plays that count)`.
"""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from insights.analysis.keydays import KeyDays

WINDOW_DAYS = 7
LEAST_PLAYS = 20
LEAST_SHARE = 0.1


@dataclass(frozen=True, slots=True)
class Obsession:
    """One thing, and its days: `first` to `last` are the peak's, `began` to `ended` those of all its windows."""

    key: int
    first: date
    last: date
    plays: int  # in the peak
    share: float  # of all plays in the peak, 0 to 1
    began: date
    ended: date


@dataclass(frozen=True, slots=True)
class Obsessions:
    """Obsessions whose peak begins in a stretch of time; `rows` are a window of them."""

    count: int
    rows: list[Obsession]


def find(
    found: KeyDays,
    *,
    first: date | None,
    last: date | None,
    start: int = 0,
    size: int = 50,
    least_plays: int = LEAST_PLAYS,
) -> Obsessions:
    """Rows: most plays in the peak first, then the greater share, then the earlier, then by key."""
    low, high = found.window(first, last)
    codes, reach = found.codes, WINDOW_DAYS - 1
    if codes.size < least_plays:
        return Obsessions(0, [])
    # The play that makes it enough lies within the window. Codes of the next row are farther away than any window.
    ahead = least_plays - 1
    begins = np.flatnonzero(codes[ahead:] - codes[: codes.size - ahead] <= codes.dtype.type(reach))
    begins = begins[(begins == 0) | (codes[begins] != codes[begins - 1])]  # windows begin with the first play of a day
    code = codes[begins]
    plays = np.searchsorted(codes, code + codes.dtype.type(reach), side="right") - begins
    row, day = (code >> found.bits).astype(np.intp), (code & ((1 << found.bits) - 1)).astype(np.int64)
    running = np.concatenate([[0], np.cumsum(found.by_day)])
    whole = running[np.minimum(day + WINDOW_DAYS, found.by_day.size)] - running[day]
    keep = plays >= LEAST_SHARE * whole
    row, day, plays, whole = (values[keep] for values in (row, day, plays, whole))
    if not row.size:
        return Obsessions(0, [])
    turns = np.append(True, (row[1:] != row[:-1]) | (day[1:] - day[:-1] > reach))
    number = np.cumsum(turns) - 1
    opens = np.flatnonzero(turns)
    closes = np.append(opens[1:], row.size) - 1
    share = plays / whole
    order = np.lexsort((day, -share, -plays, number))
    peak = order[opens]  # as many of each obsession as there are windows of it, the best one first
    inside = np.flatnonzero((day[peak] >= low) & (day[peak] < high))
    inside = inside[np.lexsort((row[peak[inside]], day[peak[inside]], -share[peak[inside]], -plays[peak[inside]]))]
    return Obsessions(
        int(inside.size),
        [
            Obsession(
                key=int(found.keys[row[peak[n]]]),
                first=found.date(day[peak[n]]),
                last=found.date(day[peak[n]]) + timedelta(days=reach),
                plays=int(plays[peak[n]]),
                share=float(share[peak[n]]),
                began=found.date(day[opens[n]]),
                ended=found.date(day[closes[n]]) + timedelta(days=reach),
            )
            for n in inside[start : start + size].tolist()
        ],
    )
