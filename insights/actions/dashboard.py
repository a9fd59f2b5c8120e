"""One stretch of a person's time at a glance: everything on the page from one reading of their plays."""

from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np
from django.urls import reverse
from django.utils.dates import WEEKDAYS

from ingest.heard import Heard
from ingest.period import Period
from insights.actions.shown import Shown, shown
from insights.actions.stretch import Stretch
from insights.actions.time import block_names, course_points, grid_rows
from insights.analysis import diversity, skips, time
from insights.analysis.sessions import Summary
from insights.points import Point, Row, than_before

BLOCKS = 6  # of a day, in the grid of the week


@dataclass(frozen=True, slots=True)
class Peak:
    """The part of the week with most plays."""

    weekday: str
    hours: str
    plays: int


@dataclass(frozen=True)
class Dashboard:
    """What the page shows of a stretch with at least one play that counts. Times are in ms.

    Changes are in words, against the stretch of the same length before; empty where there is nothing to compare with.
    """

    stretch: Stretch
    today: date

    @cached_property
    def plays(self) -> int:
        return len(self.heard)

    @cached_property
    def ms(self) -> int:
        return self.heard.total_ms

    @property
    def hours(self) -> int:
        """Time heard, rounded."""
        return round(self.ms / 3_600_000)

    @property
    def minutes(self) -> int:
        return round(self.ms / 60_000)

    @property
    def heard(self) -> Heard:
        return self.stretch.heard

    @property
    def before(self) -> Period | None:
        """What changes are measured against."""
        return self.stretch.period.before if self.stretch.before else None

    @property
    def plays_change(self) -> str:
        return than_before(self.plays, len(self.stretch.before or ()))

    @property
    def ms_change(self) -> str:
        return than_before(self.ms, self.stretch.before.total_ms if self.stretch.before else 0)

    @cached_property
    def tracks_heard(self) -> int:
        """Different ones."""
        return _distinct(self.heard)

    @property
    def tracks_change(self) -> str:
        return than_before(self.tracks_heard, _distinct(self.stretch.before) if self.stretch.before else 0)

    @property
    def newness(self) -> diversity.Newness:
        return self.stretch.newness

    @cached_property
    def has_before(self) -> bool:
        """Whether the person heard anything before the stretch: without it, all its artists would be new."""
        start = self.stretch.period.start_ms
        return start is not None and len(self.stretch.ever) > len(self.stretch.ever.between(start, None))

    @property
    def new_change(self) -> str:
        before = self.stretch.newness_before
        return than_before(self.newness.artists, before.artists if before else 0)

    @cached_property
    def bounds(self) -> tuple[date, date]:
        period = self.stretch.period
        return time.bounds(self.heard, period.first, period.last, self.today)

    @cached_property
    def unit(self) -> time.Unit:
        return time.unit_for(*self.bounds)

    @cached_property
    def course(self) -> list[Point]:
        first, last = self.bounds
        steps = time.course(self.heard, unit=self.unit, first=first, last=last, week_starts_on=self._week_starts_on)
        return course_points(steps, self.unit, False, self.stretch.rule)

    @cached_property
    def active_days(self) -> int:
        """Local days with a play, of `all_days`."""
        return int(time.active_days(self.heard).size)

    @property
    def all_days(self) -> int:
        first, last = self.bounds
        return (last - first).days + 1

    @cached_property
    def _grid(self) -> time.Grid:
        return time.grid(self.heard, blocks=BLOCKS, week_starts_on=self._week_starts_on)

    @property
    def week(self) -> list[Row]:
        return grid_rows(self._grid, False, self.stretch.period, self.stretch.rule)

    @property
    def blocks(self) -> list[str]:
        return block_names(BLOCKS)

    @property
    def peak(self) -> Peak:
        """Of equal parts of the week the earlier."""
        row, column = divmod(int(np.argmax(self._grid.plays)), BLOCKS)
        weekday, hours = WEEKDAYS[self._grid.weekdays[row]], block_names(BLOCKS)[column]
        together = hours.replace("–", "–\u2060")  # no line ends amid the hours
        return Peak(str(weekday), together, int(self._grid.plays[row, column]))

    @cached_property
    def streaks(self) -> time.Streaks:
        """Of all history, so that none is cut by the ends of the stretch."""
        return time.streaks(time.active_days(self.stretch.ever), self.today)

    @property
    def sessions(self) -> Summary:
        """Those that began in the stretch."""
        return self.stretch.sessions

    @property
    def longest_session(self) -> str:
        return reverse("insights:session", args=[self.sessions.longest_started]) if self.sessions.count else ""

    @cached_property
    def skips(self) -> skips.Rate:
        return skips.overall(skips.Started(self.stretch.started))

    @property
    def repeat_share(self) -> float | None:
        return diversity.repeat_share(self.heard.plays_of("tracks"))

    @cached_property
    def shown(self) -> Shown:
        return shown(self.stretch)

    @property
    def _week_starts_on(self) -> int:
        return self.stretch.reading.user.week_starts_on


def _distinct(heard: Heard) -> int:
    return int(np.count_nonzero(heard.plays_of("tracks")))
