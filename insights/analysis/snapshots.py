"""What a snapshot keeps of a stretch of listening: figures alone, no play. Pure.

Give `Heard.counted`: a snapshot is about plays that count by the person's rule.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from ingest.columns.rows import ORIGIN_BITS
from ingest.evidence import Origin
from ingest.heard import Heard, What
from insights.analysis import dayparts, diversity, features, genres, moods
from insights.analysis.compare import Totals, totals
from insights.analysis.dayparts import Part
from insights.analysis.features import Sound
from insights.analysis.genres import Share
from insights.analysis.hipster import Hipster, hipster
from insights.analysis.moods import MOODS, Moods
from insights.analysis.top import rank, tables

VERSION = 1  # raise it when the same plays would give other figures
TOP = 10
FROM_SPOTIFY = (Origin.POLL, Origin.WATCH)  # what is erased when Spotify is disconnected
_WHATS: tuple[What, ...] = ("tracks", "artists", "albums")


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures of one stretch."""

    totals: Totals
    from_spotify: int  # plays
    top: dict[What, list[tuple[int, int]]]  # the TOP most played: key and plays
    hours: list[Part]  # by the part of the day
    sound: Sound
    moods: Moods
    genres: list[Share]  # the biggest
    genre_plays: int  # plays of which a genre is known
    artist_diversity: float
    genre_diversity: float | None
    repeats: float | None  # share of plays that were not the first of their track here
    hipster: Hipster

    def as_json(self) -> dict[str, Any]:
        """All that has no column of its own, in the words that are stored and that the API says."""
        plays = self.totals.plays
        return {
            "top": {what: [{"id": key, "plays": times} for key, times in rows] for what, rows in self.top.items()},
            "hours": {
                part.name: {"plays": part.plays, "ms": part.ms, "share": part.plays / plays if plays else None}
                for part in self.hours
            },
            "features": {
                each.name: {
                    "mean": each.mean,
                    "spread": each.spread,
                    "min": each.least,
                    "max": each.most,
                    "plays": each.plays,
                    "tracks": each.tracks,
                }
                for each in self.sound.measures
                if each.plays
            },
            "moods": {name: self.moods.share(name) for name in (*MOODS, "other")}
            | {"known_plays": self.moods.known, "unknown_plays": self.moods.unknown},
            "genres": [{"id": each.key, "plays": each.plays, "share": each.share} for each in self.genres],
            "diversity": {
                "artists": self.artist_diversity,
                "genres": self.genre_diversity,
                "repeats": self.repeats,
            },
            "hipster": {
                "score": self.hipster.score,
                "source": self.hipster.source,
                "known_plays": self.hipster.known,
            },
            "coverage": {
                "features": self.sound.coverage,
                "feature_tracks": self.sound.tracks,
                "genres": self.genre_plays / plays if plays else None,
            },
        }


def figures(heard: Heard) -> Figures:
    """The snapshot of these plays."""
    facts, weights = heard.facts, heard.by_place[0]
    summed, by_genre = totals(heard), heard.totals("genres")
    biggest = genres.biggest(by_genre[0], ms=by_genre[1])
    return Figures(
        totals=summed,
        from_spotify=int(np.isin(heard.flags & ORIGIN_BITS, FROM_SPOTIFY).sum()),
        top={what: _top(heard, what) for what in _WHATS},
        hours=dayparts.parts(heard),
        sound=features.sound(facts.features, weights),
        moods=moods.heard(facts.features, weights),
        genres=biggest,
        genre_plays=int(weights[np.diff(facts.genre_start) > 0].sum()),
        artist_diversity=diversity.artist_diversity(summed.artists),
        genre_diversity=diversity.genre_diversity(each.plays for each in biggest),
        repeats=diversity.repeat_share(heard.plays_of("tracks")),
        hipster=hipster(facts.listeners, facts.popularity, weights),
    )


def _top(heard: Heard, what: What) -> list[tuple[int, int]]:
    rows = rank(tables(heard, what), by="plays", start=0, size=TOP).rows
    return [(row.key, row.plays) for row in rows]
