"""What counts as a play, and what is a skip: decided when reading, never when storing. Vectorised.

Every rule is two thresholds by track and a switch, so one comparison per play decides, whatever the rule.
"""

from dataclasses import dataclass, replace

import numpy as np
from django.conf import settings
from numpy.typing import NDArray

from ingest.models import Track

NEVER = np.iinfo(np.int32).max
HALF_OR_FOUR_MINUTES_MS = 240_000


@dataclass(frozen=True, slots=True)
class Rule:
    """A play counts from `least_ms` on, or from `share` of its track, whichever is first.

    `least_ms` None: there is no such length. `shortest_ms`: tracks known to be no longer never count. Where the length
    of a track is not known there is no share of it; then, if `finish_counts`, a play that ended because the track was
    over ("trackdone") counts too. Private sessions count only `with_incognito`.
    """

    name: str
    least_ms: int | None = 30_000
    share: float | None = 0.5
    shortest_ms: int = 0
    finish_counts: bool = False
    with_incognito: bool = False

    def thresholds(self, duration_ms: NDArray[np.int32]) -> NDArray[np.int32]:
        """From how many ms on a play of each track counts; `duration_ms` 0 is not known. NEVER: it does not."""
        least = np.full(duration_ms.size, NEVER if self.least_ms is None else max(1, self.least_ms), dtype=np.int32)
        if self.share is not None:
            known = duration_ms > 0
            percent = round(self.share * 100)  # in whole numbers: 0.07 of 200,000 is a hair more than 14,000
            part = -(-duration_ms[known].astype(np.int64) * percent // 100)
            least[known] = np.clip(part, 1, least[known])
        if self.shortest_ms:
            least[(duration_ms > 0) & (duration_ms <= self.shortest_ms)] = NEVER
        return least


# Last.fm: https://www.last.fm/api/scrobbling (longer than 30 s, and half or 4 minutes). ListenBrainz: the same without
# the least length. Spotify pays, and counts in Wrapped, from 30 s on. "finished": heard to the last two per cent.
RULES = {
    "vibesite": Rule("vibesite"),
    "lastfm": Rule("lastfm", HALF_OR_FOUR_MINUTES_MS, 0.5, shortest_ms=30_000, finish_counts=True),
    "listenbrainz": Rule("listenbrainz", HALF_OR_FOUR_MINUTES_MS, 0.5, finish_counts=True),
    "spotify": Rule("spotify", 30_000, None),
    "finished": Rule("finished", None, 0.98, finish_counts=True),
}
DEFAULT = RULES["vibesite"]


def own(seconds: int, percent: int, *, with_incognito: bool = False) -> Rule:
    """A person's own rule: `seconds` (0: no such limit) or `percent` of the track (0: none), whichever is first."""
    return Rule(
        "own",
        seconds * 1000 or None,
        percent / 100 or None,
        finish_counts=not seconds,
        with_incognito=with_incognito,
    )


def named(name: str, *, with_incognito: bool = False) -> Rule:
    """One of RULES; KeyError if there is none of that name."""
    return replace(RULES[name], with_incognito=with_incognito)


def skip_below_ms() -> int:
    """Below this a play is a skip, unless its track is shorter."""
    return round(settings.SKIP_BELOW.total_seconds() * 1000)


def skip_thresholds(duration_ms: NDArray[np.int32]) -> NDArray[np.int32]:
    """Below how many ms a play of each track is a skip: `SKIP_BELOW`, or a second before the end of a shorter track."""
    limit = skip_below_ms()
    least = np.full(duration_ms.size, limit, dtype=np.int32)
    known = duration_ms > 0
    least[known] = np.clip(duration_ms[known] - 1000, 1, limit)
    return least


def is_music(kind: NDArray[np.int32]) -> NDArray[np.bool_]:
    return kind == Track.Kind.MUSIC
