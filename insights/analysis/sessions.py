"""Listening sessions: plays with no long pause between them. Pure, vectorised."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ingest import clock
from ingest.heard import FEATURES, Heard

PARTS = ("night", "morning", "afternoon", "evening")  # of the day: six hours each from midnight on


@dataclass(frozen=True)
class Sessions:
    """All sessions of `heard`, oldest first. Session n holds its plays `first[n]` up to, not with, `first[n + 1]`."""

    heard: Heard
    first: NDArray[np.intp]  # one more than there are sessions
    ended: NDArray[np.int64]  # ms since 1970: the latest end of a play of each

    def __len__(self) -> int:
        return len(self.first) - 1

    @cached_property
    def started(self) -> NDArray[np.int64]:
        """Ms since 1970 UTC; no two sessions begin at once."""
        return self.heard.started[self.first[:-1]]

    def between(self, start_ms: int | None, end_ms: int | None) -> slice:
        """The sessions that began in [start_ms, end_ms); None is open on that side."""
        low = 0 if start_ms is None else int(np.searchsorted(self.started, start_ms))
        high = len(self) if end_ms is None else int(np.searchsorted(self.started, end_ms))
        return slice(low, max(low, high))

    def at(self, moment_ms: int) -> int | None:
        """The session that goes on at a moment; None if there is none."""
        number = int(np.searchsorted(self.started, moment_ms, side="right")) - 1
        inside = number >= 0 and (moment_ms <= int(self.ended[number]) or moment_ms == int(self.started[number]))
        return number if inside else None


@dataclass(frozen=True, slots=True)
class Session:
    """One session: moments in ms since 1970 UTC, words as `Word` ids (0: not told), artist as a key (0: not known)."""

    started: int
    ended: int
    heard_ms: int
    rows: int  # everything that was started in it
    plays: int  # what counts
    skips: int
    artist: int  # most plays that count; of equal ones most time, then the lower key
    artist_plays: int
    reason_start: int  # why the first play began
    reason_end: int  # why the last one ended
    platform: int  # of the first play

    @property
    def ms(self) -> int:
        """From the start of the first play to the end of the last."""
        return self.ended - self.started


@dataclass(frozen=True, slots=True)
class Summary:
    """Sessions in all; lengths in ms from start to end, 0 where there is none."""

    count: int
    median_ms: int
    longest_ms: int
    longest_started: int  # ms since 1970 UTC
    parts: list[int]  # sessions that began in each of PARTS, by the local clock


def find(heard: Heard, gap_ms: int) -> Sessions:
    """Split plays where the pause from the end of what was heard to the next start is longer than `gap_ms`.

    A pause of exactly `gap_ms` does not split. Plays may overlap (two devices): the pause begins when the last of them
    has ended. Skips and plays that do not count belong to sessions too.
    """
    if not len(heard):
        return Sessions(heard, np.zeros(1, dtype=np.intp), np.empty(0, dtype=np.int64))
    # Who pauses for so long, starts so long after the play before: only those few are looked at for the latest end.
    near = np.concatenate([[0], np.flatnonzero(np.diff(heard.started) > gap_ms) + 1])
    latest = np.maximum.accumulate(np.maximum.reduceat(heard.ended, near))
    is_first = np.concatenate([[True], heard.started[near[1:]] - latest[:-1] > gap_ms])
    first = np.append(near[is_first], len(heard))
    ended = np.append(latest[:-1][is_first[1:]], latest[-1])
    return Sessions(heard, first, np.maximum(ended, heard.started[first[1:] - 1]))


def summary(sessions: Sessions, chosen: slice) -> Summary:
    """Figures of the chosen sessions; of several longest ones the earliest."""
    started, ended = sessions.started[chosen], sessions.ended[chosen]
    if not started.size:
        return Summary(0, 0, 0, 0, [0] * len(PARTS))
    lengths = ended - started
    longest = int(np.argmax(lengths))
    parts = clock.local_ms(started, sessions.heard.zone) // (6 * clock.HOUR_MS) % len(PARTS)
    return Summary(
        count=int(started.size),
        median_ms=round(float(np.median(lengths))),
        longest_ms=int(lengths[longest]),
        longest_started=int(started[longest]),
        parts=np.bincount(parts, minlength=len(PARTS)).tolist(),
    )


def describe(sessions: Sessions, numbers: range) -> list[Session]:
    """What happened in some sessions, in the order of `numbers`."""
    return [_described(sessions, number) for number in numbers]


def plays_of(sessions: Sessions, number: int) -> Heard:
    """Everything that was started in one session, oldest first."""
    return sessions.heard.where(slice(int(sessions.first[number]), int(sessions.first[number + 1])))


def energy(plays: Heard) -> tuple[NDArray[np.float32], float | None]:
    """The energy of each play that counts, 0 to 1, NaN where it is not known; and the share of them that is known."""
    counted = plays.counted
    values = counted.facts.features[counted.place, FEATURES.index("energy")]
    return values, float(np.mean(~np.isnan(values))) if values.size else None


def _described(sessions: Sessions, number: int) -> Session:
    plays = plays_of(sessions, number)
    artist, artist_plays = _top_artist(plays)

    def told(name: str, which: int) -> int:
        column: NDArray[Any] = plays.column(name)
        return int(column[which])

    return Session(
        started=int(plays.started[0]),
        ended=int(sessions.ended[number]),
        heard_ms=plays.total_ms,
        rows=len(plays),
        plays=int(plays.counts.sum()),
        skips=int(plays.skips.sum()),
        artist=artist,
        artist_plays=artist_plays,
        reason_start=told("reason_start", 0),
        reason_end=told("reason_end", -1),
        platform=told("platform", 0),
    )


def _top_artist(plays: Heard) -> tuple[int, int]:
    """The artist of most counted plays, and how many; (0, 0) if none is known. A session is small: no tables by key."""
    counted = plays.counted
    keys = counted.facts.artist[counted.place]
    known = keys > 0
    names, spots = np.unique(keys[known], return_inverse=True)
    if not names.size:
        return 0, 0
    amount, time = np.bincount(spots), np.bincount(spots, weights=counted.ms[known])
    best = np.lexsort((names, -time, -amount))[0]
    return int(names[best]), int(amount[best])
