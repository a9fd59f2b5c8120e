"""How the music of a stretch of time sounds, by what is known of it: features, moods, genres, diversity, the score."""

from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from numpy.typing import NDArray

from ingest.period import midnight_ms
from insights.actions import top
from insights.actions.shown import Line, lines
from insights.actions.sound_words import MOODS, NAMES, Course, Genre, Outline, Row, percent, said
from insights.actions.stretch import Stretch
from insights.actions.time import course_points
from insights.analysis import diversity, features, genres, hipster, moods, time
from insights.analysis.top import Tables, rank
from insights.points import Point, number

EXAMPLES = 10


@dataclass(frozen=True)
class Sound:
    """What the page shows; each part is found when first asked for."""

    stretch: Stretch
    today: date

    @property
    def plays(self) -> int:
        return len(self.stretch.heard)

    @cached_property
    def measured(self) -> features.Sound:
        return features.sound(self._values, self._weights)

    @cached_property
    def measured_ever(self) -> features.Sound:
        """Of all time."""
        return features.sound(self._values, self.stretch.ever.by_place[0])

    @property
    def axes(self) -> list[str]:
        return [str(NAMES[name]) for name in features.RADAR]

    @cached_property
    def outlines(self) -> list[Outline]:
        """Of the period, and behind it of all time, unless that is the same."""
        radar = features.radar(self.measured, self.measured_ever)
        if self.stretch.heard is self.stretch.ever:
            return [Outline(_("All time"), radar.ever)]
        return [Outline(_("This time"), radar.period), Outline(_("All time"), radar.ever)]

    @cached_property
    def rows(self) -> list[Row]:
        """All features that are known."""
        pairs = zip(self.measured.measures, self.measured_ever.measures, strict=True)
        return [
            Row(
                name=str(NAMES[now.name]),
                mean=said(now.name, now.mean),
                spread=said(now.name, now.spread),
                least=said(now.name, now.least),
                most=said(now.name, now.most),
                ever=said(now.name, ever.mean),
                plays=now.plays,
            )
            for now, ever in pairs
            if now.plays
        ]

    @cached_property
    def moods(self) -> moods.Moods:
        return moods.heard(self._values, self._weights)

    @property
    def mood_points(self) -> list[Point]:
        """Shares of the known plays in per cent, for bars that lead to examples."""
        found = []
        for name, words in MOODS.items():
            count = self.moods.other if name == "other" else self.moods.plays[name]
            share = self.moods.share(name)
            if share is not None:
                said_so = ngettext("%(n)s play", "%(n)s plays", count) % {"n": number(count)}
                text = f"{percent(share)} · {said_so}"
                href = f"?{self.stretch.query}&mood={name}#examples" if count else ""
                found.append(Point(str(words), share, text, href))
        return found

    def examples(self, mood: str) -> list[Line]:
        """The tracks of a mood that were heard most."""
        has, known = moods.moods_of(self._values)
        inside = known & ~has.any(axis=1) if mood == "other" else has[:, moods.MOODS.index(mood)]
        facts = self.stretch.heard.facts
        table = Tables(*(facts.table("tracks", np.where(inside, each, 0)) for each in self.stretch.heard.by_place))
        rows = rank(table, by="plays", start=0, size=EXAMPLES).rows
        items = top.named(self.stretch.reading.user, "tracks", [row.key for row in rows])
        return lines(rows, items, {key: track.album for key, track in items.items()})

    @cached_property
    def tempo(self) -> list[Course]:
        return [Course("", self._over_time("tempo_bpm"))]

    @cached_property
    def mood_course(self) -> list[Course]:
        return [Course(str(NAMES[name]), self._over_time(name)) for name in ("energy", "valence", "danceability")]

    @property
    def has_course(self) -> bool:
        """Whether there is more than one moment to draw a line through."""
        return sum(point.value is not None for point in self.tempo[0].points) > 1

    @cached_property
    def hipster(self) -> hipster.Hipster:
        facts = self.stretch.heard.facts
        return hipster.hipster(facts.listeners, facts.popularity, self._weights)

    @cached_property
    def genres(self) -> list[Genre]:
        """The ten biggest; their shares add up to 1."""
        plays, ms = self.stretch.heard.totals("genres")
        shares = genres.biggest(plays, ms=ms)
        tags = top.named(self.stretch.reading.user, "genres", [share.key for share in shares])
        return [Genre(tags[share.key], share.plays, share.share) for share in shares if share.key in tags]

    @property
    def genre_points(self) -> list[Point]:
        found = []
        for row in self.genres:
            said_so = ngettext("%(n)s play", "%(n)s plays", row.plays) % {"n": number(row.plays)}
            page = f"{top.page_of(row.tag)}?{self.stretch.query}"
            found.append(Point(row.tag.name, row.plays, f"{percent(row.share)} · {said_so}", page))
        return found

    @cached_property
    def genre_known(self) -> int:
        """Plays whose genre is known."""
        return genres.known(self.stretch.heard)

    @cached_property
    def artists(self) -> int:
        """Different ones."""
        return self.stretch.newness.all_artists

    @property
    def artist_diversity(self) -> float:
        return diversity.artist_diversity(self.artists)

    @property
    def genre_diversity(self) -> float | None:
        return diversity.genre_diversity(row.plays for row in self.genres)

    @property
    def repeat_share(self) -> float | None:
        return diversity.repeat_share(self.stretch.heard.plays_of("tracks"))

    @property
    def newness(self) -> diversity.Newness:
        return self.stretch.newness

    def _over_time(self, name: str) -> list[Point]:
        """The mean of one feature in each step of the period; None where nothing is known."""
        found = []
        means = features.means(self._values, name, self._place, self._spots)
        for point, mean in zip(self._points, means, strict=True):
            text = said(name, mean.value) if mean.value is not None else _("not known")
            found.append(Point(point.label, mean.value, text, point.href if mean.plays else "", point.tick))
        return found

    @cached_property
    def _points(self) -> list[Point]:
        return course_points(self._steps, self.unit, False, self.stretch.rule)

    @cached_property
    def unit(self) -> time.Unit:
        """Of the courses; a single day is one point, as hours of it would say little."""
        unit = time.unit_for(*self._bounds)
        return "day" if unit == "hour" else unit

    @cached_property
    def _bounds(self) -> tuple[date, date]:
        period = self.stretch.period
        return time.bounds(self.stretch.heard, period.first, period.last, self.today)

    @cached_property
    def _steps(self) -> list[time.Step]:
        first, last = self._bounds
        starts_on = self.stretch.reading.user.week_starts_on
        return time.course(self.stretch.heard, unit=self.unit, first=first, last=last, week_starts_on=starts_on)

    @cached_property
    def _spots(self) -> list[int]:
        """Where, among the plays, each step begins; and their number."""
        heard = self.stretch.heard
        edges = [midnight_ms(step.first, heard.zone) for step in self._steps]
        return [*np.searchsorted(heard.started, edges).tolist(), len(heard)]

    @property
    def _values(self) -> NDArray[np.float32]:
        return self.stretch.heard.facts.features

    @property
    def _weights(self) -> NDArray[np.int64]:
        return self.stretch.heard.by_place[0]

    @property
    def _place(self) -> NDArray[np.intp]:
        return self.stretch.heard.place
