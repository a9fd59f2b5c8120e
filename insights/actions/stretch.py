"""One stretch of a person's time, read once, for pages that tell many things of it."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ingest.evidence import LONGEST_SPAN_MS
from ingest.heard import Heard
from ingest.lens import Reading
from ingest.period import Period
from insights.actions.sessions import without_private
from insights.analysis import diversity
from insights.analysis.sessions import Summary, find, summary


@dataclass(frozen=True)
class Stretch:
    """Plays of `period` beside all others of the person. Everything is found when first asked for, and once."""

    reading: Reading
    period: Period

    @property
    def query(self) -> str:
        """The words for an address that asks for the same."""
        return f"{self.period.query}&rule={self.rule}" if self.rule else self.period.query

    @property
    def rule(self) -> str:
        """As the address has it; empty for the person's own."""
        return self.reading.rule_asked

    @property
    def ever(self) -> Heard:
        """What counts, of all time."""
        return self.reading.heard().counted

    @cached_property
    def started(self) -> Heard:
        """Of the period, whether or not it counts; private sessions as the person chose."""
        return without_private(self.reading, self.reading.heard(self.period))

    @property
    def heard(self) -> Heard:
        """What counts, of the period; the same as `ever` where the period is the whole."""
        return self.reading.heard(self.period).counted

    @cached_property
    def sessions(self) -> Summary:
        """Those that began in the period, up to their ends, which may lie after it."""
        gap, period = self.reading.lens.session_gap_ms, self.period
        near = self.started
        if period.start_ms is not None or period.end_ms is not None:
            # What began longer ago than a play can last, and a pause, neither reaches into the period nor up to it.
            since = None if period.start_ms is None else period.start_ms - LONGEST_SPAN_MS - gap
            near = without_private(self.reading, self.reading.heard().between(since, None))
        found = find(near, gap)
        return summary(found, found.between(period.start_ms, period.end_ms))

    @cached_property
    def before(self) -> Heard | None:
        """What counts, of the stretch of the same length before; None where there is none, or it is silent."""
        period = self.period.before
        return (self.ever.between(period.start_ms, period.end_ms) or None) if period else None

    @cached_property
    def newness(self) -> diversity.Newness:
        """Artists heard in the period and never before it."""
        return diversity.newness(self._before_it, self.heard.plays_of("artists"))

    @cached_property
    def newness_before(self) -> diversity.Newness | None:
        """The same of the stretch before."""
        period = self.period.before
        if period is None or self.before is None:
            return None
        return diversity.newness(self._artists_before(period), self.before.plays_of("artists"))

    @cached_property
    def new_artists(self) -> NDArray[np.intp]:
        """The artists of `newness`, ascending."""
        return diversity.new_keys(self._before_it, self.heard.plays_of("artists"))

    @cached_property
    def _before_it(self) -> NDArray[np.int64]:
        return self._artists_before(self.period)

    def _artists_before(self, period: Period) -> NDArray[np.int64]:
        """Plays by artist before the period: all without those since, which are few where the period is recent."""
        if period.start_ms is None:
            return np.zeros_like(self.ever.plays_of("artists"))
        since = self.ever.between(period.start_ms, None)
        counts = self.ever.plays_by_place - np.bincount(since.place, minlength=self.ever.facts.track.size)
        return self.ever.facts.table("artists", counts)
