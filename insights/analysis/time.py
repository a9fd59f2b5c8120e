"""When somebody listens: weekdays, hours, days in a row, and the course of it all. Pure, vectorised.

Everything is counted by local hours (`Heard.by_hour`), so it is exact across clock changes and in zones of half hours:
an hour that comes twice counts twice for its name, one that is skipped has no plays. A play belongs to the hour and
day in which it began. Give plays that count (`Heard.counted`), unless skips shall be in.
"""

from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ingest import clock
from ingest.heard import Heard

Unit = Literal["hour", "day", "week", "month", "year"]
Counts = NDArray[np.int64]
# The longest stretch, in days, of which each unit still makes a readable line (some 50 to 150 points).
_LONGEST: list[tuple[int, Unit]] = [(2, "hour"), (92, "day"), (800, "week"), (4600, "month")]


@dataclass(frozen=True, slots=True)
class Grid:
    """Plays and ms by weekday and block of hours: arrays of 7 rows; `weekdays` names the rows, 0 is Monday."""

    weekdays: list[int]
    plays: Counts
    ms: Counts


@dataclass(frozen=True, slots=True)
class Daily:
    """Plays and ms of each local day from `first` on, days without any included."""

    first: int  # days since 1970-01-01
    plays: Counts
    ms: Counts

    @property
    def last(self) -> int:
        return self.first + len(self.plays) - 1


@dataclass(frozen=True, slots=True)
class Step:
    """One hour, day, week, month or year of a course: its first and last day inside the course, and what was heard."""

    first: date
    last: date
    hour: int | None  # of the wall clock; None unless the step is an hour
    plays: int
    ms: int
    span: tuple[int, int] | None = None  # of an hour: its first and last ms since 1970, as a clock may show it twice


@dataclass(frozen=True, slots=True)
class Run:
    """Days in a row with a play."""

    first: date
    last: date
    days: int


@dataclass(frozen=True, slots=True)
class Streaks:
    """The longest run (the earlier of two equal ones), and the one that still goes on; None if there is none."""

    longest: Run | None
    current: Run | None


@dataclass(frozen=True, slots=True)
class Day:
    """One local day and what was heard on it."""

    on: date
    plays: int
    ms: int


@dataclass(frozen=True, slots=True)
class Decade:
    """Plays of tracks published in ten years from `start` on."""

    start: int
    plays: int
    ms: int


@dataclass(frozen=True, slots=True)
class Decades:
    """Decades from the first to the last heard, empty ones between included; and plays of tracks of no known year."""

    rows: list[Decade]
    plays: int  # of a known year
    unknown_plays: int

    @property
    def coverage(self) -> float | None:
        """The share of plays whose year is known, 0 to 1; None without plays."""
        total = self.plays + self.unknown_plays
        return self.plays / total if total else None


