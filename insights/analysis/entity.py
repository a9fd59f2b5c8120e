"""One track, artist or album in a person's listening. Pure, vectorised."""

from dataclasses import dataclass
from datetime import date
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from ingest import clock
from ingest.heard import Heard, What
from ingest.period import midnight_ms
from insights.analysis.sessions import find
from insights.analysis.top import ranks_of

_MOST_MONTHS = 36


@dataclass(frozen=True, slots=True)
class Standing:
    """Of all time. Moments are ms since 1970 UTC; `rank` is by plays, from 1, among `keys` things of its kind."""

    plays: int
    ms: int
    first_ms: int
    last_ms: int
    days: int  # local days with a play
    rank: int
    keys: int
    sessions: int  # listening sessions with a play of it


@dataclass(frozen=True, slots=True)
class Stretch:
    """Plays that began in one local calendar month or year."""

    name: str  # as an address has it: 2024-03, 2024
    first: date
    plays: int
    ms: int
    rank: int | None = None  # by plays among all things of its kind in that stretch; None: not heard in it


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A thing that was often played right before or after, and how often."""

    key: int
    plays: int


def standing(own: Heard, ever: Heard, what: What, key: int, *, gap_ms: int) -> Standing | None:
    """How the thing, whose counted plays are `own`, stands in `ever`, all counted plays; None if no play of it counts.

    `gap_ms` of silence ends a session.
    """
    if not len(own):
        return None
    plays = ever.plays_of(what)
    rank = ranks_of(plays, np.array([key]))[0] or 1
    days = np.unique(own.days).size
    first, last = int(own.started[0]), int(own.started[-1])
    sessions = find(ever, gap_ms)
    among = np.unique(np.searchsorted(sessions.first, ever.spots(what, key), side="right")).size
    return Standing(len(own), own.total_ms, first, last, int(days), rank, int(np.count_nonzero(plays)), int(among))


def over_time(own: Heard, ever: Heard, what: What, key: int) -> list[Stretch]:
    """Plays by local month from the first to the last play; by year where that would be more than three years.

    The rank in each stretch is among `ever`, all counted plays of it.
    """
    if not len(own):
        return []
    first, last = (clock.day_of(day) for day in (own.days[0], own.days[-1]))
    months = (last.year - first.year) * 12 + last.month - first.month + 1
    if months <= _MOST_MONTHS:
        count = first.year * 12 + first.month - 1
        starts = [date((count + n) // 12, (count + n) % 12 + 1, 1) for n in range(months + 1)]
    else:
        starts = [date(year, 1, 1) for year in range(first.year, last.year + 2)]
    edges = np.array([midnight_ms(day, own.zone) for day in starts])
    plays, ms = own.within(edges)
    ranks = _ranks_within(ever, what, key, edges)
    named = "%Y-%m" if months <= _MOST_MONTHS else "%Y"
    return [
        Stretch(day.strftime(named), day, int(count), int(span), rank)
        for day, count, span, rank in zip(starts, plays, ms, ranks, strict=False)
    ]


def _ranks_within(ever: Heard, what: What, key: int, edges: NDArray[np.int64]) -> list[int | None]:
    """The rank by plays between each two ascending moments; ties share the better, None where it was not heard."""
    spots = np.searchsorted(ever.started, edges)
    places, keys = ever.facts.keys(what)
    of_play = keys.take(ever.place, mode="clip") if places is None else None
    ranks: list[int | None] = []
    for low, high in pairwise(spots.tolist()):
        if of_play is None:
            plays = ever.where(slice(low, high)).plays_of(what)
        else:
            plays = np.bincount(of_play[low:high], minlength=1)
            plays[0] = 0
        own = int(plays[key]) if key < plays.size else 0
        ranks.append(int(np.count_nonzero(plays > own)) + 1 if own else None)
    return ranks


def by_clock(own: Heard) -> list[int]:
    """Plays that began in each local hour of the day, from midnight on: 24 numbers."""
    if not len(own):
        return [0] * 24
    return np.bincount(own.hours.hour, weights=own.plays_by_hour, minlength=24).astype(int).tolist()


def skip_share(own: Heard) -> float | None:
    """Skips among all plays, whether or not they count; 0 to 1. None without plays."""
    return int(np.count_nonzero(own.skips)) / len(own) if len(own) else None


def neighbours(heard: Heard, what: What, key: int, *, gap_ms: int, after: bool, size: int) -> list[Neighbour]:
    """What was played right after (or before) the thing in the same session, itself aside; the most common first.

    A session ends with `gap_ms` of silence. A play with several artists stands for its main one. Ties: lower key. Not
    for genres, of which a track has several.
    """
    mine = heard.spots(what, key)
    here = mine[mine + 1 < len(heard)] if after else mine[mine > 0]
    there = here + 1 if after else here - 1
    early, late = (here, there) if after else (there, here)
    together = heard.started[late] - heard.ended[early] <= gap_ms
    found = _main(heard, what)[heard.place[there[together]]]
    keys, plays = np.unique(found[(found != key) & (found > 0)], return_counts=True)
    order = np.argsort(-plays, kind="stable")[:size]
    return [Neighbour(*pair) for pair in zip(keys[order].tolist(), plays[order].tolist(), strict=True)]


def _main(heard: Heard, what: What) -> NDArray[np.int32]:
    return {"tracks": heard.facts.group, "artists": heard.facts.artist, "albums": heard.facts.album}[what]
