"""A playlist out of what a person heard: the most played tracks of a stretch of time, of all or of one thing."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ingest.heard import What
from ingest.lens import Reading
from ingest.models import Track
from ingest.period import Period

MOST = 500


@dataclass(frozen=True, slots=True)
class Chosen:
    """Tracks in order, the most played first; `nameless` of the wanted ones have no Spotify id and stay out."""

    tracks: list[Track]
    nameless: int

    @property
    def uris(self) -> list[str]:
        return [f"spotify:track:{track.spotify_id}" for track in self.tracks]


def choose(reading: Reading, period: Period | None, *, size: int, things: Sequence[tuple[What, int]] = ()) -> Chosen:
    """The `size` most played tracks of the period, by the person's own rule; ties by time heard, then the lower key.

    With `things`, only plays of all of them.
    """
    heard = reading.heard(period)
    for what, key in things:
        heard = heard.of(what, key)
    plays, ms = heard.counted.totals("tracks")
    present = np.flatnonzero(plays)
    order = present[np.lexsort((present, -ms[present], -plays[present]))][: min(size, MOST)]
    known = Track.objects.filter(pk__in=order.tolist()).select_related("artist", "album").in_bulk()
    ranked = [known[int(number)] for number in order if int(number) in known]
    tracks = [track for track in ranked if track.spotify_id and track.kind == Track.Kind.MUSIC]
    return Chosen(tracks, len(ranked) - len(tracks))
