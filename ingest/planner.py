"""When to ask Spotify for whose plays. Pure: no clock, no database, no chance.

Recently-played remembers 50 plays, each of at least 30 s; what the 51st pushes out is lost until an export fills it.
So each call is spent where the most unseen plays are to be expected: a poll is due once the plays to be feared since
the last one reach a target. The plays to be feared in an hour are the person's own fastest pace (`burst`), weighed
with the chance that they listen in that hour of the week (`rhythm`), and taken as certain right after a play.

The target falls (fresher pages, down to a poll a minute) as the budget grows, and rises as it shrinks. A person's
`grant` of calls a day is a fair share: who needs less leaves the rest to the others.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from math import exp
from typing import Any, Self

import numpy as np

REMEMBERED = 50  # plays that Spotify's recently-played holds
SAFE = 20.0  # plays to be feared between two polls: the rest of the 50 is for what nobody could expect
ENOUGH = 26.0  # polls a day that anybody may claim as needed; more are for freshness
COUNTED_PLAY = timedelta(seconds=30)  # shorter ones never appear there
BURST_FIRST, BURST_LEAST, BURST_MOST = 30.0, 12.0, 120.0  # plays an hour: before anything is known, and its bounds
RUN = 20  # plays in a row whose pace counts as one that may last
SETTLED = 2  # hours after which a play that Spotify reports late is rare
WEEK = 168  # hours
FADE_H = 2.0  # how fast, in hours, the certainty that someone still listens fades after their last play
CAUTION = 0.5  # exponent on the chance to listen: 0 fears the worst always, 1 believes the rhythm
CHANCE_LEAST = 0.06  # of listening in any hour, however quiet it has been so far
FRESH_SHARE = 0.34  # of the background budget that polls may take for freshness; needed polls may take all of it
LATEST_RETRY = timedelta(hours=1)
LAST_LOOK = timedelta(minutes=20)  # before a consent ends


@dataclass(frozen=True, slots=True)
class Pace:
    """The least and the most time between two polls of one person."""

    fastest: timedelta = timedelta(seconds=60)
    slowest: timedelta = timedelta(hours=6)


PACE = Pace()


@dataclass(frozen=True, slots=True)
class Memory:
    """What polling has learned of one person; about 600 bytes of JSON.

    `rhythm` is the share of weeks, in percent, with a play in each hour of the week (UTC, from Monday), and `weeks`
    how many were seen of each hour (up to 8). `burst` is the fastest lasting pace in plays an hour. `folded` is the
    hour (since 1970) up to which the rhythm is learned; `heard` are later hours with plays.
    """

    rhythm: tuple[int, ...] = (0,) * WEEK
    weeks: tuple[int, ...] = (0,) * WEEK
    burst: float = BURST_FIRST
    folded: int | None = None
    heard: tuple[int, ...] = ()

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Of what `to_json` gave; anything else, such as an older shape, is forgotten and learned anew."""
        try:
            rhythm, weeks = tuple(map(int, data["rhythm"])), tuple(map(int, data["weeks"]))
            folded = None if data["folded"] is None else int(data["folded"])
            if len(rhythm) != WEEK or len(weeks) != WEEK:
                return cls()
            return cls(rhythm, weeks, float(data["burst"]), folded, tuple(map(int, data["heard"])))
        except (KeyError, TypeError, ValueError):
            return cls()

    def to_json(self) -> dict[str, Any]:
        return {
            "rhythm": list(self.rhythm),
            "weeks": list(self.weeks),
            "burst": round(self.burst, 2),
            "folded": self.folded,
            "heard": list(self.heard),
        }


@dataclass(frozen=True, slots=True)
class Seen:
    """One connection as it stands: when it was last asked, its newest play, what was learned, and calls it took."""

    connection_id: int
    polled_at: datetime | None = None
    newest_at: datetime | None = None  # `played_at` of the newest play we hold
    memory: Memory = Memory()
    calls: int = 0  # polls of the last 24 hours
    consent_ends_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Budget:
    """Calls of one quota group that background work may make: in any 24 hours, and right now."""

    daily: int
    left: int
    blocked_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """Whose turn it is now, most pressing first, and until when the others are put off."""

    now: tuple[int, ...]
    later: Mapping[int, datetime]


