"""Listening sessions of a person: a list of them, newest first, and one with its tracks."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

import numpy as np
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.fields import from_ms
from ingest import reasons
from ingest.heard import Heard
from ingest.lens import Reading
from ingest.models import Artist, Track, Word
from ingest.period import Period
from insights.analysis import sessions as analysis
from insights.points import Point, number

PARTS = {
    "night": gettext_lazy("Night, 0 to 6"),
    "morning": gettext_lazy("Morning, 6 to 12"),
    "afternoon": gettext_lazy("Afternoon, 12 to 18"),
    "evening": gettext_lazy("Evening, 18 to 24"),
}
MOST_POINTS = 120  # of the course of a session


@dataclass(frozen=True, slots=True)
class Line:
    """One session with its words; those that no source told are empty."""

    session: analysis.Session
    artist: Artist | None
    began: str
    ended: str
    platform: str

    @property
    def started_at(self) -> datetime:
        return from_ms(self.session.started)

    @property
    def ended_at(self) -> datetime:
        return from_ms(self.session.ended)

    @property
    def url(self) -> str:
        return reverse("insights:session", args=[self.session.started])

    def in_log(self, show: str) -> str:
        """Where the log lists what was heard in it; `show` as the log has it."""
        return f"{reverse('ingest:log')}?span={self.session.started}-{self.session.ended}&show={show}"

    @property
    def plays_url(self) -> str:
        return self.in_log("plays")

    @property
    def skips_url(self) -> str:
        return self.in_log("skips")


@dataclass(frozen=True, slots=True)
class Listing:
    """A page of sessions that began in a stretch of time."""

    summary: analysis.Summary
    longest: str  # its address
    parts: list[Point]
    lines: list[Line]
    newer: int | None  # the page of newer ones holds those before this start in ms; 0 is the first page, None is none
    older: int | None
    gap_min: int


@dataclass(frozen=True, slots=True)
class Heading:
    """One thing that was started in a session."""

    track: Track
    at: datetime
    ms: int
    counts: bool
    skipped: bool

    @property
    def note(self) -> str:
        if self.counts:
            return ""
        return _("skipped") if self.skipped else _("not counted")


@dataclass(frozen=True, slots=True)
class Course:
    """A line of a chart."""

    name: str
    points: list[Point]


@dataclass(frozen=True, slots=True)
class One:
    """One session; `tracks` are a page of what was started in it, in order."""

    line: Line
    tracks: list[Heading]
    earlier: str  # addresses of the sessions before and after, empty if there is none
    later: str
    gap_min: int
    energy: list[Course]  # its course over the session, one line; empty where nothing of it is known
    coverage: float | None  # share of what counts whose energy is known


def public(reading: Reading, period: Period | None = None) -> Heard:
    """The plays of `period` (None: all) but those of private sessions, unless the person lets them count."""
    return without_private(reading, reading.heard(period))


def without_private(reading: Reading, heard: Heard) -> Heard:
    """`heard` without private sessions, unless the person lets them count."""
    shown = reading.is_public(heard)
    return heard if shown.all() else heard.where(shown)


@dataclass(frozen=True)
class Book:
    """All sessions of one person; found over all history, so that none is cut by the ends of a stretch of time."""

    reading: Reading

    @cached_property
    def found(self) -> analysis.Sessions:
        return analysis.find(public(self.reading), self.reading.lens.session_gap_ms)

    @property
    def gap_min(self) -> int:
        return self.reading.lens.session_gap_ms // 60_000

    def listing(self, *, period: Period, before: int | None, size: int) -> Listing:
        """Up to `size` sessions that began in `period`, and before `before` (ms since 1970), newest first."""
        inside = self.found.between(period.start_ms, period.end_ms)
        high = inside.stop if before is None else min(inside.stop, self.found.between(None, before).stop)
        low, high = max(inside.start, high - size), max(inside.start, high)
        summary = analysis.summary(self.found, inside)
        newer = None
        if high < inside.stop:
            newer = int(self.found.started[high + size]) if high + size < inside.stop else 0
        return Listing(
            summary=summary,
            longest=reverse("insights:session", args=[summary.longest_started]) if summary.count else "",
            parts=[_part(name, count) for name, count in zip(analysis.PARTS, summary.parts, strict=True)],
            lines=_lines(analysis.describe(self.found, range(high - 1, low - 1, -1))),
            newer=newer,
            older=int(self.found.started[low]) if low > inside.start and low < high else None,
            gap_min=self.gap_min,
        )

    def number(self, moment_ms: int) -> int | None:
        """Which session goes on at a moment; None if there is none."""
        return self.found.at(moment_ms)

    def one(self, number: int, *, start: int, size: int) -> One:
        """One session, and what was started in it from place `start` (from 0) on."""
        plays = analysis.plays_of(self.found, number).where(slice(start, start + size))
        catalogue = Track.objects.select_related("artist", "album").in_bulk(set(plays.track.tolist()))
        rows = zip(
            *(part.tolist() for part in (plays.track, plays.started, plays.ms, plays.counts, plays.skips)), strict=True
        )
        return One(
            line=_lines(analysis.describe(self.found, range(number, number + 1)))[0],
            tracks=[
                Heading(catalogue[track], from_ms(started), ms, counts, skipped)
                for track, started, ms, counts, skipped in rows
                if track in catalogue
            ],
            earlier=self._url(number - 1),
            later=self._url(number + 1),
            gap_min=self.gap_min,
            **self._energy(number),
        )

    def play_ids(self, number: int) -> list[int]:
        """Everything that was started in one session."""
        ids: list[int] = analysis.plays_of(self.found, number).column("id").tolist()
        return ids

    def _energy(self, number: int) -> dict[str, Any]:
        """Energy over the plays that count, in order; of a very long session its parts on average."""
        plays = analysis.plays_of(self.found, number).counted
        values, coverage = analysis.energy(plays)
        if not coverage or values.size < 2:
            return {"energy": [], "coverage": coverage}
        points = []
        for part, starts in zip(
            *(np.array_split(each, min(values.size, MOST_POINTS)) for each in (values, plays.started)), strict=True
        ):
            known = part[~np.isnan(part)]
            value = round(100 * float(known.mean())) if known.size else None
            at = f"{timezone.localtime(from_ms(int(starts[0]))):%H:%M}"
            points.append(Point(at, value, _("%(n)s of 100") % {"n": value} if known.size else _("not known")))
        return {"energy": [Course("", points)], "coverage": coverage}

    def _url(self, number: int) -> str:
        if not 0 <= number < len(self.found):
            return ""
        return reverse("insights:session", args=[int(self.found.started[number])])


def _lines(found: list[analysis.Session]) -> list[Line]:
    """The words and names of some sessions: two queries."""
    artists = Artist.objects.in_bulk({row.artist for row in found} - {0})
    wanted = {word for row in found for word in (row.reason_start, row.reason_end, row.platform)} - {0}
    words = {word.pk: word.text for word in Word.objects.filter(pk__in=wanted)}
    return [
        Line(
            session=row,
            artist=artists.get(row.artist),
            began=reasons.said(reasons.BEGAN, words.get(row.reason_start, "")),
            ended=reasons.said(reasons.ENDED, words.get(row.reason_end, "")),
            platform=reasons.said({}, words.get(row.platform, "")),
        )
        for row in found
    ]


def _part(name: str, count: int) -> Point:
    said = ngettext("%(n)s session", "%(n)s sessions", count) % {"n": number(count)}
    return Point(str(PARTS[name]), count, said)
