"""How much is known of the music that people hear: by field, for one person's plays, and for all that is wanted."""

from dataclasses import dataclass

import numpy as np
from django.db.models import Count, Q
from numpy.typing import NDArray

from ingest.heard import FEATURES, Facts, Heard
from ingest.lens import Reading
from ingest.models import AudioFeatures, ListenerCount, LyricsFacts, Tag, TrackTag, Wanted

FIELDS = (*FEATURES, "genres", "listeners", "popularity")


@dataclass(frozen=True, slots=True)
class Coverage:
    """Of how many tracks a field is known, and of how many plays; a field of no plays is known of none."""

    field: str
    tracks: int
    of_tracks: int
    plays: int
    of_plays: int

    @property
    def share(self) -> float:
        """0 to 1, of the plays."""
        return self.plays / self.of_plays if self.of_plays else 0.0


def coverage(reading: Reading, heard: Heard | None = None) -> list[Coverage]:
    """Each of FIELDS for the counted plays of `heard`, or all of the person's; tracks are recordings as they count."""
    plays = reading.tallies.plays if heard is None else heard.counted.plays_by_place
    facts, of_plays = reading.facts, int(plays.sum())
    group = facts.group
    of_tracks = _distinct(group[plays > 0])
    rows = []
    for field in FIELDS:
        known = knows(facts, field)
        tracks = _distinct(group[known & (plays > 0)])
        rows.append(Coverage(field, tracks, of_tracks, int(plays[known].sum()), of_plays))
    return rows


def _distinct(keys: NDArray[np.int32]) -> int:
    """How many different ones; a table by key takes a tenth of the time of `np.unique`."""
    return int(np.count_nonzero(np.bincount(keys, minlength=1)))


def knows(facts: Facts, field: str) -> NDArray[np.bool_]:
    """Of which places the field is known."""
    if field in FEATURES:
        return ~np.isnan(facts.features[:, FEATURES.index(field)])
    if field == "genres":
        return np.diff(facts.genre_start) > 0
    return facts.listeners >= 0 if field == "listeners" else facts.popularity >= 0


def of_all() -> list[tuple[str, int, int]]:
    """(field, known, wanted): of how many wanted tracks each field is accepted. Reads whole tables: for operators."""
    wanted = Wanted.objects.exclude(track=None).count()
    sound = AudioFeatures.objects.aggregate(**{f"n_{name}": Count(name) for name in FEATURES})
    reach = ListenerCount.objects.filter(track__isnull=False).aggregate(n=Count("listeners"), m=Count("popularity"))
    genres = TrackTag.objects.filter(tag__kind=Tag.Kind.GENRE).aggregate(n=Count("track", distinct=True))["n"]
    lyrics = LyricsFacts.objects.aggregate(n=Count("pk"), told=Count("pk", filter=~Q(language="")))
    rows = [(name, sound[f"n_{name}"]) for name in FEATURES]
    rows += [("genres", genres), ("listeners", reach["n"]), ("popularity", reach["m"])]
    rows += [("lyrics", lyrics["n"]), ("language", lyrics["told"])]
    return [(field, count, wanted) for field, count in rows]
