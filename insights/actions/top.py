"""Top lists: a person's columns, ranked, with the names and covers of what is shown."""

from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from accounts.models import User
from ingest import contexts
from ingest.heard import Heard
from ingest.lens import Reading
from ingest.models import Album, Artist, Tag, Track
from ingest.period import Period
from insights.analysis import genres
from insights.analysis.top import Kind, Measure, Ranked, listened_days, rank, tables
from insights.points import in_log_of

WHAT: tuple[Kind, ...] = ("tracks", "artists", "albums", "genres", "contexts")


@dataclass(frozen=True, slots=True)
class Line:
    """One ranked thing: the track, artist, album or context, and its figures."""

    ranked: Ranked
    item: Any
    width: float = 0.0  # of its bar: percent of the first place's
    plays_url: str = ""  # its plays in the log

    @property
    def album(self) -> Album | None:
        return self.item if isinstance(self.item, Album) else getattr(self.item, "album", None)

    @property
    def page(self) -> str:
        """Its own page here; empty where it has none."""
        return page_of(self.item)

    @property
    def spotify_url(self) -> str | None:
        return spotify_url_of(self.item)


@dataclass(frozen=True, slots=True)
class Listing:
    lines: list[Line]
    keys: int  # things ranked in all
    plays: int  # counted plays in the period
    ms: int
    left_out: int  # plays in the period that do not count by the rule
    known: int  # plays whose key is known; of genres, the only ones that are often not
    before: Period | None  # the stretch that places are compared with; None: there is none, or nothing was heard in it


def listing(*, reading: Reading, what: Kind, period: Period, by: Measure, start: int, size: int) -> Listing:
    """The window `start` to `start + size` of one top list."""
    heard = reading.heard(period)
    counted = heard.counted
    before = period.before and reading.heard(period.before).counted
    ranking = rank(
        tables(counted, what, days=by == "days"),
        by=by,
        start=start,
        size=size,
        before=tables(before, what, days=by == "days") if before else None,
        total=_whole(counted, what, by),
    )
    items = named(reading.user, what, [row.key for row in ranking.rows])
    best = ranking.best or 1
    return Listing(
        lines=[
            Line(
                row,
                items[row.key],
                round(100 * _measured(row, by) / best, 1),
                in_log_of(period, **{what.removesuffix("s"): row.key, "rule": reading.rule_asked}),  # type: ignore[arg-type]
            )
            for row in ranking.rows
            if row.key in items
        ],
        keys=ranking.keys,
        plays=len(counted),
        ms=counted.total_ms,
        left_out=len(heard) - len(counted),
        known=genres.known(counted) if what == "genres" else len(counted),
        before=period.before if before else None,
    )


def _whole(counted: Heard, what: Kind, by: Measure) -> int:
    """What shares are of; 0: the sum over the list. As a play may have several genres, theirs are of all plays."""
    if by == "days":
        return listened_days(counted)
    if what != "genres":
        return 0
    return len(counted) if by == "plays" else counted.total_ms


def named(user: User, what: Kind, keys: list[int]) -> dict[int, Any]:
    """The tracks, artists, albums, genres or contexts with these keys, with what a line shows of them."""
    if what == "tracks":
        return Track.objects.select_related("artist", "album").in_bulk(keys)
    if what == "artists":
        return Artist.objects.in_bulk(keys)
    if what == "albums":
        return Album.objects.select_related("artist").in_bulk(keys)
    if what == "genres":
        return Tag.objects.in_bulk(keys)
    return contexts.named(user, keys)


def page_of(item: Any) -> str:
    """The page here of a track, artist, album or genre; empty for anything else."""
    if isinstance(item, Tag):
        return reverse("insights:genre", args=[item.pk])
    for kind in (Track, Artist, Album):
        if isinstance(item, kind):
            return reverse(f"insights:{kind.__name__.lower()}", args=[item.pk])
    return ""


def spotify_url_of(item: Any) -> str | None:
    """Where Spotify shows it; None for what is known by its name alone."""
    if isinstance(item, Track | contexts.Context):
        return item.spotify_url
    if isinstance(item, Tag):
        return None
    return f"https://open.spotify.com/{type(item).__name__.lower()}/{item.spotify_id}" if item.spotify_id else None


def _measured(row: Ranked, by: Measure) -> int:
    return {"plays": row.plays, "time": row.ms, "days": row.days or 0}[by]