# --- Learning ---------------------------------------------------------------------------------------------------------
def learn(memory: Memory, played: Sequence[datetime], now: datetime) -> Memory:
    """`memory` after a poll at `now` that showed plays ended at `played` (all of the page, any order)."""
    present = _hour(now)
    folded = present if memory.folded is None else memory.folded
    hours = sorted({*memory.heard, *(hour for hour in map(_hour, played) if hour >= folded)})
    until = max(folded, present - SETTLED)
    rhythm, weeks = list(memory.rhythm), list(memory.weeks)
    listened = set(hours)
    for hour in range(max(folded, until - 8 * WEEK), until):
        slot = (hour + _MONDAY) % WEEK
        weeks[slot] = min(weeks[slot] + 1, 8)
        rhythm[slot] += round((100 * (hour in listened) - rhythm[slot]) / weeks[slot])
    waned = memory.burst - (memory.burst - BURST_LEAST) * 0.0005 * max(0, until - folded)  # halves in about 8 weeks
    burst = min(max(waned, _fastest(played), BURST_LEAST), BURST_MOST)
    return Memory(tuple(rhythm), tuple(weeks), burst, until, tuple(hour for hour in hours if hour >= until))


def _fastest(played: Sequence[datetime]) -> float:
    """The quickest pace, in plays an hour, kept over `RUN` plays; shorter runs count for less."""
    moments = sorted(moment.timestamp() for moment in played)
    size = min(RUN, len(moments))
    if size < 4:
        return 0.0
    span = min(moments[start + size - 1] - moments[start] for start in range(len(moments) - size + 1))
    return min((size - 1) / max(span / 3600, 0.01), BURST_MOST) * (size / RUN) ** 0.5


# --- Deciding ---------------------------------------------------------------------------------------------------------
def need(memory: Memory, pace: Pace = PACE) -> float:
    """Polls a day that keep this person's plays safe."""
    day = timedelta(days=1)
    return min(max(_fear_a_day(memory) / SAFE, day / pace.slowest), ENOUGH, day / pace.fastest)


def grants(needs: Mapping[int, float], daily: int) -> dict[int, float]:
    """Share `daily` calls out: nobody gets less than an equal share unless they need less.

    Needs that can be met are; what is left after all needs goes to freshness, up to `FRESH_SHARE` of the whole.
    """
    if not needs:
        return {}
    given: dict[int, float] = {}
    left = float(max(daily, 0))
    for place, connection in enumerate(sorted(needs, key=lambda key: (needs[key], key))):
        given[connection] = min(needs[connection], left / (len(needs) - place))
        left -= given[connection]
    fresh = max(daily, 0) * FRESH_SHARE / len(needs)
    if sum(max(share, fresh) for share in given.values()) <= daily:
        given = {connection: max(share, fresh) for connection, share in given.items()}
    return given


def next_at(seen: Seen, *, grant: float, now: datetime, pace: Pace = PACE) -> datetime:
    """When to ask for this person's plays again, given `grant` calls a day. Never before `now`."""
    if seen.polled_at is None:
        return now
    target = _fear_a_day(seen.memory) / max(grant, 0.01)
    target *= max(1.0, seen.calls / max(grant, 0.01)) ** 2  # who has had more than their share waits longer
    wait = _time_until(seen, target, limit=pace.slowest)
    at = seen.polled_at + min(max(wait, pace.fastest), max(pace.slowest, pace.fastest))
    if seen.consent_ends_at and at > seen.consent_ends_at - LAST_LOOK > seen.polled_at + pace.fastest:
        at = seen.consent_ends_at - LAST_LOOK
    return max(at, now)


