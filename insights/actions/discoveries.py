"""What a person discovered, found again, could not stop playing, and forgot: figures, names, and the way to the plays.

All of it reads the whole history: what is new in a stretch depends on what was heard before it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any, Generic, Protocol, TypeVar

from django.urls import reverse
from django.utils import formats
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from ingest.heard import What
from ingest.lens import Reading
from ingest.models import Album
from ingest.period import Period
from insights.actions import top
from insights.actions.entity import KINDS
from insights.analysis import discoveries, keydays, obsessions, rediscoveries
from insights.analysis.time import Unit, unit_for
from insights.points import Point, days_words, in_log, number


class Row(Protocol):
    """What every row of figures has: whose they are."""

    @property
    def key(self) -> int: ...


R = TypeVar("R", bound=Row)


@dataclass(frozen=True, slots=True)
class Line(Generic[R]):
    """One thing: the track, artist or album, its figures, and the address of its plays."""

    row: R
    item: Any
    plays_url: str  # those that the figures count
    first_url: str = ""  # those of the day on which it all began

    @property
    def album(self) -> Album | None:
        return self.item if isinstance(self.item, Album) else getattr(self.item, "album", None)

    @property
    def page(self) -> str:
        return top.page_of(self.item)


@dataclass(frozen=True, slots=True)
class New:
    """What was new in a stretch of time."""

    found: discoveries.Found
    lines: list[Line[discoveries.New]]
    unit: Unit
    steps: list[discoveries.Step]
    course: list[Point]  # new things in each step
    repeats: list[Point]  # of tracks: per cent of the plays in each step that are of tracks heard before
    history_from: date  # the first day of all history
    begins_inside: bool  # whether history begins in the stretch, so that much of it looks new


@dataclass(frozen=True)
class Past:
    """All history of one person, for one kind of thing."""

    reading: Reading
    what: What
    today: date

    @cached_property
    def days(self) -> keydays.KeyDays:
        return keydays.of(self.reading.heard().counted, self.what)

    @property
    def is_empty(self) -> bool:
        return not self.days.by_day.size

    @property
    def history_from(self) -> date:
        return self.days.date(0)

    def new(self, *, period: Period, start: int, size: int) -> New:
        first, last = period.first, period.last
        found = discoveries.find(self.days, first=first, last=last, today=self.today, start=start, size=size)
        low, high = self._bounds(period)
        fitting = unit_for(low, high)
        unit: Unit = "day" if fitting == "hour" else fitting
        steps = discoveries.course(
            self.days, unit=unit, first=low, last=high, week_starts_on=self.reading.user.week_starts_on
        )
        return New(
            found=found,
            lines=self._lines(found.rows, on=lambda row: row.on),
            unit=unit,
            steps=steps,
            course=[self._new_in(step, unit) for step in steps],
            repeats=[self._repeats_in(step, unit) for step in steps] if self.what == "tracks" else [],
            history_from=self.history_from,
            begins_inside=first is None or first <= self.history_from,
        )

    def returns(
        self, *, period: Period, silence_days: int, start: int, size: int
    ) -> tuple[rediscoveries.Returns, list[Line[rediscoveries.Return]]]:
        found = rediscoveries.returns(
            self.days, first=period.first, last=period.last, silence_days=silence_days, start=start, size=size
        )
        earlier = self.history_from
        return found, self._lines(found.rows, on=lambda row: row.on, days=lambda row: (earlier, row.before))

    def obsessions(
        self, *, period: Period, start: int, size: int
    ) -> tuple[obsessions.Obsessions, list[Line[obsessions.Obsession]]]:
        found = obsessions.find(self.days, first=period.first, last=period.last, start=start, size=size)
        return found, self._lines(found.rows, days=lambda row: (row.first, row.last))

    def forgotten(
        self, *, period: Period, silence_days: int, start: int, size: int
    ) -> tuple[rediscoveries.Forgotten, list[Line[rediscoveries.Favourite]]]:
        found = rediscoveries.forgotten(
            self.days,
            today=self.today,
            first=period.first,
            last=period.last,
            silence_days=silence_days,
            start=start,
            size=size,
        )
        return found, self._lines(found.rows, on=lambda row: row.last_on)

    def _bounds(self, period: Period) -> tuple[date, date]:
        """The days of a course: the period's, its open sides and its future cut at history and today."""
        end = max(self.today, self.days.date(self.days.by_day.size - 1))
        last = min(period.last or end, end)
        return min(period.first or self.history_from, last), last

    def _lines(
        self,
        rows: list[R],
        *,
        on: Callable[[R], date] | None = None,
        days: Callable[[R], tuple[date, date]] | None = None,
    ) -> list[Line[R]]:
        """`on` gives the day that is linked apart, `days` those that the figures count; without it, all time."""
        items = top.named(self.reading.user, self.what, [row.key for row in rows])
        rule, lines = self.reading.rule_asked, []
        for row in rows:
            if row.key not in items:
                continue
            words = {KINDS[self.what]: str(row.key)} | ({"rule": rule} if rule else {})
            plays = f"{reverse('ingest:log')}?{urlencode({'show': 'plays', **words})}"
            if days:
                first, last = days(row)
                plays = in_log(first, last, **words)
            lines.append(Line(row, items[row.key], plays, in_log(on(row), on(row), **words) if on else ""))
        return lines

    def _new_in(self, step: discoveries.Step, unit: Unit) -> Point:
        words = f"{_new_words(self.what, step.new)}, {_of_all(step)}" if step.keys else _new_words(self.what, step.new)
        href = ""
        if step.new:
            tail = f"&rule={self.reading.rule_asked}" if self.reading.rule_asked else ""
            href = (
                f"{reverse('insights:discoveries')}?range=custom&from={step.first.isoformat()}"
                f"&to={step.last.isoformat()}&what={self.what}{tail}"
            )
        return Point(_label(step, unit), step.new, words, href, _tick(step, unit))

    def _repeats_in(self, step: discoveries.Step, unit: Unit) -> Point:
        share = step.repeats
        if share is None:
            return Point(_label(step, unit), None, "", "", _tick(step, unit))
        percent = round(100 * share)
        words = _("%(percent)s%% of %(plays)s plays") % {"percent": percent, "plays": number(step.plays)}
        href = in_log(step.first, step.last, rule=self.reading.rule_asked)
        return Point(_label(step, unit), percent, words, href, _tick(step, unit))


def _new_words(what: What, new: int) -> str:
    said = {"n": number(new)}
    if what == "artists":
        return ngettext("%(n)s new artist", "%(n)s new artists", new) % said
    if what == "albums":
        return ngettext("%(n)s new album", "%(n)s new albums", new) % said
    return ngettext("%(n)s new track", "%(n)s new tracks", new) % said


def _of_all(step: discoveries.Step) -> str:
    return _("%(percent)s%% of all heard") % {"percent": round(100 * (step.share or 0))}


def _label(step: discoveries.Step, unit: Unit) -> str:
    if unit == "day":
        return formats.date_format(step.first, pgettext("date format", "j M"))
    if unit == "week":
        return days_words(step.first, step.last)
    return formats.date_format(step.first, pgettext("date format", "M Y")) if unit == "month" else str(step.first.year)


def _tick(step: discoveries.Step, unit: Unit) -> str | None:
    return formats.date_format(step.first, pgettext("date format", "j M")) if unit == "week" else None
