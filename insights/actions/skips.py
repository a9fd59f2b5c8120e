"""What a person skips, with names."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ingest import contexts
from ingest.lens import Reading
from ingest.log_address import ORIGINS
from ingest.models import Album, Artist, Play, Track
from ingest.period import Period
from insights.actions.sessions import public
from insights.analysis import skips
from insights.points import Point, in_log_of, number

SIZE = 20
ORIGIN_WORDS = {int(origin): word for word, origin in ORIGINS.items()}  # as the log's address names them


@dataclass(frozen=True, slots=True)
class Line:
    """One track, artist or album and how often it was skipped."""

    item: "Track | Artist | Album | Named"
    rate: skips.Rate
    href: str  # its skips in the log
    starts_href: str  # everything that was started of it


@dataclass(frozen=True, slots=True)
class Skipping:
    """Skips of one stretch of time. Shares are of everything that was started."""

    overall: skips.Rate
    limit_s: int  # below this it is a skip
    least: int  # starts from which on an artist or album has a rate
    tracks: list[Line]  # most skips first
    tracks_skipped: int
    artists: list[Line]  # highest rate first
    artists_in_all: int
    albums: list[Line]
    hours: list[Point]  # per cent by hour of the day; None where nothing was started
    shuffle: skips.ByShuffle
    origins: list[Line]  # by how it is known; the item has a name alone
    contexts: list[Line]  # by what it was played from, highest rate first


@dataclass(frozen=True, slots=True)
class Named:
    """Something that has a name and nothing else to show."""

    name: str


def skipping(*, reading: Reading, period: Period) -> Skipping:
    """What the person skipped in `period`; private sessions are left out as everywhere."""
    started = skips.Started(public(reading, period))
    tracks, tracks_skipped = skips.most_skipped(started, size=SIZE)
    artists, artists_in_all = skips.by_rate(started, "artists", size=SIZE)
    albums, _albums_in_all = skips.by_rate(started, "albums", size=SIZE)
    return Skipping(
        overall=skips.overall(started),
        limit_s=round(settings.SKIP_BELOW.total_seconds()),
        least=skips.LEAST,
        tracks=_lines(Track, "track", tracks, period),
        tracks_skipped=tracks_skipped,
        artists=_lines(Artist, "artist", artists, period),
        artists_in_all=artists_in_all,
        albums=_lines(Album, "album", albums, period),
        hours=[_hour(hour, rate, period) for hour, rate in enumerate(skips.by_hour(started))],
        shuffle=skips.by_shuffle(started),
        origins=_origins(skips.by_origin(started), period),
        contexts=_contexts(reading, skips.by_context(started, size=SIZE)[0], period),
    )


def _origins(rows: list[skips.Keyed], period: Period) -> list[Line]:
    return [_line(Named(str(Play.Origin(row.key).label)), row, period, "origin", ORIGIN_WORDS[row.key]) for row in rows]


def _contexts(reading: Reading, rows: list[skips.Keyed], period: Period) -> list[Line]:
    """Two to five queries, and none where nothing was told."""
    named = contexts.named(reading.user, [row.key for row in rows]) if rows else {}
    found = [(row, named[row.key]) for row in rows if row.key in named]
    return [_line(Named(f"{each.name} ({each.kind})"), row, period, "context", row.key) for row, each in found]


def _line(item: Named, row: skips.Keyed, period: Period, word: str, value: str | int) -> Line:
    ways = (in_log_of(period, **{"show": show, word: value}) for show in ("skips", "started"))  # type: ignore[arg-type]
    return Line(item, row.rate, *ways)


def _lines(
    model: type[Track] | type[Artist] | type[Album], word: str, rows: list[skips.Keyed], period: Period
) -> list[Line]:
    """Names and covers of what is shown, in one query. `word` is what the log calls such a thing."""
    found: QuerySet[Any] = model._default_manager.all()
    if model is not Artist:
        found = found.select_related(*(("artist", "album") if model is Track else ("artist",)))
    items = found.in_bulk([row.key for row in rows])
    return [
        Line(
            items[row.key],
            row.rate,
            in_log_of(period, show="skips", **{word: row.key}),
            in_log_of(period, show="started", **{word: row.key}),
        )
        for row in rows
        if row.key in items
    ]


def _hour(hour: int, rate: skips.Rate, period: Period) -> Point:
    said = ngettext("%(skips)s of %(n)s start", "%(skips)s of %(n)s starts", rate.starts)
    share = None if rate.share is None else round(100 * rate.share, 1)
    href = in_log_of(period, show="skips", hour=hour, until=hour + 1) if rate.skips else ""
    words = said % {"skips": number(rate.skips), "n": number(rate.starts)}
    return Point(_("%(hour)s:00") % {"hour": hour}, share, words, href)