def choose(due: Iterable[Seen], budget: Budget, *, now: datetime, most: int = 25) -> Choice:
    """Who of those `due` is asked now: never more than the budget has left, nor than `most` at once.

    People never asked come first, then those of whom most is to be feared lost, for each call they have had.
    """
    ranked = sorted(due, key=lambda seen: (seen.polled_at is not None, -pressure(seen, now), seen.connection_id))
    if budget.blocked_until is not None and budget.blocked_until > now:
        return Choice((), {seen.connection_id: budget.blocked_until for seen in ranked})
    room = max(0, min(budget.left, most))
    wait = timedelta(minutes=1) if budget.left > room else timedelta(minutes=10)
    return Choice(
        tuple(seen.connection_id for seen in ranked[:room]),
        {seen.connection_id: now + wait for seen in ranked[room:]},
    )


def retry_at(failures: int, now: datetime) -> datetime:
    """After `failures` failed polls in a row (1 or more): 1, 2, 4 … minutes, up to an hour."""
    return now + min(timedelta(minutes=2 ** min(failures - 1, 10)), LATEST_RETRY)


def pressure(seen: Seen, now: datetime) -> float:
    """Plays to be feared since the last poll, for each call of the last day."""
    if seen.polled_at is None:
        return float(REMEMBERED)
    chances = _chances(seen.memory.rhythm, seen.memory.weeks)
    feared, at = 0.0, seen.polled_at
    while at < now and feared < 10 * REMEMBERED:
        step = min(_next_hour(at), now)
        feared += _fear(seen, chances, at) * ((step - at) / _HOUR)
        at = step
    return feared / (1 + seen.calls)


# --- The model --------------------------------------------------------------------------------------------------------
_HOUR = timedelta(hours=1)
_MONDAY = 72  # hours from Monday to 1 January 1970, a Thursday


def _hour(moment: datetime) -> int:
    return int(moment.timestamp() // 3600)


def _next_hour(moment: datetime) -> datetime:
    return datetime.fromtimestamp((_hour(moment) + 1) * 3600, UTC)


@lru_cache(maxsize=4096)
def _chances(rhythm: tuple[int, ...], weeks: tuple[int, ...]) -> tuple[float, ...]:
    """The chance to listen in each hour of the week, weighed by `CAUTION`.

    Little-known hours lean on the same hour of other days, that on a half; neighbours count, as habits shift a little.
    """
    heard = np.array(rhythm).reshape(7, 24) / 100
    known = np.array(weeks).reshape(7, 24)
    any_day = ((heard * known).sum(axis=0) + 1.0) / (known.sum(axis=0) + 2.0)
    own = ((heard * known + 2 * any_day) / (known + 2)).ravel()
    near = np.maximum(own, 0.7 * np.maximum(np.roll(own, 1), np.roll(own, -1)))
    return tuple((np.maximum(near, CHANCE_LEAST) ** CAUTION).tolist())


def _fear_a_day(memory: Memory) -> float:
    """Plays to be feared on a mean day."""
    return memory.burst * sum(_chances(memory.rhythm, memory.weeks)) / 7


def _fear(seen: Seen, chances: tuple[float, ...], at: datetime) -> float:
    """Plays an hour to be feared at `at`."""
    chance = chances[(_hour(at) + _MONDAY) % WEEK]
    if seen.newest_at is not None:
        chance = max(chance, exp(-max(0.0, (at - seen.newest_at) / _HOUR - 0.25) / FADE_H))
    return seen.memory.burst * chance


def _time_until(seen: Seen, target: float, *, limit: timedelta) -> timedelta:
    """From the last poll until `target` plays are to be feared; at most `limit`."""
    assert seen.polled_at is not None
    chances = _chances(seen.memory.rhythm, seen.memory.weeks)
    at, feared = seen.polled_at, 0.0
    while at - seen.polled_at < limit:
        step, rate = _next_hour(at), _fear(seen, chances, at)
        if feared + rate * ((step - at) / _HOUR) >= target:
            return min(at - seen.polled_at + (target - feared) / rate * _HOUR, limit)
        feared += rate * ((step - at) / _HOUR)
        at = step
    return limit
