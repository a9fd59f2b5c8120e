"""The same date in every year: what was heard on it. Pure.

29 February: in years without one, 28 February stands in for it. Asked for 28 February, only that day is shown.
Give all the person's plays that count (`Reading.heard().counted`).
"""

from dataclasses import dataclass
from datetime import date

import numpy as np

from ingest import clock
from ingest.heard import Heard
from ingest.period import midnight_ms


@dataclass(frozen=True, slots=True)
class Most:
    """A track (with its recording) and how often it was played on the day."""

    key: int
    plays: int


@dataclass(frozen=True, slots=True)
class Then:
    """One year's day with plays."""

    on: date
    stands_in: bool  # for a 29 February that this year has not
    plays: int
    ms: int
    artists: int  # different ones, as far as known
    first_ms: int  # when the first play began, ms since 1970 UTC
    most: list[Most]  # most plays first, then most time, then the lower key


def years(heard: Heard, on: date, *, size: int = 3) -> list[Then]:
    """`on` and the same date in each earlier year, the latest first; days without a play are left out."""
    if not len(heard):
        return []
    first = clock.day_of(clock.local_days(heard.started[:1], heard.zone)[0]).year
    days = [same_day(on, year) for year in range(on.year, first - 1, -1)]
    return [_told(plays, day, on, size) for day in days if len(plays := _of(heard, day))]


def same_day(on: date, year: int) -> date:
    """The date in another year; 28 February for a 29th that the year has not."""
    try:
        return on.replace(year=year)
    except ValueError:
        return date(year, 2, 28)


def _of(heard: Heard, day: date) -> Heard:
    after = clock.day_of(clock.day_number(day) + 1)
    return heard.between(midnight_ms(day, heard.zone), midnight_ms(after, heard.zone))


def _told(plays: Heard, day: date, on: date, size: int) -> Then:
    keys, spots = np.unique(plays.facts.group[plays.place], return_inverse=True)
    count, spent = np.bincount(spots), np.bincount(spots, weights=plays.ms)
    order = np.lexsort((keys, -spent, -count))[:size]
    artists = np.unique(plays.facts.artist[plays.place])
    return Then(
        on=day,
        stands_in=day.day != on.day,
        plays=len(plays),
        ms=plays.total_ms,
        artists=int(np.count_nonzero(artists)),
        first_ms=int(plays.started[0]),
        most=[Most(int(keys[n]), int(count[n])) for n in order],
    )
