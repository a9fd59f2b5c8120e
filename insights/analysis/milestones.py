"""The marks of a listening life: round numbers, first plays, longest and biggest. Pure, vectorised.

Give all the person's plays that count, oldest first (`Reading.heard().counted`). A mark is reached by one play: the
100th, or the one at whose end 100 hours were heard in all. Ties go to the earliest.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ingest import clock
from ingest.heard import Heard, What
from ingest.period import midnight_ms

Kind = Literal["plays", "hours", "artists", "year"]
PLAYS = (1, 100, 1_000, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000, 5_000_000)
HOURS = (24, 100, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000)
ARTISTS = (10, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000)
PACE_DAYS = 90


@dataclass(frozen=True, slots=True)
class Milestone:
    """A mark, and the play that reached it."""

    kind: Kind
    number: int  # plays, hours or artists so far; or the calendar year that the play opened
    spot: int  # the play, by its place in `heard`


@dataclass(frozen=True, slots=True)
class Ahead:
    """The next round number of plays."""

    number: int
    left: int  # plays to go
    per_day: float  # plays a day in the last PACE_DAYS days, today among them
    on: date | None  # the day on which this pace gets there; None if it never does, or after the year 9998


@dataclass(frozen=True, slots=True)
class Biggest:
    """The local day with most plays."""

    on: date
    plays: int
    ms: int


def reached(heard: Heard) -> list[Milestone]:
    """All marks that were reached, by the moment of the play, then as Kind has them."""
    total = len(heard)
    if not total:
        return []
    found = [Milestone("plays", number, number - 1) for number in PLAYS if number <= total]
    running = np.cumsum(heard.ms, dtype=np.int64)
    spots = np.searchsorted(running, np.array(HOURS, dtype=np.int64) * clock.HOUR_MS).tolist()
    found += [Milestone("hours", number, spot) for number, spot in zip(HOURS, spots, strict=True) if spot < total]
    firsts = first_plays(heard, "artists")
    found += [Milestone("artists", number, int(firsts[number - 1])) for number in ARTISTS if number <= firsts.size]
    found += [Milestone("year", year, spot) for year, spot in _years(heard)]
    return sorted(found, key=lambda mark: mark.spot)


def first_plays(heard: Heard, what: What) -> NDArray[np.int64]:
    """The spots of the first plays of each thing, ascending; a play may be the first of several artists."""
    places, keys = heard.facts.keys(what)
    of_place = np.full(heard.facts.track.size, len(heard), dtype=np.int64)
    # Written backwards, so that the first play of each place is the one that stays.
    of_place[heard.place[::-1]] = np.arange(len(heard) - 1, -1, -1)
    of_key = np.full(int(keys.max(initial=0)) + 1, len(heard), dtype=np.int64)
    np.minimum.at(of_key, keys, of_place if places is None else of_place[places])
    firsts = of_key[1:]
    return np.sort(firsts[firsts < len(heard)])


def ahead(heard: Heard, today: date) -> Ahead | None:
    """None without plays, and past the last number."""
    total = len(heard)
    number = next((mark for mark in PLAYS if mark > total), None)
    if number is None or not total:
        return None
    start = midnight_ms(today - timedelta(days=PACE_DAYS - 1), heard.zone)
    per_day = (total - int(np.searchsorted(heard.started, start))) / PACE_DAYS
    days = (number - total) / per_day if per_day else np.inf
    far = days > (date(9998, 12, 31) - today).days
    return Ahead(number, number - total, per_day, None if far else today + timedelta(days=-int(-days // 1)))


def biggest_day(heard: Heard) -> Biggest | None:
    """Most plays, then most time, then the earliest; days as the log has them. None without plays."""
    if not len(heard):
        return None
    first, last = (clock.day_of(day) for day in clock.local_days(heard.started[[0, -1]], heard.zone))
    edges = clock.midnights(first, last, heard.zone)
    plays = np.diff(np.searchsorted(heard.started, edges))
    equal = np.flatnonzero(plays == plays.max())
    spent = [heard.between(int(edges[day]), int(edges[day + 1])).total_ms for day in equal[:100]]
    best = int(np.argmax(spent))
    return Biggest(first + timedelta(days=int(equal[best])), int(plays.max()), spent[best])


def _years(heard: Heard) -> list[tuple[int, int]]:
    """Local years after the first one with a play, and the spot of its first."""
    first, last = (clock.day_of(day).year for day in clock.local_days(heard.started[[0, -1]], heard.zone))
    years = range(first + 1, last + 1)
    edges = np.array([midnight_ms(date(year, 1, 1), heard.zone) for year in (*years, last + 1)], dtype=np.int64)
    spots = np.searchsorted(heard.started, edges).tolist()
    return [(year, spot) for year, spot, after in zip(years, spots, spots[1:], strict=False) if spot < after]
