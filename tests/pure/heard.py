"""Plays made by hand, for tests of what is read from them."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

import numpy as np

from ingest.heard import Facts, Heard

MINUTE = 60_000
LONG = 30_000  # from here on a play counts here; below it is a skip


def facts(tracks: int, **columns: Sequence[int]) -> Facts:
    """`tracks` tracks, 1 to `tracks`, each of its own artist and album unless told otherwise."""
    own = list(range(1, tracks + 1))
    known = {"group": own, "artist": own, "album": own, "duration_ms": [0] * tracks, "kind": [0] * tracks}
    known |= {"year": [0] * tracks} | columns
    arrays = {name: np.array(values, dtype=np.int32) for name, values in known.items()}
    return Facts(
        track=np.array(own, dtype=np.int32),
        credit_start=np.arange(tracks + 1),
        credit_artist=arrays["artist"],
        **arrays,
    )


def heard(
    plays: Sequence[tuple[int, int, int]], *, zone: str = "UTC", known: Facts | None = None, **columns: Sequence[int]
) -> Heard:
    """Plays as (start in ms, ms, track from 1 on), in any order; each ends when its ms are over."""
    order = sorted(range(len(plays)), key=lambda n: plays[n][0])
    started, ms, track = np.array([plays[n] for n in order], dtype=np.int64).reshape(-1, 3).T
    source = {"started": started, "ended": started + ms, "ms": ms.astype(np.int32), "track": track.astype(np.int32)}
    words = {"flags": np.uint16, "reason_start": np.uint32, "reason_end": np.uint32, "platform": np.uint32}
    for name, kind in words.items():
        given = columns.get(name, [0] * len(plays))
        source[name] = np.array([given[n] for n in order], dtype=kind)
    return Heard(
        source,  # type: ignore[arg-type]
        slice(0, len(plays)),
        place=(track - 1).astype(np.intp),
        facts=known or facts(int(track.max(initial=1))),
        zone=ZoneInfo(zone),
        counts=ms >= LONG,
        skips=lambda: ms < LONG,
    )
