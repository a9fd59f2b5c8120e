"""Top lists: a person's columns, ranked, with the names and covers of what is shown."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from accounts.models import User
from ingest import columns, counts, shelf
from ingest.models import Album, Artist, Track
from insights.analysis.period import Period
from insights.analysis.top import Measure, Ranked, rank

WHAT = ("tracks", "artists", "albums")


@dataclass(frozen=True, slots=True)
class Line:
    """One ranked thing: the track, artist or album, and its figures."""

    ranked: Ranked
    item: Any
    width: float  # of its bar: percent of the first place's

    @property
    def album(self) -> Album | None:
        return self.item if isinstance(self.item, Album) else getattr(self.item, "album", None)

    @property
    def spotify_url(self) -> str | None:
        """Where Spotify shows it; None for what is known by its name alone."""
        kind = type(self.item).__name__.lower()
        return f"https://open.spotify.com/{kind}/{self.item.spotify_id}" if self.item.spotify_id else None


@dataclass(frozen=True, slots=True)
class Listing:
    lines: list[Line]
    keys: int  # things ranked in all
    plays: int  # counted plays in the period
    ms: int
    left_out: int  # plays in the period that do not count
    rule: counts.Rule


def listing(*, user: User, what: str, period: Period, by: Measure, start: int, size: int) -> Listing:
    """The window `start` to `start + size` of one top list."""
    plays = columns.load(user)
    rack = shelf.load(user, plays.track)
    inside = _inside(plays.started, period)
    counted = counts.mask(plays, rack)[inside]
    tracks, ms = plays.track[inside][counted], plays.ms[inside][counted]
    keys = tracks if what == "tracks" else _facts(rack, what)[tracks]
    ranking = rank(keys, ms, by=by, start=start, size=size)
    items = _items(what, [row.key for row in ranking.rows])
    best = ranking.best or 1
    return Listing(
        lines=[
            Line(row, items[row.key], round(100 * (row.plays if by == "plays" else row.ms) / best, 1))
            for row in ranking.rows
            if row.key in items
        ],
        keys=ranking.keys,
        plays=int(tracks.size),
        ms=int(ms.sum()),
        left_out=int(counted.size - tracks.size),
        rule=counts.DEFAULT,
    )


def _inside(started: NDArray[np.int64], period: Period) -> slice:
    """The plays that began in `period`: they are ordered by their start."""
    first = 0 if period.start_ms is None else int(np.searchsorted(started, period.start_ms))
    last = started.size if period.end_ms is None else int(np.searchsorted(started, period.end_ms))
    return slice(first, last)


def _facts(rack: shelf.Shelf, what: str) -> NDArray[np.int32]:
    """Artist or album by track id."""
    table = np.zeros(int(rack.track[-1]) + 1 if rack.track.size else 1, dtype=np.int32)
    table[rack.track] = rack.artist if what == "artists" else rack.album
    return table


def _items(what: str, keys: list[int]) -> dict[int, Any]:
    if what == "tracks":
        return Track.objects.select_related("artist", "album").in_bulk(keys)
    if what == "artists":
        return Artist.objects.in_bulk(keys)
    return Album.objects.select_related("artist").in_bulk(keys)
