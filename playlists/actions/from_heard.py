"""A playlist out of what a person heard: the most played tracks of a stretch of time, of all or of one thing."""

from dataclasses import dataclass

import numpy as np

from ingest.heard import What
from ingest.lens import Reading
from ingest.models import Track
from ingest.period import Period

MOST = 500
KINDS: dict[str, What] = {"track": "tracks", "artist": "artists", "album": "albums", "genre": "genres"}


@dataclass(frozen=True, slots=True)
class Chosen:
    """Tracks in order, the most played first; `nameless` of the wanted ones have no Spotify id and stay out."""

    tracks: list[Track]
    nameless: int

    @property
    def uris(self) -> list[str]:
        return [f"spotify:track:{track.spotify_id}" for track in self.tracks]


def choose(reading: Reading, period: Period, *, size: int, kind: str = "", key: int = 0) -> Chosen:
    """The `size` most played tracks of the period, by the person's own rule; ties by time heard, then the lower key.

    With `kind` (of KINDS) and `key`, only plays of that thing.
    """
    heard = reading.heard(period)
    if kind:
        heard = heard.of(KINDS[kind], key)
    plays, ms = heard.counted.totals("tracks")
    present = np.flatnonzero(plays)
    order = present[np.lexsort((present, -ms[present], -plays[present]))][: min(size, MOST)]
    known = Track.objects.filter(pk__in=order.tolist()).select_related("artist", "album").in_bulk()
    ranked = [known[int(number)] for number in order if int(number) in known]
    tracks = [track for track in ranked if track.spotify_id and track.kind == Track.Kind.MUSIC]
    return Chosen(tracks, len(ranked) - len(tracks))
