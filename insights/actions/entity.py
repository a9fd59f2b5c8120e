"""The page of one track, artist, album or genre: what the person heard of it. What they never heard has none."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from django.urls import reverse
from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ingest.heard import Heard, What
from ingest.lens import Reading
from ingest.models import Album
from ingest.period import Period
from insights.actions import top
from insights.analysis import entity
from insights.analysis.entity import Standing, Stretch
from insights.analysis.top import rank, tables
from insights.points import Point, number

KINDS: dict[What, str] = {"tracks": "track", "artists": "artist", "albums": "album", "genres": "genre"}
_LINES, _NEIGHBOURS = 10, 5


@dataclass(frozen=True, slots=True)
class Beside:
    """A neighbour in a session."""

    item: Any
    plays: int

    @property
    def page(self) -> str:
        return top.page_of(self.item)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a chart."""

    name: str
    points: list[Point]


@dataclass(frozen=True, slots=True)
class Told:
    """All that its page shows."""

    item: Any
    kind: str  # as filters and the log name it
    standing: Standing | None  # None: no play of it counts by the person's choices
    plays: int  # in the period
    ms: int
    skip_share: float | None  # in the period
    over_time: list[Point]
    ranks: list[Line]  # one line: the rank in each of these stretches; none if there are fewer than two
    by_clock: list[Point]
    tracks: list[top.Line]  # of anything but a track
    artists: list[top.Line]  # of a genre
    before: list[Beside]
    after: list[Beside]
    log: str  # the address of these plays

    @property
    def first_at(self) -> datetime | None:
        return _moment(self.standing.first_ms) if self.standing else None

    @property
    def last_at(self) -> datetime | None:
        return _moment(self.standing.last_ms) if self.standing else None

    @property
    def album(self) -> Album | None:
        return self.item if isinstance(self.item, Album) else getattr(self.item, "album", None)

    @property
    def spotify_url(self) -> str | None:
        return top.spotify_url_of(self.item)


def told(reading: Reading, what: What, pk: int, period: Period) -> Told | None:
    """None for what the person never heard, whether or not it exists."""
    everything, key, kind = reading.heard(), pk, KINDS[what]
    if what == "tracks":
        key = int(next(iter(reading.facts.group[reading.facts.track == pk]), pk))
    if not everything.spots(what, key).size and not _is_left_out(reading, what, pk):
        return None
    item = top.named(reading.user, what, [pk]).get(pk)
    if item is None:
        return None
    ever = everything.counted
    of_all = ever.of(what, key)
    of_period = reading.heard(period).of(what, key)
    own = of_all if reading.heard(period) is everything else of_period.counted
    log = f"{reverse('ingest:log')}?{kind}={pk}&show=plays"
    stretches = entity.over_time(own, ever, what, key)
    before, after = _beside(reading, ever, what, key)
    return Told(
        item=item,
        kind=kind,
        standing=entity.standing(of_all, ever, what, key, gap_ms=reading.lens.session_gap_ms),
        plays=len(own),
        ms=own.total_ms,
        skip_share=entity.skip_share(of_period),
        over_time=_over_time(stretches, log),
        ranks=_ranks(stretches),
        by_clock=_by_clock(own),
        tracks=_most(reading, own, "tracks") if what != "tracks" else [],
        artists=_most(reading, own, "artists") if what == "genres" else [],
        before=before,
        after=after,
        log=f"{log}&{period.query}",
    )


def _is_left_out(reading: Reading, what: What, pk: int) -> bool:
    """Whether there is a play of it that is in no figures: hidden, filtered, or as a guest of a track."""
    places = replace(reading.facts, all_credits=True).places_of(what, pk)
    return bool(places.any()) and bool(places.take(reading.place, mode="clip").any())


def _over_time(stretches: list[Stretch], log: str) -> list[Point]:
    return [
        Point(_label(row), row.plays, _plays(row.plays), f"{log}&range={row.name}" if row.plays else "")
        for row in stretches
    ]


def _ranks(stretches: list[Stretch]) -> list[Line]:
    said = [_("number %(n)s") % {"n": number(row.rank)} if row.rank else _("not heard") for row in stretches]
    points = [Point(_label(row), row.rank, words) for row, words in zip(stretches, said, strict=True)]
    return [Line("", points)] if sum(row.rank is not None for row in stretches) > 1 else []


def _label(row: Stretch) -> str:
    return str(row.first.year) if len(row.name) == 4 else formats.date_format(row.first, "YEAR_MONTH_FORMAT")


def _by_clock(own: Heard) -> list[Point]:
    return [Point(f"{hour:02}:00", plays, _plays(plays)) for hour, plays in enumerate(entity.by_clock(own))]


def _most(reading: Reading, own: Heard, what: What) -> list[top.Line]:
    """What was heard most among the plays of the thing."""
    ranking = rank(tables(own, what), by="plays", start=0, size=_LINES)
    items = top.named(reading.user, what, [row.key for row in ranking.rows])
    return [
        top.Line(row, items[row.key], round(100 * row.plays / ranking.best, 1))
        for row in ranking.rows
        if row.key in items
    ]


def _beside(reading: Reading, ever: Heard, what: What, key: int) -> list[list[Beside]]:
    """What was heard right before it, and right after it."""
    if what == "genres":
        return [[], []]  # most tracks have several: what they say of each other is said by those
    gap = reading.lens.session_gap_ms
    sides = [entity.neighbours(ever, what, key, gap_ms=gap, after=after, size=_NEIGHBOURS) for after in (False, True)]
    items = top.named(reading.user, what, list({row.key for rows in sides for row in rows}))
    return [[Beside(items[row.key], row.plays) for row in rows if row.key in items] for rows in sides]


def _plays(count: int) -> str:
    said = formats.number_format(count, use_l10n=True, force_grouping=True)
    return ngettext("%(said)s play", "%(said)s plays", count) % {"said": said}


def _moment(ms: int) -> datetime:
    return datetime.fromtimestamp(ms / 1000, UTC)