def grid(heard: Heard, *, blocks: int = 6, week_starts_on: int = 1) -> Grid:
    """Weekdays × `blocks` equal parts of the day (a divisor of 24). `week_starts_on`: 1 is Monday, 7 Sunday.

    The sum of all cells is all plays of `heard`, and all their ms.
    """
    order = np.roll(np.arange(7), 1 - week_starts_on)
    if not len(heard):
        nothing = np.zeros((7, blocks), dtype=np.int64)
        return Grid(order.tolist(), nothing, nothing)
    cells = heard.hours.weekday.astype(np.int64) * 24 + heard.hours.hour
    plays, ms = (_summed(cells, values, 168).reshape(7, blocks, 24 // blocks).sum(axis=2) for values in heard.by_hour)
    return Grid(order.tolist(), plays[order], ms[order])


def around_the_clock(heard: Heard) -> tuple[Counts, Counts]:
    """Plays and ms by hour of the day, 24 each."""
    if not len(heard):
        return np.zeros(24, dtype=np.int64), np.zeros(24, dtype=np.int64)
    hour = heard.hours.hour.astype(np.int64)
    return _summed(hour, heard.by_hour[0], 24), _summed(hour, heard.by_hour[1], 24)


def bounds(heard: Heard, first: date | None, last: date | None, today: date) -> tuple[date, date]:
    """The days that a course goes from and to: a period's own, without what has not come yet; open sides by the plays.

    Never narrower than the plays, so that none falls out. Without plays an open side is today.
    """
    low, high = first or today, min(last or today, today)
    if len(heard):
        days = heard.hours.day
        low = first or clock.day_of(days.min())
        high = max(high, clock.day_of(days.max())) if last is None or last > today else last
    return low, max(low, high)


def unit_for(first: date, last: date) -> Unit:
    """The unit in which a course from `first` to `last` reads well."""
    days = (last - first).days + 1
    return next((unit for longest, unit in _LONGEST if days <= longest), "year")


def daily(heard: Heard, first: date, last: date) -> Daily:
    """What was heard on each local day from `first` to `last`, which hold all of `heard`."""
    low = clock.day_number(first)
    size = clock.day_number(last) - low + 1
    if not len(heard):
        return Daily(low, np.zeros(size, dtype=np.int64), np.zeros(size, dtype=np.int64))
    # Where a clock goes back over midnight, minutes of the day before come again after the first day has begun.
    spots = np.clip(heard.hours.day.astype(np.int64) - low, 0, size - 1)
    return Daily(low, _summed(spots, heard.by_hour[0], size), _summed(spots, heard.by_hour[1], size))


def course(heard: Heard, *, unit: Unit, first: date, last: date, week_starts_on: int = 1) -> list[Step]:
    """What was heard in each `unit` from `first` to `last`, oldest first, empty ones included.

    Weeks begin on `week_starts_on` (1 is Monday); weeks, months and years at the ends are cut to the days inside. Hours
    follow the clock: 25 on a day on which it goes back.
    """
    if unit == "hour":
        return _hourly(heard, first, last)
    days = daily(heard, first, last)
    begins = starts(days.first, len(days.plays), unit, week_starts_on)
    ends = np.append(begins[1:], len(days.plays)) - 1
    sums = (np.add.reduceat(values, begins).tolist() for values in (days.plays, days.ms))
    return [
        Step(clock.day_of(days.first + low), clock.day_of(days.first + high), None, plays, ms)
        for low, high, plays, ms in zip(begins.tolist(), ends.tolist(), *sums, strict=True)
    ]


def starts(first: int, size: int, unit: Unit, week_starts_on: int = 1) -> NDArray[np.intp]:
    """Where each `unit` (a day or longer) begins among `size` days from `first` (since 1970-01-01) on."""
    numbers = np.arange(first, first + size)
    if unit == "day":
        return np.arange(numbers.size)
    if unit == "week":
        keys = (numbers + 4 - week_starts_on) // 7  # day 0 was a Thursday
    else:
        keys = numbers.astype("M8[D]").astype("M8[M]" if unit == "month" else "M8[Y]").astype(np.int64)
    return np.append(0, np.flatnonzero(np.diff(keys)) + 1)


def active_days(heard: Heard) -> Counts:
    """The local days (since 1970-01-01) with a play, ascending."""
    days, plays = heard.plays_by_day
    return np.unique(days[plays > 0])


def streaks(days: Counts, today: date) -> Streaks:
    """Runs among `active_days`. The current one ends today or yesterday: today is not over."""
    if not days.size:
        return Streaks(None, None)
    breaks = np.flatnonzero(np.diff(days) > 1)
    firsts, lasts = days[np.append(0, breaks + 1)], days[np.append(breaks, days.size - 1)]
    best = int(np.argmax(lasts - firsts))
    goes_on = int(lasts[-1]) >= clock.day_number(today) - 1
    return Streaks(_run(firsts[best], lasts[best]), _run(firsts[-1], lasts[-1]) if goes_on else None)


def most_active(days: Daily) -> Day | None:
    """The day with most plays; of equal ones that with more time, then the earlier. None without plays."""
    if not days.plays.any():
        return None
    best = int(np.lexsort((np.arange(days.ms.size), -days.ms, -days.plays))[0])
    return Day(clock.day_of(days.first + best), int(days.plays[best]), int(days.ms[best]))


def decades(heard: Heard) -> Decades:
    """Plays by the decade in which the heard albums were published, as far as the catalogue knows it."""
    plays, ms = heard.by_place
    known = heard.facts.year > 0
    tens = heard.facts.year // 10
    by_plays, by_ms = (_summed(tens[known], values[known], 1) for values in (plays, ms))
    inside = np.flatnonzero(by_plays)
    rows = [
        Decade(int(ten) * 10, int(by_plays[ten]), int(by_ms[ten]))
        for ten in (range(inside[0], inside[-1] + 1) if inside.size else ())
    ]
    return Decades(rows, int(by_plays.sum()), int(plays[~known].sum()))


def _hourly(heard: Heard, first: date, last: date) -> list[Step]:
    midnights = clock.midnights(first, last, heard.zone)
    hours = clock.hours(int(midnights[0]), int(midnights[-1]) - 1, heard.zone)
    plays, ms = heard.within(hours.edges)
    days = [clock.day_of(day) for day in hours.day.tolist()]
    edges = hours.edges.tolist()
    spans = [(start, end - 1) for start, end in pairwise(edges)]
    return [
        Step(day, day, hour, count, time, span)
        for day, hour, count, time, span in zip(
            days, hours.hour.tolist(), plays.tolist(), ms.tolist(), spans, strict=True
        )
    ]


def _run(first: int, last: int) -> Run:
    return Run(clock.day_of(first), clock.day_of(last), int(last - first) + 1)


def _summed(keys: NDArray[np.integer], values: Counts, size: int) -> Counts:
    # float64 holds whole ms up to 285,000 years, so the sums are exact.
    return np.bincount(keys, weights=values, minlength=size).astype(np.int64)
